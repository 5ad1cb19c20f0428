import HTTP
package import NIOCore

/// The connection, or the stream of one, that carries an exchange.
protocol ExchangeTransport: AnyObject {
    /// Whether more bytes can be sent without piling up.
    var isWritable: Bool { get }
    /// Sends the part and everything in `body`.
    func send(_ part: RequestPart, body: inout BufferQueue)
    /// The reader of the response body wants more.
    func readMore()
    /// The exchange is given up.
    func cancel(_ exchange: ClientExchange)
    /// The rest of the response body is not wanted.
    func discardResponse(of exchange: ClientExchange)
}

/// One request on its way, and its response. Confined to its event loop.
///
/// The callback is called once, and not after ``cancel()``; it may be called while ``LoopClient/start(_:_:)`` or a call
/// of the body's is running.
package final class ClientExchange {
    package typealias Callback = (Result<ClientResponse, ClientError>) -> Void

    /// How far the exchange is: decides which time-out counts.
    enum Phase {
        /// In the queue of its origin, or connecting.
        case waiting
        /// The request is being sent, no final response has begun.
        case sent
        case receiving
        /// The response is complete, or will never be.
        case ended
    }

    /// How long a server may keep silent about `expect: 100-continue` before the body is sent all the same.
    static let continuePatience = TimeAmount.seconds(1)

    package let request: ClientRequest
    package let eventLoop: any EventLoop
    package let body: RequestBody
    private(set) var phase = Phase.waiting
    private let responseHighWaterMark: Int
    private var callback: Callback?
    private weak var transport: (any ExchangeTransport)?
    private weak var responseBody: InboundBody?
    private var timer: DeadlineTimer?
    private var continueTimer: Scheduled<Void>?
    /// Sent on a connection that had served before, which the server may have closed meanwhile.
    private var isOnReusedConnection = false
    private var wasRetried = false
    private var isWaitingForBytes = false
    /// Whether the connection that the exchange waits for still asks for the address.
    var isNameUnresolved: (() -> Bool)?
    /// Takes the exchange out of the queue of its origin.
    var onLeave: ((ClientExchange) -> Void)?
    /// Puts the exchange back into the queue of its origin.
    var onRetry: ((ClientExchange) -> Void)?

    init(
        _ request: ClientRequest, eventLoop: any EventLoop, requestHighWaterMark: Int, responseHighWaterMark: Int,
        _ callback: @escaping Callback
    ) {
        self.request = request
        self.eventLoop = eventLoop
        self.responseHighWaterMark = responseHighWaterMark
        self.callback = callback
        self.body = RequestBody(request, eventLoop: eventLoop, highWaterMark: requestHighWaterMark)
        self.body.exchange = self
    }

    /// Gives the request up: its connection is closed, or its stream reset. The callback is not called any more.
    package func cancel() {
        self.callback = nil
        self.fail(.cancelled)
    }

    /// Whether the connection takes bytes; nil without one.
    var canSend: Bool? {
        self.transport?.isWritable
    }

    func send(_ part: RequestPart, body: inout BufferQueue) {
        self.transport?.send(part, body: &body)
    }
}

// MARK: - From the pool

extension ClientExchange {
    /// The connect time-out counts from now, until ``attach(_:timer:isReused:)``.
    func wait() {
        let timer = self.timer ?? DeadlineTimer(self.eventLoop)
        self.timer = timer
        timer.set(in: self.request.timeouts.connect) { [weak self] in
            self?.fail(self?.isNameUnresolved?() == true ? .dnsTimeout : .connectionTimeout)
        }
    }

    /// - Parameter timer: the connection's own, which serves one exchange after another.
    func attach(_ transport: any ExchangeTransport, timer: DeadlineTimer?, isReused: Bool) {
        if let timer {
            self.timer?.invalidate()
            self.timer = timer
        }
        self.phase = .sent
        self.transport = transport
        self.onLeave = nil
        self.isOnReusedConnection = isReused
        let current = self.timer ?? DeadlineTimer(self.eventLoop)
        self.timer = current
        current.set(in: self.request.timeouts.firstByte) { [weak self] in self?.fail(.readTimeout) }
        if self.request.expectsContinue {
            let task = self.eventLoop.assumeIsolated().scheduleTask(in: Self.continuePatience) { [weak self] in
                self?.continueIsWanted()
                return ()
            }
            self.continueTimer = task
        }
        self.body.attach()
    }
}

// MARK: - From the connection

extension ClientExchange {
    /// The server wants the body that it was asked about.
    func continueIsWanted() {
        self.continueTimer?.cancel()
        self.continueTimer = nil
        self.body.release()
    }

    func receiveHead(status: Int, fields: HTTPFields, declaredLength: Int?) {
        guard self.phase == .sent else { return }
        self.phase = .receiving
        self.body.forgetSent()
        self.timer?.clear()
        self.continueTimer?.cancel()
        self.continueTimer = nil
        // A server that answers without 100 takes the body all the same, unless it tells that something is wrong.
        if self.body.isHeld {
            if status < 300 { self.body.release() } else { self.body.refuse() }
            // Its writer may have given up.
            guard self.phase == .receiving else { return }
        }
        let body = InboundBody(
            eventLoop: self.eventLoop, declaredLength: declaredLength, highWaterMark: self.responseHighWaterMark)
        if body.isOpen { body.source = self }
        self.responseBody = body
        let callback = self.callback
        self.callback = nil
        callback?(.success(ClientResponse(status: status, fields: fields, body: body)))
    }

    func receiveBody(_ bytes: ByteBuffer) {
        self.isWaitingForBytes = false
        self.timer?.clear()
        self.responseBody?.feed(bytes)
    }

    func receiveEnd(trailers: HTTPFields?) {
        guard self.phase == .receiving else { return }
        self.phase = .ended
        self.timer?.clear()
        self.responseBody?.end(trailers: trailers)
    }

    /// Whether the reader takes more of the response now.
    var wantsMore: Bool {
        switch self.phase {
        case .waiting, .ended: false
        case .sent: true
        case .receiving: self.responseBody.map { !$0.isFull } ?? false
        }
    }

    /// The connection is gone.
    ///
    /// - Parameters:
    ///   - isUntouched: no byte of the response had arrived.
    ///   - wasRefused: the server has said that it did not look at the request.
    func connectionLost(_ error: ClientError, isUntouched: Bool, wasRefused: Bool = false) {
        if self.phase == .sent || self.phase == .waiting, isUntouched, !self.wasRetried,
            self.isOnReusedConnection || wasRefused,
            let onRetry = self.onRetry,
            self.body.rewind(
                mayRepeat: wasRefused || self.request.isIdempotent, mayRepeatBody: wasRefused)
        {
            self.wasRetried = true
            self.phase = .waiting
            self.transport = nil
            self.timer = nil
            self.continueTimer?.cancel()
            return onRetry(self)
        }
        self.transport = nil
        self.fail(error)
    }

    /// The response is complete, or not wanted, and the connection will not take the rest of the request.
    func discardRequest() {
        self.transport = nil
        self.timer = nil
        self.body.discardRest()
    }

    /// The connection is used for another exchange from now on.
    func detach() {
        self.transport = nil
        self.timer = nil
    }

    /// Ends the exchange wherever it is.
    func fail(_ error: ClientError) {
        let phase = self.phase
        self.phase = .ended
        self.continueTimer?.cancel()
        self.timer?.clear()
        if self.transport == nil { self.timer?.invalidate() }
        self.timer = nil
        let onLeave = self.onLeave
        self.onLeave = nil
        self.onRetry = nil
        if phase == .waiting { onLeave?(self) }
        let transport = self.transport
        self.transport = nil
        transport?.cancel(self)
        self.body.close()
        let callback = self.callback
        self.callback = nil
        callback?(.failure(error))
        if phase == .receiving { self.responseBody?.fail(BodyError(error)) }
    }
}

// MARK: - From the reader of the response body

extension ClientExchange: InboundBodySource {
    package func bodyIsWanted() {
        guard self.phase == .receiving else { return }
        if !self.isWaitingForBytes {
            self.isWaitingForBytes = true
            self.timer?.set(in: self.request.timeouts.betweenBytes) { [weak self] in self?.fail(.readTimeout) }
        }
        self.transport?.readMore()
    }

    package func bodyHasRoom() {
        self.transport?.readMore()
    }

    package func bodyWasDiscarded() {
        guard self.phase == .receiving else { return }
        self.phase = .ended
        self.timer?.clear()
        // The connection's, which may serve another exchange soon.
        self.timer = nil
        let transport = self.transport
        self.transport = nil
        transport?.discardResponse(of: self)
    }
}

extension BodyError {
    /// What the reader of a response body is told.
    init(_ error: ClientError) {
        switch error {
        case .readTimeout: self = .timeout
        case .protocolError(let reason): self = .malformed(reason)
        case .responseTrailerSectionSize: self = .malformed("\(error)")
        case .cancelled: self = .discarded
        default: self = .clientDisconnected
        }
    }
}
