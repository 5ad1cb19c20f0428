import NIOCore
package import NIOPosix

/// Threads for work that waits for a disk or a lock. Not those of files: a long query must not hold up reading.
package enum BlockingPool {
    /// For key-value stores: short pieces of work.
    package static let keyValue = Self.make(threads: 4)
    /// For databases: statements of guests, which may run long.
    package static let databases = Self.make(threads: 16)

    private static func make(threads: Int) -> NIOThreadPool {
        let pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
        return pool
    }
}
