import NIOCore

/// What a guest sees as its connection. Confined to its event loop.
///
/// Commands go over the connection that all share until one depends on, or changes, what the connection was told
/// before (`MULTI`, `WATCH`, `SELECT` …): from then on the session has a connection of its own. A command that blocks
/// borrows one. When a session loses its own connection it is over: commands that were to be part of a transaction
/// are not carried out without it.
package final class RedisSession {
    private enum Route {
        case shared
        case connecting(RedisPool.Request)
        case own(RedisConnection)
        case over(RedisError)
    }

    /// Commands that wait for a connection of the session's own.
    private static let mostWaiting = 1024

    private let pool: RedisPool
    private let caller: RedisCaller
    private var route = Route.shared
    private var waiting = CircularBuffer<(RedisCommand, RedisCall)>()
    /// Of the commands that wait.
    private var waitingBytes = 0

    init(_ pool: RedisPool, _ caller: RedisCaller) {
        self.pool = pool
        self.caller = caller
        pool.users += 1
    }

    deinit { self.close() }

    /// Sends a command.
    ///
    /// - Parameter completion: called once, on the event loop, unless the call is cancelled; perhaps before this returns.
    ///   It has the reply, or why there is none; nothing is sent twice.
    @discardableResult
    package func send(_ command: RedisCommand, _ completion: @escaping RedisCall.Completion) -> RedisCall {
        let call = RedisCall(for: self.caller, completion)
        switch (self.route, command.kind) {
        case (.over(let error), _): call.complete(.failure(error))
        case (_, .refused): call.complete(.failure(.notSupported(command: command.name)))
        case (.own(let connection), _): self.send(command, call, on: connection)
        case (.connecting, _): self.enqueue(command, call)
        case (.shared, .ordinary): self.pool.send(command, call)
        case (.shared, .blocking): self.sendBlocking(command, call)
        case (.shared, .stateful): self.connect(command, call)
        }
        return call
    }

    /// Completes with ``RESPValue/null`` when the server is reached, or with why it is not.
    @discardableResult
    package func whenReady(_ completion: @escaping RedisCall.Completion) -> RedisCall {
        let call = RedisCall(for: self.caller, completion)
        switch self.route {
        case .shared: self.pool.whenReady(call)
        case .own, .connecting: call.complete(.success(RedisReply(.null)))
        case .over(let error): call.complete(.failure(error))
        }
        return call
    }

    /// Gives up the session's own connection. Commands under way go on, whose answers nobody gets.
    package func close() {
        let route = self.route
        if case .over = route { return }
        self.route = .over(.cancelled)
        self.pool.users -= 1
        switch route {
        case .shared, .over: break
        case .connecting(let request):
            request.cancel()
            for (_, call) in self.takeWaiting() { call.complete(.failure(.cancelled)) }
        case .own(let connection): connection.close(.cancelled)
        }
    }

    private func sendBlocking(_ command: RedisCommand, _ call: RedisCall) {
        let pool = self.pool
        pool.users += 1
        let request = pool.takeOwn(for: self.caller) { result in
            switch result {
            case .failure(let error):
                pool.users -= 1
                call.complete(.failure(error))
            case .success(let connection):
                // Cancelling is the only way to end the wait.
                call.onCancel = { connection.close(.cancelled) }
                let answered = RedisCall(for: call.caller) { result in
                    pool.users -= 1
                    pool.giveBack(connection)
                    call.complete(result)
                }
                connection.send(command, answered, timeout: nil)
            }
        }
        if !call.isOver, call.onCancel == nil {
            call.onCancel = {
                request.cancel()
                pool.users -= 1
            }
        }
    }

    private func enqueue(_ command: RedisCommand, _ call: RedisCall) {
        let bytes = self.waitingBytes + command.byteCount
        guard self.waiting.count < Self.mostWaiting, self.waiting.isEmpty || bytes <= self.pool.unsentLimit else {
            return call.complete(.failure(.overloaded))
        }
        self.waitingBytes = bytes
        self.waiting.append((command, call))
    }

    private func takeWaiting() -> CircularBuffer<(RedisCommand, RedisCall)> {
        defer {
            self.waiting = []
            self.waitingBytes = 0
        }
        return self.waiting
    }

    private func connect(_ command: RedisCommand, _ call: RedisCall) {
        self.enqueue(command, call)
        var isDone = false
        let request = self.pool.takeOwn(for: self.caller) { [weak self] result in
            isDone = true
            guard let self else {
                if case .success(let connection) = result { connection.close() }
                return
            }
            self.connected(result)
        }
        if !isDone { self.route = .connecting(request) }
    }

    private func connected(_ result: Result<RedisConnection, RedisError>) {
        let waiting = self.takeWaiting()
        switch result {
        case .success(let connection):
            self.route = .own(connection)
            for (command, call) in waiting { self.send(command, call, on: connection) }
        case .failure(let error):
            // Nothing was sent: the next command may try again.
            self.route = .shared
            for (_, call) in waiting { call.complete(.failure(error)) }
        }
    }

    private func send(_ command: RedisCommand, _ call: RedisCall, on connection: RedisConnection) {
        guard connection.isOpen else {
            let error = RedisError.connectionLost("open a new one")
            self.route = .over(error)
            self.pool.users -= 1
            return call.complete(.failure(error))
        }
        guard !call.isOver else { return }
        if command.kind == .blocking {
            call.onCancel = { connection.close(.cancelled) }
            connection.send(command, call, timeout: nil)
        } else {
            connection.send(command, call, timeout: self.pool.answerTimeout)
        }
    }
}
