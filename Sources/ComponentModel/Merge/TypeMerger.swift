/// The type section of the merged module: equal function types of different modules become one.
struct TypeMerger {
    let section = MergedBinary()
    private(set) var entries = 0
    private(set) var count: UInt32 = 0
    private var known: [[UInt8]: UInt32] = [:]

    /// The index of a type that has the bytes `bytes`, if there is one.
    func index(of bytes: [UInt8]) -> UInt32? { self.known[bytes] }

    /// Adds a module's types and says where they are.
    mutating func add(_ layout: ModuleLayout) throws(NotMergeable) -> [UInt32] {
        var types: [UInt32] = []
        types.reserveCapacity(layout.typeCount)
        for entry in layout.types {
            let first = types.count
            // Types of one entry may refer to themselves and each other.
            for index in 0..<entry.count { types.append(self.count + UInt32(index)) }
            let written = MergedBinary(capacity: 32)
            var reader = ByteReader(layout.bytes, range: entry.range)
            do throws(ComponentError) {
                try self.entry(&reader, types, written)
            } catch {
                throw NotMergeable(error.message)
            }
            let key = [UInt8](written.bytes)
            // Only plain function types, which name no others, are equal when their bytes are.
            let isPlain = key.first == 0x60 && !key.contains(where: { $0 == 0x63 || $0 == 0x64 })
            if isPlain, let index = self.known[key] {
                types[first] = index
                continue
            }
            if isPlain { self.known[key] = self.count }
            self.section.append(written)
            self.entries += 1
            self.count += UInt32(entry.count)
        }
        return types
    }

    private func entry(_ reader: inout ByteReader, _ types: [UInt32], _ output: MergedBinary) throws(ComponentError) {
        guard reader.peek() == 0x4e else { return try self.subtype(&reader, types, output) }
        output.byte(try reader.byte())
        let count = try reader.count()
        output.u32(UInt32(count))
        for _ in 0..<count { try self.subtype(&reader, types, output) }
    }

    private func subtype(_ reader: inout ByteReader, _ types: [UInt32], _ output: MergedBinary) throws(ComponentError) {
        var form = try reader.byte()
        output.byte(form)
        if form == 0x50 || form == 0x4f {
            let count = try reader.count()
            output.u32(UInt32(count))
            for _ in 0..<count {
                guard let mapped = types[checked: try reader.u32()] else { throw reader.malformed("no such type") }
                output.u32(mapped)
            }
            form = try reader.byte()
            output.byte(form)
        }
        switch form {
        case 0x60:
            for _ in 0..<2 {
                let count = try reader.count()
                output.u32(UInt32(count))
                for _ in 0..<count { try self.value(&reader, types, output) }
            }
        case 0x5f:
            let count = try reader.count()
            output.u32(UInt32(count))
            for _ in 0..<count { try self.field(&reader, types, output) }
        case 0x5e: try self.field(&reader, types, output)
        default: throw reader.malformed("a type's form is not known")
        }
    }

    private func field(_ reader: inout ByteReader, _ types: [UInt32], _ output: MergedBinary) throws(ComponentError) {
        if let packed = reader.peek(), packed == 0x77 || packed == 0x78 {
            output.byte(try reader.byte())
        } else {
            try self.value(&reader, types, output)
        }
        output.byte(try reader.byte())
    }

    private func value(_ reader: inout ByteReader, _ types: [UInt32], _ output: MergedBinary) throws(ComponentError) {
        let type = try ModuleValueType(&reader)
        do throws(NotMergeable) {
            try type.mapped(types).write(to: output)
        } catch {
            throw reader.malformed(error.description)
        }
    }
}

/// Skips entries of a type section.
enum TypeSkipper {
    /// Says how many types the entry defines.
    static func skip(_ reader: inout ByteReader) throws(ComponentError) -> Int {
        guard reader.skipIfMatches([0x4e]) else {
            try TypeSkipper.subtype(&reader)
            return 1
        }
        let count = try reader.count()
        for _ in 0..<count { try TypeSkipper.subtype(&reader) }
        return count
    }

    private static func subtype(_ reader: inout ByteReader) throws(ComponentError) {
        var form = try reader.byte()
        if form == 0x50 || form == 0x4f {
            let count = try reader.count()
            for _ in 0..<count { _ = try reader.u32() }
            form = try reader.byte()
        }
        switch form {
        case 0x60:
            for _ in 0..<2 {
                let count = try reader.count()
                for _ in 0..<count { _ = try ModuleValueType(&reader) }
            }
        case 0x5f:
            let count = try reader.count()
            for _ in 0..<count { try TypeSkipper.field(&reader) }
        case 0x5e: try TypeSkipper.field(&reader)
        default: throw reader.malformed("a type's form is not known")
        }
    }

    private static func field(_ reader: inout ByteReader) throws(ComponentError) {
        if let packed = reader.peek(), packed == 0x77 || packed == 0x78 {
            try reader.skip(1)
        } else {
            _ = try ModuleValueType(&reader)
        }
        try reader.skip(1)
    }
}

extension CoreFunctionType {
    /// The type as an entry of a type section.
    var binary: [UInt8] {
        let output = MergedBinary(capacity: 16)
        output.byte(0x60)
        for values in [self.parameters, self.results] {
            output.u32(UInt32(values.count))
            for value in values { output.byte(value.rawValue) }
        }
        return [UInt8](output.bytes)
    }
}
