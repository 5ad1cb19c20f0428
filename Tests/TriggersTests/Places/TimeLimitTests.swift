import ComponentModel
import Executor
import HTTP
import NIOCore
import Testing
import Triggers
import WasmEngine

/// The time-out of a request ends all that holds its place: its guest, its response, its body.
@Suite struct TimeLimitTests {
    // MARK: WASI 0.3

    /// The guest goes on for an hour.
    private static let waits = """
        (local.set $set (call $set-new))
        (call $join (i32.shr_u (call $wait-for (i64.const 3600000000000)) (i32.const 4)) (local.get $set))
        (i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4)))
        """

    /// The client has its response, and the guest goes on.
    @Test(arguments: [(waits, Duration.seconds(2)), ("(loop $again (br $again)) unreachable", .milliseconds(2))])
    func aGuestEndsAlsoAfterItsResponse(_ rest: String, _ limit: Duration) throws {
        let server = try TimedServer(
            """
            (func (export "handle") (param $request i32) (result i32) (local $set i32)
              (call $drop-request (local.get $request))
              (call $hello)
              \(rest))
            """, timeout: limit)
        let first = server.send()
        #expect(first.collector.isFinished)
        let second = server.send()
        #expect(second.status == nil, "the first has given its place up")
        server.pass(TimeAmount(limit))
        server.pass(.milliseconds(500))
        #expect(second.collector.isFinished)
        #expect(!first.collector.isAborted)
        #expect(!second.collector.isAborted)
    }

    /// The task is over, its response is not: somebody else has the stream.
    @Test func anOpenResponseEndsAlsoAfterItsGuest() throws {
        let server = try TimedServer(
            """
            (func (export "handle") (param $request i32) (result i32)
              (call $drop-request (local.get $request))
              (call $begin)
              (i32.const 0))
            """, timeout: .seconds(3))
        let first = server.send()
        // It holds no place.
        let second = server.send()
        #expect(second.status == 200)
        server.pass(.milliseconds(2990))
        #expect(!first.collector.isAborted)
        server.pass(.milliseconds(10))
        #expect(first.collector.isAborted)
        #expect(second.collector.isAborted)
    }

    // MARK: Bodies that are read before the guest runs

    private static func spinOne() throws -> Component {
        try ModuleRig.load(try Engine.assemble(try ModuleRig.guest("spin-one")))
    }

    private static func program(_ start: String) throws -> CommandProgram {
        var configuration = EngineConfiguration()
        configuration.pooling = nil
        let engine = try Engine(configuration)
        let module = try Engine.assemble(#"(module (memory (export "memory") 1) (func (export "_start") \#(start)))"#)
            .withUnsafeBytes { try engine.compile($0) }
        return try CommandProgram(.coreModule(module), engine: engine, path: "p.wasm")
    }

    private static func server(isWagi: Bool, timeout: Duration) throws -> TimedServer {
        guard isWagi else { return try TimedServer(try self.spinOne(), timeout: timeout) }
        return try TimedServer(try self.program(""), timeout: timeout)
    }

    @Test(arguments: [true, false])
    func aSlowBodyHoldsNoPlaceForEver(isWagi: Bool) throws {
        let server = try Self.server(isWagi: isWagi, timeout: .seconds(2))
        let slow = server.send(bodyLength: 1000)
        let next = server.send()
        for _ in 0..<19 {
            server.pass(.milliseconds(100))
            slow.body.feed(ByteBuffer(string: "x"))
        }
        #expect(slow.status == nil)
        #expect(next.status == nil)
        server.pass(.milliseconds(100))
        #expect(slow.status == 408)
        #expect(slow.collector.isFinished)
        #expect(next.collector.isFinished)
        // What comes now is for nobody.
        slow.body.feed(ByteBuffer(string: "x"))
        slow.leave()
        server.pass(.seconds(60))
        #expect(server.send().collector.isFinished)
    }

    @Test(arguments: [true, false])
    func aBodyInTimeIsTaken(isWagi: Bool) throws {
        let server = try Self.server(isWagi: isWagi, timeout: .seconds(2))
        let slow = server.send(bodyLength: 4)
        server.pass(.milliseconds(1900))
        slow.body.feed(ByteBuffer(string: "body"))
        slow.body.end()
        server.settle()
        #expect(slow.collector.isFinished)
        // A program that says nothing is an error; the other guest echoes.
        #expect(slow.status == (isWagi ? 500 : 200))
        #expect(isWagi || String(buffer: slow.collector.body) == "body")
        server.pass(.seconds(2))
        #expect(server.send().collector.isFinished)
    }

    /// The time that the body took is not given again to the guest.
    @Test func theGuestHasWhatIsLeft() throws {
        let server = try TimedServer(try Self.program("(loop $again (br $again))"), timeout: .seconds(2))
        let slow = server.send(bodyLength: 1)
        server.pass(.milliseconds(1998))
        slow.body.feed(ByteBuffer(string: "x"))
        slow.body.end()
        server.settle()
        #expect(slow.status == nil)
        server.pass(.milliseconds(2))
        #expect(slow.status == 500)
    }
}
