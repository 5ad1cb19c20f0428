import AppLoader
import AppModel
import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@Suite struct ContentCacheTests {
    /// Answers each URL with fixed bytes, and counts.
    private final class Stub: ContentFetcher {
        let answers: [String: [String]]
        let announced: Int?
        let count = Mutex(0)

        init(_ answers: [String: [String]], announced: Int? = nil) {
            self.answers = answers
            self.announced = announced
        }

        func fetch(
            _ url: String, onStart: (Int?) throws -> Void, onChunk: (UnsafeRawBufferPointer) throws -> Void
        ) async throws {
            self.count.withLock { $0 += 1 }
            guard let chunks = self.answers[url] else { throw FetchError("`\(url)` answers 404") }
            try onStart(self.announced)
            for chunk in chunks { try Array(chunk.utf8).withUnsafeBytes(onChunk) }
        }
    }

    private static func digest(_ text: String) throws -> ContentDigest {
        let digits = SHA256.hash(data: Data(text.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return try #require(ContentDigest("sha256:" + digits.joined()))
    }

    @Test func downloadsOnce() async throws {
        let app = try TemporaryApplication()
        let stub = Stub(["u": ["hello ", "world"]])
        let cache = ContentCache(directory: app.path("cache"), fetcher: stub)
        let digest = try Self.digest("hello world")
        #expect(cache.file(digest) == nil)
        let path = try await cache.file(digest, from: "u")
        #expect(app.read(path) == "hello world")
        #expect(path.hasSuffix("/content/sha256/\(digest.hexadecimal).wasm"))
        #expect(try await cache.file(digest, from: "u") == path)
        #expect(stub.count.withLock { $0 } == 1)
        #expect(app.files(below: app.path("cache/content/sha256")).count == 1)

        // A damaged file is not used.
        try app.write("cache/content/sha256/\(digest.hexadecimal).wasm", "hello w0rld")
        #expect(try await app.read(cache.file(digest, from: "u")) == "hello world")
        #expect(stub.count.withLock { $0 } == 2)
    }

    @Test func refusesOtherContent() async throws {
        let app = try TemporaryApplication()
        let cache = ContentCache(directory: app.path("cache"), fetcher: Stub(["u": ["other"]]))
        let error = await #expect(throws: FetchError.self) {
            try await cache.file(try Self.digest("hello"), from: "u")
        }
        #expect(error?.description.contains("its digest is \(try Self.digest("other"))") == true)
        // Nothing is left of it.
        #expect(app.files(below: app.path("cache")).isEmpty)
        let missing = await #expect(throws: FetchError.self) {
            try await cache.file(try Self.digest("hello"), from: "none")
        }
        #expect(missing?.description == "`none` answers 404")
    }

    @Test func refusesHugeContent() async throws {
        let app = try TemporaryApplication()
        let cache = ContentCache(
            directory: app.path("cache"), fetcher: Stub(["u": ["x"]], announced: ContentCache.sizeLimit + 1))
        let error = await #expect(throws: FetchError.self) {
            try await cache.file(try Self.digest("x"), from: "u")
        }
        #expect(error?.description == "`u` has more than 512 MiB")
    }

    @Test func loadsComponentsFromURLs() async throws {
        let app = try TemporaryApplication()
        let digest = try Self.digest("wasm")
        try app.write(
            "spin.toml",
            ManifestTests.minimal.replacingOccurrences(
                of: "\"hello.wasm\"", with: "{ url = \"https://example.com/a.wasm\", digest = \"\(digest)\" }"))
        let work = try WorkingDirectory(below: app.directory)
        var options = ApplicationLoader.Options()
        let source = AppSource.manifest(app.path("spin.toml"))
        let error = await #expect(throws: ManifestError.self) {
            try await ApplicationLoader(workingDirectory: work, currentDirectory: app.directory, options: options)
                .load(source)
        }
        #expect(error?.description.contains("there is no directory to keep downloads in") == true)
        options.contentCache = ContentCache(
            directory: app.path("cache"), fetcher: Stub(["https://example.com/a.wasm": ["wasm"]]))
        let loaded = try await ApplicationLoader(
            workingDirectory: work, currentDirectory: app.directory, options: options
        ).load(source).app
        #expect(try app.read(#require(loaded.components.first?.source.path)) == "wasm")
    }

    // MARK: - Over HTTP

    /// Answers by path: content, a redirection, an error, or a cut.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private var uri = ""

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head(let head): self.uri = head.uri
            case .body: break
            case .end: self.answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            func answer(_ status: HTTPResponseStatus, _ headers: HTTPHeaders = [:], body: String = "") {
                context.write(
                    self.wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
                    promise: nil)
                context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
            }
            switch self.uri {
            case "/file?q=1": answer(.ok, ["content-length": "7"], body: "content")
            case "/moved": answer(.found, ["location": "/file?q=1", "content-length": "0"])
            case "/loop": answer(.found, ["location": "/loop", "content-length": "0"])
            case "/cut":
                answer(.ok, ["content-length": "100"], body: "content")
                context.flush()
                context.close(promise: nil)
                return
            default: answer(.notFound, ["content-length": "0"])
            }
            context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
            context.close(promise: nil)
        }
    }

    @Test(
        arguments: [
            ("/file?q=1", nil), ("/moved", nil), ("/none", "`URL/none` answers 404 Not Found"),
            ("/loop", "`URL/loop` redirects more than 10 times"), ("/cut", "cannot read `URL/cut`: "),
        ] as [(String, String?)])
    func fetchesOverHTTP(path: String, problem: String?) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler())
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        let base = "http://127.0.0.1:\(try #require(server.localAddress?.port))"
        var text = ""
        var length: Int?
        do {
            try await HTTPContentFetcher().fetch(
                base + path, onStart: { length = $0 }, onChunk: { text += String(decoding: $0, as: UTF8.self) })
            #expect(problem == nil)
            #expect(text == "content")
            #expect(length == 7)
        } catch {
            let message = "\(error)".replacingOccurrences(of: base, with: "URL")
            #expect(problem.map { message.hasPrefix($0) } == true, "\(message)")
        }
        try await server.close()
    }

    @Test(arguments: ["ftp://a", "", "http://", "/a"])
    func fetchesNoOtherURLs(url: String) async {
        await #expect(throws: FetchError.self) {
            try await HTTPContentFetcher().fetch(url, onStart: { _ in }, onChunk: { _ in })
        }
    }
}
