import AppModel
import Capabilities
import NIOCore
import NIOPosix
import RedisClient
import RedisTestSupport
import Testing

/// Key-value stores in a real Redis server.
@Suite(.enabled(if: RedisServer.isInstalled), .timeLimit(.minutes(2)))
struct RedisKeyValueStoreTests {
    private static func store(
        _ server: RedisServer, url: String? = nil, log: LogCollector? = nil
    ) throws -> RedisKeyValueStore {
        var configuration = RedisConfiguration()
        configuration.answerTimeout = .seconds(1)
        let client = RedisClient(
            configuration, eventLoops: Array(MultiThreadedEventLoopGroup.singleton.makeIterator()))
        return RedisKeyValueStore(client, address: try RedisAddress(url ?? server.url), logger: log?.logger)
    }

    @Test(arguments: KeyValueConformance.allCases) func conforms(_ test: KeyValueConformance) async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await test.check(try Self.store(server))
    }

    @Test func saysWhereItIs() throws {
        let client = RedisClient(eventLoops: [])
        let store = RedisKeyValueStore(client, address: try RedisAddress("redis://:secret@example.com/2"))
        #expect(store.summary == "Redis at example.com:6379")
    }

    /// Keys are plain keys, as other programs and Spin have them.
    @Test func sharesKeysWithOtherPrograms() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let checker = KeyValueChecker(store: try Self.store(server))
        try await checker.set("greeting", Array("hello".utf8))
        #expect(try server.cli("GET", "greeting") == "hello")
        try server.cli("SET", "n", "41")
        #expect(try await checker.increment("n", 1) == 42)
        try server.cli("RPUSH", "list", "x")
        await #expect(throws: KeyValueError.self) { try await checker.get("list") }
        #expect(try await checker.keys() == ["greeting", "list", "n"])
    }

    @Test func listsManyKeys() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let checker = KeyValueChecker(store: try Self.store(server))
        let keys = (0..<25_000).map { "key-\($0)" }
        try await checker.setMany(keys.map { ($0, [1]) })
        #expect(try await checker.keys() == keys.sorted())
    }

    @Test func isAnErrorWhileTheServerIsDown() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let checker = KeyValueChecker(store: try Self.store(server))
        try await checker.set("a", [1])
        server.stop()
        await #expect(throws: KeyValueError.self) { try await checker.get("a") }
        try server.start()
        #expect(try await checker.get("a") == nil)
    }

    @Test func aWrongLoginIsAnError() async throws {
        let server = try RedisServer(["--requirepass", "s3cret"])
        defer { server.end() }
        for login in ["", ":wrong@", "nobody:s3cret@"] {
            let log = LogCollector()
            let url = "redis://\(login)127.0.0.1:\(server.port)"
            let checker = KeyValueChecker(store: try Self.store(server, url: url, log: log))
            for _ in 0..<3 { await #expect(throws: KeyValueError.self, "\(login)") { try await checker.get("a") } }
            #expect(log.text.contains("the key-value store in Redis at 127.0.0.1:\(server.port): "), "\(login)")
            #expect(log.text.contains("in the runtime config"), "\(log.text)")
            #expect(log.count == 1)
            #expect(!log.text.contains("wrong@") && !log.text.contains("s3cret"))
        }
        let checker = KeyValueChecker(store: try Self.store(server, url: "redis://:s3cret@127.0.0.1:\(server.port)"))
        try await checker.set("a", [1])
    }

    /// What was acknowledged is there after the server was killed and is back; what was not, may be.
    @Test func losesNothingWhenTheServerRestarts() async throws {
        let server = try RedisServer(["--appendonly", "yes", "--appendfsync", "always"])
        defer { server.end() }
        let log = LogCollector()
        let checker = KeyValueChecker(store: try Self.store(server, log: log))
        var acknowledged: Int64 = 0
        var failed: Int64 = 0
        for round in 0..<3 {
            if round > 0 {
                server.stop()
                await #expect(throws: KeyValueError.self) { try await checker.increment("n", 1) }
                failed += 1
                try server.start()
            }
            var goals = 20
            while goals > 0 {
                // Until the next attempt to connect.
                do {
                    _ = try await checker.increment("n", 1)
                    acknowledged += 1
                    goals -= 1
                } catch is KeyValueError {
                    failed += 1
                }
            }
        }
        let found = try await checker.increment("n", 0)
        #expect((acknowledged...acknowledged + failed).contains(found))
        #expect(log.text.contains("hint: see that the server runs"))
    }

    /// A server that does not answer: an error in time, and the next answer is for who asked.
    @Test func aSlowServerIsAnError() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let checker = KeyValueChecker(store: try Self.store(server))
        try await checker.set("a", [1])
        server.suspend()
        await #expect(throws: KeyValueError.self) { try await checker.get("a") }
        server.resume()
        try await checker.set("b", [2])
        #expect(try await checker.get("a") == [1])
    }

    @Test func listsKeysByPages() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let checker = KeyValueChecker(store: try Self.store(server))
        let keys = (0..<20_000).map { "key-\($0)" }
        try await checker.setMany(keys.map { ($0, [1]) })
        let pages = try await checker.keyPages()
        var found: [String] = []
        var sizes: [Int] = []
        while let page = try await pages.next() {
            sizes.append(page.count)
            found += page
        }
        #expect(found.sorted() == keys.sorted())
        #expect(try #require(sizes.max()) < 5000)
    }
}
