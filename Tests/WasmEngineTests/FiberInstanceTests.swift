import CWasmtime
import TestSupport
import Testing
import WasmEngine

/// The two facts that the design rests on, and what fibers promise.
/// Instances that are made, and that overflow, on fibers.
@Suite(.serialized) struct FiberInstanceTests {
    let engine: Engine

    init() throws {
        self.engine = try Shared.engine.get()
    }

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
        try NestingGuest.defineNested(linker)
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
        let helper = try linker.preInstantiate(try module(FiberInterleavingTests.working, engine: self.engine))
        let pre = try linker.preInstantiate(starting)
        let forwarder = try linker.preInstantiate(
            try module(
                """
                (module
                  (import "host" "nested" (func $nested (param i32) (result i32)))
                  (export "nested" (func $nested)))
                """, engine: self.engine))
        let store = Store(self.engine)
        let host = NestingGuest.Host()
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
        try NestingGuest.defineAgain(linker)
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
        let host = NestingGuest.Host()
        host.again = "run"
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
