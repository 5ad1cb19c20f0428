import Synchronization

/// Blocks of memory that large results were in, for the next ones: new pages from the system cost as much as filling
/// them, and threads of a pool have no memory of their own to use again.
enum SpareBlocks {
    /// Blocks of this size are kept, so many of them: 16 MiB in all.
    private static let sizes = (64 << 10)...(2 << 20)
    private static let limit = 8

    private struct Block: @unchecked Sendable {
        let start: UnsafeMutableRawPointer
        let byteCount: Int
    }

    private static let blocks = Mutex<[Block]>([])

    /// A block of at least so many bytes; nil when there is none.
    static func take(_ byteCount: Int) -> (start: UnsafeMutableRawPointer, byteCount: Int)? {
        guard Self.sizes.contains(byteCount) else { return nil }
        let block: Block? = Self.blocks.withLock { blocks in
            guard let index = blocks.firstIndex(where: { $0.byteCount >= byteCount }) else { return nil }
            return blocks.remove(at: index)
        }
        return block.map { ($0.start, $0.byteCount) }
    }

    /// Takes a block from `malloc`; false when its owner must free it.
    static func keep(_ start: UnsafeMutableRawPointer, _ byteCount: Int) -> Bool {
        guard Self.sizes.contains(byteCount) else { return false }
        let block = Block(start: start, byteCount: byteCount)
        return Self.blocks.withLock { blocks in
            guard blocks.count < Self.limit else { return false }
            blocks.append(block)
            return true
        }
    }
}
