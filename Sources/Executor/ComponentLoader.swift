package import AppModel
package import ComponentModel
package import WasmEngine

/// Makes components ready to run: reads, plans, compiles (or takes from the cache) and links them.
package final class ComponentLoader: Sendable {
    package let engine: Engine
    private let cache: CompiledCodeCache?
    private let registry: HostRegistry
    private let assembler: TextAssembler
    private let memoryLimit: Int?

    /// - Parameters:
    ///   - cache: where compiled code is kept between runs; nil compiles anew each time.
    ///   - registry: the interfaces that the host offers.
    ///   - assembler: what reads components that are text.
    ///   - memoryLimit: the most memory of an instance, in bytes: a component that cannot do with it is refused.
    package init(
        engine: Engine, cache: CompiledCodeCache?, registry: HostRegistry, assembler: TextAssembler = TextAssembler(),
        memoryLimit: Int? = nil
    ) {
        self.engine = engine
        self.cache = cache
        self.registry = registry
        self.assembler = assembler
        self.memoryLimit = memoryLimit
    }

    /// What happens while a component is loaded, for a progress display.
    package enum Event: Sendable {
        /// Compilation of the component's core modules begins; it may take long.
        case compiling(component: String, bytes: Int)
        /// So many of all bytes are compiled.
        case compiled(component: String, bytes: Int, of: Int)
        /// Compiled code could not be kept; the component runs all the same.
        case notCached(component: String, reason: String)
    }

    /// Loads the component in the file at `path`: binary, or text when its name ends in `.wat`.
    ///
    /// - Parameters:
    ///   - name: the component's id in messages.
    ///   - dependencies: what is composed into it, by the name of the import.
    ///   - middleware: what requests pass before they reach the component, the first one first.
    ///   - report: told of progress, on this thread.
    /// - Throws: ``ComponentLoadError`` for a file that is no usable component.
    package func load(
        _ path: String, name: String, dependencies: [String: LockedDependency] = [:],
        middleware: [LockedDependency] = [], report: (Event) -> Void = { _ in }
    ) throws -> Component {
        let file = try ComponentFile(path: path, component: name, assembler: self.assembler)
        guard !dependencies.isEmpty || !middleware.isEmpty else {
            return try self.load(file, name: name, report: report)
        }
        let image = try CompositionImage(
            file, name: name, dependencies: dependencies, middleware: middleware, assembler: self.assembler)
        let plan: ComponentPlan
        do {
            plan = try ComponentDecoder.plan(
                image.composition, image.bytes, convention: SpinOneModules.convention)
        } catch {
            throw image.loadError(error)
        }
        return try self.load(plan, image.bytes, path: file.path, name: name, report: report) { error in
            image.loadError(image.composition.blame(error))
        }
    }

    /// Loads the file at `path`, which may be a component or a core module.
    ///
    /// - Parameter dependencies: what is composed into a component.
    /// - Throws: ``ComponentLoadError`` for a file that is neither.
    package func loadProgram(
        _ path: String, name: String, dependencies: [String: LockedDependency] = [:],
        report: (Event) -> Void = { _ in }
    ) throws -> Program {
        guard dependencies.isEmpty else {
            return .component(try self.load(path, name: name, dependencies: dependencies, report: report))
        }
        let file = try ComponentFile(path: path, component: name, assembler: self.assembler)
        guard case .coreModule = WasmKind.of(file.bytes) else {
            return .component(try self.load(file, name: name, report: report))
        }
        do throws(EngineError) {
            report(.compiling(component: name, bytes: file.bytes.count))
            let module = try self.compile(file.bytes) { report(.notCached(component: name, reason: $0)) }
            report(.compiled(component: name, bytes: file.bytes.count, of: file.bytes.count))
            return .coreModule(module)
        } catch {
            throw ComponentLoadError(component: name, path: file.path, error.description)
        }
    }

    /// What a file holds.
    package enum Program: Sendable {
        case component(Component)
        case coreModule(Module)
    }

    private func compile(_ code: UnsafeRawBufferPointer, notCached: (String) -> Void) throws(EngineError) -> Module {
        guard let cache = self.cache else { return try self.engine.compile(code) }
        let (compiled, outcome) = try cache.module(for: code, engine: self.engine)
        if case .compiledNotStored(let reason) = outcome { notCached(reason) }
        return compiled
    }

    private func load(_ file: ComponentFile, name: String, report: (Event) -> Void) throws -> Component {
        let plan: ComponentPlan
        do {
            if case .coreModule = WasmKind.of(file.bytes),
                let module = try ComponentDecoder.plan(
                    coreModule: file.bytes, convention: SpinOneModules.convention)
            {
                plan = module
            } else {
                if let problem = file.problem { throw ComponentLoadError(component: name, path: file.path, problem) }
                plan = try ComponentDecoder.plan(file.bytes)
            }
        } catch let error as ComponentError {
            throw ComponentLoadError(component: name, path: file.path, error.description)
        }
        return try self.load(plan, file.bytes, path: file.path, name: name, report: report) { error in
            ComponentLoadError(component: name, path: file.path, error.description)
        }
    }

    /// `blame` says in which file an error is.
    private func load(
        _ plan: ComponentPlan, _ bytes: UnsafeRawBufferPointer, path: String, name: String, report: (Event) -> Void,
        blame: (ComponentError) -> ComponentLoadError
    ) throws -> Component {
        do {
            try plan.validateUncompiledModules(bytes, engine: self.engine)
            let (merged, modules) = try self.compile(plan, bytes, name: name, report: report)
            let component = try Component(
                name: name, plan: merged, modules: modules, engine: self.engine, registry: self.registry)
            if let limit = self.memoryLimit, let problem = component.problem(of: plan.largestMemory, limit: limit) {
                throw ComponentLoadError(component: name, path: path, problem)
            }
            return component
        } catch let error as ComponentError {
            throw blame(error)
        } catch let error as EngineError {
            // What was compiled may be several modules merged: only each by itself has its place in the file.
            if let invalid = plan.invalidModule(bytes, engine: self.engine) { throw blame(invalid) }
            throw ComponentLoadError(component: name, path: path, error.description)
        }
    }

    private func compile(
        _ plan: ComponentPlan, _ bytes: UnsafeRawBufferPointer, name: String, report: (Event) -> Void
    ) throws -> (ComponentPlan, [Module]) {
        var total = 0
        var done = 0
        var isTold = false
        // A debugger knows the modules of the file, not what they are merged to.
        let limits = self.engine.configuration.debugInfo ? nil : MergeLimits(self.engine.configuration)
        return try PlanCompiler(plan, bytes, limits: limits).compile { bytes in
            (total, done) = (bytes, 0)
            report(.compiling(component: name, bytes: total))
        } _: { code, work in
            defer {
                done += work
                if work > 0 { report(.compiled(component: name, bytes: done, of: total)) }
            }
            return try self.compile(code) { reason in
                guard !isTold else { return }
                isTold = true
                report(.notCached(component: name, reason: reason))
            }
        }
    }
}

/// A component file that cannot be run, and why.
package struct ComponentLoadError: Error, CustomStringConvertible {
    package let component: String
    /// The file, where one is to blame.
    package let path: String?
    /// Where the manifest names what is wrong, as `spin.toml:12:1`.
    package let place: String?
    package let message: String

    package init(component: String, path: String? = nil, place: String? = nil, _ message: String) {
        self.component = component
        self.path = path
        self.place = place
        self.message = message
    }

    package var description: String {
        "\(self.place.map { "\($0): " } ?? "")component \"\(self.component)\""
            + "\(self.path.map { " (\($0))" } ?? ""): \(self.message)"
    }
}
