import ComponentModel
import Testing
import WasmEngine

/// Bounds: what lies just within is accepted, what lies beyond is refused soon, with a message that says so.
@Suite struct ValidationLimitTests {
    private func expect(_ fields: String, _ message: String, _ kind: ComponentError.Kind = .unsupported) throws {
        try Refusal(fields, message, kind).check()
    }

    @Test func componentsNest() throws {
        func file(_ depth: Int) -> [UInt8] {
            var bytes = Refusal.preamble
            for _ in 0..<depth { bytes = Refusal.file(section: 4, bytes) }
            return bytes
        }
        #expect(refusal(of: file(99)) == nil)
        let error = refusal(of: file(100))
        #expect(error?.kind == .unsupported)
        #expect(error?.message == "components nest deeper than 100")
    }

    @Test(arguments: [0x41, 0x42] as [UInt8])
    func typesNest(opcode: UInt8) {
        func file(_ depth: Int) -> [UInt8] {
            var type: [UInt8] = [opcode, 0x00]
            for _ in 1..<depth { type = [opcode, 0x01, 0x01] + type }
            return Refusal.file(section: 7, [0x01] + type)
        }
        #expect(refusal(of: file(99)) == nil)
        let error = refusal(of: file(100))
        #expect(error?.kind == .unsupported)
        #expect(error?.message == "types nest deeper than 100")
    }

    @Test func valueTypesNest() throws {
        func fields(_ depth: Int) -> String {
            "(type $t0 u8)" + (1..<depth).map { " (type $t\($0) (option $t\($0 - 1)))" }.joined()
        }
        try expectValid(fields(100))
        try self.expect(fields(101), "type nesting is too deep: a type nested deeper than 100")
    }

    @Test func instancesNest() throws {
        func fields(_ depth: Int) -> String {
            "(instance $i0)"
                + (1..<depth).map { " (instance $i\($0) (export \"a\" (instance $i\($0 - 1))))" }.joined()
                + " (export \"i\" (instance $i\(depth - 1)))"
        }
        try expectValid(fields(200))
        try self.expect(fields(201), "instances nest deeper than 200")
    }

    @Test func typesHaveParts() throws {
        // Each tuple has twice the parts of the one before, and one more.
        func fields(_ depth: Int) -> String {
            "(type $t0 u8)"
                + (1..<depth).map { " (type $t\($0) (tuple (list $t\($0 - 1)) (list $t\($0 - 1))))" }.joined()
        }
        try expectValid(fields(18))
        try self.expect(fields(25), "too large: a type of more than 1,000,000 parts")
    }

    @Test func valuesHaveSizes() throws {
        try expectValid("(type (list u8 268435455))")
        try self.expect(
            "(type (list u8 268435456))", "type exceeds maximum byte size: it takes 256 MiB or more", .invalid)
        try self.expect("(type (list u64 4294967295))", "type exceeds maximum byte size", .invalid)
        try self.expect(
            "(type $t (list u64 30000000)) (type (tuple $t $t))", "type exceeds maximum byte size", .invalid)
        // A list's elements lie elsewhere.
        try expectValid("(type $t (list u8 268435455)) (type (tuple (list $t) (list $t)))")
    }

    @Test func flagsFitAWord() throws {
        func fields(_ count: Int) -> String {
            "(type (flags \((0..<count).map { "\"f\($0)\"" }.joined(separator: " "))))"
        }
        try expectValid(fields(32))
        try self.expect(fields(33), "cannot have more than 32 flags", .invalid)
    }

    @Test func workIsBounded() throws {
        // Each lowering walks a large type once more.
        var fields = "(type $t0 u8)"
        for index in 1..<17 { fields += " (type $t\(index) (tuple (list $t\(index - 1)) (list $t\(index - 1))))" }
        fields += " (core module $m (memory (export \"m\") 1)) (core instance $m (instantiate $m))"
        fields += " (alias core export $m \"m\" (core memory $m))"
        fields += " (import \"f\" (func $f (param \"a\" $t16)))"
        for _ in 0..<200 { fields += " (core func (canon lower (func $f) (memory $m)))" }
        try self.expect(fields, "too large: the component's types and instances exceed this runtime's limit")
    }

    /// Instances that are in many others are not copied there: this would take gigabytes.
    @Test(.timeLimit(.minutes(1))) func resourcesMayBeInManyInstances() throws {
        let count = 8000
        var fields = ""
        for index in 0..<count { fields += "(type $r\(index) (resource (rep i32)))" }
        fields += "(instance $i \((0..<count).map { "(export \"r\($0)\" (type $r\($0)))" }.joined()))"
        for index in 0..<count { fields += "(instance $i\(index) (export \"x\" (instance $i)))" }
        // The last one has all names that are asked for.
        fields += "(instance $all (export \"a\" (instance $i0)) (export \"b\" (instance $i1)))"
        try expectValid(fields + "(export \"all\" (instance $all))")
    }

    /// An instance type with a resource type and that many functions.
    private static func instanceType(_ functions: Int) -> String {
        let functions = (0..<functions).map { "(export \"f\($0)\" (func))" }.joined()
        return "(type $t (instance (export \"r\" (type (sub resource))) \(functions)))"
    }

    /// Each instance of a type that declares resource types is a type of its own.
    @Test func instancesWithResourcesAreCopiedOnlySoOften() throws {
        func fields(_ components: Int) -> String {
            let imports = (0..<200).map { "(import \"i\($0)\" (instance (type $t)))" }.joined()
            return Self.instanceType(4000)
                + String(repeating: "(type (component (alias outer 1 $t (type $t)) \(imports)))", count: components)
        }
        try expectValid(fields(1))
        try self.expect(fields(3), "too large: the component's types and instances exceed this runtime's limit")
    }

    /// What is declared adds up at once, not only at the end.
    @Test(arguments: ["instance", "component"]) func declarationsAddUp(sort: String) throws {
        let declared = (0..<1000).map { "(export \"i\($0)\" (instance (type $t)))" }.joined()
        let fields = "\(Self.instanceType(4000)) (type (\(sort) (alias outer 1 $t (type $t)) \(declared)))"
        let bytes = try Engine.assemble("(component \(fields))")
        let error = try #require(refusal(of: bytes))
        #expect(error.message.contains("a type of more than 1,000,000 parts"), "\(error)")
        #expect(error.offset < bytes.count - 500, "\(error)")
    }

    @Test func labelsAreParts() throws {
        func fields(_ type: String) -> String {
            "(type $t \(type)) (type $t1 (tuple \(String(repeating: "$t ", count: 100))))"
                + " (type (tuple \(String(repeating: "$t1 ", count: 100))))"
        }
        let labels = (0..<200).map { "\"l\($0)\"" }.joined(separator: " ")
        let cases = (0..<200).map { "(case \"l\($0)\")" }.joined(separator: " ")
        let label = String(repeating: "a", count: 5000)
        for type in ["(enum \(labels))", "(variant \(cases))", "(record (field \"\(label)\" u8))"] {
            try self.expect(fields(type), "too large: a type of more than 1,000,000 parts")
        }
        try expectValid(fields("(record (field \"a\" u8))"))
    }

    @Test func namesMayBeLong() {
        func file(_ length: Int) -> [UInt8] {
            // Of an instance's alias, which is only looked up.
            Refusal.file(section: 5, [0x01, 0x01, 0x00])
                + [0x06] + leb128(length + leb128(length).count + 4)
                + [0x01, 0x01, 0x00, 0x00] + leb128(length) + Array(repeating: 0x61, count: length)
        }
        #expect(refusal(of: file(100_000))?.message.contains("has no export named") == true)
        #expect(refusal(of: file(100_001))?.message == "name of 100001 bytes is too long")
    }
}
