import Commands
import TestSupport
import Testing

/// A guest of WASI 0.3, in text, that treats the streams of files badly.
@Suite struct RunAsyncFilesTests {
    /// A thousand times: reads a little and drops the stream in the middle; never reads one; begins to read one, cancels
    /// and drops it. Every second of those that were never read is left open.
    private static let program = """
        (component
          (import "wasi:filesystem/types@0.3.0" (instance $types
            (export "descriptor" (type $d (sub resource)))
            (type $c (variant (case "access") (case "already") (case "bad-descriptor") (case "busy") (case
              "deadlock") (case "quota") (case "exist") (case "file-too-large") (case
                "illegal-byte-sequence") (case "in-progress") (case "interrupted") (case "invalid") (case
                  "io") (case "is-directory") (case "loop") (case "too-many-links") (case "message-size")
                    (case "name-too-long") (case "no-device") (case "no-entry") (case "no-lock") (case
                      "insufficient-memory") (case "insufficient-space") (case "not-directory") (case
                        "not-empty") (case "not-recoverable") (case "unsupported") (case "no-tty") (case
                          "no-such-device") (case "overflow") (case "not-permitted") (case "pipe") (case
                            "read-only") (case "invalid-seek") (case "text-file-busy") (case
                              "cross-device") (case "other" (option string))))
            (export "error-code" (type $code (eq $c)))
            (type $p (flags "symlink-follow")) (export "path-flags" (type $pf (eq $p)))
            (type $o (flags "create" "directory" "exclusive" "truncate")) (export "open-flags" (type $of
              (eq $o)))
            (type $f (flags "read" "write" "file-integrity-sync" "data-integrity-sync"
              "requested-write-sync" "mutate-directory")) (export "descriptor-flags" (type $df (eq $f)))
            (export "[method]descriptor.open-at" (func async (param "self" (borrow $d)) (param "path-flags"
              $pf) (param "path" string) (param "open-flags" $of) (param "flags" $df) (result (result (own
                $d) (error $code)))))
            (export "[method]descriptor.read-via-stream" (func (param "self" (borrow $d)) (param "offset"
              u64) (result (tuple (stream u8) (future (result (error $code)))))))))
          (alias export $types "descriptor" (type $descriptor))
          (import "wasi:filesystem/preopens@0.3.0" (instance $preopens
            (alias outer 1 $descriptor (type $dd)) (export "descriptor" (type $d (eq $dd)))
            (export "get-directories" (func (result (list (tuple (own $d) string)))))))
          (type $bytes (stream u8))
          (core module $memory (memory (export "memory") 4) (data (i32.const 64) "large")
            (global $next (mut i32) (i32.const 1024))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32)
              (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
              (global.get $next) (global.set $next (i32.add (global.get $next) (local.get 3)))))
          (core instance $mem (instantiate $memory))
          (core func $dirs (canon lower (func $preopens "get-directories") (memory (core memory $mem
            "memory")) (realloc (core func $mem "realloc"))))
          (core func $open (canon lower (func $types "[method]descriptor.open-at") (memory (core memory
            $mem "memory")) (realloc (core func $mem "realloc"))))
          (core func $stream (canon lower (func $types "[method]descriptor.read-via-stream") (memory (core
            memory $mem "memory"))))
          (core func $read (canon stream.read $bytes (memory (core memory $mem "memory"))))
          (core func $aread (canon stream.read $bytes async (memory (core memory $mem "memory"))))
          (core func $cancel (canon stream.cancel-read $bytes))
          (core func $drop (canon stream.drop-readable $bytes))
          (core func $dropd (canon resource.drop $descriptor))
          (core module $main
            (import "h" "memory" (memory 4))
            (import "h" "dirs" (func $dirs (param i32)))
            (import "h" "open" (func $open (param i32 i32 i32 i32 i32 i32 i32)))
            (import "h" "stream" (func $stream (param i32 i64 i32)))
            (import "h" "read" (func $read (param i32 i32 i32) (result i32)))
            (import "h" "aread" (func $aread (param i32 i32 i32) (result i32)))
            (import "h" "cancel" (func $cancel (param i32) (result i32)))
            (import "h" "drop" (func $drop (param i32)))
            (import "h" "dropd" (func $dropd (param i32)))
            (func (export "run") (result i32) (local $d i32) (local $f i32) (local $i i32) (local $n i32)
              (call $dirs (i32.const 128))
              (local.set $d (i32.load (i32.load (i32.const 128))))
              (call $open (local.get $d) (i32.const 0) (i32.const 64) (i32.const 5) (i32.const 0)
                (i32.const 1) (i32.const 256))
              (if (i32.load8_u (i32.const 256)) (then (return (i32.const 1))))
              (local.set $f (i32.load (i32.const 260)))
              ;; a thousand streams: read some, drop; never read; async read, cancel, drop
              (local.set $i (i32.const 1000))
              (loop $l
                (call $stream (local.get $f) (i64.const 10) (i32.const 256))
                (local.set $n (call $read (i32.load (i32.const 256)) (i32.const 65536) (i32.const 100)))
                (if (i32.ne (local.get $n) (i32.const 1600)) (then (return (i32.const 1))))
                (call $drop (i32.load (i32.const 256)))
                (call $stream (local.get $f) (i64.const 0) (i32.const 256))
                (if (i32.and (local.get $i) (i32.const 1)) (then (call $drop (i32.load (i32.const 256)))))
                (call $stream (local.get $f) (i64.const 500000) (i32.const 256))
                (if (i32.eq (i32.const -1) (call $aread (i32.load (i32.const 256)) (i32.const 65536)
                  (i32.const 65536)))
                  (then (drop (call $cancel (i32.load (i32.const 256))))))
                (call $drop (i32.load (i32.const 256)))
                (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
              (call $dropd (local.get $f))
              (i32.const 0)))
          (core instance $i (instantiate $main (with "h" (instance (export "memory" (memory $mem "memory"))
            (export "dirs" (func $dirs)) (export "open" (func $open)) (export "stream" (func $stream))
              (export "read" (func $read)) (export "aread" (func $aread)) (export "cancel" (func $cancel))
                (export "drop" (func $drop)) (export "dropd" (func $dropd))))))
          (func $run async (result (result)) (canon lift (core func $i "run")))
          (instance $out (export "run" (func $run)))
          (export "wasi:cli/run@0.3.0" (instance $out)))
        """

    @Test func streamsOfFilesMayGoInTheMiddle() async throws {
        let directory = try TemporaryFolder()
        try directory.write("large", String(repeating: "0123456789", count: 100_000))
        let run = try await ProgramRun(component: Self.program, options: ["--dir", "\(directory.path)::/"])
        #expect(run.exitCode == 0, "\(run.message)")
    }
}
