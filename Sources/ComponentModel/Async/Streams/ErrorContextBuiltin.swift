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
            let context = call.instance.context(call.lowering)
            let message = try context.liftString(
                context.addressType.load(call.values, slot: 0), context.addressType.load(call.values, slot: 1))
            call.returnI32(try call.insert(ErrorContext(message)))
        }
    }

    static let debugMessage: HostCallback = { environment, caller, values, _ in
        Self.enter(environment, caller, values) { call in
            let error = try call.errorContext(call.i32(0))
            let context = call.instance.context(call.lowering)
            let destination = context.addressType.load(call.values, slot: 1)
            _ = try context.view(destination, context.addressType.pointerAndLength)
            try context.storePair(try context.lowerString(error.message), at: destination)
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
