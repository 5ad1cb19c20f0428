import ComponentModel
import WasmEngine

/// An instance of compose.wat: two components that call each other.
final class ComposedGuest {
    private let store: Store
    private let component: Component
    private let instance: ComponentInstance

    init(_ file: [UInt8], engine: Engine) throws {
        self.component = try SwirlComponent(file, name: "compose", engine: engine).component
        self.store = Store(engine)
        self.instance = try ComponentInstance(self.component, in: self.store, host: HostState(), waker: Waker())
    }

    /// Calls an export with numbers.
    func call(_ name: String, _ arguments: Int...) throws {
        guard let function = self.component.exportedFunction(name, in: nil) else {
            throw BenchmarkError("the guest compose.wat does not export \(name)")
        }
        try self.instance.call(
            function,
            arguments: { values in
                for (index, argument) in arguments.enumerated() { values.set(i32: UInt32(argument), at: index) }
            },
            results: { _ in })
    }

    /// Nothing hangs on the instance.
    private final class HostState {}
}
