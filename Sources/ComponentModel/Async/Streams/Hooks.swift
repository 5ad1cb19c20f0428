// Stands in for helper tasks' part until it is merged.
extension ComponentInstance {
    func insert(_ object: AnyObject, kind: UInt32, componentInstance: Int) throws -> UInt32 {
        let rep = self.resources.insert(object)
        do {
            return try self.withHandles(of: componentInstance) { try $0.insertOwn(rep: rep, type: kind) }
        } catch {
            self.resources.drop(at: rep)
            throw error
        }
    }

    func insert(_ waitable: Waitable, kind: UInt32, componentInstance: Int) throws -> UInt32 {
        waitable.handle = try self.insert(waitable as AnyObject, kind: kind, componentInstance: componentInstance)
        return waitable.handle
    }

    func object<T: AnyObject>(_ handle: UInt32, kind: UInt32, componentInstance: Int, as type: T.Type) throws -> T {
        let rep = try self.rep(of: handle, type: kind, in: componentInstance)
        return try self.resources.object(at: rep, as: type)
    }

    func removeObject<T: AnyObject>(
        _ handle: UInt32, kind: UInt32, componentInstance: Int, as type: T.Type
    ) throws -> T {
        let rep = try self.withHandles(of: componentInstance) { try $0.removeOwn(handle, type: kind) }
        return try self.resources.remove(at: rep, as: type)
    }

    var hostOperations: Int {
        get { 0 }
        set { _ = newValue }
    }
    func runInGuest(_ job: @escaping () throws -> Void) {}
    func block(until waitable: Waitable) throws {}
}
extension Waitable {
    func join(_ set: WaitableSet?) { self.set = set }
}
extension WaitableEvent {
    static let none = WaitableEvent(code: .none, first: 0, second: 0)
}
