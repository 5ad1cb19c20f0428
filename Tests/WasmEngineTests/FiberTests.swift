import CWasmtime
import Testing

@testable import WasmEngine

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
        return try linker.preInstantiate(try module(Self.nesting, engine: engine))
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
}
