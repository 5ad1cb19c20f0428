import ComponentModel
import TestSupport
import Testing

/// Whatever the bytes are, planning ends soon, with a plan or an error.
@Suite struct HostileInputTests {
    @Test func everyTruncationIsAnErrorOrASmallerComponent() throws {
        let bytes = try ComponentText(Components.command()).bytes
        // Sections end where a shorter component would end: there the rest may be valid on its own.
        var accepted = 0
        for length in 0..<bytes.count {
            do {
                _ = try planned(Array(bytes[..<length]))
                accepted += 1
            } catch {
                #expect(error.offset <= length)
            }
        }
        #expect(accepted < 60)
        #expect(throws: ComponentError.self) { try planned(Array(bytes[..<(bytes.count - 1)])) }
    }

    @Test(arguments: [Components.command(), Components.counter])
    func changedBytesNeverCrash(text: String) throws {
        let original = try ComponentText(text).bytes
        var random = SplitMix64(seed: 0x5eed)
        var refused = 0
        for _ in 0..<4000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 8..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                default: bytes.remove(at: place)
                }
            }
            do {
                _ = try planned(bytes)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 1000)
    }

    private func expectRefused(_ text: String, _ message: String) throws {
        let bytes = try ComponentText(text).bytes
        do {
            _ = try planned(bytes)
            Issue.record("not refused: \(message)")
        } catch {
            #expect(error.message.contains(message), "\(error)")
        }
    }

    @Test func typesThatDoubleAreBounded() throws {
        var text = "(component (type $t0 u64)"
        for index in 1..<60 { text += " (type $t\(index) (tuple (list $t\(index - 1)) (list $t\(index - 1))))" }
        try self.expectRefused(text + ")", "1,000,000 parts")
    }

    @Test func manyUsesOfALargeTypeAreBounded() throws {
        var text = "(component (type $t0 u8)"
        for index in 1..<18 { text += " (type $t\(index) (tuple (list $t\(index - 1)) (list $t\(index - 1))))" }
        for index in 0..<200 { text += " (import \"f\(index)\" (func (param \"a\" $t17)))" }
        try self.expectRefused(text + ")", "too large")
    }

    @Test func deepTypesAreBounded() throws {
        var text = "(component (type $t0 u64)"
        for index in 1..<2000 { text += " (type $t\(index) (option $t\(index - 1)))" }
        try self.expectRefused(text + ")", "nested deeper")
    }

    @Test func instancesThatDoubleAreBounded() throws {
        var text = "(component (component $c0)"
        for index in 1..<40 {
            text += """
                 (component $c\(index) (alias outer 1 $c\(index - 1) (component $c))
                  (instance (instantiate $c)) (instance (instantiate $c)))
                """
        }
        try self.expectRefused(text + " (instance (instantiate $c39)))", "component instances")
    }

    @Test func deepInstantiationIsBounded() throws {
        var text = "(component (component $c0)"
        for index in 1..<500 {
            text += " (component $c\(index) (alias outer 1 $c\(index - 1) (component $c)) (instance (instantiate $c)))"
        }
        try self.expectRefused(text + " (instance (instantiate $c499)))", "instantiations nest deeper")
    }

    @Test func instanceTypesThatDoubleAreBounded() throws {
        var text = "(component (type $t0 (instance))"
        for index in 1..<60 {
            text += """
                 (type $t\(index) (instance (alias outer 1 $t\(index - 1) (type $t))
                  (export "a" (instance (type $t))) (export "b" (instance (type $t)))))
                """
        }
        try self.expectRefused(text + " (import \"i\" (instance (type $t59))))", "too large")
    }

    @Test func exportedInstancesThatDoubleAreBounded() throws {
        var text = "(component (instance $i0)"
        for index in 1..<60 {
            text +=
                " (instance $i\(index) (export \"a\" (instance $i\(index - 1))) (export \"b\" (instance $i\(index - 1))))"
        }
        try self.expectRefused(text + " (export \"i\" (instance $i59)))", "too large")
    }

    /// A function of `count` parameters of a type.
    private func lifted(_ count: Int, _ definitions: String, _ type: String) -> String {
        """
        (component \(definitions)
          (core module $m (memory (export "m") 1) (func (export "f") (param i32))
            (func (export "r") (param i32 i32 i32 i32) (result i32) unreachable))
          (core instance $i (instantiate $m))
          (func (export "f") (param "x" (tuple \(String(repeating: type + " ", count: count))))
            (canon lift (core func $i "f") (memory (core memory $i "m")) (realloc (core func $i "r")))))
        """
    }

    /// Names are written as often as their types are used.
    @Test func textsOfTypesAreBounded() throws {
        let label = String(repeating: "a", count: 20_000)
        let record = #"(type $r' (record (field "\#(label)" u8))) (export $r "r" (type $r'))"#
        _ = try ComponentText(self.lifted(40, record, "$r")).plan()
        try self.expectRefused(self.lifted(60, record, "$r"), "more than 1 MiB")
        let resource = """
            (import "a:b/\(label)" (instance $i (export "r" (type (sub resource)))))
            (alias export $i "r" (type $r))
            """
        _ = try ComponentText(self.lifted(40, resource, "(own $r)")).plan()
        try self.expectRefused(self.lifted(60, resource, "(own $r)"), "more than 1 MiB")
    }

    /// What each instance of a component or of an instance type has anew is paid for.
    @Test(arguments: [
        ("(core rec \(String(repeating: "(type (func)) ", count: 2000)))", 2000),
        ("(type (record \((0..<2000).map { #"(field "f\#($0)" u8) "# }.joined())))", 2000),
    ])
    func manyInstancesAreBounded(definitions: String, count: Int) throws {
        try self.expectRefused(
            "(component (component $c \(definitions)) "
                + String(repeating: "(instance (instantiate $c))", count: count) + ")", "too large")
    }

    @Test func manyImportsOfAnInterfaceAreBounded() throws {
        let functions = (0..<1000).map { "(export \"f\($0)\" (func))" }.joined()
        let imports = (0..<900).map { "(import \"a:b/i\($0)\" (instance (type $t)))" }.joined()
        try self.expectRefused("(component (type $t (instance \(functions))) \(imports))", "too large")
    }

    @Test func longNamesOfResourcesAreBounded() throws {
        let name = String(repeating: "a", count: 90_000)
        let resources = (0..<2000).map { "(export \"r\($0)\" (type (sub resource)))" }.joined()
        try self.expectRefused("(component (import \"a:b/\(name)\" (instance \(resources))))", "too large")
    }

    @Test func deepNestingIsBounded() throws {
        // 300 components inside each other, sizes written from the inside out.
        var bytes: [UInt8] = []
        let preamble: [UInt8] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]
        for _ in 0..<300 {
            var section = preamble + bytes
            var size = section.count
            var header: [UInt8] = [0x04]
            repeat {
                header.append(UInt8(size & 0x7f) | (size > 0x7f ? 0x80 : 0))
                size >>= 7
            } while size > 0
            section.insert(contentsOf: header, at: 0)
            bytes = section
        }
        let error = #expect(throws: ComponentError.self) { try planned(preamble + bytes) }
        #expect(error?.message.contains("nest deeper") == true)
    }

    @Test func longChainsOfInstancesAreFreedWithoutRecursion() throws {
        var text = "(component (instance $i0)"
        for index in 1..<20_000 { text += " (instance $i\(index) (export \"a\" (instance $i\(index - 1))))" }
        _ = try ComponentText(text + ")").plan()
    }
}
