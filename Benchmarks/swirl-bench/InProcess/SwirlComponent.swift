import ComponentModel
import WasmEngine

/// A component run by Swirl, all of its imports traps: what an instance costs before anything is called.
final class SwirlComponent {
    let component: Component
    private let host = HostState()
    private let waker = Waker()

    /// - Parameter registry: what the host offers; the rest links and traps.
    init(_ file: [UInt8], name: String, engine: Engine, registry: HostRegistry? = nil) throws {
        self.component = try file.withUnsafeBytes { bytes in
            let (plan, modules) = try PlanCompiler(
                try ComponentDecoder.plan(bytes), bytes, limits: MergeLimits(engine.configuration)
            ).compile { code, _ in try engine.compile(code) }
            return try Component(
                name: name, plan: plan, modules: modules, engine: engine,
                registry: registry ?? HostRegistry([], announced: [""]))
        }
    }

    /// Makes an instance in a store of its own and drops both.
    func instantiate() throws {
        let store = Store(self.component.engine)
        _ = try ComponentInstance(self.component, in: store, host: self.host, waker: self.waker)
    }

    /// The same as a request does it: made before the fiber where the guest has no start function, dropped on it.
    func instantiateForFiber() throws {
        let store = Store(self.component.engine)
        let instantiate = {
            try ComponentInstance(self.component, in: store, host: self.host, waker: self.waker)
        }
        let early = self.component.hasStartFunction ? nil : try instantiate()
        let fiber = Fiber(store: store) {
            let instance = try early ?? instantiate()
            withExtendedLifetime(instance) {}
        }
        while true {
            if case .finished(let result) = fiber.resume() { return try result.get() }
        }
    }

    /// Nothing hangs on an instance here.
    private final class HostState {}
}
