/// Copying lists, into memory that the receiver's allocator gives.
extension AdapterCompiler {
    mutating func list(_ element: ValueType, _ source: Place, _ destination: Place) throws(ComponentError) {
        let layout = element.layout(self.source.addressType)
        let (pointer, length, bytes) = (self.local(self.source.pointer), self.local(.i32), self.local(.i64))
        let target = self.local(self.destination.pointer)
        self.loadPointer(source, into: pointer)
        self.loadLength(of: source, into: length, .listTooLong, .constant(layout.size))
        self.multiply(length, by: layout.size, into: bytes)
        self.code.localGet(bytes)
        self.code.i64(Int64(EncodedText.maximumBytes))
        self.code.op(.i64GtU)
        self.stopIf(.listTooLong, .constant(layout.size), .local(length, .i32))
        self.check(
            pointer, .local(bytes, .i64), alignment: layout.alignment, of: self.source,
            faults: (.misalignedPointer, .outOfBounds))
        let copied = element.layout(self.destination.addressType)
        if copied.size != layout.size { self.multiply(length, by: copied.size, into: bytes) }
        self.allocate(.local(bytes, .i64), alignment: copied.alignment, into: target)
        self.putPointer(.local(target, self.destination.pointer), in: destination)
        self.putPointer(.local(length, .i32), in: destination.length(self.destination.addressType))
        if element.isPlain {
            self.copy(.local(bytes, .i64), from: pointer, to: target)
        } else {
            try self.elements(element, count: length, from: pointer, to: target)
        }
        self.free(pointer, self.source.pointer)
        self.free(target, self.destination.pointer)
        self.free(length, .i32)
        self.free(bytes, .i64)
    }

    /// No product overflows: lengths have 32 bits, values less than 2^29 bytes.
    private mutating func multiply(_ length: Int, by size: Int, into bytes: Int) {
        self.push(.local(length, .i32), as: .i64)
        self.code.i64(Int64(size))
        self.code.op(.i64Mul)
        self.code.localSet(bytes)
    }

    mutating func fixedList(_ element: ValueType, _ count: Int, _ source: Place, _ destination: Place)
        throws(ComponentError)
    {
        guard case .memory(let from, let fromOffset) = source, case .memory(let to, let toOffset) = destination else {
            // Flat values are at most 16.
            return try self.translate(
                fields: Array(repeating: element, count: count), from: source, to: destination)
        }
        let (pointer, target) = (self.local(self.source.pointer), self.local(self.destination.pointer))
        self.add(.constant(fromOffset), to: from, self.source.pointer, into: pointer)
        self.add(.constant(toOffset), to: to, self.destination.pointer, into: target)
        if element.isPlain {
            let size = count * element.layout(self.source.addressType).size
            self.copy(.constant(size), from: pointer, to: target)
        } else {
            let left = self.local(.i32)
            self.code.i32(UInt32(truncatingIfNeeded: count))
            self.code.localSet(left)
            try self.elements(element, count: left, from: pointer, to: target)
            self.free(left, .i32)
        }
        self.free(pointer, self.source.pointer)
        self.free(target, self.destination.pointer)
    }

    // MARK: Parts

    /// Loads the length of text or a list, as an `i32`: one that needs more bits is too long, whatever its unit.
    mutating func loadLength(of place: Place, into length: Int, _ fault: AdapterFault, _ one: Number) {
        let addressType = self.source.addressType
        self.load(place.length(addressType), addressType.coreType, size: addressType.byteCount)
        guard addressType == .i64 else { return self.code.localSet(length) }
        let wide = self.local(.i64)
        self.code.localTee(wide)
        self.code.i64(Int64(UInt32.max))
        self.code.op(.i64GtU)
        self.stopIf(fault, one, .local(wide, .i64))
        self.push(.local(wide, .i64), as: .i32)
        self.code.localSet(length)
        self.free(wide, .i64)
    }

    mutating func loadPointer(_ place: Place, into pointer: Int) {
        let addressType = self.source.addressType
        self.load(place, addressType.coreType, size: addressType.byteCount)
        self.code.localSet(pointer)
    }

    private mutating func add(_ offset: Number, to address: Int, _ type: CoreType, into sum: Int) {
        self.code.localGet(address)
        self.push(offset, as: type)
        self.code.op(type == .i64 ? .i64Add : .i32Add)
        self.code.localSet(sum)
    }

    /// Copies bytes as they are. A count has the narrower of the two memories' types.
    private mutating func copy(_ size: Number, from pointer: Int, to target: Int) {
        self.code.localGet(target)
        self.code.localGet(pointer)
        self.push(size, as: self.source.pointer == .i64 ? self.destination.pointer : .i32)
        self.code.memoryCopy(to: self.destination.memory ?? 0, from: self.source.memory ?? 0)
    }

    /// Copies elements one by one; uses the locals up.
    private mutating func elements(_ element: ValueType, count: Int, from: Int, to: Int) throws(ComponentError) {
        self.code.block()
        self.code.localGet(count)
        self.code.op(.i32Eqz)
        self.code.branchIf(0)
        self.code.loop()
        try self.translate(element, from: .memory(address: from, offset: 0), to: .memory(address: to, offset: 0))
        for (pointer, side) in [(from, self.source), (to, self.destination)] {
            let size = element.layout(side.addressType).size
            self.add(.constant(size), to: pointer, side.pointer, into: pointer)
        }
        self.code.localGet(count)
        self.code.i32(1)
        self.code.op(.i32Sub)
        self.code.localTee(count)
        self.code.branchIf(0)
        self.code.op(.end)
        self.code.op(.end)
    }
}
