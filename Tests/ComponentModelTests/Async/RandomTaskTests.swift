import ComponentModel
import TestSupport
import Testing
import WasmEngine

/// Guests that use tasks, subtasks and sets at random, while the host answers, cancels and lets go at random: each goes on
/// or is stopped, nothing else.
@Suite struct RandomTaskTests {
    /// Each step is an operation on a handle that there may be: what was made is noted, a few are any number.
    private static let text = TaskAPI.guest(
        """
        (global $seed (mut i32) (i32.const 1))
        (func $rand (param $n i32) (result i32)
          (global.set $seed (i32.xor (global.get $seed) (i32.shl (global.get $seed) (i32.const 13))))
          (global.set $seed (i32.xor (global.get $seed) (i32.shr_u (global.get $seed) (i32.const 17))))
          (global.set $seed (i32.xor (global.get $seed) (i32.shl (global.get $seed) (i32.const 5))))
          (i32.rem_u (global.get $seed) (local.get $n)))
        (func $note (param $handle i32) (param $kind i32) (result i32)
          (if (i32.lt_u (local.get $handle) (i32.const 512))
            (then (i32.store8 (i32.add (i32.const 60000) (local.get $handle)) (local.get $kind))))
          (local.get $handle))
        (func $pick (param $kind i32) (result i32) (local $at i32) (local $tries i32)
          (if (i32.eqz (call $rand (i32.const 40))) (then (return (call $rand (i32.const 32)))))
          (local.set $at (call $rand (i32.const 64)))
          (loop $next
            (local.set $at (i32.and (i32.add (local.get $at) (i32.const 1)) (i32.const 63)))
            (local.set $tries (i32.add (local.get $tries) (i32.const 1)))
            (if (i32.eq (i32.load8_u (i32.add (i32.const 60000) (local.get $at))) (local.get $kind))
              (then (return (local.get $at))))
            (br_if $next (i32.lt_u (local.get $tries) (i32.const 64))))
          (if (i32.eq (local.get $kind) (i32.const 2)) (then (return (call $note (call $set-new) (i32.const 2)))))
          (i32.const 0))
        (func $subtask (param $status i32)
          (if (i32.shr_u (local.get $status) (i32.const 4))
            (then (drop (call $note (i32.shr_u (local.get $status) (i32.const 4)) (i32.const 1))))))
        (func $step (local $op i32) (local $handle i32)
          (local.set $op (call $rand (i32.const 14)))
          (block $done
            (if (i32.le_u (local.get $op) (i32.const 3)) (then
              (call $subtask (call $later (i32.const 0) (i32.shl (call $rand (i32.const 8)) (i32.const 2))))
              (br $done)))
            (if (i32.eq (local.get $op) (i32.const 4)) (then
              (drop (call $note (call $set-new) (i32.const 2))) (br $done)))
            (if (i32.le_u (local.get $op) (i32.const 7)) (then
              (local.set $handle (call $pick (i32.const 1)))
              (if (local.get $handle) (then
                (call $join (local.get $handle)
                  (if (result i32) (call $rand (i32.const 4))
                    (then (call $pick (i32.const 2))) (else (i32.const 0))))))
              (br $done)))
            (if (i32.eq (local.get $op) (i32.const 8)) (then
              (local.set $handle (call $pick (i32.const 1)))
              (if (local.get $handle) (then
                (call $join (local.get $handle) (i32.const 0))
                (drop (call $subtask-cancel (local.get $handle)))
                (call $subtask-drop (local.get $handle))
                (drop (call $note (local.get $handle) (i32.const 0)))))
              (br $done)))
            (if (i32.eq (local.get $op) (i32.const 9)) (then (drop (call $yield)) (br $done)))
            (if (i32.eq (local.get $op) (i32.const 10)) (then
              (call $subtask (call $greet (i32.const 512))) (br $done)))
            (if (i32.eq (local.get $op) (i32.const 11)) (then
              (drop (call $note (call $make) (i32.const 3))) (br $done)))
            (if (i32.eq (local.get $op) (i32.const 12)) (then
              (local.set $handle (call $pick (i32.const 3)))
              (if (local.get $handle) (then
                (call $subtask (call $use (local.get $handle) (i32.const 64)))))
              (br $done)))
            (if (i32.eqz (call $rand (i32.const 3))) (then (drop (call $later-sync (i32.const 0)))))))
        (func $go (result i32) (local $n i32) (local $how i32)
          (local.set $n (call $rand (i32.const 12)))
          (loop $again
            (if (local.get $n) (then
              (call $step)
              (local.set $n (i32.sub (local.get $n) (i32.const 1)))
              (br $again))))
          (local.set $how (call $rand (i32.const 10)))
          (if (i32.eqz (local.get $how)) (then (call $return (i32.const 7)) (return (i32.const 0))))
          (if (i32.le_u (local.get $how) (i32.const 3)) (then (return (i32.const 1))))
          (i32.or (i32.const 2) (i32.shl (call $pick (i32.const 2)) (i32.const 4))))
        (func (export "run") (param $v i32) (result i32)
          (if (local.get $v) (then (global.set $seed (local.get $v))))
          (call $go))
        (func (export "run-callback") (param $event i32) (param $handle i32) (param i32) (result i32)
          (if (i32.eq (local.get $event) (i32.const 6)) (then
            (if (call $rand (i32.const 2)) (then (call $cancel) (return (i32.const 0))))))
          (if (i32.and (i32.eq (local.get $event) (i32.const 1)) (i32.eq (local.get 2) (i32.const 2))) (then
            (call $subtask-drop (local.get $handle))
            (drop (call $note (local.get $handle) (i32.const 0)))))
          (call $go))
        """, TaskAPI.callback)

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func anythingIsAnAnswerOrAFault(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var (turns, failures) = (0, 0)
        for _ in 0..<40 {
            let guest = try TaskGuest(Self.text)
            var tasks = [try guest.start(UInt32.random(in: 1 ... .max, using: &generator))]
            running: for _ in 0..<60 {
                turns += 1
                switch guest.scheduler.run() {
                case .failed:
                    failures += 1
                    break running
                case .idle where tasks.count > 5: break running
                case .idle, .waiting, .yielded: break
                }
                switch Int.random(in: 0..<12, using: &generator) {
                case 0: tasks.append(try guest.start(0))
                case 1: tasks.randomElement(using: &generator)?.requestCancellation()
                case 2: guest.host.texts.randomElement(using: &generator)?.succeed("some text")
                case 3 where Bool.random(using: &generator):
                    guest.scheduler.stop()
                    break running
                default: guest.host.answers.randomElement(using: &generator)?.succeed(9)
                }
            }
            // What the host still owes comes too late.
            if Bool.random(using: &generator) { guest.scheduler.stop() }
            for answer in guest.host.answers { answer.succeed(1) }
            for text in guest.host.texts { text.succeed("late") }
        }
        // The guests get somewhere: they are not all stopped at once.
        #expect(turns > 200)
        #expect(failures > 10)
    }
}
