import Commands
import Foundation
import Testing

/// `swirl run` with commands of WASI 0.3, in text.
@Suite struct RunAsyncCommandTests {
    /// A component whose `run` has this body, a core function that gives 0 for success.
    ///
    /// It may call what its host functions and built-ins are named below.
    private static func command(_ body: String, version: String = "0.3.0") -> String {
        """
        (component
          (import "wasi:clocks/monotonic-clock@\(version)" (instance $clock
            (export "now" (func (result u64)))
            (export "wait-for" (func async (param "how-long" u64)))))
          (import "wasi:cli/exit@\(version)" (instance $exit
            (export "exit-with-code" (func (param "status-code" u8)))))
          (import "wasi:cli/types@\(version)" (instance $types
            (type $code (enum "io" "illegal-byte-sequence" "pipe"))
            (export "error-code" (type (eq $code)))))
          (alias export $types "error-code" (type $code))
          (import "wasi:cli/stdin@\(version)" (instance $stdin
            (alias outer 1 $code (type $c))
            (export "error-code" (type $code (eq $c)))
            (export "read-via-stream" (func
              (result (tuple (stream u8) (future (result (error $code)))))))))
          (import "wasi:cli/stdout@\(version)" (instance $stdout
            (alias outer 1 $code (type $c))
            (export "error-code" (type $code (eq $c)))
            (export "write-via-stream" (func (param "data" (stream u8)) (result (future (result (error $code))))))))
          (type $bytes (stream u8))
          (type $outcome (result (error $code)))
          (type $done (future $outcome))
          (core module $memory
            (memory (export "memory") 1) (data (i32.const 64) "hello\\n") (data (i32.const 70) "\\00\\00"))
          (core instance $mem (instantiate $memory))
          (core func $now (canon lower (func $clock "now")))
          (core func $wait (canon lower (func $clock "wait-for")))
          (core func $start-wait (canon lower (func $clock "wait-for") async))
          (core func $exit (canon lower (func $exit "exit-with-code")))
          (core func $stdin (canon lower (func $stdin "read-via-stream") (memory (core memory $mem "memory"))))
          (core func $stdout (canon lower (func $stdout "write-via-stream")))
          (core func $new (canon stream.new $bytes))
          (core func $write (canon stream.write $bytes (memory (core memory $mem "memory"))))
          (core func $read (canon stream.read $bytes (memory (core memory $mem "memory"))))
          (core func $drop-writable (canon stream.drop-writable $bytes))
          (core func $result (canon future.read $done (memory (core memory $mem "memory"))))
          (core func $set (canon waitable-set.new))
          (core func $join (canon waitable.join))
          (core func $wait-any (canon waitable-set.wait (memory (core memory $mem "memory"))))
          (core func $drop-subtask (canon subtask.drop))
          (core module $main
            (import "h" "now" (func $now (result i64)))
            (import "h" "wait" (func $wait (param i64)))
            (import "h" "start-wait" (func $start-wait (param i64) (result i32)))
            (import "h" "exit" (func $exit (param i32)))
            (import "h" "stdin" (func $stdin (param i32)))
            (import "h" "stdout" (func $stdout (param i32) (result i32)))
            (import "h" "new" (func $new (result i64)))
            (import "h" "write" (func $write (param i32 i32 i32) (result i32)))
            (import "h" "read" (func $read (param i32 i32 i32) (result i32)))
            (import "h" "drop-writable" (func $drop-writable (param i32)))
            (import "h" "result" (func $result (param i32 i32) (result i32)))
            (import "h" "set" (func $set (result i32)))
            (import "h" "join" (func $join (param i32 i32)))
            (import "h" "wait-any" (func $wait-any (param i32 i32) (result i32)))
            (import "h" "drop-subtask" (func $drop-subtask (param i32)))
            (import "h" "memory" (memory 1))
            (func (export "run") (result i32) (local $i i32) (local $set i32) (local $ends i64) (local $start i64)
              \(body)))
          (core instance $i (instantiate $main (with "h" (instance
            (export "now" (func $now)) (export "wait" (func $wait)) (export "start-wait" (func $start-wait))
            (export "exit" (func $exit)) (export "stdin" (func $stdin)) (export "stdout" (func $stdout))
            (export "new" (func $new)) (export "write" (func $write)) (export "read" (func $read))
            (export "drop-writable" (func $drop-writable)) (export "result" (func $result))
            (export "set" (func $set)) (export "join" (func $join)) (export "wait-any" (func $wait-any))
            (export "drop-subtask" (func $drop-subtask)) (export "memory" (memory $mem "memory"))))))
          (func $run async (result (result)) (canon lift (core func $i "run")))
          (instance $out (export "run" (func $run)))
          (export "wasi:cli/run@\(version)" (instance $out)))
        """
    }

    /// The release and its candidate.
    @Test(arguments: ["0.3.0", "0.3.0-rc-2026-03-15"]) func printsThroughAStream(version: String) async throws {
        let body = """
            (local.set $ends (call $new))
            (local.set $i (call $stdout (i32.wrap_i64 (local.get $ends))))
            (drop (call $write (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32)))
              (i32.const 64) (i32.const 6)))
            (call $drop-writable (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
            ;; The result's discriminant.
            (drop (call $result (local.get $i) (i32.const 128)))
            (i32.load8_u (i32.const 128))
            """
        let run = try await ProgramRun(component: Self.command(body, version: version))
        #expect(run.output == "hello\n", "\(run.message)")
        #expect(run.exitCode == 0)
    }

    /// No byte passes through the guest.
    @Test(arguments: [0, 5, 1_000_000]) func handsStandardInputOnToStandardOutput(count: Int) async throws {
        let body = """
            (call $stdin (i32.const 128))
            (local.set $i (call $stdout (i32.load (i32.const 128))))
            (drop (call $result (local.get $i) (i32.const 136)))
            (i32.load8_u (i32.const 136))
            """
        let text = String(String(repeating: "0123456789", count: count / 10 + 1).prefix(count))
        let run = try await ProgramRun(component: Self.command(body), input: text)
        #expect(run.output == text, "\(run.message)")
        #expect(run.exitCode == 0)
    }

    @Test func copiesStandardInputByHand() async throws {
        let body = """
            (call $stdin (i32.const 128))
            (local.set $ends (call $new))
            (drop (call $stdout (i32.wrap_i64 (local.get $ends))))
            (block $end (loop $next
              (local.set $i (call $read (i32.load (i32.const 128)) (i32.const 4096) (i32.const 1000)))
              (br_if $end (i32.eqz (i32.shr_u (local.get $i) (i32.const 4))))
              (drop (call $write (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32)))
                (i32.const 4096) (i32.shr_u (local.get $i) (i32.const 4))))
              (br_if $next (i32.eqz (i32.and (local.get $i) (i32.const 15))))))
            (call $drop-writable (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
            ;; The future of standard input says that nothing was wrong.
            (drop (call $result (i32.load (i32.const 132)) (i32.const 136)))
            (i32.load8_u (i32.const 136))
            """
        let text = String(repeating: "0123456789abcdef", count: 2_000)
        let run = try await ProgramRun(component: Self.command(body), input: text)
        #expect(run.output == text, "\(run.message)")
        #expect(run.exitCode == 0)
    }

    @Test func theResultIsTheExitCode() async throws {
        let failed = try await ProgramRun(component: Self.command("(i32.const 1)"))
        #expect(failed.exitCode == 1, "\(failed.message)")
        let exited = try await ProgramRun(component: Self.command("(call $exit (i32.const 42)) (i32.const 0)"))
        #expect(exited.exitCode == 42, "\(exited.message)")
        #expect(exited.message == "")
        let trapped = try await ProgramRun(component: Self.command("unreachable"))
        #expect(trapped.exitCode == 134)
        #expect(trapped.message.hasPrefix("Error: the program trapped: wasm trap: `unreachable` instruction executed"))
    }

    /// 50 waits of 100 ms end together, not one after the other.
    @Test func waitsAtTheSameTime() async throws {
        let body = """
            (local.set $start (call $now))
            (call $wait (i64.const 1000000))
            (local.set $set (call $set))
            (local.set $i (i32.const 50))
            (loop $next
              (call $join (i32.shr_u (call $start-wait (i64.const 100000000)) (i32.const 4)) (local.get $set))
              (br_if $next (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
            (local.set $i (i32.const 50))
            (loop $next
              (drop (call $wait-any (local.get $set) (i32.const 136)))
              (call $drop-subtask (i32.load (i32.const 136)))
              (br_if $next (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
            (i32.or
              (i64.lt_u (i64.sub (call $now) (local.get $start)) (i64.const 101000000))
              (i64.gt_u (i64.sub (call $now) (local.get $start)) (i64.const 2500000000)))
            """
        let run = try await ProgramRun(component: Self.command(body))
        #expect(run.exitCode == 0, "\(run.message)")
    }

    @Test func aProgramThatWaitsForItselfIsStopped() async throws {
        let body = """
            (local.set $ends (call $new))
            (drop (call $read (i32.wrap_i64 (local.get $ends)) (i32.const 256) (i32.const 1)))
            (i32.const 0)
            """
        let run = try await ProgramRun(component: Self.command(body))
        #expect(run.exitCode == 134)
        #expect(run.message.contains("deadlock"), "\(run.message)")
    }

    @Test func aWaitIsStoppedByTheTimeout() async throws {
        let run = try await ProgramRun(
            component: Self.command("(call $wait (i64.const 1000000000000)) (i32.const 0)"),
            options: ["--timeout", "50ms"])
        #expect(run.exitCode == 134)
        #expect(run.message == "Error: the program was stopped: the guest ran longer than the limit of 50 ms\n")
        let endless = try await ProgramRun(
            component: Self.command("(loop $l (br $l)) (i32.const 0)"), options: ["--timeout", "50ms"])
        #expect(endless.exitCode == 134)
    }

    /// A component that uses nothing else of the asynchronous model needs no tasks.
    @Test func aFunctionOfTypeAsyncMayBeCalledSynchronously() async throws {
        let run = try await ProgramRun(
            component: """
                (component
                  (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
                    (export "now" (func (result u64)))
                    (export "wait-for" (func async (param "how-long" u64)))))
                  (core func $now (canon lower (func $clock "now")))
                  (core func $wait (canon lower (func $clock "wait-for")))
                  (core module $m
                    (import "h" "now" (func $now (result i64)))
                    (import "h" "wait" (func $wait (param i64)))
                    (func (export "run") (result i32) (local $start i64)
                      (local.set $start (call $now))
                      (call $wait (i64.const 0))
                      (call $wait (i64.const 20000000))
                      (i64.lt_u (i64.sub (call $now) (local.get $start)) (i64.const 20000000))))
                  (core instance $i (instantiate $m (with "h" (instance
                    (export "now" (func $now)) (export "wait" (func $wait))))))
                  (func $run async (result (result)) (canon lift (core func $i "run")))
                  (instance $out (export "run" (func $run)))
                  (export "wasi:cli/run@0.3.0" (instance $out)))
                """)
        #expect(run.exitCode == 0, "\(run.message)")
    }

    /// Ends also the tasks that still wait.
    @Test func exitEndsTheProgramWhereItStands() async throws {
        let body = """
            (drop (call $start-wait (i64.const 1000000000000)))
            (call $stdin (i32.const 128))
            (call $exit (i32.const 3))
            (i32.const 0)
            """
        let run = try await ProgramRun(component: Self.command(body), input: "never read")
        #expect(run.exitCode == 3, "\(run.message)")
    }

    /// A command of 0.3 may have a stub for 0.2, as Rust makes it.
    @Test func theNewestRunCounts() async throws {
        let run = try await ProgramRun(
            component: """
                (component
                  (core module $m
                    (func (export "old") (result i32) unreachable) (func (export "new") (result i32) (i32.const 0)))
                  (core instance $i (instantiate $m))
                  (func $old (result (result)) (canon lift (core func $i "old")))
                  (func $new async (result (result)) (canon lift (core func $i "new")))
                  (instance $a (export "run" (func $old)))
                  (instance $b (export "run" (func $new)))
                  (export "wasi:cli/run@0.2.6" (instance $a))
                  (export "wasi:cli/run@0.3.0" (instance $b)))
                """)
        #expect(run.exitCode == 0, "\(run.message)")
    }
}
