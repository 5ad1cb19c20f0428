import AppModel
import ComponentModel
import HTTP
import NIOCore

/// The instances of one component on one event loop: each serves many requests, also several at once.
///
/// A request goes to the instance that was made last and has room; with none, another one is made. Confined to its
/// event loop.
final class ReusableInstances {
    let component: HTTPComponent
    let handler: ExportedFunction
    /// It outlives all that is on it.
    unowned let loop: ExecutorLoop
    /// Those that take more requests.
    private var open: [ReusableInstance] = []

    init(of component: HTTPComponent, handler: ExportedFunction, on loop: ExecutorLoop) {
        self.component = component
        self.handler = handler
        self.loop = loop
    }

    func answer(
        _ exchange: Exchange, _ head: RequestHead, _ extraFields: [(String, String)], ended: @escaping () -> Void
    ) {
        let request = ConcurrentRequest(exchange, head, extraFields, ended: ended)
        if let instance = self.open.last(where: { $0.hasRoom }) { return instance.serve(request) }
        self.loop.makeRoom()
        let instance = ReusableInstance(self)
        self.open.append(instance)
        instance.start()
        instance.serve(request)
    }

    /// The instance takes no more requests.
    func close(_ instance: ReusableInstance) {
        self.open.removeAll { $0 === instance }
    }
}

/// A request on its way through an instance that answers others at the same time.
final class ConcurrentRequest {
    let exchange: Exchange
    let head: RequestHead
    let extraFields: [(String, String)]
    private var ended: (() -> Void)?
    /// Who answers it: kept alive by what it still has to do, also when it takes no more requests.
    var instance: ReusableInstance?
    var task: GuestTask?
    var timeout: Scheduled<Void>?
    /// The guest has given a response, or an error.
    var hasReturned = false
    /// Nobody waits for the guest's answer any more: its time is up, or the client is gone.
    var isAbandoned = false
    /// The end of its response is told to its instance.
    var isWatched = false
    /// The guest was asked to end it.
    var isCancelled = false

    init(
        _ exchange: Exchange, _ head: RequestHead, _ extraFields: [(String, String)], ended: @escaping () -> Void
    ) {
        self.exchange = exchange
        self.head = head
        self.extraFields = extraFields
        self.ended = ended
    }

    /// The time of the request is over, and its guest has done with it.
    func timeOut(_ limit: Duration, _ report: GuestReport) {
        guard !self.exchange.response.isClosed else { return }
        report.message(self.head, "the response took longer than the limit of \(limit.wholeMilliseconds) ms")
        self.exchange.fail()
    }

    /// The guest has done with it. Its time goes on as long as a body is on its way, from the host to the client or in
    /// the hands of another task.
    func endTimeoutWithResponse() {
        guard let timeout = self.timeout else { return }
        if self.exchange.response.isClosed { timeout.cancel() } else { self.whenResponseEnds { timeout.cancel() } }
    }

    /// Calls `action`, which must not call the response's writer, when a response that is open is at its end.
    func whenResponseEnds(_ action: @escaping () -> Void) {
        let response = self.exchange.response
        let others = response.onEnd
        response.onEnd = { outcome in
            action()
            others?(outcome)
        }
    }

    /// The guest has done with it; called more than once, it does nothing.
    func end() {
        guard let ended = self.ended else { return }
        self.ended = nil
        self.task = nil
        self.instance = nil
        self.exchange.onClose = nil
        ended()
    }
}
