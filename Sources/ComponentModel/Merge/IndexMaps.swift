/// Where the items of one module lie in the merged module.
struct IndexMaps {
    var types: [UInt32] = []
    var functions: [UInt32] = []
    var tables: [UInt32] = []
    var memories: [UInt32] = []
    var globals: [UInt32] = []
    var tags: [UInt32] = []
    /// Segments are only appended: theirs is an offset and a count.
    var elements = Segments()
    var datas = Segments()
    /// Functions of the module that its code may take references of.
    var declaredFunctions: Set<UInt32> = []

    struct Segments {
        var base: UInt32 = 0
        var count: UInt32 = 0

        func mapped(_ index: UInt32) throws(NotMergeable) -> UInt32 {
            guard index < self.count else { throw NotMergeable("a segment index is out of range") }
            return self.base + index
        }
    }
}

/// One index space of a module during rewriting: no reference counts, bounds checked by hand.
struct IndexSpace {
    private let base: UnsafePointer<UInt32>?
    private let count: UInt32

    init(_ buffer: UnsafeBufferPointer<UInt32>) {
        self.base = buffer.baseAddress
        self.count = UInt32(buffer.count)
    }

    @inline(__always)
    func mapped(_ index: UInt32) throws(NotMergeable) -> UInt32 {
        guard index < self.count, let base = self.base else { throw NotMergeable("an index is out of range") }
        return base[Int(index)]
    }
}
