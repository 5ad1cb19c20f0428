extension ModuleMerger {
    /// Whether all active segments are known to lie within their tables and memories.
    func segmentsFit(_ layout: ModuleLayout, sources: [CoreDefinition]) -> Bool {
        var globals: [CoreDefinition] = []
        var tables: [CoreDefinition] = []
        var memories: [CoreDefinition] = []
        for (type, source) in zip(layout.imports, sources) {
            switch type {
            case .global: globals.append(source)
            case .table: tables.append(source)
            case .memory: memories.append(source)
            case .function, .tag: break
            }
        }
        /// Sizes of what is defined here; an import's may have grown, and so is not known to be what it was.
        func definition<Type>(_ index: UInt32, _ imports: [CoreDefinition], _ space: MergedSpace<Type>, _ own: [Type])
            -> Type?
        {
            guard let source = imports[checked: index] else { return own[checked: index] }
            guard let item = self.item(source) else { return nil }
            return space[item.reference]
        }
        return SegmentReader(layout).allFit(
            global: { index in
                guard let source = globals[checked: index], let item = self.item(source), item.kind == .global else {
                    return nil
                }
                return self.constants[item.reference]
            },
            table: { index in
                if let source = tables[checked: index], self.item(source)?.kind != .table { return nil }
                return definition(index, tables, self.tables, layout.tables)?.limits.minimum
            },
            memory: { index in
                if let source = memories[checked: index], self.item(source)?.kind != .memory { return nil }
                return definition(index, memories, self.memories, layout.memories)?.byteCount
            })
    }
}
