/// Writing the merged module.
extension ModuleMerger {
    /// The binary; nothing may be added or exported afterwards.
    func encode() throws(NotMergeable) -> MergedBinary {
        let parts = try self.finishedParts()
        let code = MergedBinary(capacity: parts.reduce(64) { $0 + ($1.layout.code?.1.remaining ?? 0) * 5 / 4 })
        self.hostCalls(to: code)
        var referenced: Set<UInt32> = []
        for part in parts { try self.code(of: part, to: code, referenced: &referenced) }
        let elements = MergedBinary()
        for part in parts { try self.elements(of: part, to: elements) }
        if !referenced.isEmpty {
            // Code may take references only of functions that something outside of code names.
            elements.append([3, 0])
            elements.u32(UInt32(referenced.count))
            for function in referenced.sorted() { elements.u32(function) }
        }
        let datas = parts.reduce(0) { $0 + ($1.layout.data?.1.remaining ?? 0) }
        let output = MergedBinary(capacity: code.count + datas + (1 << 16))
        output.append(WasmKind.coreModulePreamble)
        output.section(1, count: self.types.entries, self.types.section)
        self.imports(to: output)
        try self.definitions(parts, to: output)
        self.exports(to: output)
        output.section(9, count: Int(self.elementCount) + (referenced.isEmpty ? 0 : 1), elements)
        let hasData = self.dataCount > 0 && self.hostTable == nil
        if hasData {
            output.byte(12)
            let start = output.beginLength()
            output.u32(self.dataCount)
            output.endLength(start)
        }
        output.section(10, count: self.definedFunctions, code)
        if hasData { try self.datas(of: parts, to: output) }
        MergedNames(parts).write(to: output)
        return output
    }

    private var definedFunctions: Int {
        self.functions.defined.count + (self.hostTable == nil ? 0 : self.functions.imported.count)
    }

    func finishedParts() throws(NotMergeable) -> [Part] {
        try self.parts.map { (part) throws(NotMergeable) in try self.finished(part) }
    }

    /// The part with indices in place of references.
    private func finished(_ part: Part) throws(NotMergeable) -> Part {
        var part = part
        for index in part.maps.functions.indices {
            part.maps.functions[index] = self.functions.index(part.maps.functions[index])
        }
        for index in part.maps.tables.indices { part.maps.tables[index] = self.tables.index(part.maps.tables[index]) }
        for index in part.maps.memories.indices {
            part.maps.memories[index] = self.memories.index(part.maps.memories[index])
        }
        for index in part.maps.globals.indices {
            part.maps.globals[index] = self.globals.index(part.maps.globals[index])
        }
        for index in part.maps.tags.indices { part.maps.tags[index] = self.tags.index(part.maps.tags[index]) }
        part.maps.declaredFunctions = try self.declaredFunctions(part.layout)
        return part
    }

    /// Functions that exports, segments and initial values of globals name.
    private func declaredFunctions(_ layout: ModuleLayout) throws(NotMergeable) -> Set<UInt32> {
        var declared: Set<UInt32> = []
        for export in layout.exports.values where export.kind == .function { declared.insert(export.index) }
        func add(_ expression: inout ByteReader) throws(NotMergeable) {
            let start = expression
            do { try ConstantExpression.skip(&expression) } catch { throw NotMergeable(error.message) }
            // Of all expressions that name functions, the one that compilers write; others leave the function
            // undeclared, and then the module is not merged.
            var reader = start
            if (try? reader.byte()) == 0xd2, let function = try? reader.u32() { declared.insert(function) }
        }
        for value in layout.globalValues {
            var value = value
            try add(&value)
        }
        try SegmentReader(layout).elements { (segment) throws(NotMergeable) in
            var content = segment.content
            for _ in 0..<segment.count {
                if segment.flags & 4 == 0 {
                    if let function = try? content.u32() { declared.insert(function) }
                } else {
                    try add(&content)
                }
            }
        }
        return declared
    }

    private func code(
        of part: Part, to output: MergedBinary, referenced: inout Set<UInt32>
    ) throws(NotMergeable) {
        guard let (count, section) = part.layout.code else { return }
        var reader = section
        let found = try self.rewriting(part, to: output) { (rewriter) throws(NotMergeable) in
            for _ in 0..<count {
                let body: ByteReader
                do throws(ComponentError) {
                    body = try reader.section(Int(try reader.u32()))
                } catch {
                    throw NotMergeable(error.message)
                }
                let start = output.beginLength()
                try rewriter.body(UnsafeRawBufferPointer(rebasing: body.bytes[body.offset..<body.end]))
                output.endLength(start)
            }
            return rewriter.referencedFunctions
        }
        guard reader.isAtEnd else { throw NotMergeable("a section is longer than its contents") }
        referenced.formUnion(found)
    }

    private func rewriting<R>(
        _ part: Part, to output: MergedBinary,
        _ body: (inout InstructionRewriter) throws(NotMergeable) -> R
    ) throws(NotMergeable) -> R {
        try part.maps.withSpaces { (maps) throws(NotMergeable) in
            var rewriter = InstructionRewriter(maps, hasDataCount: part.layout.dataCount != nil, output: output)
            return try body(&rewriter)
        }
    }

    // MARK: Definitions

    private func definitions(_ parts: [Part], to output: MergedBinary) throws(NotMergeable) {
        let functions = MergedBinary()
        // Host functions that come through a table have the places that their imports would have.
        if self.hostTable != nil { for type in self.functions.imported { functions.u32(type) } }
        for type in self.functions.defined { functions.u32(type) }
        output.section(3, count: self.definedFunctions, functions)

        let tables = MergedBinary()
        for part in parts { try self.tables(of: part, to: tables) }
        output.section(4, count: self.tables.defined.count, tables)

        if self.hostTable == nil { self.memories(to: output) }

        let tags = MergedBinary()
        for tag in self.tags.defined {
            tags.byte(0)
            tags.u32(tag)
        }
        output.section(13, count: self.tags.defined.count, tags)

        let globals = MergedBinary()
        var number = 0
        for part in parts {
            for value in part.layout.globalValues {
                defer { number += 1 }
                if self.globals.hasMoved(number) { continue }
                self.globals.defined[number].write(to: globals)
                var value = value
                try self.expression(&value, part, to: globals)
            }
        }
        output.section(6, count: self.globals.definedHere, globals)
    }

    func memories(to output: MergedBinary) {
        let memories = MergedBinary()
        for memory in self.memories.defined { memory.limits.write(to: memories) }
        output.section(5, count: self.memories.defined.count, memories)
    }

    private func tables(of part: Part, to output: MergedBinary) throws(NotMergeable) {
        for (definition, type) in zip(
            part.layout.tableDefinitions, part.layout.tables[part.layout.importedTables...])
        {
            var reader = definition
            let hasValue = reader.skipIfMatches([0x40, 0])
            if hasValue { output.append([0x40, 0]) }
            try type.mapped(part.maps.types).write(to: output)
            guard hasValue else { continue }
            do { _ = try TableType(&reader) } catch { throw NotMergeable(error.message) }
            try self.expression(&reader, part, to: output)
        }
    }

    /// A constant expression: its value where that is known, else its instructions.
    private func expression(
        _ reader: inout ByteReader, _ part: Part, to output: MergedBinary
    ) throws(NotMergeable) {
        if let value = self.foldedValue(reader, part) {
            do { try ConstantExpression.skip(&reader) } catch { throw NotMergeable(error.message) }
            value.write(to: output)
            return
        }
        try self.rewriting(part, to: output) { (rewriter) throws(NotMergeable) in try rewriter.expression(&reader) }
    }

    private func foldedValue(_ reader: ByteReader, _ part: Part) -> ConstantExpression.Value? {
        ConstantExpression.value(reader) { index in
            guard index < part.layout.importedGlobals, let reference = part.globalReferences[checked: index] else {
                return nil
            }
            return self.constants[reference]
        }
    }

    private func exports(to output: MergedBinary) {
        let section = MergedBinary()
        for (item, name) in self.exports {
            section.name(name)
            section.byte(item.kind.rawValue)
            let index =
                switch item.kind {
                case .function: self.functions.index(item.reference)
                case .table: self.tables.index(item.reference)
                case .memory: self.memories.index(item.reference)
                case .global: self.globals.index(item.reference)
                case .tag: self.tags.index(item.reference)
                }
            section.u32(index)
        }
        output.section(7, count: self.exports.count, section)
    }

    // MARK: Segments

    private func elements(of part: Part, to output: MergedBinary) throws(NotMergeable) {
        try SegmentReader(part.layout).elements { (segment) throws(NotMergeable) in
            // Active segments name their table and what they hold, always.
            output.u32(segment.target == nil ? segment.flags : segment.flags | 2)
            if let (table, offset) = segment.target {
                guard let mapped = part.maps.tables[checked: table] else {
                    throw NotMergeable("a table index is out of range")
                }
                output.u32(mapped)
                var offset = offset
                try self.expression(&offset, part, to: output)
            }
            if segment.flags & 4 == 0 {
                output.byte(segment.elementKind ?? 0)
            } else if let type = segment.elementType {
                try type.mapped(part.maps.types).write(to: output)
            } else {
                output.byte(0x70)
            }
            output.u32(UInt32(segment.count))
            var content = segment.content
            if segment.flags & 4 != 0 {
                try self.rewriting(part, to: output) { (rewriter) throws(NotMergeable) in
                    for _ in 0..<segment.count { try rewriter.expression(&content) }
                }
                return
            }
            for _ in 0..<segment.count {
                guard let function = try? content.u32(), let mapped = part.maps.functions[checked: function] else {
                    throw NotMergeable("a function index is out of range")
                }
                output.u32(mapped)
            }
        }
    }

    /// The data section.
    func datas(of parts: [Part], to output: MergedBinary) throws(NotMergeable) {
        output.byte(11)
        let start = output.beginLength()
        output.u32(self.dataCount)
        for part in parts { try self.datas(of: part, to: output) }
        output.endLength(start)
    }

    private func datas(of part: Part, to output: MergedBinary) throws(NotMergeable) {
        try SegmentReader(part.layout).datas { (segment) throws(NotMergeable) in
            if let (memory, offset) = segment.target {
                guard let mapped = part.maps.memories[checked: memory] else {
                    throw NotMergeable("a memory index is out of range")
                }
                output.u32(mapped == 0 ? 0 : 2)
                if mapped != 0 { output.u32(mapped) }
                var offset = offset
                try self.expression(&offset, part, to: output)
            } else {
                output.u32(1)
            }
            output.u32(UInt32(segment.count))
            output.copy(
                UnsafeRawBufferPointer(rebasing: segment.content.bytes[segment.content.offset..<segment.content.end]))
        }
    }
}
