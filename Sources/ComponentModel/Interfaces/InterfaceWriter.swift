/// Writes one interface of a component in WIT, or the functions that a component imports or exports by themselves.
struct InterfaceWriter {
    typealias Problem = ComponentInterfaces.Problem

    /// One item of an interface, by its name; lines without indentation.
    struct Item {
        var name: String
        var lines: [String]
    }

    private let arena: TypeArena
    private let names: TypeNames
    /// The interface; empty for the component itself.
    private let interface: String
    /// The name that it is written under.
    private let alias: InterfaceName?
    /// What types are called here.
    private var types: [TypeID: String] = [:]
    private var resources: [Variable: String] = [:]
    private(set) var items: [Item] = []
    /// Interfaces that this one uses types of.
    private(set) var used: [String] = []

    init(_ arena: TypeArena, names: TypeNames, interface: String, alias: InterfaceName? = nil) {
        self.arena = arena
        self.names = names
        self.interface = interface
        self.alias = alias
    }

    /// Writes the members: types, resources with their methods, functions.
    mutating func write(_ members: [(name: String, entity: Entity)]) throws {
        for (name, entity) in members {
            try self.arena.spend()
            guard case .type(let created, let referenced) = entity else { continue }
            try self.write(type: name, created, referenced)
        }
        for (name, entity) in members {
            guard case .function(let id) = entity else { continue }
            try self.write(function: name, try self.arena.function(id))
        }
    }

    private mutating func add(_ name: String, _ lines: [String]) {
        self.items.append(Item(name: name, lines: lines))
    }

    // MARK: - Types

    private mutating func write(type name: String, _ created: TypeID, _ referenced: TypeID) throws {
        defer {
            if let resource = self.arena.resource(created) {
                if self.resources[resource] == nil { self.resources[resource] = name }
            } else {
                self.types[created] = name
                if self.types[referenced] == nil { self.types[referenced] = name }
            }
        }
        let spelled = Self.spell(name)
        let here = TypeNames.Owner(interface: self.interface, name: name)
        if let owner = self.names.owner(of: referenced, self.arena), owner != here {
            if owner.interface == self.interface {
                return self.add(name, ["type \(spelled) = \(Self.spell(owner.name));"])
            }
            guard let interface = InterfaceName(owner.interface) else {
                throw Problem(
                    "the type `\(name)` of \(self.place) comes from `\(owner.interface)`, which is no interface")
            }
            if !self.used.contains(owner.interface) { self.used.append(owner.interface) }
            let alias = owner.name == name ? spelled : "\(Self.spell(owner.name)) as \(spelled)"
            return self.add(name, ["use \(self.path(to: interface)).{\(alias)};"])
        }
        switch self.arena[referenced].definition {
        case .resource: self.add(name, ["resource \(spelled);"])
        case .value(let type): self.add(name, try self.lines(of: type, spelled))
        case .function, .instance, .component:
            throw Problem("`\(name)` of \(self.place) is a type that WIT does not have")
        }
    }

    private func lines(of type: DefinedValueType, _ name: String) throws -> [String] {
        func block(_ head: String, _ lines: [String]) -> [String] {
            ["\(head) \(name) {"] + lines.map { "  \($0)," } + ["}"]
        }
        switch type {
        case .record(let fields):
            return block("record", try fields.map { "\(Self.spell($0.name)): \(try self.spell($0.type))" })
        case .variant(let cases):
            return block(
                "variant",
                try cases.map { Self.spell($0.name) + (try $0.type.map { "(\(try self.spell($0)))" } ?? "") })
        case .flags(let labels): return block("flags", labels.map { Self.spell($0) })
        case .enumeration(let labels): return block("enum", labels.map { Self.spell($0) })
        default: return ["type \(name) = \(try self.spell(type));"]
        }
    }

    private func spell(_ reference: ValueReference) throws -> String {
        switch reference {
        case .primitive(let type): return Self.spell(primitive: type)
        case .type(let id):
            try self.arena.spend()
            if let name = self.types[id] { return Self.spell(name) }
            guard case .value(let type) = self.arena[id].definition else {
                throw Problem("\(self.place) uses a type that is no value type")
            }
            return try self.spell(type)
        }
    }

    /// A type without a name of its own.
    private func spell(_ type: DefinedValueType) throws -> String {
        func optional(_ word: String, _ type: ValueReference?) throws -> String {
            try type.map { "\(word)<\(try self.spell($0))>" } ?? word
        }
        switch type {
        case .primitive(let type): return Self.spell(primitive: type)
        case .list(let element): return "list<\(try self.spell(element))>"
        case .fixedList(let element, let count): return "list<\(try self.spell(element)), \(count)>"
        case .map(let key, let value): return "map<\(try self.spell(key)), \(try self.spell(value))>"
        case .tuple(let parts): return "tuple<\(try parts.map { try self.spell($0) }.joined(separator: ", "))>"
        case .option(let part): return "option<\(try self.spell(part))>"
        case .result(let ok, nil): return try optional("result", ok)
        case .result(let ok, let error?):
            return "result<\(try ok.map { try self.spell($0) } ?? "_"), \(try self.spell(error))>"
        case .own(let id): return try self.spell(resource: id)
        case .borrow(let id): return "borrow<\(try self.spell(resource: id))>"
        case .stream(let part): return try optional("stream", part)
        case .future(let part): return try optional("future", part)
        case .record, .variant, .flags, .enumeration:
            throw Problem("\(self.place) uses a \(type.name) that has no name there")
        }
    }

    private func spell(resource id: TypeID) throws -> String {
        guard let resource = self.arena.resource(id), let name = self.resources[resource] else {
            throw Problem("\(self.place) uses a resource that has no name there")
        }
        return Self.spell(name)
    }

    private static func spell(primitive type: ValueType) -> String {
        type == .errorContext ? "error-context" : "\(type)"
    }

    // MARK: - Functions

    private mutating func write(function text: String, _ shape: FunctionShape) throws {
        guard let name = ExternName(text) else { throw Problem("`\(text)` of \(self.place) is no name") }
        let start = shape.isAsync ? "async func" : "func"
        switch name.kind {
        case .constructor(let resource):
            var line = "constructor\(try self.parameters(shape.parameters[...]))"
            if case .type(let id)? = shape.result, case .value(.result) = self.arena[id].definition {
                line += " -> \(try self.spell(.type(id)))"
            }
            try self.add("\(line);", to: resource)
        case .method(let resource, let name):
            let line = "\(Self.spell(name)): \(start)" + (try self.signature(shape, shape.parameters.dropFirst()))
            try self.add("\(line);", to: resource)
        case .static(let resource, let name):
            let line = "\(Self.spell(name)): static \(start)" + (try self.signature(shape, shape.parameters[...]))
            try self.add("\(line);", to: resource)
        case .plain:
            self.add(text, ["\(Self.spell(text)): \(start)\(try self.signature(shape, shape.parameters[...]));"])
        default: throw Problem("`\(text)` of \(self.place) is no name of a function")
        }
    }

    private mutating func add(_ line: String, to resource: String) throws {
        guard let index = self.items.firstIndex(where: { $0.name == resource }),
            self.items[index].lines.first?.hasPrefix("resource ") == true
        else { throw Problem("\(self.place) has a method of `\(resource)`, which is no resource of its own") }
        let isFirst = self.items[index].lines.count == 1
        self.items[index].lines.removeLast()
        if isFirst { self.items[index].lines = ["resource \(Self.spell(resource)) {"] }
        self.items[index].lines += ["  \(line)", "}"]
    }

    private func signature(_ shape: FunctionShape, _ parameters: ArraySlice<FunctionShape.Parameter>) throws -> String {
        try self.parameters(parameters) + (try shape.result.map { " -> \(try self.spell($0))" } ?? "")
    }

    private func parameters(_ parameters: ArraySlice<FunctionShape.Parameter>) throws -> String {
        "(\(try parameters.map { "\(Self.spell($0.name)): \(try self.spell($0.type))" }.joined(separator: ", ")))"
    }

    // MARK: - Names

    private var place: String { self.interface.isEmpty ? "the component" : "`\(self.interface)`" }

    /// How an interface is named from here.
    private func path(to other: InterfaceName) -> String {
        if let here = self.alias, here.namespace == other.namespace, here.package == other.package,
            here.version == other.version
        {
            return Self.spell(other.interface)
        }
        return Self.spell(other)
    }

    static func spell(_ name: InterfaceName) -> String {
        "\(self.spell(name.namespace)):\(self.spell(name.package))/\(self.spell(name.interface))"
            + (name.version.map { "@\($0)" } ?? "")
    }

    /// Names that are words of WIT are marked.
    static func spell(_ name: String) -> String { self.keywords.contains(name) ? "%\(name)" : name }

    private static let keywords: Set<String> = [
        "as", "async", "bool", "borrow", "char", "constructor", "enum", "error-context", "export", "f32", "f64",
        "flags", "from", "func", "future", "import", "include", "interface", "list", "map", "option", "own", "package",
        "record", "resource", "result", "s16", "s32", "s64", "s8", "static", "stream", "string", "tuple", "type",
        "u16", "u32", "u64", "u8", "use", "variant", "with", "world",
    ]
}
