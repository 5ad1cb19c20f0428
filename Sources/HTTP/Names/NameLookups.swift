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

    /// Who asks the same again while the answer is awaited waits for that answer.
    private struct Key: Hashable {
        let asker: String
        let query: Query
    }

    private typealias Promise = EventLoopPromise<[SocketAddress]>

    private struct Asker {
        /// Look-ups that hold a thread.
        var running = 0
        var waiting: CircularBuffer<Query> = []
    }

    private struct State {
        /// Who waits for the look-ups that hold a thread or wait for one. Nobody may wait any more for one that holds one.
        var lookups: [Key: [UInt64: Promise]] = [:]
        var askers: [String: Asker] = [:]
        /// Askers with look-ups that wait, in the order of their turns.
        var turns: CircularBuffer<String> = []
        var running = 0
        var lastID: UInt64 = 0
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

    /// Looks up a name.
    ///
    /// - Parameter asker: whose share is used: a component, or the application itself.
    package func lookUp(_ query: Query, for asker: String, on eventLoop: any EventLoop) -> AddressLookup {
        let key = Key(asker: asker, query: query)
        let promise = eventLoop.makePromise(of: [SocketAddress].self)
        let id = self.state.withLock { state -> UInt64? in
            guard state.lookups[key] != nil || self.enqueue(key, &state) else { return nil }
            state.lastID &+= 1
            state.lookups[key, default: [:]][state.lastID] = promise
            return state.lastID
        }
        guard let id else {
            promise.fail(SystemNames.Failure.tooManyWait)
            return AddressLookup(promise.futureResult) {}
        }
        let timer = eventLoop.scheduleTask(in: self.limits.timeout) {
            self.forget(id, key)?.fail(SystemNames.Failure.timedOut)
        }
        promise.futureResult.whenComplete { _ in timer.cancel() }
        self.startNext()
        return AddressLookup(promise.futureResult) { self.forget(id, key)?.fail(CancellationError()) }
    }

    /// Puts a look-up in line; false where too many of its asker wait.
    private func enqueue(_ key: Key, _ state: inout State) -> Bool {
        var asker = state.askers[key.asker] ?? Asker()
        guard asker.waiting.count < self.limits.waitingPerAsker else { return false }
        if asker.waiting.isEmpty { state.turns.append(key.asker) }
        asker.waiting.append(key.query)
        state.askers[key.asker] = asker
        return true
    }

    /// Starts what may start.
    private func startNext() {
        while let key = self.state.withLock({ self.next(&$0) }) {
            self.threads.submit { _ in
                let result = self.system(key.query).mapError { $0 as any Error }
                let promises = self.state.withLock { state in
                    state.running -= 1
                    state.askers[key.asker]?.running -= 1
                    Self.removeIfUnused(key.asker, &state)
                    return state.lookups.removeValue(forKey: key)
                }
                // Whoever has given up has been told already.
                for promise in (promises ?? [:]).values { promise.completeWith(result) }
                self.startNext()
            }
        }
    }

    /// Takes the next look-up of whose turn it is, leaving out those who have their share already.
    private func next(_ state: inout State) -> Key? {
        guard state.running < self.limits.threads else { return nil }
        for _ in 0..<state.turns.count {
            let name = state.turns.removeFirst()
            guard var asker = state.askers[name], !asker.waiting.isEmpty else { continue }
            guard asker.running < self.limits.runningPerAsker else {
                state.turns.append(name)
                continue
            }
            let query = asker.waiting.removeFirst()
            asker.running += 1
            state.running += 1
            if !asker.waiting.isEmpty { state.turns.append(name) }
            state.askers[name] = asker
            return Key(asker: name, query: query)
        }
        return nil
    }

    /// Takes out one who does not wait any longer, and with the last the look-up, unless it holds a thread.
    ///
    /// - Returns: what is still to be completed; nil where it is already.
    private func forget(_ id: UInt64, _ key: Key) -> Promise? {
        self.state.withLock { state in
            guard let promise = state.lookups[key]?.removeValue(forKey: id) else { return nil }
            guard state.lookups[key]?.isEmpty == true, var asker = state.askers[key.asker],
                let index = asker.waiting.firstIndex(of: key.query)
            else { return promise }
            state.lookups[key] = nil
            asker.waiting.remove(at: index)
            state.askers[key.asker] = asker
            if asker.waiting.isEmpty { state.turns.removeAll { $0 == key.asker } }
            Self.removeIfUnused(key.asker, &state)
            return promise
        }
    }

    private static func removeIfUnused(_ name: String, _ state: inout State) {
        if let asker = state.askers[name], asker.running == 0, asker.waiting.isEmpty { state.askers[name] = nil }
    }
}
