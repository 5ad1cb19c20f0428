import HTTP
import HTTPClient
import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

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
    /// Until a connection has it.
    private var holdsPlace = false
    /// In line for a place.
    private var place: ConnectionBudget.Wait?
    private var completion: Completion?
    /// Being connected or prepared: closed when nothing comes of it.
    private var channel: (any Channel)?
    private var timeout: Scheduled<Void>?
    private var pause: Scheduled<Void>?
    private var lookup: AddressLookup?
    private var addresses: CircularBuffer<SocketAddress> = []
    private var lastError: RedisError?

    /// - Parameter budget: where a place is taken, which is given back when the connection is closed. Nil for none.
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
            self.end(.failure(self.place != nil ? .tooManyConnections : .connectTimeout))
        }
        guard let time, time > self.eventLoop.now else { return self.takePlace() }
        // Without a place, which others can use meanwhile.
        self.pause = self.eventLoop.assumeIsolated().scheduleTask(deadline: time) { self.takePlace() }
    }

    private func takePlace() {
        guard let budget = self.budget, !budget.take() else { return self.hasPlace() }
        guard !budget.allowsNone else { return self.end(.failure(.tooManyConnections)) }
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.place = budget.wait(on: self.eventLoop) { bound.value.hasPlace() }
    }

    private func hasPlace() {
        self.place = nil
        guard self.completion != nil else {
            self.budget?.giveBack()
            return
        }
        self.holdsPlace = self.budget != nil
        self.resolve()
    }

    private func resolve() {
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
        // Time is left for the other addresses when one does not answer; the last one has all that is left.
        let share =
            self.addresses.isEmpty
            ? TimeAmount.hours(1) : .nanoseconds(self.configuration.connectTimeout.nanoseconds / 3)
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let bootstrap = ClientBootstrap(group: self.eventLoop)
            .connectTimeout(share)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                bound.value.channel = channel
                return channel.eventLoop.makeSucceededVoidFuture()
            }
        bootstrap.connect(to: address).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.connected(channel)
            case .failure(let error):
                self.channel = nil
                self.lastError = .cannotConnect(Self.reason(of: error))
                self.tryNext()
            }
        }
    }

    private static func reason(of error: any Error) -> String {
        guard let error = error as? IOError else { return String("\(error)".prefix(200)) }
        // NIO's own text says how it was asked, and is not balanced.
        return String(cString: strerror(error.errnoCode))
    }

    private func connected(_ channel: any Channel) {
        if self.holdsPlace, let budget = self.budget {
            // From now on it is the socket's, which may outlast its last user: TLS ends with a farewell of both sides.
            self.holdsPlace = false
            channel.closeFuture.whenComplete { _ in budget.giveBack() }
        }
        guard self.address.isSecure else { return self.install(in: channel, context: nil) }
        let context = self.tls.context(on: self.eventLoop)
        context.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let context): self.install(in: channel, context: context)
            case .failure: self.end(.failure(.tlsFailed(RedisTLS.unreadableAuthorities)))
            }
        }
    }

    private func install(in channel: any Channel, context: NIOSSLContext?) {
        // A handler would never hear of an end that has been.
        guard self.completion != nil, channel.isActive else {
            return self.end(.failure(.cannotConnect("the server closed the connection")))
        }
        let connection = RedisConnection(eventLoop: self.eventLoop, configuration: self.configuration)
        do {
            let pipeline = channel.pipeline.syncOperations
            guard let context else {
                try pipeline.addHandler(connection)
                return self.logIn(connection)
            }
            let host = self.address.host
            let isLiteral = (try? SocketAddress(ipAddress: host, port: 0)) != nil
            connection.onHandshake = { result in
                switch result {
                case .success:
                    let certificate = try? channel.pipeline.syncOperations.nioSSL_peerCertificate()
                    guard isLiteral || certificate.map({ ServerIdentity.isValid($0, for: host) }) ?? false else {
                        return self.end(.failure(.tlsFailed(RedisTLS.otherHost)))
                    }
                    self.logIn(connection)
                case .failure(let error): self.end(.failure(error))
                }
            }
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: isLiteral ? nil : host))
            try pipeline.addHandler(connection)
        } catch {
            self.end(.failure(context == nil ? .cannotConnect("\(error)") : .tlsFailed(RedisTLS.reason(of: error))))
        }
    }

    // MARK: Login

    private func logIn(_ connection: RedisConnection) {
        let login = RedisLogin(self.address)
        var outstanding = login.commands.count
        guard outstanding > 0 else { return self.end(.success(connection)) }
        for command in login.commands {
            let call = RedisCall(for: self.caller) { result in
                outstanding -= 1
                switch result {
                case .success: if outstanding == 0 { self.end(.success(connection)) }
                case .failure(.server(let message)): self.end(.failure(login.refusal(message, of: command)))
                // Nothing of anybody's has been sent.
                case .failure(.connectionLost(let reason)): self.end(.failure(.cannotConnect(reason)))
                case .failure(let error): self.end(.failure(.cannotConnect(error.description)))
                }
            }
            connection.send(command, call, timeout: nil)
        }
    }

    private func end(_ result: Result<RedisConnection, RedisError>) {
        var result = result
        if case .success(let connection) = result, !connection.isOpen {
            result = .failure(.cannotConnect("the server closed the connection"))
        }
        self.timeout?.cancel()
        self.timeout = nil
        self.pause?.cancel()
        self.pause = nil
        self.addresses = []
        self.lookup?.cancel()
        self.place?.cancel()
        self.place = nil
        let completion = self.completion
        let channel = self.channel
        self.completion = nil
        self.channel = nil
        if self.holdsPlace { self.budget?.giveBack() }
        self.holdsPlace = false
        if case .failure = result { channel?.close(promise: nil) }
        completion?(result)
    }
}
