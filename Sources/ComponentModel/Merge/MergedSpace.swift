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

    /// The reference of a definition by its number.
    static func definition(_ number: UInt32) -> UInt32 { number | Self.definedBit }

    /// What a reference stands for. References come from this space alone.
    subscript(reference: UInt32) -> Item {
        Self.isDefined(reference) ? self.defined[Int(reference ^ Self.definedBit)] : self.imported[Int(reference)]
    }

    static func isDefined(_ reference: UInt32) -> Bool { reference & Self.definedBit != 0 }

    /// The index of a reference, once all imports are known.
    func index(_ reference: UInt32) -> UInt32 {
        Self.isDefined(reference) ? (reference ^ Self.definedBit) + UInt32(self.imported.count) : reference
    }
}
