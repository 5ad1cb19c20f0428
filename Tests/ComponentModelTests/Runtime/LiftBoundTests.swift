import ComponentModel
import Testing
import WasmEngine

/// How much the host holds for values of types that it knows at run time only.
@Suite struct LiftBoundTests {
    /// Small numbers in many fields: a few MiB of the guest would be hundreds of the host.
    @Test(arguments: [200_000: true, 10_000: false]) func valuesCountAsWhatTheHostNeedsForThem(
        count: Int, isRefused: Bool
    ) throws {
        let fields = Array(repeating: "u8", count: 16).joined(separator: " ")
        let component = try linked(
            """
            (component
              (core module $M
                (memory (export "memory") 50)
                (func (export "run") (result i32)
                  (i32.store (i32.const 4) (i32.const \(count)))
                  (i32.const 0)))
              (core instance $m (instantiate $M))
              (func (export "run") (result (list (tuple \(fields))))
                (canon lift (core func $m "run") (memory (core memory $m "memory")))))
            """, registry: TestAPI.registry)
        let store = Store(component.engine)
        let instance = try ComponentInstance(component, in: store, host: Recorder(), waker: Waker())
        let function = try #require(component.exportedFunction("run", in: nil))
        if isRefused {
            let fault = #expect(throws: GuestFault.self) { try instance.call(function, []) }
            #expect(fault?.message.contains("bytes to the host") == true)
        } else {
            guard case .list(let values)? = try instance.call(function, []) else { throw NoFault(result: 0) }
            #expect(values.count == count)
        }
    }
}
