import Executor
import NIOCore
import NIOEmbedded
import Testing

/// Places for guests, the line before them, and how long one stands in it.
@Suite struct InvocationGateTests {
    let loop = EmbeddedEventLoop()

    /// Who entered and who was refused, in order.
    private final class Log {
        var entered: [Int] = []
        var refused: [Int] = []

        @discardableResult
        func enter(_ number: Int, _ gate: InvocationGate, depth: Int = 0) -> InvocationGate.Waiting? {
            gate.enter(depth: depth) {
                self.entered.append(number)
            } refuse: {
                self.refused.append(number)
            }
        }
    }

    private func gate(capacity: Int, queueLength: Int) -> InvocationGate {
        InvocationGate(
            eventLoop: self.loop, capacity: capacity, queueLength: queueLength, patience: .seconds(10))
    }

    @Test func guestsEnterAtOnceWhileThereArePlaces() {
        let (gate, log) = (self.gate(capacity: 3, queueLength: 0), Log())
        for number in 0..<3 { log.enter(number, gate) }
        #expect(log.entered == [0, 1, 2])
    }

    @Test func othersWaitInLine() {
        let (gate, log) = (self.gate(capacity: 1, queueLength: 2), Log())
        for number in 0..<3 { log.enter(number, gate) }
        #expect(log.entered == [0])
        #expect(log.refused == [])
        gate.leave()
        // Not inside `leave`: who leaves has not ended yet.
        #expect(log.entered == [0])
        self.loop.run()
        #expect(log.entered == [0, 1])
        gate.leave()
        self.loop.run()
        #expect(log.entered == [0, 1, 2])
    }

    @Test func aFullLineRefusesAtOnce() {
        let (gate, log) = (self.gate(capacity: 1, queueLength: 1), Log())
        for number in 0..<4 { log.enter(number, gate) }
        #expect(log.refused == [2, 3])
    }

    @Test func waitingEndsWithThePatience() {
        let (gate, log) = (self.gate(capacity: 1, queueLength: 10), Log())
        log.enter(0, gate)
        log.enter(1, gate)
        self.loop.advanceTime(by: .seconds(4))
        log.enter(2, gate)
        self.loop.advanceTime(by: .milliseconds(5999))
        #expect(log.refused == [])
        self.loop.advanceTime(by: .milliseconds(1))
        #expect(log.refused == [1])
        self.loop.advanceTime(by: .seconds(4))
        #expect(log.refused == [1, 2])
        // Who was refused takes no place.
        gate.leave()
        log.enter(3, gate)
        #expect(log.entered == [0, 3])
    }

    @Test func whoEnteredInTimeIsNotRefusedLater() {
        let (gate, log) = (self.gate(capacity: 1, queueLength: 10), Log())
        log.enter(0, gate)
        log.enter(1, gate)
        self.loop.advanceTime(by: .seconds(9))
        gate.leave()
        self.loop.advanceTime(by: .seconds(9))
        #expect(log.entered == [0, 1])
        #expect(log.refused == [])
    }

    @Test func whoGoesLeavesTheLine() throws {
        let (gate, log) = (self.gate(capacity: 1, queueLength: 2), Log())
        #expect(log.enter(0, gate) === nil)
        let first = try #require(log.enter(1, gate))
        let second = try #require(log.enter(2, gate, depth: 1))
        #expect(log.enter(3, gate) === nil)
        gate.withdraw(first)
        gate.withdraw(second)
        gate.withdraw(second)
        log.enter(4, gate)
        let last = try #require(log.enter(5, gate))
        gate.leave()
        self.loop.run()
        gate.leave()
        // It has come to its turn.
        gate.withdraw(last)
        self.loop.run()
        self.loop.advanceTime(by: .seconds(60))
        #expect(log.entered == [0, 4, 5])
        #expect(log.refused == [3])
    }

    @Test func placesAreGivenBack() {
        let (gate, log) = (self.gate(capacity: 2, queueLength: 0), Log())
        for number in 0..<100 {
            log.enter(number, gate)
            gate.leave()
        }
        #expect(log.entered.count == 100)
    }

    @Test func thereIsAlwaysOnePlace() {
        let (gate, log) = (self.gate(capacity: 0, queueLength: 0), Log())
        log.enter(0, gate)
        #expect(log.entered == [0])
    }

    /// Guests that wait for guests must not take all places among themselves.
    @Test func guestsThatOthersWaitForHavePlacesOfTheirOwn() {
        let gate = InvocationGate(
            eventLoop: self.loop, capacity: 8, queueLength: 100, patience: .seconds(10), isLayered: true)
        var entered: [Int] = []
        for depth in [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3] {
            gate.enter(depth: depth) {
                entered.append(depth)
            } refuse: {
                Issue.record("refused")
            }
        }
        #expect(entered == [0, 0, 0, 0, 1, 1, 2, 3])
        // The ones that others wait for come first, where they may have the place.
        gate.leave()
        self.loop.run()
        #expect(entered.last == 3)
        for _ in 0..<4 { gate.leave() }
        self.loop.run()
        #expect(entered.suffix(2) == [2, 1])
    }

    /// With one place, whoever had it would wait for a guest that waits for it.
    @Test(arguments: [(1, 4, [0, 1, 2, 3]), (2, 4, [0, 1, 2, 3]), (1, 2, [0, 1])])
    func aChainNeedsAsManyPlacesAsItHasGuests(capacity: Int, ceiling: Int, expected: [Int]) {
        let gate = InvocationGate(
            eventLoop: self.loop, capacity: capacity, queueLength: 100, patience: .seconds(10), isLayered: true,
            ceiling: ceiling)
        var entered: [Int] = []
        for depth in 0..<4 {
            gate.enter(depth: depth) {
                entered.append(depth)
            } refuse: {
            }
        }
        #expect(entered == expected)
        // Those from outside gain nothing by that.
        gate.enter {
            entered.append(0)
        } refuse: {
        }
        #expect(entered == expected)
    }
}
