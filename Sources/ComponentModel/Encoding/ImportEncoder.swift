/// The imports of several components as those of one that holds them: what has the same name, or a compatible version
/// of it, becomes one import that has what any of them wants.
final class ImportEncoder {
    typealias Item = ComponentWriter.Item

    /// Imports that become one.
    private final class Group {
        enum State {
            case waiting
            case inProgress
            case written(Item)
        }

        /// The newest of their names.
        var name: ExternName
        var sources: [(owner: String, entity: Entity)] = []
        var state = State.waiting

        init(_ name: ExternName) { self.name = name }
    }

    private let writer: ComponentWriter
    private let arena: TypeArena
    /// The types of the component that is written.
    let types: TypeEncoder
    /// Whether functions are left out of instances.
    private let isForTypesAlone: Bool
    private var groups: [String: Group] = [:]
    private var order: [String] = []
    /// Which import gives a type its name.
    private var owners: [TypeKey: String] = [:]

    init(_ writer: ComponentWriter, _ arena: TypeArena, isForTypesAlone: Bool = false) {
        self.writer = writer
        self.arena = arena
        self.isForTypesAlone = isForTypesAlone
        self.types = TypeEncoder(arena, writer)
        self.types.bringIn = { [unowned self] key in
            if let owner = self.owners[key] { _ = try self.write(owner) }
        }
    }

    /// Imports of one name are one, as are those of versions that may stand for each other.
    private static func key(_ name: ExternName) -> String {
        guard let interface = name.interface, let version = interface.version else { return name.text }
        return "\(interface.unversioned)@\(VersionText.compatibility(version))"
    }

    /// - Parameter owner: the component that has the import, for messages.
    func add(_ name: ExternName, _ entity: Entity, of owner: String) throws {
        let key = Self.key(name)
        let group = self.groups[key] ?? Group(name)
        if self.groups.updateValue(group, forKey: key) == nil { self.order.append(key) }
        if group.name.isOlder(than: name) { group.name = name }
        group.sources.append((owner, entity))
        switch entity {
        case .type(let created, _): self.claim(created, key)
        case .instance(let id):
            for case (_, .type(let created, _)) in try self.arena.instance(id).exports.all { self.claim(created, key) }
        default: break
        }
    }

    private func claim(_ type: TypeID, _ key: String) {
        let type = TypeKey(type, self.arena)
        if self.owners[type] == nil { self.owners[type] = key }
    }

    /// What stands for an import.
    func item(for name: ExternName) throws -> Item { try self.write(Self.key(name)) }

    func writeAll() throws {
        for key in self.order { _ = try self.write(key) }
    }

    /// The names of what was written.
    var written: [String] {
        self.order.compactMap { key in
            guard let group = self.groups[key], case .written = group.state else { return nil }
            return group.name.text
        }
    }

    // MARK: - One import

    private func write(_ key: String) throws -> Item {
        guard let group = self.groups[key], let first = group.sources.first else {
            throw EncodingProblem("there is no import \(key)")
        }
        switch group.state {
        case .written(let item): return item
        case .inProgress: throw EncodingProblem("the types of \(group.name) need each other")
        case .waiting: group.state = .inProgress
        }
        let item =
            switch first.entity {
            case .instance: try self.writeInstance(group, key)
            case .function(let id): self.writer.import(group.name.text, .function(try self.types.number(of: id)))
            case .type(let created, let referenced): try self.writeType(group, created, referenced, key)
            case .module, .component:
                throw EncodingProblem(
                    "`\(first.owner)` imports a \(first.entity.name), \(group.name), which a composition cannot have")
            }
        group.state = .written(item)
        return item
    }

    private func writeType(_ group: Group, _ created: TypeID, _ referenced: TypeID, _ key: String) throws -> Item {
        let isNew = self.arena.resource(created) != nil && self.owners[TypeKey(created, self.arena)] == key
        let item = self.writer.import(
            group.name.text, isNew ? .resource : .equal(try self.types.number(of: referenced)))
        for case (_, .type(let created, _)) in group.sources { self.types.bind(created, to: item.index) }
        return item
    }

    private func writeInstance(_ group: Group, _ key: String) throws -> Item {
        let declarations = InstanceTypeWriter()
        var members = InstanceMembers(declarations, TypeEncoder(self.arena, declarations, outer: self.types))
        for (owner, entity) in group.sources {
            guard case .instance(let id) = entity else { throw Self.conflict(group, owner, "") }
            for (name, member) in try self.arena.instance(id).exports.all {
                try self.arena.spend()
                switch member {
                case .type(let created, let referenced):
                    let isNew = self.owners[TypeKey(created, self.arena)] == key
                    guard try members.add(type: name, created, referenced, isNew: isNew) else {
                        throw Self.conflict(group, owner, " in `\(name)`")
                    }
                case .function where self.isForTypesAlone: continue
                case .function(let type):
                    guard try members.add(function: name, type) else {
                        throw Self.conflict(group, owner, " in `\(name)`")
                    }
                case .instance, .module, .component:
                    throw EncodingProblem("`\(owner)` imports \(group.name), in which `\(name)` is a \(member.name)")
                }
            }
        }
        let instance = self.writer.import(group.name.text, .instance(self.writer.define(declarations.encoded)))
        // What others use of it.
        for name in members.typeNames {
            let type = self.writer.alias(name, of: instance, .type)
            for (_, entity) in group.sources {
                guard case .instance(let id) = entity,
                    case .type(let created, _) = try self.arena.instance(id).exports[name]
                else { continue }
                self.types.bind(created, to: type.index)
            }
        }
        return instance
    }

    private static func conflict(_ group: Group, _ owner: String, _ place: String) -> EncodingProblem {
        let others = Set(group.sources.map(\.owner)).subtracting([owner]).sorted().map { "`\($0)`" }
        return EncodingProblem(
            "`\(owner)` imports \(group.name) with other types\(place) than \(others.joined(separator: ", "))")
    }
}
