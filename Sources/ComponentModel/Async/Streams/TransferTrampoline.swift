import WasmEngine

/// Built-ins of streams and futures, as host functions. Source: `CanonicalABI.md`, "Canonical Definitions".
final class TransferTrampoline: Sendable {
    let builtin: TransferBuiltin
    let componentInstance: Int
    /// How `read` and `write` reach the guest's memory; its `isAsync` says whether the guest waits.
    let lowering: Lowering

    init(_ builtin: TransferBuiltin, lowering: Lowering) {
        self.builtin = builtin
        self.componentInstance = lowering.componentInstance
        self.lowering = lowering
    }

    static func callback(of builtin: TransferBuiltin) -> HostCallback {
        { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: TransferTrampoline.self) { _, _, _ in
                throw HostLimitError("streams and futures are not there yet")
            }
        }
    }
}

/// Built-ins of error contexts.
final class ErrorContextTrampoline: Sendable {
    let lowering: Lowering

    init(lowering: Lowering) {
        self.lowering = lowering
    }

    static let new: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: ErrorContextTrampoline.self) { _, _, _ in
            throw HostLimitError("error contexts are not there yet")
        }
    }

    static let debugMessage: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: ErrorContextTrampoline.self) { _, _, _ in
            throw HostLimitError("error contexts are not there yet")
        }
    }

    static let drop: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: ErrorContextTrampoline.self) { _, _, _ in
            throw HostLimitError("error contexts are not there yet")
        }
    }
}
