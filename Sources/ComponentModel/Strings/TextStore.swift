/// Where text is put: a guest's allocator and memory.
///
/// A call of `reallocate` runs guest code, after which every view is stale.
package protocol TextDestination {
    /// The guest's `realloc`; the result was checked to be aligned and to lie with all `size` bytes in its memory.
    func reallocate(_ old: UInt64, oldSize: Int, alignment: Int, size: Int) throws -> UInt64
    /// `count` bytes at `pointer`, checked to lie in the memory.
    func room(at pointer: UInt64, _ count: Int) throws -> UnsafeMutableRawBufferPointer
}

/// Where text comes from.
package protocol TextOrigin {
    /// The bytes as they lie now.
    func bytes() throws -> UnsafeRawBufferPointer
}

/// Puts text into a guest's memory in the guest's encoding: which allocations are made, and in which order, is
/// prescribed, since the guest sees them.
///
/// Source: Component Model, `CanonicalABI.md`, "store_string_into_range".
package struct TextStore<Origin: TextOrigin, Destination: TextDestination> {
    package let origin: Origin
    package let destination: Destination

    package init(origin: Origin, destination: Destination) {
        self.origin = origin
        self.destination = destination
    }

    /// Where the text is now, and what it is there.
    package func store(_ text: EncodedText, as encoding: StringEncoding, from original: StringEncoding) throws
        -> (pointer: UInt64, text: EncodedText)
    {
        switch (encoding, text.form) {
        case (.utf8, .utf8): try self.copy(text, unit: 1, alignment: 1)
        case (.utf8, .utf16): try self.toUTF8(text, worstCase: text.units * 3)
        case (.utf8, .latin1): try self.toUTF8(text, worstCase: text.units * 2)
        case (.utf16, .utf8): try self.utf8ToUTF16(text)
        case (.utf16, .utf16): try self.copy(text, unit: 2, alignment: 2)
        case (.utf16, .latin1): try self.latin1ToUTF16(text)
        case (.latin1OrUTF16, .latin1): try self.copy(text, unit: 1, alignment: 2)
        case (.latin1OrUTF16, .utf16) where original == .latin1OrUTF16: try self.probablyUTF16(text)
        case (.latin1OrUTF16, .utf8), (.latin1OrUTF16, .utf16): try self.toLatin1OrUTF16(text)
        }
    }

    private func copy(_ text: EncodedText, unit: Int, alignment: Int) throws -> (UInt64, EncodedText) {
        let size = unit * text.units
        let pointer = try self.destination.reallocate(0, oldSize: 0, alignment: alignment, size: size)
        var conversion = try self.conversion(to: pointer, size)
        switch text.form {
        case .utf8: try self.expectDone(conversion.copyUTF8(), text)
        case .utf16: try self.copyUTF16(&conversion)
        case .latin1: try self.expectDone(conversion.copyAll(), text)
        }
        return (pointer, text)
    }

    private func toUTF8(_ text: EncodedText, worstCase: Int) throws -> (UInt64, EncodedText) {
        var pointer = try self.destination.reallocate(0, oldSize: 0, alignment: 1, size: text.units)
        var conversion = try self.conversion(to: pointer, text.units)
        let isLatin1 = text.form == .latin1
        let end = isLatin1 ? conversion.copyASCII() : conversion.narrowUTF16ToASCII()
        if case .done = end { return (pointer, EncodedText(form: .utf8, units: text.units)) }
        pointer = try self.destination.reallocate(pointer, oldSize: text.units, alignment: 1, size: worstCase)
        conversion = try self.conversion(to: pointer, worstCase, after: conversion)
        try self.expectDone(isLatin1 ? conversion.latin1ToUTF8() : conversion.utf16ToUTF8(), text)
        let size = conversion.written
        if worstCase > size {
            pointer = try self.destination.reallocate(pointer, oldSize: worstCase, alignment: 1, size: size)
        }
        return (pointer, EncodedText(form: .utf8, units: size))
    }

    private func utf8ToUTF16(_ text: EncodedText) throws -> (UInt64, EncodedText) {
        let worstCase = 2 * text.units
        var pointer = try self.destination.reallocate(0, oldSize: 0, alignment: 2, size: worstCase)
        var conversion = try self.conversion(to: pointer, worstCase)
        try self.expectDone(conversion.utf8ToUTF16(), text)
        let size = conversion.written
        if size < worstCase {
            pointer = try self.destination.reallocate(pointer, oldSize: worstCase, alignment: 2, size: size)
        }
        return (pointer, EncodedText(form: .utf16, units: size / 2))
    }

    private func latin1ToUTF16(_ text: EncodedText) throws -> (UInt64, EncodedText) {
        let size = 2 * text.units
        let pointer = try self.destination.reallocate(0, oldSize: 0, alignment: 2, size: size)
        var conversion = try self.conversion(to: pointer, size)
        try self.expectDone(conversion.widen(), text)
        return (pointer, EncodedText(form: .utf16, units: text.units))
    }

    private func toLatin1OrUTF16(_ text: EncodedText) throws -> (UInt64, EncodedText) {
        let isUTF8 = text.form == .utf8
        var pointer = try self.destination.reallocate(0, oldSize: 0, alignment: 2, size: text.units)
        var conversion = try self.conversion(to: pointer, text.units)
        let end = isUTF8 ? conversion.utf8ToLatin1() : conversion.narrowUTF16ToLatin1()
        let narrow = conversion.written
        guard case .unrepresentable = end else {
            try self.expectDone(end, text)
            if narrow < text.units {
                pointer = try self.destination.reallocate(pointer, oldSize: text.units, alignment: 2, size: narrow)
            }
            return (pointer, EncodedText(form: .latin1, units: narrow))
        }
        let worstCase = 2 * text.units
        pointer = try self.destination.reallocate(pointer, oldSize: text.units, alignment: 2, size: worstCase)
        conversion = try self.conversion(to: pointer, worstCase, after: conversion)
        Self.widenInPlace(conversion.destination, count: narrow)
        conversion.written = narrow * 2
        if isUTF8 {
            try self.expectDone(conversion.utf8ToUTF16(), text)
        } else {
            try self.copyUTF16(&conversion)
        }
        let size = conversion.written
        if size < worstCase {
            pointer = try self.destination.reallocate(pointer, oldSize: worstCase, alignment: 2, size: size)
        }
        return (pointer, EncodedText(form: .utf16, units: size / 2))
    }

    private func probablyUTF16(_ text: EncodedText) throws -> (UInt64, EncodedText) {
        let size = 2 * text.units
        var pointer = try self.destination.reallocate(0, oldSize: 0, alignment: 2, size: size)
        var conversion = try self.conversion(to: pointer, size)
        guard let source = conversion.source.baseAddress else { return (pointer, EncodedText(form: .latin1, units: 0)) }
        guard !TextScan.exceedsLatin1(utf16: source, units: conversion.source.count / 2) else {
            try self.copyUTF16(&conversion)
            return (pointer, text)
        }
        try self.expectDone(conversion.narrowUTF16ToLatin1(), text)
        pointer = try self.destination.reallocate(pointer, oldSize: size, alignment: 1, size: text.units)
        return (pointer, EncodedText(form: .latin1, units: text.units))
    }

    // MARK: Parts

    private func conversion(to pointer: UInt64, _ size: Int, after before: TextConversion? = nil) throws
        -> TextConversion
    {
        let room = try self.destination.room(at: pointer, size)
        var conversion = TextConversion(try self.origin.bytes(), to: room)
        if let before {
            conversion.read = before.read
            conversion.written = before.written
        }
        return conversion
    }

    private func expectDone(_ end: TextConversion.End, _ text: EncodedText) throws {
        switch end {
        case .done: return
        case .illFormed: throw GuestFault.illFormedText(text.form)
        case .unrepresentable, .full: throw GuestFault("a string changed while it was copied")
        }
    }

    /// What is left of UTF-16, as it is.
    private func copyUTF16(_ conversion: inout TextConversion) throws {
        let left = conversion.source.count - conversion.read
        guard left > 0, let from = conversion.source.baseAddress, let to = conversion.destination.baseAddress else {
            return
        }
        guard TextScan.isUTF16(from + conversion.read, units: left / 2) else {
            throw GuestFault.illFormedText(.utf16)
        }
        guard conversion.written + left <= conversion.destination.count else {
            throw GuestFault("a string changed while it was copied")
        }
        (to + conversion.written).copyMemory(from: from + conversion.read, byteCount: left)
        conversion.written += left
        conversion.read += left
    }

    /// Turns the first `count` bytes into 16-bit units, from the last to the first.
    private static func widenInPlace(_ room: UnsafeMutableRawBufferPointer, count: Int) {
        guard let base = room.baseAddress, count * 2 <= room.count else { return }
        var index = count
        while index > 0 {
            index &-= 1
            let unit = UInt16(base.load(fromByteOffset: index, as: UInt8.self))
            base.storeBytes(of: unit, toByteOffset: index &* 2, as: UInt16.self)
        }
    }
}

extension GuestFault {
    package static func illFormedText(_ form: EncodedText.Form) -> GuestFault {
        switch form {
        case .utf8, .latin1: GuestFault("invalid utf-8 encoding: a string is not UTF-8")
        case .utf16: GuestFault("invalid utf16 encoding: a string is not UTF-16, it has an unpaired surrogate")
        }
    }
}
