import CWasmtime
import WasmEngine

/// A guest and a host that call each other.
enum NestingGuest {
    /// A guest that calls the host in the middle of a sum, and what the host calls back.
    static let text = """
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

    /// What the host functions find through the store.
    final class Host {
        var instance = wasmtime_instance_t()
        var waits = false
        var spins: Int32 = 0
        /// What the function of ``defineAgain(_:)`` calls.
        var again = ""
    }

    static func linked(_ engine: Engine) throws -> PreInstance {
        let linker = Linker(engine)
        try self.defineNested(linker)
        return try linker.preInstantiate(try module(self.text, engine: engine))
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

    /// A host function that calls the guest's function `again`, and rethrows what that did.
    static func defineAgain(_ linker: Linker) throws {
        try linker.define(
            module: "host", name: "again", type: FunctionType(),
            callback: { _, caller, _, _ in
                guard let caller else {
                    return nil
                }
                let store = Store.current(caller)
                do {
                    guard let host = store.owner as? Host else {
                        throw UnexpectedSuccess()
                    }
                    try store.run(host.instance, host.again)
                    return nil
                } catch {
                    return Store.trap(error, in: store)
                }
            })
    }
}
