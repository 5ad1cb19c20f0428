import HTTPClient
import NIOCore

/// A client's part on one event loop: the pools of the servers that are in use.
package final class LoopRedis {
    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private let tls: RedisTLS
    private let budget: ConnectionBudget
    private var pools: [RedisAddress: RedisPool] = [:]
    private var sweep: Scheduled<Void>?
    private var isShutDown = false

    init(
        eventLoop: any EventLoop, configuration: RedisConfiguration, tls: RedisTLS, budget: ConnectionBudget
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.tls = tls
        self.budget = budget
    }

    /// Begins to talk to a server; connects only when the first command is sent.
    ///
    /// - Throws: ``RedisError/tooManyConnections`` when connections to too many servers are in use already.
    package func session(
        to address: RedisAddress, for caller: RedisCaller = .application
    ) throws(RedisError) -> RedisSession {
        RedisSession(try self.pool(of: address), caller)
    }

    private func pool(of address: RedisAddress) throws(RedisError) -> RedisPool {
        guard !self.isShutDown else { throw .shutDown }
        if let pool = self.pools[address] { return pool }
        if self.pools.count >= self.configuration.addressesPerLoop {
            let idle = self.pools.values.filter { $0.users == 0 }.min { $0.lastUse < $1.lastUse }
            guard let idle else { throw .tooManyConnections }
            idle.shutDown()
            self.pools[idle.address] = nil
        }
        let pool = RedisPool(
            address, eventLoop: self.eventLoop, configuration: self.configuration, tls: self.tls,
            budget: self.budget)
        self.pools[address] = pool
        self.scheduleSweep()
        return pool
    }

    private func scheduleSweep() {
        guard self.sweep == nil, !self.isShutDown, !self.pools.isEmpty else { return }
        self.sweep = self.eventLoop.assumeIsolated().scheduleTask(
            in: .nanoseconds(self.configuration.idleTimeout.nanoseconds / 2)
        ) {
            self.sweep = nil
            let limit = self.eventLoop.now - self.configuration.idleTimeout
            self.closeIdle(unusedSince: limit)
            for pool in self.pools.values where pool.isUnused && pool.lastUse <= limit {
                self.pools[pool.address] = nil
            }
            self.scheduleSweep()
        }
    }

    func closeIdle(unusedSince limit: NIODeadline = .distantFuture) {
        for pool in self.pools.values { pool.closeIdle(unusedSince: limit) }
    }

    func shutDown() {
        self.isShutDown = true
        self.sweep?.cancel()
        self.sweep = nil
        for pool in self.pools.values { pool.shutDown() }
        self.pools = [:]
    }
}
