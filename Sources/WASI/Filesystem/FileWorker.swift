import ComponentModel
package import NIOCore
package import NIOPosix

/// What an operation on files gives: at once where nothing has to be waited for, else as soon as it is done.
typealias FileAnswer<Value> = HostAnswer<Result<Value, FileError>>

/// Makes system calls of one instance that may wait for a disk on other threads, while the event loop goes on.
///
/// Confined to its event loop.
package final class FileWorker {
    /// Most calls of one instance under way at a time, so that one guest does not take all threads: others queue.
    static let most = 4
    /// Most bytes that its calls hold in buffers; what would hold more is done in place.
    static let mostHeld = 4 << 20

    private let pool: NIOThreadPool
    private let eventLoop: any EventLoop
    private var running = 0
    private var queue = CircularBuffer<Queued>()
    private var heldBytes = 0
    /// Whether writes are slow at present, and which way they go.
    var pace = WritePace()

    package init(pool: NIOThreadPool, eventLoop: any EventLoop) {
        self.pool = pool
        self.eventLoop = eventLoop
    }

    /// Runs `work` on another thread.
    ///
    /// - Parameter objects: what `work` uses, kept until it is done, whatever becomes of the guest.
    func answer<Value: Sendable, Objects>(
        keeping objects: Objects, _ work: @escaping @Sendable () -> Result<Value, FileError>
    ) -> FileAnswer<Value> {
        let pending = Pending<Result<Value, FileError>>(onCancel: nil)
        let submit = {
            self.running += 1
            self.pool.runIfActive(eventLoop: self.eventLoop, work).assumeIsolated().whenComplete { result in
                self.running -= 1
                self.startNext()
                // Also when nobody waits any more: what the work used was safe until now.
                withExtendedLifetime(objects) {
                    // A pool that has been shut down: the process ends.
                    pending.succeed((try? result.get()) ?? .failure(FileError(.io)))
                }
            }
        }
        guard self.running >= Self.most else {
            submit()
            return .later(pending)
        }
        // What has not begun when the guest goes is not done.
        let queued = Queued(submit)
        self.queue.append(queued)
        let cancellable = Pending<Result<Value, FileError>> { queued.start = nil }
        pending.whenComplete { cancellable.complete($0) }
        return .later(cancellable)
    }

    private func startNext() {
        while self.running < Self.most, let next = self.queue.popFirst() { next.start?() }
    }

    private final class Queued {
        var start: (() -> Void)?

        init(_ start: @escaping () -> Void) {
            self.start = start
        }
    }

    /// Closes a file that was written, which may make the file system work.
    func close(_ file: FileHandle) {
        self.pool.submit { _ in withExtendedLifetime(file) {} }
    }

    /// Bytes of a buffer that a call holds, given back when the object goes.
    final class Hold {
        private let worker: FileWorker
        private let count: Int

        fileprivate init(_ worker: FileWorker, _ count: Int) {
            self.worker = worker
            self.count = count
            worker.heldBytes += count
        }

        deinit {
            self.worker.heldBytes -= self.count
        }
    }

    /// Counts `count` bytes; `nil` when that would be too many.
    func hold(_ count: Int) -> Hold? {
        count <= Self.mostHeld - self.heldBytes ? Hold(self, count) : nil
    }
}

/// Tells whether the system takes written bytes at once, or makes the writer wait for the disk because too many wait for
/// it already: it does not say, so what the last writes took decides.
struct WritePace {
    /// Nanoseconds above which a write has waited.
    static let limit: Int64 = 200_000
    /// How many writes in a row must have been quick before one is made on the event loop again.
    private static let proof = 16

    private var slowWrites = 0

    var isSlow: Bool { self.slowWrites > 0 }

    mutating func note(nanoseconds: Int64) {
        if nanoseconds > Self.limit {
            self.slowWrites = Self.proof
        } else if self.slowWrites > 0 {
            self.slowWrites -= 1
        }
    }
}
