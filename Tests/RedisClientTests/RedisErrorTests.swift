import RedisClient
import Testing

struct RedisErrorTests {
    /// What guests are told of servers that they do not know.
    @Test(arguments: [
        (RedisError.server("MOVED 3999 10.0.0.7:6379"), "the Redis server refuses the command (MOVED)"),
        (
            .server("NOPERM User shop has no permissions to run the 'get' command"),
            "the Redis server refuses the command (NOPERM)"
        ),
        (.server("WRONGTYPE Operation against a key"), "WRONGTYPE Operation against a key"),
        (.server("ERR value is not an integer"), "ERR value is not an integer"),
        (.server(""), "the Redis server refuses the command ()"),
        (.overloaded, "too much is waiting for the Redis server already"),
    ])
    func tellsNothingOfServer(error: RedisError, text: String) {
        #expect(error.withoutServer == text)
    }
}
