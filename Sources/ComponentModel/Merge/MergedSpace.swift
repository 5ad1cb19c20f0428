/// One index space of a module in the making.
///
/// Imports come before definitions, and how many there are is known last: until then a reference to a definition is its
/// number with the highest bit set.
struct MergedSpace<Item> {
    private(set) var imported: [Item] = []
    private(set) var defined: [Item] = []

    private static var definedBit: UInt32 { 1 << 31 }

    mutating func addImport(_ item: Item) -> UInt32 {
        self.imported.append(item)
        return UInt32(self.imported.count - 1)
    }

    mutating func addDefinition(_ item: Item) -> UInt32 {
        self.defined.append(item)
        return UInt32(self.defined.count - 1) | Self.definedBit
    }

    /// What a reference stands for. References come from this space alone.
    subscript(reference: UInt32) -> Item {
        Self.isDefined(reference) ? self.defined[Int(reference ^ Self.definedBit)] : self.imported[Int(reference)]
    }

    static func isDefined(_ reference: UInt32) -> Bool { reference & Self.definedBit != 0 }

    /// The index of a reference, once all imports are known.
    func index(_ reference: UInt32) -> UInt32 {
        guard Self.isDefined(reference) else { return reference }
        let number = reference ^ Self.definedBit
        return self.places.isEmpty ? number + UInt32(self.imported.count) : self.places[Int(number)]
    }

    // MARK: Definitions that another module makes

    /// Numbers of definitions that became imports, behind those that were imports before.
    private(set) var moved: [Int] = []
    /// Indices of all definitions, where some have moved.
    private var places: [UInt32] = []

    /// Makes imports of definitions; nothing may be added afterwards.
    mutating func move(_ isMoved: (_ reference: UInt32) -> Bool) {
        self.moved = self.defined.indices.filter { isMoved(UInt32($0) | Self.definedBit) }
        guard !self.moved.isEmpty else { return }
        var next = (imported: UInt32(self.imported.count), defined: UInt32(self.imported.count + self.moved.count))
        var moved = self.moved.makeIterator()
        var nextMoved = moved.next()
        self.places = self.defined.indices.map { number in
            if number == nextMoved {
                nextMoved = moved.next()
                next.imported += 1
                return next.imported - 1
            }
            next.defined += 1
            return next.defined - 1
        }
    }

    /// How many definitions have not moved.
    var definedHere: Int { self.defined.count - self.moved.count }

    /// Whether the n-th definition has moved.
    func hasMoved(_ number: Int) -> Bool {
        !self.places.isEmpty && self.places[number] < UInt32(self.imported.count + self.moved.count)
    }
}
