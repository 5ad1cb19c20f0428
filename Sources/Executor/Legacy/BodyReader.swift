import HTTP
import NIOCore

/// Reads a body to its end, for guests that get it as a whole.
enum BodyReader {
    /// The most bytes of a body that is held as a whole.
    static let mostBytes = 128 << 20

    enum Failure: Error {
        case tooLarge
        case broken(BodyError)
    }

    /// - Parameter done: called once, maybe before this returns; not if the body is discarded.
    static func read(_ body: InboundBody, upTo limit: Int, done: @escaping (Result<ByteBuffer, Failure>) -> Void) {
        self.read(body, limit, after: ByteBuffer(), done)
    }

    private static func read(
        _ body: InboundBody, _ limit: Int, after bytes: ByteBuffer,
        _ done: @escaping (Result<ByteBuffer, Failure>) -> Void
    ) {
        var bytes = bytes
        while true {
            switch body.read() {
            case .bytes(var more):
                guard bytes.readableBytes + more.readableBytes <= limit else {
                    body.discard()
                    return done(.failure(.tooLarge))
                }
                bytes.writeBuffer(&more)
            case .wouldBlock: return body.whenReadable { self.read(body, limit, after: bytes, done) }
            case .end: return done(.success(bytes))
            case .failed(let error): return done(.failure(.broken(error)))
            }
        }
    }
}
