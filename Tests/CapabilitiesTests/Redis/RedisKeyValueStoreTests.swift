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
    private static func store(_ server: RedisServer) throws -> RedisKeyValueStore {
        let client = RedisClient(eventLoops: Array(MultiThreadedEventLoopGroup.singleton.makeIterator()))
        return RedisKeyValueStore(client, address: try RedisAddress(server.url))
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
}
