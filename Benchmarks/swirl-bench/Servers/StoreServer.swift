import HTTP
import NIOCore
import NIOPosix
import RedisClient
import SQLite

/// The HTTP server that `swirl up` uses, without a guest: does what the guests stores.wat and redis.wat do, by SQLite on
/// the thread that asks, and by the Redis client of guests.
enum StoreServer {
    /// Serves until the process is ended.
    ///
    /// - Parameters:
    ///   - folder: with the database ``RowTable``; a file of key-value stores is made there.
    ///   - redis: the address of a server, where there is one.
    static func run(folder: String, redis: String?) async throws {
        // One connection at a time is measured, and SQLite's are for one thread.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let client = RedisClient(eventLoops: [loop])
        let address = try redis.map { try RedisAddress($0) }
        let stores = try await loop.submit {
            NIOLoopBound(try NativeStores(folder: folder, redis: address, client: client.loop(loop)), eventLoop: loop)
        }.get()
        var configuration = ServerConfiguration()
        configuration.port = 0
        let server = HTTPServer(configuration: configuration, handler: StoreHandler(stores), group: group)
        let served = try await server.start()
        Announcement.serving(port: served.port)
        try await Announcement.serveUntilEnded()
    }
}

/// `GET /g1000` as in stores.wat; `GET /b` waits for an element of a list that stays empty, as in redis.wat.
private final class StoreHandler: RequestHandler {
    private let stores: NIOLoopBound<NativeStores>

    init(_ stores: NIOLoopBound<NativeStores>) {
        self.stores = stores
    }

    func handle(_ exchange: Exchange) {
        let path = exchange.head.target.dropFirst()
        let times = Int(path.dropFirst()) ?? 1
        do {
            switch path.first {
            case "g": try self.stores.value.get(times: times)
            case "s": try self.stores.value.set(times: times)
            case "r": try self.stores.value.readRows(times: times)
            case "G": return try self.stores.value.getFromRedis(times: times) { Self.answer($0, exchange) }
            case "S": return try self.stores.value.setInRedis(times: times) { Self.answer($0, exchange) }
            case "b": return try self.stores.value.waitForRedis { Self.answer($0, exchange) }
            default: return exchange.respond(status: 404)
            }
            Self.answer(true, exchange)
        } catch {
            exchange.respond(status: 500)
        }
    }

    private static func answer(_ isRight: Bool, _ exchange: Exchange) {
        guard isRight else { return exchange.respond(status: 503) }
        exchange.response.writeHead(ResponseHead(status: 200))
        exchange.response.write(ByteBuffer(string: "default"))
        exchange.response.finish()
    }
}

/// Stores as a program has them that needs no guest: statements that are compiled once, values as Swift has them.
private final class NativeStores {
    private struct Row {
        let id: Int64
        let ratio: Double
        let name: String
        let data: [UInt8]
        let missing: Int64?
    }

    private static let label = "default"
    private static let key = "key-of-the-guest"
    private static let value = Array("a value of some sixty-four bytes, as much as a small record has.".utf8)

    private let getStatement: SQLiteStatement
    private let setStatement: SQLiteStatement
    private let rowsStatement: SQLiteStatement
    private let redis: RedisSession?

    init(folder: String, redis: RedisAddress?, client: LoopRedis?) throws {
        // The same file format and the same durability as Swirl's.
        let store = try SQLiteConnection(.file("\(folder)/native_key_value.db"))
        try store.execute(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS spin_key_value (
                store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))
            """)
        self.getStatement = try store.prepare("SELECT value FROM spin_key_value WHERE store = ? AND key = ?")
        self.setStatement = try store.prepare(
            """
            INSERT INTO spin_key_value (store, key, value) VALUES (?, ?, ?)
            ON CONFLICT (store, key) DO UPDATE SET value = excluded.value
            """)
        let rows = try SQLiteConnection(.file("\(folder)/\(RowTable.fileName)"))
        self.rowsStatement = try rows.prepare("SELECT id, ratio, name, data, missing FROM rows")
        self.redis = try redis.flatMap { try client?.session(to: $0) }
        try self.set(times: 1)
    }

    func get(times: Int) throws {
        for _ in 0..<times {
            let statement = self.getStatement
            try statement.bind(Self.label, at: 1)
            try statement.bind(Self.key, at: 2)
            let value = try statement.step() ? statement.blob(0) : []
            statement.reset()
            guard value.count == Self.value.count else { throw BenchmarkError("the value is not there") }
        }
    }

    func set(times: Int) throws {
        var value = Self.value
        for number in 0..<times {
            // SQLite does not write a value that is there already.
            withUnsafeBytes(of: number) { value.replaceSubrange(0..<8, with: $0) }
            let statement = self.setStatement
            try statement.bind(Self.label, at: 1)
            try statement.bind(Self.key, at: 2)
            try statement.bind(value, at: 3)
            _ = try statement.step()
            statement.reset()
        }
    }

    func readRows(times: Int) throws {
        for _ in 0..<times {
            let statement = self.rowsStatement
            var rows: [Row] = []
            while try statement.step() {
                rows.append(
                    Row(
                        id: statement.integer(0), ratio: statement.real(1), name: statement.text(2),
                        data: statement.blob(3), missing: statement.kind(4) == .null ? nil : statement.integer(4)))
            }
            statement.reset()
            guard rows.reduce(0, { $0 + $1.id }) == RowTable.sum else { throw BenchmarkError("rows are missing") }
        }
    }

    // MARK: Redis

    func getFromRedis(times: Int, then: @escaping (Bool) -> Void) throws {
        self.repeatCommand(times: times, then: then) {
            RedisCommand("GET", Self.key)
        } isRight: { reply in
            guard case .bytes(let bytes) = reply else { return false }
            return Array(buffer: bytes).count == Self.value.count
        }
    }

    func setInRedis(times: Int, then: @escaping (Bool) -> Void) throws {
        self.repeatCommand(times: times, then: then) {
            var command = RedisCommand("SET", Self.key)
            command.append(Self.value)
            return command
        } isRight: {
            $0 == .status("OK")
        }
    }

    func waitForRedis(then: @escaping (Bool) -> Void) throws {
        self.repeatCommand(times: 1, then: then) {
            RedisCommand("BLPOP", "nothing", "0.1")
        } isRight: {
            $0 == .null
        }
    }

    /// - Parameter command: made for each call, as a program does whose keys differ.
    private func repeatCommand(
        times: Int, then: @escaping (Bool) -> Void, _ command: @escaping () -> RedisCommand,
        isRight: @escaping (RESPValue) -> Bool
    ) {
        guard times > 0, let redis = self.redis else { return then(times == 0) }
        redis.send(command()) { result in
            guard case .success(let reply) = result, isRight(reply.value) else { return then(false) }
            self.repeatCommand(times: times - 1, then: then, command, isRight: isRight)
        }
    }
}
