package import ComponentModel
package import NIOCore
package import NIOPosix

/// What a host function that waits needs of its call: the same for components and for core modules.
package protocol SuspendableCall: ~Copyable {
    /// Suspends the guest until somebody wakes ``waker``. Wake-ups may be spurious: call it in a loop.
    ///
    /// - Throws: when the invocation is cancelled; let the error pass.
    func wait() throws

    /// What resumes the guest.
    var waker: Waker { get }
}

extension HostCall: SuspendableCall {}

/// Makes system calls that may wait for a disk on threads of their own, while the event loop goes on.
///
/// Confined to its event loop.
package final class FileWorker {
    private let pool: NIOThreadPool
    private let eventLoop: any EventLoop

    package init(pool: NIOThreadPool, eventLoop: any EventLoop) {
        self.pool = pool
        self.eventLoop = eventLoop
    }

    /// Runs `work` on another thread, then `completion` on the event loop, also when nobody waits for it any more: what
    /// the work uses is safe as long as the completion holds it.
    func start<T: Sendable>(
        _ work: @escaping @Sendable () -> Result<T, FileError>,
        completion: @escaping (Result<T, FileError>) -> Void
    ) {
        self.pool.runIfActive(eventLoop: self.eventLoop, work).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let result): completion(result)
            // The pool has been shut down: the process ends.
            case .failure: completion(.failure(FileError(.io)))
            }
        }
    }

    /// Runs `work` on another thread, suspending the guest until it is done.
    ///
    /// - Parameter object: what `work` uses, kept until it is done, whatever becomes of the guest.
    func run<T: Sendable, Call: SuspendableCall & ~Copyable>(
        keeping object: AnyObject, in call: borrowing Call, _ work: @escaping @Sendable () -> Result<T, FileError>
    ) throws -> Result<T, FileError> {
        let slot = Slot<T>()
        let waker = call.waker
        self.start(work) { result in
            withExtendedLifetime(object) { slot.result = result }
            waker.wake()
        }
        while true {
            if let result = slot.result { return result }
            try call.wait()
        }
    }

    private final class Slot<T> {
        var result: Result<T, FileError>?
    }
}
