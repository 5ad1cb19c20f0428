import CWasmtime
import TestSupport
import Testing
import WasmEngine

/// The two facts that the design rests on, and what fibers promise.
/// Many fibers, of one store and of many, in any order.
@Suite(.serialized) struct FiberInterleavingTests {
    let engine: Engine

    init() throws {
        self.engine = try Shared.engine.get()
    }

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
        let host = NestingGuest.Host()
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
        try NestingGuest.defineNested(linker)
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
        try NestingGuest.defineNested(linker)
        let pre = try linker.preInstantiate(try module(Self.working, engine: self.engine))
        var random = SplitMix64(seed: 7)
        for _ in 0..<150 {
            let store = Store(self.engine)
            let host = NestingGuest.Host()
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
}

/// A number that several fibers may change.
final class Box {
    var value: Int32 = 0
}
