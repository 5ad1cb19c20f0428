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
        var hold: KeyValueReadHold?
        /// Somebody will end or renew what is held.
        var isHoldTimed = false
        var pausedUntil = NIODeadline.uptimeNanoseconds(0)
    }

    private let opener: KeyValueFileOpener
    private let state = Mutex(State())

    init(_ opener: KeyValueFileOpener) {
        self.opener = opener
    }

    /// What `work` reads; nil when it has to be read on another thread.
    ///
    /// - Parameter eventLoop: the calling one.
    func read<Value>(on eventLoop: any EventLoop, _ work: (KeyValueSession) throws -> Value) -> Value? {
        let start = NIODeadline.now()
        let session: KeyValueSession? = self.state.withLock { state in
            state.pausedUntil <= start ? state.idle.popLast() : nil
        }
        guard let session else { return nil }
        do {
            let value = try work(session)
            let end = NIODeadline.now()
            let mustPause = end - start > Self.slow && SQLiteConnection.threadHasReadDisk()
            let hasBegunToHold = self.state.withLock { state in
                state.idle.append(session)
                if mustPause { state.pausedUntil = end + Self.pause }
                guard state.hold?.countRead(at: end) == true, !state.isHoldTimed else { return false }
                state.isHoldTimed = true
                return true
            }
            if hasBegunToHold { self.renewHold(on: eventLoop) }
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
        let hold = self.openHold()
        self.state.withLock { state in
            if let session { state.idle.append(session) } else { state.opened -= 1 }
            if state.hold == nil { state.hold = hold }
        }
    }

    // MARK: The lock that all share

    /// Lets `write` change the file.
    func aside<Value>(_ write: () throws -> Value) rethrows -> Value {
        self.state.withLock { $0.hold?.willWrite() }
        defer { self.state.withLock { $0.hold?.didWrite() } }
        return try write()
    }

    private func openHold() -> KeyValueReadHold? {
        guard self.state.withLock({ $0.hold == nil }), let session = try? self.opener.open(busyMilliseconds: 0) else {
            return nil
        }
        return try? KeyValueReadHold(session.connection)
    }

    private func renewHold(on eventLoop: any EventLoop) {
        let renewal = eventLoop.scheduleTask(in: KeyValueReadHold.length) {
            let isHeld = self.state.withLock { state in
                state.isHoldTimed = state.hold?.isHeld == true && state.hold?.turn(.now()) == true
                return state.isHoldTimed
            }
            if isHeld { self.renewHold(on: eventLoop) }
        }
        // The loop ends before its time has come.
        renewal.futureResult.whenFailure { _ in
            self.state.withLock { state in
                state.hold?.letGo()
                state.isHoldTimed = false
            }
        }
    }
}
