/// Guest to host (CanonicalABI.md, "Loading" and "Flat Lifting").
extension ValueContext {
    // MARK: Flat

    func liftFlat(_ type: ValueType, _ slots: inout FlatSlots) throws -> ComponentValue {
        switch type {
        case .bool: return .bool(UInt32(truncatingIfNeeded: try slots.take()) != 0)
        case .s8: return .s8(Int8(truncatingIfNeeded: try slots.take()))
        case .u8: return .u8(UInt8(truncatingIfNeeded: try slots.take()))
        case .s16: return .s16(Int16(truncatingIfNeeded: try slots.take()))
        case .u16: return .u16(UInt16(truncatingIfNeeded: try slots.take()))
        case .s32: return .s32(Int32(truncatingIfNeeded: try slots.take()))
        case .u32: return .u32(UInt32(truncatingIfNeeded: try slots.take()))
        case .s64: return .s64(Int64(bitPattern: try slots.take()))
        case .u64: return .u64(try slots.take())
        case .f32: return .f32(Float(bitPattern: UInt32(truncatingIfNeeded: try slots.take())))
        case .f64: return .f64(Double(bitPattern: try slots.take()))
        case .char: return try self.char(UInt32(truncatingIfNeeded: try slots.take()))
        case .string:
            let pointer = try self.pointer(&slots)
            return .string(try self.liftString(pointer, try self.pointer(&slots)))
        case .list(let element):
            let pointer = try self.pointer(&slots)
            return .list(try self.liftList(element, pointer, try self.pointer(&slots)))
        case .fixedList(let element, let count):
            try self.charge(count)
            return .list(try (0..<count).map { _ in try self.liftFlat(element, &slots) })
        case .record(let fields):
            try self.charge(fields.count)
            return .record(
                try fields.map { ComponentValue.Field($0.name, try self.liftFlat($0.type, &slots)) })
        case .tuple(let types):
            try self.charge(types.count)
            return .tuple(try types.map { try self.liftFlat($0, &slots) })
        case .flags(let labels):
            return self.flags(UInt32(truncatingIfNeeded: try slots.take()), labels)
        case .own, .borrow: return try self.liftHandle(UInt32(truncatingIfNeeded: try slots.take()), type)
        case .variant, .enum, .option, .result:
            guard let cases = VariantCases(type) else { throw GuestFault("an unknown variant") }
            let start = slots.position
            let index = try self.caseIndex(UInt32(truncatingIfNeeded: try slots.take()), cases)
            let payload = try cases.payload(index).map { try self.liftFlat($0, &slots) }
            slots.skip(to: start + (type.flatTypes(self.addressType, limit: .max)?.count ?? 1))
            return cases.value(index, payload)
        case .stream, .future, .errorContext:
            return try self.liftEnd(UInt32(truncatingIfNeeded: try slots.take()), type)
        }
    }

    // MARK: Memory

    /// `view` holds the value at `offset`, checked by whoever made it.
    func load(_ type: ValueType, _ view: GuestMemoryView, _ offset: Int) throws -> ComponentValue {
        switch type {
        case .bool: return .bool(view.u8(offset) != 0)
        case .s8: return .s8(Int8(bitPattern: view.u8(offset)))
        case .u8: return .u8(view.u8(offset))
        case .s16: return .s16(Int16(bitPattern: view.u16(offset)))
        case .u16: return .u16(view.u16(offset))
        case .s32: return .s32(Int32(bitPattern: view.u32(offset)))
        case .u32: return .u32(view.u32(offset))
        case .s64: return .s64(Int64(bitPattern: view.u64(offset)))
        case .u64: return .u64(view.u64(offset))
        case .f32: return .f32(view.f32(offset))
        case .f64: return .f64(view.f64(offset))
        case .char: return try self.char(view.u32(offset))
        case .string:
            let (pointer, length) = self.pair(view, offset)
            return .string(try self.liftString(pointer, length))
        case .list(let element):
            let (pointer, length) = self.pair(view, offset)
            return .list(try self.liftList(element, pointer, length))
        case .fixedList(let element, let count):
            let size = self.layout(element).size
            try self.charge(count)
            return .list(try (0..<count).map { try self.load(element, view, offset + $0 * size) })
        case .record(let fields):
            let values = try self.loadFields(fields.map(\.type), view, offset)
            return .record(zip(fields, values).map { ComponentValue.Field($0.name, $1) })
        case .tuple(let types): return .tuple(try self.loadFields(types, view, offset))
        case .flags(let labels):
            let bits: UInt32 =
                switch self.layout(type).size {
                case 1: UInt32(view.u8(offset))
                case 2: UInt32(view.u16(offset))
                default: view.u32(offset)
                }
            return self.flags(bits, labels)
        case .own, .borrow: return try self.liftHandle(view.u32(offset), type)
        case .variant, .enum, .option, .result:
            guard let cases = VariantCases(type) else { throw GuestFault("an unknown variant") }
            let discriminant: UInt32 =
                switch Layout.discriminantSize(caseCount: cases.count) {
                case 1: UInt32(view.u8(offset))
                case 2: UInt32(view.u16(offset))
                default: view.u32(offset)
                }
            let index = try self.caseIndex(discriminant, cases)
            let start = offset + type.payloadOffset(self.addressType)
            let payload = try cases.payload(index).map { try self.load($0, view, start) }
            return cases.value(index, payload)
        case .stream, .future, .errorContext: return try self.liftEnd(view.u32(offset), type)
        }
    }

    func loadFields(_ types: [ValueType], _ view: GuestMemoryView, _ start: Int) throws -> [ComponentValue] {
        try self.charge(types.count)
        var offset = start
        return try types.map { type in
            let layout = self.layout(type)
            offset = Layout.align(offset, to: layout.alignment)
            defer { offset += layout.size }
            return try self.load(type, view, offset)
        }
    }

    /// A pointer or length: of 32-bit ones the lower half of a slot.
    private func pointer(_ slots: inout FlatSlots) throws -> UInt64 {
        let bits = try slots.take()
        return self.addressType == .i64 ? bits : UInt64(UInt32(truncatingIfNeeded: bits))
    }

    /// Where text or a list lies, and its length.
    private func pair(_ view: GuestMemoryView, _ offset: Int) -> (pointer: UInt64, length: UInt64) {
        (
            view.pointer(offset, self.addressType),
            view.pointer(offset + self.addressType.byteCount, self.addressType)
        )
    }

    private func liftList(_ element: ValueType, _ pointer: UInt64, _ length: UInt64) throws -> [ComponentValue] {
        let layout = self.layout(element)
        guard let count = UInt32(exactly: length).map({ Int($0) }) else {
            throw GuestFault("list content out-of-bounds: \(length) elements of \(layout.size) bytes are too many")
        }
        // 2^32 elements of less than 2^28 bytes fit 63 bits.
        let view = try self.view(pointer, size: count * layout.size, alignment: layout.alignment)
        try self.instance.chargeLift(count * max(layout.size, 32))
        return try (0..<count).map { try self.load(element, view, $0 * layout.size) }
    }

    /// Counts an array of `parts` values, as records, tuples and lists hold them: each is many times what the guest
    /// needs for a small number.
    private func charge(_ parts: Int) throws {
        try self.instance.chargeLift(32 + parts * Self.partSize)
    }

    /// Bytes of the host for a value in a box of its own, and its name.
    private static let partSize = 64

    // MARK: Scalars

    private func char(_ value: UInt32) throws -> ComponentValue {
        guard let scalar = Unicode.Scalar(value) else { throw GuestFault.invalidChar(value) }
        return .char(scalar)
    }

    private func flags(_ bits: UInt32, _ labels: [String]) -> ComponentValue {
        .flags(labels.enumerated().filter { bits >> UInt32($0.offset) & 1 == 1 }.map(\.element))
    }

    private func caseIndex(_ discriminant: UInt32, _ cases: VariantCases) throws -> Int {
        guard Int(discriminant) < cases.count else {
            throw GuestFault("discriminant \(discriminant) of a variant is not below \(cases.count)")
        }
        return Int(discriminant)
    }
}
