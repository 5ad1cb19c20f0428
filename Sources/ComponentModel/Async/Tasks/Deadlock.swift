/// All tasks of an instance wait for each other.
package struct Deadlock: Error, Hashable, CustomStringConvertible {
    /// What each waits for, as clauses.
    package let waiting: [String]

    init(_ waiting: [String]) {
        self.waiting = waiting
    }

    package var description: String {
        "deadlock detected: nothing in the component can go on: "
            + (self.waiting.isEmpty ? "nothing runs" : self.waiting.prefix(8).joined(separator: "; "))
    }
}

extension GuestFault {
    /// A synchronous function may not wait: its caller would have to.
    static let cannotBlock = GuestFault("cannot block a synchronous task before returning")
}
