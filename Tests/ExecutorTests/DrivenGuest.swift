import ComponentModel
import Executor
import NIOCore
import NIOEmbedded
import Testing
import WasmEngine

/// A component on an instance driver, on an event loop whose clock the test moves.
final class DrivenGuest {
    static let engine = Result { () throws(EngineError) in
        var configuration = EngineConfiguration()
        configuration.pooling = nil
        return try Engine(configuration)
    }

    let loop = EmbeddedEventLoop()
    let component: Component
    let driver: InstanceDriver
    private(set) var failures: [any Error] = []
    private(set) var isReady = false
    private(set) var idleCount = 0
    /// What calls returned, in the order in which they did.
    private(set) var returned: [UInt32] = []
    private(set) var ended: [Result<Void, any Error>] = []
    /// Called when a guest returns a result.
    var onReturn: (() -> Void)?

    init(_ text: String, limit: TimeAmount? = nil, registry: HostRegistry = HostRegistry([])) throws {
        let engine = try Self.engine.get()
        let file = try Engine.assemble(text)
        self.component = try file.withUnsafeBytes { bytes in
            let plan = try ComponentDecoder.plan(bytes)
            let modules = try plan.coreModules.map { module in
                try module.withBytes(of: bytes) { code in try engine.compile(code) }
            }
            return try Component(name: "guest", plan: plan, modules: modules, engine: engine, registry: registry)
        }
        final class Failures {
            var report: ((any Error) -> Void)?
        }
        let failures = Failures()
        self.driver = InstanceDriver(
            of: self.component, limits: StoreLimits(), host: Failures(), eventLoop: self.loop,
            slices: SliceQueue(eventLoop: self.loop), processorTime: limit
        ) { error, _ in failures.report?(error) }
        failures.report = { [unowned self] in self.failures.append($0) }
        self.driver.onIdle = { [unowned self] in self.idleCount += 1 }
    }

    deinit {
        self.driver.stop()
    }

    func start() {
        self.driver.start { [unowned self] _ in self.isReady = true }
    }

    @discardableResult
    func call(_ name: String, _ argument: UInt32 = 0, host: AnyObject? = nil) throws -> GuestTask? {
        let function = try #require(self.component.exportedFunction(name, in: nil))
        return self.driver.call(
            function, account: host.map { CallAccount(host: $0) },
            arguments: { $0.set(i32: argument, at: 0) },
            returned: { [unowned self] call in
                self.returned.append(call.i32(0))
                self.onReturn?()
            },
            ended: { [unowned self] in self.ended.append($0) })
    }

    /// Lets the loop run, a millisecond of its time after the other, until `isDone` or for so many.
    ///
    /// - Returns: whether it is done.
    @discardableResult
    func run(milliseconds: Int = 1000, until isDone: () -> Bool) -> Bool {
        for _ in 0..<milliseconds {
            self.loop.advanceTime(by: .milliseconds(1))
            if isDone() { return true }
        }
        return false
    }

    /// Does what the driver's own work left on the loop, and what the end of a time slice put off: when that comes is the
    /// machine's affair.
    func runAll() {
        self.loop.run()
        for _ in 0..<10 where self.driver.isComputing { self.loop.advanceTime(by: .milliseconds(1)) }
    }
}

extension DrivenGuest {
    /// Exports that return their number at once, yield for ever by their callback or on a stack, compute for ever, and
    /// trap.
    static let text = """
        (component
          (core func $return (canon task.return (result u32)))
          (core func $yield (canon thread.yield))
          (core module $M
            (import "" "return" (func $return (param i32)))
            (import "" "yield" (func $yield (result i32)))
            (global $turns (mut i32) (i32.const 0))
            (func (export "echo") (param i32) (result i32) (call $return (local.get 0)) (i32.const 0))
            (func (export "yields") (param i32) (result i32) (i32.const 1))
            (func (export "turn") (param i32) (result i32)
              (local $left i32)
              (local.set $left (local.get 0))
              (loop $again
                (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                (br_if $again (i32.gt_s (local.get $left) (i32.const 0))))
              (call $return (local.get 0)) (i32.const 0))
            (func (export "again") (param i32 i32 i32) (result i32) (i32.const 1))
            (func (export "waits") (param i32) (loop (drop (call $yield)) (br 0)))
            (func (export "computes") (param i32) (result i32) (loop (br 0)) unreachable)
            (func (export "traps") (param i32) (result i32) unreachable))
          (core instance $m (instantiate $M (with "" (instance
            (export "return" (func $return)) (export "yield" (func $yield))))))
          (func (export "echo") async (param "v" u32) (result u32)
            (canon lift (core func $m "echo") async (callback (core func $m "again"))))
          (func (export "turn") async (param "v" u32) (result u32)
            (canon lift (core func $m "turn") async (callback (core func $m "again"))))
          (func (export "yields") async (param "v" u32) (result u32)
            (canon lift (core func $m "yields") async (callback (core func $m "again"))))
          (func (export "waits") async (param "v" u32) (result u32) (canon lift (core func $m "waits") async))
          (func (export "computes") async (param "v" u32) (result u32) (canon lift (core func $m "computes")))
          (func (export "traps") async (param "v" u32) (result u32) (canon lift (core func $m "traps"))))
        """
}
