package import ComponentModel

/// `fermyon:spin/redis@2.0.0.connection`.
package final class SpinRedisConnectionV2Resource: FermyonSpinRedisV2.Connection {
    package typealias Failure = FermyonSpinRedisV2.Error

    private let redis: OpenRedis

    private init(_ redis: OpenRedis) {
        self.redis = redis
    }

    package static func open(
        address: String, in call: borrowing HostCall
    ) throws -> WITResult<SpinRedisConnectionV2Resource, Failure> {
        let opened = try call.value(of: call.capabilities.redis.open(address))
        return WITResult(opened.map { SpinRedisConnectionV2Resource($0) }, Failure.init)
    }

    package func publish(
        channel: String, payload: GuestBytes, in call: borrowing HostCall
    ) throws -> WITResult<Void, Failure> {
        WITResult(try call.value(of: self.redis.publish(channel, payload)), Failure.init)
    }

    package func get(key: String, in call: borrowing HostCall) throws -> WITResult<(any HostBytes)?, Failure> {
        WITResult(try call.value(of: self.redis.get(key)), Failure.init)
    }

    package func set(key: String, value: GuestBytes, in call: borrowing HostCall) throws -> WITResult<Void, Failure> {
        WITResult(try call.value(of: self.redis.set(key, value)), Failure.init)
    }

    package func incr(key: String, in call: borrowing HostCall) throws -> WITResult<Int64, Failure> {
        WITResult(try call.value(of: self.redis.incr(key)), Failure.init)
    }

    package func del(keys: [String], in call: borrowing HostCall) throws -> WITResult<UInt32, Failure> {
        WITResult(try call.value(of: self.redis.del(keys)).count, Failure.init)
    }

    package func sadd(
        key: String, values: [String], in call: borrowing HostCall
    ) throws -> WITResult<UInt32, Failure> {
        WITResult(try call.value(of: self.redis.sadd(key, values)).count, Failure.init)
    }

    package func smembers(key: String, in call: borrowing HostCall) throws -> WITResult<[String], Failure> {
        WITResult(try call.value(of: self.redis.smembers(key)), Failure.init)
    }

    package func srem(
        key: String, values: [String], in call: borrowing HostCall
    ) throws -> WITResult<UInt32, Failure> {
        WITResult(try call.value(of: self.redis.srem(key, values)).count, Failure.init)
    }

    package func execute(
        command: String, arguments: [FermyonSpinRedisV2.RedisParameter], in call: borrowing HostCall
    ) throws -> WITResult<[FermyonSpinRedisV2.RedisResult], Failure> {
        WITResult(try call.value(of: self.redis.execute(command, arguments)), Failure.init)
    }
}

/// `spin:redis/redis@3.0.0.connection`: that of 2.0.0, asynchronous.
package final class RedisConnectionResource: SpinRedisRedis.Connection {
    package typealias Failure = FermyonSpinRedisV2.Error

    private let redis: OpenRedis

    private init(_ redis: OpenRedis) {
        self.redis = redis
    }

    package static func open(
        address: String, in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<RedisConnectionResource, Failure>> {
        try call.capabilities.redis.open(address).map { opened in
            WITResult(opened.map { RedisConnectionResource($0) }, Failure.init)
        }
    }

    package func publish(
        channel: String, payload: [UInt8], in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<Void, Failure>> {
        try self.redis.publish(channel, payload).map { WITResult($0, Failure.init) }
    }

    package func get(
        key: String, in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<(any HostBytes)?, Failure>> {
        try self.redis.get(key).map { WITResult($0, Failure.init) }
    }

    package func set(
        key: String, value: [UInt8], in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<Void, Failure>> {
        try self.redis.set(key, value).map { WITResult($0, Failure.init) }
    }

    package func incr(key: String, in call: borrowing HostCall) throws -> HostAnswer<WITResult<Int64, Failure>> {
        try self.redis.incr(key).map { WITResult($0, Failure.init) }
    }

    package func del(keys: [String], in call: borrowing HostCall) throws -> HostAnswer<WITResult<UInt32, Failure>> {
        try self.redis.del(keys).map { WITResult($0.count, Failure.init) }
    }

    package func sadd(
        key: String, values: [String], in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<UInt32, Failure>> {
        try self.redis.sadd(key, values).map { WITResult($0.count, Failure.init) }
    }

    package func smembers(
        key: String, in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<[String], Failure>> {
        try self.redis.smembers(key).map { WITResult($0, Failure.init) }
    }

    package func srem(
        key: String, values: [String], in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<UInt32, Failure>> {
        try self.redis.srem(key, values).map { WITResult($0.count, Failure.init) }
    }

    package func execute(
        command: String, arguments: [FermyonSpinRedisV2.RedisParameter], in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<[FermyonSpinRedisV2.RedisResult], Failure>> {
        try self.redis.execute(command, arguments).map { WITResult($0, Failure.init) }
    }
}

extension Result where Success == Int64, Failure == RedisFailure {
    /// A number of elements.
    fileprivate var count: Result<UInt32, RedisFailure> {
        self.flatMap { number in UInt32(exactly: number).map { .success($0) } ?? .failure(.typeError) }
    }
}

extension FermyonSpinRedisV2.Error {
    init(_ failure: RedisFailure) {
        switch failure {
        case .invalidAddress: self = .invalidAddress
        case .tooManyConnections: self = .tooManyConnections
        case .typeError: self = .typeError
        case .other(let message): self = .other(message)
        }
    }
}
