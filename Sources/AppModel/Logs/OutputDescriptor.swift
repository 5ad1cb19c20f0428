#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A descriptor that is written to at once and without a buffer: standard output or error, a log.
package struct OutputDescriptor: Sendable {
    package static let standardOutput = OutputDescriptor(STDOUT_FILENO)
    package static let standardError = OutputDescriptor(STDERR_FILENO)

    private let number: Int32

    /// - Parameter number: stays the caller's, who closes it.
    package init(_ number: Int32) {
        self.number = number
    }

    package var isTerminal: Bool { isatty(self.number) == 1 }

    /// Writes all of `bytes`, and waits while nobody takes them, also where somebody has made the descriptor
    /// non-blocking: it is shared with other processes.
    ///
    /// - Returns: `errno` where not all was written; then there is often nowhere left to complain.
    @discardableResult
    package func write(_ bytes: UnsafeRawBufferPointer) -> Int32? {
        var rest = bytes
        while !rest.isEmpty {
            let count = systemWrite(self.number, rest)
            if count > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var entry = pollfd(fd: self.number, events: Int16(POLLOUT), revents: 0)
                _ = poll(&entry, 1, -1)
            default: return errno
            }
        }
        return nil
    }

    @discardableResult
    package func write(_ text: String) -> Int32? {
        var text = text
        return text.withUTF8 { self.write(UnsafeRawBufferPointer($0)) }
    }
}

/// The system call under a name that no method here has.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
