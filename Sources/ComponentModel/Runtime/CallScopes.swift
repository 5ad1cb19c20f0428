/// The calls that run now and pass borrowed handles: what they were lent, and how many borrows are still out.
///
/// Calls are nested, so this is a stack. Source: Component Model, `CanonicalABI.md`, "Subtask State" and "Task State".
struct CallScopes {
    private struct Scope {
        /// Lenders before this call's.
        let firstLender: Int
        /// Borrow handles that were given to the callee and not dropped yet.
        var borrows: Int
    }

    /// A handle that is lent, and whose table it is in.
    struct Lender {
        let componentInstance: Int
        let handle: UInt32
    }

    private var scopes: [Scope] = []
    private var lenders: [Lender] = []

    /// The running call's number.
    var current: UInt32 { UInt32(truncatingIfNeeded: self.scopes.count &- 1) }
    var lenderCount: Int { self.lenders.count }

    mutating func enter() {
        self.scopes.append(Scope(firstLender: self.lenders.count, borrows: 0))
    }

    mutating func lend(_ lender: Lender) {
        self.lenders.append(lender)
    }

    mutating func addBorrow() {
        guard !self.scopes.isEmpty else { return }
        self.scopes[self.scopes.count - 1].borrows += 1
    }

    /// A borrow handle of the call with that number was dropped.
    mutating func dropBorrow(scope: UInt32) {
        guard self.scopes.indices.contains(Int(scope)) else { return }
        self.scopes[Int(scope)].borrows -= 1
    }

    /// Ends the running call. Gives how many lenders there were before it.
    mutating func exit() throws -> Int {
        guard let scope = self.scopes.popLast() else { return self.lenders.count }
        guard scope.borrows == 0 else {
            throw GuestFault("borrow handles still remain at the end of the call")
        }
        return scope.firstLender
    }

    mutating func popLender(above count: Int) -> Lender? {
        self.lenders.count > count ? self.lenders.popLast() : nil
    }
}
