import ComponentModel
import HTTP
import NIOCore
import Testing
import WASI

/// `wasi:http/types` and `outgoing-handler`: requests of the guest's own.
@Suite struct OutgoingRequestTests {
    private func request(_ host: TestHost) throws -> OutgoingRequestResource {
        try host.call { try OutgoingRequestResource.make(headers: FieldsResource.make(in: $0), in: $0) }
    }

    @Test func partsAreCheckedAndKept() throws {
        let host = TestHost()
        let request = try self.request(host)
        try host.call { call throws in
            #expect(try request.method(in: call) == .get)
            #expect(try request.setMethod(method: .other("PURGE"), in: call).isOK)
            #expect(try request.method(in: call) == .other("PURGE"))
            #expect(try !request.setMethod(method: .other("a b"), in: call).isOK)
            #expect(try request.setMethod(method: .put, in: call).isOK)
            #expect(try request.setPathWithQuery(pathWithQuery: "/?a=`b?`", in: call).isOK)
            #expect(try request.setPathWithQuery(pathWithQuery: "/x?y=%20", in: call).isOK)
            #expect(try !request.setPathWithQuery(pathWithQuery: "/a b", in: call).isOK)
            #expect(try !request.setPathWithQuery(pathWithQuery: "/a`", in: call).isOK)
            #expect(try !request.setPathWithQuery(pathWithQuery: "/a\r\nx: y", in: call).isOK)
            #expect(try request.pathWithQuery(in: call) == "/x?y=%20")
            #expect(try request.setScheme(scheme: .other("ws+unix"), in: call).isOK)
            #expect(try !request.setScheme(scheme: .other("1x"), in: call).isOK)
            #expect(try request.scheme(in: call) == .other("ws+unix"))
            #expect(try request.setAuthority(authority: nil, in: call).isOK)
            #expect(try request.authority(in: call) == nil)
        }
    }

    @Test(arguments: [
        ("example.com", true), ("example.com:8080", true), ("127.0.0.1:1", true), ("[::1]:443", true), ("[::1]", true),
        ("user:pw@example.com", true), ("", false), (":80", true), ("a:", false), ("a:99999", false), ("a:+1", false),
        ("a b", false), ("a/b", false), ("[::1", false), ("[]", false), ("a:1:2", false), ("é.com", false),
        ("a\r\n", false),
    ])
    func authorities(text: String, isValid: Bool) throws {
        let host = TestHost()
        let request = try self.request(host)
        try host.call { call throws in
            #expect(try request.setAuthority(authority: text, in: call).isOK == isValid)
        }
    }

    @Test func everyRequestIsDeniedWhenItsFutureIsRead() throws {
        let host = TestHost()
        let request = try self.request(host)
        try host.call { call throws in
            let body = try #require(try request.body(in: call).value)
            let stream = try #require(try body.write(in: call).value)
            #expect(try withGuestBytes("x") { try stream.blockingWriteAndFlush(contents: $0, in: call) }.isOK)
            let options = try RequestOptionsResource.make(in: call)
            #expect(try options.setConnectTimeout(duration: 5, in: call).isOK)
            #expect(try options.connectTimeout(in: call) == 5)
            #expect(try options.firstByteTimeout(in: call) == nil)
            let handled = try HttpOutgoingHandlerFunctions.handle(request: request, options: options, in: call)
            let future = try #require(handled.value)
            #expect(try future.subscribe(in: call).ready(in: call))
            #expect(try future.get(in: call)?.value?.failure == .httpRequestDenied)
            #expect(try future.get(in: call)?.isOK == false)
            #expect(try stream.checkWrite(in: call).failure?.isClosed == true)
        }
        #expect(host.context.budget.bytes == 0)
    }

    @Test func textsCountAndAreGivenBack() throws {
        let host = TestHost()
        do {
            let request = try self.request(host)
            try host.call { call throws in
                for length in [10, 1000, 3] {
                    let path = "/" + String(repeating: "p", count: length - 1)
                    #expect(try request.setPathWithQuery(pathWithQuery: path, in: call).isOK)
                    #expect(host.context.budget.bytes == length)
                }
                let tooLong = String(repeating: "p", count: 100_000)
                #expect(try !request.setPathWithQuery(pathWithQuery: tooLong, in: call).isOK)
                #expect(try request.setMethod(method: .other("ABC"), in: call).isOK)
                #expect(host.context.budget.bytes == 6)
                #expect(try request.setMethod(method: .get, in: call).isOK)
                #expect(host.context.budget.bytes == 3)
            }
        }
        #expect(host.context.budget.bytes == 0)
    }
}
