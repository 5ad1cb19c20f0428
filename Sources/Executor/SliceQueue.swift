package import NIOCore

/// The guests of one event loop whose time slice is over: each gets its next one in turn, and between two of them the
/// loop sees to its sockets.
///
/// NIO runs tasks until none is due before it looks at its sockets again. A guest that computes for ever, resumed by a
/// task that the last one made, would keep the loop from them for ever; so would two that take turns. Hence one timer
/// for all of them, set anew when a slice has ended.
///
/// A guest that has had many slices is a burner: while the loop is busy with others, all burners together get a
/// quarter of its time. What an ordinary request computes is over before it counts as one.
package final class SliceQueue {
    /// From the end of one guest's slice to the start of the next: enough for the loop to find no task due.
    private static let pause: TimeAmount = .microseconds(20)
    /// A timer that fires so late was held up by other work.
    private static let busyDelay: TimeAmount = .microseconds(150)
    /// So many times the length of a burner's slice is for others before its next one.
    private static let shareOfOthers: Int64 = 3
    /// Slices after which a guest counts as a burner: some 50 ms.
    package static let burnerSlices = 25

    private let eventLoop: any EventLoop
    private var waiting: CircularBuffer<() -> Void> = []
    private var burners: CircularBuffer<() -> Void> = []
    private var isScheduled = false
    /// What others must still get, in nanoseconds, before a burner's turn.
    private var owed: Int64 = 0

    package init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Calls `resume` when it is this guest's turn, never before this returns.
    ///
    /// - Parameter slices: how many the guest has had.
    package func add(slices: Int = 0, _ resume: @escaping () -> Void) {
        if slices >= Self.burnerSlices {
            self.burners.append(resume)
        } else {
            self.waiting.append(resume)
        }
        self.schedule()
    }

    private func schedule() {
        guard !self.isScheduled, !self.waiting.isEmpty || !self.burners.isEmpty else { return }
        self.isScheduled = true
        let due = self.eventLoop.now + Self.pause
        self.eventLoop.assumeIsolated().scheduleTask(deadline: due) {
            // Set only after the slice: the pause begins when it ends.
            self.serve(due: due)
            self.isScheduled = false
            self.schedule()
        }
    }

    private func serve(due: NIODeadline) {
        let start = self.eventLoop.now
        let delay = start - due
        // With nothing else to do there is nobody to owe anything.
        self.owed = delay < Self.busyDelay && self.waiting.isEmpty ? 0 : self.owed - delay.nanoseconds
        if self.owed <= 0, let burner = self.burners.popFirst() {
            burner()
            self.owed = (self.eventLoop.now - start).nanoseconds * Self.shareOfOthers
        } else if let guest = self.waiting.popFirst() {
            guest()
            self.owed -= (self.eventLoop.now - start).nanoseconds
        }
    }
}
