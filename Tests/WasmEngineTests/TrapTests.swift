import CWasmtime
import Testing
import WasmEngine

@Suite struct TrapTests {
    let engine: Engine
    static let faults = """
        (module $faulty
          (import "host" "fail" (func $fail))
          (memory 1)
          (table 2 funcref)
          (type $t (func))
          (func $divide (export "divide") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
          (func $outer (export "outer") (param i32) (result i32) (call $divide (local.get 0)))
          (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
          (func (export "unreachable") (unreachable))
          (func $deep (export "deep") (param i32) (result i32)
            (i32.add (i32.const 1) (call $deep (local.get 0))))
          (func (export "null") (call_indirect (type $t) (i32.const 0)))
          (func (export "range") (call_indirect (type $t) (i32.const 9)))
          (func (export "convert") (result i32) (i32.trunc_f64_s (f64.const nan)))
          (func (export "overflow") (result i32) (i32.div_s (i32.const 0x80000000) (i32.const -1)))
          (func (export "host") (call $fail))
          (tag $e)
          (func (export "throw") (throw $e)))
        """

    struct HostError: Error, Equatable {
        let text: String
    }

    init() throws {
        self.engine = try Shared.engine.get()
    }

    static func linked(_ engine: Engine) throws -> PreInstance {
        let linker = Linker(engine)
        try linker.define(
            module: "host", name: "fail", type: FunctionType(),
            callback: { _, caller, _, _ in
                guard let caller else {
                    return nil
                }
                return Store.trap(HostError(text: "no disk"), in: Store.current(caller))
            })
        return try linker.preInstantiate(try module(Self.faults, engine: engine))
    }

    /// On a fiber and off one.
    private func both(_ body: @escaping (Store, wasmtime_instance_t) throws -> Void) throws {
        let pre = try Self.linked(self.engine)
        let store = Store(self.engine)
        try body(store, try store.instantiate(pre))
        let other = Store(self.engine)
        try Fiber(store: other) { try body(other, try other.instantiate(pre)) }.runToEnd()
    }

    @Test(arguments: [
        ("divide", Trap.Code.integerDivisionByZero, "integer divide by zero"),
        ("unreachable", .unreachable, "`unreachable`"),
        ("deep", .stackOverflow, "call stack exhausted"),
        ("null", .indirectCallToNull, "null function"),
        ("range", .tableOutOfBounds, "out of bounds table access"),
        ("convert", .badConversionToInteger, "invalid conversion"),
        ("overflow", .integerOverflow, "integer overflow"),
        ("throw", .uncaughtException, "exception"),
    ])
    func faultsHaveACode(name: String, code: Trap.Code, text: String) throws {
        try self.both { store, instance in
            let failure = try wasmFailure { _ = try store.run(instance, name, 0) }
            let trap = try #require(failure.trap, "\(failure)")
            #expect(trap.code == code)
            #expect(trap.message.contains(text), "\(trap.message)")
        }
    }

    @Test(arguments: [65_533, 65_536, -4, -1])
    func memoryIsBounded(address: Int32) throws {
        try self.both { store, instance in
            let trap = try #require(try wasmFailure { try store.run(instance, "load", address) }.trap)
            #expect(trap.code == .memoryOutOfBounds)
        }
    }

    @Test func backtraceNamesTheFunctions() throws {
        try self.both { store, instance in
            let trap = try #require(try wasmFailure { try store.run(instance, "outer", 0) }.trap)
            #expect(trap.backtrace.map(\.functionName) == ["divide", "outer"])
            #expect(trap.backtrace.map(\.moduleName) == ["faulty", "faulty"])
            let lines = trap.description.split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines[0] == "wasm trap: integer divide by zero")
            #expect(lines[1].hasPrefix("    0: faulty!divide @ 0x"))
            #expect(lines[2].hasPrefix("    1: faulty!outer @ 0x"))
        }
    }

    @Test func functionsWithoutANameHaveANumber() throws {
        let pre = try Linker(self.engine).preInstantiate(
            try module("(module (func (export \"f\") (unreachable)))", engine: self.engine))
        let store = Store(self.engine)
        let instance = try store.instantiate(pre)
        let trap = try #require(try wasmFailure { try store.run(instance, "f") }.trap)
        #expect(trap.description.contains("0: <unknown>!<wasm function 0> @ 0x"))
    }

    @Test func hostErrorReachesTheCaller() throws {
        try self.both { store, instance in
            let failure = try wasmFailure { try store.run(instance, "host") }
            #expect(failure.hostError as? HostError == HostError(text: "no disk"))
            #expect(store.pendingError == nil)
            #expect(store.lastHostErrorBacktrace.count == 1)
            // The store goes on.
            #expect(try store.run(instance, "divide", 1) == 1)
        }
    }

    @Test func errorOfAStartFunctionReachesTheCaller() throws {
        let linker = Linker(self.engine)
        try linker.define(
            module: "host", name: "fail", type: FunctionType(),
            callback: { _, caller, _, _ in
                caller.map { Store.trap(HostError(text: "start"), in: Store.current($0)) }
            })
        let starting = try module(
            "(module (import \"host\" \"fail\" (func $f)) (start $f))", engine: self.engine)
        let faulting = try module("(module (func $f (unreachable)) (start $f))", engine: self.engine)
        let pre = try linker.preInstantiate(starting)
        let faultingPre = try linker.preInstantiate(faulting)
        func check(_ store: Store) throws {
            let host = try wasmFailure { _ = try store.instantiate(pre) }
            #expect(host.hostError as? HostError == HostError(text: "start"))
            let trap = try wasmFailure { _ = try store.instantiate(faultingPre) }
            #expect(trap.trap?.code == .unreachable)
        }
        try check(Store(self.engine))
        let store = Store(self.engine)
        try Fiber(store: store) { try check(store) }.runToEnd()
    }

    /// A host function that rethrows what a nested guest did.
    @Test func nestedTrapReachesTheOuterCallerWhole() throws {
        let linker = Linker(self.engine)
        try NestingGuest.defineAgain(linker)
        let pre = try linker.preInstantiate(
            try module(
                """
                (module
                  (import "host" "again" (func $again))
                  (func $divide (export "divide") (result i32) (i32.div_s (i32.const 1) (i32.const 0)))
                  (func (export "run") (call $again)))
                """, engine: self.engine))
        let store = Store(self.engine)
        let host = NestingGuest.Host()
        host.again = "divide"
        store.owner = host
        try Fiber(store: store) {
            host.instance = try store.instantiate(pre)
            let trap = try #require(try wasmFailure { try store.run(host.instance, "run") }.trap)
            #expect(trap.code == .integerDivisionByZero)
            #expect(trap.backtrace.first?.functionName == "divide")
        }.runToEnd()
        withExtendedLifetime(host) {}
    }

    @Test(arguments: [
        ("wasm trap", "wasm trap"),
        ("error while executing at wasm backtrace:\n    0: a\n\nCaused by:\n    disk full", "disk full"),
        ("a\n\nCaused by:\n    0: b\n    1: c d\n", "a: 0: b 1: c d"),
        ("", ""),
        ("Caused by:", "Caused by:"),
    ])
    func reportsBecomeOneLine(report: String, line: String) {
        #expect(CError.oneLine(report) == line)
    }
}
