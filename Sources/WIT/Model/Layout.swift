/// A type of core WebAssembly.
package enum CoreType: Hashable, Sendable {
    case i32
    case i64
    case f32
    case f64
}

/// How a value lies in linear memory. Source: `CanonicalABI.md`, "Alignment" and "Element Size".
package struct MemoryLayoutOfType: Hashable, Sendable {
    package let size: Int
    package let alignment: Int

    static func align(_ offset: Int, to alignment: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
}

extension ResolvedModel {
    /// Parameters beyond this many core values go through memory.
    package static let maximumFlatParameters = 16
    /// The same in an asynchronous lowering.
    package static let maximumFlatAsyncParameters = 4
    /// Results beyond this many core values go through memory; in an asynchronous lowering all do.
    package static let maximumFlatResults = 1

    /// Size and alignment of a discriminant of `cases` cases, in bytes.
    package static func discriminantSize(cases: Int) -> Int { cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4 }

    package func layout(of type: WITType) -> MemoryLayoutOfType {
        switch type {
        case .primitive(let primitive): return Self.layout(of: primitive)
        case .own, .borrow, .future, .stream: return MemoryLayoutOfType(size: 4, alignment: 4)
        case .list, .map: return MemoryLayoutOfType(size: 8, alignment: 4)
        case .fixedList(let element, let length):
            let layout = self.layout(of: element)
            return MemoryLayoutOfType(size: layout.size * length, alignment: layout.alignment)
        case .option(let wrapped): return self.layout(ofCases: [nil, wrapped])
        case .result(let success, let failure): return self.layout(ofCases: [success, failure])
        case .tuple(let elements): return self.layout(ofFields: elements)
        case .named(let id): return self.layout(ofDefinition: id)
        }
    }

    private static func layout(of primitive: PrimitiveType) -> MemoryLayoutOfType {
        switch primitive {
        case .bool, .s8, .u8: MemoryLayoutOfType(size: 1, alignment: 1)
        case .s16, .u16: MemoryLayoutOfType(size: 2, alignment: 2)
        case .s32, .u32, .f32, .char, .errorContext: MemoryLayoutOfType(size: 4, alignment: 4)
        case .s64, .u64, .f64: MemoryLayoutOfType(size: 8, alignment: 8)
        case .string: MemoryLayoutOfType(size: 8, alignment: 4)
        }
    }

    private func layout(ofDefinition id: TypeID) -> MemoryLayoutOfType {
        switch self[id].kind {
        case .alias(let type): return self.layout(of: type)
        case .record(let fields): return self.layout(ofFields: fields.compactMap(\.type))
        case .variant(let cases): return self.layout(ofCases: cases.map(\.type))
        case .enumeration(let cases):
            let size = Self.discriminantSize(cases: cases.count)
            return MemoryLayoutOfType(size: size, alignment: size)
        case .flags(let names):
            let size = names.count <= 8 ? 1 : names.count <= 16 ? 2 : 4
            return MemoryLayoutOfType(size: size, alignment: size)
        case .resource: return MemoryLayoutOfType(size: 4, alignment: 4)
        }
    }

    package func layout(ofFields fields: [WITType]) -> MemoryLayoutOfType {
        var size = 0
        var alignment = 1
        for field in fields {
            let layout = self.layout(of: field)
            alignment = max(alignment, layout.alignment)
            size = MemoryLayoutOfType.align(size, to: layout.alignment) + layout.size
        }
        return MemoryLayoutOfType(size: MemoryLayoutOfType.align(size, to: alignment), alignment: alignment)
    }

    /// Where each field of a record or tuple begins.
    package func offsets(ofFields fields: [WITType]) -> [Int] {
        var end = 0
        return fields.map { field in
            let layout = self.layout(of: field)
            let offset = MemoryLayoutOfType.align(end, to: layout.alignment)
            end = offset + layout.size
            return offset
        }
    }

    private func layout(ofCases cases: [WITType?]) -> MemoryLayoutOfType {
        let payloads = cases.compactMap { $0 }.map { self.layout(of: $0) }
        let discriminant = Self.discriminantSize(cases: cases.count)
        let alignment = max(discriminant, payloads.map(\.alignment).max() ?? 1)
        let size = self.payloadOffset(ofCases: cases) + (payloads.map(\.size).max() ?? 0)
        return MemoryLayoutOfType(size: MemoryLayoutOfType.align(size, to: alignment), alignment: alignment)
    }

    /// Where the payload of a variant begins, the same for all its cases.
    package func payloadOffset(ofCases cases: [WITType?]) -> Int {
        let alignment = cases.compactMap { $0 }.map { self.layout(of: $0).alignment }.max() ?? 1
        return MemoryLayoutOfType.align(Self.discriminantSize(cases: cases.count), to: alignment)
    }

    // MARK: Flat values

    /// The core values that pass the type. Source: `CanonicalABI.md`, "Flattening".
    package func flat(_ type: WITType) -> [CoreType] {
        switch type {
        case .primitive(let primitive):
            switch primitive {
            case .s64, .u64: return [.i64]
            case .f32: return [.f32]
            case .f64: return [.f64]
            case .string: return [.i32, .i32]
            default: return [.i32]
            }
        case .own, .borrow, .future, .stream: return [.i32]
        case .list, .map: return [.i32, .i32]
        case .fixedList(let element, let length):
            // More would go through memory anyway; never build the array of a huge list.
            let flat = self.flat(element)
            return Array([[CoreType]](repeating: flat, count: min(length, Self.maximumFlatParameters + 1)).joined())
        case .option(let wrapped): return self.flat(cases: [nil, wrapped])
        case .result(let success, let failure): return self.flat(cases: [success, failure])
        case .tuple(let elements): return elements.flatMap { self.flat($0) }
        case .named(let id):
            switch self[id].kind {
            case .alias(let type): return self.flat(type)
            case .record(let fields): return fields.compactMap(\.type).flatMap { self.flat($0) }
            case .variant(let cases): return self.flat(cases: cases.map(\.type))
            case .enumeration, .flags, .resource: return [.i32]
            }
        }
    }

    private func flat(cases: [WITType?]) -> [CoreType] {
        var joined: [CoreType] = []
        for payload in cases.compactMap({ $0 }) {
            for (index, type) in self.flat(payload).enumerated() {
                guard index < joined.count else {
                    joined.append(type)
                    continue
                }
                let pair = Set([joined[index], type])
                if pair.count > 1 { joined[index] = pair == [.i32, .f32] ? .i32 : .i64 }
            }
        }
        return [.i32] + joined
    }
}
