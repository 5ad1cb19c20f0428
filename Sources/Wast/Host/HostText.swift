/// The same host as ``SpectestHost``, as the start of a component: what it imports, and what it defines itself.
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
          (import "host-echo-u32" (func $echo (param "v" u32) (result u32)))
          (import "host" (instance $host
            (export "return-three" (func (result u32)))
            (export "return-hi" (func (result string)))
            (export "resource1" (type $r1 (sub resource)))
            (export "resource2" (type (sub resource)))
            (export "resource1-again" (type (eq $r1)))
            (export "[constructor]resource1" (func (param "r" u32) (result (own $r1))))
            (export "[static]resource1.assert" (func (param "r" (own $r1)) (param "rep" u32)))
            (export "[static]resource1.last-drop" (func (result u32)))
            (export "[static]resource1.drops" (func (result u32)))
            (export "[method]resource1.simple" (func (param "self" (borrow $r1)) (param "rep" u32)))
            (export "[method]resource1.take-borrow" (func (param "self" (borrow $r1)) (param "b" (borrow $r1))))
            (export "[method]resource1.take-own" (func (param "self" (borrow $r1)) (param "b" (own $r1))))))
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
            (export "[constructor]resource1" (func $host "[constructor]resource1"))
            (export "[static]resource1.assert" (func $host "[static]resource1.assert"))
            (export "[static]resource1.last-drop" (func $host "[static]resource1.last-drop"))
            (export "[static]resource1.drops" (func $host "[static]resource1.drops"))
            (export "[method]resource1.simple" (func $host "[method]resource1.simple"))
            (export "[method]resource1.take-borrow" (func $host "[method]resource1.take-borrow"))
            (export "[method]resource1.take-own" (func $host "[method]resource1.take-own"))
            (export "nested" (instance $nested))
            (export "simple-module" (core module $simple))))
        """
}
