/// The descriptors of one core module: number to what is open.
///
/// Numbers are given lowest first, as guests expect of 0 to 2 and of the directories after them.
struct FileTable {
    /// What a number stands for.
    final class Entry {
        enum Kind {
            case input(InputStreamResource, isTerminal: Bool)
            case output(OutputStreamResource, isTerminal: Bool)
            case file(DescriptorResource)
            /// `name`: of a directory that was open at the start.
            case directory(DescriptorResource, name: String?)
        }

        let kind: Kind
        /// Where the next read or write of a file begins.
        var position: UInt64 = 0
        var flags: FileFlags
        /// What `fd_readdir` goes through; made anew when it starts over.
        var listing: DirectoryListing?

        init(_ kind: Kind, flags: FileFlags = []) {
            self.kind = kind
            self.flags = flags
        }
    }

    private var entries: [UInt32: Entry] = [:]
    private var lowestFree: UInt32 = 0
    /// Most numbers in use at a time.
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    subscript(number: UInt32) -> Entry {
        get throws(Errno) {
            guard let entry = self.entries[number] else { throw .badDescriptor }
            return entry
        }
    }

    /// Gives `entry` the lowest free number.
    mutating func add(_ entry: Entry) throws(Errno) -> UInt32 {
        guard self.entries.count < self.limit else { throw .noMemory }
        var number = self.lowestFree
        while self.entries[number] != nil { number += 1 }
        self.entries[number] = entry
        self.lowestFree = number + 1
        return number
    }

    mutating func remove(_ number: UInt32) throws(Errno) {
        guard self.entries.removeValue(forKey: number) != nil else { throw .badDescriptor }
        self.lowestFree = min(self.lowestFree, number)
    }

    /// Moves an entry to the number of another, which is closed. Both must be open: a guest gets no numbers of its own
    /// choice. Onto itself it stays.
    mutating func renumber(_ from: UInt32, to: UInt32) throws(Errno) {
        let entry = try self[from]
        _ = try self[to]
        guard from != to else { return }
        self.entries[to] = entry
        try self.remove(from)
    }
}

/// What a directory held when it was listed: entries are told apart by their place in the list.
final class DirectoryListing {
    struct Entry {
        let name: String
        let type: FileType
        let inode: UInt64
    }

    /// Most entries of one listing.
    static let limit = 200_000

    let entries: [Entry]
    private let budget: HostMemoryBudget
    private let cost: Int

    /// - Throws: `noMemory` for a directory that is too large to list.
    init(_ entries: [Entry], budget: HostMemoryBudget) throws(Errno) {
        self.entries = entries
        self.budget = budget
        self.cost = entries.reduce(0) { $0 + $1.name.utf8.count + 48 }
        do {
            try budget.take(self.cost)
        } catch {
            throw .noMemory
        }
    }

    deinit {
        self.budget.give(back: self.cost)
    }
}
