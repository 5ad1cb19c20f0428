package import AppModel
package import Executor
package import HTTP
package import NIOCore
import Synchronization

/// Sends each request to the component whose route it matches.
///
/// Shared by all event loops and never changed while it serves: no lock, no hop.
package final class HTTPTrigger: RequestHandler {
    private let router: Router
    private let components: [String: HTTPComponent]
    /// Programs that are run by the rules of Wagi, by the ids of their triggers.
    private let programs: [String: WagiProgram]
    /// Routes that have an answer instead of a component.
    private let responses: [ObjectIdentifier: StaticResponse]
    /// Routes of requests from other components of the application: all of them lead to the one that was named.
    private let chainRouters: [String: Router]
    private let info: ByteBuffer
    private let accessLog: AccessLog?
    /// Told once, the first time that a path has no route.
    private let hint: (@Sendable (_ path: String) -> Void)?
    private let hasHinted = Atomic(false)
    /// What the invocations of one event loop share.
    private struct LoopState {
        let gate: InvocationGate
        let executor: ExecutorLoop
    }

    private let loops: [(id: ObjectIdentifier, state: NIOLoopBoundBox<LoopState>)]

    /// Answered by the server itself, as in Spin.
    private static let healthPath = Router.wellKnownPrefix + "health"
    private static let infoPath = Router.wellKnownPrefix + "info"

    /// What limits the requests at a time, on all loops together.
    package struct Capacity: Sendable {
        /// Guests alive at a time.
        package var live: Int
        /// Requests that wait for a place.
        package var queued = 4096
        /// How long one waits at most.
        package var patience: TimeAmount = .seconds(10)
        /// Guests may send requests to the application itself.
        package var isLayered = false

        /// Instances at a time, busy or kept for the next request.
        package var instances: Int

        package init(live: Int, instances: Int? = nil) {
            self.live = live
            self.instances = instances ?? live
        }
    }

    /// - Parameters:
    ///   - components: by id; every route without a response of its own leads to one of them.
    ///   - programs: by the ids of their triggers.
    ///   - responses: by the identity of their route.
    ///   - eventLoops: those that will call ``handle(_:)``.
    package init(
        router: Router, components: [String: HTTPComponent], programs: [String: WagiProgram] = [:],
        responses: [ObjectIdentifier: StaticResponse] = [:],
        info: ApplicationInfo = ApplicationInfo(), eventLoops: [any EventLoop], capacity: Capacity,
        accessLog: AccessLog? = nil, hint: (@Sendable (_ path: String) -> Void)? = nil
    ) {
        self.router = router
        self.components = components
        self.programs = programs
        self.responses = responses
        self.info = ByteBuffer(string: info.json)
        // Where a component has several triggers, any of them will do.
        let triggers = Dictionary(programs.map { ($1.id, $0) }, uniquingKeysWith: { min($0, $1) })
        self.chainRouters = Set(components.keys).union(triggers.keys).reduce(into: [:]) { routers, id in
            let trigger = components[id] == nil ? triggers[id] : nil
            let route = try? Route(triggerID: trigger ?? "", componentID: id, route: "/...")
            routers[id] = route.map { Router([$0]) }
        }
        self.accessLog = accessLog
        self.hint = hint
        let count = max(1, eventLoops.count)
        self.loops = eventLoops.map { loop in
            let gate = InvocationGate(
                eventLoop: loop, capacity: capacity.live / count, queueLength: (capacity.queued + count - 1) / count,
                patience: capacity.patience, isLayered: capacity.isLayered, ceiling: capacity.instances / count)
            let executor = ExecutorLoop(eventLoop: loop, capacity: max(1, capacity.instances / count)) { gate.live }
            let state = LoopState(gate: gate, executor: executor)
            return (ObjectIdentifier(loop), .makeBoxSendingValue(state, eventLoop: loop))
        }
    }

    package func handle(_ exchange: Exchange) {
        let path = exchange.head.path
        if path.hasPrefix(Router.wellKnownPrefix) {
            self.log(exchange, component: "")
            return self.answerWellKnown(exchange, path)
        }
        guard let match = self.router.match(path) else {
            self.log(exchange, component: "")
            self.giveHint(path)
            return exchange.respond(status: 404)
        }
        self.log(exchange, component: match.route.componentID)
        guard let guest = self.guest(of: match.route) else {
            guard let response = self.responses[ObjectIdentifier(match.route)] else {
                return exchange.respond(status: 404)
            }
            return response.answer(exchange)
        }
        self.answer(exchange, by: guest, match, path)
    }

    /// What answers the requests of a route.
    private enum Guest {
        case component(HTTPComponent)
        case program(WagiProgram)
    }

    private func guest(of route: Route) -> Guest? {
        if let program = self.programs[route.triggerID] { return .program(program) }
        return self.components[route.componentID].map { .component($0) }
    }

    private func answer(_ exchange: Exchange, by guest: Guest, _ match: RouteMatch, _ path: String) {
        // Only HTTP/1.0 allows it. A guest needs the URL of its request.
        guard let authority = exchange.head.authority else {
            return exchange.respond(status: 400, body: "the host field is missing\n")
        }
        let fields = SpinHeaders.make(
            match: match, scheme: exchange.isSecure ? "https" : "http", authority: authority,
            target: exchange.head.target, path: path,
            clientAddress: exchange.peer?.text ?? "0.0.0.0:0")
        guard let loop = self.loops.first(where: { $0.id == ObjectIdentifier(exchange.eventLoop) })?.state.value else {
            return exchange.respond(status: 500)
        }
        let waiting = loop.gate.enter(depth: exchange.callDepth) {
            exchange.onClose = nil
            // The client may have gone when its request had come to its turn.
            guard !exchange.response.isClosed else { return loop.gate.leave() }
            let head = Self.withoutReservedFields(exchange.head)
            switch guest {
            case .component(let component):
                component.answer(exchange, head: head, extraFields: fields, on: loop.executor) { loop.gate.leave() }
            case .program(let program):
                loop.executor.makeRoom()
                program.answer(exchange, head: head, extraFields: fields, slices: loop.executor.slices) {
                    loop.gate.leave()
                }
            }
        } refuse: {
            exchange.onClose = nil
            exchange.respondBusy()
        }
        // Who has gone keeps no place in the line from others.
        if let waiting { exchange.onClose = { loop.gate.withdraw(waiting) } }
    }

    private func answerWellKnown(_ exchange: Exchange, _ path: String) {
        switch path {
        case Self.healthPath: exchange.respond(status: 200, body: "OK")
        case Self.infoPath:
            exchange.response.writeHead(
                ResponseHead(status: 200, fields: ["content-type": "application/json"]))
            exchange.response.write(self.info)
            exchange.response.finish()
        default: exchange.respond(status: 404)
        }
    }

    private func giveHint(_ path: String) {
        guard let hint = self.hint, !self.hasHinted.exchange(true, ordering: .relaxed) else { return }
        hint(path)
    }

    private func log(_ exchange: Exchange, component: String) {
        guard let log = self.accessLog else { return }
        let start = NIODeadline.now()
        let head = exchange.head
        let client = exchange.clientAddress?.ipAddress ?? "-"
        exchange.response.onEnd = { outcome in
            log.write(
                AccessLog.Entry(
                    client: client, method: head.method, target: head.target,
                    version: head.majorVersion == 2 ? "HTTP/2.0" : "HTTP/1.\(head.minorVersion)",
                    status: outcome.status, bytes: outcome.bodyBytes, isComplete: outcome.isComplete,
                    duration: .now() - start, component: component))
        }
    }

    package func requestRefused(_ refusal: RefusedRequest) {
        // Method and target may be anything, or not be there at all.
        self.accessLog?.write(
            AccessLog.Entry(
                client: refusal.peer?.address.ipAddress ?? "-", method: "-", target: "-",
                version: refusal.majorVersion == 2 ? "HTTP/2.0" : "HTTP/1.1",
                status: refusal.status, bytes: refusal.bodyBytes, isComplete: true, duration: .zero, component: ""))
    }

    /// The head without the fields that only the host sets, should the client have sent any.
    private static func withoutReservedFields(_ head: RequestHead) -> RequestHead {
        var reserved: [String] = []
        for index in 0..<head.fields.count {
            guard head.fields.hasName(at: index, startingWith: self.reservedPrefix) else { continue }
            let name = head.fields.name(at: index)
            if SpinHeaders.isReserved(name) { reserved.append(name) }
        }
        guard !reserved.isEmpty else { return head }
        var cleaned = head
        for name in reserved { cleaned.fields.removeAll(name) }
        return cleaned
    }

    private static let reservedPrefix = Array("spin-".utf8)

}

extension HTTPTrigger: ApplicationDispatcher {
    package func dispatch(_ exchange: Exchange, to id: String) -> Bool {
        let path = exchange.head.path
        guard let match = self.chainRouters[id]?.match(path), let guest = self.guest(of: match.route) else {
            return false
        }
        self.answer(exchange, by: guest, match, path)
        return true
    }

    package func dispatchToSelf(_ exchange: Exchange) { self.handle(exchange) }
}
