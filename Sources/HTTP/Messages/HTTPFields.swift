package import NIOCore

/// An ordered list of header or trailer fields, names compared without case.
///
/// A parsed message keeps slices of the buffer that was read from the socket: no `String` is made until one is asked
/// for. Every name and value in the list is valid (RFC 9110 5.1 and 5.5): whatever is not is refused when it is added.
package struct HTTPFields: Sendable {
    /// Where one field lies in `storage`, relative to its reader index.
    package struct Entry: Sendable {
        package var nameStart: UInt32
        package var nameLength: UInt32
        package var valueStart: UInt32
        package var valueLength: UInt32
        /// The name has capital letters.
        package var isCapitalized: Bool
    }

    private(set) var storage: ByteBuffer
    private(set) var entries: [Entry]

    package init() {
        self.storage = ByteBuffer()
        self.entries = []
    }

    /// Fields that a parser found in `storage`: it has checked the bytes and the bounds.
    package init(storage: ByteBuffer, entries: [Entry]) {
        self.storage = storage
        self.entries = entries
    }

    package var count: Int { self.entries.count }

    package var isEmpty: Bool { self.entries.isEmpty }

    /// Bytes of all names and values together.
    package var byteCount: Int {
        self.entries.reduce(0) { $0 &+ Int($1.nameLength) &+ Int($1.valueLength) }
    }
}

// MARK: - Reading

extension HTTPFields {
    /// The name at `index` in lowercase, empty when there is no such field.
    package func name(at index: Int) -> String {
        self.withName(at: index) { String(decoding: $0, as: UTF8.self) }
    }

    /// The value at `index`, bytes that are not UTF-8 replaced, empty when there is no such field.
    package func value(at index: Int) -> String {
        self.withValue(at: index) { String(decoding: $0, as: UTF8.self) }
    }

    /// Calls `body` with the lowercase name at `index`, without bytes when there is no such field.
    package func withName<Result>(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        guard self.entries.indices.contains(index), self.entries[index].isCapitalized else {
            return try self.withRawName(at: index, body)
        }
        return try self.withRawName(at: index) { name in
            try withUnsafeTemporaryAllocation(byteCount: name.count, alignment: 1) { scratch in
                for offset in 0..<name.count {
                    scratch[offset] = Bytes.lowered(name[offset])
                }
                return try body(UnsafeRawBufferPointer(scratch))
            }
        }
    }

    /// Whether the lowercase name at `index` begins with `prefix`.
    package func hasName(at index: Int, startingWith prefix: [UInt8]) -> Bool {
        self.withName(at: index) { $0.starts(with: prefix) }
    }

    /// Calls `body` with the name at `index` as it was given, without bytes when there is no such field.
    package func withRawName<Result>(
        at index: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        guard self.entries.indices.contains(index) else {
            return try body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        let entry = self.entries[index]
        return try self.storage.withUnsafeReadableBytes { bytes in
            try body(bytes[start: entry.nameStart, count: entry.nameLength])
        }
    }

    /// Calls `body` with the bytes of the value at `index`, without bytes when there is no such field.
    package func withValue<Result>(
        at index: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        guard self.entries.indices.contains(index) else {
            return try body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        let entry = self.entries[index]
        return try self.storage.withUnsafeReadableBytes { bytes in
            try body(bytes[start: entry.valueStart, count: entry.valueLength])
        }
    }

    /// Index of the first field of that name at or after `start`.
    package func firstIndex(of name: String, from start: Int = 0) -> Int? {
        guard start >= 0, start < self.entries.count else {
            return nil
        }
        var name = name
        return name.withUTF8 { wanted in
            self.storage.withUnsafeReadableBytes { bytes in
                for index in start..<self.entries.count {
                    let entry = self.entries[index]
                    guard Int(entry.nameLength) == wanted.count else {
                        continue
                    }
                    let candidate = bytes[start: entry.nameStart, count: entry.nameLength]
                    if Bytes.equal(candidate, ignoringCase: UnsafeRawBufferPointer(wanted)) {
                        return index
                    }
                }
                return nil
            }
        }
    }

    package func contains(_ name: String) -> Bool {
        self.firstIndex(of: name) != nil
    }

    /// The value of the first field of that name.
    package func first(_ name: String) -> String? {
        self.firstIndex(of: name).map { self.value(at: $0) }
    }

    /// The values of all fields of that name, in order.
    package func all(_ name: String) -> [String] {
        var values: [String] = []
        var start = 0
        while let index = self.firstIndex(of: name, from: start) {
            values.append(self.value(at: index))
            start = index + 1
        }
        return values
    }
}

// MARK: - Changing

extension HTTPFields {
    /// Adds a field at the end; refuses an invalid name or value with `false`.
    @discardableResult
    package mutating func append(_ name: String, _ value: String) -> Bool {
        self.append(name: name.utf8, value: value.utf8)
    }

    /// Adds a field at the end; refuses an invalid name or value with `false`.
    @discardableResult
    package mutating func append(name: some Sequence<UInt8>, value: some Sequence<UInt8>) -> Bool {
        do {
            try self.add(name: name, value: value)
            return true
        } catch {
            return false
        }
    }

    /// Adds a field at the end.
    ///
    /// - Throws: what is wrong with the name or the value; the list is as it was.
    package mutating func add(
        name: some Sequence<UInt8>,
        value: some Sequence<UInt8>
    ) throws(HTTPFieldError) {
        if self.entries.isEmpty {
            // Room for the usual few fields in one piece.
            self.storage.reserveCapacity(minimumWritableBytes: 192)
            self.entries.reserveCapacity(8)
        }
        guard self.storage.writerIndex < 1 << 30 else {
            throw .tooLarge
        }
        let start = self.storage.writerIndex
        let base = self.storage.readerIndex
        let nameLength = self.storage.writeBytes(name)
        let valueLength = self.storage.writeBytes(value)
        let end = self.storage.writerIndex
        let checked: (error: HTTPFieldError?, isCapitalized: Bool) = self.storage.withUnsafeReadableBytes { bytes in
            let all = bytes[start: UInt32(clamping: start - base), count: UInt32(clamping: end - start)]
            guard nameLength > 0, all.count == nameLength + valueLength else {
                return (nameLength > 0 ? .tooLarge : .emptyName, false)
            }
            var isCapitalized = false
            for index in 0..<nameLength {
                guard Bytes.isToken(all[index]) else {
                    return (.invalidName(byte: all[index], at: index), false)
                }
                isCapitalized = isCapitalized || Bytes.isUpper(all[index])
            }
            guard Bytes.isFieldValue(UnsafeRawBufferPointer(rebasing: all[nameLength...])) else {
                return (.invalidValue, false)
            }
            return (nil, isCapitalized)
        }
        if let error = checked.error {
            self.storage.moveWriterIndex(to: start)
            throw error
        }
        let nameStart = UInt32(clamping: start - base)
        self.entries.append(
            Entry(
                nameStart: nameStart,
                nameLength: UInt32(clamping: nameLength),
                valueStart: nameStart &+ UInt32(clamping: nameLength),
                valueLength: UInt32(clamping: valueLength),
                isCapitalized: checked.isCapitalized))
    }

    /// Removes every field of that name.
    package mutating func removeAll(_ name: String) {
        while let index = self.firstIndex(of: name) {
            self.entries.remove(at: index)
        }
    }

    /// Replaces every field of that name by one; refuses an invalid name or value with `false`.
    @discardableResult
    package mutating func set(_ name: String, _ value: String) -> Bool {
        self.removeAll(name)
        return self.append(name, value)
    }
}

extension HTTPFields: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements {
            self.append(name, value)
        }
    }
}

extension HTTPFields: Equatable {
    /// Whether both lists have the same names, case aside, and values in the same order.
    package static func == (left: Self, right: Self) -> Bool {
        left.count == right.count
            && left.entries.indices.allSatisfy { index in
                left.withName(at: index) { name in
                    right.withName(at: index) { Bytes.equal(name, ignoringCase: $0) }
                }
                    && left.withValue(at: index) { value in
                        right.withValue(at: index) { value.elementsEqual($0) }
                    }
            }
    }
}

extension HTTPFields: CustomStringConvertible {
    package var description: String {
        self.entries.indices.map { "\(self.name(at: $0)): \(self.value(at: $0))" }.joined(separator: "\n")
    }
}

/// Why a field was refused.
package enum HTTPFieldError: Error, Equatable, Sendable, CustomStringConvertible {
    case emptyName
    case invalidName(byte: UInt8, at: Int)
    case invalidValue
    /// The list would not fit in 4 GiB.
    case tooLarge

    package var description: String {
        switch self {
        case .emptyName:
            "a header field has an empty name"
        case .invalidName(let byte, let index):
            "a header field name has the byte 0x\(String(byte, radix: 16)) at offset \(index): "
                + "use letters, digits, '-' and '_'"
        case .invalidValue:
            "a header field value has a control character (CR, LF, NUL, …): remove or encode it"
        case .tooLarge:
            "the header fields are too large"
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The part at `start`, cut at the end of the buffer, so that a wrong offset cannot read outside.
    @inline(__always)
    package subscript(start start: UInt32, count count: UInt32) -> UnsafeRawBufferPointer {
        let lower = Swift.min(Int(start), self.count)
        let upper = Swift.min(lower &+ Int(count), self.count)
        return UnsafeRawBufferPointer(rebasing: self[lower..<upper])
    }
}
