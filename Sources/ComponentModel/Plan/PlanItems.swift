/// What index spaces hold while a component is planned. Items refer to each other by number, so that no chain of them,
/// however long a hostile file makes it, is freed recursively.
enum Item {
    /// Index into `Planner.functions`.
    case function(Int)
    case type(TypeItem)
    case value(ValueItem)
    case component(ComponentItem)
    /// Index into `Planner.instances`.
    case instance(Int)
    case coreModule(CoreModuleItem)

    var sortName: String {
        switch self {
        case .function: "function"
        case .type: "type"
        case .value: "value"
        case .component: "component"
        case .instance: "instance"
        case .coreModule: "module"
        }
    }
}

enum TypeItem {
    case value(ResolvedType)
    case function(ResolvedFunctionType)
    case component(TypeClosure)
    case instance(TypeClosure)
    case resource(ResourceID)

    /// Whether a type taken from outside a component could tell its instances apart.
    var mentionsResource: Bool {
        switch self {
        case .value(let type): type.mentionsResource
        case .function(let type): type.mentionsResource
        case .resource: true
        case .component, .instance: false
        }
    }
}

struct ValueItem {
    let type: ValueType
    let value: PlanValue
}

/// A core module by its place in the file.
struct CoreModuleItem: Hashable {
    let range: Range<Int>
    /// As the component calls it.
    let name: String?
}

/// A component with the scope that its outer aliases look into.
struct ComponentItem {
    let syntax: ComponentSyntax
    let scope: Int?
    let mark: ScopeMark
}

/// The body of a component or instance type with the scope that its outer aliases look into.
struct TypeClosure {
    let syntax: DeclarationsSyntax
    let scope: Int
    let mark: ScopeMark
}

struct FunctionItem {
    enum Origin {
        /// A function of an instance inside the imported one has the path to it in its name: `nested/f`.
        case imported(interface: ExternName?, name: String, by: HostImporter? = nil)
        case lifted(callee: Int, options: Int)
    }

    let type: ResolvedFunctionType
    let origin: Origin
    /// Index into `importedFunctions` or `adaptedFunctions` of the plan, once it has one.
    var planned: Int?
    var lifted: LiftedFunction?
}

struct InstanceItem {
    var names: [ExternName] = []
    var items: [String: Item] = [:]
    private var keys: Set<CoreName> = []

    /// False if the name is not unique in the instance.
    mutating func add(_ name: ExternName, _ item: Item) -> Bool {
        guard self.keys.insert(name.uniquenessKey).inserted else { return false }
        self.names.append(name)
        self.items[name.text] = item
        return true
    }
}

/// A core function, table, memory, global or tag.
struct CoreItem {
    let kind: CoreModuleSummary.Kind
    let definition: CoreDefinition
}

enum CoreInstanceItem {
    case instantiated(Int, CoreModuleSummary)
    case exports([CoreName: CoreItem])

    func item(named name: String) -> CoreItem? {
        let name = CoreName(name)
        return switch self {
        case .exports(let items): items[name]
        case .instantiated(let instance, let summary):
            summary.kind(ofExport: name).map { CoreItem(kind: $0, definition: .export(instance: instance, name: name)) }
        }
    }
}

/// How much of a scope existed when something inside it was defined: later definitions are out of reach.
struct ScopeMark {
    var types = 0
    var components = 0
    var coreModules = 0
    var coreTypes = 0
}

/// The index spaces of a component instance, or of a component or instance type.
struct Scope {
    let parent: Int?
    let mark: ScopeMark
    /// `nil` for types.
    let componentInstance: Int?

    var coreFunctions: [CoreItem] = []
    var coreTables: [CoreItem] = []
    var coreMemories: [CoreItem] = []
    var coreGlobals: [CoreItem] = []
    var coreTags: [CoreItem] = []
    /// Types of functions of numbers; nil for other core types.
    var coreTypes: [CoreFunctionType?] = []
    var coreModules: [CoreModuleItem] = []
    /// Indices into `Planner.coreInstances`.
    var coreInstances: [Int] = []
    /// Indices into `Planner.functions`.
    var functions: [Int] = []
    var types: [TypeItem] = []
    var values: [ValueItem] = []
    var components: [ComponentItem] = []
    /// Indices into `Planner.instances`.
    var instances: [Int] = []
    var importNames: Set<CoreName> = []
    var exports = InstanceItem()

    init(parent: Int?, mark: ScopeMark, componentInstance: Int?) {
        self.parent = parent
        self.mark = mark
        self.componentInstance = componentInstance
    }

    var currentMark: ScopeMark {
        ScopeMark(
            types: self.types.count, components: self.components.count, coreModules: self.coreModules.count,
            coreTypes: self.coreTypes.count)
    }

    mutating func add(_ item: Item) {
        switch item {
        case .function(let function): self.functions.append(function)
        case .type(let type): self.types.append(type)
        case .value(let value): self.values.append(value)
        case .component(let component): self.components.append(component)
        case .instance(let instance): self.instances.append(instance)
        case .coreModule(let module): self.coreModules.append(module)
        }
    }

    mutating func add(_ item: CoreItem) {
        switch item.kind {
        case .function: self.coreFunctions.append(item)
        case .table: self.coreTables.append(item)
        case .memory: self.coreMemories.append(item)
        case .global: self.coreGlobals.append(item)
        case .tag: self.coreTags.append(item)
        }
    }
}
