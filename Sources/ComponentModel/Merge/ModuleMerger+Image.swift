/// The image: memories with their contents, and the host's functions in a table; see ``ModuleMerger/splitImage()``.
extension ModuleMerger {
    static let imageTable = "t"

    /// Exports the n-th memory under the name n, and globals as `g0`, `g1`.
    func encodeImage() throws(NotMergeable) -> MergedBinary {
        let parts = try self.finishedParts()
        let datas = parts.reduce(0) { $0 + ($1.layout.data?.1.remaining ?? 0) }
        let output = MergedBinary(capacity: datas + (1 << 16))
        output.append(WasmKind.coreModulePreamble)
        output.section(1, count: self.types.entries, self.types.section)
        output.section(2, count: self.imports.count, self.importSection)
        let table = MergedBinary()
        TableType(element: .functionReference, limits: ModuleLimits(exactly: UInt64(self.imports.count))).write(
            to: table)
        output.section(4, count: 1, table)
        self.memories(to: output)
        let globals = MergedBinary()
        for (number, value) in zip(self.globals.moved, self.imageValues) {
            self.globals.defined[number].write(to: globals)
            value.write(to: globals)
        }
        output.section(6, count: self.globals.moved.count, globals)
        let exports = MergedBinary()
        for memory in self.memories.defined.indices {
            exports.name(String(memory))
            exports.byte(ExternType.Kind.memory.rawValue)
            exports.u32(UInt32(memory))
        }
        exports.name(Self.imageTable)
        exports.byte(ExternType.Kind.table.rawValue)
        exports.u32(0)
        for index in self.globals.moved.indices {
            exports.name(Self.globalName(index))
            exports.byte(ExternType.Kind.global.rawValue)
            exports.u32(UInt32(index))
        }
        output.section(7, count: self.memories.defined.count + 1 + self.globals.moved.count, exports)
        let elements = MergedBinary()
        elements.append([0, 0x41, 0, 0x0b])
        elements.u32(UInt32(self.imports.count))
        for function in self.imports.indices { elements.u32(UInt32(function)) }
        output.section(9, count: 1, elements)
        try self.datas(of: parts, to: output)
        return output
    }

    private static func globalName(_ index: Int) -> String { "g\(index)" }

    /// What the code imports from its image, which is the instance `image`.
    func imageImports(_ image: Int) -> [ComponentPlan.CoreImport] {
        let names =
            self.memories.defined.indices.map { String($0) } + [Self.imageTable]
            + self.globals.moved.indices.map { Self.globalName($0) }
        return names.map { .init(module: "", name: $0, source: .export(instance: image, name: $0)) }
    }

    /// The import section, with an image or without.
    func imports(to output: MergedBinary) {
        guard let table = self.hostTable else {
            output.section(2, count: self.imports.count, self.importSection)
            return
        }
        let section = MergedBinary()
        for (index, memory) in self.memories.defined.enumerated() {
            section.name("")
            section.name(String(index))
            section.byte(ExternType.Kind.memory.rawValue)
            memory.limits.write(to: section)
        }
        section.name("")
        section.name(Self.imageTable)
        section.byte(ExternType.Kind.table.rawValue)
        self.tables[table].write(to: section)
        for (index, number) in self.globals.moved.enumerated() {
            section.name("")
            section.name(Self.globalName(index))
            section.byte(ExternType.Kind.global.rawValue)
            self.globals.defined[number].write(to: section)
        }
        output.section(2, count: self.memories.defined.count + 1 + self.globals.moved.count, section)
    }

    /// Functions that stand for the host's and call them through the image's table. Tail calls leave no trace.
    func hostCalls(to code: MergedBinary) {
        guard let table = self.hostTable else { return }
        for (index, imported) in self.imports.enumerated() {
            guard case .trampoline(let trampoline) = imported.source else { continue }
            let start = code.beginLength()
            code.byte(0)
            for parameter in self.trampolines[trampoline].type.parameters.indices {
                code.byte(0x20)
                code.u32(UInt32(parameter))
            }
            code.byte(0x41)
            code.signed(Int64(index))
            code.byte(0x13)
            code.u32(self.functions.imported[index])
            code.u32(self.tables.index(table))
            code.byte(0x0b)
            code.endLength(start)
        }
    }
}
