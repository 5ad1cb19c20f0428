import ComponentModel
import Testing
import WasmEngine

/// Guests that break the rules of tasks, or never end.
@Suite struct BadTaskTests {
    /// A guest whose `run` and callback have these bodies.
    private func guest(_ run: String, callback: String = "unreachable") throws -> TaskGuest {
        try TaskGuest(
            TaskAPI.guest(
                """
                (func (export "run") (param $v i32) (result i32) \(run))
                (func (export "run-callback") (param $event i32) (param i32 i32) (result i32) \(callback))
                """, TaskAPI.callback))
    }

    @Test(arguments: [
        ("(i32.const 0)", "failed to produce a result"),
        ("(call $return (i32.const 1)) (call $return (i32.const 1)) (i32.const 0)", "more than once"),
        ("(call $cancel) (i32.const 0)", "has not been cancelled"),
        ("(i32.const 3)", "unsupported callback code: 3"),
        ("(i32.const 15)", "unsupported callback code: 15"),
        ("(i32.const 0x52)", "unknown handle index 5"),
        ("(i32.or (i32.const 2) (i32.shl (call $make) (i32.const 4)))", "wrong type"),
        ("(call $subtask-drop (i32.const 7)) (i32.const 0)", "unknown handle index 7"),
        ("(call $set-drop (call $make)) (i32.const 0)", "wrong type"),
        ("(call $join (call $set-new) (i32.const 0)) (i32.const 0)", "cannot be waited for"),
        ("(call $join (call $make) (i32.const 0)) (i32.const 0)", "cannot be waited for"),
        ("(call $set-wait (i32.const 99) (i32.const 0))", "unknown handle index 99"),
        (
            """
            (call $subtask-drop (i32.shr_u (call $later (i32.const 0) (i32.const 0)) (i32.const 4))) (i32.const 0)
            """, "has not yet resolved"
        ),
        (
            """
            (local $subtask i32)
            (local.set $subtask (i32.shr_u (call $later (i32.const 0) (i32.const 0)) (i32.const 4)))
            (drop (call $subtask-cancel (local.get $subtask)))
            (drop (call $subtask-cancel (local.get $subtask))) (i32.const 0)
            """, "after terminal status delivered"
        ),
        (
            """
            (local $subtask i32) (local $set i32)
            (local.set $subtask (i32.shr_u (call $later (i32.const 0) (i32.const 0)) (i32.const 4)))
            (local.set $set (call $set-new))
            (call $join (local.get $subtask) (local.get $set))
            (call $set-drop (local.get $set)) (i32.const 0)
            """, "with waitables in it"
        ),
        ("(loop (drop (call $set-new)) (br 0)) unreachable", "handles"),
        ("(loop (drop (call $later (i32.const 0) (i32.const 0))) (br 0)) unreachable", "handles"),
        ("(call $later (i32.const 0) (i32.const 0x10000)) drop (i32.const 0)", "failed to produce a result"),
    ])
    func isStopped(body: String, message: String) throws {
        let guest = try self.guest(body)
        try guest.start(0)
        #expect(try guest.fault().contains(message))
        #expect(guest.ended == 1)
        #expect(guest.failures.count == 1)
    }

    @Test func aLateResultOutsideOfTheMemoryIsAFault() throws {
        let guest = try self.guest(
            "(drop (call $later (i32.const 0) (i32.const 0x10000))) (call $return (i32.const 1)) (i32.const 1)",
            callback: "(i32.const 1)")
        try guest.start(0)
        try guest.run { !guest.host.answers.isEmpty }
        guest.host.answers[0].succeed(1)
        #expect(try guest.fault().contains("outside the guest's memory"))
    }

    @Test func waitingForNothingIsADeadlock() throws {
        let guest = try self.guest("(i32.or (i32.const 2) (i32.shl (call $set-new) (i32.const 4)))")
        try guest.start(0)
        let error = #expect(throws: Deadlock.self) { try guest.run() }
        #expect(error?.waiting == ["run waits for an empty set of waitables"])
        #expect(guest.failures.count == 1)
        #expect(throws: Deadlock.self) { try guest.run() }
    }

    @Test func waitingInsideABuiltInIsADeadlock() throws {
        let guest = try TaskGuest(
            TaskAPI.guest(
                """
                (func (export "run") (param $v i32) (drop (call $set-wait (call $set-new) (i32.const 0))))
                """,
                """
                (func (export "run") async (param "v" u32) (result u32) (canon lift (core func $m "run") async))
                """))
        try guest.start(0)
        try guest.start(1)
        #expect(throws: Deadlock.self) { try guest.run() }
        #expect(guest.ended == 2)
    }

    @Test func whatIsLeftBehindIsNoDeadlock() throws {
        let guest = try self.guest(
            """
            (call $return (i32.const 5))
            (i32.or (i32.const 2) (i32.shl (call $set-new) (i32.const 4)))
            """)
        try guest.start(0)
        #expect(try guest.run())
        #expect(guest.results == [.u32(5)])
        #expect(guest.ended == 0)
        try guest.start(1)
        #expect(try guest.run())
        #expect(guest.results.count == 2)
    }

    @Test func yieldingForEverLetsOthersRun() throws {
        let guest = try self.guest(
            "(if (result i32) (local.get $v) (then (call $return (i32.const 2)) (i32.const 0)) (else (i32.const 1)))",
            callback: "(i32.const 1)")
        try guest.start(0)
        guard case .yielded = guest.scheduler.run() else {
            Issue.record("the event loop does not get its turn")
            return
        }
        try guest.start(1)
        try guest.run { !guest.results.isEmpty }
        #expect(guest.results == [.u32(2)])
    }

    @Test func yieldingForEverOnAStackLetsOthersRun() throws {
        let guest = try TaskGuest(
            TaskAPI.guest(
                "(func (export \"run\") (param $v i32) (loop (drop (call $yield)) (br 0)))",
                """
                (func (export "run") async (param "v" u32) (result u32) (canon lift (core func $m "run") async))
                """))
        try guest.start(0)
        for _ in 0..<3 {
            guard case .yielded = guest.scheduler.run() else {
                Issue.record("the event loop does not get its turn")
                return
            }
        }
        guest.scheduler.stop()
    }

    @Test func aTrapEndsAllTasks() throws {
        let guest = try TaskGuest(
            TaskAPI.guest(
                """
                (func (export "run") (param $v i32) (drop (call $later-sync (i32.const 0))) unreachable)
                """,
                """
                (func (export "run") async (param "v" u32) (result u32) (canon lift (core func $m "run") async))
                """))
        for value in 0..<5 { try guest.start(UInt32(value)) }
        #expect(try !guest.run())
        guest.host.answers[2].succeed(0)
        #expect(throws: WasmFailure.self) { try guest.run() }
        #expect(guest.failures.count == 5)
        #expect(guest.host.cancelled == 4)
        for answer in guest.host.answers { answer.succeed(1) }
        #expect(throws: WasmFailure.self) { try guest.run() }
    }
}
