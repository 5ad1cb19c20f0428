import HTTP
import HTTPClient
import NIOCore
import NIOPosix
import NIOSSL

/// Makes one connection: resolves the name, checks each address against the policy, connects to the first that
/// answers, does the TLS handshake and logs in. All within one time-out.
final class RedisConnector {
    typealias Completion = (Result<RedisConnection, RedisError>) -> Void

    private let address: RedisAddress
    private let caller: RedisCaller
    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private let tls: RedisTLS
    private let budget: ConnectionBudget?
    private var holdsPlace = false
    private var place: ConnectionBudget.Wait?
    private var completion: Completion?
    private var connection: RedisConnection?
    private var timeout: Scheduled<Void>?
    private var lookup: AddressLookup?
    private var addresses: CircularBuffer<SocketAddress> = []
    private var lastError: RedisError?

    /// - Parameter budget: where a place is taken; who gets the connection gives it back. Nil for none.
    init(
        _ address: RedisAddress, for caller: RedisCaller, eventLoop: any EventLoop, configuration: RedisConfiguration,
        tls: RedisTLS,
        budget: ConnectionBudget?, completion: @escaping Completion
    ) {
        self.address = address
        self.caller = caller
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.tls = tls
        self.budget = budget
        self.completion = completion
    }

    /// Starts at `time`, or as soon as there is a place after that.
    func start(notBefore time: NIODeadline? = nil) {
        self.timeout = self.eventLoop.assumeIsolated().scheduleTask(in: self.configuration.connectTimeout) {
            let lacksPlace = self.budget != nil && !self.holdsPlace
            self.end(.failure(lacksPlace ? .tooManyConnections : .connectTimeout))
        }
        guard let budget = self.budget, !budget.take() else {
            return self.hasPlace(notBefore: time)
        }
        guard !budget.allowsNone else { return self.end(.failure(.tooManyConnections)) }
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.place = budget.wait(on: self.eventLoop) { bound.value.hasPlace(notBefore: time) }
    }

    private func hasPlace(notBefore time: NIODeadline?) {
        self.place = nil
        guard self.completion != nil else {
            self.budget?.giveBack()
            return
        }
        self.holdsPlace = self.budget != nil
        guard let time, time > self.eventLoop.now else { return self.resolve() }
        self.eventLoop.assumeIsolated().scheduleTask(deadline: time) { self.resolve() }
    }

    private func resolve() {
        guard self.completion != nil else { return }
        if let literal = try? SocketAddress(ipAddress: self.address.host, port: Int(self.address.port)) {
            return self.resolved([literal])
        }
        let lookup = self.configuration.resolver.lookUp(
            self.address.host, port: self.address.port, for: self.caller.name, on: self.eventLoop)
        self.lookup = lookup
        lookup.addresses.hop(to: self.eventLoop).assumeIsolated().whenComplete { result in
            self.lookup = nil
            guard self.completion != nil else { return }
            switch result {
            case .success(let addresses): self.resolved(addresses)
            case .failure(let error): self.end(.failure(.cannotConnect("\(error)")))
            }
        }
    }

    /// Nobody wants the connection any more.
    func cancel() {
        self.completion = nil
        self.end(.failure(.cancelled))
    }

    private func resolved(_ addresses: [SocketAddress]) {
        let allowed = addresses.filter { self.configuration.addressPolicy.allows($0) }
        guard !allowed.isEmpty else {
            return self.end(.failure(addresses.isEmpty ? .cannotConnect("its name is unknown") : .addressProhibited))
        }
        self.addresses = CircularBuffer(allowed.prefix(16))
        self.tryNext()
    }

    private func tryNext() {
        guard self.completion != nil else { return }
        guard let address = self.addresses.popFirst() else {
            return self.end(.failure(self.lastError ?? .cannotConnect("no address answers")))
        }
        // Time is left for the other addresses when one does not answer.
        let share =
            self.addresses.isEmpty
            ? TimeAmount.hours(1) : .nanoseconds(self.configuration.connectTimeout.nanoseconds / 3)
        let bootstrap = ClientBootstrap(group: self.eventLoop)
            .connectTimeout(share)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
        bootstrap.connect(to: address).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.connected(channel)
            case .failure(let error):
                self.lastError = .cannotConnect(Self.reason(of: error))
                self.tryNext()
            }
        }
    }

    private static func reason(of error: any Error) -> String {
        guard let error = error as? IOError else { return String("\(error)".prefix(200)) }
        return error.description
    }

    private func connected(_ channel: any Channel) {
        guard self.completion != nil, channel.isActive else {
            channel.close(promise: nil)
            return self.end(.failure(.cannotConnect("the server closed the connection")))
        }
        guard self.address.isSecure else { return self.install(in: channel, context: nil) }
        let context = self.tls.context(on: self.eventLoop)
        context.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let context): self.install(in: channel, context: context)
            case .failure(let error):
                channel.close(promise: nil)
                self.end(.failure(.tlsFailed("\(error)")))
            }
        }
    }

    private func install(in channel: any Channel, context: NIOSSLContext?) {
        let connection = RedisConnection(eventLoop: self.eventLoop, configuration: self.configuration)
        do {
            let pipeline = channel.pipeline.syncOperations
            guard let context else {
                try pipeline.addHandler(connection)
                return self.logIn(connection, channel)
            }
            let host = self.address.host
            let isLiteral = (try? SocketAddress(ipAddress: host, port: 0)) != nil
            connection.onHandshake = { result in
                switch result {
                case .success:
                    let certificate = try? channel.pipeline.syncOperations.nioSSL_peerCertificate()
                    guard isLiteral || certificate.map({ ServerIdentity.isValid($0, for: host) }) ?? false else {
                        connection.close(.tlsFailed("the certificate is not for \(host)"))
                        return self.end(.failure(.tlsFailed("the certificate is not for \(host)")))
                    }
                    self.logIn(connection, channel)
                case .failure(let error): self.end(.failure(error))
                }
            }
            self.connection = connection
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: isLiteral ? nil : host))
            try pipeline.addHandler(connection)
        } catch {
            channel.close(promise: nil)
            self.end(.failure(.cannotConnect("\(error)")))
        }
    }

    // MARK: Login

    private func logIn(_ connection: RedisConnection, _ channel: any Channel) {
        // Its handler would never hear of an end that has been.
        guard self.completion != nil, channel.isActive else {
            connection.close(.cannotConnect("the server closed the connection"))
            return self.end(.failure(.cannotConnect("the server closed the connection")))
        }
        self.connection = connection
        let commands = Self.loginCommands(self.address)
        var outstanding = commands.count
        guard outstanding > 0 else { return self.end(.success(connection)) }
        for command in commands {
            let call = RedisCall(for: self.caller) { result in
                outstanding -= 1
                if case .failure(let error) = result {
                    if case .server(let message) = error {
                        self.end(.failure(.loginRefused(message)))
                    } else {
                        self.end(.failure(.cannotConnect(error.description)))
                    }
                } else if outstanding == 0 {
                    self.end(.success(connection))
                }
            }
            connection.send(command, call, timeout: nil)
        }
    }

    private static func loginCommands(_ address: RedisAddress) -> [RedisCommand] {
        var commands: [RedisCommand] = []
        if address.usesRESP3 {
            var hello = RedisCommand("HELLO", "3")
            if let password = address.password ?? address.user.map({ _ in "" }) {
                hello.append("AUTH")
                hello.append(address.user ?? "default")
                hello.append(password)
            }
            commands.append(hello)
        } else if let password = address.password {
            var login = RedisCommand("AUTH")
            if let user = address.user { login.append(user) }
            login.append(password)
            commands.append(login)
        }
        if address.database != 0 { commands.append(RedisCommand("SELECT", String(address.database))) }
        return commands
    }

    private func end(_ result: Result<RedisConnection, RedisError>) {
        var result = result
        if case .success(let connection) = result, !connection.isOpen {
            result = .failure(.cannotConnect("the server closed the connection"))
        }
        self.timeout?.cancel()
        self.timeout = nil
        self.addresses = []
        self.lookup?.cancel()
        self.place?.cancel()
        self.place = nil
        let completion = self.completion
        let connection = self.connection
        self.completion = nil
        self.connection = nil
        if case .failure = result {
            connection?.close(.cancelled)
            if self.holdsPlace { self.budget?.giveBack() }
        }
        self.holdsPlace = false
        completion?(result)
    }
}
