/// A component-level type, by its place in ``TypeArena``. Two may have the same structure and yet different names:
/// what an import or export names is a type of its own.
package struct TypeID: Hashable, Sendable {
    let index: Int
}

/// What is equal to nothing but itself: a resource type, or a value.
struct Variable: Hashable {
    let index: Int
}

/// A core module type, by its place in ``TypeArena``.
struct ModuleID: Hashable {
    let index: Int
}

/// Where a value type is used.
package enum ValueReference: Hashable {
    case primitive(ValueType)
    case type(TypeID)
}

package enum DefinedValueType: Hashable {
    package struct Field: Hashable {
        let name: String
        let type: ValueReference

        package init(name: String, type: ValueReference) {
            self.name = name
            self.type = type
        }
    }

    package struct Case: Hashable {
        let name: String
        let type: ValueReference?

        package init(name: String, type: ValueReference?) {
            self.name = name
            self.type = type
        }
    }

    case primitive(ValueType)
    case record([Field])
    case variant([Case])
    case list(ValueReference)
    case fixedList(ValueReference, Int)
    case map(key: ValueReference, value: ValueReference)
    case tuple([ValueReference])
    case flags([String])
    case enumeration([String])
    case option(ValueReference)
    case result(ok: ValueReference?, error: ValueReference?)
    /// The type is a resource type.
    case own(TypeID)
    case borrow(TypeID)
    case stream(ValueReference?)
    case future(ValueReference?)

    var name: String {
        switch self {
        case .primitive: "primitive"
        case .record: "record"
        case .variant: "variant"
        case .list: "list"
        case .fixedList: "fixed-length list"
        case .map: "map"
        case .tuple: "tuple"
        case .flags: "flags"
        case .enumeration: "enum"
        case .option: "option"
        case .result: "result"
        case .own: "own"
        case .borrow: "borrow"
        case .stream: "stream"
        case .future: "future"
        }
    }

    /// The names in it.
    var labels: [String] {
        switch self {
        case .record(let fields): fields.map(\.name)
        case .variant(let cases): cases.map(\.name)
        case .flags(let labels), .enumeration(let labels): labels
        default: []
        }
    }

    /// The value types in it.
    var parts: [ValueReference] {
        switch self {
        case .primitive, .flags, .enumeration, .own, .borrow: []
        case .record(let fields): fields.map(\.type)
        case .variant(let cases): cases.compactMap(\.type)
        case .list(let type), .fixedList(let type, _), .option(let type): [type]
        case .map(let key, let value): [key, value]
        case .tuple(let types): types
        case .result(let ok, let error): [ok, error].compactMap { $0 }
        case .stream(let type), .future(let type): [type].compactMap { $0 }
        }
    }
}

package struct FunctionShape: Hashable {
    package struct Parameter: Hashable {
        let name: String
        let type: ValueReference

        package init(name: String, type: ValueReference) {
            self.name = name
            self.type = type
        }
    }

    let parameters: [Parameter]
    let result: ValueReference?
    let isAsync: Bool

    package init(parameters: [Parameter], result: ValueReference?, isAsync: Bool) {
        self.parameters = parameters
        self.result = result
        self.isAsync = isAsync
    }
}

/// What can be imported or exported.
enum Entity: Equatable {
    case module(ModuleID)
    case function(TypeID)
    /// `created` is the name's own type, `referenced` what it stands for; the same where the name makes a new
    /// resource type.
    case type(created: TypeID, referenced: TypeID)
    /// Two with the same variable are the same value.
    case value(ValueReference, Variable)
    case instance(TypeID)
    case component(TypeID)

    var name: String {
        switch self {
        case .module: "module"
        case .function: "func"
        case .type: "type"
        case .value: "value"
        case .instance: "instance"
        case .component: "component"
        }
    }
}

/// Imports or exports, in order. Where entities are put in the place of others, the names are shared, not copied.
struct Members {
    private(set) var names: [String] = []
    private var places: [CoreName: Int] = [:]
    private var entities: [Entity] = []

    var count: Int { self.names.count }

    subscript(name: String) -> Entity? { self.places[CoreName(name)].map { self.entities[$0] } }

    mutating func add(_ name: String, _ entity: Entity) {
        if let place = self.places.updateValue(self.names.count, forKey: CoreName(name)) {
            self.places[CoreName(name)] = place
            self.entities[place] = entity
        } else {
            self.names.append(name)
            self.entities.append(entity)
        }
    }

    /// Puts what `body` makes of each entity in its place.
    ///
    /// - Returns: whether anything changed.
    mutating func replace(_ body: (Entity) throws(ComponentError) -> Entity) throws(ComponentError) -> Bool {
        var isChanged = false
        for place in self.entities.indices {
            let new = try body(self.entities[place])
            guard new != self.entities[place] else { continue }
            self.entities[place] = new
            isChanged = true
        }
        return isChanged
    }

    /// In order.
    var all: [(name: String, entity: Entity)] { zip(self.names, self.entities).map { ($0, $1) } }
}

/// A resource type or value with the names that lead to it through imports or exports.
struct BoundVariable {
    let variable: Variable
    let path: [String]
}

struct InstanceShape {
    var exports = Members()
    /// Resource types and values that each instance of the type has anew.
    var definedVariables: [BoundVariable] = []
}

struct ComponentShape {
    var imports = Members()
    var exports = Members()
    /// Resource types and values that an instantiation supplies.
    var importedVariables: [BoundVariable] = []
    /// Resource types and values that each instance has anew.
    var definedVariables: [BoundVariable] = []
}

enum TypeDefinition {
    case value(DefinedValueType)
    case function(FunctionShape)
    case instance(InstanceShape)
    case component(ComponentShape)
    case resource(Variable)

    /// How many parts it has in memory that it does not share with others.
    var partCount: Int {
        switch self {
        case .value(.record(let fields)): fields.count
        case .value(.variant(let cases)): cases.count
        case .value(.tuple(let types)): types.count
        case .value(.flags(let labels)), .value(.enumeration(let labels)): labels.count
        case .value, .resource: 1
        case .function(let shape): shape.parameters.count
        case .instance(let shape): shape.exports.count
        case .component(let shape): shape.imports.count + shape.exports.count
        }
    }

    var name: String {
        switch self {
        case .value: "defined type"
        case .function: "func"
        case .instance: "instance"
        case .component: "component"
        case .resource: "resource"
        }
    }
}

/// A core module type: of a module of the file, or declared.
struct ModuleShape {
    var imports: [CoreModuleSummary.Import] = []
    var exports = CoreModuleSummary.Exports()
}
