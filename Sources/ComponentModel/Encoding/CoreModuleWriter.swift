/// Writes a core module of ours, whose parts are added one by one: each gives its index.
///
/// What is imported comes before what is defined: an import after the first definition of its kind would change that
/// one's index.
struct CoreModuleWriter {
    enum Kind: UInt8 {
        case function = 0
        case table = 1
        case memory = 2
        case global = 3
    }

    /// The entries of a section, and how many.
    private struct Entries {
        var count = 0
        var bytes: [UInt8] = []

        @discardableResult
        mutating func add(_ entry: [UInt8]) -> Int {
            self.bytes += entry
            self.count += 1
            return self.count - 1
        }
    }

    private var sections: [UInt8: Entries] = [:]
    private var typeIndices: [CoreFunctionType: Int] = [:]
    private var counts: [Kind: Int] = [:]

    private mutating func add(_ entry: [UInt8], to section: UInt8) {
        self.sections[section, default: Entries()].add(entry)
    }

    private mutating func next(_ kind: Kind) -> Int {
        let index = self.counts[kind, default: 0]
        self.counts[kind] = index + 1
        return index
    }

    // MARK: Types

    /// The same index for the same type.
    mutating func type(_ type: CoreFunctionType) -> Int {
        if let index = self.typeIndices[type] { return index }
        let index = self.typeIndices.count
        self.typeIndices[type] = index
        self.add(
            [0x60] + Self.vector(type.parameters.map(\.rawValue)) + Self.vector(type.results.map(\.rawValue)), to: 1)
        return index
    }

    /// Of a table of functions, which has as many elements for ever.
    static func tableType(_ count: Int) -> [UInt8] {
        [0x70, 1] + WasmBinary.number(count) + WasmBinary.number(count)
    }

    /// Of a memory that has at least so many pages of 64 KiB.
    static func memoryType(_ addressType: AddressType, pages: Int) -> [UInt8] {
        [addressType == .i64 ? 0x04 : 0] + WasmBinary.number(pages)
    }

    static func globalType(_ type: CoreType, isMutable: Bool) -> [UInt8] { [type.rawValue, isMutable ? 1 : 0] }

    // MARK: Imports

    /// The name of the module is empty in all imports.
    @discardableResult
    mutating func importFunction(_ name: String, _ type: CoreFunctionType) -> Int {
        self.importItem(name, .function, WasmBinary.number(self.type(type)))
    }

    /// - Parameter type: in binary form.
    @discardableResult
    mutating func importItem(_ name: String, _ kind: Kind, _ type: [UInt8]) -> Int {
        self.add(WasmBinary.name("") + WasmBinary.name(name) + [kind.rawValue] + type, to: 2)
        return self.next(kind)
    }

    // MARK: Definitions

    /// - Parameter code: without its end.
    @discardableResult
    mutating func function(_ type: CoreFunctionType, locals: [CoreType] = [], _ code: WasmCode) -> Int {
        self.add(WasmBinary.number(self.type(type)), to: 3)
        let body =
            WasmBinary.number(locals.count) + locals.flatMap { [1, $0.rawValue] } + code.bytes
            + [WasmCode.Op.end.rawValue]
        self.add(Self.vector(body), to: 10)
        return self.next(.function)
    }

    @discardableResult
    mutating func table(_ count: Int) -> Int {
        self.add(Self.tableType(count), to: 4)
        return self.next(.table)
    }

    @discardableResult
    mutating func memory(pages: Int) -> Int {
        self.add(Self.memoryType(.i32, pages: pages), to: 5)
        return self.next(.memory)
    }

    @discardableResult
    mutating func global(_ value: UInt32, isMutable: Bool) -> Int {
        self.add(Self.globalType(.i32, isMutable: isMutable) + Self.constant(value), to: 6)
        return self.next(.global)
    }

    mutating func export(_ name: String, _ kind: Kind, _ index: Int) {
        self.add(WasmBinary.name(name) + [kind.rawValue] + WasmBinary.number(index), to: 7)
    }

    /// Functions that stand in the first table, from its start on.
    mutating func elements(_ functions: [Int]) {
        self.add(
            [0] + Self.constant(0) + WasmBinary.number(functions.count) + functions.flatMap(WasmBinary.number), to: 9)
    }

    /// What the first memory holds from its start on.
    mutating func data(_ bytes: [UInt8]) {
        self.add([0] + Self.constant(0) + Self.vector(bytes), to: 11)
    }

    // MARK: Result

    func encode() -> [UInt8] {
        self.sections.sorted { $0.key < $1.key }.reduce(into: WasmKind.coreModulePreamble) { module, section in
            module += WasmBinary.section(section.key, count: section.value.count, section.value.bytes)
        }
    }

    private static func vector(_ bytes: [UInt8]) -> [UInt8] { WasmBinary.number(bytes.count) + bytes }

    private static func constant(_ value: UInt32) -> [UInt8] {
        var code = WasmCode()
        code.i32(value)
        return code.bytes + [WasmCode.Op.end.rawValue]
    }
}
