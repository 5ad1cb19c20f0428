import HTTP
import HTTPClient
import NIOCore
import NIOSSL
import NIOTLS

/// One connection: sends commands without waiting for the answers of earlier ones, and hands each answer to its call.
///
/// Confined to its event loop. Ends once; every call that has no answer yet then fails, and none is ever sent again:
/// what the server did with it is not known.
final class RedisConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Arguments that are longer are not copied to those that go out with them.
    private static let copiedBytes = 32 * 1024

    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private var context: ChannelHandlerContext?
    private var reader: RESPReader
    private var calls = CircularBuffer<RedisCall>()
    private var outbox = ByteBuffer()
    private var isFlushScheduled = false
    private var unsentBytes = 0
    private var timer: Scheduled<Void>?
    /// When the last command was answered that could take any time: no server looks at those behind it before.
    private var unblockedAt = NIODeadline.uptimeNanoseconds(0)
    private var endError: RedisError?
    private(set) var lastUse: NIODeadline
    /// Received anything since it was last set to false.
    var isAlive = true

    /// Called with the result of the TLS handshake.
    var onHandshake: ((Result<Void, RedisError>) -> Void)?
    /// Gets all that is no answer to a call: messages of a subscription.
    var onPush: (([RESPValue], ByteClaim?) -> Void)?
    /// Arrays are messages, not answers: the server speaks RESP2 and was told to subscribe.
    var isSubscriber = false
    /// Something that is no answer was over a limit, and dropped.
    var onDropped: ((RedisError) -> Void)?
    /// Called once, after all calls have failed.
    var onEnd: ((RedisError) -> Void)?

    init(eventLoop: any EventLoop, configuration: RedisConfiguration) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.reader = RESPReader(limits: configuration.limits)
        self.lastUse = eventLoop.now
    }

    var isOpen: Bool { self.endError == nil && self.context != nil }
    var isIdle: Bool { self.calls.isEmpty }
    var callCount: Int { self.calls.count }

    // MARK: Commands

    /// Sends a command; several of one turn of the loop go out together.
    func send(_ command: RedisCommand, _ call: RedisCall, timeout: TimeAmount?) {
        guard let context = self.context, self.endError == nil else {
            return call.complete(.failure(self.endError ?? .cannotConnect("the connection is not open")))
        }
        guard self.calls.count < self.configuration.commandsPerConnection,
            self.unsentBytes + command.byteCount <= self.configuration.unsentBytes || self.unsentBytes == 0
        else { return call.complete(.failure(.overloaded)) }
        self.lastUse = self.eventLoop.now
        call.sentAt = self.lastUse
        call.timeout = timeout
        self.calls.append(call)
        self.write(command, context)
        self.scheduleTimer()
    }

    /// Sends a command whose answer comes by ``onPush``.
    func sendUnanswered(_ command: RedisCommand) {
        guard let context = self.context, self.endError == nil else { return }
        self.write(command, context)
    }

    private func write(_ command: RedisCommand, _ context: ChannelHandlerContext) {
        self.unsentBytes += command.byteCount
        command.writeHeader(to: &self.outbox)
        if command.encoded.readableBytes <= Self.copiedBytes {
            self.outbox.writeImmutableBuffer(command.encoded)
            if self.outbox.readableBytes > Self.copiedBytes { self.writeOutbox(context) }
        } else {
            self.writeOutbox(context)
            context.write(self.wrapOutboundOut(command.encoded), promise: nil)
        }
        self.scheduleFlush()
    }

    /// Stops reading, so that the server notices that we are slow; or goes on.
    func setReading(_ isReading: Bool) {
        guard let context = self.context else { return }
        _ = context.channel.setOption(.autoRead, value: isReading)
        if isReading { context.read() }
    }

    /// Ends the connection; calls without an answer fail with `error`.
    func close(_ error: RedisError = .shutDown) {
        let context = self.context
        self.end(error)
        context?.close(promise: nil)
    }

    private func scheduleFlush() {
        guard !self.isFlushScheduled else { return }
        self.isFlushScheduled = true
        self.eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            guard let context = self.context, self.endError == nil else { return }
            self.writeOutbox(context)
            context.flush()
            if context.channel.isWritable { self.unsentBytes = 0 }
        }
    }

    private func writeOutbox(_ context: ChannelHandlerContext) {
        guard self.outbox.readableBytes > 0 else { return }
        context.write(self.wrapOutboundOut(self.outbox), promise: nil)
        self.outbox = context.channel.allocator.buffer(capacity: 256)
    }

    // MARK: Time

    private var firstDeadline: NIODeadline? {
        guard let first = self.calls.first, let timeout = first.timeout else { return nil }
        return max(first.sentAt, self.unblockedAt) + timeout
    }

    /// Answers come in the order of the calls: the first call's deadline is the only one to watch.
    private func scheduleTimer() {
        guard self.timer == nil, let deadline = self.firstDeadline else { return }
        self.timer = self.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            if let first = self.firstDeadline, first <= self.eventLoop.now {
                self.calls.popFirst()?.complete(.failure(.answerTimeout))
                return self.close(.connectionLost("an earlier command had no answer in time"))
            }
            self.scheduleTimer()
        }
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.endError == nil else { return }
        self.isAlive = true
        self.reader.append(self.unwrapInboundIn(data))
        do throws(RESPReader.Fault) {
            while self.endError == nil {
                self.reader.budget = self.calls.first?.caller.replies ?? self.configuration.replies
                guard let reply = try self.reader.next() else { break }
                self.take(reply, self.reader.takeClaim())
            }
        } catch {
            self.end(.protocolError(error.description))
            context.close(promise: nil)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.unsentBytes = 0 }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent {
            let onHandshake = self.onHandshake
            self.onHandshake = nil
            onHandshake?(.success(()))
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let reason = RedisTLS.reason(of: error)
        if self.onHandshake != nil {
            self.end(.tlsFailed(reason))
        } else if let error = error as? NIOSSLError, case .uncleanShutdown = error {
            self.end(.connectionLost("the server closed it"))
        } else {
            self.end(.connectionLost(reason))
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.end(
            self.onHandshake == nil
                ? .connectionLost("the server closed it")
                : .tlsFailed("the server closed the connection during the handshake"))
        context.fireChannelInactive()
    }

    /// - Parameter claim: what the reply holds of its budget.
    private func take(_ reply: RESPReader.Reply, _ claim: ByteClaim?) {
        switch reply {
        case .value(.push(let items)): self.onPush?(items, claim)
        case .value(.array(let items)) where self.isSubscriber: self.onPush?(items, claim)
        case .value(let value):
            guard let call = self.nextCall() else {
                // As a server does that has no place for one more client.
                if case .error(let message) = value { return self.close(.cannotConnect(message)) }
                if self.isSubscriber { return }
                return self.close(.protocolError("an answer that nobody asked for"))
            }
            if case .error(let message) = value {
                call.complete(.failure(.server(message)))
            } else {
                call.complete(.success(RedisReply(value, claim)))
            }
        case .tooLarge: self.drop(.replyTooLarge(limit: self.configuration.limits.replyBytes))
        case .overBudget: self.drop(.repliesOverBudget)
        }
    }

    private func drop(_ error: RedisError) {
        guard let call = self.nextCall() else {
            self.onDropped?(error)
            return
        }
        call.complete(.failure(error))
    }

    /// The call whose answer has come.
    private func nextCall() -> RedisCall? {
        guard let call = self.calls.popFirst() else { return nil }
        if call.timeout == nil { self.unblockedAt = self.eventLoop.now }
        self.scheduleTimer()
        return call
    }

    private func end(_ error: RedisError) {
        guard self.endError == nil else { return }
        self.endError = error
        self.timer?.cancel()
        self.timer = nil
        let onHandshake = self.onHandshake
        self.onHandshake = nil
        self.onPush = nil
        self.onDropped = nil
        let calls = self.calls
        self.calls = []
        for call in calls { call.complete(.failure(error)) }
        onHandshake?(.failure(error))
        let onEnd = self.onEnd
        self.onEnd = nil
        onEnd?(error)
    }
}
