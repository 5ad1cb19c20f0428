import ComponentModel
import Testing

/// Streams of bytes between a guest and the host.
@Suite struct HostStreamTests {
    static let blocked = UInt32.max

    // MARK: The host writes

    @Test func readsWhatTheHostHas() throws {
        let rig = try StreamRig()
        let producer = TestProducer([1, 2, 3])
        let stream = ByteStream(producer)
        let reader = try rig.take(stream.value(), .p)
        #expect(try rig.call(.p, "stream-read", reader, 16, 2) == 2 << 4)
        #expect(try rig.call(.p, "stream-read", reader, 18, 8) == 1 << 4)
        #expect(try rig.peek(.p, 4, at: 16) == [1, 2, 3, 0])
        #expect(try rig.call(.p, "stream-read", reader, 19, 8) == Self.blocked)
        #expect(try rig.poll(.p, reader) == nil)
        producer.bytes = [4, 5]
        stream.wake()
        // More of the buffer is filled until the guest learns of it.
        producer.bytes = [6]
        stream.wake()
        let event = try #require(try rig.poll(.p, reader))
        #expect(event == (2, 3 << 4))
        #expect(try rig.peek(.p, 7, at: 16) == [1, 2, 3, 4, 5, 6, 0])
        producer.isOver = true
        #expect(try rig.call(.p, "stream-read", reader, 19, 8) == 1)
        #expect(!producer.isCancelled)
        #expect(producer.readsOfNothing == 0)
    }

    @Test func readsNothingToLearnThatThereIsSomething() throws {
        let rig = try StreamRig()
        let producer = TestProducer()
        let stream = ByteStream(producer)
        let reader = try rig.take(stream.value(), .p)
        #expect(try rig.call(.p, "stream-read", reader, 16, 0) == Self.blocked)
        stream.wake()
        #expect(try rig.poll(.p, reader) == nil)
        producer.bytes = [1]
        stream.wake()
        stream.wake()
        let event = try #require(try rig.poll(.p, reader))
        #expect(event == (2, 0))
        #expect(try rig.call(.p, "stream-read", reader, 16, 0) == 0)
        #expect(try rig.call(.p, "stream-read", reader, 16, 4) == 1 << 4)
        #expect(producer.readsOfNothing == 0)
    }

    @Test func tellsTheProducerOfADrop() throws {
        let rig = try StreamRig()
        let producer = TestProducer([1])
        let stream = ByteStream(producer)
        let reader = try rig.take(stream.value(), .p)
        try rig.call(.p, "stream-drop-readable", reader)
        #expect(producer.isCancelled)
        stream.wake()
        #expect(producer.bytes == [1])
    }

    @Test func cancelsAReadFromTheHost() throws {
        let rig = try StreamRig()
        let producer = TestProducer()
        let stream = ByteStream(producer)
        let reader = try rig.take(stream.value(), .p)
        #expect(try rig.call(.p, "stream-read", reader, 16, 4) == Self.blocked)
        #expect(try rig.call(.p, "stream-cancel-read", reader) == 2)
        producer.bytes = [7]
        stream.wake()
        #expect(producer.bytes == [7], "nobody reads")
        #expect(try rig.call(.p, "stream-read", reader, 16, 4) == 1 << 4)
        #expect(try rig.call(.p, "stream-read", reader, 16, 4) == Self.blocked)
        producer.bytes = [8, 9]
        stream.wake()
        #expect(try rig.call(.p, "stream-cancel-read", reader) == 2 << 4 | 2)
    }

    @Test func outlivesWhoeverHoldsItWeakly() throws {
        let rig = try StreamRig()
        let producer = TestProducer()
        weak var stream: ByteStream?
        let reader: UInt32
        do {
            let made = ByteStream(producer)
            stream = made
            reader = try rig.take(made.value(), .p)
        }
        #expect(try rig.call(.p, "stream-read", reader, 16, 4) == Self.blocked)
        producer.bytes = [1]
        try #require(stream).wake()
        #expect(try rig.poll(.p, reader)?.payload == 1 << 4)
        try rig.call(.p, "stream-drop-readable", reader)
        #expect(stream == nil)
    }

    @Test func survivesAProducerThatWakesFromInside() throws {
        let rig = try StreamRig()
        let producer = TestProducer()
        let stream = ByteStream(producer)
        let reader = try rig.take(stream.value(), .p)
        producer.duringRead = { [unowned producer] in
            if producer.bytes.isEmpty, !producer.isOver {
                producer.isOver = true
                producer.bytes = [5]
                stream.wake()
            }
        }
        #expect(try rig.call(.p, "stream-read", reader, 16, 4) == 1 << 4)
        #expect(try rig.call(.p, "stream-read", reader, 16, 4) == 1)
    }

    @Test func survivesAProducerThatDropsFromInside() throws {
        let rig = try StreamRig()
        let producer = TestProducer()
        let stream = ByteStream(producer)
        let reader = try rig.take(stream.value(), .p)
        producer.duringRead = { stream.drop() }
        #expect(try rig.call(.p, "stream-read", reader, 16, 4) == Self.blocked)
        #expect(!producer.isCancelled, "the end is the guest's")
    }

    // MARK: The host reads

    @Test func writesWhatTheHostHasRoomFor() throws {
        let rig = try StreamRig()
        let (reader, writer) = try rig.new(.p)
        let consumer = TestConsumer()
        consumer.room = 2
        let stream = try ByteStream(rig.give(reader, .p))
        stream.consume(by: consumer)
        try rig.poke(.p, [1, 2, 3, 4, 5], at: 16)
        #expect(try rig.call(.p, "stream-write", writer, 16, 5) == 2 << 4)
        #expect(try rig.call(.p, "stream-write", writer, 18, 3) == Self.blocked)
        #expect(try rig.poll(.p, writer) == nil)
        consumer.room = 1
        stream.wake()
        consumer.room = 1
        stream.wake()
        #expect(try rig.poll(.p, writer)?.payload == 2 << 4)
        #expect(consumer.bytes == [1, 2, 3, 4])
        #expect(try rig.call(.p, "stream-write", writer, 16, 0) == 0)
        try rig.call(.p, "stream-drop-writable", writer)
        #expect(consumer.isFinished)
        #expect(consumer.writesOfNothing == 0)
    }

    @Test func readsWhatWasWrittenBefore() throws {
        let rig = try StreamRig()
        let (reader, writer) = try rig.new(.p)
        try rig.poke(.p, [1, 2, 3], at: 16)
        #expect(try rig.call(.p, "stream-write", writer, 16, 3) == Self.blocked)
        let stream = try ByteStream(rig.give(reader, .p))
        let consumer = TestConsumer()
        stream.consume(by: consumer)
        #expect(consumer.bytes == [1, 2, 3])
        #expect(try rig.poll(.p, writer)?.payload == 3 << 4)
    }

    @Test(arguments: [true, false]) func tellsTheWriterThatTheHostIsGone(isWaiting: Bool) throws {
        let rig = try StreamRig()
        let (reader, writer) = try rig.new(.p)
        let consumer = TestConsumer()
        consumer.room = 0
        let stream = try ByteStream(rig.give(reader, .p))
        stream.consume(by: consumer)
        if isWaiting { #expect(try rig.call(.p, "stream-write", writer, 16, 3) == Self.blocked) }
        consumer.isOver = true
        stream.wake()
        if isWaiting {
            #expect(try rig.poll(.p, writer)?.payload == 1)
        } else {
            #expect(try rig.call(.p, "stream-write", writer, 16, 3) == 1)
        }
        try rig.call(.p, "stream-drop-writable", writer)
        #expect(!consumer.isFinished, "it ended the stream itself")
    }

    @Test func dropsWhatNobodyConsumes() throws {
        let rig = try StreamRig()
        let (reader, writer) = try rig.new(.p)
        #expect(try rig.call(.p, "stream-write", writer, 16, 3) == Self.blocked)
        _ = try ByteStream(rig.give(reader, .p))
        #expect(try rig.poll(.p, writer)?.payload == 1)
    }

    // MARK: From the host to the host

    @Test func passesOnWithoutAGuest() throws {
        let rig = try StreamRig()
        let producer = TestProducer(Array(repeating: 7, count: 1_000_000))
        let made = ByteStream(producer)
        let reader = try rig.take(made.value(), .p)
        #expect(try rig.call(.p, "stream-read", reader, 16, 4) == 4 << 4)
        let back = try ByteStream(rig.give(reader, .p))
        let consumer = TestConsumer()
        consumer.room = 100_000
        back.consume(by: consumer)
        #expect(consumer.bytes.count == 100_000)
        #expect(producer.largestBuffer <= 64 << 10)
        #expect(producer.bytes.count > 800_000, "what the consumer has no room for stays with the producer")
        consumer.room = .max
        back.wake()
        #expect(consumer.bytes.count == 1_000_000 - 4)
        producer.bytes = [1, 2]
        producer.isOver = true
        made.wake()
        #expect(consumer.bytes.suffix(3) == [7, 1, 2])
        #expect(consumer.isFinished)
        #expect(!producer.isCancelled)
    }

    @Test func givesOthersATurn() throws {
        let producer = TestProducer(Array(repeating: 7, count: 3 << 20), isOver: true)
        let stream = ByteStream(producer)
        let rig = try StreamRig()
        let reader = try rig.take(stream.value(), .p)
        let consumer = TestConsumer()
        consumer.turns = []
        try ByteStream(rig.give(reader, .p)).consume(by: consumer)
        #expect(consumer.bytes.count == 1 << 20)
        while let turn = consumer.turns?.popLast() { turn() }
        #expect(consumer.bytes.count == 3 << 20)
        #expect(consumer.isFinished)
    }

    @Test(arguments: [true, false]) func endsWithItsInstanceWhereTheConsumerDoes(ends: Bool) throws {
        let rig = try StreamRig()
        let producer = TestProducer([1])
        let made = ByteStream(producer)
        let reader = try rig.take(made.value(), .p)
        let consumer = TestConsumer()
        consumer.endsWithInstance = ends
        try ByteStream(rig.give(reader, .p)).consume(by: consumer)
        #expect(consumer.bytes == [1])
        rig.end()
        #expect(producer.isCancelled == ends)
        #expect(consumer.isFinished == ends)
        producer.bytes = [2]
        made.wake()
        #expect(consumer.bytes == (ends ? [1] : [1, 2]))
    }

    @Test func stopsTheProducerOfAConsumerThatIsGone() throws {
        let producer = TestProducer([1, 2, 3])
        let stream = ByteStream(producer)
        let consumer = TestConsumer()
        consumer.isOver = true
        stream.consume(by: consumer)
        #expect(producer.isCancelled)
        #expect(!consumer.isFinished)
    }

    @Test func passesFromGuestToGuestByTheHost() throws {
        let rig = try StreamRig()
        let (reader, writer) = try rig.new(.p)
        let stream = try ByteStream(rig.give(reader, .p))
        let moved = try rig.take(stream.value(), .q)
        try rig.poke(.p, [3, 4], at: 16)
        #expect(try rig.call(.q, "stream-read", moved, 32, 2) == Self.blocked)
        #expect(try rig.call(.p, "stream-write", writer, 16, 2) == 2 << 4)
        #expect(try rig.peek(.q, 2, at: 32) == [3, 4])
        stream.wake()
        stream.drop()
        #expect(try rig.call(.p, "stream-write", writer, 16, 2) == Self.blocked)
    }

    @Test func isGivenAwayOnce() throws {
        let stream = ByteStream(TestProducer())
        _ = try stream.value()
        #expect(throws: HostLimitError.self) { _ = try stream.value() }
    }

    // MARK: Ends

    @Test func endsWithItsInstance() throws {
        let rig = try StreamRig()
        let producer = TestProducer([1, 2, 3])
        let made = ByteStream(producer)
        let reader = try rig.take(made.value(), .p)
        #expect(try rig.call(.p, "stream-read", reader, 16, 3) == 3 << 4)
        #expect(try rig.call(.p, "stream-read", reader, 16, 3) == Self.blocked)
        let (written, writer) = try rig.new(.q)
        let consumer = TestConsumer()
        consumer.room = 0
        let stream = try ByteStream(rig.give(written, .q))
        stream.consume(by: consumer)
        #expect(try rig.call(.q, "stream-write", writer, 16, 3) == Self.blocked)
        // Two ends of one instance go together.
        let inside = try rig.new(.p)
        #expect(try rig.call(.p, "stream-write", inside.writer, 16, 3) == Self.blocked)
        #expect(!producer.isCancelled && !consumer.isFinished)
        rig.end()
        #expect(producer.isCancelled)
        #expect(consumer.isFinished)
        producer.bytes = [4]
        made.wake()
        stream.wake()
        #expect(consumer.bytes.isEmpty)
    }

    /// What is told of the end of one stream may wake another, whose guest is gone just the same.
    @Test func movesNothingWhileTheInstanceEnds() throws {
        let rig = try StreamRig()
        let producer = TestProducer()
        let woken = ByteStream(producer)
        let waking = CancelObserver {
            producer.bytes = [1]
            woken.wake()
        }
        _ = try rig.take(ByteStream(waking).value(), .p)
        let reader = try rig.take(woken.value(), .p)
        #expect(try rig.call(.p, "stream-read", reader, 16, 4) == Self.blocked)
        rig.end()
        #expect(producer.isCancelled)
        #expect(producer.bytes == [1], "nobody reads")
    }

    @Test func connectsTwoInstances() throws {
        let (first, second) = (try StreamRig(), try StreamRig())
        let (reader, writer) = try first.new(.p)
        let moved = try second.take(ByteStream(first.give(reader, .p)).value(), .q)
        try first.poke(.p, [1, 2, 3], at: 16)
        #expect(try second.call(.q, "stream-read", moved, 32, 8) == Self.blocked)
        #expect(try first.call(.p, "stream-write", writer, 16, 3) == 3 << 4)
        #expect(try second.peek(.q, 3, at: 32) == [1, 2, 3])
        #expect(try second.poll(.q, moved)?.payload == 3 << 4)
        #expect(try second.call(.q, "stream-read", moved, 32, 8) == Self.blocked)
        first.end()
        #expect(try second.poll(.q, moved)?.payload == 1)
    }
}
