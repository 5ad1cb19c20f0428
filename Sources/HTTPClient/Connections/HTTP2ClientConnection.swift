import HTTP
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One HTTP/2 connection to a server: as many exchanges at a time as the server allows.
final class HTTP2ClientConnection: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias InboundOut = HTTP2Frame

    /// Control frames of a server in 30 s. Resets and errors of streams have no limit: there are as many as requests of
    /// ours, and a server resets each that it answers before its body has ended (RFC 9113 8.1).
    private static let floodLimit = 10_000

    let eventLoop: any EventLoop
    let limits: ResponseLimits
    /// Called when the connection may take another exchange.
    var onRoom: ((HTTP2ClientConnection) -> Void)?
    /// Called once, when the connection is gone.
    var onClose: ((HTTP2ClientConnection) -> Void)?
    private let idleTimeout: TimeAmount
    /// Takes one exchange and ends with it.
    private let isSingleUse: Bool
    private let timer: DeadlineTimer
    private var multiplexer: NIOHTTP2Handler.StreamMultiplexer?
    private var channel: (any Channel)?
    private(set) var streams = 0
    // What a server allows before it has said anything (RFC 9113 6.5.2 recommends at least so many).
    private var maxStreams = 100
    private var isDraining = false
    /// On its way out: TLS says good-bye before the socket is closed.
    private var isClosing = false
    private var isClosed = false
    /// Why the connection broke, where that is known.
    private(set) var failure: ClientError?
    private var requestCount = 0

    init(eventLoop: any EventLoop, limits: ResponseLimits, idleTimeout: TimeAmount, isSingleUse: Bool = false) {
        self.eventLoop = eventLoop
        self.limits = limits
        self.idleTimeout = idleTimeout
        self.isSingleUse = isSingleUse
        self.timer = DeadlineTimer(eventLoop)
    }

    /// Adds HTTP/2 to the pipeline, and this handler behind it.
    func install(in channel: any Channel) throws {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .enablePush, value: 0),
            HTTP2Setting(parameter: .maxHeaderListSize, value: Self.headerListLimit(self.limits)),
            HTTP2Setting(parameter: .initialWindowSize, value: 256 * 1024),
        ]
        connection.targetWindowSize = 1024 * 1024
        connection.maximumSequentialEmptyDataFrames = 8
        connection.maximumConnectionGlitches = Self.floodLimit
        connection.controlFrameRateLimit.maximumCount = Self.floodLimit
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.targetWindowSize = 256 * 1024
        stream.outboundBufferSizeHighWatermark = 64 * 1024
        stream.outboundBufferSizeLowWatermark = 32 * 1024
        stream.streamResetFrameRateLimit.maximumCount = .max
        stream.streamErrorRateLimit.maximumCount = .max
        let sync = channel.pipeline.syncOperations
        self.multiplexer = try sync.configureHTTP2Pipeline(
            mode: .client, connectionConfiguration: connection, streamConfiguration: stream
        ) { pushed in
            // No server may push: it was told so.
            pushed.close()
        }
        try sync.addHandler(self)
        self.channel = channel
    }

    /// What HTTP/2 counts for a header, 32 bytes more for each field, and as much again: above that the connection ends,
    /// with all streams, and not only the stream that has too large a header.
    private static func headerListLimit(_ limits: ResponseLimits) -> Int {
        let bytes = min(max(limits.headerBytes, limits.trailerBytes), 1 << 28)
        return 2 * (bytes + 32 * min(limits.headerCount + 1, 1 << 20))
    }

    var hasRoom: Bool {
        // Streams hear of the end before the connection does.
        self.channel?.isActive == true && !self.isClosing && !self.isClosed && !self.isDraining
            && self.streams < self.maxStreams
            && !(self.isSingleUse && self.requestCount > 0)
    }

    /// Nobody uses it, and it is not on its way out.
    var isIdle: Bool { self.streams == 0 && !self.isClosing && !self.isClosed }

    func begin(_ exchange: ClientExchange) {
        guard let multiplexer = self.multiplexer else {
            return exchange.connectionLost(.connectionTerminated, isUntouched: true, wasRefused: true)
        }
        self.timer.clear()
        self.streams &+= 1
        self.requestCount &+= 1
        let stream = HTTP2ClientStream(self, exchange, isReused: self.requestCount > 1)
        let promise = self.eventLoop.makePromise(of: (any Channel).self)
        let bound = NIOLoopBound(stream, eventLoop: self.eventLoop)
        multiplexer.createStreamChannel(promise: promise) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.syncOptions?.setOption(.autoRead, value: false)
                try channel.pipeline.syncOperations.addHandler(bound.value)
            }
        }
        promise.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): stream.start(channel)
            case .failure: stream.end(.connectionTerminated, wasRefused: true)
            }
        }
    }

    func streamEnded() {
        self.streams &-= 1
        if self.isDraining || self.isClosed || self.isSingleUse {
            if self.streams == 0 { self.close() }
            return
        }
        self.rest()
        self.onRoom?(self)
    }

    /// Waits for the next exchange, where there is none, at most as long as connections are kept.
    func rest() {
        guard self.isIdle else { return }
        if self.isSingleUse { return self.close() }
        self.timer.set(in: self.idleTimeout) { [weak self] in self?.close() }
    }

    /// Takes no more exchanges; is closed as soon as there is none.
    func drain() {
        self.isDraining = true
        if self.streams == 0 { self.close() }
    }

    func close() {
        self.isClosing = true
        self.channel?.close(promise: nil)
    }

    // MARK: Channel events

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data).payload {
        case .settings(.settings(let settings)):
            for setting in settings where setting.parameter == .maxConcurrentStreams {
                self.maxStreams = min(Int(setting.value), 10_000)
            }
            self.onRoom?(self)
        case .goAway:
            self.isDraining = true
            self.onRoom?(self)
            if self.streams == 0 { self.close() }
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.teardown()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.teardown()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Errors of one stream are told to the stream.
        if error is NIOHTTP2Errors.StreamError { return }
        // A server tells only now that it does not take the client's certificate (RFC 8446 4.4.2).
        self.failure = self.failure ?? TLSFailure.alert(of: error) ?? Self.violation(error)
        self.close()
    }

    private static func violation(_ error: any Error) -> ClientError? {
        error is any NIOHTTP2Error ? .protocolError("the server breaks HTTP/2: \(type(of: error))") : nil
    }

    private func teardown() {
        guard !self.isClosed else { return }
        self.isClosed = true
        self.timer.invalidate()
        self.multiplexer = nil
        self.channel = nil
        let onClose = self.onClose
        self.onClose = nil
        self.onRoom = nil
        onClose?(self)
    }
}
