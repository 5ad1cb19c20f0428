import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A file as an input stream: always ready, at the end it closes.
final class FileSource: InputSource {
    private let file: OpenFile
    private var offset: UInt64
    private(set) var isClosed = false

    init(_ file: OpenFile, offset: UInt64) {
        self.file = file
        self.offset = offset
    }

    var isReady: Bool { true }

    func whenReady(_ callback: @escaping () -> Void) { callback() }

    func read(upTo maximum: Int) -> InputRead {
        guard !self.isClosed else { return .closed }
        do throws(FileError) {
            let bytes = try self.file.read(upTo: maximum, at: self.offset)
            guard bytes.readableBytes > 0 else {
                self.isClosed = true
                return .closed
            }
            self.offset += UInt64(bytes.readableBytes)
            return .bytes(bytes)
        } catch {
            self.isClosed = true
            return .failed(ErrorResource(.filesystem(error.code)))
        }
    }
}

/// A file as an output stream: takes what it is given at once.
final class FileTarget: OutputTarget {
    private let file: OpenFile
    /// `nil`: always at the end of the file.
    private var offset: UInt64?
    private let creditLimit: Int
    private var isClosed = false

    init(_ file: OpenFile, at offset: UInt64?, credit: Int) {
        self.file = file
        self.offset = offset
        self.creditLimit = credit
    }

    var isReady: Bool { true }

    func whenReady(_ callback: @escaping () -> Void) { callback() }

    func credit() -> OutputCredit { self.isClosed ? .closed : .bytes(self.creditLimit) }

    func write(_ bytes: UnsafeRawBufferPointer) -> OutputOutcome {
        guard !self.isClosed else { return .closed }
        var rest = bytes
        do throws(FileError) {
            while !rest.isEmpty {
                let count = try self.file.write(rest, at: try self.position())
                if let offset = self.offset { self.offset = offset + UInt64(count) }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return .done
        } catch {
            self.isClosed = true
            return .failed(ErrorResource(.filesystem(error.code)))
        }
    }

    private func position() throws(FileError) -> UInt64 {
        if let offset = self.offset { return offset }
        return UInt64(max(0, try self.file.status().st_size))
    }

    func flush() -> OutputOutcome { self.isClosed ? .closed : .done }
}
