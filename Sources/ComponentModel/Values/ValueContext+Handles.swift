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
            return .own(ComponentResource(type: type, representation: rep, isOwned: true))
        case .borrow(let id):
            let type = self.type(of: id)
            let rep = try self.instance.rep(of: handle, type: type, in: self.componentInstance)
            return .borrow(ComponentResource(type: type, representation: rep, isOwned: false))
        default:
            throw GuestFault("a handle of no resource type")
        }
    }

    func lowerOwn(_ resource: ComponentResource, _ id: ResourceID) throws -> UInt32 {
        try self.check(resource, id)
        guard resource.isOwned else { throw ValueError("the resource is lent, and cannot be given away") }
        let handle = try self.instance.withHandles(of: self.componentInstance) {
            try $0.insertOwn(rep: resource.representation, type: resource.type)
        }
        resource.isGone = true
        return handle
    }

    func lowerBorrow(_ resource: ComponentResource, _ id: ResourceID) throws -> UInt32 {
        try self.check(resource, id)
        // Who implements the resource gets what it calls it, everybody else a handle.
        if self.instance.implements(id, componentInstance: self.componentInstance) { return resource.representation }
        return try self.instance.insertBorrow(
            rep: resource.representation, type: resource.type, componentInstance: self.componentInstance)
    }

    private func check(_ resource: ComponentResource, _ id: ResourceID) throws {
        guard resource.type == self.type(of: id) else { throw ValueError("the resource has another type") }
        guard !resource.isGone else { throw ValueError("the resource was given away or dropped before") }
    }
}
