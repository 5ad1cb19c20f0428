import HTTP
import NIOCore

/// Reads a body to its end, for guests that get it as a whole.
///
/// An object, so that the bytes have one owner while more is awaited: a copy of them with each piece would make the work
/// grow with the square of the body.
final class BodyReader {
    /// The most bytes of a body that is held as a whole.
    static let mostBytes = 128 << 20

    enum Failure: Error {
        case tooLarge
        case broken(BodyError)
    }

    private let body: InboundBody
    private let limit: Int
    private let done: (Result<ByteBuffer, Failure>) -> Void
    private var bytes = ByteBuffer()

    private init(_ body: InboundBody, _ limit: Int, _ done: @escaping (Result<ByteBuffer, Failure>) -> Void) {
        self.body = body
        self.limit = limit
        self.done = done
    }

    /// - Parameter done: called once, maybe before this returns; not if the body is discarded.
    static func read(_ body: InboundBody, upTo limit: Int, done: @escaping (Result<ByteBuffer, Failure>) -> Void) {
        BodyReader(body, limit, done).readOn()
    }

    private func readOn() {
        while true {
            switch self.body.read() {
            case .bytes(var more):
                guard self.bytes.readableBytes + more.readableBytes <= self.limit else {
                    self.body.discard()
                    return self.done(.failure(.tooLarge))
                }
                self.bytes.writeBuffer(&more)
            case .wouldBlock: return self.body.whenReadable { self.readOn() }
            case .end: return self.done(.success(self.bytes))
            case .failed(let error): return self.done(.failure(.broken(error)))
            }
        }
    }
}
