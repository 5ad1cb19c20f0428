package import NIOCore

/// A sink that keeps a response in memory: for calls within the process, and for tests without sockets.
package final class ResponseCollector: ResponseSink {
    package private(set) var head: ResponseHead?
    package private(set) var body = ByteBuffer()
    package private(set) var trailers: HTTPFields?
    package private(set) var isFinished = false
    package private(set) var isAborted = false
    /// Set to `false` to hold the writer back; call its `notify()` after setting it to `true`.
    package var isWritable = true
    /// Called after each part, and after an abort.
    package var onProgress: ((ResponseCollector) -> Void)?

    package init() {}

    package func send(_ part: ResponsePart, body: inout BufferQueue) {
        if let head = part.head {
            self.head = head
        }
        while var buffer = body.pop() {
            self.body.writeBuffer(&buffer)
        }
        if part.isEnd {
            self.trailers = part.trailers
            self.isFinished = true
        }
        self.onProgress?(self)
    }

    package func abortResponse(headSent: Bool) -> SubstituteResponse? {
        self.isAborted = true
        self.onProgress?(self)
        return headSent ? nil : SubstituteResponse(status: 500, bodyBytes: 0)
    }
}

extension Exchange {
    /// A request from within the process, its response collected in memory.
    package convenience init(
        head: RequestHead,
        body: InboundBody? = nil,
        collector: ResponseCollector,
        eventLoop: any EventLoop
    ) {
        self.init(
            head: head,
            body: body ?? InboundBody(eventLoop: eventLoop, declaredLength: 0),
            response: ResponseWriter(sink: collector, eventLoop: eventLoop, isHeadRequest: head.method == "HEAD"),
            eventLoop: eventLoop)
    }
}
