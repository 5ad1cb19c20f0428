package import HTTP
package import NIOCore

/// Takes the bytes of a body that a guest writes: a response of the server, or a request of the client.
///
/// Calls out of order are refused with `false`. No callback is called from inside a call that the writer makes.
package protocol BodyWriter: AnyObject {
    var eventLoop: any EventLoop { get }
    /// Whether nothing can be written any more: finished, aborted, or nobody takes it.
    var isClosed: Bool { get }
    /// Bytes that may be written now without piling up.
    var writableBytes: Int { get }
    /// Calls back once when ``writableBytes`` is above 0 or ``isClosed`` is true; replaces the callback before.
    func whenWritable(_ callback: @escaping () -> Void)
    /// Calls back once when nobody takes the body any more, though its writer has neither finished nor aborted it;
    /// replaces the callback before. For a writer that has nothing to write now.
    func whenClosed(_ callback: @escaping () -> Void)
    @discardableResult func write(_ buffer: ByteBuffer) -> Bool
    @discardableResult func write(copying bytes: UnsafeRawBufferPointer) -> Bool
    func flush()
    @discardableResult func finish(trailers: HTTPFields?) -> Bool
    func abort()
}

extension ResponseWriter: BodyWriter {}

/// A request that a guest makes, as it made it: nothing but its syntax is checked.
package struct OutboundRequest {
    package var method: String
    /// True for `https`, which is also what no scheme means.
    package var isSecure: Bool
    /// Nil or empty for a request to the application itself.
    package var authority: String?
    /// Path and query; begins with a slash, unless it is `*`.
    package var target: String
    package var fields: HTTPFields
    package var hasBody: Bool
    /// What `content-length` says of the body.
    package var declaredLength: Int?
    /// Nil for the host's own time-outs.
    package var connectTimeout: TimeAmount?
    package var firstByteTimeout: TimeAmount?
    package var betweenBytesTimeout: TimeAmount?
    /// How many requests of this application led to this one, each made while answering the one before.
    package var depth = 0

    package init(
        method: String, isSecure: Bool, authority: String?, target: String, fields: HTTPFields, hasBody: Bool = false,
        declaredLength: Int? = nil
    ) {
        self.method = method
        self.isSecure = isSecure
        self.authority = authority
        self.target = target
        self.fields = fields
        self.hasBody = hasBody
        self.declaredLength = declaredLength
    }
}

package struct OutboundResponse {
    package var status: Int
    package var fields: HTTPFields
    package var body: InboundBody

    package init(status: Int, fields: HTTPFields, body: InboundBody) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

/// A request on its way.
package protocol OutboundCall: AnyObject {
    /// Takes the body of the request; nil when it has none.
    var requestBody: (any BodyWriter)? { get }
    /// Nobody waits for the response any more. Does nothing once it has been given.
    func cancel()
}

/// Sends the requests of one component's guests, on the event loop of the guest.
package protocol OutboundHTTP: Sendable {
    typealias Settled = (Result<OutboundResponse, WasiHttpTypes.ErrorCode>) -> Void

    /// - Parameter settled: called once with the response or what went wrong, perhaps before this returns.
    /// - Returns: nil when the request was refused at once.
    func send(
        _ request: OutboundRequest, on eventLoop: any EventLoop, settled: @escaping Settled
    ) -> (any OutboundCall)?
}

extension WasiHttpTypes.ErrorCode: Error {}
