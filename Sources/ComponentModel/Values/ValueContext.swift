/// What values of one call are lifted from and lowered into: an instance's memory, allocator and handles.
struct ValueContext {
    /// Kept by whoever makes the call.
    unowned(unsafe) let instance: ComponentInstance
    let lowering: Lowering
    /// Run-time numbers of the plan's resource types.
    let resourceTypes: [UInt32]
    /// Whether borrowed handles that are lifted are lent, until who lifts them ends the loan.
    var lendsBorrows = false

    var encoding: StringEncoding { self.lowering.encoding }
    var componentInstance: Int { self.lowering.componentInstance }
    var addressType: AddressType { self.lowering.addressType }

    func layout(_ type: ValueType) -> Layout { type.layout(self.addressType) }

    /// A checked range of the guest's memory. Stale after each call into the guest.
    func view(_ pointer: UInt64, _ layout: Layout) throws -> GuestMemoryView {
        try self.view(pointer, size: layout.size, alignment: layout.alignment)
    }

    func view(_ pointer: UInt64, size: Int, alignment: Int) throws -> GuestMemoryView {
        guard pointer & UInt64(alignment - 1) == 0 else {
            throw GuestFault.misaligned(pointer: pointer, alignment: alignment)
        }
        let bytes = try self.instance.range(pointer, size, memory: self.lowering.memory) { memory in
            GuestFault.outOfBounds(pointer: pointer, length: size, memory: memory)
        }
        guard let base = bytes.baseAddress else { throw GuestFault("the call's memory is empty") }
        return GuestMemoryView(base: base, count: size)
    }

    /// Memory from the guest's allocator: a call into the guest.
    func allocate(size: Int, alignment: Int) throws -> UInt64 {
        guard size <= Int(UInt32.max) else { throw HostLimitError("a value of \(size) bytes does not fit a memory") }
        let pointer = try self.instance.reallocate(alignment: alignment, size: size, by: self.lowering)
        _ = try self.view(pointer, size: size, alignment: alignment)
        return pointer
    }
}

/// Flat core values on their way in or out: each holds its bits in the low end, whatever its core type.
///
/// Wider core types of variants zero-extend, so that no value needs to know which type its slot was joined to.
struct FlatSlots {
    var values: [UInt64] = []
    private var next = 0

    init(_ values: [UInt64] = []) {
        self.values = values
    }

    mutating func take() throws -> UInt64 {
        guard self.next < self.values.count else { throw GuestFault("a flat value is missing") }
        defer { self.next += 1 }
        return self.values[self.next]
    }

    mutating func skip(to index: Int) {
        self.next = index
    }

    var position: Int { self.next }
}
