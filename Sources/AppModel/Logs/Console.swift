import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Lines for a terminal or pipe that never hold up their writer: they are put into a bounded buffer, which another
/// thread writes out. When nobody reads at the other end, lines are dropped and counted.
package final class Console: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var dropped = 0
        var isDraining = false
        /// The second that `clock` shows: making it anew for each line would cost more than the line.
        var second = Int.min
        var clock: [UInt8] = []
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "swirl.console")
    private let output: OutputDescriptor
    private let capacity: Int
    private let now: @Sendable () -> Time

    /// A moment, since 1970.
    package struct Time: Sendable, Hashable {
        package var seconds: Int
        package var milliseconds: Int

        package init(seconds: Int, milliseconds: Int) {
            self.seconds = seconds
            self.milliseconds = milliseconds
        }

        package static func system() -> Time {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Time(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
        }
    }

    /// - Parameters:
    ///   - descriptor: stays open; standard error by default.
    ///   - capacity: bytes that may wait.
    package init(
        descriptor: Int32 = STDERR_FILENO, capacity: Int = 1 << 20,
        now: @escaping @Sendable () -> Time = Time.system
    ) {
        self.output = OutputDescriptor(descriptor)
        self.capacity = capacity
        self.now = now
    }

    /// Writes `12:34:56.789 label: line`. Control characters that could command the terminal are made visible;
    /// tabs and colours pass.
    package func write(label: String, line: UnsafeRawBufferPointer) {
        let time = self.now()
        self.append { state in
            Self.appendTime(time, &state)
            state.pending += label.utf8
            state.pending += ": ".utf8
            Self.appendVisibly(line, to: &state.pending)
            state.pending.append(UInt8(ascii: "\n"))
        }
    }

    /// Writes `12:34:56.789 prefix` as it is, then the lines of `text` with control characters made visible.
    package func write(prefix: String, text: String) {
        let time = self.now()
        self.append { state in
            Self.appendTime(time, &state)
            state.pending += prefix.utf8
            var text = text
            text.withUTF8 { bytes in
                for line in UnsafeRawBufferPointer(bytes).split(
                    separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                {
                    Self.appendVisibly(UnsafeRawBufferPointer(rebasing: line), to: &state.pending)
                    state.pending.append(UInt8(ascii: "\n"))
                }
            }
        }
    }

    private static func appendTime(_ time: Time, _ state: inout State) {
        if state.second != time.seconds {
            state.second = time.seconds
            state.clock = Self.clock(time.seconds)
        }
        state.pending += state.clock
        let milliseconds = time.milliseconds
        for digit in [milliseconds / 100, milliseconds / 10 % 10, milliseconds % 10] {
            state.pending.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit))
        }
        state.pending.append(UInt8(ascii: " "))
    }

    /// Writes a line as it is.
    package func write(_ text: String) {
        self.append { state in
            state.pending += text.utf8
            state.pending.append(UInt8(ascii: "\n"))
        }
    }

    /// Waits until all is written that was there before, at most for the given time.
    package func flush(milliseconds: Int = 2000) {
        let done = DispatchSemaphore(value: 0)
        self.queue.async { done.signal() }
        _ = done.wait(timeout: .now() + .milliseconds(milliseconds))
    }

    private func append(_ line: (inout State) -> Void) {
        let mustDrain = self.state.withLock { state in
            guard state.pending.count < self.capacity else {
                state.dropped += 1
                return false
            }
            line(&state)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if mustDrain { self.queue.async { self.drain() } }
    }

    private func drain() {
        while true {
            let (bytes, dropped) = self.state.withLock { state in
                let taken = (state.pending, state.dropped)
                state.pending = []
                state.dropped = 0
                // From now on the next line starts a new drain.
                if taken.0.isEmpty { state.isDraining = false }
                return taken
            }
            guard !bytes.isEmpty else { return }
            bytes.withUnsafeBytes { _ = self.output.write($0) }
            if dropped > 0 {
                self.output.write("(\(dropped) lines of output were not shown: the terminal is too slow)\n")
            }
        }
    }

    private static func clock(_ second: Int) -> [UInt8] {
        var time = time_t(second)
        var parts = tm()
        guard localtime_r(&time, &parts) != nil else { return Array("--:--:--.".utf8) }
        var text: [UInt8] = []
        for (number, separator) in [(parts.tm_hour, ":"), (parts.tm_min, ":"), (parts.tm_sec, ".")] {
            text.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number / 10))
            text.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number % 10))
            text += separator.utf8
        }
        return text
    }

    /// A guest may colour its output, but not move the cursor, set the title or reach the clipboard.
    private static func appendVisibly(_ line: UnsafeRawBufferPointer, to buffer: inout [UInt8]) {
        // 0xC2 begins the control characters of one byte in UTF-8, which many terminals obey.
        guard line.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F || $0 == 0xC2 }) else {
            buffer.append(contentsOf: line)
            return
        }
        var index = 0
        while index < line.count {
            let byte = line[index]
            if byte == 0x1B, let end = Self.endOfColour(line, from: index) {
                buffer.append(contentsOf: line[index..<end])
                index = end
                continue
            }
            if (byte < 0x20 && byte != 0x09) || byte == 0x7F {
                Self.appendHex(byte, to: &buffer)
            } else if byte == 0xC2, index + 1 == line.count || (0x80...0x9F).contains(line[index + 1]) {
                // The other half may be in the next piece of the line.
                for half in line[index...].prefix(2) { Self.appendHex(half, to: &buffer) }
                index += 1
            } else {
                buffer.append(byte)
            }
            index += 1
        }
    }

    private static func appendHex(_ byte: UInt8, to buffer: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        buffer += [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// The end of `ESC [ 0-9;: m` at an index, or nil when something else stands there.
    private static func endOfColour(_ line: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start + 1 < line.count, line[start + 1] == UInt8(ascii: "[") else { return nil }
        for index in (start + 2)..<min(line.count, start + 40) {
            switch line[index] {
            case UInt8(ascii: "0")...UInt8(ascii: ";"): continue
            case UInt8(ascii: "m"): return index + 1
            default: return nil
            }
        }
        return nil
    }
}
