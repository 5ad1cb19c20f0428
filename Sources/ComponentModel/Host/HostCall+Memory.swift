extension HostCall {
    /// A checked range of the guest's memory, `size` bytes at `pointer`: a record, spilled parameters, a return area.
    package func view(_ pointer: UInt32, size: Int, alignment: Int) throws -> GuestMemoryView {
        guard Int(pointer) & (alignment - 1) == 0 else {
            throw GuestFault.misaligned(pointer: pointer, alignment: alignment)
        }
        let memory = try self.instance.memory(self.lowering.memory)
        guard Int(pointer) + size <= memory.count else {
            throw GuestFault.outOfBounds(pointer: pointer, length: size, memory: memory.count)
        }
        return GuestMemoryView(base: memory.base + Int(pointer), count: size)
    }

    /// A checked view of `length` elements, each `elementSize` bytes: element i begins at offset i × elementSize.
    package func list(
        _ pointer: UInt32, _ length: UInt32, elementSize: Int, alignment: Int
    ) throws -> GuestMemoryView {
        // 2^32 elements of a size that itself is below 2^28 (checked at load) fit 63 bits.
        let view = try self.view(pointer, size: Int(length) * elementSize, alignment: alignment)
        // An element is a host value of at least a few words, whatever its size in the guest.
        try self.instance.chargeLift(Int(length) * max(elementSize, 16))
        return view
    }

    /// A `list<u8>` as it lies in the guest's memory.
    package func bytes(_ pointer: UInt32, _ length: UInt32) throws -> GuestBytes {
        let view = try self.view(pointer, size: Int(length), alignment: 1)
        try self.instance.chargeLift(Int(length))
        return GuestBytes(UnsafeRawBufferPointer(start: view.base, count: view.count))
    }

    /// A copy of a string in the guest's memory, checked to be well-formed.
    ///
    /// - Parameter length: as the guest gives it: code units of its encoding, tagged where the encoding says so.
    package func string(_ pointer: UInt32, _ length: UInt32) throws -> String {
        let encoding = self.lowering.encoding
        let text = EncodedText(length: UInt64(length), encoding: encoding, addressType: .i32)
        guard text.byteCount <= EncodedText.maximumBytes else { throw GuestFault.textTooLong(text) }
        let view = try self.view(pointer, size: text.byteCount, alignment: encoding.alignment)
        try self.instance.chargeLift(view.count)
        let bytes = UnsafeRawBufferPointer(start: view.base, count: view.count)
        guard let string = String(bytes, form: text.form) else {
            throw GuestFault(
                "string at 0x\(String(pointer, radix: 16)) of \(view.count) bytes is not \(encoding.title)")
        }
        return string
    }

    /// Memory from the guest's own allocator: a call into the guest, after which views are stale.
    package func allocate(size: Int, alignment: Int) throws -> UInt32 {
        try self.allocateView(size: size, alignment: alignment).pointer
    }

    /// Memory from the guest's own allocator, with the view to write it through: until the next call into the guest.
    package func allocateView(size: Int, alignment: Int) throws -> (pointer: UInt32, view: GuestMemoryView) {
        guard size <= Int(UInt32.max) else {
            throw HostLimitError("a value of \(size) bytes does not fit a 32-bit memory")
        }
        let pointer = UInt32(
            truncatingIfNeeded: try self.instance.reallocate(alignment: alignment, size: size, by: self.lowering))
        // Checked here so that who writes into it need not.
        return (pointer, try self.view(pointer, size: size, alignment: alignment))
    }

    /// Copies `string` into the guest's memory, in the guest's encoding; the length is tagged where that says so.
    package func lower(_ string: String) throws -> (pointer: UInt32, length: UInt32) {
        var string = string
        return try string.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            if self.lowering.encoding == .utf8 { return try self.lower(raw: bytes) }
            guard bytes.count * 2 <= EncodedText.maximumBytes else {
                throw HostLimitError("a string of \(bytes.count) bytes is longer than a guest may get")
            }
            let store = TextStore(
                origin: HostText(utf8: bytes),
                destination: GuestAllocator(instance: self.instance, lowering: self.lowering))
            let stored = try store.store(
                EncodedText(form: .utf8, units: bytes.count), as: self.lowering.encoding, from: .utf8)
            return (
                UInt32(truncatingIfNeeded: stored.pointer),
                UInt32(truncatingIfNeeded: stored.text.length(self.lowering.encoding, .i32))
            )
        }
    }

    /// Copies `bytes` into the guest's memory.
    package func lower(_ bytes: any HostBytes) throws -> (pointer: UInt32, length: UInt32) {
        let count = bytes.byteCount
        let (pointer, view) = try self.allocateView(size: count, alignment: 1)
        if count > 0 { bytes.copyBytes(to: view.base) }
        return (pointer, UInt32(count))
    }

    /// Copies text that is UTF-8 into the guest's memory, in the guest's encoding.
    package func lower(utf8 text: UnsafeRawBufferPointer) throws -> (pointer: UInt32, length: UInt32) {
        guard self.lowering.encoding == .utf8 else { return try self.lower(String(decoding: text, as: UTF8.self)) }
        return try self.lower(raw: text)
    }

    /// Copies bytes into the guest's memory.
    package func lower(raw bytes: UnsafeRawBufferPointer) throws -> (pointer: UInt32, length: UInt32) {
        let (pointer, view) = try self.allocateView(size: bytes.count, alignment: 1)
        if let source = bytes.baseAddress, !bytes.isEmpty {
            view.base.copyMemory(from: source, byteCount: bytes.count)
        }
        return (pointer, UInt32(bytes.count))
    }
}

/// A value of the host that cannot be passed to the guest because it is over a limit.
@usableFromInline
package struct HostLimitError: Error, CustomStringConvertible {
    @usableFromInline
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
