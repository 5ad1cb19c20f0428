import CWasmtime
import ComponentModel
import WasmEngine

/// A function of preview 1 for one of several modules of an instance: each has descriptors of its own, and may be
/// denied what others have.
final class BoundPreview1Function: Sendable {
    private let function: Preview1Function
    private let componentInstance: Int
    private let permissions: Preview1Permissions

    init(_ function: Preview1Function, _ user: CoreFunctionUser) {
        self.function = function
        self.componentInstance = user.componentInstance
        self.permissions = Preview1Permissions(
            environment: user.mayUse("wasi:cli/environment"), files: user.mayUse("wasi:filesystem/preopens"))
    }

    static let callback: HostCallback = { environment, caller, values, _ in
        guard let environment, let caller else { return nil }
        let bound = Unmanaged<BoundPreview1Function>.fromOpaque(environment).takeUnretainedValue()
        let store = Store.current(caller)
        guard let instance = store.owner as? ComponentInstance, let context = instance.host as? WASIContext else {
            return Store.trap(GuestFault("the call has no guest"), in: store)
        }
        let guest = context.preview1(
            instance, in: store, componentInstance: bound.componentInstance, permissions: bound.permissions)
        return bound.function.run(caller, values, in: store, guest: guest)
    }
}

/// What a module gets of what its instance has.
struct Preview1Permissions {
    /// Arguments too.
    var environment = true
    /// Those that are mounted: there are no others.
    var files = true
}
