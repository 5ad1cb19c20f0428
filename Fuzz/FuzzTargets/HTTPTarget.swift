import HTTP
import NIOCore

/// The parser of HTTP/1.1 requests: however the bytes are cut into pieces, it finds the same.
enum HTTPTarget: FuzzTarget {
    static let name = "http"

    static func run(_ bytes: [UInt8]) {
        comparePieces(of: bytes, self.events)
    }

    /// What was found, as text; bodies without the places where pieces met.
    private static func events(of pieces: [ArraySlice<UInt8>]) -> String {
        var parser = HTTP1RequestParser()
        var buffer = ByteBuffer()
        var events = ""
        for piece in pieces {
            buffer.writeBytes(piece)
            reading: while true {
                switch parser.next(&buffer) {
                case .needMore: break reading
                case .head(let head):
                    events += "\nhead \(head.method) \(head.path) \(head.query ?? "-") \(head.fields.description) "
                    events += "\(head.framing) \(head.isKeepAlive) \(head.expectsContinue)\nbody "
                case .body(let bytes):
                    if bytes.readableBytes == 0 { violated("an empty piece of a body") }
                    events += bytes.readableBytesView.map { "\($0)," }.joined()
                case .end(let trailers): events += "\nend \(trailers?.description ?? "-")"
                case .failure(let error): return events + "\nerror \(error)"
                }
            }
        }
        return events
    }
}
