import WasmEngine

/// Handle tables, and what calls lend and borrow.
extension ComponentInstance {
    func rep(of handle: UInt32, type: UInt32, in componentInstance: Int) throws -> UInt32 {
        try self.handleTables[componentInstance].rep(of: handle, type: type)
    }

    func withHandles<R>(of componentInstance: Int, _ body: (inout HandleTable) throws -> R) rethrows -> R {
        try body(&self.handleTables[componentInstance])
    }

    /// Gives `object` to the guest: a new own handle in the table of `componentInstance`.
    package func insert(_ object: AnyObject, _ type: HostResourceType, componentInstance: Int) throws -> UInt32 {
        let rep = self.resources.insert(object)
        do {
            return try self.handleTables[componentInstance].insertOwn(rep: rep, type: type.id)
        } catch {
            self.resources.drop(at: rep)
            throw error
        }
    }

    /// Lends a handle to the call that runs. Gives its representation.
    func lend(_ handle: UInt32, type: UInt32, componentInstance: Int) throws -> UInt32 {
        // Without a guest there is no call to end the loan.
        guard self.component != nil else {
            return try self.handleTables[componentInstance].rep(of: handle, type: type)
        }
        let rep = try self.handleTables[componentInstance].lend(handle, type: type)
        self.scopes.lend(.init(componentInstance: componentInstance, handle: handle))
        return rep
    }

    package var lenderCount: Int { self.scopes.lenderCount }

    package func endLends(downTo count: Int) {
        while let lender = self.scopes.popLender(above: count) { self.endLend(lender) }
    }

    func endLend(_ lender: CallScopes.Lender) {
        self.handleTables[lender.componentInstance].endLend(lender.handle)
    }

    /// What was lent since there were `count` loans: whoever takes them must end them.
    func takeLenders(above count: Int) -> [CallScopes.Lender] {
        self.scopes.takeLenders(above: count)
    }

    func enterScope() {
        self.scopes.enter(self.borrows.add())
    }

    /// Ends the call that `enterScope` began: fails when handles that it borrowed are still there.
    func exitScope() throws {
        guard let (number, firstLender) = self.scopes.exit() else { return }
        guard self.borrows.count(of: number) == 0 else {
            throw GuestFault("borrow handles still remain at the end of the call")
        }
        self.borrows.remove(number)
        self.endLends(downTo: firstLender)
    }

    // MARK: Borrows of tasks

    func makeBorrowScope() -> UInt32 { self.borrows.add() }
    func freeBorrowScope(_ number: UInt32) { self.borrows.remove(number) }
    func borrowCount(of number: UInt32) -> Int32 { self.borrows.count(of: number) }

    /// Runs `body`, which lowers borrowed handles for the task with that scope.
    func lowering(into scope: UInt32?, _ body: () throws -> Void) throws {
        guard let scope else { return try body() }
        self.scopes.enter(scope)
        try body()
        _ = self.scopes.exit()
    }

    /// A borrow handle for the call that runs.
    package func insertBorrow(rep: UInt32, type: UInt32, componentInstance: Int) throws -> UInt32 {
        guard let scope = self.scopes.current else {
            // Only tests lend without a call.
            return try self.handleTables[componentInstance].insertBorrow(rep: rep, type: type, scope: .max - 1)
        }
        let handle = try self.handleTables[componentInstance].insertBorrow(rep: rep, type: type, scope: scope)
        self.borrows.change(scope, by: 1)
        return handle
    }

    /// Run-time numbers of the plan's resource types.
    var resourceTypes: [UInt32] { self.component?.resourceTypes ?? [] }

    /// Names of the plan's resource types, for signatures.
    var resourceNames: [String] { self.component?.resourceNames ?? [] }

    /// Whether a component instance defines a resource type.
    func implements(_ resource: ResourceID, componentInstance: Int) -> Bool {
        guard let resources = self.component?.plan.resources, resources.indices.contains(resource.index),
            case .defined(componentInstance, _) = resources[resource.index]
        else { return false }
        return true
    }

    /// Ends a resource that nobody in the guest holds: runs its destructor, or lets go of the host's object.
    func destroy(_ rep: UInt32, type: UInt32) throws {
        guard type >= HostResourceType.localIDs else {
            self.resources.drop(at: rep)
            return
        }
        guard let component = self.component,
            case .defined(_, let destructor?) = component.plan.resources[Int(type - HostResourceType.localIDs)]
        else { return }
        try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: 1) { slots in
            FlatValues(slots).set(i32: rep, at: 0)
            try self.callSlot(component.functionSlots[destructor], slots)
        }
    }

    func dropHandle(_ handle: UInt32, of resource: RuntimeTrampoline.Resource) throws {
        let removed = try self.handleTables[resource.componentInstance].remove(handle, type: resource.type)
        if let scope = removed.scope { return self.borrows.change(scope, by: -1) }
        let rep = removed.rep
        if resource.type < HostResourceType.localIDs {
            self.resources.drop(at: rep)
        } else if let destructor = resource.destructor {
            if let definer = resource.definer { try self.enterTask(componentInstance: definer) }
            try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: 1) { slots in
                FlatValues(slots).set(i32: rep, at: 0)
                try self.callSlot(destructor, slots)
            }
            if resource.definer != nil { try self.exitTask() }
        }
    }
}
