import ComponentModel
import WasmEngine

/// The components of one script: definitions, instances, and what they may import.
final class ComponentWorld {
    /// A component that was decoded and validated.
    final class Definition {
        let bytes: [UInt8]
        fileprivate let outline: ComponentOutline

        fileprivate init(bytes: [UInt8], outline: ComponentOutline) {
            self.bytes = bytes
            self.outline = outline
        }
    }

    /// An instance in a store of its own.
    final class Running {
        let component: Component
        let store: Store
        let instance: ComponentInstance
        let scheduler: TaskScheduler
        /// Where the component's exports are found; nil at the root.
        let interface: String?

        init(component: Component, store: Store, instance: ComponentInstance, interface: String?) {
            self.component = component
            self.store = store
            self.instance = instance
            self.scheduler = TaskScheduler(instance, store: store)
            self.scheduler.processorTimeLimit = ScriptRunner.processorTime
            self.interface = interface
        }
    }

    private let engine: Engine
    /// Whether the core modules of a component are merged, as in an application.
    private let merges: Bool
    private let host = SpectestHost()
    /// Instances of the script by name, as the components that they were made from.
    private var named: [String: [UInt8]] = [:]

    init(engine: Engine, merges: Bool) {
        self.engine = engine
        self.merges = merges
    }

    /// Decodes and validates a component. What this runtime cannot run is refused when it is instantiated.
    func define(_ bytes: [UInt8]) throws -> Definition {
        try bytes.withUnsafeBytes { buffer in
            try ComponentDecoder.validate(buffer, engine: self.engine)
            return Definition(bytes: bytes, outline: try ComponentOutline(buffer))
        }
    }

    /// Lets later components import the instance.
    func name(_ definition: Definition, _ name: String) {
        self.named[name] = definition.bytes
    }

    func forget(_ name: String) {
        self.named[name] = nil
    }

    func instantiate(_ definition: Definition, name: String) throws -> Running {
        let composition = Composition(instances: self.named)
        guard !composition.concerns(definition.outline) else {
            return try self.instantiateComposed(definition, composition, name: name)
        }
        do {
            return try self.instantiate(definition.bytes, name: name, interface: nil)
        } catch let error as ComponentError where error.kind == .unsupported && !definition.outline.imports.isEmpty {
            // The host's core modules and nested instances only come that way.
            guard definition.outline.imports.contains(where: { HostText.instances[$0.name] != nil }) else {
                throw error
            }
            return try self.instantiateComposed(definition, composition, name: name)
        }
    }

    /// Checks all imports against what there is, also those that nobody uses, which an application may leave open.
    func checkImports(_ definition: Definition) throws {
        _ = try self.composed(definition, Composition(instances: self.named))
    }

    private func composed(_ definition: Definition, _ composition: Composition) throws -> [UInt8] {
        let bytes = try composition.compose(definition.bytes, definition.outline)
        do {
            try bytes.withUnsafeBytes { try ComponentDecoder.validate($0) }
        } catch let error as ComponentError {
            // The component itself is valid: what it is given does not fit.
            throw RunFailure.link(error.message)
        }
        return bytes
    }

    private func instantiateComposed(
        _ definition: Definition, _ composition: Composition, name: String
    ) throws -> Running {
        try self.instantiate(
            self.composed(definition, composition), name: name, interface: Composition.interface)
    }

    private func compile(
        _ plan: ComponentPlan, _ file: UnsafeRawBufferPointer
    ) throws -> (plan: ComponentPlan, modules: [Module]) {
        let limits = self.merges ? MergeLimits(self.engine.configuration) : nil
        return try PlanCompiler(plan, file, limits: limits).compile { code, _ in try self.engine.compile(code) }
    }

    private func instantiate(_ bytes: [UInt8], name: String, interface: String?) throws -> Running {
        let component = try bytes.withUnsafeBytes { buffer in
            let (plan, modules) = try self.compile(try ComponentDecoder.plan(buffer), buffer)
            return try Component(
                name: name, plan: plan, modules: modules, engine: self.engine, registry: self.host.registry)
        }
        let store = Store(self.engine)
        store.deadlineTicks = ScriptRunner.deadlineTicks
        let instance = try ComponentInstance(
            component, in: store, host: self.host.state, waker: Waker(), leavesTasks: true)
        let running = Running(component: component, store: store, instance: instance, interface: interface)
        let state = self.host.state
        try running.scheduler.finishInstantiation { state.giveAnswers() }
        return running
    }

    /// Calls an exported function, or gets an exported value.
    func perform(_ action: Action, _ running: Running) throws -> ComponentValue? {
        switch action.kind {
        case .invoke(let arguments): return try self.invoke(running, action.field, arguments)
        case .get:
            guard let value = try running.instance.exportedValue(action.field, in: running.interface) else {
                throw RunFailure.script("the component exports no value \"\(action.field)\"")
            }
            return value
        }
    }

    private func invoke(_ running: Running, _ field: String, _ arguments: [Form]) throws -> ComponentValue? {
        guard let function = running.component.exportedFunction(field, in: running.interface) else {
            throw RunFailure.script("the component exports no function \"\(field)\"")
        }
        let values = try arguments.map { try ConstantParser.value($0) }
        let state = self.host.state
        return try running.scheduler.call(function, values) { state.giveAnswers() }
    }
}
