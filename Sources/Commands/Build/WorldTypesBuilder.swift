import ComponentModel
import WIT

/// From a world in WIT to its types as components have them.
final class WorldTypesBuilder {
    private let model: ResolvedModel
    private let types = WorldTypes()
    /// Interfaces that the world exports: what others export uses their types, rather than those of the imports.
    private let exports: Set<InterfaceID>
    private var interfaces: [WorldTypes.Direction: [InterfaceID: InterfaceTypes]] = [:]

    private init(_ world: ResolvedWorld, _ model: ResolvedModel) {
        self.model = model
        self.exports = Set(
            world.exports.compactMap { item in
                guard case .interface(let id) = item.kind, item.name == nil else { return nil }
                return id
            })
    }

    static func types(of world: ResolvedWorld, in model: ResolvedModel) throws -> WorldTypes {
        let builder = WorldTypesBuilder(world, model)
        let own = InterfaceTypes(nil, model, builder.types) { try builder.interface($0, .import) }
        for (items, direction) in [(world.imports, WorldTypes.Direction.import), (world.exports, .export)] {
            for item in items { try builder.add(item, direction, own) }
        }
        return builder.types
    }

    private func add(_ item: ResolvedWorld.Item, _ direction: WorldTypes.Direction, _ own: InterfaceTypes) throws {
        switch item.kind {
        case .interface(let id):
            if let name = item.name {
                try self.types.add(name, interface: self.members(of: id, direction).members, direction)
            } else {
                _ = try self.interface(id, direction)
            }
        case .function(let function):
            try self.types.add(function.name, .function(own.shape(of: function)), direction)
        case .type(let id):
            _ = try own.id(of: id)
            for (name, member) in own.takeMembers() { try self.types.add(name, member, direction) }
        }
    }

    /// The types of an interface; one whose types are used is imported, whether or not the world says so.
    private func interface(_ id: InterfaceID, _ direction: WorldTypes.Direction) throws -> InterfaceTypes {
        if let known = self.interfaces[direction]?[id] { return known }
        let types = try self.members(of: id, direction)
        self.interfaces[direction, default: [:]][id] = types
        let package = self.model[self.model[id].package].name
        let version = package.version.map { "@\($0)" } ?? ""
        guard let name = self.model[id].name else { return types }
        try self.types.add("\(package.unversioned)/\(name)\(version)", interface: types.members, direction)
        return types
    }

    private func members(of id: InterfaceID, _ direction: WorldTypes.Direction) throws -> InterfaceTypes {
        let types = InterfaceTypes(id, self.model, self.types) { [exports = self.exports] other in
            try self.interface(other, direction == .export && exports.contains(other) ? .export : .import)
        }
        for use in self.model[id].uses { try types.use(use) }
        for type in self.model[id].types { _ = try types.id(of: type) }
        for function in self.model[id].functions { try types.add(function) }
        return types
    }
}
