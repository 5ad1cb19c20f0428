import NIOCore

/// One deadline after another, with a task in the loop's queue only for the earliest: a deadline that is put off or
/// taken back costs nothing.
final class DeadlineTimer {
    private let eventLoop: any EventLoop
    private var deadline: NIODeadline?
    private var handler: (() -> Void)?
    private var scheduled: Scheduled<Void>?
    private var scheduledFor = NIODeadline.distantFuture

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    deinit {
        self.scheduled?.cancel()
    }

    /// Calls `handler` once `amount` from now, unless another deadline takes its place.
    func set(in amount: TimeAmount, _ handler: @escaping () -> Void) {
        let deadline = self.eventLoop.now + amount
        self.deadline = deadline
        self.handler = handler
        if deadline < self.scheduledFor { self.schedule(deadline) }
    }

    func clear() {
        self.deadline = nil
        self.handler = nil
    }

    /// Takes the task out of the loop's queue too.
    func invalidate() {
        self.clear()
        self.scheduled?.cancel()
        self.scheduled = nil
        self.scheduledFor = .distantFuture
    }

    private func schedule(_ deadline: NIODeadline) {
        self.scheduled?.cancel()
        self.scheduledFor = deadline
        self.scheduled = self.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            self?.fire()
        }
    }

    private func fire() {
        self.scheduled = nil
        self.scheduledFor = .distantFuture
        guard let deadline = self.deadline else { return }
        guard deadline <= self.eventLoop.now else { return self.schedule(deadline) }
        let handler = self.handler
        self.clear()
        handler?()
    }
}
