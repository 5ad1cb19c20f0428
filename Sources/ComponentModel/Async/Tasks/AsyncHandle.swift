/// What besides resources stands in handle tables: "types" of its entries that no resource type has.
///
/// The entry's representation is an index into ``ComponentInstance/resources``.
enum AsyncHandle {
    static let subtask: UInt32 = .max - 1
    static let waitableSet: UInt32 = .max - 2
    static let errorContext: UInt32 = .max - 3
    static let readableStream: UInt32 = .max - 4
    static let writableStream: UInt32 = .max - 5
    static let readableFuture: UInt32 = .max - 6
    static let writableFuture: UInt32 = .max - 7

    /// The smallest: all from here on are none of resources.
    static let first: UInt32 = .max - 7

    static func isWaitable(_ kind: UInt32) -> Bool {
        kind == Self.subtask || (kind >= Self.writableFuture && kind <= Self.readableStream)
    }

    /// For messages.
    static func name(_ kind: UInt32) -> String {
        switch kind {
        case Self.subtask: "subtask"
        case Self.waitableSet: "waitable-set"
        case Self.errorContext: "error-context"
        case Self.readableStream: "readable stream end"
        case Self.writableStream: "writable stream end"
        case Self.readableFuture: "readable future end"
        case Self.writableFuture: "writable future end"
        default: "resource"
        }
    }
}

/// Handles of the asynchronous model.
extension ComponentInstance {
    /// Puts `object` into a component instance's table. A waitable learns its handle.
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

    /// The object behind a handle of one kind, which has one class.
    func object<T: AnyObject>(_ handle: UInt32, kind: UInt32, componentInstance: Int, as type: T.Type) throws -> T {
        let rep = try self.rep(of: handle, type: kind, in: componentInstance)
        return try self.resources.object(at: rep, as: type)
    }

    /// Takes a handle out of the table. Check first whether it may be: nothing is put back.
    func removeObject<T: AnyObject>(
        _ handle: UInt32, kind: UInt32, componentInstance: Int, as type: T.Type
    ) throws -> T {
        let rep = try self.withHandles(of: componentInstance) { try $0.removeOwn(handle, type: kind) }
        return try self.resources.remove(at: rep, as: type)
    }

    /// A subtask, or an end of a stream or future.
    func waitable(_ handle: UInt32, componentInstance: Int) throws -> Waitable {
        let kind = try self.withHandles(of: componentInstance) { try $0.type(of: handle) }
        guard AsyncHandle.isWaitable(kind) else {
            throw GuestFault("handle index \(handle) is a \(AsyncHandle.name(kind)), which cannot be waited for")
        }
        return try self.object(handle, kind: kind, componentInstance: componentInstance, as: Waitable.self)
    }
}
