import AppModel
import Executor
import HTTP
import NIOCore
import Testing

/// Guests of WASI 0.3 that wait for what another request to their instance brings.
@Suite struct WaitingGuestTests {
    /// The first request waits for bytes that every later one writes. `answer`: of the first, when they are there.
    private static func guest(begin: String = "", answer: String) -> String {
        """
        (global $isOpen (mut i32) (i32.const 0)) (global $writer (mut i32) (i32.const 0))
        (global $set (mut i32) (i32.const 0))
        (global $its-body (mut i32) (i32.const 0)) (global $its-tail (mut i32) (i32.const 0))
        (func (export "handle") (param $request i32) (result i32) (local $s i64)
          (call $drop-request (local.get $request))
          (if (i32.eqz (global.get $isOpen)) (then
            (global.set $isOpen (i32.const 1))
            \(begin)
            (global.set $its-body (global.get $body))
            (global.set $its-tail (global.get $tail))
            (local.set $s (call $stream-new))
            (global.set $writer (call $high (local.get $s)))
            (drop (call $aread (call $low (local.get $s)) (i32.const 4096) (i32.const 1)))
            (global.set $set (call $set-new))
            (call $join (call $low (local.get $s)) (global.get $set))
            (return (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))))
          (drop (call $write (global.get $writer) (i32.const 1024) (i32.const 1)))
          (call $hello)
          (i32.const 0))
        (func (export "callback") (param i32 i32 i32) (result i32)
          \(answer)
          (i32.const 0))
        """
    }

    private static let polling = Self.guest(answer: "(call $hello)")
    private static let streaming = Self.guest(
        begin: "(call $begin)",
        answer: """
            (global.set $body (global.get $its-body))
            (global.set $tail (global.get $its-tail))
            (drop (call $write (global.get $body) (i32.const 1024) (i32.const 30)))
            (call $end)
            """)
    private static let greeting = "Hello from a Swirl test guest\n"

    @Test(arguments: [polling, streaming])
    func anotherRequestBringsIt(guest: String) throws {
        let server = try TimedServer(guest, places: 2)
        let first = server.send()
        // Longer than anything but a time-out, which there is not.
        server.pass(.seconds(600))
        #expect(!first.collector.isFinished && !first.collector.isAborted)
        let second = server.send()
        #expect(second.collector.isFinished)
        #expect(first.collector.isFinished)
        #expect(first.status == 200)
        #expect(String(buffer: first.collector.body) == Self.greeting)
        #expect(String(buffer: second.collector.body) == Self.greeting)
    }

    /// An instance that waits is not an idle one.
    @Test func waitingIsNotIdle() throws {
        var reuse = TimedServer.reuse()
        reuse.idleTimeout = .init(.seconds(1))
        let server = try TimedServer(Self.streaming, places: 2, reuse: reuse)
        let first = server.send()
        server.pass(.seconds(30))
        #expect(!first.collector.isAborted)
        _ = server.send()
        #expect(String(buffer: first.collector.body) == Self.greeting)
        #expect(first.collector.isFinished)
    }

    @Test(arguments: [polling, streaming])
    func itHoldsItsPlaceUntilTheTimeOut(guest: String) throws {
        let server = try TimedServer(guest, timeout: .seconds(20))
        let first = server.send()
        server.pass(.seconds(15))
        let second = server.send()
        #expect(second.status == nil)
        server.pass(.seconds(5))
        #expect(first.collector.isAborted || first.status == 500)
        server.pass(.milliseconds(500))
        #expect(second.collector.isFinished)
    }

    @Test(arguments: [polling, streaming])
    func itHoldsItsPlaceWhileItsClientIsThere(guest: String) throws {
        let server = try TimedServer(guest)
        let first = server.send()
        let second = server.send()
        #expect(server.send().status == 503)
        first.leave()
        server.pass(.milliseconds(600))
        // The second has the place of the first.
        #expect(second.collector.isFinished)
        #expect(server.send().collector.isFinished)
    }

    /// No other request comes into the instance.
    @Test(arguments: [polling, streaming])
    func whereNoneCanComeItIsOver(guest: String) throws {
        let server = try TimedServer(guest, reuse: TimedServer.reuse(count: 1))
        let first = server.send()
        #expect(first.status == 500 || first.collector.isAborted)
        let second = server.send()
        #expect(second.status == 500 || second.collector.isAborted)
    }

    /// It waits inside a call that lets nobody else in.
    @Test func whoLetsNobodyInIsDeadlocked() throws {
        let server = try TimedServer(
            """
            (func (export "handle") (param $request i32) (result i32)
              (drop (call $read (call $low (call $stream-new)) (i32.const 4096) (i32.const 1)))
              (i32.const 0))
            """)
        #expect(server.send().status == 500)
        #expect(server.send().status == 500)
    }

    // MARK: The line

    /// Who leaves the line leaves room in it.
    @Test func whoHasGoneKeepsNoPlaceInTheLine() throws {
        let server = try TimedServer(
            """
            (func (export "handle") (param $request i32) (result i32)
              (call $drop-request (local.get $request))
              (i32.or (i32.const 2) (i32.shl (call $set-new) (i32.const 4))))
            (func (export "callback") (param i32 i32 i32) (result i32) (call $hello) (i32.const 0))
            """)
        let first = server.send()
        for _ in 0..<5 {
            let second = server.send()
            #expect(second.status == nil)
            #expect(server.send().status == 503)
            second.leave()
        }
        first.leave()
        server.pass(.milliseconds(600))
        let last = server.send()
        #expect(last.status == nil)
        #expect(server.send().status == nil, "somebody else has the place")
    }
}
