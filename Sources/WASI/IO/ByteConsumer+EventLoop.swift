package import ComponentModel
import NIOCore
import NIOPosix

extension ByteConsumer {
    /// Every consumer of WASI's is on an event loop, which it must not keep to itself.
    package func later(_ body: @escaping () -> Void) -> Bool {
        guard let eventLoop = MultiThreadedEventLoopGroup.currentEventLoop else { return false }
        eventLoop.assumeIsolated().execute(body)
        return true
    }
}
