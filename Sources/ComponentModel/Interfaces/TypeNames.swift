/// Which interface of a component gives a type its name: the first that does. Others use it from there.
struct TypeNames {
    struct Owner: Hashable {
        /// Empty for the component itself.
        var interface: String
        var name: String
    }

    private var types: [TypeID: Owner] = [:]
    private var resources: [Variable: Owner] = [:]

    init(_ component: ComponentInterfaces) throws(ComponentError) {
        let arena = component.arena
        for (name, entity) in component.shape.imports.all + component.shape.exports.all {
            switch entity {
            case .type(let created, _): self.add(created, Owner(interface: "", name: name), arena)
            case .instance(let id):
                for (member, entity) in try arena.instance(id).exports.all {
                    try arena.spend()
                    if case .type(let created, _) = entity {
                        self.add(created, Owner(interface: name, name: member), arena)
                    }
                }
            default: break
            }
        }
    }

    private mutating func add(_ type: TypeID, _ owner: Owner, _ arena: TypeArena) {
        if let resource = arena.resource(type) {
            if self.resources[resource] == nil { self.resources[resource] = owner }
        } else if self.types[type] == nil {
            self.types[type] = owner
        }
    }

    /// Who names what a type stands for.
    func owner(of type: TypeID, _ arena: TypeArena) -> Owner? {
        arena.resource(type).map { self.resources[$0] } ?? self.types[type]
    }
}
