import ComponentModel
package import SQLite

/// Rows as elements of a stream.
package struct SQLiteRowPage: RandomAccessCollection, Sendable {
    package let buffer: SQLiteRowBuffer

    package var startIndex: Int { 0 }
    package var endIndex: Int { self.buffer.count }

    package subscript(index: Int) -> SpinSqliteSqlite.RowResult {
        SpinSqliteSqlite.RowResult(buffer: self.buffer, index: index)
    }
}

/// The types of the interface that are written by hand: a row is copied to the guest from where SQLite left it.
extension SpinSqliteSqlite {
    /// `row-result`.
    package struct RowResult: Sendable {
        let buffer: SQLiteRowBuffer
        let index: Int

        /// Bytes of a `value` in a guest's memory.
        private static let valueSize = 16

        /// Writes a `list<value>`: its start and length.
        func store(at pointer: UInt32, in call: borrowing HostCall) throws {
            let isUTF8 = call.isUTF8
            try call.write { writer in
                let start = try Self.write(self.buffer, self.index, by: writer, in: call, isUTF8: isUTF8)
                let view = try writer.view(pointer, size: 8, alignment: 4)
                view.set(u32: start, at: 0)
                view.set(u32: UInt32(truncatingIfNeeded: self.buffer.columnCount), at: 4)
            }
        }

        /// Writes the values of a row; gives their start.
        fileprivate static func write(
            _ buffer: SQLiteRowBuffer, _ index: Int, by writer: borrowing GuestWriter, in call: borrowing HostCall,
            isUTF8: Bool
        ) throws -> UInt32 {
            let columns = buffer.columnCount
            let row = buffer.row(index)
            return try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: columns) { payloads in
                // Texts and blobs first: each asks the guest for memory, which may move what was there.
                for column in 0..<columns {
                    let cell = row[column]
                    switch cell.kind {
                    case SQLiteRowBuffer.Cell.text where !isUTF8:
                        let lowered = try call.lower(utf8: buffer.bytes(cell))
                        payloads[column] = UInt64(lowered.length) << 32 | UInt64(lowered.pointer)
                    case SQLiteRowBuffer.Cell.text, SQLiteRowBuffer.Cell.blob:
                        let start = try writer.copy(buffer.bytes(cell))
                        payloads[column] = UInt64(cell.byteCount) << 32 | UInt64(start)
                    default: payloads[column] = cell.payload
                    }
                }
                let (start, view) = try writer.allocate(size: columns * Self.valueSize, alignment: 8)
                for column in 0..<columns {
                    view.set(u8: UInt8(truncatingIfNeeded: row[column].kind), at: column * Self.valueSize)
                    view.set(u64: payloads[column], at: column * Self.valueSize + 8)
                }
                return start
            }
        }

        /// No function takes rows of a guest.
        static func load(_ view: GuestMemoryView, at offset: Int, in call: borrowing HostCall) throws -> Self {
            throw GuestFault("rows go from the host to guests only")
        }
    }

    /// `query-result`.
    package struct QueryResult: Sendable {
        let rows: SQLiteRows

        func store(at pointer: UInt32, in call: borrowing HostCall) throws {
            let columns = self.rows.columns
            let names = try call.allocate(size: columns.count * 8, alignment: 4)
            for (index, name) in columns.enumerated() {
                let lowered = try call.lower(name)
                let view = try call.view(names &+ UInt32(truncatingIfNeeded: index * 8), size: 8, alignment: 4)
                view.set(u32: lowered.pointer, at: 0)
                view.set(u32: lowered.length, at: 4)
            }
            let buffer = self.rows.buffer
            let isUTF8 = call.isUTF8
            let list = try call.write { writer in
                let list = try writer.allocate(size: buffer.count * 8, alignment: 4).pointer
                // Each row may move the memory that the list lies in: it is written when all are there.
                try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: buffer.count) { starts in
                    for index in 0..<buffer.count {
                        starts[index] = try RowResult.write(buffer, index, by: writer, in: call, isUTF8: isUTF8)
                    }
                    let view = try writer.view(list, size: buffer.count * 8, alignment: 4)
                    for index in 0..<buffer.count {
                        view.set(u32: starts[index], at: index * 8)
                        view.set(u32: UInt32(truncatingIfNeeded: buffer.columnCount), at: index * 8 + 4)
                    }
                }
                return list
            }
            let view = try call.view(pointer, size: 16, alignment: 4)
            view.set(u32: names, at: 0)
            view.set(u32: UInt32(truncatingIfNeeded: columns.count), at: 4)
            view.set(u32: list, at: 8)
            view.set(u32: UInt32(truncatingIfNeeded: buffer.count), at: 12)
        }
    }
}
