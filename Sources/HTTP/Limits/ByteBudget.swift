import Synchronization

/// Bytes of memory that some may hold together, perhaps within the budget of all.
///
/// Used from any thread. Who holds a few bytes for a moment should not ask: the smallest claims cost more than they bound.
package final class ByteBudget: Sendable {
    package let limit: Int
    private let total: ByteBudget?
    private let used = Atomic(0)

    /// - Parameter total: where the bytes are needed, too.
    package init(_ limit: Int, within total: ByteBudget? = nil) {
        self.limit = max(0, limit)
        self.total = total
    }

    /// What is held now.
    package var usedBytes: Int { self.used.load(ordering: .relaxed) }

    /// True when nobody should begin to hold more.
    package var isFull: Bool { self.usedBytes >= self.limit || self.total?.isFull == true }

    /// Takes so many bytes, given back as the claim goes or says; nil where there are not as many.
    package func claim(_ bytes: Int) -> ByteClaim? {
        let claim = ByteClaim(self)
        return claim.grow(by: bytes) ? claim : nil
    }

    fileprivate func take(_ bytes: Int) -> Bool {
        // Nothing is taken that may have to be given back: it would be refused to others meanwhile.
        var used = self.used.load(ordering: .relaxed)
        while true {
            guard bytes <= self.limit &- used else { return false }
            let (isTaken, seen) = self.used.weakCompareExchange(
                expected: used, desired: used &+ bytes, ordering: .relaxed)
            if isTaken { break }
            used = seen
        }
        guard self.total?.take(bytes) ?? true else {
            self.used.wrappingSubtract(bytes, ordering: .relaxed)
            return false
        }
        return true
    }

    fileprivate func giveBack(_ bytes: Int) {
        self.used.wrappingSubtract(bytes, ordering: .relaxed)
        self.total?.giveBack(bytes)
    }
}

/// Bytes of a budget that somebody holds, as long as this lives. Used by one thread at a time.
package final class ByteClaim {
    private let budget: ByteBudget
    package private(set) var bytes = 0

    package init(_ budget: ByteBudget) {
        self.budget = budget
    }

    deinit { self.giveBack() }

    /// Takes more; false, and nothing is taken, where there are not as many.
    package func grow(by bytes: Int) -> Bool {
        guard bytes >= 0, self.budget.take(bytes) else { return false }
        self.bytes += bytes
        return true
    }

    /// Takes more, or gives some back; false, and nothing changes, where there are not as many.
    package func change(to bytes: Int) -> Bool {
        guard bytes < self.bytes else { return self.grow(by: bytes - self.bytes) }
        self.budget.giveBack(self.bytes - max(0, bytes))
        self.bytes = max(0, bytes)
        return true
    }

    package func giveBack() {
        if self.bytes > 0 { self.budget.giveBack(self.bytes) }
        self.bytes = 0
    }
}
