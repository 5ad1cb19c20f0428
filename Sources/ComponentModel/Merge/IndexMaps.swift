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

/// The maps of one module during rewriting: each index space of its own without reference counts.
struct IndexSpaces {
    let types: IndexSpace
    let functions: IndexSpace
    let tables: IndexSpace
    let memories: IndexSpace
    let globals: IndexSpace
    let tags: IndexSpace
    let elements: IndexMaps.Segments
    let datas: IndexMaps.Segments
    let declaredFunctions: Set<UInt32>
}

extension IndexMaps {
    /// Gives `body` the maps in the form that rewriting wants, which is good only there.
    func withSpaces<Result>(
        _ body: (IndexSpaces) throws(NotMergeable) -> Result
    ) throws(NotMergeable) -> Result {
        try self.types.withSpace { (types) throws(NotMergeable) in
            try self.functions.withSpace { (functions) throws(NotMergeable) in
                try self.tables.withSpace { (tables) throws(NotMergeable) in
                    try self.memories.withSpace { (memories) throws(NotMergeable) in
                        try self.globals.withSpace { (globals) throws(NotMergeable) in
                            try self.tags.withSpace { (tags) throws(NotMergeable) in
                                try body(
                                    IndexSpaces(
                                        types: types, functions: functions, tables: tables, memories: memories,
                                        globals: globals, tags: tags, elements: self.elements, datas: self.datas,
                                        declaredFunctions: self.declaredFunctions))
                            }
                        }
                    }
                }
            }
        }
    }
}

extension [UInt32] {
    fileprivate func withSpace<Result>(
        _ body: (IndexSpace) throws(NotMergeable) -> Result
    ) throws(NotMergeable) -> Result {
        try self.withUnsafeBufferPointer { (buffer) throws(NotMergeable) in try body(IndexSpace(buffer)) }
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
