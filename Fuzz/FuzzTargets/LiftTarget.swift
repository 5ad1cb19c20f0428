import ComponentModel
import Foundation
import WasmEngine

/// Lifting from a hostile memory: the bytes become the memory of a guest, and a pointer into them its result.
enum LiftTarget: FuzzTarget {
    static let name = "lift"

    static func run(_ bytes: [UInt8]) {
        guard bytes.count > 3, let guest = Self.guest else { return }
        let encoding = Int(bytes[0]) % Self.encodings.count
        let pointer = UInt32(bytes[1]) | UInt32(bytes[2]) << 8
        guest.call(Self.encodings[encoding].name, memory: Array(bytes.dropFirst(3)), pointer: pointer)
    }

    private static let encodings = [("utf8", "utf8"), ("utf16", "utf16"), ("latin1", "latin1+utf16")].map {
        (name: $0.0, option: $0.1)
    }

    /// Absent where the library cannot be found, which the first run says.
    private static let guest: Guest? = {
        do {
            return try Guest(Self.component)
        } catch {
            print("the lift target does nothing: \(error)")
            return nil
        }
    }()

    /// `realloc` always gives address 0, so that the argument becomes the memory.
    private static var component: String {
        let functions = Self.encodings.map {
            """
            (func (export "\($0.name)") (param "memory" (list u8)) (param "pointer" u32) (result $all)
              (canon lift (core func $m "make") (memory (core memory $m "mem")) (realloc (core func $m "realloc"))
                string-encoding=\($0.option)))
            """
        }
        return """
            (component
              (core module $module
                (memory (export "mem") 2 2)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
                (func (export "make") (param i32 i32 i32) (result i32) (local.get 2)))
              (core instance $m (instantiate $module))
              (type $v (variant (case "a") (case "b" u8) (case "c" string) (case "d" (list u16)) (case "e" f64)))
              (export $variant "v" (type $v))
              (type $f (flags "a" "b" "c" "d" "e" "f" "g" "h" "i"))
              (export $flags "f" (type $f))
              (type $e (enum "a" "b" "c"))
              (export $enum "e" (type $e))
              (type $r (record (field "a" u8) (field "b" (list $variant)) (field "c" (option char))))
              (export $record "r" (type $r))
              (type $all (tuple string (list $record) $flags $enum bool (result string (error char)) (list (list bool))
                (option (tuple u8 u64)) (list (tuple string f32)) char))
              \(functions.joined(separator: "\n")))
            """
    }
}

/// A component that is called with an instance of its own each time.
private final class Guest: Sendable {
    private final class Host {}

    private let component: Component

    init(_ text: String) throws {
        var configuration = EngineConfiguration()
        configuration.pooling = PoolingConfiguration(instances: 4)
        let engine = try Engine(configuration)
        let file = try Engine.assemble(text)
        let plan = try file.withUnsafeBytes { bytes in
            Result { () throws(ComponentError) in try ComponentDecoder.plan(bytes) }
        }.get()
        let modules = try plan.coreModules.map { module in
            try file.withUnsafeBytes { bytes in try module.withBytes(of: bytes) { try engine.compile($0) } }
        }
        self.component = try Component(
            name: "fuzz", plan: plan, modules: modules, engine: engine, registry: HostRegistry([]))
    }

    func call(_ name: String, memory: [UInt8], pointer: UInt32) {
        guard let function = self.component.exportedFunction(name, in: nil) else { violated("no \(name)") }
        let store = Store(self.component.engine)
        let component = self.component
        let fiber = Fiber(store: store) {
            let instance = try ComponentInstance(component, in: store, host: Host(), waker: Waker())
            try withExtendedLifetime(instance) {
                let arguments: [ComponentValue] = [.list(memory.map { .u8($0) }), .u32(pointer)]
                _ = try instance.call(function, arguments)
            }
        }
        while true {
            guard case .finished(let result) = fiber.resume() else { continue }
            if case .failure(let error) = result, !(error is GuestFault), !(error is WasmFailure) {
                violated("an error that is not the guest's: \(error)")
            }
            return
        }
    }
}
