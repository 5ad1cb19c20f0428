import HTTP
import NIOCore

/// All that a parser found in some input, in a form that can be compared.
struct Parse: Equatable, CustomStringConvertible {
    struct Request: Equatable {
        var line: String
        var authority: String?
        var fields: String
        var isKeepAlive: Bool
        var expectsContinue: Bool
        var framing: BodyFraming
        var body = ""
        var trailers: String?
        var isComplete = false
    }

    var requests: [Request] = []
    var error: HTTP1ParseError?
    var unread = ""

    var description: String { "\(self.requests) error: \(String(describing: self.error)) unread: \(self.unread)" }

    /// Feeds the pieces in order, each appended to what the parser has left.
    init(_ pieces: [[UInt8]], limits: HTTP1Limits = HTTP1Limits()) {
        var parser = HTTP1RequestParser(limits: limits)
        var buffer = ByteBuffer()
        for piece in pieces {
            buffer.writeBytes(piece)
            self.drain(&parser, &buffer)
            if self.error != nil {
                return
            }
        }
        self.unread = String(buffer: buffer)
    }

    init(_ text: String, limits: HTTP1Limits = HTTP1Limits()) {
        self.init([Array(text.utf8)], limits: limits)
    }

    private mutating func drain(_ parser: inout HTTP1RequestParser, _ buffer: inout ByteBuffer) {
        while true {
            switch parser.next(&buffer) {
            case .needMore: return
            case .head(let head):
                let query = head.query.map { " ?\($0)" } ?? ""
                self.requests.append(
                    Request(
                        line: "\(head.method) \(head.path)\(query) 1.\(head.minorVersion)", authority: head.authority,
                        fields: head.fields.description, isKeepAlive: head.isKeepAlive,
                        expectsContinue: head.expectsContinue, framing: head.framing))
            case .body(let bytes):
                self.requests[self.requests.count - 1].body += bytes.readableBytesView.map { String(UnicodeScalar($0)) }
                    .joined()
            case .end(let trailers):
                self.requests[self.requests.count - 1].trailers = trailers?.description
                self.requests[self.requests.count - 1].isComplete = true
            case .failure(let error):
                self.error = error
                return
            }
        }
    }
}
