import Synchronization

/// One piece of work on a guest's connection, which may be given up: alone, not the connection with it.
///
/// Used from any thread.
final class StatementWork: Sendable {
    private let cancelled = Atomic(false)

    var isCancelled: Bool { self.cancelled.load(ordering: .relaxed) }

    /// Seen by what runs now and then; see ``GuestConnection/cancel(_:)`` for what should end sooner.
    func cancel() { self.cancelled.store(true, ordering: .relaxed) }
}
