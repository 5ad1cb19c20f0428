package import ComponentModel

/// `fermyon:spin/redis` without version: every function has the address, and one error says nothing.
package enum SpinRedisFunctions: FermyonSpinRedis.Functions {
    package typealias Failure = FermyonSpinRedisTypes.Error

    package static func publish(
        address: String, channel: String, payload: GuestBytes, in call: borrowing HostCall
    ) throws -> WITResult<Void, Failure> {
        guard case .success(let redis) = call.capabilities.redis.connection(to: address) else { return .error(.error) }
        return Self.result(try call.value(of: redis.publish(channel, payload)))
    }

    /// Empty for a key that is not there, as in Spin.
    package static func get(
        address: String, key: String, in call: borrowing HostCall
    ) throws -> WITResult<any HostBytes, Failure> {
        guard case .success(let redis) = call.capabilities.redis.connection(to: address) else { return .error(.error) }
        return Self.result(try call.value(of: redis.get(key)).map { $0 ?? [UInt8]() })
    }

    package static func set(
        address: String, key: String, value: GuestBytes, in call: borrowing HostCall
    ) throws -> WITResult<Void, Failure> {
        guard case .success(let redis) = call.capabilities.redis.connection(to: address) else { return .error(.error) }
        return Self.result(try call.value(of: redis.set(key, value)))
    }

    package static func incr(
        address: String, key: String, in call: borrowing HostCall
    ) throws -> WITResult<Int64, Failure> {
        guard case .success(let redis) = call.capabilities.redis.connection(to: address) else { return .error(.error) }
        return Self.result(try call.value(of: redis.incr(key)))
    }

    package static func del(
        address: String, keys: [String], in call: borrowing HostCall
    ) throws -> WITResult<Int64, Failure> {
        guard case .success(let redis) = call.capabilities.redis.connection(to: address) else { return .error(.error) }
        return Self.result(try call.value(of: redis.del(keys)))
    }

    package static func sadd(
        address: String, key: String, values: [String], in call: borrowing HostCall
    ) throws -> WITResult<Int64, Failure> {
        guard case .success(let redis) = call.capabilities.redis.connection(to: address) else { return .error(.error) }
        return Self.result(try call.value(of: redis.sadd(key, values)))
    }

    package static func smembers(
        address: String, key: String, in call: borrowing HostCall
    ) throws -> WITResult<[String], Failure> {
        guard case .success(let redis) = call.capabilities.redis.connection(to: address) else { return .error(.error) }
        return Self.result(try call.value(of: redis.smembers(key)))
    }

    package static func srem(
        address: String, key: String, values: [String], in call: borrowing HostCall
    ) throws -> WITResult<Int64, Failure> {
        guard case .success(let redis) = call.capabilities.redis.connection(to: address) else { return .error(.error) }
        return Self.result(try call.value(of: redis.srem(key, values)))
    }

    package static func execute(
        address: String, command: String, arguments: [FermyonSpinRedisV2.RedisParameter], in call: borrowing HostCall
    ) throws -> WITResult<[FermyonSpinRedisV2.RedisResult], Failure> {
        guard case .success(let redis) = call.capabilities.redis.connection(to: address) else { return .error(.error) }
        return Self.result(try call.value(of: redis.execute(command, arguments)))
    }

    private static func result<Value>(_ result: Result<Value, RedisFailure>) -> WITResult<Value, Failure> {
        WITResult(result) { _ in .error }
    }
}
