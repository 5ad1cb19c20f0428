/// Why a command has no result.
package enum RedisError: Error, Hashable, Sendable {
    /// The address is no Redis URL.
    case invalidAddress(String)
    /// The name of the server cannot be resolved, nobody listens there, or the connection ended before it was ready.
    case cannotConnect(String)
    /// All addresses of the server are in blocked networks.
    case addressProhibited
    case tlsFailed(String)
    /// The server refuses the user, the password or the database.
    case loginRefused(String)
    /// There was no connection in time.
    case connectTimeout
    /// The server did not answer in time. The command may have been carried out.
    case answerTimeout
    /// The connection ended before the answer. The command may have been carried out.
    case connectionLost(String)
    /// The limit of connections is reached, and none became free in time.
    case tooManyConnections
    /// Too many commands, or too many bytes, wait for the server already.
    case overloaded
    /// The reply takes more than the limit, in bytes.
    case replyTooLarge(limit: Int)
    /// With the reply, all that are being read or wait to be taken would have too many bytes.
    case repliesOverBudget
    /// The server broke the protocol. The command may have been carried out.
    case protocolError(String)
    /// The server's own error, as it wrote it.
    case server(String)
    /// The command cannot be sent this way.
    case notSupported(command: String)
    /// Whoever asked does not want the answer any more.
    case cancelled
    case shutDown
}

extension RedisError {
    /// What a guest may be told that does not know the server: nothing of where it is, or of who logs in.
    package var withoutServer: String {
        guard case .server(let message) = self else { return self.description }
        let code = message.prefix { $0 != " " }
        // The others tell of the server: `MOVED 3999 10.0.0.7:6379`, `NOPERM User shop has no permissions …`.
        guard !["ERR", "WRONGTYPE", "OOM"].contains(code) else { return message }
        return "the Redis server refuses the command (\(code.prefix(32)))"
    }
}

extension RedisError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidAddress(let reason): "the Redis address is invalid: \(reason)"
        case .cannotConnect(let reason): "cannot connect to the Redis server: \(reason)"
        case .addressProhibited: "the address of the Redis server is in a blocked network"
        case .tlsFailed(let reason): "TLS with the Redis server failed: \(reason)"
        case .loginRefused(let reason): "the Redis server refuses the login: \(reason)"
        case .connectTimeout: "no connection to the Redis server was made in time"
        case .answerTimeout: "the Redis server did not answer in time; the command may have been carried out"
        case .connectionLost(let reason):
            "the connection to the Redis server was lost before the answer (\(reason)); "
                + "the command may have been carried out"
        case .tooManyConnections: "too many connections to Redis servers"
        case .overloaded: "too much is waiting for the Redis server already"
        case .replyTooLarge(let limit): "query result exceeds limit of \(limit) bytes"
        case .repliesOverBudget: "too many bytes of results are waiting already"
        case .protocolError(let reason): "the Redis server sent something malformed: \(reason)"
        case .server(let message): message
        case .notSupported(let command): "the Redis command \(command) is not supported here"
        case .cancelled: "the command was cancelled"
        case .shutDown: "the Redis client is shut down"
        }
    }
}
