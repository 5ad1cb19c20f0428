/// A component as its bytes say it: indices are not resolved yet.
final class ComponentSyntax: Sendable {
    let offset: Int
    let definitions: [Definition]

    init(offset: Int, definitions: [Definition]) {
        self.offset = offset
        self.definitions = definitions
    }
}

/// One entry of a section, with its place in the file for messages.
struct Definition: Sendable {
    enum Kind: Sendable {
        case coreModule(Range<Int>)
        case coreInstance(CoreInstanceSyntax)
        /// So many new core types: only counted, nothing of a plan depends on them.
        case coreTypes(Int)
        case component(ComponentSyntax)
        case instance(InstanceSyntax)
        case alias(AliasSyntax)
        case type(TypeSyntax)
        case canon(CanonSyntax)
        case `import`(ExternSyntax)
        case export(ExportSyntax)
    }

    let offset: Int
    let kind: Kind
}

enum CoreSort: Hashable, Sendable {
    case function
    case table
    case memory
    case global
    case tag
    case type
    case module
    case instance
}

enum Sort: Hashable, Sendable {
    case core(CoreSort)
    case function
    case value
    case type
    case component
    case instance

    var name: String {
        switch self {
        case .core(let sort): "core \(sort)"
        case .function: "function"
        case .value: "value"
        case .type: "type"
        case .component: "component"
        case .instance: "instance"
        }
    }
}

struct SortIndex: Sendable {
    let sort: Sort
    let index: UInt32
}

enum CoreInstanceSyntax: Sendable {
    case instantiate(module: UInt32, arguments: [(name: String, instance: UInt32)])
    case exports([(name: String, sort: CoreSort, index: UInt32)])
}

enum InstanceSyntax: Sendable {
    case instantiate(component: UInt32, arguments: [(name: String, item: SortIndex)])
    case exports([(name: ExternName, item: SortIndex)])
}

enum AliasSyntax: Sendable {
    case export(Sort, instance: UInt32, name: String)
    case coreExport(CoreSort, instance: UInt32, name: String)
    case outer(Sort, count: UInt32, index: UInt32)
}

/// An import, or an export declared in a type.
struct ExternSyntax: Sendable {
    let name: ExternName
    let type: ExternTypeSyntax
}

struct ExportSyntax: Sendable {
    let name: ExternName
    let item: SortIndex
    let type: ExternTypeSyntax?
}

enum ExternTypeSyntax: Sendable {
    case coreModule(UInt32)
    case function(UInt32)
    case value
    case typeEqual(UInt32)
    case typeResource
    case component(UInt32)
    case instance(UInt32)
}

enum TypeSyntax: Sendable {
    case value(DefinedTypeSyntax)
    case function(FunctionTypeSyntax)
    case component(DeclarationsSyntax)
    case instance(DeclarationsSyntax)
    case resource(destructor: UInt32?)
}

/// The body of a component or instance type.
final class DeclarationsSyntax: Sendable {
    struct Declaration: Sendable {
        enum Kind: Sendable {
            case coreTypes(Int)
            case type(TypeSyntax)
            case alias(AliasSyntax)
            case `import`(ExternSyntax)
            case export(ExternSyntax)
        }

        let offset: Int
        let kind: Kind
    }

    let declarations: [Declaration]

    init(_ declarations: [Declaration]) {
        self.declarations = declarations
    }
}

struct FunctionTypeSyntax: Sendable {
    let parameters: [LabelledTypeSyntax]
    let result: ValueTypeSyntax?
    let isAsync: Bool
}

struct LabelledTypeSyntax: Sendable {
    let label: String
    let type: ValueTypeSyntax
}

struct CaseSyntax: Sendable {
    let label: String
    let type: ValueTypeSyntax?
}

/// A reference to a value type.
enum ValueTypeSyntax: Sendable {
    case primitive(ValueType)
    case index(UInt32)
}

enum DefinedTypeSyntax: Sendable {
    case primitive(ValueType)
    case record([LabelledTypeSyntax])
    case variant([CaseSyntax])
    case list(ValueTypeSyntax)
    case fixedList(ValueTypeSyntax, count: UInt32)
    case tuple([ValueTypeSyntax])
    case flags([String])
    case enumeration([String])
    case option(ValueTypeSyntax)
    case result(ok: ValueTypeSyntax?, error: ValueTypeSyntax?)
    case own(UInt32)
    case borrow(UInt32)
    case stream(ValueTypeSyntax?)
    case future(ValueTypeSyntax?)
}

enum CanonSyntax: Sendable {
    case lift(function: UInt32, options: CanonOptionsSyntax, type: UInt32)
    case lower(function: UInt32, options: CanonOptionsSyntax)
    case resourceNew(type: UInt32)
    case resourceDrop(type: UInt32)
    case resourceRep(type: UInt32)
}

struct CanonOptionsSyntax: Sendable {
    var encoding: StringEncoding?
    var memory: UInt32?
    var realloc: UInt32?
    var postReturn: UInt32?
}
