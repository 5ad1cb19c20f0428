import Executor
import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

/// Guests that compute for ever take turns, and leave the event loop time for everything else.
@Suite struct SliceQueueTests {
    @Test func guestsTakeTurns() {
        let loop = EmbeddedEventLoop()
        let queue = SliceQueue(eventLoop: loop)
        var turns: [Int] = []
        func compute(_ number: Int) {
            turns.append(number)
            if turns.count < 7 { queue.add { compute(number) } }
        }
        for number in 0..<3 { queue.add { compute(number) } }
        #expect(turns.isEmpty)
        loop.advanceTime(by: .seconds(1))
        #expect(turns.prefix(7) == [0, 1, 2, 0, 1, 2, 0])
    }

    /// A burner waits until others had three times what it took; alone it goes on at once.
    @Test func burnersGetAQuarterOfABusyLoop() {
        let loop = EmbeddedEventLoop()
        let queue = SliceQueue(eventLoop: loop)
        var burned = 0
        var isOver = false
        func burn() {
            burned += 1
            if !isOver { queue.add(slices: SliceQueue.burnerSlices) { burn() } }
        }
        queue.add(slices: SliceQueue.burnerSlices) { burn() }
        loop.advanceTime(by: .milliseconds(1))
        // The clock of the loop stands still during a slice: nothing is owed.
        #expect(burned >= 10)
        isOver = true
        loop.advanceTime(by: .milliseconds(1))
    }

    /// Two that compute without end and another thread's connection: it is accepted and answered all the same.
    @Test func socketsAreSeenToInBetween() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let isOver = NIOLoopBoundBox.makeBoxSendingValue(false, eventLoop: loop)
        try await loop.submit {
            let queue = SliceQueue(eventLoop: loop)
            @Sendable func nothing() {}
            func compute() {
                // A slice, without a clock: long enough that the other one is due when it ends.
                for _ in 0..<200_000 { nothing() }
                if !isOver.value { queue.add { compute() } }
            }
            compute()
            compute()
        }.get()
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    channel.writeAndFlush(ByteBuffer(string: "served"), promise: nil)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let others = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let answered = others.next().makePromise(of: String.self)
        let client = try await ClientBootstrap(group: others)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FirstBytes(answered))
                }
            }
            .connect(to: #require(server.localAddress)).get()
        #expect(try await answered.futureResult.get() == "served")
        try await loop.submit { isOver.value = true }.get()
        try await client.close()
        try await server.close()
        try await group.shutdownGracefully()
        try await others.shutdownGracefully()
    }
}

/// Fulfils a promise with what arrives first.
private final class FirstBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let promise: EventLoopPromise<String>

    init(_ promise: EventLoopPromise<String>) {
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.promise.succeed(String(buffer: self.unwrapInboundIn(data)))
    }
}
