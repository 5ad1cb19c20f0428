package import NIOCore

/// Guests of one event loop that have used up their time slice and wait for the next one.
///
/// An event loop looks at its sockets only when it has no task to run, so guests that merely handed themselves back
/// would keep it from everything else. Here one slice runs, then the loop looks at its sockets, then the next.
/// Confined to its event loop.
package final class SliceQueue {
    /// Long enough that the loop finds no task due when it looks, short beside a slice of 2 ms.
    private static let pause: TimeAmount = .microseconds(20)

    private let eventLoop: any EventLoop
    private var waiting: CircularBuffer<() -> Void> = []
    private var isScheduled = false

    package init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Calls `slice` when it is its turn, after the loop has looked at its sockets.
    package func append(_ slice: @escaping () -> Void) {
        self.waiting.append(slice)
        self.schedule()
    }

    private func schedule() {
        guard !self.isScheduled, !self.waiting.isEmpty else { return }
        self.isScheduled = true
        self.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            self.isScheduled = false
            self.waiting.popFirst()?()
            self.schedule()
        }
    }
}
