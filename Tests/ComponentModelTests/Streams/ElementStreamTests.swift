import ComponentModel
import Testing

/// Streams of text and futures between a guest and the host.
@Suite struct ElementStreamTests {
    static let blocked = UInt32.max

    /// The texts that the pairs at `pointer` refer to.
    private func texts(_ rig: StreamRig, _ count: Int, at pointer: UInt32) throws -> [String] {
        try (0..<UInt32(count)).map { index in
            let pair = try rig.peek(.p, 8, at: pointer + index * 8).map(UInt32.init)
            let bytes = try rig.peek(.p, Int(pair[4] | pair[5] << 8), at: pair[0] | pair[1] << 8)
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Writes texts and the pairs that refer to them.
    private func store(_ texts: [String], _ rig: StreamRig, at pointer: UInt32) throws {
        var end = pointer + 200
        for (index, text) in texts.enumerated() {
            try rig.poke(.p, Array(text.utf8), at: end)
            let pair = [UInt8(end & 0xff), UInt8(end >> 8), 0, 0, UInt8(text.utf8.count), 0, 0, 0]
            try rig.poke(.p, pair, at: pointer + UInt32(index) * 8)
            end += UInt32(text.utf8.count)
        }
    }

    @Test func readsWhatTheHostHas() throws {
        let rig = try StreamRig("string")
        let producer = TestTexts(["one", "two", "three"])
        let stream = ElementStream(producer)
        let reader = try rig.take(stream.value(textCodec), .p)
        #expect(try rig.call(.p, "stream-read", reader, 16, 0) == 0)
        #expect(try rig.call(.p, "stream-read", reader, 16, 2) == 2 << 4)
        #expect(try self.texts(rig, 2, at: 16) == ["one", "two"])
        #expect(try rig.call(.p, "stream-read", reader, 16, 2) == 1 << 4)
        #expect(try self.texts(rig, 1, at: 16) == ["three"])
        #expect(try rig.call(.p, "stream-read", reader, 64, 2) == Self.blocked)
        producer.texts = ["four"]
        producer.isOver = true
        stream.wake()
        #expect(try rig.poll(.p, reader) == nil, "a wake-up runs no guest code")
        try rig.run()
        #expect(try rig.poll(.p, reader)?.payload == 1 << 4 | 1)
        #expect(try self.texts(rig, 1, at: 64) == ["four"])
    }

    @Test func keepsAnElementThatNobodyTook() throws {
        let rig = try StreamRig("string")
        let producer = TestTexts()
        let stream = ElementStream(producer)
        let reader = try rig.take(stream.value(textCodec), .p)
        #expect(try rig.call(.p, "stream-read", reader, 16, 0) == Self.blocked)
        producer.texts = ["one"]
        stream.wake()
        try rig.run()
        #expect(try rig.poll(.p, reader)?.payload == 0)
        #expect(try rig.call(.p, "stream-read", reader, 16, 4) == 1 << 4)
        #expect(try self.texts(rig, 1, at: 16) == ["one"])
    }

    @Test func forgetsACopyThatWasCancelledBeforeItsTurn() throws {
        let rig = try StreamRig("string")
        let producer = TestTexts()
        let stream = ElementStream(producer)
        let reader = try rig.take(stream.value(textCodec), .p)
        #expect(try rig.call(.p, "stream-read", reader, 16, 1) == Self.blocked)
        producer.texts = ["one"]
        stream.wake()
        #expect(try rig.call(.p, "stream-cancel-read", reader) == 2)
        try rig.call(.p, "stream-drop-readable", reader)
        try rig.run()
        #expect(producer.texts == ["one"])
        #expect(producer.isCancelled)
    }

    @Test func goesWithItsReader() throws {
        let rig = try StreamRig("string")
        weak var stream: ElementStream<String>?
        weak var producer: TestTexts?
        let reader: UInt32
        do {
            let texts = TestTexts()
            let made = ElementStream(texts)
            (stream, producer) = (made, texts)
            reader = try rig.take(made.value(textCodec), .p)
        }
        #expect(try rig.call(.p, "stream-read", reader, 16, 4) == Self.blocked)
        try #require(producer).texts = ["one"]
        try #require(stream).wake()
        try rig.run()
        #expect(try rig.poll(.p, reader)?.payload == 1 << 4)
        try rig.call(.p, "stream-drop-readable", reader)
        #expect(stream == nil)
        #expect(producer == nil)
    }

    @Test func writesWhatTheHostHasRoomFor() throws {
        let rig = try StreamRig("string")
        let (reader, writer) = try rig.new(.p)
        let consumer = TestReader()
        consumer.room = 1
        let stream = try ElementStream(rig.give(reader, .p), textCodec)
        stream.consume(by: consumer)
        try self.store(["a", "bc", "def"], rig, at: 16)
        #expect(try rig.call(.p, "stream-write", writer, 16, 3) == 1 << 4)
        #expect(try rig.call(.p, "stream-write", writer, 24, 2) == Self.blocked)
        consumer.room = 5
        consumer.last = "def"
        stream.wake()
        #expect(consumer.texts == ["a", "bc", "def"])
        #expect(try rig.poll(.p, writer)?.payload == 2 << 4 | 1)
        try rig.call(.p, "stream-drop-writable", writer)
        #expect(!consumer.isFinished)
    }

    @Test func passesOnWithoutAGuest() throws {
        let rig = try StreamRig("string")
        let producer = TestTexts(["a", "b", "c"])
        let made = ElementStream(producer)
        let reader = try rig.take(made.value(textCodec), .p)
        #expect(try rig.call(.p, "stream-read", reader, 16, 1) == 1 << 4)
        let back = try ElementStream(rig.give(reader, .p), textCodec)
        let consumer = TestReader()
        consumer.room = 1
        back.consume(by: consumer)
        #expect(consumer.texts == ["b"])
        consumer.room = 9
        producer.isOver = true
        back.wake()
        #expect(consumer.texts == ["b", "c"])
        #expect(consumer.isFinished)
    }

    @Test func refusesTextThatIsNone() throws {
        let rig = try StreamRig("string")
        let (reader, writer) = try rig.new(.p)
        try ElementStream(rig.give(reader, .p), textCodec).consume(by: TestReader())
        try rig.poke(.p, [100, 0, 0, 0, 1, 0, 0, 0], at: 16)
        try rig.poke(.p, [0xff], at: 100)
        let fault = try rig.fault { try rig.call(.p, "stream-write", writer, 16, 1) }
        #expect(fault.contains("is not UTF-8"))
    }

    // MARK: Futures

    @Test func readsAValueThatIsThere() throws {
        let rig = try StreamRig("string")
        let future = ElementFuture<String>(.ready("now"))
        let reader = try rig.take(future.value(textCodec), .p, "future")
        #expect(try rig.call(.p, "future-read", reader, 16) == 0)
        #expect(try self.texts(rig, 1, at: 16) == ["now"])
        let fault = try rig.fault { try rig.call(.p, "future-read", reader, 16) }
        #expect(fault == "cannot read from future after previous read succeeded")
    }

    @Test func readsAValueThatComesLater() throws {
        let rig = try StreamRig("string")
        let pending = Pending<String>()
        let reader = try rig.take(ElementFuture(.later(pending)).value(textCodec), .p, "future")
        #expect(try rig.call(.p, "future-read", reader, 16) == Self.blocked)
        pending.succeed("later")
        try rig.run()
        let event = try #require(try rig.poll(.p, reader))
        #expect(event == (4, 0))
        #expect(try self.texts(rig, 1, at: 16) == ["later"])
        try rig.call(.p, "future-drop-readable", reader)
    }

    @Test func cancelsAnAnswerThatNobodyWants() throws {
        let rig = try StreamRig("string")
        var isCancelled = false
        let pending = Pending<String> { isCancelled = true }
        let reader = try rig.take(ElementFuture(.later(pending)).value(textCodec), .p, "future")
        #expect(try rig.call(.p, "future-read", reader, 16) == Self.blocked)
        #expect(try rig.call(.p, "future-cancel-read", reader) == 2)
        #expect(!isCancelled)
        try rig.call(.p, "future-drop-readable", reader)
        #expect(isCancelled)
        pending.succeed("too late")
    }

    @Test func trapsWhoReadsAnAnswerThatFailed() throws {
        let rig = try StreamRig("string")
        let pending = Pending<String>()
        let reader = try rig.take(ElementFuture(.later(pending)).value(textCodec), .p, "future")
        pending.fail(TestAPI.Refusal())
        #expect(throws: (any Error).self) { try rig.call(.p, "future-read", reader, 16) }
    }

    @Test func givesTheHostAValue() throws {
        let rig = try StreamRig("string")
        let (reader, writer) = try rig.new(.p, "future")
        var outcomes: [String] = []
        let future = try ElementFuture(rig.give(reader, .p, "future"), textCodec)
        future.whenComplete { if case .value(let text) = $0 { outcomes.append(text) } }
        try self.store(["done"], rig, at: 16)
        #expect(try rig.call(.p, "future-write", writer, 16) == 0)
        #expect(outcomes == ["done"])
        try rig.call(.p, "future-drop-writable", writer)
        #expect(outcomes == ["done"])
    }

    @Test func givesTheHostAValueThatWasWrittenBefore() throws {
        let rig = try StreamRig("string")
        let (reader, writer) = try rig.new(.p, "future")
        try self.store(["done"], rig, at: 16)
        #expect(try rig.call(.p, "future-write", writer, 16) == Self.blocked)
        var outcomes: [String] = []
        let future = try ElementFuture(rig.give(reader, .p, "future"), textCodec)
        future.whenComplete { if case .value(let text) = $0 { outcomes.append(text) } }
        #expect(outcomes == ["done"])
        #expect(try rig.poll(.p, writer)?.payload == 0)
    }

    @Test func tellsTheHostThatNoValueComes() throws {
        let rig = try StreamRig("string")
        let (reader, _) = try rig.new(.p, "future")
        var isDropped = false
        let future = try ElementFuture(rig.give(reader, .p, "future"), textCodec)
        future.whenComplete { if case .dropped = $0 { isDropped = true } }
        rig.end()
        #expect(isDropped)
    }

    @Test(arguments: [true, false]) func passesAFutureOnWithoutAGuest(isThere: Bool) throws {
        let rig = try StreamRig("string")
        let pending = Pending<String>()
        let made = ElementFuture<String>(isThere ? .ready("x") : .later(pending))
        let reader = try rig.take(made.value(textCodec), .p, "future")
        var outcomes: [String] = []
        try ElementFuture(rig.give(reader, .p, "future"), textCodec).whenComplete {
            if case .value(let text) = $0 { outcomes.append(text) }
        }
        pending.succeed("x")
        #expect(outcomes == ["x"])
    }

    @Test func keepsAFutureThatOnlyItsAnswerKnows() throws {
        let rig = try StreamRig("string")
        let pending = Pending<String>()
        var outcomes: [String] = []
        do {
            let reader = try rig.take(ElementFuture(.later(pending)).value(textCodec), .p, "future")
            try ElementFuture(rig.give(reader, .p, "future"), textCodec).whenComplete {
                if case .value(let text) = $0 { outcomes.append(text) }
            }
        }
        rig.end()
        pending.succeed("x")
        #expect(outcomes == ["x"])
    }

    @Test func tellsWhoWaitsForAnAnswerThatIsForgotten() throws {
        var isDropped = false
        do {
            let pending = Pending<String>()
            ElementFuture(.later(pending)).whenComplete { if case .dropped = $0 { isDropped = true } }
            #expect(!isDropped)
        }
        #expect(isDropped)
    }

    @Test func dropsAFutureOfTheHost() throws {
        var isCancelled = false
        let pending = Pending<String> { isCancelled = true }
        do {
            _ = ElementFuture(.later(pending))
        }
        #expect(isCancelled)
    }
}
