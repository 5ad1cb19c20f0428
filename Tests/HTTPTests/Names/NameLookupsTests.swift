import Dispatch
import HTTP
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// Threads for look-ups, and who gets them.
@Suite(.timeLimit(.minutes(1))) struct NameLookupsTests {
    /// A system whose name servers answer for names of `fast.example` only, until ``release()``.
    private final class HangingSystem: Sendable {
        private let gate = DispatchSemaphore(value: 0)
        private let state = Mutex<(asked: [String], running: Int, most: Int)>(([], 0, 0))

        var asked: [String] { self.state.withLock { $0.asked } }
        /// The most look-ups that hung at a time.
        var most: Int { self.state.withLock { $0.most } }

        func resolve(_ query: NameLookups.Query) -> Result<[SocketAddress], SystemNames.Failure> {
            let isFast = query.host.hasSuffix("fast.example")
            self.state.withLock { state in
                state.asked.append(query.host)
                guard !isFast else { return }
                state.running += 1
                state.most = max(state.most, state.running)
            }
            if !isFast {
                self.gate.wait()
                self.gate.signal()
                self.state.withLock { $0.running -= 1 }
            }
            return .success([])
        }

        /// All answer, those of later as well.
        func release() { self.gate.signal() }
    }

    private static func limits(_ change: (inout NameLookups.Limits) -> Void = { _ in }) -> NameLookups.Limits {
        var limits = NameLookups.Limits()
        limits.threads = 4
        limits.timeout = .minutes(10)
        limits.runningPerAsker = 2
        change(&limits)
        return limits
    }

    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    private func failure(_ lookup: AddressLookup) async -> SystemNames.Failure? {
        do {
            _ = try await lookup.addresses.get()
            return nil
        } catch {
            return error as? SystemNames.Failure
        }
    }

    @Test func oneAskerHoldsUpNobodyElse() async throws {
        let system = HangingSystem()
        let lookups = NameLookups(Self.limits()) { system.resolve($0) }
        let hanging = (0..<100).map { number in
            lookups.lookUp(NameLookups.Query("\(number).slow.example"), for: "greedy", on: self.loop)
        }
        for number in 0..<10 {
            let query = NameLookups.Query("\(number).fast.example")
            _ = try await lookups.lookUp(query, for: "modest", on: self.loop).addresses.get()
        }
        #expect(system.most <= 2)
        system.release()
        for lookup in hanging { _ = try await lookup.addresses.get() }
        #expect(system.most <= 2)
    }

    /// Each in turn, however many one has asked for before the other.
    @Test func askersTakeTurns() async throws {
        let system = HangingSystem()
        let lookups = NameLookups(Self.limits { $0.threads = 1 }) { system.resolve($0) }
        let first = lookups.lookUp(NameLookups.Query("first"), for: "a", on: self.loop)
        var all = [first]
        for number in 0..<3 {
            all.append(lookups.lookUp(NameLookups.Query("a\(number)"), for: "a", on: self.loop))
        }
        for number in 0..<3 {
            all.append(lookups.lookUp(NameLookups.Query("b\(number)"), for: "b", on: self.loop))
        }
        system.release()
        for lookup in all { _ = try await lookup.addresses.get() }
        #expect(system.asked == ["first", "a0", "b0", "a1", "b1", "a2", "b2"])
    }

    @Test func boundsWhatWaits() async throws {
        let system = HangingSystem()
        let lookups = NameLookups(Self.limits { $0.waitingPerAsker = 3 }) { system.resolve($0) }
        let accepted = (0..<5).map { number in
            lookups.lookUp(NameLookups.Query("\(number)"), for: "greedy", on: self.loop)
        }
        let refused = lookups.lookUp(NameLookups.Query("more"), for: "greedy", on: self.loop)
        #expect(await self.failure(refused) == .tooManyWait)
        system.release()
        for lookup in accepted { _ = try await lookup.addresses.get() }
        #expect(!system.asked.contains("more"))
        _ = try await lookups.lookUp(NameLookups.Query("again"), for: "greedy", on: self.loop).addresses.get()
    }

    /// Whether it has a thread or not: nobody waits longer, and what did not begin never does.
    @Test func givesUpInTime() async throws {
        let system = HangingSystem()
        let lookups = NameLookups(Self.limits { $0.timeout = .milliseconds(50) }) { system.resolve($0) }
        let names = ["running", "running too", "waiting"]
        let all = names.map { lookups.lookUp(NameLookups.Query($0), for: "a", on: self.loop) }
        for lookup in all { #expect(await self.failure(lookup) == .timedOut) }
        system.release()
        // The threads are free again as soon as the system has answered.
        let query = NameLookups.Query("x.fast.example")
        while await self.failure(lookups.lookUp(query, for: "a", on: self.loop)) != nil {}
        #expect(!system.asked.contains("waiting"))
    }

    /// A burst of requests to one host is one look-up, however many connections they need.
    @Test func asksOnceForAllThatWait() async throws {
        let system = HangingSystem()
        let lookups = NameLookups(Self.limits { $0.waitingPerAsker = 1 }) { system.resolve($0) }
        let query = NameLookups.Query("host")
        let all = (0..<1000).map { _ in lookups.lookUp(query, for: "a", on: self.loop) }
        let other = lookups.lookUp(query, for: "b", on: self.loop)
        let otherPort = lookups.lookUp(NameLookups.Query("host", port: 1), for: "a", on: self.loop)
        system.release()
        for lookup in all + [other, otherPort] { _ = try await lookup.addresses.get() }
        #expect(system.asked == ["host", "host", "host"])
        // What was answered is asked anew.
        _ = try await lookups.lookUp(query, for: "a", on: self.loop).addresses.get()
        #expect(system.asked.count == 4)
    }

    /// Those who give up make room for others; the last of them takes the look-up along.
    @Test func forgetsWhatNobodyWaitsFor() async throws {
        let system = HangingSystem()
        let lookups = NameLookups(
            Self.limits {
                $0.runningPerAsker = 1
                $0.waitingPerAsker = 2
            }
        ) { system.resolve($0) }
        let running = lookups.lookUp(NameLookups.Query("running"), for: "a", on: self.loop)
        for number in 0..<100 {
            let lookup = lookups.lookUp(NameLookups.Query("gone \(number)"), for: "a", on: self.loop)
            lookup.cancel()
            lookup.cancel()
            #expect(await self.failure(lookup) == nil)
        }
        let patient = lookups.lookUp(NameLookups.Query("shared"), for: "a", on: self.loop)
        let impatient = lookups.lookUp(NameLookups.Query("shared"), for: "a", on: self.loop)
        impatient.cancel()
        running.cancel()
        // Its thread is busy still: who asks now gets the same answer.
        let late = lookups.lookUp(NameLookups.Query("running"), for: "a", on: self.loop)
        system.release()
        for lookup in [patient, late] { _ = try await lookup.addresses.get() }
        for lookup in [running, impatient] {
            await #expect(throws: CancellationError.self) { try await lookup.addresses.get() }
        }
        #expect(system.asked == ["running", "shared"])
    }
}
