import AppModel
import Capabilities
import NIOCore
import NIOPosix
import RedisClient
import TestSupport
import Testing

/// What guests may open, and how much of it, by every version of every interface.
@Suite(.serialized, .timeLimit(.minutes(2))) struct GrantTests {
    private typealias Outcome = CapabilityGuest.Outcome

    /// A component that may use the label `default`, and the Redis servers of `hosts`.
    private static func capabilities(
        hosts: [String] = [], _ configure: (inout RedisConfiguration) -> Void = { _ in }
    ) throws -> ComponentCapabilities {
        var configuration = RedisConfiguration()
        configure(&configuration)
        let client = RedisClient(
            configuration, eventLoops: Array(MultiThreadedEventLoopGroup.singleton.makeIterator()))
        return ComponentCapabilities(
            component: "guest", keyValue: KeyValueGrants(stores: ["default": MemoryKeyValueStore()]),
            sqlite: SQLiteGrants(databases: ["default": LocalSQLiteDatabase(.memory)]),
            redis: RedisGrants(client: client, hosts: try AllowedHosts(hosts, componentIDs: []) { _ in "" }))
    }

    @Test(arguments: GuestInterface.keyValue + GuestInterface.sqlite)
    func opensLabelsThatAreGranted(interface: GuestInterface) async throws {
        let outcome = try await CapabilityGuest(interface, label: "default").run(with: Self.capabilities())
        // The oldest interface has no other way to say that there is no such key.
        #expect(outcome == (interface.errors.contains("no-such-key") ? .operationFailed("no-such-key") : .done))
    }

    @Test(
        arguments: GuestInterface.keyValue + GuestInterface.sqlite,
        ["", "forbidden", "Default", "default ", "default\0", "defa", "../default", "default/../default"])
    func deniesOtherLabels(interface: GuestInterface, label: String) async throws {
        let guest = try CapabilityGuest(interface, label: label)
        #expect(try await guest.run(with: Self.capabilities()) == .openFailed("access-denied"))
    }

    /// As Spin has it: whatever SQLite says of a statement is `io`, with its words.
    @Test(
        arguments: GuestInterface.sqlite,
        [
            "selec 1", "select * from missing", "select 1; selec", "select ?1", "attach '/etc/passwd' as x",
            "create table t (a unique); insert into t values (1), (1)", "select zeroblob(200000000)",
            "select load_extension('x')",
        ])
    func mistakesOfSQLAreErrors(interface: GuestInterface, sql: String) async throws {
        let guest = try CapabilityGuest(interface, label: "default", question: sql)
        #expect(try await guest.run(with: Self.capabilities()) == .operationFailed("io"))
    }

    /// All of these are on this machine, or nowhere; none is what the manifest names.
    @Test(
        arguments: GuestInterface.redis,
        [
            "redis://127.0.0.1:6379", "redis://localhost:6379", "redis://[::1]:6379", "redis://[::ffff:10.0.0.1]:6379",
            "redis://2130706433:6379", "redis://0177.0.0.1:6379", "redis://0x7f.1:6379", "redis://10.0.0.1:6380",
            "rediss://10.0.0.1:6379", "redis://10.0.0.1.evil.test:6379", "redis://10.0.0.1:6379@evil.test",
            "redis://evil.test/10.0.0.1:6379", "redis://10.0.0.1:6379#@evil.test", "http://10.0.0.1:6379", "10.0.0.1",
            "", "redis://", "redis://10.0.0.1\0.evil.test:6379",
        ])
    func deniesOtherServers(interface: GuestInterface, address: String) async throws {
        let guest = try CapabilityGuest(interface, label: address)
        let outcome = try await guest.run(with: Self.capabilities(hosts: ["redis://10.0.0.1:6379"]))
        #expect(outcome == (interface.open == nil ? .operationFailed("error") : .openFailed("invalid-address")))
    }

    /// However the address is written: what is connected to counts.
    @Test(
        arguments: GuestInterface.redis,
        [
            "127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]", "[::1]", "[0:0:0:0:0:0:0:1]",
        ])
    func connectsToNothingInBlockedNetworks(interface: GuestInterface, host: String) async throws {
        let server = try await FakeRedis(.large)
        let port = server.url.split(separator: ":").last ?? ""
        var network = OutboundNetworkConfig()
        network.blocked = BlockedNetworks(["127.0.0.0/8", "::1/128"].compactMap { IPNetwork($0) })
        let policy = OutboundNetwork(network).addressPolicy
        let capabilities = try Self.capabilities(hosts: ["redis://*:*"]) { configuration in
            configuration.addressPolicy = policy
            configuration.connectTimeout = .seconds(2)
        }
        let outcome = try await CapabilityGuest(interface, label: "redis://\(host):\(port)").run(with: capabilities)
        #expect(outcome == (interface.open == nil ? .operationFailed("error") : .openFailed("other")))
        #expect(server.openConnections == 0)
        try await server.stop()
    }

    /// An instance that opens and opens, and keeps all of it.
    @Test(arguments: GuestInterface.all.filter { $0.open != nil })
    func boundsWhatAnInstanceHasOpen(interface: GuestInterface) async throws {
        let server = try await FakeRedis(.silence)
        let capabilities = try Self.capabilities(hosts: [server.url])
        let guest = try CapabilityGuest(interface, label: interface.capability == .redis ? server.url : "default")
        // Each instance has its own share, and gives it back.
        for _ in 0..<2 {
            let (opened, error) = try await guest.fill(with: capabilities)
            switch interface.capability {
            case .keyValue:
                #expect(opened == 256)
                #expect(error == (interface.name.hasPrefix("wasi:") ? "other" : "store-table-full"))
            case .sqlite:
                #expect(opened == 256)
                #expect(error == "io")
            case .redis:
                #expect(opened == 1024)
                #expect(error == "too-many-connections")
            }
        }
        try await server.stop()
    }

    // MARK: What an instance leaves

    /// Whatever the guest did not give back: also by interfaces whose handles are numbers, or that have none.
    @Test(arguments: GuestInterface.all) func nothingOutlivesItsInstance(interface: GuestInterface) async throws {
        let server = try await FakeRedis(.large)
        let guest = try CapabilityGuest(interface, label: interface.capability == .redis ? server.url : "default")
        // All that an instance has open refers to these.
        weak var left: ComponentCapabilities?
        do {
            let capabilities = try Self.capabilities(hosts: [server.url])
            left = capabilities
            _ = try await guest.run(with: capabilities)
        }
        // Its event loop lets go of it after it has answered.
        for _ in 0..<1000 where left != nil {
            for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() { try await loop.submit {}.get() }
        }
        #expect(left == nil)
        try await server.stop()
    }

    /// A database whose guests close nothing, and end in the middle of a transaction.
    @Test(arguments: GuestInterface.sqlite) func databasesOutliveTheirGuests(interface: GuestInterface) async throws {
        let folder = try TemporaryFolder()
        let database = LocalSQLiteDatabase(.file(folder.file("a.db")), mostConnections: 2, patience: .seconds(30))
        let capabilities = ComponentCapabilities(
            component: "guest", sqlite: SQLiteGrants(databases: ["default": database]))
        let guest = try CapabilityGuest(
            interface, label: "default",
            question: "begin immediate; create table if not exists t (a); insert into t values (1)")
        for _ in 0..<100 { try #require(try await guest.run(with: capabilities) == .done) }
        let reader = try CapabilityGuest(interface, label: "default", question: "select * from t")
        #expect(try await reader.run(with: capabilities) == .operationFailed("io"))
    }

    /// A command that takes a connection of its own, by the interface that has none to give back.
    @Test func connectionsOfAFunctionEndWithIt() async throws {
        let server = try await FakeRedis(.large)
        let guest = try CapabilityGuest(.redisCommand, label: server.url, question: "SELECT")
        let capabilities = try Self.capabilities(hosts: [server.url]) { $0.connectionsInAll = 2 }
        for _ in 0..<20 { try #require(try await guest.run(with: capabilities) == .done) }
        try await server.stop()
    }
}
