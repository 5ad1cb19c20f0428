package import RedisClient

extension RedisError: TroubleSource {
    package var trouble: Trouble? {
        switch self {
        case .cannotConnect, .connectTimeout, .connectionLost, .answerTimeout:
            Trouble(
                kind: "connection",
                hint: "see that the server runs and is reached at this address; until then calls fail")
        case .loginRefused:
            Trouble(kind: "login", hint: "correct the user, password or database of `url` in the runtime config")
        case .tlsFailed:
            Trouble(
                kind: "tls", hint: "see that the server's certificate is for this host and of a known authority")
        case .server(let message) where message.hasPrefix("OOM") || message.hasPrefix("MISCONF"):
            Trouble(kind: "full", hint: "give the server more memory or disk")
        case .server(let message) where message.hasPrefix("READONLY"):
            Trouble(kind: "read-only", hint: "name the primary server, not a replica")
        case .server(let message) where message.hasPrefix("NOAUTH") || message.hasPrefix("NOPERM"):
            Trouble(kind: "login", hint: "give `url` in the runtime config a user and password that may do this")
        case .server(let message)
        where message.hasPrefix("MOVED") || message.hasPrefix("ASK") || message.hasPrefix("CLUSTERDOWN"):
            Trouble(kind: "cluster", hint: "name a server that is not part of a cluster")
        case .protocolError:
            Trouble(kind: "protocol", hint: "see that it is a Redis server that listens there")
        case .tooManyConnections, .overloaded:
            Trouble(kind: "load", hint: "the server is too slow for what is asked of it")
        default: nil
        }
    }
}
