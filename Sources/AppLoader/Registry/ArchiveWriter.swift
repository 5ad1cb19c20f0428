import AppModel
import CZlib

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Writes a gzipped tar of files (POSIX.1-1988 `ustar`, long names as GNU has them). The same files give the same bytes:
/// neither times nor owners are kept.
final class ArchiveWriter {
    private static let block = 512
    private static let chunk = 1 << 18
    /// What a header has room for.
    private static let nameLimit = 100

    private let descriptor: Int32
    private var stream = z_stream()
    private var isOpen = false
    private var output = [UInt8](repeating: 0, count: ArchiveWriter.chunk)

    /// - Parameter path: a file that is not there yet.
    init(_ path: String) throws(FetchError) {
        self.descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0 else { throw Self.failure(path) }
        guard czlib_deflate_gzip_init(&self.stream) == Z_OK else { throw FetchError("no memory to pack `\(path)`") }
        self.isOpen = true
    }

    deinit {
        if self.isOpen { deflateEnd(&self.stream) }
        if self.descriptor >= 0 { close(self.descriptor) }
    }

    private static func failure(_ path: String) -> FetchError {
        FetchError("cannot read or write `\(path)`: \(Paths.lastError)")
    }

    /// - Parameters:
    ///   - name: the path in the archive.
    ///   - path: the file.
    func add(_ name: String, file path: String, size: Int) throws(FetchError) {
        if name.utf8.count > Self.nameLimit {
            let long = Array(name.utf8) + [0]
            try self.write(Self.header("././@LongLink", size: long.count, type: UInt8(ascii: "L")))
            try self.write(long + Self.padding(long.count))
        }
        try self.write(Self.header(name, size: size, type: UInt8(ascii: "0")))
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.failure(path) }
        defer { close(file) }
        var left = size
        var bytes = [UInt8](repeating: 0, count: Self.chunk)
        while left > 0 {
            let count = bytes.withUnsafeMutableBytes { systemRead(file, .init(rebasing: $0.prefix(left))) }
            guard count >= 0 else { throw Self.failure(path) }
            guard count > 0 else { throw FetchError("`\(path)` changes while it is read") }
            try self.write(Array(bytes[..<count]))
            left -= count
        }
        try self.write(Self.padding(size))
    }

    func finish() throws(FetchError) {
        // Two empty blocks are the end.
        try self.deflate([UInt8](repeating: 0, count: 2 * Self.block), Z_FINISH)
    }

    private func write(_ bytes: [UInt8]) throws(FetchError) { try self.deflate(bytes, Z_NO_FLUSH) }

    private func deflate(_ bytes: [UInt8], _ flush: Int32) throws(FetchError) {
        var bytes = bytes
        var taken = 0
        var status = Z_OK
        repeat {
            let (left, packed) = bytes.withUnsafeMutableBufferPointer { input in
                self.output.withUnsafeMutableBufferPointer { output in
                    self.stream.next_in = input.baseAddress.map { $0 + taken }
                    self.stream.avail_in = UInt32(input.count - taken)
                    self.stream.next_out = output.baseAddress
                    self.stream.avail_out = UInt32(output.count)
                    status = CZlib.deflate(&self.stream, flush)
                    return (Int(self.stream.avail_in), output.count - Int(self.stream.avail_out))
                }
            }
            taken = bytes.count - left
            try self.writePacked(packed)
        } while taken < bytes.count || (flush == Z_FINISH && status != Z_STREAM_END)
    }

    /// Writes the beginning of the output.
    private func writePacked(_ count: Int) throws(FetchError) {
        var rest = self.output[..<count]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { systemWrite(self.descriptor, $0) }
            guard written > 0 else { throw FetchError("cannot write an archive: \(Paths.lastError)") }
            rest = rest.dropFirst(written)
        }
    }

    private static func padding(_ size: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: (Self.block - size % Self.block) % Self.block)
    }

    private static func header(_ name: String, size: Int, type: UInt8) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<(offset + text.utf8.count), with: text.utf8)
        }
        func octal(_ number: Int, digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(String(decoding: name.utf8.prefix(Self.nameLimit), as: UTF8.self), at: 0)
        put(octal(0o644, digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        // Eleven digits are 8 GiB; more than any registry takes.
        put(String(octal(size, digits: 11).suffix(11)), at: 124)
        put(octal(0, digits: 11), at: 136)
        put("        ", at: 148)
        header[156] = type
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6), at: 148)
        header[154] = 0
        return header
    }
}
