/// Where an interface of a component is another one than a world's of the same name.
package struct WorldMismatch: Sendable, Hashable {
    /// As the component calls it.
    package var interface: String
    /// In WIT; nil for what it does not have.
    package var component: String?
    package var world: String?
    /// Where no text tells the difference.
    package var reason: String?

    package init(interface: String, component: String? = nil, world: String? = nil, reason: String? = nil) {
        self.interface = interface
        self.component = component
        self.world = world
        self.reason = reason
    }

    /// What the component and the world have for each other.
    struct Pair {
        let component: (name: String, entity: Entity)
        let world: (name: String, entity: Entity)
    }

    /// Who wants all of its members to be there.
    enum Side {
        case component
        case world
    }

    /// What differs in the interfaces.
    ///
    /// - Parameter reason: why they do not fit, for where their texts are the same.
    static func find(
        _ pairs: [Pair], _ component: ComponentInterfaces, _ world: ComponentInterfaces, wantsAllOf side: Side,
        reason: String
    ) -> [WorldMismatch] {
        var found: [WorldMismatch] = []
        for pair in pairs {
            guard let ours = try? Self.texts(pair.component.name, pair.component.entity, component),
                let theirs = try? Self.texts(pair.world.name, pair.world.entity, world)
            else { continue }
            for (member, _) in side == .component ? ours : theirs {
                let our = ours.first { $0.member == member }?.text
                let their = theirs.first { $0.member == member }?.text
                // What is used from elsewhere is compared there.
                let isUsed = [our, their].allSatisfy { $0?.hasPrefix("use ") == true }
                guard our != their, !isUsed else { continue }
                found.append(WorldMismatch(interface: pair.component.name, component: our, world: their))
            }
        }
        return found.isEmpty ? [WorldMismatch(interface: "types", reason: reason)] : found
    }

    /// The members of an interface in WIT, those of resources each by itself.
    private static func texts(
        _ name: String, _ entity: Entity, _ interfaces: ComponentInterfaces
    ) throws -> [(member: String, text: String)] {
        let names = try TypeNames(interfaces)
        guard case .instance(let id) = entity else {
            // It may use types of every interface, and of the component.
            var writer = InterfaceWriter(interfaces.arena, names: names, interface: "")
            try writer.write(try Self.types(of: interfaces) + [(name, entity)])
            return writer.items.last.map { [(name, $0.lines.joined(separator: " "))] } ?? []
        }
        var writer = InterfaceWriter(interfaces.arena, names: names, interface: name, alias: InterfaceName(name))
        try writer.write(try interfaces.arena.instance(id).exports.all)
        return writer.items.flatMap { item -> [(member: String, text: String)] in
            let lines = item.lines.map { String($0.drop { $0 == " " }) }
            guard let first = lines.first, first.hasPrefix("resource ") else {
                return [(item.name, lines.joined(separator: " "))]
            }
            return [(item.name, "resource \(item.name)")]
                + lines.dropFirst().dropLast().map { line in
                    ("\(item.name).\(line.prefix { $0 != ":" && $0 != "(" })", "\(item.name).\(line)")
                }
        }
    }

    /// All types that have a name.
    private static func types(of interfaces: ComponentInterfaces) throws -> [(name: String, entity: Entity)] {
        var types: [(name: String, entity: Entity)] = []
        for (name, entity) in interfaces.shape.imports.all + interfaces.shape.exports.all {
            switch entity {
            case .type: types.append((name, entity))
            case .instance(let id):
                for (name, entity) in try interfaces.arena.instance(id).exports.all {
                    if case .type = entity { types.append((name, entity)) }
                }
            case .function, .value, .module, .component: break
            }
        }
        return types
    }
}

extension WorldMismatch: CustomStringConvertible {
    package var description: String {
        if let reason = self.reason { return "\(self.interface): \(reason)" }
        func text(_ text: String?) -> String { text ?? "(nothing)" }
        return "\(self.interface)\n      component:   \(text(self.component))\n      environment: \(text(self.world))"
    }
}
