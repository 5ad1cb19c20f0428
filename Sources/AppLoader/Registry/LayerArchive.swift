import AppModel
import CZlib

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A layer that holds many files: a gzipped tar. Its files are only looked for by what they hash to, so that their names
/// and places do not matter.
struct LayerArchive {
    enum Failure: Error, CustomStringConvertible {
        case unreadable(String)
        case damaged
        case truncated
        case tooLarge

        var description: String {
            switch self {
            case .unreadable(let reason): "it cannot be read: \(reason)"
            case .damaged: "it is damaged"
            case .truncated: "it ends too early"
            case .tooLarge: "it has more than 100,000 files, 256 MiB in one or 4 GiB in all"
            }
        }
    }

    let path: String

    /// Keeps each file of the archive.
    func unpack(into cache: ContentCache) async throws {
        let input = try GzipInput(self.path)
        var tar = TarReader()
        while let chunk = try input.next() {
            for file in try tar.read(chunk) { try await file.withBytes { _ = try await cache.store($0) } }
            // What follows may be inflated for ever.
            if tar.isAtEnd { break }
        }
        guard tar.isComplete else { throw Failure.truncated }
    }

    /// The bytes that a gzip file stands for, chunk by chunk.
    private final class GzipInput {
        private static let chunk = 1 << 18

        private let descriptor: Int32
        private var stream = z_stream()
        private var input = [UInt8](repeating: 0, count: GzipInput.chunk)
        private var available: Range<Int> = 0..<0
        private var isAtEnd = false
        private var isOpen = false

        init(_ path: String) throws(Failure) {
            self.descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard self.descriptor >= 0 else { throw .unreadable(Paths.lastError) }
            guard czlib_inflate_gzip_init(&self.stream) == Z_OK else { throw .unreadable("no memory") }
            self.isOpen = true
        }

        deinit {
            if self.isOpen { inflateEnd(&self.stream) }
            if self.descriptor >= 0 { close(self.descriptor) }
        }

        func next() throws(Failure) -> [UInt8]? {
            guard !self.isAtEnd else { return nil }
            var output = [UInt8](repeating: 0, count: Self.chunk)
            var filled = 0
            while filled == 0, !self.isAtEnd {
                if self.available.isEmpty {
                    let count = self.input.withUnsafeMutableBytes { systemRead(self.descriptor, $0) }
                    guard count >= 0 else { throw .unreadable(Paths.lastError) }
                    guard count > 0 else { throw .truncated }
                    self.available = 0..<count
                }
                let range = self.available
                let status = self.input.withUnsafeMutableBufferPointer { input in
                    output.withUnsafeMutableBufferPointer { output in
                        self.stream.next_in = input.baseAddress.map { $0 + range.lowerBound }
                        self.stream.avail_in = UInt32(range.count)
                        self.stream.next_out = output.baseAddress
                        self.stream.avail_out = UInt32(output.count)
                        return inflate(&self.stream, Z_NO_FLUSH)
                    }
                }
                self.available = (range.upperBound - Int(self.stream.avail_in))..<range.upperBound
                filled = output.count - Int(self.stream.avail_out)
                switch status {
                case Z_OK, Z_BUF_ERROR: break
                case Z_STREAM_END: self.isAtEnd = true
                default: throw .damaged
                }
            }
            return filled == 0 ? nil : Array(output[..<filled])
        }
    }
}

/// Finds the files in a tar that comes in pieces (POSIX.1-1988 `ustar`, GNU and pax headers are passed over).
struct TarReader {
    private static let block = 512
    private static let fileLimit = 256 << 20
    private static let totalLimit = 4 << 30
    private static let countLimit = 100_000

    private enum State {
        case header
        /// Bytes of a file to keep, and of its padding.
        case file(left: Int, padding: Int)
        case skip(Int)
        case end
    }

    private var state = State.header
    private var pending: [UInt8] = []
    private var total = 0
    private var count = 0

    /// Whether the archive says that it ends here.
    var isAtEnd: Bool {
        if case .end = self.state { true } else { false }
    }

    /// Whether the archive came to its end, or could end here.
    var isComplete: Bool {
        switch self.state {
        case .end: true
        case .header: self.pending.isEmpty
        case .skip(let left): left == 0
        case .file: false
        }
    }

    /// Takes bytes, and gives the files that they complete.
    mutating func read(_ bytes: [UInt8]) throws(LayerArchive.Failure) -> [[UInt8]] {
        var files: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            switch self.state {
            case .header:
                let taken = rest.prefix(Self.block - self.pending.count)
                self.pending += taken
                rest = rest.dropFirst(taken.count)
                guard self.pending.count == Self.block else { break }
                try self.readHeader()
                self.pending = []
                if case .file(left: 0, _) = self.state { files.append([]) }
            case .file(let left, let padding):
                let taken = rest.prefix(left)
                self.pending += taken
                rest = rest.dropFirst(taken.count)
                self.state = .file(left: left - taken.count, padding: padding)
                guard taken.count == left else { break }
                if left > 0 { files.append(self.pending) }
                self.pending = []
                self.state = padding == 0 ? .header : .skip(padding)
            case .skip(let left):
                let taken = min(left, rest.count)
                rest = rest.dropFirst(taken)
                self.state = left == taken ? .header : .skip(left - taken)
            case .end: return files
            }
        }
        return files
    }

    private mutating func readHeader() throws(LayerArchive.Failure) {
        guard self.pending.contains(where: { $0 != 0 }) else {
            self.state = .end
            return
        }
        // The sum of all bytes, with spaces in the place of the sum itself.
        let sum = self.pending.enumerated().reduce(0) { $0 + ((148..<156).contains($1.0) ? 32 : Int($1.1)) }
        guard Self.number(self.pending[148..<156]) == sum, let size = Self.number(self.pending[124..<136]) else {
            throw .damaged
        }
        let padding = (Self.block - size % Self.block) % Self.block
        let isFile = [0, UInt8(ascii: "0"), UInt8(ascii: "7")].contains(self.pending[156])
        self.count += 1
        guard size <= Self.fileLimit, self.count <= Self.countLimit, self.total + size <= Self.totalLimit else {
            throw .tooLarge
        }
        self.total += size
        // What links and folders say of a size counts for nothing that follows.
        let hasData =
            isFile
            || [UInt8(ascii: "L"), UInt8(ascii: "K"), UInt8(ascii: "x"), UInt8(ascii: "g")]
                .contains(self.pending[156])
        self.state = isFile ? .file(left: size, padding: padding) : hasData ? .skip(size + padding) : .header
        if case .skip(0) = self.state { self.state = .header }
    }

    /// A field of octal digits, or of GNU's binary form.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        if let first = field.first, first & 0x80 != 0 {
            var value = Int(first & 0x3F)
            for byte in field.dropFirst() {
                guard value <= Int.max >> 8 else { return nil }
                value = value << 8 | Int(byte)
            }
            return value
        }
        var value = 0
        for byte in field.drop(while: { $0 == 0x20 }) {
            guard byte != 0, byte != 0x20 else { break }
            guard (0x30...0x37).contains(byte), value <= Int.max >> 3 else { return nil }
            value = value << 3 | Int(byte - 0x30)
        }
        return value
    }
}

extension [UInt8] {
    /// The bytes, for something that waits meanwhile.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) async throws -> Result) async rethrows -> Result {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: self.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: self)
        return try await body(UnsafeRawBufferPointer(copy))
    }
}
