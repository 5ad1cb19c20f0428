/// Copying text, into memory that the receiver's allocator gives.
extension AdapterCompiler {
    /// Text that is no longer than this is copied by the adapter itself, while it is ASCII.
    private static let shortText: UInt32 = 64

    mutating func text(_ source: Place, _ destination: Place) throws(ComponentError) {
        if self.source.options.encoding == .utf8, self.destination.options.encoding == .utf8,
            let from = self.source.options.memory, let to = self.destination.options.memory
        {
            return self.utf8(source, destination, .copyText(from: from, to: to))
        }
        self.pushPointer(source)
        self.pushPointer(source.length(self.source.addressType))
        self.code.call(
            self.context.hostFunction(
                &self.module, .transcode(from: self.source.optionsIndex, to: self.destination.optionsIndex)))
        let (pointer, length) = (self.local(.i64), self.local(.i64))
        self.code.localSet(length)
        self.code.localSet(pointer)
        self.putPointer(.local(pointer, .i64), in: destination)
        self.putPointer(.local(length, .i64), in: destination.length(self.destination.addressType))
        self.free(pointer, .i64)
        self.free(length, .i64)
    }

    /// Pushes the source's pointer or length at a place, as an `i64`.
    private mutating func pushPointer(_ place: Place) {
        let addressType = self.source.addressType
        self.load(place, addressType.coreType, size: addressType.byteCount)
        if addressType == .i32 { self.code.op(.i64ExtendI32U) }
    }

    /// UTF-8 to UTF-8: only checked and copied.
    private mutating func utf8(_ source: Place, _ destination: Place, _ copy: Trampoline.Kind) {
        let (pointer, target) = (self.local(self.source.pointer), self.local(self.destination.pointer))
        let (length, done, word) = (self.local(.i32), self.local(.i32), self.local(.i64))
        let (address, size) = (Number.local(pointer, self.source.pointer), Number.local(length, .i32))
        self.loadPointer(source, into: pointer)
        self.loadLength(of: source, into: length, .textOutOfBounds, address)
        self.code.localGet(length)
        self.code.i32(UInt32(EncodedText.maximumBytes))
        self.code.op(.i32GtU)
        self.stopIf(.textOutOfBounds, address, size)
        self.check(pointer, size, alignment: 1, of: self.source, faults: (.misalignedPointer, .textOutOfBounds))
        self.allocate(size, alignment: 1, into: target)
        self.putPointer(.local(target, self.destination.pointer), in: destination)
        self.putPointer(size, in: destination.length(self.destination.addressType))

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
        self.push(address, as: .i64)
        self.push(size, as: .i64)
        self.push(.local(target, self.destination.pointer), as: .i64)
        self.code.call(self.context.hostFunction(&self.module, copy))
        self.code.op(.end)
        self.free(pointer, self.source.pointer)
        self.free(target, self.destination.pointer)
        self.free(length, .i32)
        self.free(done, .i32)
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
        self.pushSum(pointer, done, of: self.source)
        self.code.access(step == 8 ? .i64Load : .i64Load8U, memory: self.source.memory ?? 0, offset: 0)
        self.code.localTee(word)
        self.code.i64(Int64(bitPattern: 0x8080_8080_8080_8080))
        self.code.op(.i64And)
        self.code.op(.i64Eqz)
        self.code.op(.i32Eqz)
        self.code.branchIf(2)
        self.pushSum(target, done, of: self.destination)
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

    private mutating func pushSum(_ pointer: Int, _ offset: Int, of side: Side) {
        self.code.localGet(pointer)
        self.push(.local(offset, .i32), as: side.pointer)
        self.code.op(side.pointer == .i64 ? .i64Add : .i32Add)
    }
}
