import NIOCore

/// Puts the small pieces that `NIOHTTP2` writes, two or three a response, behind each other in one buffer, so that a
/// flush is one plain write, and over TLS one record.
final class HTTP2WriteBatcher: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = ByteBuffer

    /// Larger pieces are not copied.
    private static let copyLimit = 4 * 1024
    private static let batchSize = 32 * 1024

    private var batch = ByteBuffer()
    /// Bytes of the last frame that are still to come.
    private var frameRest = 0
    /// The codec gave the connection up. It tells an error of a stream and one of the connection alike; only for the
    /// latter does it write GOAWAY with a code.
    private(set) var hasGivenUp = false

    private func look(at bytes: ByteBuffer) {
        var offset = self.frameRest
        let count = bytes.readableBytes
        while offset &+ 9 <= count {
            let start = bytes.readerIndex &+ offset
            guard let head: UInt32 = bytes.getInteger(at: start) else {
                break
            }
            if head & 255 == 7, let code: UInt32 = bytes.getInteger(at: start &+ 13), code != 0 {
                self.hasGivenUp = true
            }
            offset &+= 9 &+ Int(head &>> 8)
        }
        self.frameRest = max(0, offset &- count)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .byteBuffer(var bytes) = self.unwrapOutboundIn(data) else {
            promise?.fail(ChannelError.operationUnsupported)
            return
        }
        self.look(at: bytes)
        if bytes.readableBytes > Self.copyLimit || promise != nil {
            self.passOn(context)
            context.write(self.wrapOutboundOut(bytes), promise: promise)
            return
        }
        self.batch.writeBuffer(&bytes)
        if self.batch.readableBytes >= Self.batchSize {
            self.passOn(context)
        }
    }

    func flush(context: ChannelHandlerContext) {
        self.passOn(context)
        context.flush()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        self.passOn(context)
        context.close(mode: mode, promise: promise)
    }

    private func passOn(_ context: ChannelHandlerContext) {
        guard self.batch.readableBytes > 0 else {
            return
        }
        context.write(self.wrapOutboundOut(self.batch), promise: nil)
        // Storage that the socket has not taken is the socket's; else it is used again.
        self.batch.clear()
    }
}
