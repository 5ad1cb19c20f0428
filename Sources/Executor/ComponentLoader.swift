package import ComponentModel
package import WasmEngine

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Makes components ready to run: reads, plans, compiles (or takes from the cache) and links them.
package final class ComponentLoader: Sendable {
    package let engine: Engine
    private let cache: CompiledCodeCache?
    private let registry: HostRegistry

    /// - Parameters:
    ///   - cache: where compiled code is kept between runs; nil compiles anew each time.
    ///   - registry: the interfaces that the host offers.
    package init(engine: Engine, cache: CompiledCodeCache?, registry: HostRegistry) {
        self.engine = engine
        self.cache = cache
        self.registry = registry
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
    ///   - report: told of progress, on this thread.
    /// - Throws: ``ComponentLoadError`` for a file that is no usable component.
    package func load(_ path: String, name: String, report: (Event) -> Void = { _ in }) throws -> Component {
        let file = try ComponentFile(path: path, component: name)
        return try self.load(file, name: name, report: report)
    }

    /// Loads the file at `path`, which may be a component or a core module.
    ///
    /// - Throws: ``ComponentLoadError`` for a file that is neither.
    package func loadProgram(_ path: String, name: String, report: (Event) -> Void = { _ in }) throws -> Program {
        let file = try ComponentFile(path: path, component: name)
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
        let bytes = file.bytes
        switch WasmKind.of(bytes) {
        case .component: break
        case .coreModule:
            throw ComponentLoadError(
                component: name, path: file.path,
                "it is a core WebAssembly module, not a component; this version of Swirl runs components only. "
                    + "Build it as a component (for instance with `wasm-tools component new`)")
        case .notWasm:
            throw ComponentLoadError(
                component: name, path: file.path,
                bytes.isEmpty ? "the file is empty" : "it is not WebAssembly: it does not begin with \\0asm")
        }
        let plan: ComponentPlan
        do {
            plan = try ComponentDecoder.plan(bytes)
            try plan.validateUncompiledModules(bytes, engine: self.engine)
        } catch {
            throw ComponentLoadError(component: name, path: file.path, error.description)
        }
        do {
            let modules = try self.compile(plan, bytes, name: name, report: report)
            return try Component(
                name: name, plan: plan, modules: modules, engine: self.engine, registry: self.registry)
        } catch let error as EngineError {
            let reason = plan.invalidModule(bytes, engine: self.engine)?.description ?? error.description
            throw ComponentLoadError(component: name, path: file.path, reason)
        }
    }

    private func compile(
        _ plan: ComponentPlan, _ bytes: UnsafeRawBufferPointer, name: String, report: (Event) -> Void
    ) throws -> [Module] {
        let total = plan.coreModules.reduce(0) { $0 + $1.byteRange.count }
        var done = 0
        var isTold = false
        report(.compiling(component: name, bytes: total))
        return try plan.coreModules.map { module in
            try module.withBytes(of: bytes) { code in
                defer {
                    done += module.byteRange.count
                    report(.compiled(component: name, bytes: done, of: total))
                }
                return try self.compile(code) { reason in
                    if !isTold { report(.notCached(component: name, reason: reason)) }
                    isTold = true
                }
            }
        }
    }
}

/// A component file that cannot be run, and why.
package struct ComponentLoadError: Error, CustomStringConvertible {
    package let component: String
    /// The file, where one is to blame.
    package let path: String?
    package let message: String

    init(component: String, path: String? = nil, _ message: String) {
        self.component = component
        self.path = path
        self.message = message
    }

    package var description: String {
        "component \"\(self.component)\"\(self.path.map { " (\($0))" } ?? ""): \(self.message)"
    }
}

/// The bytes of a component's file. Read, not mapped: a file that a build truncates meanwhile must not kill the
/// server.
private final class ComponentFile {
    let path: String
    let bytes: UnsafeRawBufferPointer
    private let storage: UnsafeMutableRawBufferPointer

    init(path: String, component: String) throws {
        self.path = path
        var storage = try Self.read(path, component: component)
        if path.hasSuffix(".wat") {
            let text = String(decoding: storage, as: UTF8.self)
            storage.deallocate()
            do {
                let binary = try Engine.assemble(text)
                storage = .allocate(byteCount: binary.count, alignment: 16)
                storage.copyBytes(from: binary)
            } catch {
                throw ComponentLoadError(component: component, path: path, error.description)
            }
        }
        self.storage = storage
        self.bytes = UnsafeRawBufferPointer(storage)
    }

    deinit {
        self.storage.deallocate()
    }

    private static func read(_ path: String, component: String) throws -> UnsafeMutableRawBufferPointer {
        func failure() -> ComponentLoadError {
            ComponentLoadError(component: component, path: path, String(cString: strerror(errno)))
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure() }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure() }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ComponentLoadError(component: component, path: path, "it is not a file")
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(status.st_size), alignment: 16)
        var filled = 0
        while filled < buffer.count {
            let count = readBytes(file, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let error =
                    count < 0
                    ? failure()
                    : ComponentLoadError(
                        component: component, path: path, "it was cut short while it was read")
                buffer.deallocate()
                throw error
            }
            filled += count
        }
        return buffer
    }
}

/// `read(2)`, under a name that no method hides.
private func readBytes(_ file: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(file, buffer, count)
}
