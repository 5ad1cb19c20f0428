import ComponentModel
import Testing
import WasmEngine

/// Compositions in files of their own; what they do is tested with the compositions themselves (`Composed.run`).
@Suite struct CompositionEncoderTests {
    private typealias Texts = CompositionTexts

    /// A dependency that imports something besides.
    private static func dependency(_ imports: String) -> String {
        Texts.adder().replacing("(component\n", with: "(component\n\(imports)\n", maxReplacements: 1)
    }

    private static func main(_ imports: String) -> String {
        Texts.caller().replacing("(component\n", with: "(component\n\(imports)\n", maxReplacements: 1)
    }

    private static func imports(_ main: String, _ dependency: String) throws -> [String] {
        let encoded = try Composed(
            Self.main(main), [.init("test:dep", Self.dependency(dependency))]
        ).encoded()
        return try encoded.image.withUnsafeBytes { try ComponentInterfaces($0).importNames }
    }

    @Test(arguments: [
        (#"(import "a:b/c@1.0.0" (instance))"#, #"(import "a:b/c@1.0.0" (instance))"#, ["a:b/c@1.0.0"]),
        // The newest of compatible versions stands for all.
        (
            #"(import "a:b/c@1.0.0" (instance (export "f" (func))))"#,
            #"(import "a:b/c@1.3.0" (instance (export "g" (func))))"#, ["a:b/c@1.3.0"]
        ),
        (
            #"(import "a:b/c@1.10.0" (instance (export "f" (func))))"#,
            #"(import "a:b/c@1.9.0" (instance (export "f" (func))))"#, ["a:b/c@1.10.0"]
        ),
        (#"(import "a:b/c@0.2.0" (instance))"#, #"(import "a:b/c@0.3.0" (instance))"#, ["a:b/c@0.2.0", "a:b/c@0.3.0"]),
        (#"(import "f" (func))"#, #"(import "f" (func))"#, ["f"]),
        // What another import uses the types of comes before it, whoever needs that.
        (
            #"(import "a:b/user@1.0.0" (instance (export "f" (func))))"#,
            """
            (import "a:b/types@1.0.0" (instance $t
              (export "r" (type (sub resource))) (type $p' (record (field "x" u8))) (export "p" (type (eq $p')))))
            (alias export $t "r" (type $r)) (alias export $t "p" (type $p))
            (import "a:b/user@1.0.0" (instance
              (alias outer 1 $r (type $s)) (export "r" (type $s' (eq $s)))
              (alias outer 1 $p (type $q)) (export "p" (type $q' (eq $q)))
              (export "g" (func (param "r" (own $s')) (param "p" $q')))))
            """, ["a:b/types@1.0.0", "a:b/user@1.0.0"]
        ),
        // A second name for a resource, as `headers` and `trailers` are for `fields`.
        (
            """
            (import "a:b/c@1.0.0" (instance (export "fields" (type $f (sub resource)))
              (export "trailers" (type $t (eq $f)))
              (export "f" (func (param "t" (own $t)) (param "u" (borrow $f))))))
            """,
            """
            (import "a:b/c@1.0.0" (instance (export "fields" (type $f (sub resource)))
              (export "headers" (type $h (eq $f))) (export "trailers" (type $t (eq $f)))
              (export "g" (func (param "h" (own $h))))))
            """, ["a:b/c@1.0.0"]
        ),
        // Types of the component itself.
        (
            #"(import "r" (type $r (sub resource))) (import "f" (func (param "r" (own $r))))"#,
            #"(import "r" (type $r (sub resource))) (import "g" (func (result (own $r))))"#, ["r", "f", "g"]
        ),
    ])
    func importsOnce(main: String, dependency: String, imports: [String]) throws {
        #expect(try Self.imports(main, dependency) == imports)
    }

    @Test(arguments: [
        (
            #"(import "a:b/c@1.0.0" (instance (export "f" (func))))"#,
            #"(import "a:b/c@1.0.0" (instance (export "f" (func (param "x" u8)))))"#,
            "`test:dep` imports a:b/c@1.0.0 with other types in `f` than `main`"
        ),
        (
            #"(import "a:b/c@1.0.0" (instance (export "t" (type (sub resource)))))"#,
            #"(import "a:b/c@1.0.0" (instance (type $u' u8) (export "t" (type (eq $u')))))"#,
            "with other types in `t`"
        ),
        (#"(import "m" (core module))"#, "", "`main` imports a module, m, which a composition cannot have"),
    ])
    func refuses(main: String, dependency: String, problem: String) throws {
        let composed = try Composed(Self.main(main), [.init("test:dep", Self.dependency(dependency))])
        let error = #expect(throws: CompositionError.self) { try composed.encoded() }
        #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
    }

    @Test func saysWhatDoesNotFit() throws {
        let missing = try Composed(Texts.caller(), [.init("test:dep", Texts.adder("test:dep/other@1.0.0"))])
        #expect(
            #expect(throws: CompositionError.self) { try missing.encoded() }?.description == (try missing.problem()))
        let module = try Composed(Texts.caller(), [.init("test:dep", "(module)")])
        #expect(
            #expect(throws: CompositionError.self) { try module.encoded() }?.description
                == "dependency \"test:dep\": it is a core module, which can only be composed where the application runs"
        )
    }

    /// Interfaces that are denied may use each other's types, and those of the host.
    @Test func refusesWithTypes() throws {
        let imports = """
            (import "h:o/streams@1.0.0" (instance $s (export "stream" (type (sub resource))) (export "f" (func))))
            (alias export $s "stream" (type $stream))
            (import "h:o/network@1.0.0" (instance $n
              (export "network" (type (sub resource)))
              (type $e' (enum "unknown" "access-denied")) (export "code" (type (eq $e')))))
            (alias export $n "network" (type $network)) (alias export $n "code" (type $code))
            (import "h:o/tcp@1.0.0" (instance
              (alias outer 1 $stream (type $s)) (export "stream" (type $s' (eq $s)))
              (alias outer 1 $network (type $n)) (export "network" (type $n' (eq $n)))
              (alias outer 1 $code (type $c)) (export "code" (type $c' (eq $c)))
              (export "socket" (type $socket (sub resource)))
              (export "[constructor]socket" (func (param "address" string) (result (own $socket))))
              (export "[method]socket.connect" (func (param "self" (borrow $socket)) (param "on" (borrow $n'))
                (param "to" (tuple u8 u8 u8 u8 u16 string (list u64) u8 u8 u8 u8 u8 u8 u8))
                (result (result (tuple (own $s') (own $s')) (error $c')))))))
            """
        let composed = try Composed(
            Self.main(""),
            [
                .init(
                    "test:dep", Self.dependency(imports), denied: ["h:o/network@1.0.0", "h:o/tcp@1.0.0"])
            ])
        let encoded = try composed.encoded()
        #expect(try encoded.image.withUnsafeBytes { try ComponentInterfaces($0).importNames } == ["h:o/streams@1.0.0"])
    }
}
