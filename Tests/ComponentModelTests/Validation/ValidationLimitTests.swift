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
