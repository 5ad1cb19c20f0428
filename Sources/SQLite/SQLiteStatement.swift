import CSQLite

/// A value of a database.
package enum SQLiteValue: Sendable, Hashable {
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
    case null
}

/// A compiled statement. Columns count from 0, parameters from 1.
package final class SQLiteStatement {
    let handle: OpaquePointer
    private let connection: SQLiteConnection

    init(_ handle: OpaquePointer, connection: SQLiteConnection) {
        self.handle = handle
        self.connection = connection
    }

    deinit {
        sqlite3_finalize(self.handle)
    }

    // MARK: Parameters

    package var parameterCount: Int { Int(sqlite3_bind_parameter_count(self.handle)) }

    package func bind(_ value: SQLiteValue, at index: Int) throws(SQLiteError) {
        switch value {
        case .integer(let integer): try self.check(sqlite3_bind_int64(self.handle, Int32(index), integer))
        case .real(let real): try self.check(sqlite3_bind_double(self.handle, Int32(index), real))
        case .text(let text): try self.bind(text, at: index)
        case .blob(let bytes): try self.bind(bytes, at: index)
        case .null: try self.check(sqlite3_bind_null(self.handle, Int32(index)))
        }
    }

    package func bind(_ integer: Int64, at index: Int) throws(SQLiteError) {
        try self.check(sqlite3_bind_int64(self.handle, Int32(index), integer))
    }

    package func bind(_ real: Double, at index: Int) throws(SQLiteError) {
        try self.check(sqlite3_bind_double(self.handle, Int32(index), real))
    }

    package func bind(_ text: String, at index: Int) throws(SQLiteError) {
        var text = text
        let code = text.withUTF8 { bytes in
            // An empty text may have no address, and no address would be NULL.
            bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text64(
                    self.handle, Int32(index), $0.baseAddress ?? Self.empty, UInt64($0.count), csqlite_transient(),
                    UInt8(SQLITE_UTF8))
            }
        }
        try self.check(code)
    }

    package func bind(_ bytes: [UInt8], at index: Int) throws(SQLiteError) {
        guard !bytes.isEmpty else { return try self.check(sqlite3_bind_zeroblob(self.handle, Int32(index), 0)) }
        let code = bytes.withUnsafeBytes {
            sqlite3_bind_blob64(self.handle, Int32(index), $0.baseAddress, UInt64($0.count), csqlite_transient())
        }
        try self.check(code)
    }

    nonisolated(unsafe) private static let empty: UnsafePointer<CChar> = {
        let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        pointer.pointee = 0
        return UnsafePointer(pointer)
    }()

    private func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw SQLiteConnection.error(code, self.connection.handle) }
    }

    // MARK: Running

    /// Goes to the next row; false when there is none.
    package func step() throws(SQLiteError) -> Bool {
        let code = sqlite3_step(self.handle)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else { throw SQLiteConnection.error(code, self.connection.handle) }
        return false
    }

    /// Makes it ready to run again, and forgets its parameters.
    package func reset() {
        sqlite3_reset(self.handle)
        sqlite3_clear_bindings(self.handle)
    }

    /// Runs it with a text for a parameter, which is not copied, as far as its first row.
    ///
    /// - Parameter read: looks at the row, where there is one.
    /// - Returns: whether there is one. The statement is ready to run again, with its other parameters.
    package func withFirstRow(
        for text: String, at index: Int, _ read: () -> Void
    ) throws(SQLiteError) -> Bool {
        var text = text
        var error: SQLiteError?
        let hasRow = text.withUTF8 { bytes -> Bool in
            let bound = bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text64(
                    self.handle, Int32(index), $0.baseAddress ?? Self.empty, UInt64($0.count), nil, UInt8(SQLITE_UTF8))
            }
            let code = bound == SQLITE_OK ? sqlite3_step(self.handle) : bound
            if code == SQLITE_ROW {
                read()
            } else if code != SQLITE_DONE {
                error = SQLiteConnection.error(code, self.connection.handle)
            }
            sqlite3_reset(self.handle)
            // The text may go now.
            sqlite3_bind_null(self.handle, Int32(index))
            return code == SQLITE_ROW
        }
        if let error { throw error }
        return hasRow
    }

    /// Whether it changes nothing of the database.
    package var isReadOnly: Bool { sqlite3_stmt_readonly(self.handle) != 0 }

    // MARK: Columns

    package var columnCount: Int { Int(sqlite3_column_count(self.handle)) }

    package func columnName(_ column: Int) -> String {
        sqlite3_column_name(self.handle, Int32(column)).map { String(cString: $0) } ?? ""
    }

    package enum ColumnKind {
        case integer
        case real
        case text
        case blob
        case null
    }

    package func kind(_ column: Int) -> ColumnKind {
        switch sqlite3_column_type(self.handle, Int32(column)) {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    package func integer(_ column: Int) -> Int64 { sqlite3_column_int64(self.handle, Int32(column)) }
    package func real(_ column: Int) -> Double { sqlite3_column_double(self.handle, Int32(column)) }

    /// How many bytes a text or blob has, without copying it.
    package func byteCount(_ column: Int) -> Int { Int(sqlite3_column_bytes(self.handle, Int32(column))) }

    /// A text. A database may hold bytes that are no UTF-8: they come out as replacement characters.
    package func text(_ column: Int) -> String {
        guard let start = sqlite3_column_text(self.handle, Int32(column)) else { return "" }
        return String(decoding: UnsafeBufferPointer(start: start, count: self.byteCount(column)), as: UTF8.self)
    }

    package func blob(_ column: Int) -> [UInt8] { self.blob(column, limit: .max) ?? [] }

    /// The same; nil when it has more than `limit` bytes.
    package func blob(_ column: Int, limit: Int) -> [UInt8]? {
        guard let start = sqlite3_column_blob(self.handle, Int32(column)) else { return [] }
        let count = self.byteCount(column)
        return count <= limit ? [UInt8](UnsafeRawBufferPointer(start: start, count: count)) : nil
    }

    package func value(_ column: Int) -> SQLiteValue {
        switch self.kind(column) {
        case .integer: .integer(self.integer(column))
        case .real: .real(self.real(column))
        case .text: .text(self.text(column))
        case .blob: .blob(self.blob(column))
        case .null: .null
        }
    }
}
