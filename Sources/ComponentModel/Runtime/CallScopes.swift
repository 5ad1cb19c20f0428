/// The calls that run on one fiber and pass borrowed handles: what they were lent.
///
/// Calls on a fiber are nested, so this is a stack. Source: Component Model, `CanonicalABI.md`, "Subtask State" and
/// "Task State".
struct CallScopes {
    private struct Scope {
        /// Lenders before this call's.
        let firstLender: Int
        /// The number that borrow handles know the call by.
        let number: UInt32
    }

    /// A handle that is lent, and whose table it is in.
    struct Lender {
        let componentInstance: Int
        let handle: UInt32
    }

    private var scopes: [Scope] = []
    private var lenders: [Lender] = []

    /// The running call's number.
    var current: UInt32? { self.scopes.last?.number }
    var lenderCount: Int { self.lenders.count }

    mutating func enter(_ number: UInt32) {
        self.scopes.append(Scope(firstLender: self.lenders.count, number: number))
    }

    mutating func lend(_ lender: Lender) {
        self.lenders.append(lender)
    }

    /// Ends the running call. Gives its number, and how many lenders there were before it.
    mutating func exit() -> (number: UInt32, firstLender: Int)? {
        self.scopes.popLast().map { ($0.number, $0.firstLender) }
    }

    mutating func popLender(above count: Int) -> Lender? {
        self.lenders.count > count ? self.lenders.popLast() : nil
    }

    mutating func takeLenders(above count: Int) -> [Lender] {
        guard self.lenders.count > count else { return [] }
        let taken = Array(self.lenders[count...])
        self.lenders.removeLast(taken.count)
        return taken
    }
}

/// How many borrow handles are out, for each call that got some. Numbers are unique in an instance, and reused.
struct BorrowCounts {
    private var counts: [Int32] = []
    private var free: [UInt32] = []

    mutating func add() -> UInt32 {
        if let number = self.free.popLast() {
            self.counts[Int(number)] = 0
            return number
        }
        self.counts.append(0)
        return UInt32(self.counts.count - 1)
    }

    mutating func remove(_ number: UInt32) {
        self.free.append(number)
    }

    func count(of number: UInt32) -> Int32 {
        Int(number) < self.counts.count ? self.counts[Int(number)] : 0
    }

    mutating func change(_ number: UInt32, by difference: Int32) {
        guard Int(number) < self.counts.count else { return }
        self.counts[Int(number)] &+= difference
    }
}
