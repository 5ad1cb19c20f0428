/// Reads the element and data segments of a module.
struct SegmentReader {
    /// One element or data segment.
    struct Segment {
        /// The table or memory that an active segment is copied to, and where its offset stands.
        let target: (index: UInt32, offset: ByteReader)?
        let flags: UInt32
        /// The kind or type of elements; nil where it is implied.
        let elementType: ModuleValueType?
        let elementKind: UInt8?
        /// Elements or bytes.
        let count: Int
        /// What is in the segment, behind the count.
        let content: ByteReader
    }

    private let layout: ModuleLayout

    init(_ layout: ModuleLayout) {
        self.layout = layout
    }

    /// Calls `body` for each element segment.
    func elements(_ body: (Segment) throws(NotMergeable) -> Void) throws(NotMergeable) {
        guard let (count, section) = self.layout.elements else { return }
        try self.segments(count, section, Self.element, body)
    }

    /// Calls `body` for each data segment.
    func datas(_ body: (Segment) throws(NotMergeable) -> Void) throws(NotMergeable) {
        guard let (count, section) = self.layout.data else { return }
        try self.segments(count, section, Self.data, body)
    }

    private func segments(
        _ count: Int, _ section: ByteReader, _ read: (inout ByteReader) throws(ComponentError) -> Segment,
        _ body: (Segment) throws(NotMergeable) -> Void
    ) throws(NotMergeable) {
        var section = section
        for _ in 0..<count {
            let segment: Segment
            do throws(ComponentError) { segment = try read(&section) } catch { throw NotMergeable(error.message) }
            try body(segment)
        }
        guard section.isAtEnd else { throw NotMergeable("a section is longer than its contents") }
    }

    private static func element(_ reader: inout ByteReader) throws(ComponentError) -> Segment {
        let flags = try reader.u32()
        guard flags < 8 else { throw reader.malformed("an element segment is not known") }
        let isActive = flags & 1 == 0
        var target: (UInt32, ByteReader)?
        if isActive {
            let table = flags & 2 == 0 ? 0 : try reader.u32()
            target = (table, reader)
            try ConstantExpression.skip(&reader)
        }
        var type: ModuleValueType?
        var kind: UInt8?
        if flags & 3 != 0 {
            if flags & 4 == 0 { kind = try reader.byte() } else { type = try ModuleValueType(&reader) }
        }
        let count = try reader.count()
        let content = reader
        for _ in 0..<count {
            if flags & 4 == 0 { _ = try reader.u32() } else { try ConstantExpression.skip(&reader) }
        }
        return Segment(
            target: target, flags: flags, elementType: type, elementKind: kind, count: count, content: content)
    }

    private static func data(_ reader: inout ByteReader) throws(ComponentError) -> Segment {
        let flags = try reader.u32()
        guard flags < 3 else { throw reader.malformed("a data segment is not known") }
        var target: (UInt32, ByteReader)?
        if flags != 1 {
            let memory = flags == 0 ? 0 : try reader.u32()
            target = (memory, reader)
            try ConstantExpression.skip(&reader)
        }
        let count = try reader.count()
        let content = try reader.section(count)
        return Segment(target: target, flags: flags, elementType: nil, elementKind: nil, count: count, content: content)
    }

    /// Whether all active segments are known to fit. The closures give the values of imported globals, and the sizes of
    /// tables and memories; nil for what is not known.
    func allFit(
        global: (UInt32) -> ConstantExpression.Value?, table: (UInt32) -> UInt64?, memory: (UInt32) -> UInt64?
    ) -> Bool {
        func check(_ segment: Segment, _ size: (UInt32) -> UInt64?) throws(NotMergeable) {
            guard let (index, offset) = segment.target else { return }
            guard let size = size(index), case .i32(let start)? = ConstantExpression.value(offset, global: global),
                UInt64(start) + UInt64(segment.count) <= size
            else { throw NotMergeable("a segment may be out of bounds") }
        }
        do throws(NotMergeable) {
            try self.elements { (segment) throws(NotMergeable) in try check(segment, table) }
            try self.datas { (segment) throws(NotMergeable) in try check(segment, memory) }
            return true
        } catch {
            return false
        }
    }
}
