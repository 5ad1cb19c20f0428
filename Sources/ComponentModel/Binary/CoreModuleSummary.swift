/// What validation and planning need to know of a core module: its imports, exports, and their types.
///
/// The engine validates the module; code is never looked at here.
struct CoreModuleSummary: Sendable {
    /// What planning asks of a core item.
    enum Kind: Hashable, Sendable {
        /// The type is `nil` if some value is not a number.
        case function(CoreFunctionType?)
        case table(AddressType)
        case memory(AddressType, isShared: Bool)
        case global
        case tag

        var sort: CoreSort {
            switch self {
            case .function: .function
            case .table: .table
            case .memory: .memory
            case .global: .global
            case .tag: .tag
            }
        }

        /// Of a memory or table, which alone have addresses.
        var addressType: AddressType {
            switch self {
            case .table(let type), .memory(let type, _): type
            case .function, .global, .tag: .i32
            }
        }
    }

    struct Import: Sendable {
        let module: String
        let name: String
        let type: CoreEntityType
    }

    /// The exports by name.
    struct Exports: Sendable {
        private(set) var names: [String] = []
        private var indices: [CoreName: Int] = [:]
        private var types: [CoreEntityType] = []

        var isEmpty: Bool { self.names.isEmpty }

        func type(of name: CoreName) -> CoreEntityType? { self.indices[name].map { self.types[$0] } }

        mutating func reserveCapacity(_ count: Int) {
            self.names.reserveCapacity(count)
            self.indices.reserveCapacity(count)
            self.types.reserveCapacity(count)
        }

        /// False if the name is taken.
        mutating func add(_ name: String, _ type: CoreEntityType) -> Bool {
            guard self.indices.updateValue(self.types.count, forKey: CoreName(name)) == nil else { return false }
            self.names.append(name)
            self.types.append(type)
            return true
        }
    }

    var imports: [Import] = []
    var exports = Exports()
    /// Of functions that are imported or exported, by their numbers; nil where some value is not a number.
    var functionTypes: [Int: CoreFunctionType?] = [:]
    /// Memories that the module defines, not imports.
    var definedMemories = 0
    /// The bytes that the largest of them begins with.
    var largestMemory: UInt64 = 0
    /// Whether it defines tags, without which nothing can be thrown.
    var definesTags = false
    /// Whether a function of it runs when it is instantiated.
    var hasStart = false
    /// From the name section.
    var name: String?

    func kind(of type: CoreEntityType) -> Kind {
        switch type {
        case .function(let number): .function(self.functionTypes[number] ?? nil)
        case .table(let table): .table(table.limits.addressType)
        case .memory(let memory): .memory(memory.limits.addressType, isShared: memory.limits.isShared)
        case .global: .global
        case .tag: .tag
        }
    }

    func kind(ofExport name: CoreName) -> Kind? { self.exports.type(of: name).map { self.kind(of: $0) } }

    func kind(ofExport name: String) -> Kind? { self.kind(ofExport: CoreName(name)) }
}
