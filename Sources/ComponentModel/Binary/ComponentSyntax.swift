/// A component as its bytes say it: indices are not resolved yet.
final class ComponentSyntax: Sendable {
    let offset: Int
    let definitions: [Definition]
    /// Names of core modules by index, from the name section; for messages.
    let coreModuleNames: [UInt32: String]

    init(offset: Int, definitions: [Definition], coreModuleNames: [UInt32: String]) {
        self.offset = offset
        self.definitions = definitions
        self.coreModuleNames = coreModuleNames
    }
}

/// One entry of a section, with its place in the file for messages.
struct Definition: Sendable {
    enum Kind: Sendable {
        case coreModule(Range<Int>)
        case coreInstance(CoreInstanceSyntax)
        case coreType(CoreTypeSyntax)
        case component(ComponentSyntax)
        case instance(InstanceSyntax)
        case alias(AliasSyntax)
        case type(TypeSyntax)
        case canon(CanonSyntax)
        case `import`(ExternSyntax)
        case export(ExportSyntax)
        case start(StartSyntax)
        case value(ValueSyntax)
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

    /// As messages call it, and the text format.
    var name: String { self == .function ? "func" : "\(self)" }
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
        case .core(.module): "module"
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
    case exports([ExportSyntax])
}

enum AliasSyntax: Sendable {
    case export(Sort, instance: UInt32, name: String)
    case coreExport(CoreSort, instance: UInt32, name: String)
    case outer(Sort, count: UInt32, index: UInt32)
}

/// An import, or an export declared in a type.
struct ExternSyntax: Sendable {
    let name: ExternName
    let attributes: ExternAttributes
    let type: ExternTypeSyntax
}

/// What a name says beside itself; it never identifies anything.
struct ExternAttributes: Sendable {
    var implements: String?
    var versionSuffix: String?
    var externalID: String?
}

struct ExportSyntax: Sendable {
    let name: ExternName
    let attributes: ExternAttributes
    let item: SortIndex
    let type: ExternTypeSyntax?
}

enum ExternTypeSyntax: Sendable {
    case coreModule(UInt32)
    case function(UInt32)
    case typeEqual(UInt32)
    case typeResource
    case value(ValueTypeSyntax)
    /// The very value with that index.
    case valueEqual(UInt32)
    case component(UInt32)
    case instance(UInt32)
}

/// A call that instantiating the component makes.
struct StartSyntax: Sendable {
    let function: UInt32
    /// Value indices.
    let arguments: [UInt32]
    /// How many values it says that the call adds.
    let resultCount: UInt32
}

/// A value that is written down in the component.
struct ValueSyntax: Sendable {
    let type: ValueTypeSyntax
    /// Bytes of the file; what they mean depends on the type.
    let encoding: Range<Int>
}

enum TypeSyntax: Sendable {
    case value(DefinedTypeSyntax)
    case function(FunctionTypeSyntax)
    case component(DeclarationsSyntax)
    case instance(DeclarationsSyntax)
    case resource(representation: CoreType, destructor: UInt32?)
}

/// A core type of a component or of a component or instance type.
enum CoreTypeSyntax: Sendable {
    /// A recursion group; its types refer to others by index.
    case group([CoreSubtype])
    case module([ModuleDeclaration])

    /// The core types that it adds: those of functions of numbers, nil for others.
    var functionTypes: [CoreFunctionType?] {
        switch self {
        case .group(let types): types.map { CoreFunctionType($0.composite) }
        case .module: [nil]
        }
    }
}

/// One declaration of a core module type.
struct ModuleDeclaration: Sendable {
    enum Kind: Sendable {
        case `import`(module: String, name: String, type: CoreEntityType)
        case type([CoreSubtype])
        case outerType(count: UInt32, index: UInt32)
        case export(name: String, type: CoreEntityType)
    }

    let offset: Int
    let kind: Kind
}

/// The body of a component or instance type.
final class DeclarationsSyntax: Sendable {
    struct Declaration: Sendable {
        enum Kind: Sendable {
            case coreType(CoreTypeSyntax)
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
    case map(key: ValueTypeSyntax, value: ValueTypeSyntax)
    case option(ValueTypeSyntax)
    case result(ok: ValueTypeSyntax?, error: ValueTypeSyntax?)
    case own(UInt32)
    case borrow(UInt32)
    case stream(ValueTypeSyntax?)
    case future(ValueTypeSyntax?)
}
