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
            let columns = self.buffer.columnCount
            let row = self.buffer.row(self.index)
            // Texts and blobs first: each asks the guest for memory, which may move what was there.
            let start = try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: columns) { payloads in
                for column in 0..<columns {
                    let cell = row[column]
                    var payload = cell.payload
                    if cell.kind == SQLiteRowBuffer.Cell.text {
                        let lowered = try call.lower(utf8: self.buffer.bytes(cell))
                        payload = UInt64(lowered.length) << 32 | UInt64(lowered.pointer)
                    } else if cell.kind == SQLiteRowBuffer.Cell.blob {
                        let lowered = try call.lower(raw: self.buffer.bytes(cell))
                        payload = UInt64(lowered.length) << 32 | UInt64(lowered.pointer)
                    }
                    payloads[column] = payload
                }
                let (start, view) = try call.allocateView(size: columns * Self.valueSize, alignment: 8)
                for column in 0..<columns {
                    view.set(u8: UInt8(truncatingIfNeeded: row[column].kind), at: column * Self.valueSize)
                    view.set(u64: payloads[column], at: column * Self.valueSize + 8)
                }
                return start
            }
            let view = try call.view(pointer, size: 8, alignment: 4)
            view.set(u32: start, at: 0)
            view.set(u32: UInt32(truncatingIfNeeded: columns), at: 4)
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
            let list = try call.allocate(size: buffer.count * 8, alignment: 4)
            for index in 0..<buffer.count {
                let place = list &+ UInt32(truncatingIfNeeded: index * 8)
                try RowResult(buffer: buffer, index: index).store(at: place, in: call)
            }
            let view = try call.view(pointer, size: 16, alignment: 4)
            view.set(u32: names, at: 0)
            view.set(u32: UInt32(truncatingIfNeeded: columns.count), at: 4)
            view.set(u32: list, at: 8)
            view.set(u32: UInt32(truncatingIfNeeded: buffer.count), at: 12)
        }
    }
}
