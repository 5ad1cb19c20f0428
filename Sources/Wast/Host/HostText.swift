/// The same host as ``SpectestHost``, as the start of a component: what it imports, and what it defines itself.
///
/// An instance put together from parts cannot have methods of resources that it does not define, so they are left out: a
/// component that wants both a method and a core module of the host does not link here.
///
/// Source: Wasmtime, `crates/wast/src/spectest.rs`.
enum HostText {
    /// Indices of functions and instances that ``text`` defines.
    static let functions = ["host-return-two": 0, "host-echo-u32": 1]
    static let instances = ["host": 2]
    static let instanceCount = 3
    static let componentCount = 0

    static let text = """
        (component
          (import "host-return-two" (func $two (result u32)))
          (import "host-echo-u32" (func $echo async (param "v" u32) (result u32)))
          (import "host" (instance $host
            (export "return-three" (func (result u32)))
            (export "return-hi" (func (result string)))
            (export "resource1" (type $r1 (sub resource)))
            (export "resource2" (type (sub resource)))
            (export "resource1-again" (type (eq $r1)))))
          (import "host-nested" (instance $nested (export "return-four" (func (result u32)))))
          (core module $simple
            (global (export "g") i32 (i32.const 100))
            (func (export "f") (result i32) (i32.const 101)))
          (alias export $host "resource1" (type $r1))
          (alias export $host "resource2" (type $r2))
          (alias export $host "resource1-again" (type $again))
          (instance $all
            (export "return-three" (func $host "return-three"))
            (export "return-hi" (func $host "return-hi"))
            (export "resource1-again" (type $again))
            (export "resource2" (type $r2))
            (export "resource1" (type $r1))
            (export "nested" (instance $nested))
            (export "simple-module" (core module $simple))))
        """
}
