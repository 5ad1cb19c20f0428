package import AppModel
package import Executor
package import HTTP
package import NIOCore

/// Sends each request to the component whose route it matches.
///
/// Shared by all event loops and never changed while it serves: no lock, no hop.
package final class HTTPTrigger: RequestHandler {
    private let router: Router
    private let components: [String: HTTPComponent]
    /// What the invocations of one event loop share.
    private struct LoopState {
        let gate: InvocationGate
        let slices: SliceQueue
    }

    private let loops: [(id: ObjectIdentifier, state: NIOLoopBoundBox<LoopState>)]

    /// Answered by the server itself, as in Spin.
    private static let healthPath = Router.wellKnownPrefix + "health"

    /// - Parameters:
    ///   - components: by id; every route leads to one of them.
    ///   - eventLoops: those that will call ``handle(_:)``.
    ///   - capacity: guests alive at a time, on all loops together.
    package init(
        router: Router, components: [String: HTTPComponent], eventLoops: [any EventLoop], capacity: Int
    ) {
        self.router = router
        self.components = components
        self.loops = eventLoops.map { loop in
            let gate = InvocationGate(
                eventLoop: loop, capacity: capacity / max(1, eventLoops.count), queueLength: 4096,
                patience: .seconds(10))
            let state = LoopState(gate: gate, slices: SliceQueue(eventLoop: loop))
            return (ObjectIdentifier(loop), .makeBoxSendingValue(state, eventLoop: loop))
        }
    }

    package func handle(_ exchange: Exchange) {
        let path = exchange.head.path
        if path.hasPrefix(Router.wellKnownPrefix) {
            return path == Self.healthPath
                ? exchange.respond(status: 200, body: "OK") : exchange.respond(status: 404)
        }
        guard let match = self.router.match(path), let component = self.components[match.route.componentID] else {
            return exchange.respond(status: 404)
        }
        let fields = SpinHeaders.make(
            match: match, scheme: "http", authority: exchange.head.authority ?? "", target: exchange.head.target,
            path: path, clientAddress: exchange.clientAddress.map { Self.describe($0) } ?? "0.0.0.0:0")
        guard let loop = self.loops.first(where: { $0.id == ObjectIdentifier(exchange.eventLoop) })?.state.value else {
            return exchange.respond(status: 500)
        }
        loop.gate.enter {
            component.answer(
                exchange, head: Self.withoutReservedFields(exchange.head), extraFields: fields, slices: loop.slices
            ) { loop.gate.leave() }
        } refuse: {
            exchange.respondBusy()
        }
    }

    /// The head without the fields that only the host sets, should the client have sent any.
    private static func withoutReservedFields(_ head: RequestHead) -> RequestHead {
        var reserved: [String] = []
        for index in 0..<head.fields.count {
            let isOurs = head.fields.withName(at: index) { $0.starts(with: self.reservedPrefix) }
            guard isOurs else { continue }
            let name = head.fields.name(at: index)
            if SpinHeaders.isReserved(name) { reserved.append(name) }
        }
        guard !reserved.isEmpty else { return head }
        var cleaned = head
        for name in reserved { cleaned.fields.removeAll(name) }
        return cleaned
    }

    private static let reservedPrefix = Array("spin-".utf8)

    private static func describe(_ address: SocketAddress) -> String {
        guard let ip = address.ipAddress, let port = address.port else { return "0.0.0.0:0" }
        return ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }
}

extension Exchange {
    /// 503: the client may come again in a second.
    fileprivate func respondBusy() {
        var fields = HTTPFields()
        fields.append("retry-after", "1")
        fields.append("content-length", "0")
        self.response.writeHead(ResponseHead(status: 503, fields: fields))
        self.response.finish(trailers: nil)
    }
}
