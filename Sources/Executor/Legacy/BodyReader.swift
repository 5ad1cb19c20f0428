import HTTP
import NIOCore

/// A body that is held as a whole.
struct WholeBody {
    let bytes: ByteBuffer
    /// What it holds of the budget of all such bodies, as long as this is kept.
    let claim: ByteClaim
}

/// Reads a body to its end, for guests that get it as a whole.
///
/// An object, so that the bytes have one owner while more is awaited: a copy of them with each piece would make the work
/// grow with the square of the body.
final class BodyReader {
    /// The most bytes of a body that is held as a whole.
    static let mostBytes = 128 << 20

    enum Failure: Error {
        case tooLarge
        case timedOut(TimeAmount)
        /// Together with the bodies of other requests: later there may be room for it.
        case overBudget
        case broken(BodyError)
    }

    private typealias Outcome = Result<WholeBody, Failure>

    private let body: InboundBody
    private let claim: ByteClaim
    private let limit: TimeLimit?
    private let done: (Outcome) -> Void
    private var bytes = ByteBuffer()
    private var timeout: Scheduled<Void>?

    private init(_ body: InboundBody, _ budget: ByteBudget, _ limit: TimeLimit?, _ done: @escaping (Outcome) -> Void) {
        self.body = body
        self.claim = ByteClaim(budget)
        self.limit = limit
        self.done = done
    }

    /// Reads the body of a request. Answers it where that fails: 413 where it is too large, 503 where there is no room
    /// for it now, 408 where its time is over, 400 where it is broken.
    ///
    /// - Parameters:
    ///   - limit: of the request, whose guest gets what is left.
    ///   - budget: of all bodies that are held as a whole. Bytes are taken from it as they come, not as they are
    ///     announced: who announces much and sends nothing takes no room from others.
    ///   - log: told what is wrong with the body.
    ///   - ended: called once when the request ends before its guest is called: by a failure, or as the client goes.
    ///   - done: called with the whole body, maybe before this returns; it has to set `onClose` anew.
    static func read(
        _ exchange: Exchange, within budget: ByteBudget, limit: TimeLimit?, log: @escaping (String) -> Void,
        ended: @escaping () -> Void, done: @escaping (WholeBody) -> Void
    ) {
        let reader = BodyReader(exchange.body, budget, limit) { outcome in
            guard !exchange.response.isClosed else { return }
            switch outcome {
            case .success(let body): return done(body)
            case .failure(let failure):
                exchange.onClose = nil
                switch failure {
                case .tooLarge: exchange.respond(status: 413)
                case .overBudget:
                    log("its body is refused: bodies of other requests fill the \(budget.limit >> 20) MiB for all")
                    exchange.respondBusy()
                case .timedOut(let limit):
                    log("its body did not come within the limit of \(limit.nanoseconds / 1_000_000) ms")
                    exchange.respond(status: 408)
                case .broken(let error):
                    log("the request's body cannot be read: \(error)")
                    exchange.respond(status: 400)
                }
            }
            ended()
        }
        exchange.onClose = {
            exchange.onClose = nil
            reader.stop()
            ended()
        }
        reader.readOn()
    }

    /// Calls `done` once, maybe before this returns; not if the body is discarded.
    private func readOn() {
        while true {
            switch self.body.read() {
            case .bytes(var more):
                guard self.bytes.readableBytes + more.readableBytes <= Self.mostBytes else {
                    return self.fail(.tooLarge)
                }
                guard self.claim.grow(by: more.readableBytes) else { return self.fail(.overBudget) }
                self.bytes.writeBuffer(&more)
            case .wouldBlock:
                self.startTimeout()
                return self.body.whenReadable { self.readOn() }
            case .end:
                self.timeout?.cancel()
                return self.done(.success(WholeBody(bytes: self.bytes, claim: self.claim)))
            case .failed(let error): return self.fail(.broken(error))
            }
        }
    }

    /// Who has all of a body at once needs no timer.
    private func startTimeout() {
        guard let limit = self.limit, self.timeout == nil else { return }
        self.timeout = self.body.eventLoop.assumeIsolated().scheduleTask(deadline: limit.deadline) {
            self.fail(.timedOut(limit.amount))
        }
    }

    private func stop() {
        self.timeout?.cancel()
        self.body.discard()
        self.bytes = ByteBuffer()
        self.claim.giveBack()
    }

    private func fail(_ failure: Failure) {
        self.stop()
        self.done(.failure(failure))
    }
}
