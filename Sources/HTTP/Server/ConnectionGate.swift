import Logging
import NIOCore
import Synchronization

/// Counts the connections of a server, and says when there are too many.
package final class ConnectionGate: Sendable {
    private let limit: Int
    private let count = Atomic<Int>(0)
    private let waiters = Mutex<[@Sendable () -> Void]>([])
    private let hasWaiters = Atomic<Bool>(false)
    private let failures = Atomic<Int>(0)

    package init(limit: Int) {
        self.limit = limit
    }

    package var isFull: Bool { self.count.load(ordering: .relaxed) >= self.limit }

    var current: Int { self.count.load(ordering: .relaxed) }

    /// Connections that could not be accepted, for want of file descriptors or memory.
    var acceptFailures: Int { self.failures.load(ordering: .relaxed) }

    func countFailure() {
        self.failures.wrappingAdd(1, ordering: .relaxed)
    }

    func enter() {
        self.count.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }

    func leave() {
        self.count.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        guard self.hasWaiters.load(ordering: .sequentiallyConsistent), !self.isFull else {
            return
        }
        self.hasWaiters.store(false, ordering: .sequentiallyConsistent)
        let waiters = self.waiters.withLock { waiters in
            defer { waiters = [] }
            return waiters
        }
        for waiter in waiters {
            waiter()
        }
    }

    /// Calls back once, on any thread, when there is room, at once if there is.
    func whenOpen(_ callback: @escaping @Sendable () -> Void) {
        self.waiters.withLock { $0.append(callback) }
        self.hasWaiters.store(true, ordering: .sequentiallyConsistent)
        // A connection that left between the check of the caller and the line above would not have seen the waiter.
        if !self.isFull {
            self.enter()
            self.leave()
        }
    }
}

/// Stops accepting on a listening socket while the gate is full, and keeps the socket when accepting fails.
final class AcceptLimiter: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    private static let pauseAfterFailure = TimeAmount.milliseconds(250)

    private let gate: ConnectionGate
    private let logger: Logger
    private var isHeld = false
    private var lastWarning: NIODeadline?

    init(gate: ConnectionGate, logger: Logger) {
        self.gate = gate
        self.logger = logger
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.gate.countFailure()
        self.pause(context)
        let now = context.eventLoop.now
        guard self.lastWarning.map({ now - $0 > .seconds(10) }) ?? true else {
            return
        }
        self.lastWarning = now
        self.logger.warning(
            "a connection could not be accepted: raise the limit of open files (ulimit -n)",
            metadata: ["error": "\(error)", "connections": "\(self.gate.current)"])
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let gate = self.gate
        gate.enter()
        self.unwrapInboundIn(data).closeFuture.whenComplete { _ in gate.leave() }
        context.fireChannelRead(data)
    }

    /// Takes the socket out of the poll for a while. NIO's `AcceptBackoffHandler` does not: the read that failed is
    /// still pending, and the loop spins.
    private func pause(_ context: ChannelHandlerContext) {
        guard let options = context.channel.syncOptions else {
            return
        }
        try? options.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pauseAfterFailure) {
            try? options.setOption(.autoRead, value: true)
        }
    }

    func read(context: ChannelHandlerContext) {
        guard self.gate.isFull else {
            context.read()
            return
        }
        guard !self.isHeld else {
            return
        }
        self.isHeld = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        self.gate.whenOpen {
            eventLoop.execute {
                let (limiter, context) = bound.value
                limiter.isHeld = false
                limiter.read(context: context)
            }
        }
    }
}
