import CSQLite

/// Why SQLite could not do something: its code and its words.
package struct SQLiteError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The extended result code; ``kind`` is what most want.
    package let code: Int32
    package let message: String

    package init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    package enum Kind: Sendable, Hashable {
        /// Another process or connection holds a lock, longer than the busy time-out.
        case locked
        case readOnly
        /// The disk, or what a database may have at most, is full.
        case full
        /// The file is damaged, or no database at all.
        case corrupt
        case cannotOpen
        case interrupted
        case denied
        case tooBig
        /// All connections together have as much as they may, or there is no more.
        case outOfMemory
        /// The disk failed.
        case io
        case other
    }

    package var kind: Kind {
        switch self.code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: .locked
        case SQLITE_READONLY: .readOnly
        case SQLITE_FULL: .full
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
        case SQLITE_CANTOPEN: .cannotOpen
        case SQLITE_INTERRUPT: .interrupted
        case SQLITE_AUTH: .denied
        case SQLITE_TOOBIG: .tooBig
        case SQLITE_NOMEM: .outOfMemory
        case SQLITE_IOERR: .io
        default: .other
        }
    }

    package var description: String { self.message }
}
