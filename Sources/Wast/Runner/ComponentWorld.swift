import ComponentModel
import WasmEngine

/// The components of one script: definitions, instances, and what they may import.
final class ComponentWorld {
    /// A component that was decoded, validated and compiled.
    final class Definition {
        fileprivate let plan: Result<(ComponentPlan, [Module]), ComponentError>

        fileprivate init(_ plan: Result<(ComponentPlan, [Module]), ComponentError>) {
            self.plan = plan
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

    /// Decodes, validates and compiles a component. One that is valid, but of a kind that this runtime cannot run, is
    /// accepted, and refused when it is instantiated.
    func define(_ bytes: [UInt8]) throws -> Definition {
        try bytes.withUnsafeBytes { buffer in
            do throws(ComponentError) {
                let plan = try ComponentDecoder.plan(buffer)
                return Definition(.success((plan, try self.compile(plan, buffer))))
            } catch {
                guard error.kind == .unsupported else { throw error }
                try ComponentDecoder.validate(buffer, engine: self.engine)
                return Definition(.failure(error))
            }
        }
    }

    private func compile(_ plan: ComponentPlan, _ file: UnsafeRawBufferPointer) throws(ComponentError) -> [Module] {
        var modules: [Module] = []
        for module in plan.coreModules {
            do throws(EngineError) {
                modules.append(
                    try module.withBytes(of: file) { code throws(EngineError) in try self.engine.compile(code) })
            } catch {
                throw ComponentError(.invalid, error.message, offset: module.byteRange.lowerBound)
            }
        }
        try plan.validateUncompiledModules(file, engine: self.engine)
        return modules
    }

    func instantiate(_ definition: Definition, name: String) throws -> Running {
        let (plan, modules) = try definition.plan.get()
        let component = try Component(
            name: name, plan: plan, modules: modules, engine: self.engine,
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
