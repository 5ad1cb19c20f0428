package import HTTP
package import NIOCore

/// What one reply may take up.
package struct RESPLimits: Sendable {
    /// Bytes that a reply takes in memory, each element of an array counted with its own size.
    package var replyBytes = 128 * 1024 * 1024
    /// Arrays in arrays.
    package var depth = 32
    /// Bytes of a status, an error or a number.
    package var lineBytes = 64 * 1024

    package init() {}
}

/// Reads replies from received bytes (RESP2 and RESP3).
///
/// Trusts nothing: nothing is reserved for what is only announced. A reply over the limit is read to its end and
/// dropped, so that the replies after it are still whose they are.
package struct RESPReader {
    package enum Reply: Equatable {
        case value(RESPValue)
        /// Dropped: it takes more than one reply may.
        case tooLarge
        /// Dropped: with it, its budget would be exceeded.
        case overBudget
    }

    /// The server broke the protocol: the connection is of no more use.
    package struct Fault: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    private enum Shape {
        case array
        case push
        /// Facts about the next reply that nobody asked for.
        case attributes
    }

    private struct Frame {
        var shape: Shape
        var remaining: Int
        var items: [RESPValue] = []
    }

    private enum Expected {
        case line
        case bulk(type: UInt8, length: Int)
        case skipped(Int)
    }

    /// Bytes of a reply that no budget counts: asking for them would cost more than they bound.
    private static let uncountedBytes = 4096
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")

    private let limits: RESPLimits
    /// Where the memory of the reply that comes next, or is being read, is taken from; nil for nowhere.
    package var budget: ByteBudget?
    /// What the reply holds of its budget.
    private var claim: ByteClaim?
    private var buffer = ByteBuffer()
    private var frames: [Frame] = []
    private var expected = Expected.line
    private var cost = 0
    /// The reply is read to its end, and this given in its place.
    private var substitute: Reply?

    package init(limits: RESPLimits = RESPLimits()) {
        self.limits = limits
    }

    /// Adds received bytes.
    package mutating func append(_ bytes: ByteBuffer) { self.buffer.append(received: bytes) }

    /// Bytes of memory that received input takes up, read or not.
    package var capacity: Int { self.buffer.storageCapacity }

    /// The next complete reply; nil until more bytes are there.
    package mutating func next() throws(Fault) -> Reply? {
        while true {
            let value: RESPValue?
            switch self.expected {
            case .line:
                guard let line = try self.line() else { return nil }
                switch try self.begin(line) {
                case .value(let read): value = read
                case .more: continue
                }
            case .bulk(let type, let length):
                guard self.buffer.readableBytes >= length + 2 else { return nil }
                value = try self.bulk(type, length)
            case .skipped(let length):
                let available = min(length, self.buffer.readableBytes)
                self.buffer.moveReaderIndex(forwardBy: available)
                self.expected = .skipped(length - available)
                guard available == length, self.buffer.readableBytes >= 2 else { return nil }
                try self.endOfBulk()
                value = nil
            }
            self.expected = .line
            if let reply = self.place(value) { return reply }
        }
    }

    /// What the last reply holds of its budget; nil for a small one. Whoever has the reply keeps this with it.
    package mutating func takeClaim() -> ByteClaim? {
        defer { self.claim = nil }
        return self.claim
    }

    private var isDropped: Bool { self.substitute != nil }

    // MARK: Elements

    private enum Begun {
        /// A whole value; nil when it is dropped.
        case value(RESPValue?)
        case more
    }

    private mutating func begin(_ line: ByteBuffer) throws(Fault) -> Begun {
        guard let type = line.getInteger(at: line.readerIndex, as: UInt8.self) else {
            throw Fault(description: "an empty line where a reply begins")
        }
        let rest = line.readableBytesView.dropFirst()
        switch type {
        case UInt8(ascii: "+"): return .value(self.counted(.status(String(decoding: rest, as: UTF8.self)), rest.count))
        case UInt8(ascii: "-"): return .value(self.counted(.error(String(decoding: rest, as: UTF8.self)), rest.count))
        case UInt8(ascii: ":"): return .value(self.counted(.integer(try RESPNumber.integer(rest)), 0))
        case UInt8(ascii: "_"): return .value(self.counted(.null, 0))
        case UInt8(ascii: "#"):
            guard rest.count == 1, let flag = rest.first, flag == UInt8(ascii: "t") || flag == UInt8(ascii: "f") else {
                throw Fault(description: "a boolean that is neither true nor false")
            }
            return .value(self.counted(.boolean(flag == UInt8(ascii: "t")), 0))
        case UInt8(ascii: ","):
            guard rest.count <= 64, let number = RESPNumber.double(String(decoding: rest, as: UTF8.self)) else {
                throw Fault(description: "a malformed number")
            }
            return .value(self.counted(.double(number), 0))
        case UInt8(ascii: "("): return .value(self.counted(.bytes(ByteBuffer(rest)), rest.count))
        case UInt8(ascii: "$"), UInt8(ascii: "!"), UInt8(ascii: "="): return try self.beginBulk(type, rest)
        case UInt8(ascii: "*"), UInt8(ascii: "~"): return try self.beginFrame(.array, rest, each: 1)
        case UInt8(ascii: ">"): return try self.beginFrame(.push, rest, each: 1)
        case UInt8(ascii: "%"): return try self.beginFrame(.array, rest, each: 2)
        case UInt8(ascii: "|"): return try self.beginFrame(.attributes, rest, each: 2)
        default: throw Fault(description: "a reply of the unknown type \(type)")
        }
    }

    private mutating func beginBulk(_ type: UInt8, _ rest: ByteBufferView) throws(Fault) -> Begun {
        let length = try RESPNumber.integer(rest)
        if length == -1, type == UInt8(ascii: "$") { return .value(self.counted(.null, 0)) }
        // What is longer can only be dropped; the bound keeps sums of lengths from overflowing.
        guard length >= 0, length <= 1 << 40 else { throw Fault(description: "a text of \(length) bytes") }
        self.count(Int(length))
        self.expected = self.isDropped ? .skipped(Int(length)) : .bulk(type: type, length: Int(length))
        return .more
    }

    private mutating func bulk(_ type: UInt8, _ length: Int) throws(Fault) -> RESPValue {
        guard var bytes = self.buffer.readSlice(length: length) else {
            throw Fault(description: "a text that is not there")
        }
        try self.endOfBulk()
        switch type {
        case UInt8(ascii: "!"): return .error(String(buffer: bytes))
        case UInt8(ascii: "="):
            // `txt:` or `mkd:` comes first.
            guard length >= 4 else { throw Fault(description: "a verbatim text without its format") }
            bytes.moveReaderIndex(forwardBy: 4)
            return .bytes(bytes)
        default: return .bytes(bytes)
        }
    }

    private mutating func endOfBulk() throws(Fault) {
        guard self.buffer.readInteger(as: UInt16.self) == 0x0d0a else {
            throw Fault(description: "a text that does not end where it should")
        }
    }

    private mutating func beginFrame(
        _ shape: Shape, _ rest: ByteBufferView, each: Int64
    ) throws(Fault) -> Begun {
        let count = try RESPNumber.integer(rest)
        if count == -1, shape == .array, each == 1 { return .value(self.counted(.null, 0)) }
        let (items, overflows) = count.multipliedReportingOverflow(by: each)
        guard count >= 0, !overflows else { throw Fault(description: "an array of \(count) elements") }
        guard self.frames.count < self.limits.depth else {
            throw Fault(description: "arrays nested deeper than \(self.limits.depth)")
        }
        self.count(0)
        self.frames.append(Frame(shape: shape, remaining: Int(items)))
        self.expected = .line
        guard items == 0, let empty = self.closeFrame() else { return .more }
        return .value(self.isDropped ? nil : empty)
    }

    /// Takes the innermost array off; nil when there is nothing to give.
    private mutating func closeFrame() -> RESPValue? {
        guard let frame = self.frames.popLast() else { return nil }
        switch frame.shape {
        case .array: return .array(frame.items)
        case .push: return .push(frame.items)
        case .attributes: return nil
        }
    }

    /// Puts a value where it belongs; gives the reply when it is complete.
    private mutating func place(_ value: RESPValue?) -> Reply? {
        var value = value
        while let last = self.frames.indices.last {
            // Attributes are no element of what they stand in.
            if let placed = value, !self.isDropped { self.frames[last].items.append(placed) }
            if value != nil || self.isDropped { self.frames[last].remaining -= 1 }
            guard self.frames[last].remaining <= 0 else { return nil }
            guard let closed = self.closeFrame() else { return nil }
            value = closed
        }
        guard let reply = self.substitute ?? value.map({ .value($0) }) else { return nil }
        self.cost = 0
        self.substitute = nil
        return reply
    }

    private mutating func count(_ bytes: Int) {
        guard !self.isDropped else { return }
        self.cost += MemoryLayout<RESPValue>.stride + bytes
        if self.cost > self.limits.replyBytes {
            self.substitute = .tooLarge
        } else if !self.claimCost() {
            self.substitute = .overBudget
        }
        guard self.isDropped else { return }
        for index in self.frames.indices { self.frames[index].items = [] }
        self.claim = nil
    }

    /// Takes what the reply needs from its budget, before it is there; false where there is not as much.
    private mutating func claimCost() -> Bool {
        guard let budget = self.budget else { return true }
        let needed = self.cost - (self.claim?.bytes ?? 0)
        guard needed > Self.uncountedBytes else { return true }
        let claim = self.claim ?? ByteClaim(budget)
        self.claim = claim
        return claim.grow(by: needed)
    }

    private mutating func counted(_ value: RESPValue, _ bytes: Int) -> RESPValue? {
        self.count(bytes)
        return self.isDropped ? nil : value
    }

    // MARK: Bytes

    private mutating func line() throws(Fault) -> ByteBuffer? {
        let view = self.buffer.readableBytesView
        guard let end = view.prefix(self.limits.lineBytes + 1).firstIndex(of: Self.carriageReturn) else {
            guard view.count <= self.limits.lineBytes else {
                throw Fault(description: "a line longer than \(self.limits.lineBytes) bytes")
            }
            return nil
        }
        guard view.index(after: end) < view.endIndex else { return nil }
        guard view[view.index(after: end)] == Self.lineFeed else {
            throw Fault(description: "a line that does not end with CR LF")
        }
        let line = self.buffer.readSlice(length: end - view.startIndex)
        self.buffer.moveReaderIndex(forwardBy: 2)
        return line
    }
}
