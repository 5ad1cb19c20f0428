import ComponentModel
import Testing
import WasmEngine

/// What guests that call each other can make the host hold.
@Suite struct TaskBoundTests {
    /// A component whose function `run` may call `take` of another one, asynchronously, and `close` it to all calls.
    private func guest(run: String) throws -> TaskGuest {
        try TaskGuest(
            """
            (component
              (component $Inner
                (core func $hold (canon backpressure.inc))
                (core module $M
                  (import "" "hold" (func $hold))
                  (func (export "close") (call $hold))
                  (func (export "take") (result i32) unreachable)
                  (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
                (core instance $m (instantiate $M (with "" (instance (export "hold" (func $hold))))))
                (func (export "close") (canon lift (core func $m "close")))
                (func (export "take") async
                  (canon lift (core func $m "take") async (callback (core func $m "callback")))))
              (instance $inner (instantiate $Inner))
              (component $Outer
                (import "inner" (instance $inner (export "close" (func)) (export "take" (func async))))
                (core func $close (canon lower (func $inner "close")))
                (core func $take (canon lower (func $inner "take") async))
                (core func $cancel (canon subtask.cancel))
                (core func $drop (canon subtask.drop))
                (core func $return (canon task.return (result u32)))
                (core module $M
                  (import "" "close" (func $close))
                  (import "" "take" (func $take (result i32)))
                  (import "" "cancel" (func $cancel (param i32) (result i32)))
                  (import "" "drop" (func $drop (param i32)))
                  (import "" "return" (func $return (param i32)))
                  (func (export "run") (param $n i32) (result i32) (local $call i32)
                    \(run)
                    (call $return (i32.const 1))
                    (i32.const 0))
                  (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
                (core instance $m (instantiate $M (with "" (instance
                  (export "close" (func $close)) (export "take" (func $take)) (export "cancel" (func $cancel))
                  (export "drop" (func $drop)) (export "return" (func $return))))))
                (func (export "run") async (param "n" u32) (result u32)
                  (canon lift (core func $m "run") async (callback (core func $m "callback")))))
              (instance $outer (instantiate $Outer (with "inner" (instance $inner))))
              (alias export $outer "run" (func $run))
              (export "run" (func $run)))
            """)
    }

    /// Its handle is free again after each, so nothing else bounds them.
    @Test(arguments: ["", "(drop (call $take))"]) func cancelledCallsAreNotKeptInLine(first: String) throws {
        let guest = try self.guest(
            run: """
                (call $close)
                \(first)
                (loop $again
                  (local.set $call (i32.shr_u (call $take) (i32.const 4)))
                  (drop (call $cancel (local.get $call)))
                  (call $drop (local.get $call))
                  (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                  (br_if $again (local.get $n)))
                """)
        try guest.start(1000)
        _ = try guest.run()
        #expect(guest.results == [.u32(1)])
        #expect(guest.scheduler.queuedCalls <= 128)
    }
}
