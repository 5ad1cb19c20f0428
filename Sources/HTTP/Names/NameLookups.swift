package import NIOCore
import NIOPosix
import Synchronization

/// Look-ups of names for all guests of a process, which the system's resolver does on threads, and blocks them.
///
/// Where a name server does not answer, each look-up holds its thread for long, and guests decide how many there are. So
/// who asks has a share of the threads, and the shares take turns: one that asks for any number of names holds up itself.
package final class NameLookups: Sendable {
    package struct Limits: Sendable {
        package var threads = 16
        /// Look-ups of one asker that hold a thread.
        package var runningPerAsker = 4
        /// Look-ups of one asker that wait for a thread; more fail.
        package var waitingPerAsker = 256
        /// How long anybody waits for an answer. The thread is free only when the system gives up.
        package var timeout = TimeAmount.seconds(30)

        package init() {}
    }

    /// What is asked of the system.
    package struct Query: Sendable, Hashable {
        package let host: String
        package let port: UInt16
        /// Leave out the families that no interface of this machine has an address of.
        package let configuredFamilies: Bool

        package init(_ host: String, port: UInt16 = 0, configuredFamilies: Bool = false) {
            self.host = host
            self.port = port
            self.configuredFamilies = configuredFamilies
        }
    }

    package typealias System = @Sendable (Query) -> Result<[SocketAddress], SystemNames.Failure>

    /// Those of the process.
    package static let shared = NameLookups()

    private final class Lookup: Sendable {
        let asker: String
        let query: Query
        let promise: EventLoopPromise<[SocketAddress]>

        init(_ query: Query, asker: String, promise: EventLoopPromise<[SocketAddress]>) {
            self.asker = asker
            self.query = query
            self.promise = promise
        }
    }

    private struct Asker {
        var running = 0
        var waiting: CircularBuffer<Lookup> = []
    }

    private struct State {
        var askers: [String: Asker] = [:]
        /// Askers with look-ups that wait, in the order of their turns.
        var turns: CircularBuffer<String> = []
        var running = 0
    }

    private let limits: Limits
    private let system: System
    private let threads: NIOThreadPool
    private let state = Mutex(State())

    /// - Parameter system: does a look-up; blocks.
    package init(
        _ limits: Limits = Limits(),
        system: @escaping System = { query in
            Result { () throws(SystemNames.Failure) in
                try SystemNames.addresses(
                    of: query.host, port: query.port, configuredFamilies: query.configuredFamilies)
            }
        }
    ) {
        self.limits = limits
        self.system = system
        self.threads = NIOThreadPool(numberOfThreads: limits.threads)
        self.threads.start()
    }

    /// The addresses of a name, at least one; fails with a ``SystemNames/Failure``.
    ///
    /// - Parameter asker: whose share is used: a component, or the application itself.
    package func addresses(
        of query: Query, for asker: String, on eventLoop: any EventLoop
    ) -> EventLoopFuture<[SocketAddress]> {
        let lookup = Lookup(query, asker: asker, promise: eventLoop.makePromise())
        let isAccepted = self.state.withLock { state in
            guard state.askers[asker, default: Asker()].waiting.count < self.limits.waitingPerAsker else {
                return false
            }
            if state.askers[asker, default: Asker()].waiting.isEmpty { state.turns.append(asker) }
            state.askers[asker, default: Asker()].waiting.append(lookup)
            return true
        }
        guard isAccepted else {
            lookup.promise.fail(SystemNames.Failure.tooManyWait)
            return lookup.promise.futureResult
        }
        let timer = eventLoop.scheduleTask(in: self.limits.timeout) {
            self.forget(lookup)
            lookup.promise.fail(SystemNames.Failure.timedOut)
        }
        lookup.promise.futureResult.whenComplete { _ in timer.cancel() }
        self.startNext()
        return lookup.promise.futureResult
    }

    /// Starts what may start.
    private func startNext() {
        while let lookup = self.state.withLock({ self.next(&$0) }) {
            self.threads.submit { _ in
                // Who gave up meanwhile has its answer; what comes second is ignored.
                lookup.promise.completeWith(self.system(lookup.query).mapError { $0 })
                self.state.withLock { state in
                    state.running -= 1
                    state.askers[lookup.asker]?.running -= 1
                    Self.removeIfUnused(lookup.asker, &state)
                }
                self.startNext()
            }
        }
    }

    /// Takes the next look-up of whose turn it is, leaving out those who have their share already.
    private func next(_ state: inout State) -> Lookup? {
        guard state.running < self.limits.threads else { return nil }
        for _ in 0..<state.turns.count {
            let name = state.turns.removeFirst()
            guard var asker = state.askers[name], !asker.waiting.isEmpty else { continue }
            guard asker.running < self.limits.runningPerAsker else {
                state.turns.append(name)
                continue
            }
            let lookup = asker.waiting.removeFirst()
            asker.running += 1
            state.running += 1
            if !asker.waiting.isEmpty { state.turns.append(name) }
            state.askers[name] = asker
            return lookup
        }
        return nil
    }

    /// Nobody waits for it any more.
    private func forget(_ lookup: Lookup) {
        self.state.withLock { state in
            state.askers[lookup.asker]?.waiting.removeAll { $0 === lookup }
            if state.askers[lookup.asker]?.waiting.isEmpty == true { state.turns.removeAll { $0 == lookup.asker } }
            Self.removeIfUnused(lookup.asker, &state)
        }
    }

    private static func removeIfUnused(_ name: String, _ state: inout State) {
        if let asker = state.askers[name], asker.running == 0, asker.waiting.isEmpty { state.askers[name] = nil }
    }
}
