/// The host's objects that guests hold handles to: a representation is an index here.
package struct ResourceTable {
    private var slots: [AnyObject?] = []
    private var free: [UInt32] = []

    package init() {}

    /// Keeps `object` and gives its representation.
    package mutating func insert(_ object: AnyObject) -> UInt32 {
        if let index = self.free.popLast() {
            self.slots[Int(index)] = object
            return index
        }
        if self.slots.isEmpty { self.slots.reserveCapacity(16) }
        self.slots.append(object)
        return UInt32(self.slots.count - 1)
    }

    /// The object at `rep`. The caller has checked the handle's type, which has one class: `R`.
    package func object<R: AnyObject>(at rep: UInt32, as _: R.Type) throws -> R {
        guard Int(rep) < self.slots.count, let object = self.slots[Int(rep)] else {
            throw GuestFault("resource \(rep) is gone")
        }
        // The handle that led here was checked to be of the resource type whose class this is.
        return unsafeDowncast(object, to: R.self)
    }

    /// Takes the object at `rep` out.
    package mutating func remove<R: AnyObject>(at rep: UInt32, as type: R.Type) throws -> R {
        let object = try self.object(at: rep, as: type)
        self.slots[Int(rep)] = nil
        self.free.append(rep)
        return object
    }

    /// Lets go of the object at `rep`, if there is one.
    ///
    /// - Returns: the object, which thus goes when the table is whole again: what that leads to may come back here.
    @discardableResult
    package mutating func drop(at rep: UInt32) -> AnyObject? {
        guard Int(rep) < self.slots.count, let object = self.slots[Int(rep)] else { return nil }
        self.slots[Int(rep)] = nil
        self.free.append(rep)
        return object
    }

    /// Takes the ends of streams and futures out of them: their instance is being freed.
    func closeEnds(areCut: Bool) {
        // All copies first: who is told of the end of one stream may wake another, whose guest is going, too.
        for case let end as CopyEnd in self.slots { end.shared.stopCopy(of: end) }
        for case let end as CopyEnd in self.slots { end.vanish(isCut: areCut) }
    }
}
