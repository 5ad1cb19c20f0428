/// Components that the composition suites put together.
enum CompositionTexts {
    /// Memory and a `realloc` that only ever takes more.
    static let allocator = """
        (core module $libc
          (memory (export "memory") 1)
          (global $next (mut i32) (i32.const 1024))
          (func (export "realloc") (param i32 i32 i32 i32) (result i32)
            (global.get $next)
            (global.set $next (i32.add (global.get $next)
              (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))))
        (core instance $libc (instantiate $libc))
        """

    /// Exports `name` with `add`, which adds its arguments and `bias`.
    static func adder(_ name: String = "test:dep/math@1.0.0", bias: Int = 0) -> String {
        """
        (component
          (core module $m (func (export "add") (param i32 i32) (result i32)
            (i32.add (i32.const \(bias)) (i32.add (local.get 0) (local.get 1)))))
          (core instance $m (instantiate $m))
          (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $m "add")))
          (instance $i (export "add" (func $add)))
          (export "\(name)" (instance $i)))
        """
    }

    /// Imports each name with `add`, and calls them: its `run` is (…((20 + 22) + 1) + 1 …).
    static func caller(_ names: [String] = ["test:dep/math@1.0.0"], export: String? = nil) -> String {
        let imports = names.enumerated().map { index, name in
            """
            (import "\(name)" (instance $i\(index)
              (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
            (core func $add\(index) (canon lower (func $i\(index) "add")))
            """
        }
        let coreImports = names.indices.map { #"(import "" "\#($0)" (func $\#($0) (param i32 i32) (result i32)))"# }
        let calls = names.indices.reduce("(i32.const 20)") { inner, index in
            "(call $\(index) \(inner) (i32.const \(index == 0 ? 22 : 1)))"
        }
        let with = names.indices.map { #"(export "\#($0)" (func $add\#($0)))"# }.joined()
        let more = export.map {
            """
            (func $outer (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $m "add")))
            (instance $outer (export "add" (func $outer)))
            (export "\($0)" (instance $outer))
            """
        }
        return """
            (component
              \(imports.joined(separator: "\n"))
              (core module $m
                \(coreImports.joined(separator: "\n"))
                (func (export "add") (param i32 i32) (result i32)
                  (i32.mul (call $0 (local.get 0) (local.get 1)) (i32.const 2)))
                (func (export "run") (result i32) \(calls)))
              (core instance $m (instantiate $m (with "" (instance \(with)))))
              \(more ?? "")
              (func (export "run") (result u32) (canon lift (core func $m "run"))))
            """
    }
}
