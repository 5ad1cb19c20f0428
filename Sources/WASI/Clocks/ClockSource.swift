import ComponentModel
import NIOCore

/// An instant of the event loop's clock. Its timer is set when the guest first waits, and goes with it.
final class ClockSource: ReadinessSource {
    /// Timers are never set further ahead: a clock that far is asked again then.
    private static let longestTimer: UInt64 = 365 * 24 * 3600 * 1_000_000_000

    private let deadline: UInt64
    private let eventLoop: any EventLoop
    private var timer: Scheduled<Void>?
    private var callback: (() -> Void)?

    init(deadline: UInt64, eventLoop: any EventLoop) {
        self.deadline = deadline
        self.eventLoop = eventLoop
    }

    deinit {
        self.timer?.cancel()
    }

    var isReady: Bool { self.eventLoop.now.uptimeNanoseconds >= self.deadline }

    func whenReady(_ callback: @escaping () -> Void) {
        self.callback = callback
        guard self.timer == nil else { return }
        let now = self.eventLoop.now.uptimeNanoseconds
        let latest = now.addingReportingOverflow(Self.longestTimer)
        let deadline = latest.overflow ? self.deadline : min(self.deadline, latest.partialValue)
        // The timer must not keep the source: a pollable that is dropped takes its timer with it.
        self.timer = self.eventLoop.assumeIsolated().scheduleTask(deadline: .uptimeNanoseconds(deadline)) {
            [weak self] in self?.fire()
        }
    }

    /// The answer of a function that ends at the deadline. Whoever waits keeps the timer; it goes with them.
    static func wait(until deadline: UInt64, on eventLoop: any EventLoop) -> HostAnswer<Void> {
        let source = ClockSource(deadline: deadline, eventLoop: eventLoop)
        guard !source.isReady else { return .ready(()) }
        let pending = Pending<Void> { source.stop() }
        source.complete(pending)
        return .later(pending)
    }

    private func complete(_ pending: Pending<Void>) {
        self.whenReady { [weak self, weak pending] in
            guard let self, let pending else { return }
            if self.isReady { pending.succeed(()) } else { self.complete(pending) }
        }
    }

    private func stop() {
        self.timer?.cancel()
        self.timer = nil
        self.callback = nil
    }

    private func fire() {
        self.timer = nil
        let callback = self.callback
        self.callback = nil
        callback?()
    }
}
