package import NIOCore

/// Splits a header or trailer section into lines and fields, going on where the input ended the last time.
///
/// Offsets are relative to the first byte of the section's buffer (for a head, the method).
package struct FieldSection {
    private(set) package var entries: [HTTPFields.Entry] = []
    /// Where the next line begins.
    private(set) package var position = 0
    /// Bytes before this offset hold no line feed that has not been handled.
    private var scanned = 0
    /// Where the lines begin that count against the limit.
    private var start = 0

    package init() {}

    package mutating func reset() {
        self.entries.removeAll(keepingCapacity: true)
        self.position = 0
        self.scanned = 0
        self.start = 0
    }

    /// The request line is done: the limit of the header section counts from here.
    package mutating func beginFields() {
        self.start = self.position
    }

    /// The entries found, which become the caller's.
    package mutating func takeEntries() -> [HTTPFields.Entry] {
        let entries = self.entries
        self.entries = []
        return entries
    }

    /// The next line without its CR LF, `nil` when it is not complete.
    ///
    /// - Throws: `status` when the lines so far take more than `limit` bytes, 400 for a bare line feed.
    package mutating func nextLine(
        in bytes: UnsafeRawBufferPointer,
        limit: Int,
        status: Int
    ) throws(HTTP1ParseError) -> Range<Int>? {
        let found = bytes.firstIndex(of: Bytes.lineFeed, from: self.scanned)
        let end = found ?? bytes.count
        guard end &- self.start < limit else {
            let reason = status == 414 ? "the request target is too long" : "the header fields are too large"
            throw HTTP1ParseError(status: status, reason: reason)
        }
        guard let found else {
            self.scanned = end
            return nil
        }
        guard found > self.position, bytes[found &- 1] == Bytes.carriageReturn else {
            throw .badRequest("a line ends with a line feed alone")
        }
        let line = self.position..<(found &- 1)
        self.position = found &+ 1
        self.scanned = found &+ 1
        return line
    }

    /// Parses one field line (RFC 9112 5) and keeps it.
    @discardableResult
    package mutating func parseField(
        in bytes: UnsafeRawBufferPointer,
        _ line: Range<Int>,
        limit: Int
    ) throws(HTTP1ParseError) -> HTTPFields.Entry {
        var index = line.lowerBound
        var isCapitalized = false
        while index < line.upperBound, Bytes.isToken(bytes[index]) {
            isCapitalized = isCapitalized || Bytes.isUpper(bytes[index])
            index &+= 1
        }
        guard index < line.upperBound, index > line.lowerBound, bytes[index] == Bytes.colon else {
            throw .badRequest(Self.nameFault(in: bytes, line, at: index))
        }
        let value = Bytes.trimmed(UnsafeRawBufferPointer(rebasing: bytes[(index &+ 1)..<line.upperBound]))
        guard Bytes.isFieldValue(value) else {
            throw .badRequest("the value of a header field has a control character")
        }
        guard self.entries.count < limit else {
            throw HTTP1ParseError(status: 431, reason: "there are more than \(limit) header fields")
        }
        var valueStart = index &+ 1
        if let base = bytes.baseAddress, let address = value.baseAddress {
            valueStart = address - base
        }
        let entry = HTTPFields.Entry(
            nameStart: UInt32(truncatingIfNeeded: line.lowerBound),
            nameLength: UInt32(truncatingIfNeeded: index &- line.lowerBound),
            valueStart: UInt32(truncatingIfNeeded: valueStart),
            valueLength: UInt32(truncatingIfNeeded: value.count),
            isCapitalized: isCapitalized)
        if self.entries.capacity == 0 {
            self.entries.reserveCapacity(8)
        }
        self.entries.append(entry)
        return entry
    }

    /// Reads a whole trailer section off `buffer`; nil, and nothing read, while its end is not there.
    ///
    /// - Parameter dropped: fields that may not change after the body (RFC 9110 6.5.1).
    package mutating func readTrailers(
        _ buffer: inout ByteBuffer, byteLimit: Int, countLimit: Int, dropping dropped: [String]
    ) throws(HTTP1ParseError) -> HTTPFields? {
        let end = try buffer.withUnsafeReadableBytes { bytes throws(HTTP1ParseError) -> Int? in
            while let line = try self.nextLine(in: bytes, limit: byteLimit, status: 431) {
                guard !line.isEmpty else {
                    return self.position
                }
                try self.parseField(in: bytes, line, limit: countLimit)
            }
            return nil
        }
        guard let end, let storage = buffer.readSlice(length: end) else {
            return nil
        }
        var trailers = HTTPFields(storage: storage, entries: self.takeEntries())
        for name in dropped {
            trailers.removeAll(name)
        }
        return trailers
    }

    /// Says why a field line has no name, `index` being the first byte that is no part of one.
    private static func nameFault(in bytes: UnsafeRawBufferPointer, _ line: Range<Int>, at index: Int) -> String {
        guard index < line.upperBound else {
            return "a header line has no colon"
        }
        let isBlank = bytes[index] == Bytes.space || bytes[index] == Bytes.tab
        if index == line.lowerBound {
            return isBlank ? "a header line begins with a blank (folded lines are obsolete)" : "a header name is empty"
        }
        return isBlank ? "a blank before the colon of a header field" : "a header name has an invalid character"
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension UnsafeRawBufferPointer {
    /// Index of the first such byte at or after `start`.
    @inline(__always)
    func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        guard start < self.count, let base = self.baseAddress,
            let found = memchr(base + start, Int32(byte), self.count &- start)
        else {
            return nil
        }
        return UnsafeRawPointer(found) - base
    }
}
