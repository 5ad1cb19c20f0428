package import NIOCore

/// The guests of one event loop whose time slice is over: each gets its next one in turn, and between two of them the
/// loop sees to its sockets.
///
/// NIO runs tasks until none is due before it looks at its sockets again. A guest that computes for ever, resumed by a
/// task that the last one made, would keep the loop from them for ever; so would two that take turns. Hence one timer
/// for all of them, set anew when a slice has ended.
package final class SliceQueue {
    /// From the end of one guest's slice to the start of the next: enough for the loop to find no task due.
    private static let pause: TimeAmount = .microseconds(50)

    private let eventLoop: any EventLoop
    private var waiting: CircularBuffer<() -> Void> = []
    private var isScheduled = false

    package init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Calls `resume` when it is this guest's turn, never before this returns.
    package func add(_ resume: @escaping () -> Void) {
        self.waiting.append(resume)
        self.schedule()
    }

    private func schedule() {
        guard !self.isScheduled, !self.waiting.isEmpty else { return }
        self.isScheduled = true
        self.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            // Set only after the slice: the pause begins when it ends.
            self.waiting.popFirst()?()
            self.isScheduled = false
            self.schedule()
        }
    }
}
