/// What values of one call are lifted from and lowered into: an instance's memory, allocator and handles.
struct ValueContext {
    /// Kept by whoever makes the call.
    unowned(unsafe) let instance: ComponentInstance
    /// Extern slots.
    let memory: Int?
    let realloc: Int?
    let encoding: StringEncoding
    let componentInstance: Int
    /// Run-time numbers of the plan's resource types.
    let resourceTypes: [UInt32]
    /// Whether borrowed handles that are lifted are lent, until who lifts them ends the loan.
    var lendsBorrows = false

    /// A checked range of the guest's memory. Stale after each call into the guest.
    func view(_ pointer: UInt32, size: Int, alignment: Int) throws -> GuestMemoryView {
        guard Int(pointer) & (alignment - 1) == 0 else {
            throw GuestFault.misaligned(pointer: pointer, alignment: alignment)
        }
        let memory = try self.instance.memory(self.memory)
        let (end, overflows) = Int(pointer).addingReportingOverflow(size)
        guard !overflows, end <= memory.count else {
            throw GuestFault.outOfBounds(pointer: pointer, length: size, memory: memory.count)
        }
        return GuestMemoryView(base: memory.base + Int(pointer), count: size)
    }

    /// Memory from the guest's allocator: a call into the guest.
    func allocate(size: Int, alignment: Int) throws -> UInt32 {
        guard let size32 = UInt32(exactly: size) else {
            throw HostLimitError("a value of \(size) bytes does not fit a 32-bit memory")
        }
        let pointer = try self.instance.reallocate(
            alignment: UInt32(alignment), size: size32, function: self.realloc,
            componentInstance: self.componentInstance)
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
