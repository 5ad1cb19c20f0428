package import Logging
package import NIOCore

/// What the connections of one event loop share: timers, the date, the output buffer, counters.
///
/// Time-outs are counted in ticks of one task a loop, not by a task a request.
package final class LoopContext {
    /// Time-outs in ticks; `nil` is never.
    struct Ticks {
        let header: UInt32?
        let idle: UInt32?
        let body: UInt32?
        let write: UInt32?
        let halfClosed: UInt32?
        let linger: UInt32
    }

    package let eventLoop: any EventLoop
    let configuration: ServerConfiguration
    let logger: Logger
    let gate: ConnectionGate
    let timeouts: Ticks
    let requestHighWaterMark: Int
    let responseHighWaterMark: Int
    let readAhead: Int
    let drainLimit: Int
    let isSecure: Bool
    let emptyBuffer = ByteBuffer()
    let lineEnd = ByteBuffer(string: "\r\n")
    var date = DateField()
    /// Reused by each response that its socket takes at once.
    var output = ByteBuffer()
    package private(set) var statistics = ServerStatistics()
    private(set) var ticks: UInt32 = 0
    private(set) var isDraining = false
    private let interval: TimeAmount
    private var connections: [any ServerConnection] = []
    private var isTicking = false
    private var drained: EventLoopPromise<Void>?

    package init(
        eventLoop: any EventLoop,
        configuration: ServerConfiguration,
        logger: Logger = Logger(label: "swirl.http"),
        gate: ConnectionGate = ConnectionGate(limit: .max)
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.logger = logger
        self.gate = gate
        self.requestHighWaterMark = configuration.requestHighWaterMark
        self.responseHighWaterMark = configuration.responseHighWaterMark
        self.readAhead = configuration.readAhead
        self.drainLimit = configuration.drainLimit
        self.isSecure = configuration.tls != nil
        let interval = min(max(configuration.shortestTimeout / 4, .milliseconds(10)), .seconds(1))
        self.interval = TimeAmount(interval)
        func ticks(_ duration: Duration?) -> UInt32? {
            // One more, since the first tick comes at any time after the start.
            duration.map { UInt32(clamping: Int(($0 / interval).rounded(.up))) &+ 1 }
        }
        self.timeouts = Ticks(
            header: ticks(configuration.headerTimeout), idle: ticks(configuration.idleTimeout),
            body: ticks(configuration.bodyTimeout), write: ticks(configuration.writeTimeout),
            halfClosed: ticks(configuration.halfClosedTimeout), linger: ticks(configuration.lingerTimeout) ?? 1)
    }

    package var connectionCount: Int { self.connections.count }

    /// - Parameter isNew: it does not take the place of another one on the same socket.
    func add(_ connection: any ServerConnection, isNew: Bool = true) {
        connection.index = self.connections.count
        self.connections.append(connection)
        self.statistics.connections &+= isNew ? 1 : 0
        self.scheduleTick()
    }

    func remove(_ connection: any ServerConnection) {
        let index = connection.index
        guard self.connections.indices.contains(index), self.connections[index] === connection else {
            return
        }
        let last = self.connections.removeLast()
        if last !== connection {
            self.connections[index] = last
            last.index = index
        }
        if self.connections.isEmpty {
            self.drained?.succeed()
            self.drained = nil
        }
    }

    func count(_ counter: WritableKeyPath<ServerStatistics, Int>) {
        self.statistics[keyPath: counter] &+= 1
    }

    func countRequest() {
        self.statistics.requests &+= 1
    }

    /// Ends a request whose connection or stream is gone. A handler that was not done is told on the next turn, since a
    /// call of its own may have led here.
    ///
    /// - Parameters:
    ///   - exchange: nil when its response was finished.
    ///   - body: nil when it was complete, or nobody keeps it.
    func disconnected(_ exchange: Exchange?, _ body: InboundBody?, isHandled: Bool) {
        body?.failSilently(.clientDisconnected)
        exchange?.response.close()
        guard isHandled, exchange != nil || body != nil else {
            return
        }
        if exchange != nil {
            self.count(\.disconnects)
        }
        self.eventLoop.assumeIsolated().execute {
            exchange?.fireClose()
            body?.notify()
            exchange?.response.notify()
        }
    }

    // MARK: Timers

    private func scheduleTick() {
        guard !self.isTicking else {
            return
        }
        self.isTicking = true
        self.eventLoop.assumeIsolated().scheduleTask(in: self.interval) { self.tick() }
    }

    private func tick() {
        self.isTicking = false
        self.ticks &+= 1
        // A copy: connections leave the list while it is walked.
        for connection in self.connections {
            connection.tick()
        }
        if !self.connections.isEmpty {
            self.scheduleTick()
        }
    }

    // MARK: Shutdown

    /// Closes idle connections now, the others after the request that they serve; cuts what is left after `grace`.
    ///
    /// - Returns: a future that succeeds when no connection is left.
    package func drain(grace: TimeAmount) -> EventLoopFuture<Void> {
        if let drained = self.drained {
            return drained.futureResult
        }
        self.isDraining = true
        let promise = self.eventLoop.makePromise(of: Void.self)
        guard !self.connections.isEmpty else {
            promise.succeed()
            return promise.futureResult
        }
        self.drained = promise
        let cut = self.eventLoop.assumeIsolated().scheduleTask(in: grace) {
            for connection in self.connections {
                connection.cut("the grace period of the shutdown is over", isTimeout: false)
            }
        }
        promise.futureResult.assumeIsolated().whenComplete { _ in cut.cancel() }
        for connection in self.connections {
            connection.closeWhenIdle()
        }
        return promise.futureResult
    }
}

/// Counters of a server since its start.
package struct ServerStatistics: Sendable, Equatable {
    package var connections = 0
    package var requests = 0
    /// Requests that were answered by the codec because they break HTTP.
    package var malformed = 0
    package var timeouts = 0
    /// Clients that went away, or were cut off, before their response was finished.
    package var disconnects = 0
    /// Responses that their handler aborted or whose length it got wrong.
    package var aborts = 0

    package init() {}

    package static func += (left: inout Self, right: Self) {
        left.connections &+= right.connections
        left.requests &+= right.requests
        left.malformed &+= right.malformed
        left.timeouts &+= right.timeouts
        left.disconnects &+= right.disconnects
        left.aborts &+= right.aborts
    }
}
