/// Checks of what guests give, and calls of their allocators.
extension AdapterCompiler {
    /// A number that is known, or a local's. Those of 32 bits are unsigned.
    enum Number {
        case constant(Int)
        case local(Int, CoreType)
    }

    /// Pushes a number as an `i32` or `i64`.
    mutating func push(_ number: Number, as type: CoreType) {
        switch (number, type) {
        case (.constant(let value), .i64): self.code.i64(Int64(value))
        case (.constant(let value), _): self.code.i32(UInt32(truncatingIfNeeded: value))
        case (.local(let local, let own), _):
            self.code.localGet(local)
            if own == .i32, type == .i64 { self.code.op(.i64ExtendI32U) }
            if own == .i64, type == .i32 { self.code.op(.i32WrapI64) }
        }
    }

    // MARK: Faults

    /// Stops the guest with a fault, which tells two numbers.
    mutating func stop(_ fault: AdapterFault, _ one: Number = .constant(0), _ two: Number = .constant(0)) {
        self.code.i32(fault.rawValue)
        self.push(one, as: .i64)
        self.push(two, as: .i64)
        self.code.call(self.context.hostFunction(&self.module, .adapterFault))
        self.code.op(.unreachable)
    }

    /// The same, if the condition on the stack holds.
    mutating func stopIf(_ fault: AdapterFault, _ one: Number, _ two: Number) {
        self.code.if()
        self.stop(fault, one, two)
        self.code.op(.end)
    }

    // MARK: Pointers

    /// A pointer that a guest gives to a value.
    mutating func checkPointer(_ pointer: Int, to layout: Layout, of side: Side) {
        self.check(
            pointer, .constant(layout.size), alignment: layout.alignment, of: side,
            faults: (.misalignedPointer, .outOfBounds))
    }

    /// - Parameter size: the number of bytes, less than 2^32.
    mutating func check(
        _ pointer: Int, _ size: Number, alignment: Int, of side: Side,
        faults: (misaligned: AdapterFault, outOfBounds: AdapterFault)
    ) {
        let address = Number.local(pointer, side.pointer)
        if alignment > 1 {
            self.push(address, as: .i32)
            self.code.i32(UInt32(truncatingIfNeeded: alignment - 1))
            self.code.op(.i32And)
            self.stopIf(faults.misaligned, address, .constant(alignment))
        }
        self.pushSum(address, size)
        self.code.memorySize(side.memory ?? 0)
        if side.pointer == .i32 { self.code.op(.i64ExtendI32U) }
        self.code.i64(16)
        self.code.op(.i64Shl)
        self.code.op(.i64GtU)
        if side.pointer == .i64 {
            // Here the sum may wrap around.
            self.pushSum(address, size)
            self.push(address, as: .i64)
            self.code.op(.i64LtU)
            self.code.op(.i32Or)
        }
        self.stopIf(faults.outOfBounds, address, size)
    }

    private mutating func pushSum(_ one: Number, _ two: Number) {
        self.push(one, as: .i64)
        self.push(two, as: .i64)
        self.code.op(.i64Add)
    }

    // MARK: Allocation

    /// Calls the destination's realloc for new memory, and checks what it gives.
    mutating func allocate(_ size: Number, alignment: Int, into pointer: Int) {
        let type = self.destination.pointer
        self.push(.constant(0), as: type)
        self.push(.constant(0), as: type)
        self.push(.constant(alignment), as: type)
        self.push(size, as: type)
        // Validation asks for a realloc wherever one is needed.
        if let realloc = self.destination.realloc {
            self.callRealloc(realloc)
        } else {
            self.code.op(.unreachable)
        }
        self.code.localSet(pointer)
        self.check(
            pointer, size, alignment: alignment, of: self.destination,
            faults: (.misalignedAllocation, .allocationOutOfBounds))
    }

    /// Its arguments are on the stack.
    private mutating func callRealloc(_ realloc: AdapterModule.Callee) {
        let seesContext = self.context.contexts.contains(self.destination.options.componentInstance)
        if seesContext { self.code.call(self.context.hostFunction(&self.module, .saveContext)) }
        self.call(realloc)
        if seesContext { self.code.call(self.context.hostFunction(&self.module, .restoreContext)) }
    }
}
