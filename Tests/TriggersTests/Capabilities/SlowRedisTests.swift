import AppModel
import Capabilities
import HTTP
import NIOCore
import NIOPosix
import RedisClient
import Testing

/// What guests are told of a Redis server that is silent, breaks off or talks nonsense, by every interface that leads to
/// one.
@Suite(.serialized, .timeLimit(.minutes(1))) struct SlowRedisTests {
    /// Results that have no room beside those that wait already: the connection goes on.
    @Test(arguments: GuestInterface.redis + GuestInterface.redisLists + GuestInterface.keyValue)
    func answersWithoutRoomAreRefused(interface: GuestInterface) async throws {
        let server = try await FakeRedis(.large)
        let loops = Array(MultiThreadedEventLoopGroup.singleton.makeIterator())
        let client = RedisClient(eventLoops: loops)
        let store = RedisKeyValueStore(client, address: try RedisAddress(server.url))
        let hosts = try AllowedHosts([server.url], componentIDs: []) { _ in "" }
        let results = ByteBudget(8000)
        let capabilities = ComponentCapabilities(
            component: "guest", keyValue: KeyValueGrants(stores: ["default": store]),
            redis: RedisGrants(client: client, hosts: hosts), results: results)
        let guest = try CapabilityGuest(interface, label: interface.capability == .redis ? server.url : "default")
        // One text is no list of texts.
        let isList = interface.operation.name.hasSuffix("smembers")
        let typeError = interface.errors.contains("type-error") ? "type-error" : interface.errors.last ?? ""
        let fitting: CapabilityGuest.Outcome = isList ? .operationFailed(typeError) : .done
        #expect(try await guest.run(with: capabilities) == fitting)
        let others = try #require(results.claim(5000))
        let last = try #require(interface.errors.last)
        for _ in 0..<3 { #expect(try await guest.run(with: capabilities) == .operationFailed(last)) }
        others.giveBack()
        #expect(try await guest.run(with: capabilities) == fitting)
        #expect(results.usedBytes == 0)
        #expect(server.connections <= loops.count)
        client.shutDown()
        try await server.stop()
    }

    @Test(arguments: GuestInterface.redis + GuestInterface.keyValue, FakeRedis.Answer.allCases)
    func guestsGetAnError(interface: GuestInterface, answer: FakeRedis.Answer) async throws {
        let server = try await FakeRedis(answer)
        let loops = Array(MultiThreadedEventLoopGroup.singleton.makeIterator())
        var configuration = RedisConfiguration()
        configuration.answerTimeout = .milliseconds(100)
        configuration.limits.replyBytes = 4000
        let client = RedisClient(configuration, eventLoops: loops)
        let store = RedisKeyValueStore(client, address: try RedisAddress(server.url))
        let hosts = try AllowedHosts([server.url], componentIDs: []) { _ in "" }
        let capabilities = ComponentCapabilities(
            component: "guest", keyValue: KeyValueGrants(stores: ["default": store]),
            redis: RedisGrants(client: client, hosts: hosts))
        let guest = try CapabilityGuest(interface, label: interface.capability == .redis ? server.url : "default")
        let last = try #require(interface.errors.last)
        for _ in 0..<3 { #expect(try await guest.run(with: capabilities) == .operationFailed(last)) }
        // What was given up is closed; a loop has one connection for all its guests at most.
        while server.openConnections > loops.count { await Task.yield() }
        client.shutDown()
        while server.openConnections > 0 { await Task.yield() }
        try await server.stop()
    }
}
