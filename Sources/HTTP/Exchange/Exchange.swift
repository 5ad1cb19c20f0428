package import NIOCore

/// One request and its response. Confined to its event loop.
package final class Exchange {
    package let head: RequestHead
    package let body: InboundBody
    package let response: ResponseWriter
    package let eventLoop: any EventLoop
    package let peer: PeerAddress?
    package let localAddress: SocketAddress?
    /// The request came over TLS.
    package let isSecure: Bool
    /// How many requests within the application led to this one; 0 for one from outside.
    package var callDepth = 0
    /// Called once, on the event loop and never from inside a call of the handler, when the client goes away or the
    /// server cuts it off before the response is finished.
    package var onClose: (() -> Void)?

    package init(
        head: RequestHead,
        body: InboundBody,
        response: ResponseWriter,
        eventLoop: any EventLoop,
        peer: PeerAddress? = nil,
        localAddress: SocketAddress? = nil,
        isSecure: Bool = false
    ) {
        self.head = head
        self.body = body
        self.response = response
        self.eventLoop = eventLoop
        self.peer = peer
        self.localAddress = localAddress
        self.isSecure = isSecure
    }

    package var clientAddress: SocketAddress? { self.peer?.address }

    /// Answers with a short text.
    package func respond(status: Int, body: String = "") {
        var head = ResponseHead(status: status)
        if !body.isEmpty {
            head.fields.append("content-type", "text/plain; charset=utf-8")
        }
        guard self.response.writeHead(head) else {
            return
        }
        if !body.isEmpty {
            self.response.write(ByteBuffer(string: body))
        }
        self.response.finish()
    }

    /// Answers 503: there is no room for the request now, the client may come again in a second.
    package func respondBusy() {
        var fields = HTTPFields()
        fields.append("retry-after", "1")
        fields.append("content-length", "0")
        self.response.writeHead(ResponseHead(status: 503, fields: fields))
        self.response.finish(trailers: nil)
    }

    /// Takes `onClose` away and calls it.
    func fireClose() {
        let callback = self.onClose
        self.onClose = nil
        callback?()
    }
}

/// Answers requests. Called on the connection's event loop; must not block it.
package protocol RequestHandler: AnyObject, Sendable {
    /// Begins to answer: the exchange may be finished before this returns, or at any time later, on its event loop.
    func handle(_ exchange: Exchange)

    /// Told, on the event loop, of a request that never becomes an exchange, for whoever keeps a log.
    func requestRefused(_ refusal: RefusedRequest)
}

extension RequestHandler {
    package func requestRefused(_ refusal: RefusedRequest) {}
}

/// A request that the server answered itself: it breaks HTTP, or a limit. Confined to its event loop.
package struct RefusedRequest {
    package let status: Int
    package let majorVersion: Int
    /// Of the body of the answer.
    package let bodyBytes: Int
    package let peer: PeerAddress?
}
