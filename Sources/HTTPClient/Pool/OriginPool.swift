import HTTP
import NIOCore

/// The connections to one origin on one event loop, and the requests that wait for one.
final class OriginPool: ClientConnectionOwner {
    /// Connections are shared by requests that go to the same place in the same way: one that has shown a certificate
    /// carries no request of somebody who has none.
    struct Key: Hashable {
        let origin: Origin
        private let tls: ObjectIdentifier?

        init(_ origin: Origin, _ tls: ClientTLS?) {
            self.origin = origin
            self.tls = origin.isSecure ? tls.map { ObjectIdentifier($0) } : nil
        }
    }

    let key: Key
    private var origin: Origin { self.key.origin }
    private unowned let client: LoopClient
    private let tls: ClientTLS
    /// Used last, taken first: the others may grow old and be closed.
    private var idle: [HTTP1ClientConnection] = []
    private var shared: [HTTP2ClientConnection] = []
    private var connectors: [ObjectIdentifier: Connector] = [:]
    private var waiting: CircularBuffer<ClientExchange> = []
    /// Connections of either kind, those that are being made or wait for a place included.
    private var connections = 0
    /// Connections that wait for a place in the budget.
    private var places: [(id: Int, wait: ConnectionBudget.Wait)] = []
    private var lastPlace = 0
    /// Whether the server has agreed to HTTP/2 or refused it; nil before the first connection.
    private var speaksHTTP2: Bool?
    private var isClosed = false

    init(_ key: Key, client: LoopClient, tls: ClientTLS) {
        self.key = key
        self.client = client
        self.tls = tls
        let origin = key.origin
        if !origin.isSecure { self.speaksHTTP2 = false }
        if client.configuration.priorKnowledge.contains("\(origin.host):\(origin.port)") { self.speaksHTTP2 = true }
    }

    var isEmpty: Bool { self.connections == 0 && self.waiting.isEmpty }

    /// Connections that are open or being made.
    var connectionCount: Int { self.connections }

    var idleCount: Int { self.idle.count }

    // MARK: Requests

    /// Sends the request on a connection that is there, or queues it for one.
    func start(_ exchange: ClientExchange) {
        exchange.onRetry = { [weak self] exchange in
            guard let self else { return exchange.fail(.connectionTerminated) }
            self.enqueue(exchange)
        }
        if self.waiting.isEmpty, self.serve(exchange) { return }
        self.enqueue(exchange)
    }

    /// Gives the exchange to a connection that is there; false when there is none.
    private func serve(_ exchange: ClientExchange) -> Bool {
        if let connection = self.shared.first(where: \.hasRoom) {
            connection.begin(exchange)
            return true
        }
        while let connection = self.idle.popLast() {
            guard connection.isUsable else { continue }
            connection.begin(exchange)
            return true
        }
        return false
    }

    private func enqueue(_ exchange: ClientExchange) {
        guard !self.isClosed else { return exchange.fail(.shutDown) }
        guard self.waiting.count < self.client.configuration.waitingPerOrigin, !self.client.allowsNoConnection else {
            return exchange.fail(.connectionLimitReached)
        }
        exchange.onLeave = { [weak self] exchange in self?.leave(exchange) }
        exchange.isNameUnresolved = { [weak self] in
            guard let self else { return false }
            return !self.connectors.isEmpty && self.connectors.values.allSatisfy(\.isResolving)
        }
        self.waiting.append(exchange)
        exchange.wait()
        self.connectIfNeeded()
    }

    private func leave(_ exchange: ClientExchange) {
        self.waiting.removeAll { $0 === exchange }
        self.leavePlaces()
        // A connection that nobody waits for would be made for nothing.
        while self.connectors.count > self.waiting.count, let connector = self.connectors.values.first {
            connector.cancel()
            self.connectionGone(ObjectIdentifier(connector))
        }
        self.client.removeIfEmpty(self)
    }

    /// Nobody waits for a place in vain.
    private func leavePlaces() {
        while self.connectors.count + self.places.count > self.waiting.count, let place = self.places.popLast() {
            place.wait.cancel()
            self.connections -= 1
        }
    }

    private func serveWaiting() {
        while let exchange = self.waiting.first {
            self.waiting.removeFirst()
            guard self.serve(exchange) else {
                self.waiting.prepend(exchange)
                break
            }
        }
        self.leavePlaces()
        self.connectIfNeeded()
    }

    // MARK: Making connections

    private func connectIfNeeded() {
        while !self.isClosed, self.connectors.count + self.places.count < self.wantedConnectors,
            self.connections < self.client.configuration.connectionsPerOrigin
        {
            self.connections += 1
            if self.client.takePlace() {
                self.connect()
            } else {
                self.lastPlace += 1
                let id = self.lastPlace
                let wait = self.client.waitForPlace { [weak self] client in
                    guard let self else { return client.giveBackPlace() }
                    self.placeGranted(id)
                }
                self.places.append((id, wait))
            }
        }
    }

    /// One connection a waiting request; but one alone as long as the server may turn out to need no more.
    private var wantedConnectors: Int {
        switch self.speaksHTTP2 {
        case .some(false): self.waiting.count
        case .some(true) where !self.client.configuration.keepsConnections: self.waiting.count
        case .some(true), .none: min(1, self.waiting.count)
        }
    }

    private func placeGranted(_ id: Int) {
        self.places.removeAll { $0.id == id }
        guard !self.isClosed, self.connectors.count < self.wantedConnectors else {
            self.connections -= 1
            self.client.giveBackPlace()
            return self.client.removeIfEmpty(self)
        }
        self.connect()
    }

    private func connect() {
        var id: ObjectIdentifier?
        // Each attempt is for one of those that wait.
        let exchange = self.waiting.dropFirst(self.connectors.count).first ?? self.waiting.first
        let connector = Connector(
            self.origin, for: exchange?.request.sender ?? "", eventLoop: self.client.eventLoop,
            configuration: self.client.configuration,
            tls: self.origin.isSecure ? self.tls : nil
        ) { [weak self] outcome in
            guard let self, let id else { return }
            self.finished(id, outcome)
        }
        id = ObjectIdentifier(connector)
        self.connectors[ObjectIdentifier(connector)] = connector
        connector.start()
    }

    private func finished(_ id: ObjectIdentifier, _ outcome: Connector.Outcome) {
        switch outcome {
        case .http1(let connection):
            self.connectors[id] = nil
            self.speaksHTTP2 = false
            connection.owner = self
            self.connectionIsFree(connection)
            self.connectIfNeeded()
        case .http2(let connection):
            self.connectors[id] = nil
            self.speaksHTTP2 = true
            self.shared.append(connection)
            connection.onRoom = { [weak self] connection in
                guard let self else { return }
                self.serveWaiting()
                // Somebody else may need the place.
                if connection.isIdle, self.client.isContended { connection.close() }
            }
            connection.onClose = { [weak self] connection in
                guard let self else { return }
                self.shared.removeAll { $0 === connection }
                self.placeReturned()
            }
            self.serveWaiting()
            // Whoever it was made for may have been served by another.
            if connection.isIdle, self.client.isContended { connection.close() } else { connection.rest() }
        case .failed(let error):
            let failed = self.takeThoseThatFail(id, error)
            self.leavePlaces()
            self.connectionGone(id)
            for exchange in failed {
                exchange.onLeave = nil
                exchange.fail(error)
            }
        }
    }

    /// Takes those out of the queue that share the fate of a connector.
    private func takeThoseThatFail(_ id: ObjectIdentifier, _ error: ClientError) -> [ClientExchange] {
        // All would meet it, each after the other, unless there is a connection or another attempt.
        let isOnly = self.connectors.count == 1 && self.connections == 1 + self.places.count
        let asker = self.connectors[id]?.asker
        var failed: [ClientExchange] = []
        var others: CircularBuffer<ClientExchange> = []
        for exchange in self.waiting {
            // How long a look-up waits depends on who asks.
            let isConcerned = error != .dnsTimeout || exchange.request.sender == asker
            if isConcerned, isOnly || failed.isEmpty { failed.append(exchange) } else { others.append(exchange) }
        }
        self.waiting = others
        return failed
    }

    private func connectionGone(_ connector: ObjectIdentifier) {
        guard self.connectors.removeValue(forKey: connector) != nil else { return }
        self.placeReturned()
    }

    private func placeReturned() {
        self.connections -= 1
        self.client.giveBackPlace()
        self.connectIfNeeded()
        self.client.removeIfEmpty(self)
    }

    // MARK: Connections

    func connectionIsFree(_ connection: HTTP1ClientConnection) {
        if let exchange = self.waiting.popFirst() {
            self.leavePlaces()
            return connection.begin(exchange)
        }
        guard self.client.configuration.keepsConnections, !self.isClosed, !self.client.isContended else {
            return connection.close()
        }
        self.idle.append(connection)
        connection.idle(for: self.client.configuration.idleTimeout)
    }

    func connectionIsClosing(_ connection: HTTP1ClientConnection) {
        if let index = self.idle.lastIndex(where: { $0 === connection }) { self.idle.remove(at: index) }
    }

    func connectionWasClosed(_ connection: HTTP1ClientConnection) {
        self.connectionIsClosing(connection)
        self.placeReturned()
    }

    /// Closes the connection that was unused for longest; false when all are in use.
    func closeOneIdle() -> Bool {
        if let connection = self.idle.first {
            connection.close()
            return true
        }
        if let connection = self.shared.first(where: \.isIdle) {
            connection.close()
            return true
        }
        return false
    }

    func close() {
        self.isClosed = true
        for exchange in Array(self.waiting) {
            exchange.onLeave = nil
            exchange.fail(.shutDown)
        }
        self.waiting.removeAll()
        self.leavePlaces()
        for connector in self.connectors.values { connector.cancel() }
        for id in Array(self.connectors.keys) { self.connectionGone(id) }
        for connection in Array(self.idle) { connection.close() }
        for connection in Array(self.shared) { connection.drain() }
    }
}
