import NIOCore
import SQLite
import Synchronization

/// Reads small values on the thread that asks: what the operating system has in memory is there sooner than another
/// thread would be awake.
///
/// A read that takes long, and for which the system says that it came from the disk, has all reads go to the threads for
/// a while, so that an event loop waits for a disk once in a hundred milliseconds at most. It never waits for a lock.
final class KeyValueQuickReader: Sendable {
    /// Of keys and values: what is longer is not even looked at.
    private static let smallBytes: Int32 = 16 << 10
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
    func read<Value>(_ work: (KeyValueSession) throws -> Value) -> Value? {
        let start = NIODeadline.now()
        let session: KeyValueSession? = self.state.withLock { state in
            state.pausedUntil <= start ? state.idle.popLast() : nil
        }
        guard let session else { return nil }
        do {
            let value = try work(session)
            let end = NIODeadline.now()
            let mustPause = end - start > Self.slow && SQLiteConnection.threadHasReadDisk()
            self.state.withLock { state in
                state.idle.append(session)
                if mustPause { state.pausedUntil = end + Self.pause }
            }
            return value
        } catch {
            // A lock is waited for elsewhere, and a long value read there; what else is wrong, a connection of its own
            // finds out.
            let kind = (error as? SQLiteError)?.kind
            let isUsable = error is KeyValueError || kind == .locked || kind == .tooBig
            self.state.withLock { state in
                if isUsable { state.idle.append(session) } else { state.opened -= 1 }
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
        session?.connection.harden(bytes: Self.smallBytes)
        self.state.withLock { state in
            if let session { state.idle.append(session) } else { state.opened -= 1 }
        }
    }
}
