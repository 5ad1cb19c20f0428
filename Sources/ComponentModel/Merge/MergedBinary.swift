/// A core module in binary form that the merger wrote.
package final class MergedBinary {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    package private(set) var count = 0

    init(capacity: Int = 256) {
        self.capacity = max(16, capacity)
        self.base = .allocate(capacity: self.capacity)
    }

    deinit {
        self.base.deallocate()
    }

    /// Valid until the next write.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: self.base, count: self.count) }

    /// Makes room, so that the next `additional` bytes are written without a check of theirs.
    @inline(__always)
    func reserve(_ additional: Int) {
        if self.count + additional > self.capacity { self.grow(additional) }
    }

    private func grow(_ additional: Int) {
        let capacity = max(self.capacity * 2, self.count + additional)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        moved.update(from: self.base, count: self.count)
        self.base.deallocate()
        self.base = moved
        self.capacity = capacity
    }

    @inline(__always)
    func byte(_ value: UInt8) {
        self.reserve(1)
        self.base[self.count] = value
        self.count += 1
    }

    @inline(__always)
    func copy(_ source: UnsafePointer<UInt8>, _ length: Int) {
        self.reserve(length)
        (self.base + self.count).update(from: source, count: length)
        self.count += length
    }

    func copy(_ source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress else { return }
        self.copy(start.assumingMemoryBound(to: UInt8.self), source.count)
    }

    func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { self.copy($0) }
    }

    func append(_ other: MergedBinary) {
        self.copy(other.bytes)
    }

    /// A name: length and UTF-8 bytes.
    func name(_ text: String) {
        self.unsigned(UInt64(text.utf8.count))
        self.append(Array(text.utf8))
    }

    @inline(__always)
    func u32(_ value: UInt32) {
        self.reserve(5)
        var rest = value
        while rest >= 0x80 {
            self.base[self.count] = UInt8(truncatingIfNeeded: rest) | 0x80
            self.count += 1
            rest >>= 7
        }
        self.base[self.count] = UInt8(truncatingIfNeeded: rest)
        self.count += 1
    }

    func unsigned(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.byte(UInt8(truncatingIfNeeded: rest))
    }

    func signed(_ value: Int64) {
        var rest = value
        while true {
            let low = UInt8(truncatingIfNeeded: rest) & 0x7f
            rest >>= 7
            if (rest == 0 && low & 0x40 == 0) || (rest == -1 && low & 0x40 != 0) {
                self.byte(low)
                return
            }
            self.byte(low | 0x80)
        }
    }

    // MARK: Lengths that are known only afterwards

    /// Leaves room for the length of what follows; always five bytes, which the format allows.
    func beginLength() -> Int {
        self.reserve(5)
        self.count += 5
        return self.count
    }

    func endLength(_ start: Int) {
        var rest = self.count - start
        for index in 0..<5 {
            self.base[start - 5 + index] = UInt8(rest & 0x7f) | (index == 4 ? 0 : 0x80)
            rest >>= 7
        }
    }

    /// A section of `content`, left out when it has no items.
    func section(_ id: UInt8, count items: Int, _ content: MergedBinary) {
        guard items > 0 else { return }
        self.byte(id)
        let start = self.beginLength()
        self.u32(UInt32(items))
        self.append(content)
        self.endLength(start)
    }
}
