/// Copying what lies outside of a value: strings and lists, into memory that the receiver's allocator gives.
extension AdapterCompiler {
    /// Text that is no longer than this is copied by the adapter itself, while it is ASCII.
    private static let shortText: UInt32 = 64

    mutating func text(_ source: Place, _ destination: Place) throws(ComponentError) {
        if self.source.options.encoding == .utf8, self.destination.options.encoding == .utf8,
            let from = self.source.options.memory, let to = self.destination.options.memory
        {
            return self.utf8(source, destination, .copyText(from: from, to: to))
        }
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

    /// UTF-8 to UTF-8: only checked and copied.
    private mutating func utf8(_ source: Place, _ destination: Place, _ copy: Trampoline.Kind) {
        let (pointer, length, target, done) = (
            self.local(.i32), self.local(.i32), self.local(.i32), self.local(.i32)
        )
        let word = self.local(.i64)
        let size: (inout WasmCode) -> Void = {
            $0.localGet(length)
            $0.op(.i64ExtendI32U)
        }
        self.load(source, .i32, size: 4)
        self.code.localSet(pointer)
        self.load(source.length, .i32, size: 4)
        self.code.localTee(length)
        self.code.i32(UInt32(EncodedText.maximumBytes))
        self.code.op(.i32GtU)
        self.stopIf(.textOutOfBounds, { $0.localGet(pointer) }, { $0.localGet(length) })
        self.check(
            pointer, size, alignment: 1, memory: self.source.memory, faults: (.misalignedPointer, .textOutOfBounds))
        self.code.localGet(length)
        self.allocate(into: target, alignment: 1)
        self.check(
            target, size, alignment: 1, memory: self.destination.memory,
            faults: (.misalignedAllocation, .allocationOutOfBounds))
        self.put(target, in: destination)
        self.put(length, in: destination.length)

        self.code.block()
        self.code.block()
        self.code.localGet(length)
        self.code.i32(Self.shortText)
        self.code.op(.i32GtU)
        self.code.branchIf(0)
        self.code.i32(0)
        self.code.localSet(done)
        self.asciiLoop(pointer, length, target, done, step: 8, word: word)
        self.asciiLoop(pointer, length, target, done, step: 1, word: word)
        self.code.branch(1)
        self.code.op(.end)
        self.code.localGet(pointer)
        self.code.localGet(length)
        self.code.localGet(target)
        self.code.call(self.context.hostFunction(&self.module, copy))
        self.code.op(.end)
        for local in [pointer, length, target, done] { self.free(local, .i32) }
        self.free(word, .i64)
    }

    /// Copies `step` bytes at a time as long as so many are left; leaves the block around it at what is not ASCII.
    private mutating func asciiLoop(
        _ pointer: Int, _ length: Int, _ target: Int, _ done: Int, step: Int, word: Int
    ) {
        self.code.block()
        self.code.loop()
        self.code.localGet(done)
        self.code.i32(UInt32(step))
        self.code.op(.i32Add)
        self.code.localGet(length)
        self.code.op(.i32GtU)
        self.code.branchIf(1)
        self.code.localGet(pointer)
        self.code.localGet(done)
        self.code.op(.i32Add)
        self.code.access(step == 8 ? .i64Load : .i64Load8U, memory: self.source.memory ?? 0, offset: 0)
        self.code.localTee(word)
        self.code.i64(Int64(bitPattern: 0x8080_8080_8080_8080))
        self.code.op(.i64And)
        self.code.op(.i64Eqz)
        self.code.op(.i32Eqz)
        self.code.branchIf(2)
        self.code.localGet(target)
        self.code.localGet(done)
        self.code.op(.i32Add)
        self.code.localGet(word)
        self.code.access(step == 8 ? .i64Store : .i64Store8, memory: self.destination.memory ?? 0, offset: 0)
        self.code.localGet(done)
        self.code.i32(UInt32(step))
        self.code.op(.i32Add)
        self.code.localSet(done)
        self.code.branch(0)
        self.code.op(.end)
        self.code.op(.end)
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
