import ComponentModel

/// Bytes that a test gives out piece by piece.
final class TestProducer: ByteProducer {
    var bytes: [UInt8]
    var isOver = false
    private(set) var isCancelled = false
    /// The largest buffer that it was given.
    private(set) var largestBuffer = 0
    private(set) var readsOfNothing = 0
    /// Called in the middle of a read.
    var duringRead: (() -> Void)?

    init(_ bytes: [UInt8] = [], isOver: Bool = false) {
        self.bytes = bytes
        self.isOver = isOver
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep {
        self.largestBuffer = max(self.largestBuffer, buffer.count)
        if buffer.isEmpty { self.readsOfNothing += 1 }
        self.duringRead?()
        guard !self.bytes.isEmpty else { return self.isOver ? .end : .wait }
        let count = min(buffer.count, self.bytes.count)
        buffer.copyBytes(from: self.bytes.prefix(count))
        self.bytes.removeFirst(count)
        return .moved(count)
    }

    var isReady: Bool { !self.bytes.isEmpty || self.isOver }

    func cancel() { self.isCancelled = true }
}

/// Bytes that a test takes in, as far as it has room.
final class TestConsumer: ByteConsumer {
    private(set) var bytes: [UInt8] = []
    var room = Int.max
    var isOver = false
    private(set) var isFinished = false
    private(set) var writesOfNothing = 0
    var endsWithInstance = false
    /// What was put off.
    var turns: [() -> Void]?

    func later(_ body: @escaping () -> Void) -> Bool {
        self.turns?.append(body)
        return self.turns != nil
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws -> StreamStep {
        if bytes.isEmpty { self.writesOfNothing += 1 }
        guard !self.isOver else { return .end }
        let count = min(self.room, bytes.count)
        guard count > 0 else { return .wait }
        self.room -= count
        self.bytes += bytes[0..<count]
        return .moved(count)
    }

    func finish() { self.isFinished = true }
}

/// Texts that a test gives out one by one.
final class TestTexts: ElementProducer {
    var texts: [String]
    var isOver: Bool
    private(set) var isCancelled = false

    init(_ texts: [String] = [], isOver: Bool = false) {
        self.texts = texts
        self.isOver = isOver
    }

    func next() throws -> ElementStep<String> {
        guard !self.texts.isEmpty else { return self.isOver ? .end : .wait }
        return .element(self.texts.removeFirst())
    }

    func cancel() { self.isCancelled = true }
}

/// Texts that a test takes in.
final class TestReader: ElementConsumer {
    private(set) var texts: [String] = []
    var room = Int.max
    /// The last one that it wants.
    var last: String?
    private(set) var isFinished = false

    var hasRoom: Bool { self.room > 0 }

    func accept(_ element: String) throws -> Bool {
        self.room -= 1
        self.texts.append(element)
        return element != self.last
    }

    func finish() { self.isFinished = true }
}

/// As generated glue has it.
let textCodec = ElementCodec<String>(
    signature: "string", size: 8, alignment: 4, mayAllocate: true,
    load: { pointer, call in
        let view = try call.view(pointer, size: 8, alignment: 4)
        return try call.string(view.u32(0), view.u32(4))
    },
    store: { text, pointer, call in
        let lowered = try call.lower(text)
        let view = try call.view(pointer, size: 8, alignment: 4)
        view.set(u32: lowered.pointer, at: 0)
        view.set(u32: lowered.length, at: 4)
    })

/// Gives no bytes; does something when its reader goes.
final class CancelObserver: ByteProducer {
    private let onCancel: () -> Void

    init(_ onCancel: @escaping () -> Void) {
        self.onCancel = onCancel
    }

    var isReady: Bool { false }
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep { .wait }
    func cancel() { self.onCancel() }
}
