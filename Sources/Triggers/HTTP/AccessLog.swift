package import AppModel
import Dispatch
package import Logging
package import NIOCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One line a request, written in the background: the event loops never wait for a disk.
///
/// What a slow or full disk does not take is dropped beyond a bound, and the log says so once.
package final class AccessLog: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var isScheduled = false
        var dropped = 0
        var hasWarned = false
    }

    /// Bytes that may wait for the disk.
    private static let limit = 1 << 20

    private let descriptor: Int32
    private let isOwned: Bool
    private let format: HTTPTriggerOptions.AccessLogFormat
    private let logger: Logger
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "swirl.access-log")

    /// - Parameter path: `-` for standard error.
    /// - Throws: ``TriggerError`` when the file cannot be opened.
    package init(path: String, format: HTTPTriggerOptions.AccessLogFormat, logger: Logger) throws {
        self.isOwned = path != "-"
        self.format = format
        self.logger = logger
        self.descriptor = self.isOwned ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644) : STDERR_FILENO
        guard self.descriptor >= 0 else {
            throw TriggerError(
                "cannot open the access log `\(path)`: \(String(cString: strerror(errno)))\n"
                    + "  hint: choose another file with --access-log, or `-` for standard error")
        }
    }

    deinit {
        if self.isOwned { close(self.descriptor) }
    }

    /// What a line tells of a request.
    package struct Entry: Sendable {
        package var client: String
        package var method: String
        package var target: String
        package var version: String
        package var status: Int?
        package var bytes: Int
        package var isComplete: Bool
        package var duration: TimeAmount
        /// Empty when the server answered itself.
        package var component: String

        package init(
            client: String, method: String, target: String, version: String, status: Int?, bytes: Int,
            isComplete: Bool, duration: TimeAmount, component: String
        ) {
            self.client = client
            self.method = method
            self.target = target
            self.version = version
            self.status = status
            self.bytes = bytes
            self.isComplete = isComplete
            self.duration = duration
            self.component = component
        }
    }

    package func write(_ entry: Entry) {
        let line = Self.line(entry, format: self.format, time: time(nil))
        let isFirst = self.state.withLock { state in
            guard state.pending.count + line.utf8.count <= Self.limit else {
                state.dropped += 1
                return false
            }
            state.pending += line.utf8
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isFirst {
            self.queue.asyncAfter(deadline: .now() + .milliseconds(50)) { self.drain() }
        }
    }

    /// Writes what waits; for the end of the process.
    package func flush() {
        self.queue.sync { self.drain() }
    }

    private func drain() {
        var bytes: [UInt8] = []
        let dropped = self.state.withLock { state in
            swap(&bytes, &state.pending)
            state.isScheduled = false
            defer { state.dropped = 0 }
            return state.dropped
        }
        var failure: String? = dropped > 0 ? "\(dropped) lines did not fit" : nil
        if let number = bytes.withUnsafeBytes({ OutputDescriptor(self.descriptor).write($0) }) {
            failure = String(cString: strerror(number))
        }
        guard let failure else { return }
        let isFirst = self.state.withLock { state in
            defer { state.hasWarned = true }
            return !state.hasWarned
        }
        if isFirst { self.logger.warning("lines of the access log are lost: \(failure)") }
    }

    // MARK: - Format. Escaped as in JSON in both forms: nothing that a client sends can forge a line.

    package static func line(_ entry: Entry, format: HTTPTriggerOptions.AccessLogFormat, time: Int) -> String {
        var second = time_t(time)
        var parts = tm()
        gmtime_r(&second, &parts)
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        let micros = entry.duration.nanoseconds / 1000
        let rest = String(micros % 1000)
        let milliseconds = "\(micros / 1000).\(String(repeating: "0", count: max(0, 3 - rest.count)))\(rest)"
        // 499, as nginx has it: the client went away before there was a response.
        let status = entry.status ?? 499
        switch format {
        case .common:
            let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            let day = "\(two(parts.tm_mday))/\(months[Int(parts.tm_mon) % 12])/\(Int(parts.tm_year) + 1900)"
            let date = "\(day):\(clock) +0000"
            let component = entry.component.isEmpty ? "-" : entry.component
            return
                "\(entry.client) - - [\(date)] \"\(JSONText.escaped(entry.method)) \(JSONText.escaped(entry.target)) "
                + "\(entry.version)\" \(status) \(entry.bytes) \(component) \(milliseconds)ms"
                + (entry.isComplete ? "\n" : " cut\n")
        case .json:
            let date = "\(Int(parts.tm_year) + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(clock)Z"
            return "{\"time\":\"\(date)\",\"client\":\"\(JSONText.escaped(entry.client))\","
                + "\"method\":\"\(JSONText.escaped(entry.method))\",\"path\":\"\(JSONText.escaped(entry.target))\","
                + "\"protocol\":\"\(entry.version)\",\"status\":\(status),\"bytes\":\(entry.bytes),"
                + "\"duration_ms\":\(milliseconds),\"component\":\"\(JSONText.escaped(entry.component))\","
                + "\"complete\":\(entry.isComplete)}\n"
        }
    }
}
