import Executor
import HTTP
import Logging
import NIOCore
import RedisClient

/// One server's subscription, and the messages of it that are being handled. Confined to its event loop.
final class RedisSubscriber {
    typealias Worker = (eventLoop: any EventLoop, slices: NIOLoopBoundBox<SliceQueue>)

    private struct Message {
        let component: RedisComponent
        let channel: String
        let payload: ByteBuffer
        /// What the payload holds of the budget of all messages.
        let claim: ByteClaim?
    }

    private let server: RedisTriggerPlan.Server
    private let client: RedisClient
    private let components: [String: [RedisComponent]]
    private let eventLoop: any EventLoop
    private let workers: [Worker]
    private let capacity: Int
    private let messageBytes: ByteBudget
    private let logger: Logger
    private let announce: (RedisTriggerPlan.Server) -> Void
    private var subscription: RedisSubscription?
    private var waiting = CircularBuffer<Message>()
    private var running = 0
    private var nextWorker = 0
    private var isAnnounced = false
    private var lastError: RedisError?
    private var ended: EventLoopPromise<Void>?

    init(
        _ server: RedisTriggerPlan.Server, client: RedisClient, components: [String: RedisComponent],
        eventLoop: any EventLoop, workers: [Worker], capacity: Int, messageBytes: ByteBudget, logger: Logger,
        announce: @escaping @Sendable (RedisTriggerPlan.Server) -> Void
    ) {
        self.server = server
        self.client = client
        self.components = server.channels.mapValues { $0.compactMap { components[$0] } }
        self.eventLoop = eventLoop
        self.workers = workers
        self.capacity = capacity
        self.messageBytes = messageBytes
        self.logger = logger
        self.announce = announce
    }

    func start() {
        let subscription = RedisSubscription(
            self.client, to: self.server.address, channels: self.server.channels.keys.sorted(),
            eventLoop: self.eventLoop,
            handlers: RedisSubscription.Handlers(
                onMessage: { [unowned self] in self.take($0, $1, $2) }, onState: { [unowned self] in self.tell($0) }))
        self.subscription = subscription
        subscription.start()
    }

    func stop(gracePeriod: TimeAmount, _ promise: EventLoopPromise<Void>) {
        self.subscription?.stop()
        self.subscription = nil
        guard self.running > 0 || !self.waiting.isEmpty else { return promise.succeed() }
        self.ended = promise
        self.eventLoop.assumeIsolated().scheduleTask(in: gracePeriod) {
            self.waiting = []
            self.end()
        }
    }

    private func end() {
        self.ended?.succeed()
        self.ended = nil
    }

    // MARK: Messages

    private func take(_ channel: ByteBuffer, _ payload: ByteBuffer, _ claim: ByteClaim?) {
        let channel = String(buffer: channel)
        for component in self.components[channel] ?? [] {
            self.waiting.append(Message(component: component, channel: channel, payload: payload, claim: claim))
        }
        self.runWaiting()
    }

    private func runWaiting() {
        while self.running < self.capacity, let message = self.waiting.popFirst() {
            self.running += 1
            self.run(message)
        }
        // Half of the budget is for what is being read. Without a message of its own under way nothing would go on.
        let isFull = self.running > 0 && self.messageBytes.usedBytes > self.messageBytes.limit / 2
        self.subscription?.setPaused(!self.waiting.isEmpty || isFull)
    }

    private func run(_ message: Message) {
        let worker = self.workers[self.nextWorker]
        self.nextWorker = (self.nextWorker + 1) % self.workers.count
        let own = NIOLoopBound((subscriber: self, claim: message.claim), eventLoop: self.eventLoop)
        let home = self.eventLoop
        let (component, channel, payload) = (message.component, message.channel, message.payload)
        worker.eventLoop.execute {
            component.handle(payload, of: channel, on: worker.eventLoop, slices: worker.slices.value) {
                home.execute { own.value.subscriber.handled(own.value.claim) }
            }
        }
    }

    private func handled(_ claim: ByteClaim?) {
        // Several components may have one message: its bytes are held until the last of them is done.
        withExtendedLifetime(claim) {}
        self.running -= 1
        self.runWaiting()
        if self.running == 0, self.waiting.isEmpty { self.end() }
    }

    // MARK: State

    private func tell(_ state: RedisSubscription.State) {
        switch state {
        case .subscribed:
            if self.lastError != nil { self.logger.notice("\(self.server.address): the channels are active again") }
            self.lastError = nil
            guard !self.isAnnounced else { return }
            self.isAnnounced = true
            self.announce(self.server)
        case .lost(let error, let delay):
            // Said once, not at every attempt.
            guard error != self.lastError else { return }
            self.lastError = error
            self.logger.warning(
                "\(self.server.address): no messages until it is reached again, first tried in \(delay.milliseconds) ms: \(error)"
            )
        case .dropped(let error): self.logger.error("\(self.server.address): a message was dropped: \(error)")
        }
    }
}

extension TimeAmount {
    fileprivate var milliseconds: Int64 { self.nanoseconds / 1_000_000 }
}
