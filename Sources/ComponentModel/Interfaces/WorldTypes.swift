/// The types of a world as somebody says them who has no binary of it: what components are checked against.
package final class WorldTypes {
    package enum Direction: Sendable {
        case `import`
        case export
    }

    /// A member of an interface, or of the world itself.
    package enum Member {
        /// A name for a type, and what it stands for.
        case type(TypeID, of: TypeID)
        case resource(TypeID)
        case function(FunctionShape)
    }

    let arena = TypeArena()
    private(set) var shape = ComponentShape()

    package init() {}

    /// A type without a name.
    package func define(_ type: DefinedValueType) throws -> TypeID { try self.arena.add(.value(type)) }

    /// A resource type that is no other one.
    package func defineResource() throws -> TypeID { try self.arena.add(.resource(self.arena.newResource())) }

    /// A name of its own for a type.
    package func alias(_ type: TypeID) -> TypeID { self.arena.alias(type) }

    package func add(_ name: String, interface members: [(name: String, member: Member)], _ direction: Direction) throws
    {
        var interface = InstanceShape()
        for (member, content) in members {
            let entity = try self.entity(content)
            interface.exports.add(member, entity)
            self.bind(entity, content, [name, member], direction)
        }
        self.add(name, .instance(try self.arena.add(.instance(interface))), direction)
    }

    package func add(_ name: String, _ member: Member, _ direction: Direction) throws {
        let entity = try self.entity(member)
        self.bind(entity, member, [name], direction)
        self.add(name, entity, direction)
    }

    private func entity(_ member: Member) throws -> Entity {
        switch member {
        case .type(let name, let type): .type(created: name, referenced: type)
        case .resource(let type): .type(created: type, referenced: type)
        case .function(let shape): .function(try self.arena.add(.function(shape)))
        }
    }

    private func add(_ name: String, _ entity: Entity, _ direction: Direction) {
        switch direction {
        case .import: self.shape.imports.add(name, entity)
        case .export: self.shape.exports.add(name, entity)
        }
    }

    /// Resource types are supplied by whoever instantiates the world, or new in each instance.
    private func bind(_ entity: Entity, _ member: Member, _ path: [String], _ direction: Direction) {
        guard case .resource = member, case .type(let type, _) = entity, let variable = self.arena.resource(type) else {
            return
        }
        let resource = BoundResource(variable: variable, path: path)
        switch direction {
        case .import: self.shape.importedResources.append(resource)
        case .export: self.shape.definedResources.append(resource)
        }
    }
}
