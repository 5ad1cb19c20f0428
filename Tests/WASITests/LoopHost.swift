import ComponentModel
import NIOCore
import NIOPosix
import WASI

/// Something that belongs to an event loop, carried through a test that does not touch it elsewhere.
struct OnLoop<Value>: @unchecked Sendable {
    let value: Value
}

/// A host without a guest on a real event loop, with threads for files and sockets: functions give answers later.
final class LoopHost: Sendable {
    let loop: any EventLoop
    private let state: OnLoop<(context: WASIContext, instance: ComponentInstance, lowering: Lowering)>

    init(_ configuration: WASIConfiguration) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        self.loop = loop
        self.state = try await loop.submit {
            let context = WASIContext(configuration: configuration, eventLoop: loop)
            return OnLoop(
                value: (
                    context, ComponentInstance(host: context, waker: Waker {}),
                    Lowering(name: "test", memory: nil, realloc: nil, componentInstance: 0)
                ))
        }.get()
    }

    /// Runs `body` on the loop.
    func run<R>(_ body: @escaping @Sendable (borrowing HostCall) throws -> R) async throws -> R {
        try await self.loop.submit { OnLoop(value: try self.call(body)) }.get().value
    }

    /// Runs `body` on the loop and waits for its answer.
    func answer<R>(_ body: @escaping @Sendable (borrowing HostCall) throws -> HostAnswer<R>) async throws -> R {
        let promise = self.loop.makePromise(of: OnLoop<R>.self)
        self.loop.execute {
            do {
                switch try self.call(body) {
                case .ready(let value): promise.succeed(OnLoop(value: value))
                case .later(let pending):
                    pending.whenComplete { promise.completeWith($0.map { OnLoop(value: $0) }) }
                }
            } catch {
                promise.fail(error)
            }
        }
        return try await promise.futureResult.get().value
    }

    /// Runs `body` on the loop and waits for the value of its future.
    func outcome<R>(
        _ body: @escaping @Sendable (borrowing HostCall) throws -> ElementFuture<R>
    ) async throws -> R {
        try await self.answer { call in
            let future = try body(call)
            return .later { pending in
                future.whenComplete { outcome in
                    switch outcome {
                    case .value(let value): pending.succeed(value)
                    case .dropped: pending.fail(Refused(description: "the future was dropped"))
                    }
                }
            }
        }
    }

    private func call<R>(_ body: (borrowing HostCall) throws -> R) throws -> R {
        try withUnsafeTemporaryAllocation(byteCount: 16 * 16, alignment: 16) { values in
            let base = values.baseAddress.unsafelyUnwrapped
            return try body(
                HostCall(values: base, instance: self.state.value.instance, lowering: self.state.value.lowering))
        }
    }

    /// Files and sockets that the guest has open.
    var openFiles: Int {
        get async throws { try await self.run { $0.host(WASIContext.self).budget.openFiles } }
    }

    /// Waits until `condition` holds on the loop, asking again after everything else that the loop has to do.
    func until(_ condition: @escaping @Sendable (borrowing HostCall) throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while try await !self.run(condition) {
            guard ContinuousClock.now < end else { throw NeverReady() }
            await Task.yield()
        }
    }
}

/// Takes bytes: all, or as many as it may.
final class Collector: ByteConsumer, @unchecked Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var isFinished = false
    /// Bytes that it has room for; beyond, the writer waits.
    var room: Int
    /// Bytes after which it wants no more.
    var enough: Int
    weak var stream: ByteStream?

    init(room: Int = .max, enough: Int = .max) {
        self.room = room
        self.enough = enough
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws -> StreamStep {
        if self.bytes.count >= self.enough { return .end }
        guard self.room > 0 else { return .wait }
        let part = bytes.prefix(self.room)
        self.bytes += part
        self.room -= part.count
        return .moved(part.count)
    }

    func finish() { self.isFinished = true }

    func open() {
        self.room = .max
        self.stream?.wake()
    }

    func consume(_ stream: ByteStream) {
        self.stream = stream
        stream.consume(by: self)
    }

    var text: String { String(decoding: self.bytes, as: UTF8.self) }
}

/// Gives bytes: so many, and then the end or nothing more.
final class Feeder: ByteProducer, @unchecked Sendable {
    private let bytes: [UInt8]
    private(set) var given = 0
    private(set) var isCancelled = false
    private let ends: Bool

    init(_ bytes: [UInt8], ends: Bool = true) {
        self.bytes = bytes
        self.ends = ends
    }

    var isReady: Bool { true }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep {
        let count = min(buffer.count, self.bytes.count - self.given)
        guard count > 0 else { return self.ends ? .end : .wait }
        buffer.copyBytes(from: self.bytes[self.given..<self.given + count])
        self.given += count
        return .moved(count)
    }

    func cancel() { self.isCancelled = true }
}

/// Takes elements: all, or as many as it wants.
final class Gatherer<Element>: ElementConsumer, @unchecked Sendable {
    private(set) var elements: [Element] = []
    private(set) var isFinished = false
    private let enough: Int

    init(enough: Int = .max) {
        self.enough = enough
    }

    var hasRoom: Bool { true }

    func accept(_ element: Element) throws -> Bool {
        self.elements.append(element)
        return self.elements.count < self.enough
    }

    func finish() { self.isFinished = true }

    func removeAll() { self.elements = [] }
}
