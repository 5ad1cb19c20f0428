import ComponentModel
import HTTP
import Testing
import WASI

/// `wasi:http/types@0.3`, where it is not what 0.2 is.
@Suite struct ConcurrentHTTPTests {
    private let host = TestHost()

    @Test func tooManyFieldsAreAnErrorOfTheInterface() throws {
        try self.host.call { call throws in
            let fields = try FieldsV3Resource.make(in: call)
            let large = [UInt8](repeating: 0x61, count: 60_000)
            #expect(try fields.set(name: "a", value: [large, large], in: call).isOK)
            #expect(try fields.set(name: "b", value: [large], in: call).failure == .sizeExceeded)
            #expect(try fields.delete(name: "a", in: call).isOK)
            #expect(try fields.set(name: "b", value: [large], in: call).isOK)
            let entries = (0..<3).map { ("x\($0)", large) }
            #expect(try FieldsV3Resource.fromList(entries: entries, in: call).failure == .sizeExceeded)
        }
        #expect(self.host.context.budget.bytes == 0)
    }

    @Test func takesFieldsAway() throws {
        try self.host.call { call throws in
            let fields = try FieldsV3Resource.make(in: call)
            #expect(try fields.set(name: "A", value: [[0x31], [0x32]], in: call).isOK)
            #expect(try fields.getAndDelete(name: "a", in: call).value?.count == 2)
            #expect(try !fields.has(name: "a", in: call))
            #expect(try fields.getAndDelete(name: "a", in: call).value?.isEmpty == true)
            #expect(try fields.getAndDelete(name: "host", in: call).failure == .forbidden)
            #expect(try fields.getAndDelete(name: "a b", in: call).failure == .invalidSyntax)
            let received = FieldsV3Resource(received: ["a": "1"])
            #expect(try received.getAndDelete(name: "a", in: call).failure == .immutable)
            #expect(try received.copyAll(in: call).count == 1)
        }
    }

    @Test func optionsOfRequestsAreTheirOwn() throws {
        try self.host.call { call throws in
            let options = try RequestOptionsV3Resource.make(in: call)
            #expect(try options.setConnectTimeout(duration: 5, in: call).isOK)
            let copy = try options.clone(in: call)
            #expect(try copy.setConnectTimeout(duration: nil, in: call).isOK)
            #expect(try options.getConnectTimeout(in: call) == 5)
        }
    }

    @Test func requestsThatCameInCanBeChanged() throws {
        try self.host.call { call throws in
            let request = RequestV3Resource(
                head: RequestHead(method: "PURGE", target: "/a?b", authority: "x:1", fields: ["a": "client"]),
                body: InboundBody(eventLoop: self.host.context.eventLoop, declaredLength: 0), isSecure: true,
                extraFields: [("a", "host")], context: self.host.context)
            #expect(try request.getMethod(in: call) == .other("PURGE"))
            #expect(try request.getScheme(in: call) == .https)
            #expect(try request.getAuthority(in: call) == "x:1")
            #expect(try request.setPathWithQuery(pathWithQuery: "/new", in: call).isOK)
            #expect(try request.getPathWithQuery(in: call) == "/new")
            let fields = try request.getHeaders(in: call)
            #expect(try fields.copyAll(in: call).map(\.0) == ["a"])
            #expect(
                try fields.append(name: "b", value: GuestBytes(UnsafeRawBufferPointer(start: nil, count: 0)), in: call)
                    .failure == .immutable)
        }
        #expect(self.host.context.budget.bytes == 0)
    }
}
