import ComponentModel

/// Counts the host memory and the files that one guest's resources hold, so that many small ones cannot add up.
///
/// Resources outlive calls, so each keeps a reference and gives back what it took when it goes.
package final class HostMemoryBudget {
    let limits: WASILimits
    package private(set) var bytes = 0
    package private(set) var openFiles = 0

    init(limits: WASILimits) {
        self.limits = limits
    }

    /// Takes `count` bytes.
    ///
    /// - Throws: `GuestFault` when the guest's resources would hold more than the limit.
    func take(_ count: Int) throws(GuestFault) {
        guard count <= self.limits.hostMemoryBytes - self.bytes else {
            throw GuestFault(
                "the guest's fields, texts and bodies hold more than \(self.limits.hostMemoryBytes) bytes of the host")
        }
        self.bytes += count
    }

    func give(back count: Int) {
        self.bytes -= count
    }

    var mayOpenFile: Bool { self.openFiles < self.limits.openFiles }

    /// Counts one more open file; false when there are as many as may be.
    func openFile() -> Bool {
        guard self.mayOpenFile else { return false }
        self.openFiles += 1
        return true
    }

    func closeFile() {
        self.openFiles -= 1
    }
}

/// Bytes of a budget that are in use as long as this object lives.
final class HostMemoryUse {
    private let count: Int
    private let budget: HostMemoryBudget

    init(_ count: Int, of budget: HostMemoryBudget) throws(GuestFault) {
        try budget.take(count)
        self.count = count
        self.budget = budget
    }

    deinit {
        self.budget.give(back: self.count)
    }
}
