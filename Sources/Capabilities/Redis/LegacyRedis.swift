package import ComponentModel

/// `fermyon:spin/redis` without version: every function has the address, and one error says nothing.
package enum SpinRedisFunctions: FermyonSpinRedis.Functions {
    package typealias Failure = FermyonSpinRedisTypes.Error

    package static func publish(
        address: String, channel: String, payload: GuestBytes, in call: borrowing HostCall
    ) throws -> WITResult<Void, Failure> {
        try Self.answer(from: address, in: call) { redis in redis.publish(channel, payload) }
    }

    /// Empty for a key that is not there, as in Spin.
    package static func get(
        address: String, key: String, in call: borrowing HostCall
    ) throws -> WITResult<any HostBytes, Failure> {
        try Self.answer(from: address, in: call) { redis in redis.get(key).mapResult { $0.map { $0 ?? [UInt8]() } } }
    }

    package static func set(
        address: String, key: String, value: GuestBytes, in call: borrowing HostCall
    ) throws -> WITResult<Void, Failure> {
        try Self.answer(from: address, in: call) { redis in redis.set(key, value) }
    }

    package static func incr(
        address: String, key: String, in call: borrowing HostCall
    ) throws -> WITResult<Int64, Failure> {
        try Self.answer(from: address, in: call) { redis in redis.incr(key) }
    }

    package static func del(
        address: String, keys: [String], in call: borrowing HostCall
    ) throws -> WITResult<Int64, Failure> {
        try Self.answer(from: address, in: call) { redis in redis.del(keys) }
    }

    package static func sadd(
        address: String, key: String, values: [String], in call: borrowing HostCall
    ) throws -> WITResult<Int64, Failure> {
        try Self.answer(from: address, in: call) { redis in redis.sadd(key, values) }
    }

    package static func smembers(
        address: String, key: String, in call: borrowing HostCall
    ) throws -> WITResult<[String], Failure> {
        try Self.answer(from: address, in: call) { redis in redis.smembers(key) }
    }

    package static func srem(
        address: String, key: String, values: [String], in call: borrowing HostCall
    ) throws -> WITResult<Int64, Failure> {
        try Self.answer(from: address, in: call) { redis in redis.srem(key, values) }
    }

    package static func execute(
        address: String, command: String, arguments: [FermyonSpinRedisV2.RedisParameter], in call: borrowing HostCall
    ) throws -> WITResult<[FermyonSpinRedisV2.RedisResult], Failure> {
        try Self.answer(from: address, in: call) { redis in redis.execute(command, arguments) }
    }

    /// What a server answers, by a connection for this call alone, as in Spin: nothing that one call has told it
    /// (`SELECT`, `MULTI`) is there for the next.
    private static func answer<Value>(
        from address: String, in call: borrowing HostCall, _ ask: (OpenRedis) -> RedisAnswer<Value>
    ) throws -> WITResult<Value, Failure> {
        guard case .success(let redis) = call.capabilities.redis.make(address) else { return .error(.error) }
        // It is closed when it goes.
        defer { withExtendedLifetime(redis) {} }
        return WITResult(try call.value(of: ask(redis))) { _ in .error }
    }
}
