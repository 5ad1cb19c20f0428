/// The Component Model's own state machine of a stream or future, as `definitions.py` has it, for comparison.
///
/// Bytes move between two buffers that stand for the guests' memories. Written to be read beside the original.
struct StreamModel {
    enum State {
        case idle
        case copying
        case done
    }

    enum Result: UInt32 {
        case completed = 0
        case dropped = 1
        case cancelled = 2
    }

    struct End {
        var state = State.idle
        var length = 0
        var moved = 0
        var bytes: [UInt8] = []
        /// The pending event: how the copy ended, and whether the buffer is given back only when it is delivered.
        var event: (result: Result, reclaims: Bool)?
        var isGone = false
        var remaining: Int { self.length - self.moved }
    }

    let isFuture: Bool
    var reader = End()
    var writer = End()
    /// Whose copy is pending: true for the reader's.
    var pending: Bool?
    var isDropped = false

    init(isFuture: Bool) {
        self.isFuture = isFuture
    }

    subscript(isReader: Bool) -> End {
        get { isReader ? self.reader : self.writer }
        set { if isReader { self.reader = newValue } else { self.writer = newValue } }
    }

    /// `stream.read`, `stream.write` and their like. Nil when it traps, `.max` when it blocks.
    mutating func copy(_ isReader: Bool, _ length: Int, _ bytes: [UInt8]) -> UInt32? {
        guard !self[isReader].isGone, self[isReader].state == .idle else { return nil }
        self[isReader].state = .copying
        self[isReader].length = length
        self[isReader].moved = 0
        self[isReader].bytes = bytes
        if self.isDropped {
            self[isReader].event = (.dropped, false)
        } else if self.pending == nil {
            self.pending = isReader
        } else if self.isFuture {
            self.move(1)
            self.pending = nil
            self[!isReader].event = (.completed, false)
            self[isReader].event = (.completed, false)
        } else if self[!isReader].remaining > 0 {
            if self[isReader].remaining > 0 {
                self.move(min(self.reader.remaining, self.writer.remaining))
                self[!isReader].event = (.completed, true)
            }
            self[isReader].event = (.completed, false)
        } else if !isReader, self.writer.length == 0, self.reader.length == 0 {
            self.writer.event = (.completed, false)
        } else {
            self[!isReader].event = (.completed, false)
            self.pending = isReader
        }
        return self.deliver(isReader) ?? .max
    }

    private mutating func move(_ count: Int) {
        self.reader.bytes += self.writer.bytes[self.writer.moved..<self.writer.moved + count]
        self.writer.moved += count
        self.reader.moved += count
    }

    /// Delivers the event of an end, if it has one.
    mutating func deliver(_ isReader: Bool, isCancelled: Bool = false) -> UInt32? {
        guard let event = self[isReader].event else { return nil }
        self[isReader].event = nil
        if event.reclaims { self.pending = nil }
        var result = event.result
        if isCancelled, result == .completed, !self.isFuture { result = .cancelled }
        let isOver = self.isFuture ? result != .cancelled : result == .dropped
        self[isReader].state = isOver ? .done : .idle
        return self.isFuture ? result.rawValue : result.rawValue | UInt32(self[isReader].moved) << 4
    }

    /// Nil when it traps.
    mutating func cancel(_ isReader: Bool) -> UInt32? {
        guard !self[isReader].isGone, self[isReader].state == .copying else { return nil }
        if self[isReader].event == nil {
            self.pending = nil
            self[isReader].event = (.cancelled, false)
        }
        return self.deliver(isReader, isCancelled: true)
    }

    /// False when it traps.
    mutating func drop(_ isReader: Bool) -> Bool {
        guard !self[isReader].isGone, self[isReader].state != .copying else { return false }
        guard !self.isFuture || isReader || self.writer.state == .done else { return false }
        self[isReader].isGone = true
        guard !self.isDropped else { return true }
        self.isDropped = true
        if let pending = self.pending {
            self.pending = nil
            self[pending].event = (.dropped, false)
        }
        return true
    }
}
