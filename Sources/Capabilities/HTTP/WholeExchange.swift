package import ComponentModel
package import HTTP
package import NIOCore
package import WASI

/// Sends a request, follows redirections, and gathers the response. Confined to its event loop.
///
/// Each hop goes through the component's own sender, so that a redirection leads nowhere that a request may not go.
package final class WholeExchange {
    package enum Failure: Error {
        case failed(WasiHttpTypes.ErrorCode)
        /// The response is larger than the host takes, or has room for now.
        case tooLarge
        case tooManyRedirections
    }

    /// Redirections that are followed; one more is an error, as in Spin, whose client is reqwest with its defaults.
    private static let redirectionLimit = 10

    private var request: WholeRequest
    private let sender: any OutboundHTTP
    private let eventLoop: any EventLoop
    private let responseLimit: Int
    private var call: (any OutboundCall)?
    private var body: InboundBody?
    private var response = WholeResponse(status: 0, fields: HTTPFields(), body: [])
    private var redirections = 0
    private var pending: Pending<Result<WholeResponse, Failure>>?
    /// What the response holds of the budget of results.
    private let claim: ByteClaim

    /// - Parameter results: where the bytes of the response are taken from as they come.
    package init(
        _ request: WholeRequest, by sender: any OutboundHTTP, on eventLoop: any EventLoop, responseLimit: Int,
        within results: ByteBudget
    ) {
        self.request = request
        self.sender = sender
        self.eventLoop = eventLoop
        self.responseLimit = responseLimit
        self.claim = ByteClaim(results)
    }

    package func start() -> HostAnswer<Result<WholeResponse, Failure>> {
        .later(onCancel: { self.cancel() }) { pending in
            self.pending = pending
            self.send()
        }
    }

    private func cancel() {
        self.pending = nil
        self.call?.cancel()
        self.call = nil
        self.body?.discard()
        self.body = nil
    }

    private func finish(_ result: Result<WholeResponse, Failure>) {
        let pending = self.pending
        self.pending = nil
        if case .success = result {
            // Its connection may still be busy with the end of the response, and is good for the next request.
            self.call = nil
            self.body = nil
        } else {
            self.cancel()
        }
        pending?.companion = self.claim
        pending?.succeed(result)
    }

    private func send() {
        let hop = self.redirections
        let call = self.sender.send(self.request.outbound, on: self.eventLoop) { result in
            guard self.pending != nil, self.redirections == hop else { return }
            switch result {
            case .success(let response): self.receive(response)
            case .failure(let code): self.finish(.failure(.failed(code)))
            }
        }
        // It may have been answered already.
        guard self.pending != nil, self.redirections == hop else { return }
        self.call = call
        guard let writer = call?.requestBody else { return }
        writer.write(ByteBuffer(bytes: self.request.body))
        writer.finish(trailers: nil)
    }

    private func receive(_ response: OutboundResponse) {
        if let next = self.request.redirected(by: response) {
            response.body.discard()
            guard self.redirections < Self.redirectionLimit else { return self.finish(.failure(.tooManyRedirections)) }
            self.redirections += 1
            self.request = next
            self.call = nil
            return self.send()
        }
        self.body = response.body
        self.response = WholeResponse(status: UInt16(clamping: response.status), fields: response.fields, body: [])
        self.read()
    }

    private func read() {
        while let body = self.body {
            switch body.read() {
            case .bytes(let bytes):
                let size = self.response.fields.byteCount + self.response.body.count + bytes.readableBytes
                guard size <= self.responseLimit, self.claim.grow(by: bytes.readableBytes) else {
                    return self.finish(.failure(.tooLarge))
                }
                self.response.body.append(contentsOf: bytes.readableBytesView)
            case .wouldBlock:
                body.whenReadable { self.read() }
                return
            case .end: return self.finish(.success(self.response))
            case .failed: return self.finish(.failure(.failed(.httpResponseIncomplete)))
            }
        }
    }
}
