import ComponentModel
import WasmEngine

/// An instance of the guest stream-echo.wat, fed and drained by the host.
final class StreamEchoGuest {
    /// Bytes that pass at a time.
    static let blockSize = 64 << 10

    private let component: Component
    private let function: ExportedFunction

    init(_ file: [UInt8], engine: Engine) throws {
        self.component = try SwirlComponent(file, name: "stream-echo", engine: engine).component
        guard let function = self.component.exportedFunction("echo", in: nil) else {
            throw BenchmarkError("the guest stream-echo.wat does not export echo")
        }
        self.function = function
    }

    /// Sends so many blocks through a new instance.
    func echo(blocks: Int) throws {
        let store = Store(self.component.engine)
        let instance = try ComponentInstance(self.component, in: store, host: HostState(), waker: Waker())
        let scheduler = TaskScheduler(instance, store: store)
        let source = BlockSource(blocks: blocks)
        let sink = BlockSink()
        var output: ByteStream?
        try scheduler.start(
            self.function, [ByteStream(source).value()],
            returned: { result in
                output = result.flatMap { try? ByteStream($0) }
                output?.consume(by: sink)
            }, ended: { _ in })
        loop: while true {
            switch scheduler.run() {
            case .idle: break loop
            case .waiting: throw BenchmarkError("the guest stream-echo.wat waits")
            case .yielded: continue
            case .failed(let error): throw error
            }
        }
        guard sink.byteCount == blocks * Self.blockSize else {
            throw BenchmarkError("the guest stream-echo.wat gave \(sink.byteCount) bytes back")
        }
    }

    /// The same without a guest between the two.
    static func passOn(blocks: Int) throws {
        let sink = BlockSink()
        ByteStream(BlockSource(blocks: blocks)).consume(by: sink)
        guard sink.byteCount == blocks * Self.blockSize else {
            throw BenchmarkError("\(sink.byteCount) bytes were passed on")
        }
    }

    /// Nothing hangs on the instance.
    private final class HostState {}
}

/// Copies the same block into each buffer, as a socket's input would be.
private final class BlockSource: ByteProducer {
    private var left: Int
    private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: StreamEchoGuest.blockSize, alignment: 64)

    init(blocks: Int) {
        self.left = blocks * StreamEchoGuest.blockSize
        self.block.initializeMemory(as: UInt8.self, repeating: 1)
    }

    deinit {
        self.block.deallocate()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep {
        let count = min(buffer.count, self.block.count, self.left)
        guard count > 0 else { return .end }
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: self.block[0..<count]))
        self.left -= count
        return .moved(count)
    }

    var isReady: Bool { true }
    func cancel() {}
}

/// Copies what it gets into one buffer, as for a socket's output.
private final class BlockSink: ByteConsumer {
    private(set) var byteCount = 0
    private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: StreamEchoGuest.blockSize, alignment: 64)

    deinit {
        self.block.deallocate()
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws -> StreamStep {
        let count = min(bytes.count, self.block.count)
        self.block.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[0..<count]))
        self.byteCount += count
        return .moved(count)
    }

    func finish() {}

    /// There is no event loop.
    func later(_ body: @escaping () -> Void) -> Bool { false }
}
