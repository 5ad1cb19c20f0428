/// A component in binary form, written definition by definition, each in a section of its own (Binary.md).
final class ComponentWriter: TypeSpace {
    enum Sort: UInt8 {
        case function = 0x01
        case type = 0x03
        case component = 0x04
        case instance = 0x05
    }

    /// Something with a number.
    struct Item {
        let sort: Sort
        let index: Int
    }

    private enum Section: UInt8 {
        case coreModule = 1
        case coreInstance = 2
        case component = 4
        case instance = 5
        case alias = 6
        case type = 7
        case canon = 8
        case `import` = 10
        case export = 11
    }

    private(set) var bytes = WasmKind.componentPreamble
    private var counts: [Sort: Int] = [:]
    private var coreFunctions = 0

    private func add(_ section: Section, _ content: [UInt8]) {
        self.bytes += WasmBinary.section(section.rawValue, count: 1, content)
    }

    /// A section that holds one binary, without a count.
    private func add(_ section: Section, binary: some Collection<UInt8>) {
        self.bytes.append(section.rawValue)
        WasmBinary.append(UInt64(binary.count), to: &self.bytes)
        self.bytes += binary
    }

    private func next(_ sort: Sort) -> Item {
        let index = self.counts[sort, default: 0]
        self.counts[sort] = index + 1
        return Item(sort: sort, index: index)
    }

    // MARK: - Components

    func nest(_ component: some Collection<UInt8>) -> Item {
        self.add(.component, binary: component)
        return self.next(.component)
    }

    func instantiate(_ component: Item, _ arguments: [(name: String, item: Item)]) -> Item {
        var content: [UInt8] = [0x00]
        WasmBinary.append(UInt64(component.index), to: &content)
        WasmBinary.append(UInt64(arguments.count), to: &content)
        for argument in arguments {
            WasmBinary.append(argument.name, to: &content)
            content += argument.item.encoded
        }
        self.add(.instance, content)
        return self.next(.instance)
    }

    /// The export of an instance.
    func alias(_ name: String, of instance: Item, _ sort: Sort) -> Item {
        var content: [UInt8] = [sort.rawValue, 0x00]
        WasmBinary.append(UInt64(instance.index), to: &content)
        WasmBinary.append(name, to: &content)
        self.add(.alias, content)
        return self.next(sort)
    }

    func `import`(_ name: String, _ type: ExternTypeCode) -> Item {
        self.add(.import, WasmBinary.externName(name) + type.encoded)
        return self.next(type.sort)
    }

    /// Gives what the export is inside: a number of its own.
    @discardableResult
    func export(_ name: String, _ item: Item) -> Item {
        self.add(.export, WasmBinary.externName(name) + item.encoded + [0x00])
        return self.next(item.sort)
    }

    // MARK: - Types

    func define(_ type: [UInt8]) -> Int {
        self.add(.type, type)
        return self.next(.type).index
    }

    /// Only types in components know one outside of them by number.
    func aliasOuter(_ index: Int) -> Int { index }

    // MARK: - Core modules

    /// Instantiates a module without imports, the only one of the component.
    func instantiate(module: [UInt8]) {
        self.add(.coreModule, binary: module)
        self.add(.coreInstance, [0x00, 0x00, 0x00])
    }

    /// The number of a function of that module.
    func coreFunction(_ name: String) -> Int {
        self.add(.alias, [0x00, 0x00, 0x01, 0x00] + WasmBinary.name(name))
        self.coreFunctions += 1
        return self.coreFunctions - 1
    }

    /// Makes a memory of that module known, the component's only one.
    func coreMemory(_ name: String) {
        self.add(.alias, [0x00, 0x02, 0x01, 0x00] + WasmBinary.name(name))
    }

    /// Lifts a core function by the memory, for text in UTF-8.
    func lift(_ function: Int, type: Int, realloc: Int) -> Item {
        var content: [UInt8] = [0x00, 0x00]
        WasmBinary.append(UInt64(function), to: &content)
        content += [0x03, 0x00, 0x03, 0x00, 0x04]
        WasmBinary.append(UInt64(realloc), to: &content)
        WasmBinary.append(UInt64(type), to: &content)
        self.add(.canon, content)
        return self.next(.function)
    }
}

/// What an import or a declared export is.
enum ExternTypeCode {
    case function(Int)
    case equal(Int)
    case resource
    case instance(Int)

    var sort: ComponentWriter.Sort {
        switch self {
        case .function: .function
        case .equal, .resource: .type
        case .instance: .instance
        }
    }

    var encoded: [UInt8] {
        switch self {
        case .function(let type): [0x01] + WasmBinary.number(type)
        case .equal(let type): [0x03, 0x00] + WasmBinary.number(type)
        case .resource: [0x03, 0x01]
        case .instance(let type): [0x05] + WasmBinary.number(type)
        }
    }
}

extension ComponentWriter.Item {
    fileprivate var encoded: [UInt8] { [self.sort.rawValue] + WasmBinary.number(self.index) }
}

extension WasmBinary {
    static func number(_ value: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        Self.append(UInt64(value), to: &bytes)
        return bytes
    }

    static func name(_ name: String) -> [UInt8] {
        var bytes: [UInt8] = []
        Self.append(name, to: &bytes)
        return bytes
    }

    /// The name of an import or export, without attributes.
    static func externName(_ name: String) -> [UInt8] { [0x00] + Self.name(name) }
}
