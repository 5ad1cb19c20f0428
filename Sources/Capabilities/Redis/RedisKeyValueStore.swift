import ComponentModel
package import Logging
package import NIOCore
package import RedisClient

/// A key-value store in Redis: plain keys, as in Spin, so that labels with one URL share them.
///
/// What several calls could not do atomically is one command of the server's; nothing is sent twice.
package final class RedisKeyValueStore: KeyValueStore {
    /// Sets a key when it still has the value that is expected.
    private static let swapScript =
        "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) return 1 end return 0"
    /// Keys asked for at a time: the server serves others in between.
    private static let scanCount: Int64 = 1000

    private let sessions: RedisSessions
    package let summary: String
    private let trouble: TroubleLog

    package init(_ client: RedisClient, address: RedisAddress, logger: Logger? = nil) {
        self.sessions = RedisSessions(client, to: address)
        self.summary = "Redis at \(address.urlHost):\(address.port)"
        self.trouble = TroubleLog("the key-value store in \(self.summary)", logger: logger)
    }

    package func shutDown() async { await self.sessions.close() }

    package func get(_ key: String, limit: Int, on eventLoop: any EventLoop) -> KeyValueAnswer<[UInt8]?> {
        self.send(RedisCommand("GET", key), on: eventLoop) { try Self.value($0, limit: limit) }
    }

    package func set(_ key: String, to value: [UInt8], on eventLoop: any EventLoop) -> KeyValueAnswer<Void> {
        var command = RedisCommand("SET", key)
        command.append(value)
        return self.send(command, on: eventLoop) { _ in }
    }

    package func delete(_ key: String, on eventLoop: any EventLoop) -> KeyValueAnswer<Void> {
        self.send(RedisCommand("DEL", key), on: eventLoop) { _ in }
    }

    package func exists(_ key: String, on eventLoop: any EventLoop) -> KeyValueAnswer<Bool> {
        self.send(RedisCommand("EXISTS", key), on: eventLoop) { $0 == .integer(1) }
    }

    package func keyPages(on eventLoop: any EventLoop) -> any PageSource<[String], KeyValueError> {
        RedisKeyPages { cursor, read in
            self.send(RedisCommand("SCAN", cursor, "COUNT", String(Self.scanCount)), on: eventLoop, read)
        }
    }

    package func getMany(
        _ keys: [String], limit: Int, on eventLoop: any EventLoop
    ) -> KeyValueAnswer<[(String, [UInt8]?)]> {
        guard !keys.isEmpty else { return .ready(.success([])) }
        var command = RedisCommand("MGET")
        for key in keys { command.append(key) }
        return self.send(command, on: eventLoop) { reply in
            guard case .array(let values) = reply, values.count == keys.count else { throw Self.unexpected }
            var left = limit
            return try zip(keys, values).map { key, reply in
                let value = try Self.value(reply, limit: limit)
                left -= key.utf8.count + (value?.count ?? 0) + MemoryLayout<String>.stride
                guard left >= 0 else { throw KeyValueError.resultTooLarge(limit: limit) }
                return (key, value)
            }
        }
    }

    package func setMany(_ values: [(String, [UInt8])], on eventLoop: any EventLoop) -> KeyValueAnswer<Void> {
        guard !values.isEmpty else { return .ready(.success(())) }
        var command = RedisCommand("MSET")
        for (key, value) in values {
            command.append(key)
            command.append(value)
        }
        return self.send(command, on: eventLoop) { _ in }
    }

    package func deleteMany(_ keys: [String], on eventLoop: any EventLoop) -> KeyValueAnswer<Void> {
        guard !keys.isEmpty else { return .ready(.success(())) }
        var command = RedisCommand("DEL")
        for key in keys { command.append(key) }
        return self.send(command, on: eventLoop) { _ in }
    }

    package func increment(_ key: String, by delta: Int64, on eventLoop: any EventLoop) -> KeyValueAnswer<Int64> {
        self.send(RedisCommand("INCRBY", key, String(delta)), on: eventLoop) { reply in
            guard case .integer(let sum) = reply else { throw Self.unexpected }
            return sum
        }
    }

    package func swap(
        _ key: String, from expected: [UInt8]?, to value: [UInt8], on eventLoop: any EventLoop
    ) -> KeyValueAnswer<Bool> {
        guard let expected else {
            var command = RedisCommand("SET", key)
            command.append(value)
            command.append("NX")
            return self.send(command, on: eventLoop) { $0 == .status("OK") }
        }
        var command = RedisCommand("EVAL", Self.swapScript, "1", key)
        command.append(expected)
        command.append(value)
        return self.send(command, on: eventLoop) { $0 == .integer(1) }
    }

    // MARK: Sending

    static let unexpected = KeyValueError.other(
        "the Redis server gave an answer of another kind than asked for")
    private static let noLoop = KeyValueError.other("the store cannot be reached from here")

    private static func value(_ reply: RESPValue, limit: Int) throws -> [UInt8]? {
        switch reply {
        case .null: return nil
        case .bytes(let bytes):
            guard bytes.readableBytes <= limit else { throw KeyValueError.resultTooLarge(limit: limit) }
            return Array(buffer: bytes)
        default: throw Self.unexpected
        }
    }

    /// - Parameter read: throws a ``KeyValueError`` or nothing.
    private func send<Value>(
        _ command: RedisCommand, on eventLoop: any EventLoop, _ read: @escaping (RESPValue) throws -> Value
    ) -> KeyValueAnswer<Value> {
        guard let session = self.sessions.session(on: eventLoop) else { return .ready(.failure(Self.noLoop)) }
        // Who does not wait any more gets no answer; what was sent is carried out all the same.
        return .later { pending in
            session.send(command) { [trouble] result in
                if case .failure(let error) = result { trouble.report(error) }
                pending.succeed(Self.result(result, read))
            }
        }
    }

    private static func result<Value>(
        _ result: Result<RedisReply, RedisError>, _ read: (RESPValue) throws -> Value
    ) -> KeyValueResult<Value> {
        do {
            return .success(try read(result.get().value))
        } catch let error as KeyValueError {
            return .failure(error)
        } catch let error as RedisError {
            // The operator's log has the whole of it.
            return .failure(.other(error.withoutServer))
        } catch {
            return .failure(.other("\(error)"))
        }
    }
}
