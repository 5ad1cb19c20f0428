import AppModel
import ComponentModel
import HTTP
import NIOCore
import RedisClient
import WASI

typealias RedisAnswer<Value> = HostAnswer<Result<Value, RedisFailure>>

/// What the Redis connections that one instance has open have in common: the same for every version of the interface.
///
/// Never refers to them, who refer to it.
final class RedisState {
    /// Of an address: no server has a longer one.
    private static let addressBytes = 64 << 10

    private let component: ComponentCapabilities
    private let eventLoop: any EventLoop
    fileprivate var openCount = 0
    /// On whose behalf it connects, and where replies are counted from their first byte on.
    private let caller: RedisCaller

    init(_ instance: InstanceCapabilities) {
        self.component = instance.component
        self.eventLoop = instance.eventLoop
        self.caller = RedisCaller(name: instance.component.component, replies: instance.results)
    }

    /// Opens a connection: the server is reached when this answers.
    func open(_ address: String) throws -> RedisAnswer<OpenRedis> {
        let opened: OpenRedis
        switch self.make(address) {
        case .success(let made): opened = made
        case .failure(let failure): return .ready(.failure(failure))
        }
        return try opened.whenReady().map { $0.map { opened } }
    }

    /// A connection that has not reached the server yet: the first command does.
    func make(_ text: String) -> Result<OpenRedis, RedisFailure> {
        let grants = self.component.redis
        let address: RedisAddress
        guard text.utf8.count <= Self.addressBytes else { return .failure(.invalidAddress) }
        do throws(RedisError) {
            address = try RedisAddress(text)
        } catch {
            return .failure(RedisFailure(error))
        }
        guard grants.hosts.allows(scheme: address.scheme, host: address.urlHost, port: Int(address.port)) else {
            let refusal = OutboundRefusal(
                component: self.component.component, scheme: address.scheme, host: address.urlHost,
                port: Int(address.port))
            self.component.denials.report(
                "the Redis server \(DenialLog.quoted(refusal.entry))",
                line: "allowed_outbound_hosts = [\(DenialLog.quoted(refusal.entry))]")
            return .failure(.invalidAddress)
        }
        guard self.openCount < grants.openConnections else { return .failure(.tooManyConnections) }
        guard let redis = grants.client?.loop(self.eventLoop) else {
            return .failure(.other("connections to Redis servers cannot be made here"))
        }
        do throws(RedisError) {
            return .success(OpenRedis(try redis.session(to: address, for: self.caller), state: self))
        } catch {
            return .failure(RedisFailure(error))
        }
    }
}

/// A Redis connection that an instance has open.
final class OpenRedis {
    private let session: RedisSession
    private let state: RedisState

    fileprivate init(_ session: RedisSession, state: RedisState) {
        self.session = session
        self.state = state
        state.openCount += 1
    }

    deinit {
        self.session.close()
        self.state.openCount -= 1
    }

    fileprivate func whenReady() -> RedisAnswer<Void> {
        self.answer { completion in
            self.session.whenReady(completion)
        } read: { _ in
            .success(())
        }
    }

    func publish(_ channel: String, _ payload: GuestBytes) -> RedisAnswer<Void> {
        self.send("PUBLISH", channel, payload.bytes) { _ in .success(()) }
    }

    func publish(_ channel: String, _ payload: [UInt8]) -> RedisAnswer<Void> {
        payload.withUnsafeBytes { bytes in self.send("PUBLISH", channel, bytes) { _ in .success(()) } }
    }

    func get(_ key: String) -> RedisAnswer<(any HostBytes)?> {
        self.send(RedisCommand("GET", key)) { reply in
            switch reply {
            case .null: .success(nil)
            case .bytes(let bytes): .success(bytes)
            default: .failure(.typeError)
            }
        }
    }

    func set(_ key: String, _ value: GuestBytes) -> RedisAnswer<Void> {
        self.send("SET", key, value.bytes) { _ in .success(()) }
    }

    func set(_ key: String, _ value: [UInt8]) -> RedisAnswer<Void> {
        value.withUnsafeBytes { bytes in self.send("SET", key, bytes) { _ in .success(()) } }
    }

    func incr(_ key: String) -> RedisAnswer<Int64> { self.send(RedisCommand("INCR", key), Self.integer) }
    func del(_ keys: [String]) -> RedisAnswer<Int64> { self.send("DEL", keys) }
    func sadd(_ key: String, _ values: [String]) -> RedisAnswer<Int64> { self.send("SADD", [key] + values) }
    func srem(_ key: String, _ values: [String]) -> RedisAnswer<Int64> { self.send("SREM", [key] + values) }

    func smembers(_ key: String) -> RedisAnswer<[String]> {
        self.send(RedisCommand("SMEMBERS", key)) { reply in
            guard case .array(let members) = reply else { return .failure(.typeError) }
            let texts = members.compactMap(\.text)
            return texts.count == members.count ? .success(texts) : .failure(.typeError)
        }
    }

    func execute(
        _ name: String, _ arguments: [FermyonSpinRedisV2.RedisParameter]
    ) -> RedisAnswer<[FermyonSpinRedisV2.RedisResult]> {
        var command = RedisCommand(name)
        for argument in arguments {
            switch argument {
            case .int64(let number): command.append(number)
            case .binary(let bytes): command.append(bytes)
            }
        }
        return self.send(command) { reply in
            var results: [FermyonSpinRedisV2.RedisResult] = []
            return Self.append(reply, to: &results).map { results }
        }
    }

    /// Arrays in arrays become one list, as in Spin.
    private static func append(
        _ reply: RESPValue, to results: inout [FermyonSpinRedisV2.RedisResult]
    ) -> Result<Void, RedisFailure> {
        switch reply {
        case .null: results.append(.nil)
        case .status(let text): results.append(.status(text))
        case .integer(let number): results.append(.int64(number))
        case .bytes(let bytes): results.append(.binary(bytes))
        case .boolean(let flag): results.append(.int64(flag ? 1 : 0))
        case .double(let number): results.append(.binary(Array(number.textWithoutExponent.utf8)))
        case .error(let message): return .failure(.other(message))
        case .array(let items), .push(let items):
            for item in items {
                if case .failure(let failure) = Self.append(item, to: &results) { return .failure(failure) }
            }
        }
        return .success(())
    }

    // MARK: Sending

    private static func integer(_ reply: RESPValue) -> Result<Int64, RedisFailure> {
        if case .integer(let number) = reply { .success(number) } else { .failure(.typeError) }
    }

    private func send(_ name: String, _ arguments: [String]) -> RedisAnswer<Int64> {
        var command = RedisCommand(name)
        for argument in arguments { command.append(argument) }
        return self.send(command, Self.integer)
    }

    private func send(
        _ name: String, _ key: String, _ value: UnsafeRawBufferPointer,
        _ read: @escaping (RESPValue) -> Result<Void, RedisFailure>
    ) -> RedisAnswer<Void> {
        var command = RedisCommand(name, key)
        command.append(value)
        return self.send(command, read)
    }

    private func send<Value>(
        _ command: RedisCommand, _ read: @escaping (RESPValue) -> Result<Value, RedisFailure>
    ) -> RedisAnswer<Value> {
        self.answer({ self.session.send(command, $0) }, read: read)
    }

    private func answer<Value>(
        _ start: (@escaping RedisCall.Completion) -> RedisCall,
        read: @escaping (RESPValue) -> Result<Value, RedisFailure>
    ) -> RedisAnswer<Value> {
        var call: RedisCall?
        let pending = Pending<Result<Value, RedisFailure>>(onCancel: { call?.cancel() })
        call = start { result in
            switch result {
            case .success(let reply):
                pending.companion = reply.claim
                pending.succeed(read(reply.value))
            case .failure(let error): pending.succeed(.failure(Self.failure(of: error)))
            }
        }
        return .later(pending)
    }

    /// The interface has its own error for values of another type than the command's.
    private static func failure(of error: RedisError) -> RedisFailure {
        guard case .server(let message) = error else { return RedisFailure(error) }
        let isOfType = message.hasPrefix("WRONGTYPE") || message.hasPrefix("ERR value is not an integer")
        return isOfType ? .typeError : .other(message)
    }
}
