package import ComponentModel
package import HTTP
import NIOCore

/// A received body: what its resource, its stream and the future of its trailers share.
package final class IncomingBody: InputSource {
    /// How the body ended.
    enum End {
        case trailers(HTTPFields?)
        case failed(WasiHttpTypes.ErrorCode)
    }

    private let body: InboundBody
    private let message: Message
    private(set) var end: End?
    private(set) var streamIsOpen = false

    package enum Message {
        case request
        case response
    }

    package init(_ body: InboundBody, of message: Message = .request) {
        self.body = body
        self.message = message
    }

    deinit {
        if self.end == nil { self.body.discard() }
    }

    // MARK: As a stream

    package var isReady: Bool { self.end != nil || self.body.isReadable }
    package var isClosed: Bool { self.end != nil }

    package func whenReady(_ callback: @escaping () -> Void) {
        if self.end != nil { callback() } else { self.body.whenReadable(callback) }
    }

    package func read(upTo maximum: Int) -> InputRead {
        guard self.end == nil else { return .closed }
        switch self.body.read(upTo: maximum) {
        case .bytes(let bytes):
            return .bytes(bytes)
        case .wouldBlock:
            return .wouldBlock
        case .end(let trailers):
            self.end = .trailers(trailers)
            return .closed
        case .failed(let error):
            let code = WasiHttpTypes.ErrorCode(error, of: self.message)
            self.end = .failed(code)
            return .failed(ErrorResource(.http(code)))
        }
    }

    package func close() { self.streamIsOpen = false }

    func openStream() { self.streamIsOpen = true }

    /// False where the message declares that it has none.
    var mayHaveBytes: Bool { self.body.declaredLength != 0 }

    /// Reads no more of it.
    func discard() {
        if self.end == nil { self.body.discard() }
    }

    // MARK: As the way to the trailers

    /// Reads on to the end, throwing the rest away; `nil` when it is not all there yet.
    func readToEnd() -> End? {
        while self.end == nil {
            if case .wouldBlock = self.read(upTo: .max) { return nil }
        }
        return self.end
    }
}

extension WasiHttpTypes.ErrorCode {
    /// What the guest is told when a body that it reads breaks off.
    init(_ error: BodyError, of message: IncomingBody.Message) {
        switch error {
        case .clientDisconnected where message == .response: self = .httpResponseIncomplete
        case .tooLarge where message == .response: self = .httpResponseBodySize(nil)
        case .clientDisconnected: self = .connectionTerminated
        case .malformed: self = .httpProtocolError
        case .tooLarge: self = .httpRequestBodySize(nil)
        case .timeout: self = .connectionReadTimeout
        case .discarded: self = .internalError("the body was discarded")
        }
    }
}

/// `wasi:http/types.incoming-body`.
package final class IncomingBodyResource: WasiHttpTypes.IncomingBody {
    private let body: IncomingBody
    private var streamTaken = false

    init(_ body: IncomingBody) {
        self.body = body
    }

    package func stream(in call: borrowing HostCall) throws -> WITResult<InputStreamResource, Void> {
        guard !self.streamTaken else { return .error }
        self.streamTaken = true
        self.body.openStream()
        return .ok(InputStreamResource(self.body, limit: call.host(WASIContext.self).limits.readBytes))
    }

    package static func finish(
        this: IncomingBodyResource, in call: borrowing HostCall
    ) throws -> FutureTrailersResource {
        guard !this.body.streamIsOpen else {
            throw GuestFault("incoming-body.finish was called before the body's input-stream was dropped")
        }
        return FutureTrailersResource(this.body)
    }
}

/// `wasi:http/types.future-trailers`.
package final class FutureTrailersResource: WasiHttpTypes.FutureTrailers {
    private final class Source: ReadinessSource {
        let body: IncomingBody

        init(_ body: IncomingBody) {
            self.body = body
        }

        var isReady: Bool { self.body.readToEnd() != nil }

        func whenReady(_ callback: @escaping () -> Void) { self.body.whenReady(callback) }
    }

    private let source: Source
    private var taken = false

    init(_ body: IncomingBody) {
        self.source = Source(body)
    }

    package func subscribe(in call: borrowing HostCall) throws -> PollableResource {
        PollableResource(self.source)
    }

    package func get(
        in call: borrowing HostCall
    ) throws -> WITResult<WITResult<FieldsResource?, WasiHttpTypes.ErrorCode>, Void>? {
        guard !self.taken else { return .error }
        guard let end = self.source.body.readToEnd() else { return nil }
        self.taken = true
        switch end {
        case .trailers(let fields): return .ok(.ok(fields.map { FieldsResource(received: $0) }))
        case .failed(let code): return .ok(.error(code))
        }
    }
}
