import ComponentModel
import NIOCore
import NIOPosix
import SQLite
import Synchronization

/// Does work on one connection, piece after piece, on a thread of a pool that it holds only while there is some.
final class KeyValueWorker: Sendable {
    /// Pieces done in one go: in one transaction, where they write.
    private static let batch = 128
    /// Pieces that wait at most.
    private static let queueLimit = 100_000

    private struct Queue {
        var jobs: [any KeyValueJob] = []
        var isRunning = false
    }

    private let pool: NIOThreadPool
    private let opener: KeyValueFileOpener
    /// Who reads beside this, when this writes.
    private let quickReader: KeyValueQuickReader?
    private let queue = Mutex(Queue())
    /// Only touched by who runs the queue: one thread at a time.
    private let session = Mutex<KeyValueSession?>(nil)

    /// - Parameter quickReader: who reads on other connections while this writes; nil for what does not write.
    init(pool: NIOThreadPool, opener: KeyValueFileOpener, writingBeside quickReader: KeyValueQuickReader? = nil) {
        self.pool = pool
        self.opener = opener
        self.quickReader = quickReader
    }

    /// The answer of `work`, which runs on another thread, in a transaction when this writes.
    func answer<Value>(
        on eventLoop: any EventLoop, _ work: @escaping @Sendable (KeyValueSession) throws -> sending Value
    ) -> KeyValueAnswer<Value> {
        .later { pending in
            let job = Job(pending: NIOLoopBound(pending, eventLoop: eventLoop), eventLoop: eventLoop, work: work)
            let mustStart: Bool? = self.queue.withLock { queue in
                guard queue.jobs.count < Self.queueLimit else { return nil }
                queue.jobs.append(job)
                defer { queue.isRunning = true }
                return !queue.isRunning
            }
            switch mustStart {
            case nil: pending.succeed(.failure(.other("too many requests wait for the store")))
            case true?: self.pool.submit { self.run(isCancelled: $0 == .cancelled) }
            case false?: break
            }
        }
    }

    private func run(isCancelled: Bool) {
        while true {
            let jobs: [any KeyValueJob] = self.queue.withLock { queue in
                let count = min(Self.batch, queue.jobs.count)
                let jobs = Array(queue.jobs.prefix(count))
                queue.jobs.removeFirst(count)
                if count == 0 { queue.isRunning = false }
                return jobs
            }
            guard !jobs.isEmpty else { return }
            if isCancelled {
                for job in jobs { job.deliver(failure: .other("the server is being shut down")) }
            } else {
                self.session.withLock { self.perform(jobs, &$0) }
            }
        }
    }

    private func perform(_ jobs: [any KeyValueJob], _ session: inout KeyValueSession?) {
        do {
            let open = try session ?? self.opener.open()
            session = open
            if let quickReader = self.quickReader {
                try quickReader.aside { try self.write(jobs, open) }
            } else {
                for job in jobs { job.perform(open) }
            }
            for job in jobs { self.report(job.fileError) }
            for job in jobs { job.deliver(failure: nil) }
        } catch {
            // Nothing was written. The connection is made anew: what was wrong may be over then.
            session = nil
            self.report(error as? SQLiteError ?? jobs.lazy.compactMap(\.fileError).first)
            for job in jobs { job.deliver(failure: KeyValueError(error)) }
        }
    }

    private func report(_ error: SQLiteError?) {
        if let error { self.opener.trouble.report(error) }
    }

    /// All of it in one transaction, in which each job is whole or not there.
    private func write(_ jobs: [any KeyValueJob], _ session: KeyValueSession) throws {
        let connection = session.connection
        try session.run(session.begin)
        do {
            for job in jobs {
                if jobs.count > 1 { try session.run(session.savepoint) }
                let succeeded = job.perform(session)
                // Some failures, like a full disk, end the transaction by themselves.
                guard connection.isInTransaction else { throw job.failure ?? .other("the transaction was ended") }
                if jobs.count > 1 {
                    if !succeeded { try session.run(session.rollbackToSavepoint) }
                    try session.run(session.release)
                } else if !succeeded {
                    return try connection.execute("ROLLBACK")
                }
            }
            try session.run(session.commit)
        } catch {
            if connection.isInTransaction { try? connection.execute("ROLLBACK") }
            throw error
        }
    }

    private final class Job<Value>: KeyValueJob, @unchecked Sendable {
        private let pending: NIOLoopBound<Pending<KeyValueResult<Value>>>
        private let eventLoop: any EventLoop
        private let work: @Sendable (KeyValueSession) throws -> sending Value
        /// Written by the thread that performs, then read by the loop.
        private var result: KeyValueResult<Value>?
        private(set) var fileError: SQLiteError?

        init(
            pending: NIOLoopBound<Pending<KeyValueResult<Value>>>, eventLoop: any EventLoop,
            work: @escaping @Sendable (KeyValueSession) throws -> sending Value
        ) {
            self.pending = pending
            self.eventLoop = eventLoop
            self.work = work
        }

        var failure: KeyValueError? {
            guard case .failure(let error) = self.result else { return nil }
            return error
        }

        func perform(_ session: KeyValueSession) -> Bool {
            do {
                self.result = .success(try self.work(session))
                return true
            } catch {
                self.result = .failure(KeyValueError(error))
                self.fileError = error as? SQLiteError
                return false
            }
        }

        func deliver(failure: KeyValueError?) {
            if let failure { self.result = .failure(failure) }
            self.eventLoop.execute {
                self.pending.value.succeed(self.result ?? .failure(.other("the store did not answer")))
            }
        }
    }
}

/// A piece of work for a ``KeyValueWorker``.
private protocol KeyValueJob: Sendable {
    /// Runs it; whether it succeeded.
    @discardableResult
    func perform(_ session: KeyValueSession) -> Bool
    /// Why it did not.
    var failure: KeyValueError? { get }
    /// The same, where it was the file's doing.
    var fileError: SQLiteError? { get }
    /// Gives the result to who waits for it, or `failure` instead.
    func deliver(failure: KeyValueError?)
}

extension KeyValueError {
    fileprivate init(_ error: any Error) {
        self = error as? KeyValueError ?? .other("\(error)")
    }
}
