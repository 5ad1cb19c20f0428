/// Copying what lies outside of a value: strings and lists, into memory that the receiver's allocator gives.
extension AdapterCompiler {
    mutating func text(_ source: Place, _ destination: Place) throws(ComponentError) {
        let (pointer, length) = (self.local(.i32), self.local(.i32))
        self.load(source, .i32, size: 4)
        self.load(source.length, .i32, size: 4)
        self.code.call(
            self.context.hostFunction(
                &self.module, .transcode(from: self.source.optionsIndex, to: self.destination.optionsIndex)))
        self.code.localSet(length)
        self.code.localSet(pointer)
        self.put(pointer, in: destination)
        self.put(length, in: destination.length)
        self.free(pointer, .i32)
        self.free(length, .i32)
    }

    mutating func list(_ element: ValueType, _ source: Place, _ destination: Place) throws(ComponentError) {
        let layout = element.layout
        let (pointer, length) = (self.local(.i32), self.local(.i32))
        let (target, bytes) = (self.local(.i32), self.local(.i64))
        self.load(source, .i32, size: 4)
        self.code.localSet(pointer)
        self.load(source.length, .i32, size: 4)
        self.code.localTee(length)
        self.code.op(.i64ExtendI32U)
        self.code.i64(Int64(layout.size))
        self.code.op(.i64Mul)
        self.code.localTee(bytes)
        self.code.i64(Int64(EncodedText.maximumBytes))
        self.code.op(.i64GtU)
        self.stopIf(
            .listTooLong, { $0.localGet(length) }, { $0.i32(UInt32(truncatingIfNeeded: layout.size)) })
        self.check(
            pointer, { $0.localGet(bytes) }, alignment: layout.alignment, memory: self.source.memory,
            faults: (.misalignedPointer, .outOfBounds))
        self.code.localGet(bytes)
        self.code.op(.i32WrapI64)
        self.allocate(into: target, alignment: layout.alignment)
        self.check(
            target, { $0.localGet(bytes) }, alignment: layout.alignment, memory: self.destination.memory,
            faults: (.misalignedAllocation, .allocationOutOfBounds))
        self.put(target, in: destination)
        self.put(length, in: destination.length)
        if element.isPlain {
            self.code.localGet(target)
            self.code.localGet(pointer)
            self.code.localGet(bytes)
            self.code.op(.i32WrapI64)
            self.code.memoryCopy(to: self.destination.memory ?? 0, from: self.source.memory ?? 0)
        } else {
            try self.elements(element, count: length, from: pointer, to: target)
        }
        self.free(pointer, .i32)
        self.free(length, .i32)
        self.free(target, .i32)
        self.free(bytes, .i64)
    }

    mutating func fixedList(_ element: ValueType, _ count: Int, _ source: Place, _ destination: Place)
        throws(ComponentError)
    {
        guard case .memory(let from, let fromOffset) = source, case .memory(let to, let toOffset) = destination else {
            // Flat values are at most 16.
            return try self.translate(
                fields: Array(repeating: element, count: count), from: source, to: destination)
        }
        let (pointer, target, left) = (self.local(.i32), self.local(.i32), self.local(.i32))
        for (local, base, offset) in [(pointer, from, fromOffset), (target, to, toOffset)] {
            self.code.localGet(base)
            self.code.i32(UInt32(truncatingIfNeeded: offset))
            self.code.op(.i32Add)
            self.code.localSet(local)
        }
        self.code.i32(UInt32(truncatingIfNeeded: count))
        self.code.localSet(left)
        if element.isPlain {
            self.code.localGet(target)
            self.code.localGet(pointer)
            self.code.i32(UInt32(truncatingIfNeeded: count * element.layout.size))
            self.code.memoryCopy(to: self.destination.memory ?? 0, from: self.source.memory ?? 0)
        } else {
            try self.elements(element, count: left, from: pointer, to: target)
        }
        self.free(pointer, .i32)
        self.free(target, .i32)
        self.free(left, .i32)
    }

    /// Copies elements one by one; uses the locals up.
    private mutating func elements(_ element: ValueType, count: Int, from: Int, to: Int) throws(ComponentError) {
        let size = UInt32(truncatingIfNeeded: element.layout.size)
        self.code.block()
        self.code.localGet(count)
        self.code.op(.i32Eqz)
        self.code.branchIf(0)
        self.code.loop()
        try self.translate(element, from: .memory(address: from, offset: 0), to: .memory(address: to, offset: 0))
        for pointer in [from, to] {
            self.code.localGet(pointer)
            self.code.i32(size)
            self.code.op(.i32Add)
            self.code.localSet(pointer)
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
