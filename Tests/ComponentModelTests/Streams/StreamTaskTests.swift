import ComponentModel
import Foundation
import Testing
import WasmEngine

/// Guests that wait for the host in streams, with tasks.
@Suite struct StreamTaskTests {
    /// Calls `echo` of the benchmarks' guest, which reads a stream and writes what it reads to another.
    private final class Echo {
        let scheduler: TaskScheduler
        let producer: TestProducer
        let consumer = TestConsumer()
        private(set) var input: ByteStream
        private(set) var output: ByteStream?
        private(set) var hasEnded = false
        private(set) var wakeUps = 0
        private let instance: ComponentInstance
        private let store: Store

        init(_ producer: TestProducer, room: Int = .max) throws {
            let file = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../../Benchmarks/guests/stream-echo.wat")
            let component = try linked(String(contentsOf: file, encoding: .utf8), registry: HostRegistry([]))
            self.store = Store(component.engine)
            self.instance = try ComponentInstance(component, in: self.store, host: Recorder(), waker: Waker())
            self.scheduler = TaskScheduler(self.instance, store: self.store)
            self.producer = producer
            self.consumer.room = room
            self.input = ByteStream(producer)
            let function = try #require(component.exportedFunction("echo", in: nil))
            self.scheduler.onReady = { [unowned self] in self.wakeUps += 1 }
            try self.scheduler.start(
                function, [self.input.value()],
                returned: { [unowned self] result in
                    self.output = result.flatMap { try? ByteStream($0) }
                    self.output?.consume(by: self.consumer)
                }, ended: { [unowned self] _ in self.hasEnded = true })
        }

        /// Runs until the guest waits or is done. True when it waits.
        func run() throws -> Bool {
            while true {
                switch self.scheduler.run() {
                case .idle: return false
                case .waiting: return true
                case .yielded: continue
                case .failed(let error): throw error
                }
            }
        }
    }

    @Test func echoes() throws {
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let echo = try Echo(TestProducer(bytes, isOver: true))
        #expect(try !echo.run())
        #expect(echo.hasEnded)
        #expect(echo.consumer.isFinished)
        #expect(echo.consumer.bytes == bytes)
        #expect(echo.producer.largestBuffer == 64 << 10)
    }

    @Test func waitsForBothSides() throws {
        let echo = try Echo(TestProducer(), room: 0)
        #expect(try echo.run())
        echo.producer.bytes = [1, 2, 3]
        echo.input.wake()
        #expect(echo.wakeUps > 0)
        #expect(echo.consumer.bytes.isEmpty, "a wake-up runs no guest code")
        #expect(try echo.run())
        #expect(echo.consumer.bytes.isEmpty, "there was no room")
        echo.consumer.room = 2
        echo.output?.wake()
        #expect(echo.consumer.bytes == [1, 2])
        #expect(try echo.run())
        echo.consumer.room = .max
        echo.output?.wake()
        #expect(try echo.run())
        #expect(echo.consumer.bytes == [1, 2, 3])
        echo.producer.isOver = true
        echo.input.wake()
        #expect(try !echo.run())
        #expect(echo.consumer.isFinished && echo.hasEnded)
    }

    @Test func endsWhenNobodyReadsItsOutput() throws {
        let echo = try Echo(TestProducer(Array(repeating: 1, count: 100_000)), room: 10)
        echo.consumer.room = 10
        #expect(try echo.run())
        echo.consumer.isOver = true
        echo.output?.wake()
        #expect(try !echo.run())
        #expect(echo.producer.isCancelled, "the guest dropped its input")
        #expect(echo.hasEnded)
    }

    @Test func stopsInTheMiddle() throws {
        let producer = TestProducer([1, 2])
        var echo: Echo? = try Echo(producer)
        #expect(try echo?.run() == true)
        let consumer = try #require(echo?.consumer)
        let input = try #require(echo?.input)
        echo?.scheduler.stop()
        producer.bytes = [3]
        input.wake()
        echo = nil
        #expect(producer.isCancelled)
        #expect(consumer.isFinished)
        input.wake()
        #expect(consumer.bytes == [1, 2])
    }
}
