import CWasmtime
import WasmEngine

/// A core function that the host makes for a component: what the `canon` definitions of its binary become.
///
/// Made once a component and shared by all its instances: the engine hands the object back as the environment of the call.
enum RuntimeTrampoline {
    /// `canon lower` of a function that the host provides.
    final class Host: Sendable {
        let function: HostFunction
        let lowering: Lowering

        init(function: HostFunction, lowering: Lowering) {
            self.function = function
            self.lowering = lowering
        }

        static let callback: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: Host.self) { trampoline, instance, values in
                try RuntimeTrampoline.callHost(trampoline.lowering, instance) {
                    try trampoline.function.call(
                        HostCall(values: values, instance: instance, lowering: trampoline.lowering))
                }
            }
        }
    }

    /// What every call of a function of the host has around it.
    @inline(__always)
    static func callHost(_ lowering: Lowering, _ instance: ComponentInstance, _ body: () throws -> Void) throws {
        try instance.checkMayLeave(lowering.componentInstance)
        instance.liftBudget = ComponentInstance.maximumLift
        let lenders = instance.lenderCount
        instance.hostCallLenders = lenders
        do {
            try body()
            instance.endLends(downTo: lenders)
        } catch let fault as GuestFault {
            throw fault.calling(lowering.name)
        }
    }

    /// `canon lower` of a function that nobody provides: calling it traps.
    final class Missing: Sendable {
        let label: FunctionLabel

        init(_ label: FunctionLabel) {
            self.label = label
        }

        static let callback: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: Missing.self) { trampoline, _, _ in
                throw UnprovidedFunction(name: trampoline.label.description)
            }
        }
    }

    /// `canon resource.new`, `resource.rep` and `resource.drop` of one resource type in one component instance.
    final class Resource: Sendable {
        let type: UInt32
        let componentInstance: Int
        /// Extern slot of the destructor of a resource that the component defines.
        let destructor: Int?
        /// The component instance that the destructor runs in, where it can tell in which task.
        let definer: Int?

        init(type: UInt32, componentInstance: Int, destructor: Int?, definer: Int? = nil) {
            self.definer = definer
            self.type = type
            self.componentInstance = componentInstance
            self.destructor = destructor
        }

        static let new: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: Resource.self) { resource, instance, values in
                let rep = values.load(as: UInt32.self)
                try instance.checkMayLeave(resource.componentInstance)
                let handle = try instance.withHandles(of: resource.componentInstance) {
                    try $0.insertOwn(rep: rep, type: resource.type)
                }
                values.storeBytes(of: handle, as: UInt32.self)
            }
        }

        static let rep: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: Resource.self) { resource, instance, values in
                let handle = values.load(as: UInt32.self)
                let rep = try instance.rep(of: handle, type: resource.type, in: resource.componentInstance)
                values.storeBytes(of: rep, as: UInt32.self)
            }
        }

        static let drop: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: Resource.self) { resource, instance, values in
                try instance.checkMayLeave(resource.componentInstance)
                try instance.dropHandle(values.load(as: UInt32.self), of: resource)
            }
        }
    }

    /// Gets from the engine's raw call to the trampoline and the instance, and turns a thrown error into a trap.
    @inline(__always)
    static func enter<T: AnyObject>(
        _ environment: UnsafeMutableRawPointer?, _ caller: OpaquePointer?, _ values: UnsafeMutablePointer<RawValue>?,
        as _: T.Type, _ body: (T, ComponentInstance, UnsafeMutableRawPointer) throws -> Void
    ) -> OpaquePointer? {
        // The engine always gives a caller; without one there is no way to report anything.
        guard let caller else { return nil }
        let store = Store.current(caller)
        do {
            guard let environment, let owner = store.owner else { throw HostLimitError("a call without an instance") }
            // A function without parameters and results has no slots; nobody reads them then.
            let slots = UnsafeMutableRawPointer(values) ?? environment
            // The linked component keeps the environment, and the store's owner outlives the call.
            try Unmanaged<T>.fromOpaque(environment)._withUnsafeGuaranteedRef { environment in
                // A store of components has no other owner.
                try body(environment, unsafeDowncast(owner, to: ComponentInstance.self), slots)
            }
            return nil
        } catch {
            return Store.trap(error, in: store)
        }
    }
}
