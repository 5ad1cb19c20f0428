/// A component, flattened: what to compile, which host functions to make, what to instantiate in which order, and
/// what it exports.
///
/// Nested components, aliases, composition and virtualised imports are resolved. The plan says nothing of how many
/// core modules there once were: a later step may merge them.
package struct ComponentPlan: Sendable {
    /// Modules that some step instantiates.
    package var coreModules: [CoreModule] = []
    /// Modules of the file that no step instantiates: they must be valid all the same.
    package var uncompiledModules: [Range<Int>] = []
    package var resources: [PlanResource] = []
    /// The component's own imports by name, used or not.
    package var imports: [ExternName] = []
    /// Functions of the host that somebody calls or re-exports.
    package var importedFunctions: [ImportedFunction] = []
    /// Functions that the component lifts and itself lowers again: calls from component to component.
    package var adaptedFunctions: [LiftedFunction] = []
    /// Core functions that the host makes.
    package var trampolines: [Trampoline] = []
    package var options: [CanonicalOptions] = []
    /// Memory slots; a slot can be filled once its instance is up.
    package var memories: [CoreDefinition] = []
    /// Function slots: reallocs, post-returns, lifted callees, destructors.
    package var functions: [CoreDefinition] = []
    /// Table slots: where new threads find their functions.
    package var tables: [CoreDefinition] = []
    /// In order of execution; the n-th step makes core instance n.
    package var steps: [Step] = []
    /// Calls of start functions, in order of execution.
    package var starts: [StartCall] = []
    /// Values that are written down in components.
    package var constants: [EncodedValue] = []
    package var exports: [PlanExport] = []
    /// How many component instances there are; each has its handle table.
    package var componentInstances = 0
    /// The component instance that instantiated each one; nil for the root.
    package var componentParents: [Int?] = []
    /// Component instances that may not use all that the host offers, where functions of the host's core modules ask.
    package var denials: [Int: Composition.Denials] = [:]
    /// For each component instance that calls other ones, or is called: an `i32` global that is 0 while its realloc or
    /// post-return function runs, which may not call out.
    package var leaveFlags: [CoreDefinition?] = []

    /// A module of the file.
    package struct CoreModule: Hashable, Sendable {
        package let byteRange: Range<Int>
        /// For messages; not unique.
        package let name: String?
        package let definedMemories: Int
        /// The bytes that the largest of them begins with, where the module is one of the file.
        package let largestMemory: UInt64
        /// The module's binary, where it is none of the file.
        package let generated: [UInt8]?

        package init(
            byteRange: Range<Int>, name: String?, definedMemories: Int, largestMemory: UInt64 = 0,
            generated: [UInt8]? = nil
        ) {
            self.byteRange = byteRange
            self.name = name
            self.definedMemories = definedMemories
            self.largestMemory = largestMemory
            self.generated = generated
        }

        /// Calls `body` with the module's binary.
        ///
        /// - Parameter file: the component's bytes.
        package func withBytes<R, E: Error>(
            of file: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(E) -> R
        ) throws(E) -> R {
            guard let generated = self.generated else {
                return try body(UnsafeRawBufferPointer(rebasing: file[self.byteRange]))
            }
            let result = generated.withUnsafeBytes { bytes in Result { () throws(E) in try body(bytes) } }
            return try result.get()
        }
    }

    /// How many linear memories an instance of the component has.
    package var definedMemories: Int {
        self.steps.reduce(0) { count, step in
            switch step {
            case .instantiate(let module, _): count + self.coreModules[module].definedMemories
            }
        }
    }

    /// The bytes that the largest of them begins with; not known of merged plans.
    package var largestMemory: UInt64 {
        self.steps.reduce(0) { largest, step in
            switch step {
            case .instantiate(let module, _): max(largest, self.coreModules[module].largestMemory)
            }
        }
    }

    package enum Step: Hashable, Sendable {
        /// Imports stand in the order in which the module declares them.
        case instantiate(module: Int, imports: [CoreImport])
    }

    package struct CoreImport: Hashable, Sendable {
        package let module: String
        package let name: String
        package let source: CoreDefinition

        package init(module: String, name: String, source: CoreDefinition) {
            self.module = module
            self.name = name
            self.source = source
        }
    }
}

/// Where a core function, memory, table, global or tag comes from.
package enum CoreDefinition: Hashable, Sendable {
    /// Index into `ComponentPlan.trampolines`; functions only.
    case trampoline(Int)
    case export(instance: Int, name: CoreName)

    package static func export(instance: Int, name: String) -> CoreDefinition {
        .export(instance: instance, name: CoreName(name))
    }
}

package enum PlanResource: Hashable, Sendable {
    /// `interface` is `nil` for a resource that the component imports by a name of its own.
    case imported(interface: ExternName?, name: String)
    /// `destructor` is a function slot.
    case defined(componentInstance: Int, destructor: Int?)
}

/// A function that the host supplies.
package struct ImportedFunction: Hashable, Sendable {
    /// `nil` for a function that the component imports by a name of its own.
    package let interface: ExternName?
    /// Such as `[method]input-stream.read`.
    package let name: String
    package let type: ComponentFunctionType
    package let signature: String
    /// The dependency that imports it; nil for the component itself.
    package let dependency: String?
    /// Why calls of it fail, for functions that a dependency may not use.
    package let denial: Denial?
}

/// A core function made by the host.
package struct Trampoline: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Indices into `importedFunctions` and `options`.
        case lower(importedFunction: Int, options: Int)
        /// The same, where values lie in a memory of 64 bits: they go by way of one of 32 bits.
        case lowerByCopy(importedFunction: Int, options: Int, HostCopies)
        /// Indices into `adaptedFunctions` and `options` (those of the caller).
        case lowerLifted(adaptedFunction: Int, options: Int)
        case resourceNew(resource: ResourceID, componentInstance: Int)
        case resourceRep(resource: ResourceID, componentInstance: Int)
        case resourceDrop(resource: ResourceID, componentInstance: Int)
        /// What adapters between components call: to stop the guest with a fault (a code and two numbers),
        case adapterFault
        /// to move an own handle from one component instance's table to another's,
        case transferOwn(resource: ResourceID, from: Int, to: Int)
        /// to lend a handle for the running call,
        case transferBorrow(resource: ResourceID, from: Int, to: Int)
        /// to give the readable end of a stream or future, or an error context,
        case transferEnd(type: ValueType, from: Int, to: Int)
        /// around a call that lends handles,
        case enterCall
        case exitCall
        /// to get room in the memory that values go by (a memory slot),
        case allocateRoom(memory: Int)
        /// and to copy text: indices into `options`.
        case transcode(from: Int, to: Int)
        /// The same where both sides use UTF-8 and there is room already: memory slots.
        case copyText(from: Int, to: Int)
        /// A call from component to component that may go on after it returned, or wait: indices into
        /// `adaptedFunctions` and `options` (those of the caller).
        case callTask(adaptedFunction: Int, options: Int, copies: TaskCopies)
        /// Around a call from component to component in a plan with tasks: the callee's component instance.
        case enterTask(componentInstance: Int)
        case exitTask
        /// Around a call of a realloc function by an adapter.
        case saveContext
        case restoreContext
        /// A function of a core module of the host's, such as preview 1, called in a component instance.
        case hostFunction(module: String, name: String, componentInstance: Int)
        /// A function of the asynchronous model, called in a component instance.
        case builtin(AsyncBuiltin, componentInstance: Int)

        /// The same call with the functions that carry its values.
        func with(_ copies: TaskCopies) -> Kind {
            switch self {
            case .callTask(let function, let options, _):
                return .callTask(adaptedFunction: function, options: options, copies: copies)
            case .lowerByCopy(let function, let options, var host):
                host.copies = copies
                return .lowerByCopy(importedFunction: function, options: options, host)
            default: return self
            }
        }

        /// Whether it needs code that copies values: see ``AdapterFusion``.
        var needsAdapter: Bool {
            switch self {
            case .lowerLifted, .callTask, .lowerByCopy: true
            default: false
            }
        }
    }

    package let kind: Kind
    package let type: CoreFunctionType
}

/// Functions that carry the values of a call that the host makes: function slots; nil where values pass as they are.
/// See ``AdapterFusion``.
package struct TaskCopies: Hashable, Sendable {
    package var parameters: Int?
    package var result: Int?
}

/// By way of which memory, and by which functions, values pass between a guest with a 64-bit memory and the host, whose
/// bindings know 32-bit ones.
package struct HostCopies: Hashable, Sendable {
    /// Index into `ComponentPlan.options`: the host's side.
    package let options: Int
    package var copies = TaskCopies()
}

package enum StringEncoding: Hashable, Sendable {
    case utf8
    case utf16
    case latin1OrUTF16
}

/// How values pass between a component instance and the outside.
package struct CanonicalOptions: Hashable, Sendable {
    /// Memory slot.
    package var memory: Int?
    /// How that memory is addressed.
    package var addressType = AddressType.i32
    /// Function slot.
    package var realloc: Int?
    /// Function slot.
    package var postReturn: Int?
    package var encoding: StringEncoding
    package var componentInstance: Int
    package var isAsync = false
    /// Function slot.
    package var callback: Int?
}

/// A guest's function, seen as a component function.
package struct LiftedFunction: Hashable, Sendable {
    /// Function slot.
    package let callee: Int
    /// Index into `ComponentPlan.options`.
    package let options: Int
    package let type: ComponentFunctionType
    package let coreType: CoreFunctionType
    package let signature: String
}

package struct PlanExport: Hashable, Sendable {
    package indirect enum Kind: Hashable, Sendable {
        case function(LiftedFunction)
        /// An import that is exported again: index into `importedFunctions`.
        case importedFunction(Int)
        case instance([PlanExport])
        case resource(ResourceID)
        case type
        case value(PlanValue, ValueType)
        case component
        case coreModule
    }

    package let name: ExternName
    package let kind: Kind
}

extension ComponentPlan {
    /// Names of the resources in signatures: `wasi:io/streams.input-stream`, `wasi:http/types@0.3.fields`, `local.0`.
    package var resourceNames: [String] {
        self.resources.enumerated().map { index, resource in
            ComponentPlan.name(of: resource, index: index)
        }
    }

    static func name(of resource: PlanResource, index: Int) -> String {
        switch resource {
        case .imported(let interface?, let name): "\(ComponentPlan.identity(of: interface)).\(name)"
        case .imported(nil, let name): name
        case .defined: "local.\(index)"
        }
    }

    /// The interface as its resources' names have it: `wasi:io/streams`, `wasi:http/types@0.3`.
    private static func identity(of name: ExternName) -> String {
        guard let interface = name.interface else { return name.text }
        return interface.unversioned + (interface.version.map(VersionText.resourceLine) ?? "")
    }

    /// The export with a name, such as `wasi:http/incoming-handler@0.2.0`.
    package func export(named name: String) -> PlanExport? {
        self.exports.first { $0.name.text == name }
    }
}

extension PlanExport {
    /// The function, if it is one that the component lifts.
    package var function: LiftedFunction? {
        guard case .function(let function) = self.kind else { return nil }
        return function
    }

    /// The export of an exported instance, by name.
    package func member(_ name: String) -> PlanExport? {
        guard case .instance(let exports) = self.kind else { return nil }
        return exports.first { $0.name.text == name }
    }
}
