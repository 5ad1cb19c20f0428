import CWasmtime
import WasmEngine

/// What lies in the memory by way of which values pass between guests with 64-bit memories and the host.
///
/// Calls fill it one after the other; when none is left it is empty again.
final class Room {
    private var end = 0
    private var calls = 0

    func enter() { self.calls += 1 }

    func leave() {
        self.calls -= 1
        if self.calls == 0 { self.end = 0 }
    }

    /// New memory, in an extern slot of the instance.
    func allocate(_ layout: Layout, in memory: Int, of instance: ComponentInstance) throws -> UInt32 {
        let start = Layout.align(self.end, to: layout.alignment)
        // Sizes have 32 bits, and so has what was allocated before: nothing overflows.
        let end = start + layout.size
        guard end <= Int(UInt32.max) else { throw HostLimitError("the values of a guest's calls take 4 GiB") }
        try instance.grow(memory, to: end)
        self.end = end
        return UInt32(start)
    }

    /// The environment of ``allocate``: an extern slot.
    final class Memory: Sendable {
        fileprivate let slot: Int

        init(slot: Int) {
            self.slot = slot
        }
    }

    /// As a `realloc` function.
    static let allocate: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Memory.self) { memory, instance, values in
            func argument(_ index: Int) -> Int { Int(values.load(fromByteOffset: index * 16, as: UInt32.self)) }
            let (old, oldSize, size) = (argument(0), argument(1), argument(3))
            let pointer = try instance.room.allocate(
                Layout(size: size, alignment: max(1, argument(2))), in: memory.slot, of: instance)
            let kept = min(oldSize, size)
            if kept > 0 {
                let place = try instance.memory(memory.slot)
                guard old + kept <= place.count else { throw HostLimitError("what is reallocated lies nowhere") }
                (place.base + Int(pointer)).copyMemory(from: place.base + old, byteCount: kept)
            }
            values.storeBytes(of: pointer, as: UInt32.self)
        }
    }
}

extension ComponentInstance {
    /// Makes a memory at least so large.
    fileprivate func grow(_ slot: Int, to size: Int) throws {
        let count = try self.memory(slot).count
        guard size > count else { return }
        guard let store = self.store else { throw GuestFault("the call has no memory") }
        var memory = self.externs[slot].of.memory
        var before: UInt64 = 0
        if let error = wasmtime_memory_grow(store.context, &memory, UInt64((size - count + 65535) >> 16), &before) {
            wasmtime_error_delete(error)
            throw HostLimitError("the values of a guest's calls take more memory than an instance may have")
        }
    }
}
