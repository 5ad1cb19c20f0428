/// The handles of one component instance: a guest's index to a resource's representation.
///
/// Indices begin at 1 and are reused, last freed first, as `CanonicalABI.md` says ("Table State").
package struct HandleTable {
    /// At most so many handles a component instance; more is the guest's fault.
    package static let maximumLength = 1 << 16

    private struct Entry {
        /// The resource's representation, or the next free index.
        var rep: UInt32
        /// The resource type's run-time number; 0 when free.
        var type: UInt32
        /// How often the handle is lent to a call that still runs.
        var lends: UInt32 = 0
        /// The call that a borrow handle is valid for; `owned` for an own handle.
        var scope: UInt32
    }

    /// What became of a handle that was taken out.
    package struct Removed {
        package let rep: UInt32
        /// The call that it was borrowed for; nil for an own handle.
        package let scope: UInt32?

        package var isOwned: Bool { self.scope == nil }
    }

    private static let owned = UInt32.max
    private var entries: [Entry] = [Entry(rep: 0, type: 0, scope: 0)]
    private var firstFree: UInt32 = 0

    package init() {}

    /// How many handles there are.
    package private(set) var count = 0

    package mutating func insertOwn(rep: UInt32, type: UInt32) throws -> UInt32 {
        try self.insert(Entry(rep: rep, type: type, scope: Self.owned))
    }

    /// - Parameter scope: the call that the handle is borrowed for; it may not return before the handle is dropped.
    package mutating func insertBorrow(rep: UInt32, type: UInt32, scope: UInt32) throws -> UInt32 {
        try self.insert(Entry(rep: rep, type: type, scope: scope))
    }

    private mutating func insert(_ entry: Entry) throws -> UInt32 {
        if self.firstFree != 0 {
            let index = self.firstFree
            self.firstFree = self.entries[Int(index)].rep
            self.entries[Int(index)] = entry
            self.count += 1
            return index
        }
        guard self.entries.count < Self.maximumLength else {
            throw GuestFault("the guest holds more than \(Self.maximumLength - 1) handles")
        }
        if self.entries.count == 1 { self.entries.reserveCapacity(16) }
        self.entries.append(entry)
        self.count += 1
        return UInt32(self.entries.count - 1)
    }

    /// The representation behind an own or borrow handle of type `type`.
    package func rep(of index: UInt32, type: UInt32) throws -> UInt32 {
        try self.entry(index, type: type).rep
    }

    /// The run-time number of what a handle is of.
    func type(of index: UInt32) throws -> UInt32 {
        guard Int(index) < self.entries.count, index != 0, self.entries[Int(index)].type != 0 else {
            throw GuestFault.unknownHandle(index)
        }
        return self.entries[Int(index)].type
    }

    private func entry(_ index: UInt32, type: UInt32) throws -> Entry {
        guard Int(index) < self.entries.count, index != 0 else { throw GuestFault.unknownHandle(index) }
        let entry = self.entries[Int(index)]
        guard entry.type != 0 else { throw GuestFault.unknownHandle(index) }
        guard entry.type == type else { throw GuestFault.wrongHandle(index, is: entry.type, wanted: type) }
        return entry
    }

    // MARK: Lending

    /// Lends a handle to a call: until `endLend` it stays in the table. Gives its representation.
    package mutating func lend(_ index: UInt32, type: UInt32) throws -> UInt32 {
        let rep = try self.entry(index, type: type).rep
        self.entries[Int(index)].lends &+= 1
        return rep
    }

    package mutating func endLend(_ index: UInt32) {
        guard Int(index) < self.entries.count, self.entries[Int(index)].lends > 0 else { return }
        self.entries[Int(index)].lends -= 1
    }

    // MARK: Removing

    /// Takes an own handle out of the table: it is given away.
    package mutating func removeOwn(_ index: UInt32, type: UInt32) throws -> UInt32 {
        let entry = try self.entry(index, type: type)
        guard entry.lends == 0 else { throw GuestFault("cannot remove owned resource while borrowed") }
        guard entry.scope == Self.owned else {
            throw GuestFault("cannot lift own resource from a borrow: handle index \(index) is a borrow")
        }
        self.free(index)
        return entry.rep
    }

    /// Takes any handle out of the table.
    package mutating func remove(_ index: UInt32, type: UInt32) throws -> Removed {
        let entry = try self.entry(index, type: type)
        guard entry.lends == 0 else { throw GuestFault("cannot remove owned resource while borrowed") }
        self.free(index)
        return Removed(rep: entry.rep, scope: entry.scope == Self.owned ? nil : entry.scope)
    }

    private mutating func free(_ index: UInt32) {
        self.entries[Int(index)] = Entry(rep: self.firstFree, type: 0, scope: 0)
        self.firstFree = index
        self.count -= 1
    }
}
