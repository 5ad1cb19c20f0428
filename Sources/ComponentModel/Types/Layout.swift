/// Size and alignment of a value in linear memory, in bytes (CanonicalABI.md, "Alignment" and "Element Size").
package struct Layout: Hashable, Sendable {
    package let size: Int
    package let alignment: Int

    package init(size: Int, alignment: Int) {
        self.size = size
        self.alignment = alignment
    }

    /// `offset` rounded up to a multiple of `alignment`.
    package static func align(_ offset: Int, to alignment: Int) -> Int {
        (offset + alignment - 1) / alignment * alignment
    }

    static let handle = Layout(size: 4, alignment: 4)

    static func record(_ fields: some Sequence<Layout>) -> Layout {
        var size = 0
        var alignment = 1
        for field in fields {
            size = Layout.align(size, to: field.alignment) + field.size
            alignment = max(alignment, field.alignment)
        }
        return Layout(size: Layout.align(size, to: alignment), alignment: alignment)
    }

    static func variant(caseCount: Int, payloads: some Sequence<Layout>) -> Layout {
        var payloadSize = 0
        let discriminant = Layout.discriminantSize(caseCount: caseCount)
        var payloadAlignment = 1
        for payload in payloads {
            payloadSize = max(payloadSize, payload.size)
            payloadAlignment = max(payloadAlignment, payload.alignment)
        }
        let alignment = max(discriminant, payloadAlignment)
        let size = Layout.align(discriminant, to: payloadAlignment) + payloadSize
        return Layout(size: Layout.align(size, to: alignment), alignment: alignment)
    }

    /// Bytes of the discriminant of a variant: 1, 2 or 4.
    package static func discriminantSize(caseCount: Int) -> Int {
        if caseCount <= 1 << 8 { return 1 }
        return caseCount <= 1 << 16 ? 2 : 4
    }

    static func flags(count: Int) -> Layout {
        let size = count <= 8 ? 1 : count <= 16 ? 2 : 4
        return Layout(size: size, alignment: size)
    }
}

extension ValueType {
    /// Size and alignment in a linear memory. Computed by walking the type: keep the result where it matters.
    ///
    /// Types of a plan are known to be smaller than 256 MiB, so no sum overflows.
    package func layout(_ addressType: AddressType) -> Layout {
        switch self {
        case .bool, .s8, .u8: Layout(size: 1, alignment: 1)
        case .s16, .u16: Layout(size: 2, alignment: 2)
        case .s32, .u32, .f32, .char: Layout(size: 4, alignment: 4)
        case .s64, .u64, .f64: Layout(size: 8, alignment: 8)
        case .string, .list: addressType.pointerAndLength
        case .own, .borrow, .stream, .future, .errorContext: .handle
        case .fixedList(let element, let count): element.layout(addressType).repeated(count)
        case .record(let fields): .record(fields.lazy.map { $0.type.layout(addressType) })
        case .tuple(let types): .record(types.lazy.map { $0.layout(addressType) })
        case .variant(let cases):
            .variant(caseCount: cases.count, payloads: cases.lazy.compactMap { $0.type?.layout(addressType) })
        case .enum(let labels): .variant(caseCount: labels.count, payloads: EmptyCollection())
        case .option(let type): .variant(caseCount: 2, payloads: CollectionOfOne(type.layout(addressType)))
        case .result(let ok, let error):
            .variant(caseCount: 2, payloads: [ok, error].lazy.compactMap { $0?.layout(addressType) })
        case .flags(let labels): .flags(count: labels.count)
        }
    }

    /// Offset of the payload of a variant, option or result from its start, in bytes; 0 for other types.
    package func payloadOffset(_ addressType: AddressType) -> Int {
        let (caseCount, payloads): (Int, [ValueType]) =
            switch self {
            case .variant(let cases): (cases.count, cases.compactMap(\.type))
            case .option(let type): (2, [type])
            case .result(let ok, let error): (2, [ok, error].compactMap { $0 })
            default: (0, [])
            }
        guard caseCount > 0 else { return 0 }
        let alignment = payloads.reduce(1) { max($0, $1.layout(addressType).alignment) }
        return Layout.align(Layout.discriminantSize(caseCount: caseCount), to: alignment)
    }
}

extension Layout {
    func repeated(_ count: Int) -> Layout {
        Layout(size: self.size * count, alignment: self.alignment)
    }
}
