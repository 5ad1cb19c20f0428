import NIOCore
import NIOPosix
import SQLite
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Reads small values on the thread that asks: what the operating system has in memory is there sooner than another
/// thread would be awake.
///
/// A read that takes long, and for which the system says that it came from the disk, has all reads go to the threads for
/// a while, so that an event loop waits for a disk once in a hundred milliseconds at most. It never waits for a lock.
final class KeyValueQuickReader: Sendable {
    private static let slow = TimeAmount.microseconds(500)
    private static let pause = TimeAmount.milliseconds(100)

    private struct State {
        var idle: [KeyValueSession] = []
        var opened = 0
        var pausedUntil = NIODeadline.uptimeNanoseconds(0)
    }

    private let opener: KeyValueFileOpener
    private let state = Mutex(State())

    init(_ opener: KeyValueFileOpener) {
        self.opener = opener
    }

    /// What `work` reads; nil when it has to be read on another thread.
    func read<Value>(_ work: (KeyValueSession) throws -> Value?) -> Value? {
        let start = NIODeadline.now()
        let session: KeyValueSession? = self.state.withLock { state in
            state.pausedUntil <= start ? state.idle.popLast() : nil
        }
        guard let session else { return nil }
        do {
            let value = try work(session)
            let end = NIODeadline.now()
            let mustPause = end - start > Self.slow && DiskReads.wereMade()
            self.state.withLock { state in
                state.idle.append(session)
                if mustPause { state.pausedUntil = end + Self.pause }
            }
            return value
        } catch {
            // A lock is waited for elsewhere; what else is wrong, a connection of its own finds out.
            self.state.withLock { state in
                if (error as? SQLiteError)?.kind == .locked { state.idle.append(session) } else { state.opened -= 1 }
            }
            return nil
        }
    }

    /// Opens what reads the next time, where there is none yet; on a thread that may wait, after the file was read.
    func prepare() {
        let mustOpen = self.state.withLock { state in
            guard state.idle.isEmpty, state.opened < System.coreCount else { return false }
            state.opened += 1
            return true
        }
        guard mustOpen else { return }
        let session = try? self.opener.open(busyMilliseconds: 0)
        self.state.withLock { state in
            if let session { state.idle.append(session) } else { state.opened -= 1 }
        }
    }
}

/// Tells waiting for a disk from waiting for a processor.
private enum DiskReads {
    private static let seen = ThreadSpecificVariable<Count>()

    private final class Count {
        var reads = 0
    }

    /// Whether this thread has read from a disk since it was asked last.
    static func wereMade() -> Bool {
        #if canImport(Glibc)
        var usage = rusage()
        guard getrusage(RUSAGE_THREAD, &usage) == 0 else { return true }
        let count = self.seen.currentValue ?? Count()
        defer {
            count.reads = usage.ru_inblock
            self.seen.currentValue = count
        }
        return usage.ru_inblock != count.reads
        #else
        return true
        #endif
    }
}
