import NIOCore
import Synchronization

/// Counts the connections of a server, and says when there are too many.
package final class ConnectionGate: Sendable {
    private let limit: Int
    private let count = Atomic<Int>(0)
    private let waiters = Mutex<[@Sendable () -> Void]>([])
    private let hasWaiters = Atomic<Bool>(false)

    package init(limit: Int) {
        self.limit = limit
    }

    package var isFull: Bool { self.count.load(ordering: .relaxed) >= self.limit }

    var current: Int { self.count.load(ordering: .relaxed) }

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

/// Stops accepting on a listening socket while the gate is full.
final class AcceptLimiter: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    private let gate: ConnectionGate
    private var isHeld = false

    init(gate: ConnectionGate) {
        self.gate = gate
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let gate = self.gate
        gate.enter()
        self.unwrapInboundIn(data).closeFuture.whenComplete { _ in gate.leave() }
        context.fireChannelRead(data)
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
