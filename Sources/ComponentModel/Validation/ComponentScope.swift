/// The index spaces of a component, or of a component or instance type, while its definitions are validated in order.
final class ComponentScope {
    enum Kind {
        case component
        case componentType
        case instanceType
    }

    enum CoreTypeItem {
        /// A number of ``CoreTypeStore``.
        case type(Int)
        case module(ModuleID)
    }

    enum CoreInstance {
        case instantiated(ModuleID)
        case exports([CoreName: CoreEntityType])
    }

    /// Names that imports, or exports, give to resource types: methods are named after them.
    struct ResourceNames {
        private var names: Set<String> = []
        private var byType: [TypeID: String] = [:]

        mutating func register(_ name: String, _ type: TypeID) {
            self.names.insert(name)
            self.byType[type] = name
        }

        func contains(_ name: String) -> Bool { self.names.contains(name) }
        func name(of type: TypeID) -> String? { self.byType[type] }
    }

    /// A value of the index space.
    struct Value {
        let type: ValueReference
        let variable: Variable
        /// Where it comes from, for messages.
        let offset: Int
        /// Each value is used once.
        var isUsed: Bool
    }

    let kind: Kind

    var coreTypes: [CoreTypeItem] = []
    var coreModules: [ModuleID] = []
    var coreInstances: [CoreInstance] = []
    /// Function types, and tag types, by number of ``CoreTypeStore``.
    var coreFunctions: [Int] = []
    var coreTables: [CoreTableType] = []
    var coreMemories: [CoreMemoryType] = []
    var coreGlobals: [CoreGlobalType] = []
    var coreTags: [Int] = []

    var types: [TypeID] = []
    var functions: [TypeID] = []
    var values: [Value] = []
    var instances: [TypeID] = []
    var components: [TypeID] = []

    var imports = Members()
    var exports = Members()
    /// Names by what must be unique of them.
    var importKeys: [CoreName: String] = [:]
    var exportKeys: [CoreName: String] = [:]
    var importResourceNames = ResourceNames()
    var exportResourceNames = ResourceNames()

    var importedVariables: [BoundVariable] = []
    /// In order of definition; local resource types with what represents them.
    var definedVariables: [Variable] = []
    var representations: [Variable: CoreType] = [:]
    /// Expanded size of the imports and exports so far.
    var nodes = 1

    /// Types that have a name outside, as what is imported or exported may use them.
    var importedTypes: Set<TypeID> = []
    var exportedTypes: Set<TypeID> = []

    init(_ kind: Kind) {
        self.kind = kind
    }
}
