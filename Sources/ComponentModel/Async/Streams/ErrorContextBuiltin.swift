import CWasmtime
import WasmEngine

/// `error-context.new`, `error-context.debug-message` and `error-context.drop`, as a guest calls them.
enum ErrorContextBuiltin {
    private static func enter(
        _ environment: UnsafeMutableRawPointer?, _ caller: OpaquePointer?, _ values: UnsafeMutablePointer<RawValue>?,
        _ body: (borrowing HostCall) throws -> Void
    ) -> OpaquePointer? {
        RuntimeTrampoline.enter(environment, caller, values, as: Lowering.self) { lowering, instance, values in
            do {
                try instance.checkMayLeave(lowering.componentInstance)
                instance.liftBudget = ComponentInstance.maximumLift
                try body(HostCall(values: values, instance: instance, lowering: lowering))
            } catch let fault as GuestFault {
                throw fault.calling(lowering.name)
            }
        }
    }

    static let new: HostCallback = { environment, caller, values, _ in
        Self.enter(environment, caller, values) { call in
            let message = try call.string(call.i32(0), call.i32(1))
            call.returnI32(try call.insert(ErrorContext(message)))
        }
    }

    static let debugMessage: HostCallback = { environment, caller, values, _ in
        Self.enter(environment, caller, values) { call in
            let error = try call.errorContext(call.i32(0))
            let destination = call.i32(1)
            _ = try call.view(destination, size: 8, alignment: 4)
            let text = try call.lower(error.message)
            let view = try call.view(destination, size: 8, alignment: 4)
            view.set(u32: text.pointer, at: 0)
            view.set(u32: text.length, at: 4)
        }
    }

    static let drop: HostCallback = { environment, caller, values, _ in
        Self.enter(environment, caller, values) { call in
            _ = try call.instance.removeObject(
                call.i32(0), kind: AsyncHandle.errorContext, componentInstance: call.lowering.componentInstance,
                as: ErrorContext.self)
        }
    }
}
