import CWasmtime
import WasmEngine

/// Whether a component instance may call out: not from its realloc and post-return functions.
extension ComponentInstance {
    /// Runs `body` while calls out of `componentInstance` trap, as the Canonical ABI asks of realloc and post-return.
    func withoutLeaving<R>(_ componentInstance: Int, _ body: () throws -> R) throws -> R {
        let mayLeave = self.mayLeave[componentInstance]
        self.mayLeave[componentInstance] = false
        // Adapters between components look at a flag of their own, which they may have taken down already.
        let flag = self.component?.leaveSlots[componentInstance]
        let isRaised = try flag.map { try self.flag($0) } ?? false
        if isRaised, let flag { try self.setFlag(flag, false) }
        let result = try body()
        if isRaised, let flag { try self.setFlag(flag, true) }
        self.mayLeave[componentInstance] = mayLeave
        return result
    }

    func checkMayLeave(_ componentInstance: Int) throws {
        guard self.mayLeave[componentInstance] else { throw GuestFault.cannotLeave }
        guard let flag = self.component?.leaveSlots[componentInstance] else { return }
        guard try self.flag(flag) else { throw GuestFault.cannotLeave }
    }

    /// A flag that adapters use; up as long as the core instance that has it is not made.
    private func flag(_ slot: Int) throws -> Bool {
        guard let store = self.store, self.externs[slot].kind == UInt8(WASMTIME_EXTERN_GLOBAL) else { return true }
        var global = self.externs[slot].of.global
        var value = wasmtime_val_t()
        wasmtime_global_get(store.context, &global, &value)
        return value.of.i32 != 0
    }

    private func setFlag(_ slot: Int, _ isRaised: Bool) throws {
        guard let store = self.store, self.externs[slot].kind == UInt8(WASMTIME_EXTERN_GLOBAL) else { return }
        var global = self.externs[slot].of.global
        var value = wasmtime_val_t()
        value.kind = UInt8(WASMTIME_I32)
        value.of.i32 = isRaised ? 1 : 0
        if let error = wasmtime_global_set(store.context, &global, &value) {
            wasmtime_error_delete(error)
            throw HostLimitError("a flag of a component instance cannot be set")
        }
    }
}
