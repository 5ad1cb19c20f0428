import ComponentModel
import HTTP
import NIOCore
import NIOEmbedded
import Testing
import WASI

/// `wasi:http` as components of 2023 use it, through the bindings of that date.
@Suite struct SnapshotHTTPTests {
    private static let october = "0.2.0-rc-2023-10-18"
    private static let november = "0.2.0-rc-2023-11-10"
    private let outbound = FakeOutbound()
    private let bench = Bench()

    /// Makes the host when the test first asks for it: its event loop stays on the test's own thread.
    private final class Bench {
        private var made: GlueHost?

        func host(_ outbound: FakeOutbound) throws -> GlueHost {
            let host = try self.made ?? GlueHost(WASIConfiguration(outboundHTTP: outbound))
            self.made = host
            return host
        }
    }

    private var host: GlueHost {
        get throws { try self.bench.host(self.outbound) }
    }

    @discardableResult
    private func call(_ version: String, _ name: String, _ arguments: [UInt64]) throws -> UInt64 {
        let interface = name == "handle" ? "wasi:http/outgoing-handler" : "wasi:http/types"
        return try self.host.call(GlueHost.function(interface, version, name), arguments)
    }

    private func put(_ bytes: [UInt8], at place: Int) throws {
        UnsafeMutableRawBufferPointer(rebasing: try self.host.memory[place...]).copyBytes(from: bytes)
    }

    private func word(_ place: Int) throws -> UInt64 {
        UInt64(try self.host.memory.loadUnaligned(fromByteOffset: place, as: UInt32.self))
    }

    private func bytes(_ place: Int, _ count: Int) throws -> [UInt8] {
        Array(try self.host.memory[place..<(place + count)])
    }

    /// October's constructor with one field, `name: value`.
    private func fields(_ name: String = "name", _ value: String = "value") throws -> UInt64 {
        try self.put(Array((name + value).utf8), at: 1024)
        let words = [1024, name.utf8.count, 1024 + name.utf8.count, value.utf8.count]
        try self.put(words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }, at: 2048)
        return try self.call(Self.october, "[constructor]fields", [2048, 1])
    }

    private func request(authority: String = "example.com", method: UInt64 = 2) throws -> UInt64 {
        let fields = try self.fields()
        try self.put(Array("/path?q".utf8), at: 128)
        try self.put(Array(authority.utf8), at: 256)
        return try self.call(
            Self.october, "[constructor]outgoing-request",
            [method, 0, 0, 1, 128, 7, 1, 0, 0, 0, 1, 256, UInt64(authority.utf8.count), fields])
    }

    /// What cannot be told by a result stops the guest.
    @Test(arguments: [("na me", "v"), ("name", "a\r\nb"), ("host", "h"), ("", "v")])
    func badFieldsFaultInOctober(name: String, value: String) throws {
        #expect(throws: GuestFault.self) { try self.fields(name, value) }
        let good = try self.fields()
        try self.put(Array((name + value).utf8), at: 1024)
        let (length, end) = (UInt64(name.utf8.count), 1024 + UInt64(name.utf8.count))
        #expect(throws: GuestFault.self) {
            try self.call(Self.october, "[method]fields.append", [good, 1024, length, end, UInt64(value.utf8.count)])
        }
    }

    @Test func octobersRequestGoesOutInOnePiece() throws {
        let request = try self.request()
        // The fields that it was made of are still the guest's: they were only lent.
        try self.call(Self.october, "[method]fields.delete", [1, 1024, 4])
        // Time-outs: connect 5 ms, none, 2^32 - 1 ms.
        try self.call(Self.october, "handle", [request, 1, 1, 5, 0, 0, 1, 0xFFFF_FFFF, 64])
        #expect(try self.bytes(64, 1) == [0])
        let sent = try #require(self.outbound.calls.first)
        #expect(sent.request.method == "POST")
        #expect(sent.request.authority == "example.com")
        #expect(sent.request.target == "/path?q")
        #expect(!sent.request.isSecure)
        #expect(sent.request.fields.first("name") == "value")
        #expect(sent.request.connectTimeout == .milliseconds(5))
        #expect(sent.request.firstByteTimeout == nil)
        #expect(sent.request.betweenBytesTimeout == .milliseconds(0xFFFF_FFFF))

        // Nothing yet, then the response, then nothing more.
        let future = try self.word(68)
        try self.call(Self.october, "[method]future-incoming-response.get", [future, 64])
        #expect(try self.bytes(64, 1) == [0])
        let body = InboundBody(eventLoop: try self.host.loop, bytes: ByteBuffer(string: "answer"))
        sent.settled(.success(OutboundResponse(status: 203, fields: ["a": "b"], body: body)))
        try self.call(Self.october, "[method]future-incoming-response.get", [future, 64])
        #expect(try [64, 68, 72].map { try self.bytes($0, 1)[0] } == [1, 0, 0])
        let response = try self.word(76)
        #expect(try self.call(Self.october, "[method]incoming-response.status", [response]) & 0xFFFF == 203)
        try self.call(Self.october, "[method]future-incoming-response.get", [future, 64])
        #expect(try [64, 68].map { try self.bytes($0, 1)[0] } == [1, 1])
    }

    @Test func octobersErrorsAreTexts() throws {
        self.outbound.refusal = .connectionRefused
        try self.call(Self.october, "handle", [try self.request(), 0, 0, 0, 0, 0, 0, 0, 64])
        let future = try self.word(68)
        try self.call(Self.october, "[method]future-incoming-response.get", [future, 64])
        // Some, ok, error, `unexpected-error`.
        #expect(try [64, 68, 72, 76].map { try self.bytes($0, 1)[0] } == [1, 0, 1, 3])
        let text = try self.bytes(Int(self.word(80)), Int(self.word(84)))
        #expect(String(decoding: text, as: UTF8.self) == "connection-refused")
    }

    @Test(arguments: [199, 99, 0, 1000, 65_535] as [UInt64]) func badStatusFaultsInOctober(status: UInt64) throws {
        let fields = try self.fields()
        #expect(throws: GuestFault.self) {
            try self.call(Self.october, "[constructor]outgoing-response", [status, fields])
        }
    }

    @Test func badRequestsFaultInOctober() throws {
        #expect(throws: GuestFault.self) { try self.request(authority: "exa mple") }
    }

    /// The end of a body that has no trailers: empty ones in October, none in November; a second time is a fault.
    @Test(arguments: [Self.october, Self.november]) func trailersAreGivenOnce(version: String) throws {
        let loop = try self.host.loop
        for trailers in [nil, ["sum": "1"]] as [HTTPFields?] {
            let body = InboundBody(eventLoop: loop)
            body.end(trailers: trailers)
            loop.run()
            let request = try self.host.handle(
                IncomingRequestResource(head: RequestHead(method: "GET", target: "/"), body: body, extraFields: []),
                WasiHttpTypes.incomingRequestType)
            try self.call(version, "[method]incoming-request.consume", [request, 64])
            let future = try self.call(version, "[static]incoming-body.finish", [try self.word(68)]) & 0xFFFF_FFFF
            try self.call(version, "[method]future-trailers.get", [future, 64])
            #expect(try self.bytes(64, 1) == [1])
            let given: UInt64?
            if version == Self.october {
                #expect(try self.bytes(68, 1) == [0])
                given = try self.word(72)
            } else {
                #expect(try self.bytes(72, 1) == [0])
                given = try self.bytes(80, 1) == [1] ? try self.word(84) : nil
                #expect((given == nil) == (trailers == nil))
            }
            if let given {
                try self.call(version, "[method]fields.entries", [given, 64])
                #expect(try self.word(68) == (trailers == nil ? 0 : 1))
            }
            #expect(throws: GuestFault.self) { try self.call(version, "[method]future-trailers.get", [future, 64]) }
        }
    }
}
