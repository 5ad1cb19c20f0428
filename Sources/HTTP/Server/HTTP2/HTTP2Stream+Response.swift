import Logging
import NIOCore
import NIOHTTP2

// MARK: - What the handler answers

extension HTTP2Stream: ResponseSink {
    var isWritable: Bool { self.connection != nil && self.queue.byteCount < Self.highWaterMark }

    func send(_ part: ResponsePart, body: inout BufferQueue) {
        guard let connection = self.connection, !self.isOutputDone else {
            return body.removeAll()
        }
        if let head = part.head {
            let endsHere = part.isEnd && body.isEmpty && part.trailers?.isEmpty != false
            connection.loop.date.update()
            let block = HTTP2Head.response(head, length: part.contentLength, date: connection.loop.date)
            self.lastWrite = connection.loop.ticks
            connection.hasWritten = true
            // From here on a 100 would break the protocol.
            self.isContinuePending = false
            if endsHere {
                self.warnIfFaulty(part)
                // The write may close the stream, which must find no handler to tell.
                self.exchange = nil
            }
            connection.write(
                HTTP2Frame(streamID: self.id, payload: .headers(.init(headers: block, endStream: endsHere))))
            if endsHere {
                return self.outputDone()
            }
        }
        if self.queue.isEmpty {
            // Only now has the client something to take.
            self.lastWrite = connection.loop.ticks
            swap(&self.queue, &body)
        } else {
            while let bytes = body.pop() {
                self.queue.append(bytes)
            }
        }
        if part.isEnd {
            self.isEnding = true
            self.trailers = part.trailers
            self.warnIfFaulty(part)
            // From here on the handler is not told of the stream's end; what is queued still leaves.
            self.exchange = nil
        }
        connection.pump(self)
    }

    func warnIfFaulty(_ part: ResponsePart) {
        guard part.isFaulty, let connection = self.connection else {
            return
        }
        connection.loop.count(\.aborts)
        connection.loop.logger.warning("the response body is longer than its content-length: it was cut")
    }

    /// Whether bytes, or the end, could leave as far as this stream is concerned.
    var wantsToSend: Bool {
        self.queue.isEmpty ? self.isEnding && !self.isOutputDone : self.sendWindow > 0
    }

    /// Nothing but the end is left, which takes nothing of a window.
    var needsNoWindow: Bool { self.queue.isEmpty && self.isEnding }

    /// Sends one frame; gives the flow-controlled bytes of it, `nil` when there is nothing that may leave.
    func sendFrame(upTo maximum: Int) -> Int? {
        guard let connection = self.connection, !self.isOutputDone else {
            return nil
        }
        let wasFull = !self.isWritable
        let trailers = self.trailers?.isEmpty == false ? self.trailers : nil
        if let bytes = self.queue.pop(upTo: min(maximum, self.sendWindow)) {
            let count = bytes.readableBytes
            let ends = self.queue.isEmpty && self.isEnding && trailers == nil
            self.sendWindow &-= count
            self.lastWrite = connection.loop.ticks
            connection.hasWritten = true
            connection.write(
                HTTP2Frame(streamID: self.id, payload: .data(.init(data: .byteBuffer(bytes), endStream: ends))))
            if ends {
                self.outputDone()
            } else if wasFull, self.isWritable, let response = self.exchange?.response {
                connection.loop.eventLoop.assumeIsolated().execute { response.notify() }
            }
            return count
        }
        guard self.queue.isEmpty, self.isEnding else {
            return nil
        }
        if let trailers {
            connection.write(
                HTTP2Frame(
                    streamID: self.id,
                    payload: .headers(.init(headers: HTTP2Head.trailers(trailers), endStream: true))))
        } else {
            connection.write(
                HTTP2Frame(
                    streamID: self.id,
                    payload: .data(.init(data: .byteBuffer(connection.loop.emptyBuffer), endStream: true))))
        }
        self.outputDone()
        return 0
    }

    func outputDone() {
        self.isOutputDone = true
        self.exchange = nil
        // The handler may still read; when nobody keeps the body, its end discards it.
        self.releasedBody = self.body
        self.body = nil
        self.settle()
        self.resetIfUnwanted()
    }

    func abortResponse(headSent: Bool) -> SubstituteResponse? {
        guard let connection = self.connection else {
            return nil
        }
        connection.loop.count(\.aborts)
        self.queue.removeAll()
        if headSent {
            self.exchange = nil
            self.isOutputDone = true
            connection.write(HTTP2Frame(streamID: self.id, payload: .rstStream(.internalError)))
            return nil
        }
        let status = self.bodyFailure?.status ?? 500
        self.answer(status: status)
        return SubstituteResponse(status: status, bodyBytes: 0)
    }

    /// Answers without a body.
    func answer(status: Int) {
        guard let connection = self.connection else {
            return
        }
        connection.loop.date.update()
        let block = HTTP2Head.response(ResponseHead(status: status), length: 0, date: connection.loop.date)
        self.exchange = nil
        self.isContinuePending = false
        connection.write(HTTP2Frame(streamID: self.id, payload: .headers(.init(headers: block, endStream: true))))
        self.outputDone()
    }
}
