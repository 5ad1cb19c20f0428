import ComponentModel
import WasmEngine

/// The components of one script: definitions, instances, and what they may import.
final class ComponentWorld {
    /// A component that was decoded, validated and compiled.
    final class Definition {
        let plan: ComponentPlan
        let modules: [Module]

        init(plan: ComponentPlan, modules: [Module]) {
            self.plan = plan
            self.modules = modules
        }
    }

    /// An instance in a store of its own.
    final class Running {
        let component: Component
        let store: Store
        let instance: ComponentInstance

        init(component: Component, store: Store, instance: ComponentInstance) {
            self.component = component
            self.store = store
            self.instance = instance
        }
    }

    private let engine: Engine
    private let host = SpectestHost()

    init(engine: Engine) {
        self.engine = engine
    }

    func define(_ bytes: [UInt8]) throws -> Definition {
        // The result outlives the buffer: a plan holds ranges, not pointers.
        let plan = try bytes.withUnsafeBytes { buffer in try ComponentDecoder.plan(buffer) }
        let modules = try plan.coreModules.map { module in
            try bytes.withUnsafeBytes { try module.withBytes(of: $0) { try self.engine.compile($0) } }
        }
        return Definition(plan: plan, modules: modules)
    }

    func instantiate(_ definition: Definition, name: String) throws -> Running {
        let component = try Component(
            name: name, plan: definition.plan, modules: definition.modules, engine: self.engine,
            registry: self.host.registry)
        let store = Store(self.engine)
        store.deadlineTicks = ScriptRunner.deadlineTicks
        let instance = try ComponentInstance(component, in: store, host: self.host.state, waker: Waker())
        return Running(component: component, store: store, instance: instance)
    }

    func invoke(_ running: Running, _ field: String, _ arguments: [Form]) throws -> ComponentValue? {
        guard let function = running.component.exportedFunction(field, in: nil) else {
            throw RunFailure.script("the component exports no function \"\(field)\"")
        }
        let values = try arguments.map { try ConstantParser.value($0) }
        running.store.cpuTicks = 0
        return try running.instance.call(function, values)
    }
}
