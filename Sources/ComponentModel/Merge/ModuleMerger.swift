/// Merges modules that steps of a plan instantiate, in their order, into one module.
///
/// First all modules are added: their imports are resolved to definitions of earlier ones or become imports of the whole.
/// Then exports are asked for, and last the binary is written.
final class ModuleMerger {
    /// One instance of a module.
    struct Part {
        let layout: ModuleLayout
        let name: String?
        var maps: IndexMaps
        /// What `maps` holds of globals before references become indices.
        let globalReferences: [UInt32]
    }

    /// Something in the merged module.
    struct Item: Hashable {
        let kind: ExternType.Kind
        let reference: UInt32
    }

    /// How an import from outside is known: its source, and the type that was asked for.
    private struct Imported: Hashable {
        let source: CoreDefinition
        let type: [UInt8]
    }

    let trampolines: [Trampoline]
    let limits: MergeLimits

    private(set) var parts: [Part] = []
    /// Part by the step that it stands for.
    private var partOfStep: [Int: Int] = [:]
    private(set) var types = TypeMerger()
    private(set) var functions = MergedSpace<UInt32>()
    private(set) var tables = MergedSpace<TableType>()
    private(set) var memories = MergedSpace<MemoryType>()
    private(set) var globals = MergedSpace<GlobalType>()
    private(set) var tags = MergedSpace<UInt32>()
    /// Values of immutable globals that are the same in every instance.
    private(set) var constants: [UInt32: ConstantExpression.Value] = [:]
    private(set) var elementCount: UInt32 = 0
    private(set) var dataCount: UInt32 = 0
    /// The imports of the whole, as the plan says them and as the module does.
    private(set) var imports: [ComponentPlan.CoreImport] = []
    let importSection = MergedBinary()
    private var importedItems: [Imported: UInt32] = [:]
    private(set) var exports: [(item: Item, name: String)] = []
    private var exportNames: [Item: String] = [:]
    /// Whether some segment might not fit into its table or memory.
    private(set) var mayTrap = false
    /// The table that host functions are called through, where the memory's contents are a module of their own.
    private(set) var hostTable: UInt32?
    /// Initial values of the globals that the image defines, in their order.
    private(set) var imageValues: [ConstantExpression.Value] = []

    init(trampolines: [Trampoline], limits: MergeLimits) {
        self.trampolines = trampolines
        self.limits = limits
    }

    // MARK: Adding

    /// Whether the module can follow those that were added: the whole stays within the engine's limits, and traps where
    /// the modules one by one would.
    func canTake(_ layout: ModuleLayout, sources: [CoreDefinition]) -> Bool {
        let memories = self.memories.defined.count + layout.memories.count - layout.importedMemories
        let tables = self.tables.defined.count + layout.tables.count - layout.importedTables
        guard memories <= self.limits.memories, tables <= self.limits.tables else { return false }
        // Those that are imported count as well for what one module may have.
        let outside = zip(layout.imports, sources).filter { self.item($0.1) == nil }
        let memoriesOutside = self.memories.imported.count + outside.count { $0.0.kind == .memory }
        let tablesOutside = self.tables.imported.count + outside.count { $0.0.kind == .table }
        guard memories + memoriesOutside <= EngineLimits.memories, tables + tablesOutside <= EngineLimits.tables else {
            return false
        }
        // Only one module whose segments may be out of bounds: else it could be another's turn to trap.
        return !self.mayTrap || self.segmentsFit(layout, sources: sources)
    }

    /// Adds the module of a step. `sources` are what its imports come from.
    func add(
        step: Int, _ layout: ModuleLayout, name: String?, sources: [CoreDefinition],
        outside: (CoreDefinition) throws(NotMergeable) -> CoreDefinition
    ) throws(NotMergeable) {
        guard layout.imports.count == sources.count else { throw NotMergeable("imports are missing") }
        if !self.segmentsFit(layout, sources: sources) { self.mayTrap = true }
        var maps = IndexMaps()
        maps.types = try self.types.add(layout)
        for (type, source) in zip(layout.imports, sources) {
            try self.addImport(type, source, to: &maps, outside: outside)
        }
        try self.addDefinitions(layout, to: &maps)
        self.partOfStep[step] = self.parts.count
        self.parts.append(Part(layout: layout, name: name, maps: maps, globalReferences: maps.globals))
    }

    private func addImport(
        _ type: ExternType, _ source: CoreDefinition, to maps: inout IndexMaps,
        outside: (CoreDefinition) throws(NotMergeable) -> CoreDefinition
    ) throws(NotMergeable) {
        let item: Item
        if let inside = self.item(source) {
            item = inside
            try self.check(item, supplies: type, maps)
        } else {
            item = try self.importFromOutside(type, try outside(source), maps)
        }
        switch type {
        case .function: maps.functions.append(item.reference)
        case .table: maps.tables.append(item.reference)
        case .memory: maps.memories.append(item.reference)
        case .global: maps.globals.append(item.reference)
        case .tag: maps.tags.append(item.reference)
        }
    }

    /// What a definition is here; nil when its step was not added.
    func item(_ source: CoreDefinition) -> Item? {
        guard case .export(let step, let name) = source, let part = self.partOfStep[step],
            let export = self.parts[part].layout.exports[name]
        else { return nil }
        let maps = self.parts[part].maps
        let space =
            switch export.kind {
            case .function: maps.functions
            case .table: maps.tables
            case .memory: maps.memories
            case .global: maps.globals
            case .tag: maps.tags
            }
        return space[checked: export.index].map { Item(kind: export.kind, reference: $0) }
    }

    private func check(_ item: Item, supplies type: ExternType, _ maps: IndexMaps) throws(NotMergeable) {
        let matches =
            switch (item.kind, type) {
            case (.function, .function(let wanted)):
                self.functions[item.reference] == (try Self.type(wanted, maps))
            case (.table, .table(let wanted)):
                try self.matches(self.tables[item.reference], try wanted.mapped(maps.types))
            case (.memory, .memory(let wanted)): self.memories[item.reference].limits.matches(wanted.limits)
            case (.global, .global(let wanted)): self.globals[item.reference] == (try wanted.mapped(maps.types))
            case (.tag, .tag(let wanted)): self.tags[item.reference] == (try Self.type(wanted, maps))
            default: false
            }
        guard matches else { throw NotMergeable("an import's type differs from what it is given") }
    }

    private func matches(_ table: TableType, _ wanted: TableType) throws(NotMergeable) -> Bool {
        table.element == wanted.element && table.limits.matches(wanted.limits)
    }

    private static func type(_ index: UInt32, _ maps: IndexMaps) throws(NotMergeable) -> UInt32 {
        guard let mapped = maps.types[checked: index] else { throw NotMergeable("a type index is out of range") }
        return mapped
    }

    private func importFromOutside(
        _ type: ExternType, _ source: CoreDefinition, _ maps: IndexMaps
    ) throws(NotMergeable) -> Item {
        let written = MergedBinary(capacity: 16)
        written.byte(type.kind.rawValue)
        switch type {
        case .function(let index): written.u32(try Self.type(index, maps))
        case .table(let table): try table.mapped(maps.types).write(to: written)
        case .memory(let memory): memory.limits.write(to: written)
        case .global(let global): try global.mapped(maps.types).write(to: written)
        case .tag(let index):
            written.byte(0)
            written.u32(try Self.type(index, maps))
        }
        if case .trampoline(let index) = source {
            guard case .function(let wanted) = type, self.trampolines.indices.contains(index),
                self.types.index(of: self.trampolines[index].type.binary) == (try Self.type(wanted, maps))
            else { throw NotMergeable("a host function's type differs") }
        }
        let key = Imported(source: source, type: [UInt8](written.bytes))
        if let reference = self.importedItems[key] { return Item(kind: type.kind, reference: reference) }
        let reference: UInt32
        switch type {
        case .function(let index): reference = self.functions.addImport(try Self.type(index, maps))
        case .table(let table): reference = self.tables.addImport(try table.mapped(maps.types))
        case .memory(let memory): reference = self.memories.addImport(memory)
        case .global(let global): reference = self.globals.addImport(try global.mapped(maps.types))
        case .tag(let index): reference = self.tags.addImport(try Self.type(index, maps))
        }
        let name = String(self.imports.count)
        self.importSection.name("")
        self.importSection.name(name)
        self.importSection.append(written)
        self.imports.append(ComponentPlan.CoreImport(module: "", name: name, source: source))
        self.importedItems[key] = reference
        return Item(kind: type.kind, reference: reference)
    }

    private func addDefinitions(_ layout: ModuleLayout, to maps: inout IndexMaps) throws(NotMergeable) {
        for index in layout.functions[layout.importedFunctions...] {
            maps.functions.append(self.functions.addDefinition(try Self.type(index, maps)))
        }
        for table in layout.tables[layout.importedTables...] {
            maps.tables.append(self.tables.addDefinition(try table.mapped(maps.types)))
        }
        for memory in layout.memories[layout.importedMemories...] {
            maps.memories.append(self.memories.addDefinition(memory))
        }
        for (offset, global) in layout.globals[layout.importedGlobals...].enumerated() {
            let reference = self.globals.addDefinition(try global.mapped(maps.types))
            if !global.isMutable, let value = self.value(layout.globalValues[offset], layout, maps) {
                self.constants[reference] = value
            }
            maps.globals.append(reference)
        }
        for tag in layout.tags[layout.importedTags...] {
            maps.tags.append(self.tags.addDefinition(try Self.type(tag, maps)))
        }
        maps.elements = .init(base: self.elementCount, count: UInt32(layout.elements?.count ?? 0))
        maps.datas = .init(base: self.dataCount, count: UInt32(layout.data?.count ?? 0))
        self.elementCount += maps.elements.count
        self.dataCount += maps.datas.count
    }

    // MARK: Constants

    /// The value of a constant expression, imported globals folded. Others of the module are left to the engine, which
    /// may not allow them there.
    func value(_ reader: ByteReader, _ layout: ModuleLayout, _ maps: IndexMaps) -> ConstantExpression.Value? {
        ConstantExpression.value(reader) { index in
            guard index < layout.importedGlobals, let reference = maps.globals[checked: index] else { return nil }
            return self.constants[reference]
        }
    }

    // MARK: Image

    /// Decides whether memories, their contents and the imports of the host become a module of their own, the image.
    ///
    /// Interpreters are many megabytes of code that all applications share, and a snapshot of memory that differs with
    /// each edit of a script. Apart from each other, the code is compiled once. It takes the memories from the image,
    /// and the host's functions from a table there, so that it imports two things and not hundreds.
    func splitImage() {
        let code = self.parts.reduce(0) { $0 + ($1.layout.code?.1.remaining ?? 0) }
        let data = self.parts.reduce(0) { $0 + ($1.layout.data?.1.remaining ?? 0) }
        guard min(code, data) >= self.limits.splitSize, self.dataCount > 0, !self.mayTrap,
            !self.memories.defined.isEmpty,
            self.tables.defined.count < self.limits.tables,
            // Nothing is imported but host functions, and no code refers to data segments.
            self.imports.count == self.functions.imported.count, !self.imports.isEmpty,
            self.imports.allSatisfy({ if case .trampoline = $0.source { true } else { false } }),
            self.parts.allSatisfy({ $0.layout.dataCount == nil })
        else { return }
        self.hostTable = self.tables.addImport(
            TableType(element: .functionReference, limits: ModuleLimits(exactly: UInt64(self.imports.count))))
        let state = self.state()
        self.imageValues = state.values
        self.globals.move { state.references.contains($0) }
    }

    /// Globals that hold where something lies in memory, as adapters' do: they differ like the memory does. A module with
    /// many globals is a library, whose addresses are those of its build; so many would be dear to import. So would be a
    /// main module's stack pointer, which every function uses.
    private func state() -> (references: Set<UInt32>, values: [ConstantExpression.Value]) {
        var references: Set<UInt32> = []
        var values: [ConstantExpression.Value] = []
        for part in self.parts
        where part.layout.globalValues.count <= Self.maximumState
            && part.layout.memories.count == part.layout.importedMemories
        {
            let globals = part.layout.globals[part.layout.importedGlobals...]
            for (offset, (global, value)) in zip(globals, part.layout.globalValues).enumerated() where global.isMutable
            {
                guard let value = self.value(value, part.layout, part.maps) else { continue }
                references.insert(part.maps.globals[part.layout.importedGlobals + offset])
                values.append(value)
            }
        }
        return (references, values)
    }

    private static let maximumState = 8

    // MARK: Exports

    /// The name under which the merged module exports an item; it is exported from now on.
    func export(_ item: Item) -> String {
        if let name = self.exportNames[item] { return name }
        let name = String(self.exports.count)
        self.exports.append((item, name))
        self.exportNames[item] = name
        return name
    }

    /// The start function of the module added last; it must take and give nothing.
    func startFunction() throws(NotMergeable) -> Item? {
        guard let part = self.parts.last, let start = part.layout.start else { return nil }
        guard let reference = part.maps.functions[checked: start],
            self.functions[reference] == self.types.index(of: CoreFunctionType([]).binary)
        else { throw NotMergeable("the start function is of the wrong type") }
        return Item(kind: .function, reference: reference)
    }
}
