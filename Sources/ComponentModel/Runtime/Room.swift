import CWasmtime
import WasmEngine

/// What lies in the memory by way of which values pass between guests with 64-bit memories and the host.
///
/// A call has what it asks for until it leaves; others may come and leave in between.
package final class Room {
    /// Memory of one call.
    private struct Region {
        let start: Int
        var end: Int
        let call: Int
    }

    /// In the order of their places.
    private var regions: [Region] = []
    private var calls = 0
    /// The call that memory is for.
    private(set) var current = 0
    /// Where its newest memory is in `regions`, if that is known.
    private var newest: Int?

    package init() {}

    /// A new call; memory is for it from now on.
    package func enter() -> Int {
        self.calls += 1
        self.resume(self.calls)
        return self.calls
    }

    /// Memory is for this call again, after others.
    package func resume(_ call: Int) {
        self.current = call
        self.newest = nil
    }

    package func leave(_ call: Int) {
        self.regions.removeAll { $0.call == call }
        self.newest = nil
    }

    /// A place for something of the current call, and its end.
    package func place(_ layout: Layout) -> Range<Int> {
        // What the call has grows, as long as nothing is in the way.
        if let newest = self.newest {
            let start = Layout.align(self.regions[newest].end, to: layout.alignment)
            let limit = newest + 1 < self.regions.count ? self.regions[newest + 1].start : Int.max
            if start + layout.size <= limit {
                self.regions[newest].end = start + layout.size
                return start..<(start + layout.size)
            }
        }
        var start = 0
        var index = 0
        while index < self.regions.count {
            if start + layout.size <= self.regions[index].start { break }
            start = Layout.align(self.regions[index].end, to: layout.alignment)
            index += 1
        }
        let place = start..<(start + layout.size)
        guard !place.isEmpty else { return place }
        self.regions.insert(Region(start: place.lowerBound, end: place.upperBound, call: self.current), at: index)
        self.newest = index
        return place
    }

    /// New memory, in an extern slot of the instance.
    func allocate(_ layout: Layout, in memory: Int, of instance: ComponentInstance) throws -> UInt32 {
        // Sizes have 32 bits, and so has what was allocated before: nothing overflows.
        let place = self.place(layout)
        guard place.upperBound <= Int(UInt32.max) else {
            throw HostLimitError("the values of a guest's calls take 4 GiB")
        }
        try instance.grow(memory, to: place.upperBound)
        return UInt32(place.lowerBound)
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
