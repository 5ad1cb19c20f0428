import CWasmtime
import TestSupport
import Testing
import WasmEngine

/// The two facts that the design rests on, and what fibers promise.
@Suite(.serialized) struct FiberTests {
    let engine: Engine

    init() throws {
        self.engine = try Shared.engine.get()
    }

    @Test func nestedGuestThatWaitsReachesTheOuterPoll() throws {
        let pre = try NestingGuest.linked(self.engine)
        let store = Store(self.engine)
        let host = NestingGuest.Host()
        host.waits = true
        store.owner = host
        var result: Int32 = 0
        let fiber = Fiber(store: store) {
            host.instance = try store.instantiate(pre)
            result = try store.run(host.instance, "run", 10)
        }
        var waits = 0
        loop: while true {
            switch fiber.resume() {
            case .waiting: waits += 1
            case .yielded: break
            case .finished(let outcome):
                try outcome.get()
                break loop
            }
        }
        #expect(waits == 10)
        #expect(result == 55 + 20)
        withExtendedLifetime(host) {}
    }

    @Test func nestedGuestThatUsesUpItsSliceReachesTheOuterPoll() throws {
        let pre = try NestingGuest.linked(self.engine)
        let store = Store(self.engine)
        let host = NestingGuest.Host()
        host.spins = 20_000_000
        store.owner = host
        var result: Int32 = 0
        let fiber = Fiber(store: store) {
            host.instance = try store.instantiate(pre)
            result = try store.run(host.instance, "run", 3)
        }
        var yields = 0
        loop: while true {
            switch fiber.resume() {
            case .waiting: Issue.record("nothing waits")
            case .yielded: yields += 1
            case .finished(let outcome):
                try outcome.get()
                break loop
            }
        }
        #expect(yields > 0)
        #expect(fiber.cpuTicks == UInt64(yields))
        #expect(result == 6 + 6)
        withExtendedLifetime(host) {}
    }

    @Test func instancesCanBeMadeAfterAWait() throws {
        let pre = try NestingGuest.linked(self.engine)
        let store = Store(self.engine)
        let host = NestingGuest.Host()
        store.owner = host
        var result: Int32 = 0
        let fiber = Fiber(store: store) {
            try store.wait()
            host.instance = try store.instantiate(pre)
            try store.wait()
            result = try store.run(host.instance, "run", 1)
        }
        try fiber.runToEnd()
        #expect(result == 3)
        withExtendedLifetime(host) {}
    }

    // MARK: Ends

    @Test func cancelBeforeTheStartAndAfterTheEnd() throws {
        let store = Store(self.engine)
        var runs = 0
        let unstarted = Fiber(store: store) { runs += 1 }
        unstarted.cancel()
        #expect(try wasmFailure { try unstarted.runToEnd() }.isCancelled)
        #expect(runs == 0)
        let finished = Fiber(store: store) { runs += 1 }
        try finished.runToEnd()
        finished.cancel()
        finished.cancel()
        try finished.runToEnd()
        #expect(runs == 1)
    }

    @Test func bodyErrorIsTheResult() throws {
        let fiber = Fiber(store: Store(self.engine)) { throw UnexpectedSuccess() }
        #expect(throws: UnexpectedSuccess.self) { try fiber.runToEnd() }
    }

    @Test func droppedFiberUnwindsAndFreesItsFrames() throws {
        final class Witness {}
        weak var witness: Witness?
        weak var weakStore: Store?
        weak var weakFiber: Fiber?
        var unwound = false
        do {
            let object = Witness()
            witness = object
            let store = Store(self.engine)
            weakStore = store
            let fiber = Fiber(store: store) {
                defer { unwound = true }
                try withExtendedLifetime(object) { try store.wait() }
            }
            weakFiber = fiber
            #expect(fiber.resume().isWaiting)
            #expect(!unwound)
        }
        #expect(unwound)
        #expect(witness == nil)
        #expect(weakFiber == nil)
        #expect(weakStore == nil)
    }

    @Test func cancelledBodyGetsNoFurther() throws {
        let pre = try NestingGuest.linked(self.engine)
        let store = Store(self.engine)
        let host = NestingGuest.Host()
        store.owner = host
        var failures: [Bool] = []
        let fiber = Fiber(store: store) {
            host.instance = try store.instantiate(pre)
            for _ in 0..<3 {
                do {
                    try store.wait()
                } catch {
                    failures.append((error as? WasmFailure)?.isCancelled == true)
                }
                do {
                    try store.run(host.instance, "add", 1)
                } catch {
                    failures.append((error as? WasmFailure)?.isCancelled == true)
                }
                do {
                    _ = try store.instantiate(pre)
                } catch {
                    failures.append((error as? WasmFailure)?.isCancelled == true)
                }
            }
        }
        #expect(fiber.resume().isWaiting)
        fiber.cancel()
        #expect(failures == [Bool](repeating: true, count: 9))
        withExtendedLifetime(host) {}
    }

    @Test func cancelFromWithinEndsTheFiber() throws {
        let store = Store(self.engine)
        var fiber: Fiber?
        fiber = Fiber(store: store) {
            fiber?.cancel()
            try store.wait()
        }
        #expect(try wasmFailure { try fiber?.runToEnd() }.isCancelled)
        fiber = nil
    }

    @Test func waitOffAFiberIsAnError() throws {
        let store = Store(self.engine)
        #expect(try wasmFailure { try store.wait() }.engineError?.kind == .misuse)
        let fiber = Fiber(store: store) {}
        #expect(try wasmFailure { try fiber.wait() }.engineError?.kind == .misuse)
    }

    @Test func fiberOfTheStoreIsTheOneThatRuns() throws {
        let store = Store(self.engine)
        #expect(store.fiber == nil)
        var isSame = false
        var fiber: Fiber?
        fiber = Fiber(store: store) { isSame = store.fiber === fiber }
        try fiber?.runToEnd()
        #expect(isSame)
        #expect(store.fiber == nil)
        fiber = nil
    }
}
