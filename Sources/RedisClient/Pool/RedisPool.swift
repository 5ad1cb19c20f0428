import HTTPClient
import NIOCore

/// The connections of one event loop to one server with one login.
///
/// Ordinary commands of all guests share one connection, so that any number of them waits on one socket. Commands that
/// block, and guests whose commands depend on what the connection was told before, get one of their own.
final class RedisPool {
    private struct Waiting {
        /// Nil for who only wants to know that the server is there.
        let command: RedisCommand?
        let call: RedisCall
    }

    /// Somebody who waits for a connection of their own.
    final class Request {
        fileprivate var completion: RedisConnector.Completion?
        fileprivate var connector: RedisConnector?

        fileprivate init(_ completion: @escaping RedisConnector.Completion) { self.completion = completion }

        func cancel() {
            self.completion = nil
            self.connector?.cancel()
            self.connector = nil
        }
    }

    let address: RedisAddress
    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private let tls: RedisTLS
    private let budget: ConnectionBudget

    private var shared: RedisConnection?
    private var connector: RedisConnector?
    private var waiting = CircularBuffer<Waiting>()
    /// Of the commands that wait.
    private var waitingBytes = 0
    private var ownIdle: [RedisConnection] = []
    /// Sessions that hold the pool, and connections of their own under way.
    var users = 0
    private var failures = 0
    private var notBefore = NIODeadline.uptimeNanoseconds(0)
    private(set) var lastUse: NIODeadline
    private var isShutDown = false

    init(
        _ address: RedisAddress, eventLoop: any EventLoop, configuration: RedisConfiguration, tls: RedisTLS,
        budget: ConnectionBudget
    ) {
        self.address = address
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.tls = tls
        self.budget = budget
        self.lastUse = eventLoop.now
    }

    var unsentLimit: Int { self.configuration.unsentBytes }

    var answerTimeout: TimeAmount? { self.configuration.answerTimeout }

    var isUnused: Bool {
        self.users == 0 && self.shared == nil && self.connector == nil && self.waiting.isEmpty && self.ownIdle.isEmpty
    }

    // MARK: The shared connection

    func send(_ command: RedisCommand, _ call: RedisCall) {
        self.lastUse = self.eventLoop.now
        if let shared = self.shared, shared.isOpen {
            return shared.send(command, call, timeout: self.configuration.answerTimeout)
        }
        self.enqueue(command, call)
    }

    /// Completes the call when the server is reached.
    func whenReady(_ call: RedisCall) {
        self.lastUse = self.eventLoop.now
        if let shared = self.shared, shared.isOpen { return call.complete(.success(RedisReply(.null))) }
        self.enqueue(nil, call)
    }

    private func enqueue(_ command: RedisCommand?, _ call: RedisCall) {
        guard !self.isShutDown else { return call.complete(.failure(.shutDown)) }
        // Calls that nobody waits for any more hold their commands until the server is reached, or is not.
        let byteCount = command?.byteCount ?? 0
        guard self.waiting.count < self.configuration.commandsPerConnection,
            self.waitingBytes == 0 || self.waitingBytes + byteCount <= self.configuration.unsentBytes
        else { return call.complete(.failure(.overloaded)) }
        self.waitingBytes += byteCount
        // The attempt has a time-out, so that nobody waits longer than that.
        self.waiting.append(Waiting(command: command, call: call))
        self.connectShared(for: call.caller)
    }

    private func connectShared(for caller: RedisCaller) {
        guard self.connector == nil else { return }
        let connector = self.makeConnector(for: caller) { result in
            self.connector = nil
            let waiting = self.waiting
            self.waiting = []
            self.waitingBytes = 0
            switch result {
            case .success(let connection):
                self.shared = connection
                for entry in waiting where !entry.call.isOver {
                    guard let command = entry.command else {
                        entry.call.complete(.success(RedisReply(.null)))
                        continue
                    }
                    connection.send(command, entry.call, timeout: self.configuration.answerTimeout)
                }
            case .failure(let error):
                for entry in waiting { entry.call.complete(.failure(error)) }
            }
        }
        self.connector = connector
        connector.start(notBefore: self.notBefore)
    }

    // MARK: Connections of their own

    /// Gives a connection that nobody else uses. It is given back by ``giveBack(_:)`` or closed.
    func takeOwn(for caller: RedisCaller, _ completion: @escaping RedisConnector.Completion) -> Request {
        let request = Request(completion)
        self.lastUse = self.eventLoop.now
        while let idle = self.ownIdle.popLast() {
            guard idle.isOpen else { continue }
            request.completion = nil
            completion(.success(idle))
            return request
        }
        guard !self.isShutDown else {
            completion(.failure(.shutDown))
            return request
        }
        let connector = self.makeConnector(for: caller) { result in
            request.connector = nil
            guard let completion = request.completion else {
                if case .success(let connection) = result { self.giveBack(connection) }
                return
            }
            request.completion = nil
            completion(result)
        }
        request.connector = connector
        connector.start(notBefore: self.notBefore)
        return request
    }

    /// Takes back a connection in the state in which it was given.
    func giveBack(_ connection: RedisConnection) {
        guard connection.isOpen, connection.isIdle, !self.isShutDown, !self.budget.isContended else {
            return connection.close()
        }
        self.ownIdle.append(connection)
    }

    // MARK: Connecting

    private func makeConnector(
        for caller: RedisCaller, _ completion: @escaping RedisConnector.Completion
    ) -> RedisConnector {
        RedisConnector(
            self.address, for: caller, eventLoop: self.eventLoop, configuration: self.configuration, tls: self.tls,
            budget: self.budget
        ) { result in
            switch result {
            case .success(let connection):
                self.failures = 0
                self.notBefore = .uptimeNanoseconds(0)
                connection.onEnd = { _ in self.forget(connection) }
            // Not the server's doing.
            case .failure(.tooManyConnections), .failure(.cancelled): break
            case .failure: self.failed()
            }
            completion(result)
        }
    }

    /// A server that does not let us is asked less often; who asks meanwhile waits for the next attempt.
    private func failed() {
        // However many attempts end meanwhile, they say no more than the one that the delay is for.
        let now = self.eventLoop.now
        guard now >= self.notBefore else { return }
        self.failures = min(self.failures + 1, 32)
        self.notBefore = now + self.configuration.backOff.delay(afterFailures: self.failures)
    }

    private func forget(_ connection: RedisConnection) {
        if self.shared === connection { self.shared = nil }
        self.ownIdle.removeAll { $0 === connection }
    }

    // MARK: End

    /// Closes what nobody has used for a while.
    func closeIdle(unusedSince limit: NIODeadline) {
        if let shared = self.shared, shared.isIdle, shared.lastUse <= limit { shared.close() }
        for connection in self.ownIdle where connection.lastUse <= limit { connection.close() }
    }

    func shutDown() {
        self.isShutDown = true
        self.connector?.cancel()
        self.connector = nil
        let waiting = self.waiting
        self.waiting = []
        for entry in waiting { entry.call.complete(.failure(.shutDown)) }
        self.shared?.close()
        for connection in self.ownIdle { connection.close() }
    }
}
