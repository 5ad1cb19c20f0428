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

    /// A guest that calls the host in the middle of a sum, and what the host calls back.
    static let nesting = """
        (module $outer
          (import "host" "nested" (func $nested (param i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "spin") (param $n i32) (result i32)
            (local $sum i32)
            (loop $again
              (local.set $sum (i32.add (local.get $sum) (local.get $n)))
              (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))
          (func (export "add") (param i32) (result i32)
            (i32.add (local.get 0) (i32.const 1)))
          (func (export "run") (param $n i32) (result i32)
            (local $sum i32)
            (loop $again
              (local.set $sum (i32.add (local.get $sum) (call $nested (local.get $n))))
              (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum)))
        """

    /// What the host function of `nesting` finds through the store.
    final class Host {
        var instance = wasmtime_instance_t()
        var waits = false
        var spins: Int32 = 0
    }

    static func linked(_ engine: Engine) throws -> PreInstance {
        let linker = Linker(engine)
        try Self.defineNested(linker)
        return try linker.preInstantiate(try module(Self.nesting, engine: engine))
    }

    /// Calls back into the guest, and suspends where the host of the store says so.
    static func defineNested(_ linker: Linker) throws {
        try linker.define(
            module: "host", name: "nested", type: FunctionType(parameters: [.i32], results: [.i32]),
            callback: { _, caller, values, _ in
                guard let caller, let values else {
                    return nil
                }
                let store = Store.current(caller)
                do {
                    guard let host = store.owner as? Host else {
                        throw UnexpectedSuccess()
                    }
                    let instance = host.instance
                    var result = try store.run(instance, "add", values[0].i32)
                    if host.waits {
                        try store.wait()
                    }
                    if host.spins > 0 {
                        try store.run(instance, "spin", host.spins)
                    }
                    result = try store.run(instance, "add", result)
                    values[0] = raw(result)
                    return nil
                } catch {
                    return Store.trap(error, in: store)
                }
            })
    }

    @Test func nestedGuestThatWaitsReachesTheOuterPoll() throws {
        let pre = try Self.linked(self.engine)
        let store = Store(self.engine)
        let host = Host()
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
        let pre = try Self.linked(self.engine)
        let store = Store(self.engine)
        let host = Host()
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
        let pre = try Self.linked(self.engine)
        let store = Store(self.engine)
        let host = Host()
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

    // MARK: Interleaving

    /// What one of many fibers does.
    enum Work: CaseIterable {
        case sum
        case spin
        case divide
        case outOfBounds
        case unreachable
        case overflow
        case instances

        var code: Trap.Code? {
            switch self {
            case .sum, .spin, .instances: nil
            case .divide: .integerDivisionByZero
            case .outOfBounds: .memoryOutOfBounds
            case .unreachable: .unreachable
            case .overflow: .stackOverflow
            }
        }

        var function: String {
            switch self {
            case .sum, .spin, .instances: "run"
            case .divide: "divide"
            case .outOfBounds: "load"
            case .unreachable: "unreachable"
            case .overflow: "deep"
            }
        }
    }

    static let working = """
        (module $working
          (import "host" "nested" (func $nested (param i32) (result i32)))
          (memory 1)
          (func (export "spin") (param $n i32) (result i32)
            (local $sum i32)
            (loop $again
              (local.set $sum (i32.add (local.get $sum) (local.get $n)))
              (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))
          (func (export "add") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
          (func $run (export "run") (param $n i32) (result i32)
            (local $sum i32)
            (loop $again
              (local.set $sum (i32.add (local.get $sum) (call $nested (local.get $n))))
              (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))
          (func (export "divide") (param $n i32) (result i32)
            (i32.div_u (call $run (local.get $n)) (i32.const 0)))
          (func (export "load") (param $n i32) (result i32)
            (i32.load (i32.add (call $run (local.get $n)) (i32.const 0x7fff0000))))
          (func (export "unreachable") (param $n i32) (result i32)
            (drop (call $run (local.get $n))) (unreachable))
          (func $deep (export "deep") (param $n i32) (result i32)
            (i32.add (call $nested (i32.const 1)) (call $deep (local.get $n)))))
        """

    /// A fiber of its own store, with what it must give.
    final class Worker {
        let store: Store
        let host = Host()
        let work: Work
        let count: Int32
        var fiber: Fiber?
        var results: [Int32] = []

        init(engine: Engine, pre: PreInstance, work: Work, count: Int32) {
            self.store = Store(engine)
            self.work = work
            self.count = count
            self.host.waits = work != .overflow && work != .spin
            self.host.spins = work == .spin ? 1_000_000 : 0
            self.store.owner = self.host
            let (store, host) = (self.store, self.host)
            self.fiber = Fiber(store: store) { [unowned self] in
                host.instance = try store.instantiate(pre)
                self.results.append(try store.run(host.instance, work.function, count))
            }
        }

        /// The sum of n+2 for n down to 1.
        var expected: Int32 {
            self.count * (self.count + 1) / 2 + 2 * self.count
        }
    }

    @Test func manyFibersInterleaveWithTrapsAndDrops() throws {
        let linker = Linker(self.engine)
        try Self.defineNested(linker)
        let pre = try linker.preInstantiate(try module(Self.working, engine: self.engine))
        var random = SplitMix64(seed: 42)
        var live: [Worker] = []
        var (ended, dropped, trapped) = (0, 0, 0)
        while ended + dropped < 1500 {
            while live.count < 50 {
                let work = Work.allCases.randomElement(using: &random) ?? .sum
                live.append(
                    Worker(engine: self.engine, pre: pre, work: work, count: .random(in: 1...8, using: &random)))
            }
            let index = Int.random(in: 0..<live.count, using: &random)
            let worker = live[index]
            switch Int.random(in: 0..<40, using: &random) {
            case 0:
                // Dropped by its last reference going, wherever it stands.
                worker.fiber = nil
                #expect(worker.results.isEmpty)
                live.remove(at: index)
                dropped += 1
            case 1:
                worker.fiber?.cancel()
                #expect(worker.results.isEmpty)
                live.remove(at: index)
                dropped += 1
            default:
                guard case .finished(let result) = worker.fiber?.resume() else {
                    break
                }
                live.remove(at: index)
                ended += 1
                guard let code = worker.work.code else {
                    try result.get()
                    #expect(worker.results == [worker.expected])
                    break
                }
                trapped += 1
                let failure = try wasmFailure { try result.get() }
                #expect(failure.trap?.code == code, "\(worker.work): \(failure)")
            }
        }
        #expect(trapped > 100)
        #expect(dropped > 10)
    }

    /// The C header allows one future a store; the library allows several, as our concurrent tasks need.
    @Test func severalFibersOfOneStoreInterleave() throws {
        let linker = Linker(self.engine)
        try Self.defineNested(linker)
        let pre = try linker.preInstantiate(try module(Self.working, engine: self.engine))
        var random = SplitMix64(seed: 7)
        for _ in 0..<150 {
            let store = Store(self.engine)
            let host = Host()
            host.waits = true
            store.owner = host
            host.instance = try store.instantiate(pre)
            var live: [(fiber: Fiber, work: Work, count: Int32, result: Box)] = []
            for _ in 0..<4 {
                let work = [Work.sum, .divide, .unreachable, .outOfBounds].randomElement(using: &random) ?? .sum
                let count = Int32.random(in: 1...6, using: &random)
                let box = Box()
                live.append(
                    (
                        Fiber(store: store) {
                            box.value = try store.run(host.instance, work.function, count)
                        }, work, count, box
                    ))
            }
            while !live.isEmpty {
                let index = Int.random(in: 0..<live.count, using: &random)
                if Int.random(in: 0..<25, using: &random) == 0 {
                    live[index].fiber.cancel()
                    live.remove(at: index)
                    continue
                }
                guard case .finished(let result) = live[index].fiber.resume() else {
                    continue
                }
                let done = live.remove(at: index)
                guard let code = done.work.code else {
                    try result.get()
                    #expect(done.result.value == done.count * (done.count + 1) / 2 + 2 * done.count)
                    continue
                }
                #expect(try wasmFailure { try result.get() }.trap?.code == code)
            }
            withExtendedLifetime(host) {}
        }
    }

    final class Box {
        var value: Int32 = 0
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
        let pre = try Self.linked(self.engine)
        let store = Store(self.engine)
        let host = Host()
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

    // MARK: Instances on fibers

    @Test func importsGivenOneByOneOnAFiber() throws {
        let provider = try Linker(self.engine).preInstantiate(
            try module("(module (func (export \"one\") (result i32) (i32.const 1)))", engine: self.engine))
        let user = try module(
            "(module (import \"a\" \"one\" (func $one (result i32))) (func (export \"f\") (result i32) (call $one)))",
            engine: self.engine)
        let store = Store(self.engine)
        var result: Int32 = 0
        try Fiber(store: store) {
            let first = try store.instantiate(provider)
            let item = try #require(store.export(of: first, named: "one"))
            let second = try [item].withUnsafeBufferPointer { try store.instantiate(user, imports: $0) }
            result = try store.run(second, "f")
        }.runToEnd()
        #expect(result == 1)
    }

    @Test func importOfTheWrongKindOnAFiberIsAnError() throws {
        let provider = try Linker(self.engine).preInstantiate(
            try module("(module (memory (export \"one\") 1))", engine: self.engine))
        let user = try module("(module (import \"a\" \"one\" (func)))", engine: self.engine)
        let store = Store(self.engine)
        let fiber = Fiber(store: store) {
            let item = try #require(store.export(of: try store.instantiate(provider), named: "one"))
            _ = try [item].withUnsafeBufferPointer { try store.instantiate(user, imports: $0) }
        }
        let failure = try wasmFailure { try fiber.runToEnd() }
        #expect(failure.engineError?.kind == .instantiation)
        #expect(failure.description.contains("incompatible import type"))
    }

    /// Start functions may do what any guest function may.
    @Test(arguments: [false, true])
    func startFunctionsSuspend(givenImports: Bool) throws {
        let linker = Linker(self.engine)
        try Self.defineNested(linker)
        let text = """
            (module
              (import "host" "nested" (func $nested (param i32) (result i32)))
              (global $sum (mut i32) (i32.const 0))
              (func (export "sum") (result i32) (global.get $sum))
              (func (export "add") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
              (func $start
                (local $n i32)
                (local.set $n (i32.const 4))
                (loop $again
                  (global.set $sum (i32.add (global.get $sum) (call $nested (local.get $n))))
                  (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
              (start $start))
            """
        let starting = try module(text, engine: self.engine)
        let helper = try linker.preInstantiate(try module(Self.working, engine: self.engine))
        let pre = try linker.preInstantiate(starting)
        let forwarder = try linker.preInstantiate(
            try module(
                """
                (module
                  (import "host" "nested" (func $nested (param i32) (result i32)))
                  (export "nested" (func $nested)))
                """, engine: self.engine))
        let store = Store(self.engine)
        let host = Host()
        host.waits = true
        host.spins = 3_000_000
        store.owner = host
        var sum: Int32 = 0
        let fiber = Fiber(store: store) {
            host.instance = try store.instantiate(helper)
            let instance: wasmtime_instance_t
            if givenImports {
                let item = try #require(store.export(of: try store.instantiate(forwarder), named: "nested"))
                instance = try [item].withUnsafeBufferPointer { try store.instantiate(starting, imports: $0) }
            } else {
                instance = try store.instantiate(pre)
            }
            sum = try store.run(instance, "sum")
        }
        var waits = 0
        loop: while true {
            switch fiber.resume() {
            case .waiting: waits += 1
            case .yielded: break
            case .finished(let result):
                try result.get()
                break loop
            }
        }
        #expect(waits == 4)
        #expect(sum == 10 + 8)

        // And they are unwound like any.
        let other = Store(self.engine)
        other.owner = host
        let dropped = Fiber(store: other) {
            host.instance = try other.instantiate(helper)
            _ = try other.instantiate(pre)
        }
        while !dropped.resume().isWaiting {}
        dropped.cancel()
        #expect(try wasmFailure { try dropped.runToEnd() }.isCancelled)
        withExtendedLifetime(host) {}
    }

    // MARK: Stack

    /// Guest and host functions that call each other without end must not run off the fiber's stack.
    @Test(arguments: [false, true])
    func recursionThroughTheHostTraps(onFiber: Bool) throws {
        let linker = Linker(self.engine)
        try linker.define(
            module: "host", name: "again", type: FunctionType(),
            callback: { _, caller, _, _ in
                guard let caller else {
                    return nil
                }
                let store = Store.current(caller)
                do {
                    guard let host = store.owner as? Host else {
                        return nil
                    }
                    try store.run(host.instance, "run")
                    return nil
                } catch {
                    return Store.trap(error, in: store)
                }
            })
        let pre = try linker.preInstantiate(
            try module(
                """
                (module
                  (import "host" "again" (func $again))
                  (func $deep (param i32)
                    (if (i32.eqz (local.get 0)) (then (call $again) (return)))
                    (call $deep (i32.sub (local.get 0) (i32.const 1))))
                  (func (export "run") (call $deep (i32.const 2000))))
                """, engine: self.engine))
        let store = Store(self.engine)
        let host = Host()
        store.owner = host
        func run() throws {
            host.instance = try store.instantiate(pre)
            let failure = try wasmFailure { try store.run(host.instance, "run") }
            #expect(failure.trap?.code == .stackOverflow)
        }
        if onFiber {
            try Fiber(store: store, body: run).runToEnd()
        } else {
            try run()
        }
        withExtendedLifetime(host) {}
    }
}
