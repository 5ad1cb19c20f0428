/// Resources that pass between the embedder and a guest.
extension ValueContext {
    private func type(of resource: ResourceID) -> UInt32 {
        self.resourceTypes.indices.contains(resource.index) ? self.resourceTypes[resource.index] : 0
    }

    func liftHandle(_ handle: UInt32, _ type: ValueType) throws -> ComponentValue {
        switch type {
        case .own(let id):
            let type = self.type(of: id)
            let rep = try self.instance.withHandles(of: self.componentInstance) {
                try $0.removeOwn(handle, type: type)
            }
            return .own(ComponentResource(owner: self.instance, type: type, representation: rep, isOwned: true))
        case .borrow(let id):
            let type = self.type(of: id)
            let rep =
                self.lendsBorrows
                ? try self.instance.lend(handle, type: type, componentInstance: self.componentInstance)
                : try self.instance.rep(of: handle, type: type, in: self.componentInstance)
            return .borrow(ComponentResource(owner: self.instance, type: type, representation: rep, isOwned: false))
        default:
            throw GuestFault("a handle of no resource type")
        }
    }

    func lowerOwn(_ resource: ComponentResource, _ id: ResourceID) throws -> UInt32 {
        guard !resource.isGone else { throw Self.gone }
        let handle = try self.instance.withHandles(of: self.componentInstance) {
            try $0.insertOwn(rep: resource.representation, type: resource.type)
        }
        resource.isGone = true
        return handle
    }

    func lowerBorrow(_ resource: ComponentResource, _ id: ResourceID) throws -> UInt32 {
        // Who implements the resource gets what it calls it, everybody else a handle.
        if self.instance.implements(id, componentInstance: self.componentInstance) { return resource.representation }
        return try self.instance.insertBorrow(
            rep: resource.representation, type: resource.type, componentInstance: self.componentInstance)
    }

    /// Whether a resource can be passed as this type.
    func check(_ resource: ComponentResource, _ id: ResourceID, isGiven: Bool, at path: String) throws {
        guard resource.owner === self.instance else {
            throw ValueError("the resource belongs to another instance", at: path)
        }
        guard resource.type == self.type(of: id) else { throw ValueError("the resource has another type", at: path) }
        guard !resource.isGone else { throw Self.gone }
        guard resource.isOwned || !isGiven else {
            throw ValueError("the resource is lent, and cannot be given away", at: path)
        }
    }

    static var gone: ValueError { ValueError("the resource was given away or dropped before") }
}
