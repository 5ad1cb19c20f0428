import CSQLite

/// The memory of all connections of the process.
///
/// A statement that needs more than there is fails, with ``SQLiteError/Kind/outOfMemory``: the system would end the
/// process instead. This is the last resort; what bounds one connection bounds it sooner.
package enum SQLiteHeap {
    /// Bytes: half of the memory that the process may use, 4 GiB at most. Caches stop growing at three quarters of it.
    package static let limit: Int64 = {
        let memory = csqlite_memory()
        let limit = min(4 << 30, memory > 0 ? max(memory / 2, 64 << 20) : 4 << 30)
        sqlite3_hard_heap_limit64(limit)
        sqlite3_soft_heap_limit64(limit / 4 * 3)
        // Whatever else is in the process may have set a lower one.
        return sqlite3_hard_heap_limit64(-1)
    }()
}
