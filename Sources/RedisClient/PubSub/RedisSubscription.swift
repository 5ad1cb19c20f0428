package import HTTP
package import NIOCore

/// Messages of some channels of one server, for as long as it is wanted: connects again when the connection is lost.
///
/// Confined to its event loop. Redis keeps no messages: those of the time without a connection are lost.
package final class RedisSubscription {
    package enum State: Sendable {
        /// The server has confirmed all channels.
        case subscribed
        /// There is no connection; the next attempt comes after the delay.
        case lost(RedisError, retryIn: TimeAmount)
        /// A message was over a limit.
        case dropped(RedisError)
    }

    package struct Handlers {
        /// The claim is what the message holds of the client's budget, kept with its payload; nil for a small one.
        package var onMessage: (_ channel: ByteBuffer, _ payload: ByteBuffer, _ claim: ByteClaim?) -> Void
        package var onState: (State) -> Void

        package init(
            onMessage: @escaping (_ channel: ByteBuffer, _ payload: ByteBuffer, _ claim: ByteClaim?) -> Void,
            onState: @escaping (State) -> Void
        ) {
            self.onMessage = onMessage
            self.onState = onState
        }
    }

    /// How often a silent server is asked whether it is there.
    private static let pingInterval = TimeAmount.seconds(15)

    private let address: RedisAddress
    private let channels: [String]
    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private let tls: RedisTLS
    private var handlers: Handlers?
    private var connector: RedisConnector?
    private var connection: RedisConnection?
    private var task: Scheduled<Void>?
    private var failures = 0
    /// When the server had confirmed all channels of the connection.
    private var subscribedAt: NIODeadline?
    private var unconfirmed: Set<String> = []
    private var isPaused = false

    package init(
        _ client: RedisClient, to address: RedisAddress, channels: [String], eventLoop: any EventLoop,
        handlers: Handlers
    ) {
        self.address = address
        self.channels = channels
        self.eventLoop = eventLoop
        self.configuration = client.configuration
        self.tls = client.tls
        self.handlers = handlers
    }

    package func start() {
        guard self.handlers != nil, self.connector == nil, self.connection == nil else { return }
        let connector = RedisConnector(
            self.address, for: .application, eventLoop: self.eventLoop, configuration: self.configuration,
            tls: self.tls, budget: nil
        ) { result in
            self.connector = nil
            switch result {
            case .success(let connection): self.connected(connection)
            case .failure(let error): self.lost(error)
            }
        }
        self.connector = connector
        connector.start()
    }

    /// Ends it; no handler is called any more.
    package func stop() {
        self.handlers = nil
        self.task?.cancel()
        self.task = nil
        self.connector?.cancel()
        self.connector = nil
        self.connection?.onEnd = nil
        self.connection?.close()
        self.connection = nil
    }

    /// Takes no more messages from the socket, so that the server keeps them, as long as it wants to, or again.
    package func setPaused(_ isPaused: Bool) {
        guard self.isPaused != isPaused else { return }
        self.isPaused = isPaused
        self.connection?.isAlive = true
        self.connection?.setReading(!isPaused)
    }

    private func connected(_ connection: RedisConnection) {
        self.connection = connection
        connection.isSubscriber = true
        connection.onPush = { [unowned self] items, claim in self.take(items, claim) }
        connection.onDropped = { [unowned self] error in self.handlers?.onState(.dropped(error)) }
        connection.onEnd = { [weak self] error in
            self?.connection = nil
            self?.lost(error)
        }
        self.unconfirmed = Set(self.channels)
        var command = RedisCommand("SUBSCRIBE")
        for channel in self.channels { command.append(channel) }
        connection.sendUnanswered(command)
        if self.isPaused { connection.setReading(false) }
        self.schedulePing()
    }

    private func schedulePing() {
        self.task = self.eventLoop.assumeIsolated().scheduleTask(in: Self.pingInterval) {
            guard let connection = self.connection else { return }
            if !connection.isAlive, !self.isPaused {
                return connection.close(.connectionLost("the server is silent"))
            }
            connection.isAlive = false
            connection.sendUnanswered(RedisCommand("PING"))
            self.schedulePing()
        }
    }

    private func take(_ items: [RESPValue], _ claim: ByteClaim?) {
        guard items.count >= 3, let kind = items[0].text else { return }
        switch kind {
        case "message":
            guard case .bytes(let channel) = items[1], case .bytes(let payload) = items[2] else { return }
            self.handlers?.onMessage(channel, payload, claim)
        case "subscribe":
            guard let channel = items[1].text, self.unconfirmed.remove(channel) != nil, self.unconfirmed.isEmpty
            else { return }
            self.subscribedAt = self.eventLoop.now
            self.handlers?.onState(.subscribed)
        default: break
        }
    }

    private func lost(_ error: RedisError) {
        self.task?.cancel()
        // One that ends each connection at once is not asked again and again without a pause.
        if let since = self.subscribedAt, self.eventLoop.now - since >= self.configuration.backOff.longest {
            self.failures = 0
        }
        self.subscribedAt = nil
        self.failures = min(self.failures + 1, 32)
        let delay = self.configuration.backOff.delay(afterFailures: self.failures)
        self.task = self.eventLoop.assumeIsolated().scheduleTask(in: delay) { self.start() }
        self.handlers?.onState(.lost(error, retryIn: delay))
    }
}
