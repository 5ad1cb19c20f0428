import ComponentModel
import Testing
import WasmEngine

/// Calls of guests with dynamic values, as an embedder makes them.
@Suite struct ComponentValueTests {
    /// Keeps an instance and what it needs alive.
    private final class Guest {
        let component: Component
        private let store: Store
        let instance: ComponentInstance

        init(_ text: String) throws {
            let engine = try Shared.engine.get()
            let bytes = try Engine.assemble(text)
            let plan = try bytes.withUnsafeBytes { try ComponentDecoder.plan($0) }
            let modules = try plan.coreModules.map { module in
                try bytes.withUnsafeBytes { try module.withBytes(of: $0) { try engine.compile($0) } }
            }
            self.component = try Component(
                name: "guest", plan: plan, modules: modules, engine: engine, registry: HostRegistry([]))
            self.store = Store(engine)
            self.instance = try ComponentInstance(self.component, in: self.store, host: Waker(), waker: Waker())
        }

        func call(_ name: String, _ arguments: ComponentValue...) throws -> ComponentValue? {
            let function = try #require(self.component.exportedFunction(name, in: nil))
            return try self.instance.call(function, arguments)
        }
    }

    /// A counter that the guest implements; `dropped` counts its destructor's runs.
    private static let counter = """
        (component
          (core module $m
            (global $dropped (mut i32) (i32.const 0))
            (func (export "dtor") (param i32)
              (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
            (func (export "dropped") (result i32) (global.get $dropped)))
          (core instance $m (instantiate $m))
          (type $counter' (resource (rep i32) (dtor (core func $m "dtor"))))
          (export $counter "counter" (type $counter'))
          (core func $new (canon resource.new $counter'))
          (core func $rep (canon resource.rep $counter'))
          (core func $drop (canon resource.drop $counter'))
          (core module $n
            (import "" "new" (func $new (param i32) (result i32)))
            (import "" "rep" (func $rep (param i32) (result i32)))
            (import "" "drop" (func $drop (param i32)))
            (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
            (func (export "value") (param i32) (result i32) (local.get 0))
            (func (export "consume") (param i32) (result i32)
              (call $rep (local.get 0))
              (call $drop (local.get 0))))
          (core instance $imports
            (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop)))
          (core instance $n (instantiate $n (with "" (instance $imports))))
          (func (export "make") (param "v" u32) (result (own $counter)) (canon lift (core func $n "make")))
          (func (export "value") (param "c" (borrow $counter)) (result u32) (canon lift (core func $n "value")))
          (func (export "consume") (param "c" (own $counter)) (result u32) (canon lift (core func $n "consume")))
          (func (export "dropped") (result u32) (canon lift (core func $m "dropped"))))
        """

    private func resource(_ value: ComponentValue?) throws -> ComponentResource {
        guard case .own(let resource) = value else { throw WasmFailure.cancelled }
        return resource
    }

    @Test func resourcesComeOutAreLentAndGoBack() throws {
        let guest = try Guest(Self.counter)
        let counter = try self.resource(guest.call("make", .u32(7)))
        #expect(counter.representation == 7)
        #expect(try guest.call("value", .borrow(counter)) == .u32(7))
        #expect(try guest.call("value", .own(counter)) == .u32(7))
        #expect(!counter.isGone)
        #expect(try guest.call("dropped") == .u32(0))
        #expect(try guest.call("consume", .own(counter)) == .u32(7))
        #expect(try guest.call("dropped") == .u32(7))
        #expect(counter.isGone)
        #expect(throws: ValueError.self) { try guest.call("value", .borrow(counter)) }
        #expect(throws: ValueError.self) { try guest.call("consume", .own(counter)) }
    }

    @Test func droppingRunsTheDestructorOnce() throws {
        let guest = try Guest(Self.counter)
        let counter = try self.resource(guest.call("make", .u32(5)))
        try guest.instance.drop(counter)
        #expect(try guest.call("dropped") == .u32(5))
        #expect(throws: ValueError.self) { try guest.instance.drop(counter) }
    }

    @Test func resourcesOfOtherInstancesAreRefused() throws {
        let one = try Guest(Self.counter)
        let other = try Guest(Self.counter)
        let counter = try self.resource(one.call("make", .u32(5)))
        #expect(throws: ValueError.self) { try other.call("value", .borrow(counter)) }
    }

    private static let nested = """
        (component
          (core module $m
            (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 512))
            (func (export "f") (param i32 i32)))
          (core instance $i (instantiate $m))
          (type $r' (record (field "name" string) (field "size" u8)))
          (export $r "r" (type $r'))
          (func (export "f") (param "items" (list $r))
            (canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
        """

    @Test func errorsNameThePlace() throws {
        let guest = try Guest(Self.nested)
        let good = ComponentValue.record([.init("name", .string("a")), .init("size", .u8(1))])
        #expect(try guest.call("f", .list([good, good])) == nil)
        let bad = ComponentValue.record([.init("name", .string("a")), .init("size", .u16(1))])
        let error = #expect(throws: ValueError.self) { try guest.call("f", .list([good, bad])) }
        #expect(error?.description == "parameter \"items\"[1].size: a value of u8 is needed, not of u16")
        let swapped = ComponentValue.record([.init("size", .u8(1)), .init("name", .string("a"))])
        #expect(throws: ValueError.self) { try guest.call("f", .list([swapped])) }
        #expect(throws: ValueError.self) { try guest.call("f", .list([.record([.init("size", .u8(1))])])) }
        #expect(throws: ValueError.self) { try guest.call("f") }
        // None of these is the guest's fault.
        #expect(try guest.call("f", .list([good])) == nil)
    }

    @Test func describesValues() {
        let values: [(ComponentValue, String)] = [
            (.tuple([.u8(1), .string("a\"")]), "(1, \"a\\\"\")"), (.option(.some(.bool(true))), "some(true)"),
            (.option(nil), "none"), (.failure(.char("x")), "err('x')"), (.variant("a", .list([])), "a([])"),
            (.record([.init("a", .f64(.nan))]), "{a: nan:0x7ff8000000000000}"), (.flags(["r", "w"]), "{r, w}"),
        ]
        for (value, text) in values { #expect("\(value)" == text) }
    }
}
