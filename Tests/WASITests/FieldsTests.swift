import ComponentModel
import HTTP
import Testing
import WASI

/// `wasi:http/types.fields`.
@Suite struct FieldsTests {
    typealias HeaderError = WasiHttpTypes.HeaderError

    private func append(
        _ name: String, _ value: String, to fields: FieldsResource, _ call: borrowing HostCall
    ) throws -> HeaderError? {
        try withGuestBytes(value) { try fields.append(name: name, value: $0, in: call).failure }
    }

    @Test func keepsOrderAndComparesNamesWithoutCase() throws {
        let host = TestHost()
        try host.call { call throws in
            let fields = try FieldsResource.make(in: call)
            #expect(try self.append("X-One", "1", to: fields, call) == nil)
            #expect(try self.append("b", "2", to: fields, call) == nil)
            #expect(try self.append("x-one", "3", to: fields, call) == nil)
            #expect(try fields.entries(in: call).map(\.0) == ["x-one", "b", "x-one"])
            #expect(try fields.entries(in: call).map(\.1.text) == ["1", "2", "3"])
            #expect(try fields.get(name: "X-ONE", in: call).map(\.text) == ["1", "3"])
            #expect(try fields.has(name: "B", in: call))
            #expect(try fields.set(name: "X-one", value: [Array("4".utf8)], in: call).isOK)
            #expect(try fields.get(name: "x-one", in: call).map(\.text) == ["4"])
            #expect(try fields.delete(name: "B", in: call).isOK)
            #expect(try fields.delete(name: "absent", in: call).isOK)
            #expect(try fields.entries(in: call).map(\.0) == ["x-one"])
            #expect(try fields.set(name: "x-one", value: [], in: call).isOK)
            #expect(try !fields.has(name: "x-one", in: call))
        }
    }

    @Test(arguments: ["", "a b", "a:b", "a\r\n", "é", "a\0", "(x)", "a\u{7f}"])
    func invalidNamesAreRefused(name: String) throws {
        let host = TestHost()
        try host.call { call throws in
            let fields = try FieldsResource.make(in: call)
            #expect(try self.append(name, "x", to: fields, call) == .invalidSyntax)
            #expect(try fields.set(name: name, value: [[1]], in: call).failure == .invalidSyntax)
            #expect(try fields.delete(name: name, in: call).failure == .invalidSyntax)
            #expect(try fields.get(name: name, in: call).isEmpty)
            #expect(try !fields.has(name: name, in: call))
            let list = try FieldsResource.fromList(entries: [(name, [])], in: call)
            #expect(list.failure == .invalidSyntax)
        }
    }

    @Test(arguments: ["a\r\nb", "a\nb", "a\0", "\u{1}", "\u{7f}"])
    func invalidValuesAreRefused(value: String) throws {
        let host = TestHost()
        try host.call { call throws in
            let fields = try FieldsResource.make(in: call)
            #expect(try self.append("x", "before", to: fields, call) == nil)
            #expect(try self.append("x", value, to: fields, call) == .invalidSyntax)
            let set = try fields.set(name: "x", value: [Array("ok".utf8), Array(value.utf8)], in: call)
            #expect(set.failure == .invalidSyntax)
            #expect(try fields.get(name: "x", in: call).map(\.text) == ["before"])
        }
    }

    @Test(arguments: ["plain", "", "tab\there", "ÿ", " padded ", String(repeating: "long value ", count: 20)])
    func validValuesAreKept(value: String) throws {
        let host = TestHost()
        try host.call { call throws in
            let fields = try FieldsResource.make(in: call)
            #expect(try self.append("x", value, to: fields, call) == nil)
            #expect(try fields.get(name: "x", in: call).map(\.text) == [value])
        }
    }

    @Test(arguments: [
        ("0", true), ("12", true), ("+5", false), ("", false), (" 5", false), ("99999999999999999999", false),
    ])
    func contentLengthIsDigits(value: String, isValid: Bool) throws {
        let host = TestHost()
        try host.call { call throws in
            let fields = try FieldsResource.make(in: call)
            #expect(try self.append("Content-Length", value, to: fields, call) == (isValid ? nil : .invalidSyntax))
        }
    }

    @Test(arguments: [
        "connection", "Keep-Alive", "proxy-authenticate", "Proxy-Authorization", "proxy-connection",
        "Transfer-Encoding", "upgrade", "HOST", "http2-settings",
    ])
    func namesOfTheConnectionAreForbidden(name: String) throws {
        let host = TestHost()
        try host.call { call throws in
            let fields = try FieldsResource.make(in: call)
            #expect(try self.append(name, "x", to: fields, call) == .forbidden)
            #expect(try fields.set(name: name, value: [], in: call).failure == .forbidden)
            #expect(try fields.delete(name: name, in: call).failure == .forbidden)
            #expect(try FieldsResource.fromList(entries: [(name, [])], in: call).failure == .forbidden)

            let received = FieldsResource(received: [name: "secret", "x-seen": "yes"])
            #expect(try received.entries(in: call).map(\.0) == ["x-seen"])
            #expect(try !received.has(name: name, in: call))
            #expect(try received.get(name: name, in: call).isEmpty)
            #expect(try received.clone(in: call).entries(in: call).map(\.0) == ["x-seen"])
        }
    }

    @Test func receivedFieldsAreImmutableAndTheirCloneIsNot() throws {
        let host = TestHost()
        try host.call { call throws in
            let received = FieldsResource(received: ["Accept": "text/html", "x": "1"])
            #expect(try self.append("a", "b", to: received, call) == .immutable)
            #expect(try received.set(name: "a", value: [], in: call).failure == .immutable)
            #expect(try received.delete(name: "x", in: call).failure == .immutable)
            let clone = try received.clone(in: call)
            #expect(try self.append("a", "b", to: clone, call) == nil)
            #expect(try clone.entries(in: call).map(\.0) == ["accept", "x", "a"])
            #expect(try received.entries(in: call).count == 2)
        }
    }

    @Test func aFieldBombTraps() throws {
        let host = TestHost()
        try host.call { call throws in
            let fields = try FieldsResource.make(in: call)
            #expect(throws: GuestFault.self) {
                // Empty values too: each costs its bookkeeping.
                for _ in 0..<100_000 { _ = try self.append("x", "", to: fields, call) }
            }
            let large = try FieldsResource.make(in: call)
            let value = String(repeating: "v", count: 200_000)
            #expect(throws: GuestFault.self) { try self.append("x", value, to: large, call) }
        }
    }

    @Test func manySmallFieldsShareOneBudgetAndGiveItBack() throws {
        var limits = WASILimits()
        limits.hostMemoryBytes = 10_000
        let host = TestHost(limits: limits)
        try host.call { call throws in
            var kept: [FieldsResource] = []
            #expect(throws: GuestFault.self) {
                while true {
                    let fields = try FieldsResource.make(in: call)
                    _ = try self.append("name", String(repeating: "v", count: 1000), to: fields, call)
                    kept.append(fields)
                }
            }
            #expect(kept.count == 9)
            // Views keep what they show; dropping all gives all back.
            let view = try OutgoingResponseResource.make(headers: kept[0], in: call).headers(in: call)
            kept = []
            #expect(host.context.budget.bytes == 1036)
            #expect(try self.append("a", "b", to: view, call) == .immutable)
        }
        #expect(host.context.budget.bytes == 0)
    }

    @Test func settingForEverDoesNotGrow() throws {
        let host = TestHost()
        try host.call { call throws in
            let fields = try FieldsResource.make(in: call)
            for round in 0..<5000 {
                #expect(
                    try fields.set(name: "x", value: [[UInt8](repeating: 65, count: 100)], in: call).isOK, "\(round)")
            }
            #expect(host.context.budget.bytes == 133)
            #expect(fields.storage.fields.byteCount == 101)
        }
    }
}
