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

    /// Reads the body of a request. Answers it where that fails.
    ///
    /// - Parameters:
    ///   - log: told what is wrong with the body.
    ///   - ended: called once when the request ends before its guest is called: by a failure, or as the client goes.
    ///   - done: called with the whole body, maybe before this returns; it has to set `onClose` anew.
    static func read(
        _ exchange: Exchange, log: @escaping (String) -> Void, ended: @escaping () -> Void,
        done: @escaping (ByteBuffer) -> Void
    ) {
        exchange.onClose = {
            exchange.onClose = nil
            exchange.body.discard()
            ended()
        }
        self.read(exchange.body, upTo: Self.mostBytes) { outcome in
            guard !exchange.response.isClosed else { return }
            switch outcome {
            case .success(let bytes): return done(bytes)
            case .failure(.tooLarge):
                exchange.onClose = nil
                exchange.respond(status: 413)
            case .failure(.broken(let error)):
                exchange.onClose = nil
                log("the request's body cannot be read: \(error)")
                exchange.respond(status: 400)
            }
            ended()
        }
    }

    /// - Parameter done: called once, maybe before this returns; not if the body is discarded.
    private static func read(
        _ body: InboundBody, upTo limit: Int, done: @escaping (Result<ByteBuffer, Failure>) -> Void
    ) {
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
