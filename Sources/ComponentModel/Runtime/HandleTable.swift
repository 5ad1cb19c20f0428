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
        /// How often an own handle is lent to a call that still runs; `borrowed` for a borrow handle.
        var lends: UInt32
    }

    private static let borrowed = UInt32.max
    private var entries: [Entry] = [Entry(rep: 0, type: 0, lends: 0)]
    private var firstFree: UInt32 = 0

    package init() {}

    /// How many handles there are.
    package private(set) var count = 0

    package mutating func insertOwn(rep: UInt32, type: UInt32) throws -> UInt32 {
        try self.insert(Entry(rep: rep, type: type, lends: 0))
    }

    package mutating func insertBorrow(rep: UInt32, type: UInt32) throws -> UInt32 {
        try self.insert(Entry(rep: rep, type: type, lends: Self.borrowed))
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

    private func entry(_ index: UInt32, type: UInt32) throws -> Entry {
        guard Int(index) < self.entries.count, index != 0 else { throw GuestFault.unknownHandle(index) }
        let entry = self.entries[Int(index)]
        guard entry.type != 0 else { throw GuestFault.unknownHandle(index) }
        guard entry.type == type else {
            throw GuestFault("handle index \(index) used with the wrong type")
        }
        return entry
    }

    /// Takes an own handle out of the table: it is given away.
    package mutating func removeOwn(_ index: UInt32, type: UInt32) throws -> UInt32 {
        let entry = try self.entry(index, type: type)
        guard entry.lends != Self.borrowed else {
            throw GuestFault("handle index \(index) is a borrow; an own handle is needed")
        }
        guard entry.lends == 0 else { throw GuestFault("cannot remove owned resource while borrowed") }
        self.free(index)
        return entry.rep
    }

    /// Takes any handle out of the table. Says whether it owned the resource.
    package mutating func remove(_ index: UInt32, type: UInt32) throws -> (rep: UInt32, owned: Bool) {
        let entry = try self.entry(index, type: type)
        if entry.lends != Self.borrowed, entry.lends != 0 {
            throw GuestFault("cannot remove owned resource while borrowed")
        }
        self.free(index)
        return (entry.rep, entry.lends != Self.borrowed)
    }

    private mutating func free(_ index: UInt32) {
        self.entries[Int(index)] = Entry(rep: self.firstFree, type: 0, lends: 0)
        self.firstFree = index
        self.count -= 1
    }
}
