package import NIOCore

/// The client of one event loop: requests are made from that loop, and their connections live on it.
package final class LoopClient {
    package let eventLoop: any EventLoop
    let configuration: ClientConfiguration
    private let tls: ClientTLS
    private let budget: ConnectionBudget
    private var pools: [OriginPool.Key: OriginPool] = [:]
    private var isShutDown = false

    init(
        eventLoop: any EventLoop, configuration: ClientConfiguration, tls: ClientTLS, budget: ConnectionBudget
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.tls = tls
        self.budget = budget
    }

    /// Begins a request: its body is written to the exchange that is returned, its response comes by the callback.
    @discardableResult
    package func start(_ request: ClientRequest, _ callback: @escaping ClientExchange.Callback) -> ClientExchange {
        let exchange = ClientExchange(
            request, eventLoop: self.eventLoop, requestHighWaterMark: self.configuration.requestHighWaterMark,
            responseHighWaterMark: self.configuration.responseHighWaterMark, callback)
        guard !self.isShutDown else {
            exchange.fail(.shutDown)
            return exchange
        }
        let key = OriginPool.Key(request.origin, request.tls)
        if let pool = self.pools[key] {
            pool.start(exchange)
        } else {
            let pool = OriginPool(key, client: self, tls: request.tls ?? self.tls)
            self.pools[key] = pool
            pool.start(exchange)
        }
        return exchange
    }

    /// Connections to that origin, those that are being made included; and how many of them nobody uses.
    package func connectionCount(to origin: Origin, _ tls: ClientTLS? = nil) -> (open: Int, idle: Int) {
        self.pools[OriginPool.Key(origin, tls)].map { ($0.connectionCount, $0.idleCount) } ?? (0, 0)
    }

    /// Fails what waits, closes what nobody uses; requests under way go on.
    package func shutDown() {
        self.isShutDown = true
        for pool in Array(self.pools.values) { pool.close() }
    }

    // MARK: From the pools

    func removeIfEmpty(_ pool: OriginPool) {
        if pool.isEmpty, self.pools[pool.key] === pool { self.pools[pool.key] = nil }
    }

    func takePlace() -> Bool { self.budget.take() }

    func giveBackPlace() { self.budget.giveBack() }

    var isContended: Bool { self.budget.isContended }

    /// There will never be a place.
    var allowsNoConnection: Bool { self.budget.allowsNone }

    /// Calls `granted` when the client may have one more connection.
    func waitForPlace(_ granted: @escaping (LoopClient) -> Void) -> ConnectionBudget.Wait {
        let bound = NIOLoopBound((self, granted), eventLoop: self.eventLoop)
        return self.budget.wait(on: self.eventLoop) { bound.value.1(bound.value.0) }
    }

    /// Closes connections that nobody uses, one for each place that somebody waits for.
    func closeIdle() {
        guard self.budget.isContended else { return }
        for pool in self.pools.values where pool.closeOneIdle() { return }
    }
}
