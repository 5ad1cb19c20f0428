import ComponentModel
import NIOCore
import NIOEmbedded
import Testing
import WASI

/// `wasi:cli`, `wasi:clocks` and `wasi:random` of 0.3, where they differ from 0.2.
@Suite struct CommandInterfacesTests {
    // MARK: Clocks

    @Test func waitForEndsWhenItsTimeHasCome() throws {
        let host = TestHost()
        let answer = try host.call { try ClocksMonotonicClockV3Functions.waitFor(howLong: 1_000_000, in: $0) }
        let pending = try #require(answer.pending)
        host.loop.advanceTime(by: .microseconds(999))
        #expect(!pending.isComplete)
        host.loop.advanceTime(by: .microseconds(1))
        #expect(pending.isComplete)
    }

    @Test func waitUntilEndsWhenItsTimeHasCome() throws {
        let host = TestHost()
        host.loop.advanceTime(by: .seconds(5))
        let answer = try host.call { try ClocksMonotonicClockV3Functions.waitUntil(when: 7_000_000_000, in: $0) }
        let pending = try #require(answer.pending)
        host.loop.advanceTime(by: .milliseconds(1_999))
        #expect(!pending.isComplete)
        host.loop.advanceTime(by: .milliseconds(1))
        #expect(pending.isComplete)
    }

    @Test func waitsThatAreOverAnswerAtOnce() throws {
        let host = TestHost()
        host.loop.advanceTime(by: .seconds(1))
        try host.call { call throws in
            #expect(try ClocksMonotonicClockV3Functions.waitFor(howLong: 0, in: call).pending == nil)
            #expect(try ClocksMonotonicClockV3Functions.waitUntil(when: 0, in: call).pending == nil)
            #expect(try ClocksMonotonicClockV3Functions.waitUntil(when: 1_000_000_000, in: call).pending == nil)
            // The end of time is not an overflow.
            #expect(try ClocksMonotonicClockV3Functions.waitFor(howLong: .max, in: call).pending != nil)
            #expect(try ClocksMonotonicClockV3Functions.waitUntil(when: .max, in: call).pending != nil)
        }
    }

    @Test func aCancelledWaitNeverEnds() throws {
        let host = TestHost()
        let answer = try host.call { try ClocksMonotonicClockV3Functions.waitFor(howLong: 1_000_000, in: $0) }
        let pending = try #require(answer.pending)
        pending.cancel()
        host.loop.advanceTime(by: .seconds(1))
        #expect(!pending.isComplete)
    }

    @Test func systemTimeIsThatOfTheWallClock() throws {
        try TestHost().call { call throws in
            let wall = try ClocksWallClockFunctions.now(in: call)
            let instant = try ClocksSystemClockV3Functions.now(in: call)
            #expect(instant.seconds - Int64(wall.seconds) <= 60)
            #expect(instant.seconds >= Int64(wall.seconds))
            #expect(instant.nanoseconds < 1_000_000_000)
            #expect(try ClocksSystemClockV3Functions.getResolution(in: call) > 0)
            #expect(try ClocksTimezoneV3Functions.ianaId(in: call) == "UTC")
            #expect(try ClocksTimezoneV3Functions.utcOffset(when: instant, in: call) == 0)
        }
    }

    // MARK: Random

    /// 0.3 may give fewer bytes than were asked for, at least one.
    @Test(arguments: [(0, 0), (1, 1), (64, 64), (65, 64), (.max, 64)] as [(UInt64, Int)])
    func randomBytesAreNoMoreThanTheLimit(asked: UInt64, given: Int) throws {
        var limits = WASILimits()
        limits.randomBytes = 64
        try TestHost(limits: limits).call { call throws in
            #expect(try RandomRandomV3Functions.getRandomBytes(maxLen: asked, in: call).byteCount == given)
            #expect(try RandomInsecureV3Functions.getInsecureRandomBytes(maxLen: asked, in: call).byteCount == given)
        }
    }

    @Test func anInstanceHasOneInsecureSeed() throws {
        let host = TestHost()
        let first = try host.call { try RandomInsecureSeedV3Functions.getInsecureSeed(in: $0) }
        let second = try host.call { try RandomInsecureSeedV3Functions.getInsecureSeed(in: $0) }
        let other = try TestHost().call { try RandomInsecureSeedV3Functions.getInsecureSeed(in: $0) }
        #expect(first == second)
        #expect(first != other)
    }

    // MARK: Standard streams

    @Test func standardInputIsReadToItsEnd() throws {
        let source = ScriptedSource([.bytes("hel"), .wait, .bytes("lo"), .end])
        let host = TestHost(stdin: source)
        let (stream, future) = try host.call { try CliStdinV3Functions.readViaStream(in: $0) }
        let reader = Reader()
        stream.consume(by: reader)
        var outcome: WITResult<Void, WasiCliTypesV3.ErrorCode>?
        future.whenComplete { if case .value(let value) = $0 { outcome = value } }
        #expect(reader.text == "hel")
        #expect(outcome == nil)
        source.proceed()
        host.loop.run()
        #expect(reader.text == "hello")
        #expect(reader.isFinished)
        #expect(outcome?.failure == nil && outcome != nil)
        #expect(source.isDropped)
    }

    @Test func allReadersOfStandardInputAreWoken() throws {
        let source = ScriptedSource([.wait, .bytes("a"), .wait, .bytes("b"), .wait, .end])
        let host = TestHost(stdin: source)
        let readers = try (0..<2).map { _ in
            let (stream, _) = try host.call { try CliStdinV3Functions.readViaStream(in: $0) }
            let reader = Reader()
            stream.consume(by: reader)
            return reader
        }
        for _ in 0..<3 {
            source.proceed()
            host.loop.run()
        }
        #expect(readers[0].text.count + readers[1].text.count == 2)
        #expect(readers[0].isFinished && readers[1].isFinished)
    }

    @Test func aFailureOfStandardInputIsTold() throws {
        let host = TestHost(stdin: ScriptedSource([.bytes("a"), .failure]))
        let (stream, future) = try host.call { try CliStdinV3Functions.readViaStream(in: $0) }
        let reader = Reader()
        stream.consume(by: reader)
        var outcome: WITResult<Void, WasiCliTypesV3.ErrorCode>?
        future.whenComplete { if case .value(let value) = $0 { outcome = value } }
        #expect(reader.text == "a")
        #expect(outcome?.failure == .io)
    }

    @Test func whoReadsNoMoreClosesStandardInput() throws {
        let source = ScriptedSource([.wait])
        let host = TestHost(stdin: source)
        let (stream, future) = try host.call { try CliStdinV3Functions.readViaStream(in: $0) }
        var isOver = false
        future.whenComplete { _ in isOver = true }
        stream.drop()
        #expect(source.isDropped)
        #expect(isOver)
    }

    @Test(
        arguments: [(Sink.Failure?.none, nil), (.full, .io), (.closed, .pipe)]
            as [(Sink.Failure?, WasiCliTypesV3.ErrorCode?)])
    func standardOutputTellsHowItEnded(failure: Sink.Failure?, code: WasiCliTypesV3.ErrorCode?) throws {
        let sink = Sink()
        sink.failure = failure
        let host = TestHost(stdout: sink)
        let writer = Writer("hello")
        let future = try host.call { try CliStdoutV3Functions.writeViaStream(data: ByteStream(writer), in: $0) }
        var outcome: WITResult<Void, WasiCliTypesV3.ErrorCode>?
        future.whenComplete { if case .value(let value) = $0 { outcome = value } }
        #expect(sink.text == (failure == nil ? "hello" : ""))
        #expect(outcome != nil)
        #expect(outcome?.failure == code)
    }
}

extension HostAnswer {
    fileprivate var pending: Pending<Value>? {
        if case .later(let pending) = self { pending } else { nil }
    }
}

/// Gives what its script says; `wait` until somebody lets it proceed.
private final class ScriptedSource: InputSource {
    enum Step: Equatable {
        case bytes(String)
        case wait
        case failure
        case end
    }

    private var steps: [Step]
    private var callback: (() -> Void)?
    private(set) var isDropped = false

    init(_ steps: [Step]) {
        self.steps = steps
    }

    var isReady: Bool { self.steps.first != .wait }
    var isClosed: Bool { self.steps.first == .end || self.steps.isEmpty }

    func whenReady(_ callback: @escaping () -> Void) { self.callback = callback }

    func read(upTo maximum: Int) -> InputRead {
        switch self.steps.first {
        case .bytes(let text):
            self.steps.removeFirst()
            return .bytes(ByteBuffer(string: text))
        case .wait: return .wouldBlock
        case .failure:
            self.steps = []
            return .failed(ErrorResource(.other("broken")))
        case .end, nil: return .closed
        }
    }

    func proceed() {
        if self.steps.first == .wait { self.steps.removeFirst() }
        self.callback?()
    }

    func close() { self.isDropped = true }
}

private final class Reader: ByteConsumer {
    private(set) var text = ""
    private(set) var isFinished = false

    func write(_ bytes: UnsafeRawBufferPointer) throws -> StreamStep {
        self.text += String(decoding: bytes, as: UTF8.self)
        return .moved(bytes.count)
    }

    func finish() { self.isFinished = true }
}

private final class Writer: ByteProducer {
    private var bytes: [UInt8]

    init(_ text: String) {
        self.bytes = Array(text.utf8)
    }

    var isReady: Bool { true }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep {
        let count = min(buffer.count, self.bytes.count)
        guard count > 0 else { return .end }
        buffer.copyBytes(from: self.bytes[..<count])
        self.bytes.removeFirst(count)
        return .moved(count)
    }

    func cancel() {}
}
