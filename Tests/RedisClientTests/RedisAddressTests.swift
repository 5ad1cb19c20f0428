import NIOCore
import RedisClient
import Testing

@Suite struct RedisAddressTests {
    @Test func readsAllParts() throws {
        let address = try RedisAddress("rediss://us%65r:p%40ss@Example.com:7000/3?protocol=resp3")
        #expect(address.isSecure && address.host == "example.com" && address.port == 7000)
        #expect(address.user == "user" && address.password == "p@ss" && address.database == 3 && address.usesRESP3)
        #expect(address.description == "rediss://example.com:7000/3")
    }

    @Test(
        arguments: [
            ("redis://localhost", "localhost", 6379, nil, nil), ("redis://:secret@h", "h", 6379, nil, "secret"),
            ("redis://u:a@b:c?d#@h:1", "h", 1, "u", "a@b:c?d#"), ("redis://[::1]:99/", "::1", 99, nil, nil),
            ("REDIS://h?db=2", "h", 6379, nil, nil), ("redis://u:100%@h", "h", 6379, "u", "100%"),
        ] as [(String, String, UInt16, String?, String?)])
    func readsHostAndLogin(url: String, host: String, port: UInt16, user: String?, password: String?) throws {
        let address = try RedisAddress(url)
        #expect(address.host == host && address.port == port && address.user == user && address.password == password)
    }

    @Test(arguments: [
        "", "localhost:6379", "http://h", "redis://", "redis://h:0", "redis://h:70000", "redis://h:x", "redis://h/x",
        "redis://h/-1", "redis://a b", "redis://[::1", "redis://[x]", "redis://h\u{0}", "redis://h#x", "redis:///0",
    ]) func refuses(url: String) {
        #expect(throws: RedisError.self) { _ = try RedisAddress(url) }
    }

    @Test(arguments: [
        (RedisCommand("get", "blpop"), RedisCommand.Kind.ordinary), (RedisCommand("blpop", "x", "0"), .blocking),
        (RedisCommand("XREAD", "COUNT", "2", "block", "0", "STREAMS", "s", "0"), .blocking),
        (RedisCommand("XREAD", "COUNT", "2", "STREAMS", "s", "0"), .ordinary), (RedisCommand("multi"), .stateful),
        (RedisCommand("Subscribe", "x"), .refused), (RedisCommand("client", "reply", "off"), .refused),
        (RedisCommand("CLIENT", "ID"), .stateful), (RedisCommand("wait", "1", "0"), .stateful),
        (RedisCommand("WAITAOF", "1", "1", "0"), .stateful), (RedisCommand("script", "debug", "yes"), .refused),
        (RedisCommand("SCRIPT", "LOAD", "return 1"), .ordinary),
    ]) func knowsKindsOfCommands(command: RedisCommand, kind: RedisCommand.Kind) {
        #expect(command.kind == kind)
    }

    @Test func backsOffWithBounds() {
        let backOff = BackOff(first: .milliseconds(10), longest: .seconds(1))
        #expect(backOff.delay(afterFailures: 0) == .zero)
        for failures in [1, 2, 5, 32, 1000] {
            let delay = backOff.delay(afterFailures: failures)
            #expect(delay >= .milliseconds(5) && delay <= .seconds(1))
        }
        #expect(backOff.delay(afterFailures: 1000) >= .milliseconds(500))
    }
}
