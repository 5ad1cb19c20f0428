import CSQLite

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Rows one after the other in two blocks of memory: 16 bytes a value, and the bytes of texts and blobs.
///
/// No value is an object of its own, so that filling it on one thread and copying it to a guest on another costs little
/// more than the bytes. Filled by one thread, then read by others.
package final class SQLiteRowBuffer: @unchecked Sendable {
    /// A value: its kind, and the number, or where its bytes are.
    package struct Cell {
        /// Kinds in the order of ``SQLiteValue``.
        package let kind: UInt32
        package let byteCount: UInt32
        /// The bits of a number, or the offset of the bytes in ``SQLiteRowBuffer/bytes``.
        package let payload: UInt64

        package static let integer: UInt32 = 0
        package static let real: UInt32 = 1
        package static let text: UInt32 = 2
        package static let blob: UInt32 = 3
        package static let null: UInt32 = 4
    }

    package let columnCount: Int
    // Touched for each value, by loads and stores that nothing comes between.
    /// Rows.
    @exclusivity(unchecked) package private(set) var count = 0
    /// There when there is a row.
    @exclusivity(unchecked) private var cells: UnsafeMutablePointer<Cell>?
    private var cellCapacity = 0
    @exclusivity(unchecked) private var storage: UnsafeMutableRawPointer?
    private var storageCapacity = 0
    @exclusivity(unchecked) private var storageCount = 0

    package init(columnCount: Int) {
        self.columnCount = columnCount
    }

    deinit {
        Self.release(self.cells, self.cellCapacity * MemoryLayout<Cell>.stride)
        Self.release(self.storage, self.storageCapacity)
    }

    private static func release(_ block: UnsafeMutableRawPointer?, _ byteCount: Int) {
        guard let block, !SpareBlocks.keep(block, byteCount) else { return }
        free(block)
    }

    /// What it takes in memory, about.
    package var byteCount: Int {
        self.storageCount + self.count * (self.columnCount * MemoryLayout<Cell>.stride + 32)
    }

    /// The values of a row, ``columnCount`` of them.
    ///
    /// - Precondition: there is such a row.
    package func row(_ index: Int) -> UnsafePointer<Cell> {
        precondition(index >= 0 && index < self.count)
        // The first row made room for them.
        return UnsafePointer(self.cells.unsafelyUnwrapped + index * self.columnCount)
    }

    /// The bytes of a text, which is UTF-8, or a blob.
    package func bytes(_ cell: Cell) -> UnsafeRawBufferPointer {
        let start = Int(truncatingIfNeeded: cell.payload)
        precondition(start >= 0 && start + Int(cell.byteCount) <= self.storageCount)
        return UnsafeRawBufferPointer(start: self.storage.map { $0 + start }, count: Int(cell.byteCount))
    }

    package func value(_ cell: Cell) -> SQLiteValue {
        switch cell.kind {
        case Cell.integer: .integer(Int64(bitPattern: cell.payload))
        case Cell.real: .real(Double(bitPattern: cell.payload))
        case Cell.text: .text(String(decoding: self.bytes(cell), as: UTF8.self))
        case Cell.blob: .blob([UInt8](self.bytes(cell)))
        default: .null
        }
    }

    /// All rows, as values.
    package var rows: [[SQLiteValue]] {
        (0..<self.count).map { index in
            let row = self.row(index)
            return (0..<self.columnCount).map { self.value(row[$0]) }
        }
    }

    // MARK: Filling

    /// Copies the row that a statement is at; false, and nothing is added, when ``byteCount`` would be over `limit`.
    ///
    /// - Throws: SQLite's own error for a lack of memory.
    func append(rowOf statement: OpaquePointer, limit: Int) throws(SQLiteError) -> Bool {
        let columns = self.columnCount
        let before = self.storageCount
        let first = self.count * columns
        let cells = try self.reserveCells(first + columns)
        var room = limit - self.byteCount - columns * MemoryLayout<Cell>.stride - 32
        for column in 0..<columns {
            // Looked up once. Its own functions are for one thread at a time, as a connection here is, and do not look for
            // trouble at each call, as those of columns do.
            let value = sqlite3_column_value(statement, Int32(truncatingIfNeeded: column))
            let cell: Cell
            switch sqlite3_value_type(value) {
            case SQLITE_INTEGER:
                let bits = UInt64(bitPattern: sqlite3_value_int64(value))
                cell = Cell(kind: Cell.integer, byteCount: 0, payload: bits)
            case SQLITE_FLOAT:
                cell = Cell(kind: Cell.real, byteCount: 0, payload: sqlite3_value_double(value).bitPattern)
            case SQLITE_TEXT:
                let bytes = try Self.bytes(of: value, at: UnsafeRawPointer(sqlite3_value_text(value)))
                room -= bytes.count
                cell = room < 0 ? Self.nothing : try self.add(text: bytes)
            case SQLITE_BLOB:
                let bytes = try Self.bytes(of: value, at: sqlite3_value_blob(value))
                room -= bytes.count
                cell = room < 0 ? Self.nothing : try self.add(bytes, kind: Cell.blob)
            default: cell = Self.nothing
            }
            (cells + first + column).initialize(to: cell)
        }
        guard room >= 0 else {
            self.storageCount = before
            return false
        }
        self.count += 1
        return true
    }

    /// The bytes of a text or blob; they have no address when there are none, or SQLite found no memory.
    private static func bytes(
        of value: OpaquePointer?, at start: UnsafeRawPointer?
    ) throws(SQLiteError) -> UnsafeRawBufferPointer {
        let count = Int(sqlite3_value_bytes(value))
        guard start != nil || count == 0 else { throw Self.outOfMemory }
        return UnsafeRawBufferPointer(start: start, count: count)
    }

    private static let outOfMemory = SQLiteError(code: SQLITE_NOMEM, message: "out of memory")
    private static let nothing = Cell(kind: Cell.null, byteCount: 0, payload: 0)

    /// A database may hold texts that are no UTF-8: replacement characters stand for what is wrong.
    private func add(text: UnsafeRawBufferPointer) throws(SQLiteError) -> Cell {
        if Self.isASCII(text) || String(validating: text, as: UTF8.self) != nil {
            return try self.add(text, kind: Cell.text)
        }
        let repaired = Array(String(decoding: text, as: UTF8.self).utf8)
        try self.reserveStorage(repaired.count)
        return repaired.withUnsafeBytes { self.store($0, kind: Cell.text) }
    }

    private static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        var bits: UInt64 = 0
        while index + 8 <= bytes.count {
            bits |= bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < bytes.count {
            bits |= UInt64(bytes[index])
            index += 1
        }
        return bits & 0x8080_8080_8080_8080 == 0
    }

    private func add(_ bytes: UnsafeRawBufferPointer, kind: UInt32) throws(SQLiteError) -> Cell {
        try self.reserveStorage(bytes.count)
        return self.store(bytes, kind: kind)
    }

    /// Copies bytes to where there is room for them.
    private func store(_ bytes: UnsafeRawBufferPointer, kind: UInt32) -> Cell {
        let start = self.storageCount
        if let source = bytes.baseAddress, let storage = self.storage, !bytes.isEmpty {
            (storage + start).copyMemory(from: source, byteCount: bytes.count)
        }
        self.storageCount = start + bytes.count
        return Cell(kind: kind, byteCount: UInt32(truncatingIfNeeded: bytes.count), payload: UInt64(start))
    }

    private func reserveCells(_ count: Int) throws(SQLiteError) -> UnsafeMutablePointer<Cell> {
        if let cells = self.cells, count <= self.cellCapacity { return cells }
        let used = self.count * self.columnCount
        var bytes = max(count, self.cellCapacity * 2, 16) * MemoryLayout<Cell>.stride
        let cells = try Self.resize(self.cells, used: used * MemoryLayout<Cell>.stride, &bytes)
            .assumingMemoryBound(to: Cell.self)
        self.cells = cells
        self.cellCapacity = bytes / MemoryLayout<Cell>.stride
        return cells
    }

    private func reserveStorage(_ count: Int) throws(SQLiteError) {
        let end = self.storageCount + count
        guard end > self.storageCapacity else { return }
        var bytes = max(end, self.storageCapacity * 2, 512)
        self.storage = try Self.resize(self.storage, used: self.storageCount, &bytes)
        self.storageCapacity = bytes
    }

    /// Moves a block to one of at least so many bytes, which may become more. The system moves a large one without
    /// copying it.
    private static func resize(
        _ block: UnsafeMutableRawPointer?, used: Int, _ byteCount: inout Int
    ) throws(SQLiteError) -> UnsafeMutableRawPointer {
        if let spare = SpareBlocks.take(byteCount) {
            if let block { spare.start.copyMemory(from: block, byteCount: used) }
            free(block)
            byteCount = spare.byteCount
            return spare.start
        }
        guard let resized = realloc(block, byteCount) else {
            // The old block is still there, and goes with the buffer.
            throw Self.outOfMemory
        }
        return resized
    }
}

extension SQLiteStatement {
    /// How a reading of rows into a buffer ended.
    package enum Read: Sendable {
        /// There are no more rows.
        case end
        /// The statement is at a row that the buffer has no room for.
        case full
    }

    /// Copies the row that this is at and those that follow, as long as the buffer stays within `bytes` and `rows`.
    package func read(
        into buffer: SQLiteRowBuffer, bytes: Int, rows: Int = .max
    ) throws(SQLiteError) -> Read {
        repeat {
            guard buffer.count < rows, try buffer.append(rowOf: self.handle, limit: bytes) else { return .full }
        } while try self.step()
        return .end
    }
}
