import ComponentModel
import Executor
import NIOCore
import NIOEmbedded
import Testing
import WasmEngine

/// Instances that serve several calls on an event loop: their beginning, their limits, and all of their ends.
@Suite struct InstanceDriverTests {
    @Test func callsAreServed() throws {
        let guest = try DrivenGuest(DrivenGuest.text)
        guest.start()
        #expect(guest.isReady)
        for number in 0..<3 { try guest.call("echo", UInt32(number)) }
        #expect(guest.returned.isEmpty, "a guest runs before the call is back")
        guest.runAll()
        #expect(guest.returned == [0, 1, 2])
        #expect(guest.ended.count == 3)
        #expect(guest.idleCount >= 1)
        #expect(guest.failures.isEmpty)
    }

    @Test func nothingIsCalledBeforeTheStartAndAfterTheEnd() throws {
        let guest = try DrivenGuest(DrivenGuest.text)
        #expect(try guest.call("echo") == nil)
        guest.start()
        guest.driver.stop()
        #expect(try guest.call("echo") == nil)
        guest.start()
        guest.runAll()
        #expect(guest.returned.isEmpty)
    }

    @Test func aTrapEndsAllCalls() throws {
        let guest = try DrivenGuest(DrivenGuest.text)
        guest.start()
        try guest.call("yields")
        try guest.call("waits")
        try guest.call("traps")
        guest.runAll()
        guest.run { !guest.failures.isEmpty }
        #expect(guest.failures.count == 1)
        #expect(guest.ended.count == 3)
        #expect(try guest.call("echo") == nil)
    }

    /// The limit may pass at any place: here a guest has called another, which has not had its first turn.
    @Test func nothingIsLeftOfACallThatHasNotBegun() throws {
        final class Origin {}
        weak var origin: Origin?
        do {
            let guest = try DrivenGuest(
                """
                (component
                  (component $B
                    (core module $M (func (export "f")))
                    (core instance $m (instantiate $M))
                    (func (export "f") async (canon lift (core func $m "f"))))
                  (instance $b (instantiate $B))
                  (component $A
                    (import "f" (func $f async))
                    (core func $f' (canon lower (func $f) async))
                    (core module $M
                      (import "" "f" (func $f (result i32)))
                      (func (export "run") (param i32) (result i32) (drop (call $f)) unreachable)
                      (func (export "again") (param i32 i32 i32) (result i32) unreachable))
                    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
                    (func (export "run") async (param "v" u32) (result u32)
                      (canon lift (core func $m "run") async (callback (core func $m "again")))))
                  (instance $a (instantiate $A (with "f" (func $b "f"))))
                  (export "run" (func $a "run")))
                """, limit: .nanoseconds(1))
            guest.start()
            let host = Origin()
            origin = host
            try guest.call("run", host: host)
            guest.runAll()
            #expect(guest.failures.first as? Invocation.Failure == .usedUp(.nanoseconds(1)))
            #expect(guest.ended.count == 1)
        }
        #expect(origin == nil)
    }

    /// The time that a guest computes counts, however often it lets others run.
    @Test(arguments: ["yields", "waits", "computes"])
    func processorTimeIsLimited(function: String) throws {
        let guest = try DrivenGuest(DrivenGuest.text, limit: .milliseconds(30))
        guest.start()
        try guest.call(function)
        #expect(guest.run { !guest.failures.isEmpty })
        #expect(guest.failures.first as? Invocation.Failure == .usedUp(.milliseconds(30)))
        #expect(guest.ended.count == 1)
    }

    /// One that yields for ever is stopped also while others come and go; these have a limit each.
    @Test func processorTimeIsCountedForEachCall() throws {
        let guest = try DrivenGuest(DrivenGuest.text, limit: .milliseconds(200))
        guest.start()
        for _ in 0..<40 {
            try guest.call("turn", 20_000_000)
            guest.run(milliseconds: 1000) { guest.ended.count == guest.returned.count && guest.idleCount > 0 }
            guard guest.failures.isEmpty else { break }
        }
        #expect(guest.failures.isEmpty, "calls share a limit: \(guest.failures)")
        try guest.call("yields")
        #expect(
            guest.run {
                _ = try? guest.call("echo")
                return !guest.failures.isEmpty
            })
        #expect(guest.failures.first as? Invocation.Failure == .usedUp(.milliseconds(200)))
    }

    @Test(arguments: ["yields", "waits", "computes"])
    func theLoopAndOthersGetTheirTurns(function: String) throws {
        let guest = try DrivenGuest(DrivenGuest.text)
        guest.start()
        try guest.call(function)
        guest.runAll()
        var isDue = false
        guest.loop.scheduleTask(in: .milliseconds(5)) { isDue = true }
        #expect(guest.run(milliseconds: 10) { isDue })
        #expect(guest.driver.isComputing)
        if function != "computes" {
            try guest.call("echo", 7)
            #expect(guest.run { guest.returned == [7] })
        }
        // A limit of the wall clock is the owner's: it stops the guest where it stands.
        let ended = guest.ended.count
        guest.driver.stop()
        guest.runAll()
        #expect(guest.ended.count == ended)
        #expect(guest.failures.isEmpty)
    }

    @Test func stoppingFromWithinACallIsSafe() throws {
        let guest = try DrivenGuest(DrivenGuest.text)
        guest.start()
        guest.onReturn = { [unowned guest] in guest.driver.stop() }
        try guest.call("echo")
        try guest.call("echo")
        guest.runAll()
        #expect(guest.returned == [0])
        #expect(guest.failures.isEmpty)
    }

    /// Whose start function it is.
    enum Starter: CaseIterable {
        case module
        case component
        /// A component that has built-ins: its start function is a task.
        case task

        func text(_ body: String) -> String {
            switch self {
            case .module:
                "(component (core module $M (func $f \(body)) (start $f)) (core instance (instantiate $M)))"
            case .component, .task:
                """
                (component
                  \(self == .task ? "(core func (canon thread.yield))" : "")
                  (core module $M (func (export "f") \(body)) (func (export "echo") (param i32) (result i32) (local.get 0)))
                  (core instance $m (instantiate $M))
                  (func $f (canon lift (core func $m "f")))
                  (start $f)
                  (func (export "echo") (param "v" u32) (result u32) (canon lift (core func $m "echo"))))
                """
            }
        }
    }

    @Test(arguments: Starter.allCases)
    func startFunctionsAreLimited(_ starter: Starter) throws {
        let guest = try DrivenGuest(starter.text("(loop (br 0))"), limit: .milliseconds(20))
        guest.start()
        #expect(!guest.isReady)
        #expect(guest.run { !guest.failures.isEmpty })
        #expect(guest.failures.first as? Invocation.Failure == .usedUp(.milliseconds(20)))
        #expect(!guest.isReady)
    }

    @Test(arguments: Starter.allCases)
    func aStartFunctionThatTrapsIsAFailure(_ starter: Starter) throws {
        let guest = try DrivenGuest(starter.text("unreachable"))
        guest.start()
        // At once, unless its time slice is over.
        #expect(guest.run { !guest.failures.isEmpty })
        #expect(!guest.isReady)
        guest.runAll()
        #expect(guest.failures.count == 1)
    }

    @Test(arguments: Starter.allCases)
    func aStartFunctionThatTakesLongIsWaitedFor(_ starter: Starter) throws {
        let guest = try DrivenGuest(
            starter.text(
                """
                (local $left i32) (local.set $left (i32.const 50000000))
                (loop $again
                  (local.set $left (i32.sub (local.get $left) (i32.const 1))) (br_if $again (local.get $left)))
                """))
        guest.start()
        #expect(guest.run { guest.isReady })
        #expect(guest.failures.isEmpty)
        guard starter != .module else { return }
        try guest.call("echo", 7)
        #expect(guest.run { guest.returned == [7] })
        #expect(guest.idleCount >= 1)
    }

    /// Nobody may call an instance whose start function has not returned.
    @Test func nothingIsCalledBeforeTheStartFunctionHasReturned() throws {
        let guest = try DrivenGuest(Starter.task.text("(loop (br 0))"))
        guest.start()
        guest.run(milliseconds: 5) { false }
        #expect(try guest.call("echo") == nil)
        guest.driver.stop()
    }

    /// What a host function learns of the call that led to it: through another component, and after waiting.
    @Test func hostFunctionsKnowTheirCall() throws {
        let registry = HostRegistry([
            HostInterface(
                name: "test:driver/api", versions: [], resources: [:],
                functions: [
                    HostFunction(name: "who", signature: "() -> u32") { call in
                        call.returnI32((call.hostOfCall as? Number)?.value ?? 0)
                    }
                ])
        ])
        let guest = try DrivenGuest(Self.asking, registry: registry)
        guest.start()
        try guest.call("run", host: Number(5))
        try guest.call("run", host: Number(6))
        try guest.call("run")
        guest.runAll()
        guest.run { guest.returned.count == 3 }
        #expect(guest.failures.isEmpty)
        #expect(guest.returned == [5, 6, 0])
    }

    private final class Number {
        let value: UInt32

        init(_ value: UInt32) { self.value = value }
    }

    /// Asks in another component, after it let others run.
    private static let asking = """
        (component
          (import "test:driver/api" (instance $api (export "who" (func (result u32)))))
          (component $Inner
            (import "who" (func $who (result u32)))
            (core func $who' (canon lower (func $who)))
            (core func $yield (canon thread.yield))
            (core module $M
              (import "" "who" (func $who (result i32)))
              (import "" "yield" (func $yield (result i32)))
              (func (export "ask") (result i32) (drop (call $yield)) (call $who)))
            (core instance $m (instantiate $M (with "" (instance
              (export "who" (func $who')) (export "yield" (func $yield))))))
            (func (export "ask") async (result u32) (canon lift (core func $m "ask"))))
          (instance $inner (instantiate $Inner (with "who" (func $api "who"))))
          (component $Outer
            (import "ask" (func $ask async (result u32)))
            (core func $ask' (canon lower (func $ask)))
            (core module $M
              (import "" "ask" (func $ask (result i32)))
              (func (export "run") (param i32) (result i32) (call $ask)))
            (core instance $m (instantiate $M (with "" (instance (export "ask" (func $ask'))))))
            (func (export "run") async (param "v" u32) (result u32) (canon lift (core func $m "run"))))
          (instance $outer (instantiate $Outer (with "ask" (func $inner "ask"))))
          (export "run" (func $outer "run")))
        """
}
