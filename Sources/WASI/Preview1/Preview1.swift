import CWasmtime
package import ComponentModel
package import WasmEngine

/// WASI preview 1: the host functions that core modules import from `wasi_snapshot_preview1` or `wasi_unstable`, on the
/// same implementation as WASI 0.2.
package enum Preview1 {
    static let modules: [String: Preview1Call.Version] = [
        "wasi_snapshot_preview1": .snapshot1, "wasi_unstable": .unstable,
    ]

    /// All functions of `wasi_snapshot_preview1`, by name.
    static let functions: [String: Preview1Function] = Dictionary(
        uniqueKeysWithValues: [
            processFunctions, clockFunctions, descriptorFunctions, readingAndWritingFunctions, pathFunctions,
            pollFunctions, socketFunctions,
        ].joined().map { ($0.name, $0) })

    /// The names of all functions, sorted.
    package static var functionNames: [String] { self.functions.keys.sorted() }

    /// The same for `wasi_unstable`.
    private static let unstableFunctions = functions.filter { $0.key != "sock_accept" }
        .mapValues { Preview1Function($0.name, $0.parameters, $0.hasResult, version: .unstable, $0.body) }

    /// The same for modules that are planned as components, by module and name.
    package static var hostFunctions: [String: [String: HostCoreFunction]] {
        self.modules.mapValues { version in
            (version == .snapshot1 ? self.functions : self.unstableFunctions).mapValues { function in
                HostCoreFunction(
                    type: function.type, callback: Preview1Function.callback, environment: function
                ) { user in (BoundPreview1Function.callback, BoundPreview1Function(function, user)) }
            }
        }
    }

    /// Defines what `module` imports from preview 1.
    ///
    /// - Throws: ``Preview1LinkError`` for an import that is no function of it; `EngineError` when a type is wrong.
    package static func define(importsOf module: Module, in linker: Linker) throws {
        var defined: Set<String> = []
        for item in module.imports {
            guard let version = self.modules[item.module] else {
                throw Preview1LinkError(
                    "it imports \"\(item.name)\" from \"\(item.module)\", which nobody provides; a core module can "
                        + "import from wasi_snapshot_preview1 only")
            }
            let functions = version == .snapshot1 ? self.functions : self.unstableFunctions
            guard item.kind == .function, let function = functions[item.name] else {
                throw Preview1LinkError("it imports \"\(item.name)\", which \(item.module) does not have")
            }
            guard defined.insert("\(item.module).\(item.name)").inserted else { continue }
            // The functions live as long as the process.
            try linker.define(
                module: item.module, name: item.name, type: function.type, callback: Preview1Function.callback,
                environment: Unmanaged.passUnretained(function).toOpaque())
        }
    }

    /// Calls a function without a guest's code: for tests.
    ///
    /// - Returns: its errno; 0 for success.
    package static func call(
        _ name: String, _ values: UnsafeMutableBufferPointer<RawValue>, guest: Preview1Guest,
        version: Preview1Call.Version = .snapshot1
    ) throws -> UInt16 {
        guard let function = self.functions[name], let base = values.baseAddress,
            values.count >= function.parameters.count
        else { throw Preview1LinkError("no function \(name), or too few arguments for it") }
        return try function.run(Preview1Call(values: base, caller: nil, guest: guest, version: version)).rawValue
    }
}

/// A core module that cannot be linked with preview 1.
package struct Preview1LinkError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A function of preview 1: its type, and what it does. Made once, never freed: the engine points to it.
final class Preview1Function: Sendable {
    let name: String
    let parameters: [ValueKind]
    /// Whether it returns an errno; `proc_exit` does not return.
    let hasResult: Bool
    let version: Preview1Call.Version
    let body: @Sendable (borrowing Preview1Call) throws -> Void

    init(
        _ name: String, _ parameters: [ValueKind], _ hasResult: Bool = true,
        version: Preview1Call.Version = .snapshot1, _ body: @escaping @Sendable (borrowing Preview1Call) throws -> Void
    ) {
        self.name = name
        self.parameters = parameters
        self.hasResult = hasResult
        self.version = version
        self.body = body
    }

    var type: FunctionType { FunctionType(parameters: self.parameters, results: self.hasResult ? [.i32] : []) }

    /// - Throws: the guest's fault or its exit; an errno is returned.
    func run(_ call: borrowing Preview1Call) throws -> Errno {
        do {
            try self.body(call)
            return .success
        } catch let errno as Errno {
            return errno
        } catch let error as FileError {
            return error.code.preview1
        }
    }

    /// Of a module that runs by itself, or of one that runs as a component.
    private static func guest(of store: Store) throws -> Preview1Guest {
        switch store.owner {
        case let guest as Preview1Guest: return guest
        case let instance as ComponentInstance:
            guard let context = instance.host as? WASIContext else { throw GuestFault("the call has no guest") }
            return context.preview1(instance, in: store)
        default: throw GuestFault("the call has no guest")
        }
    }

    static let callback: HostCallback = { environment, caller, values, _ in
        guard let environment, let caller else { return nil }
        let function = Unmanaged<Preview1Function>.fromOpaque(environment).takeUnretainedValue()
        let store = Store.current(caller)
        do {
            return try function.run(caller, values, in: store, guest: Preview1Function.guest(of: store))
        } catch {
            return Store.trap(error, in: store)
        }
    }

    /// - Returns: the trap to be thrown; nil for none.
    func run(
        _ caller: OpaquePointer, _ values: UnsafeMutablePointer<RawValue>?, in store: Store, guest: Preview1Guest
    ) -> OpaquePointer? {
        do {
            // A function without parameters and results has no values.
            guard let values else { throw GuestFault("\(self.name) was called without arguments") }
            let errno = try self.run(
                Preview1Call(values: values, caller: caller, guest: guest, version: self.version))
            if self.hasResult { values[0].i64 = Int64(errno.rawValue) }
            return nil
        } catch let fault as GuestFault {
            return Store.trap(GuestFault("\(fault.message), in a call of \(self.name)"), in: store)
        } catch {
            return Store.trap(error, in: store)
        }
    }
}
