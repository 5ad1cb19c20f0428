/// Reads code and copies it in runs, with some of its numbers replaced.
///
/// Only what is read is checked to be there; whether it is well formed, the engine says.
struct CodeCopier {
    static let cutShort = NotMergeable("the code is cut short")

    private let output: MergedBinary
    private(set) var position: UnsafePointer<UInt8>
    private var end: UnsafePointer<UInt8>
    /// Up to where input is written to the output.
    private var copied: UnsafePointer<UInt8>

    init(to output: MergedBinary) {
        self.output = output
        // Not null, and never read: the code is empty.
        self.position = UnsafePointer(bitPattern: 1).unsafelyUnwrapped
        self.end = self.position
        self.copied = self.position
    }

    /// Goes on with other code, which must stay where it is until ``flush()``.
    mutating func begin(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        self.position = start
        self.copied = start
        self.end = end
    }

    /// Writes what was read up to now and not replaced.
    mutating func flush() {
        self.flush(to: self.position)
        self.copied = self.position
    }

    @inline(__always)
    private func flush(to position: UnsafePointer<UInt8>) {
        self.output.copy(self.copied, position - self.copied)
    }

    // MARK: Reading

    @inline(__always)
    var isAtEnd: Bool { self.position >= self.end }

    @inline(__always)
    func peek() throws(NotMergeable) -> UInt8 {
        guard !self.isAtEnd else { throw Self.cutShort }
        return self.position.pointee
    }

    @inline(__always)
    mutating func byte() throws(NotMergeable) -> UInt8 {
        let byte = try self.peek()
        self.position += 1
        return byte
    }

    @inline(__always)
    mutating func skip(_ count: Int) throws(NotMergeable) {
        guard self.end - self.position >= count else { throw Self.cutShort }
        self.position += count
    }

    /// A number of any width.
    @inline(__always)
    mutating func skipNumber() throws(NotMergeable) {
        while try self.byte() >= 0x80 {}
    }

    @inline(__always)
    mutating func u32() throws(NotMergeable) -> UInt32 {
        let first = try self.byte()
        if first < 0x80 { return UInt32(first) }
        return try self.longU32(UInt32(first & 0x7f))
    }

    private mutating func longU32(_ low: UInt32) throws(NotMergeable) -> UInt32 {
        var value = low
        var shift: UInt32 = 7
        while true {
            let byte = try self.byte()
            guard shift < 28 || byte <= 0x0f else { throw NotMergeable("a number is too large") }
            value |= UInt32(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// A type index where negative numbers mean something else: as a signed number of 33 bits.
    mutating func signedIndex() throws(NotMergeable) -> UInt32 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard shift <= 28 else { throw Self.cutShort }
            let byte = try self.byte()
            value |= UInt64(byte & 0x7f) << shift
            shift += 7
            if byte < 0x80 {
                guard byte & 0x40 == 0 else { throw NotMergeable("a type index is negative") }
                break
            }
        }
        guard let index = UInt32(exactly: value) else { throw NotMergeable("a type index is too large") }
        return index
    }

    // MARK: Replacing

    /// Has `write` write what takes the place of all that was read since `start`.
    @inline(__always)
    mutating func replace(since start: UnsafePointer<UInt8>, _ write: (MergedBinary) -> Void) {
        self.flush(to: start)
        write(self.output)
        self.copied = self.position
    }
}
