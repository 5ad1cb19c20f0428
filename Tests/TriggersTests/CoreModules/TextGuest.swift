import Testing

/// A guest of `Tests/Guests` taken apart: the module that a core module of an earlier SDK would be, and its world.
struct TextGuest {
    /// What its component imports.
    let imports: String
    /// With a memory, a heap and a `cabi_realloc` of its own.
    private(set) var module: String

    /// The end of a world that handles requests.
    static let handler = """
        (export "wasi:http/incoming-handler@0.2.0" (instance
          (export "handle" (func (param "request" (own $incoming-request))
            (param "response-out" (own $response-outparam))))))
        """

    /// - Parameters:
    ///   - additionalImports: functions that the module imports besides those of the guest.
    ///   - definitions: what else the module has.
    init(_ name: String, additionalImports: String, definitions: String) throws {
        let text = try ModuleRig.guest(name)
        let component = try #require(text.firstRange(of: "(component\n"))
        let memory = try #require(text.firstRange(of: "  ;; The memory is a module of its own"))
        let realloc = try #require(text.firstRange(of: "    (func (export \"realloc\")"))
        let reallocEnd = try #require(text.firstRange(of: ")\n  (core instance $env"))
        let main = try #require(text.firstRange(of: "  (core module $main\n"))
        let mainEnd = try #require(text.firstRange(of: ")\n  (core instance $main"))
        let allocator = text[realloc.lowerBound..<reallocEnd.lowerBound].replacing(
            "\"realloc\"", with: "\"cabi_realloc\"")
        self.imports = String(text[component.upperBound..<memory.lowerBound])
        let body = text[main.upperBound..<mainEnd.lowerBound]
            .replacing("    (import \"env\" \"memory\" (memory 1))\n", with: "")
            .replacing(
                "    (import \"env\" \"heap\" (global $heap (mut i32)))\n",
                with: """
                    \(additionalImports)
                    (memory (export "memory") 2)
                    (global $heap (mut i32) (i32.const 65536))
                    \(definitions)
                    \(allocator)

                    """)
        self.module = "(module \(body))"
    }

    /// The same with other instructions in its module.
    func replacing(_ instructions: String, with others: String) -> TextGuest {
        var guest = self
        guest.module = self.module.replacing(instructions, with: others)
        return guest
    }
}
