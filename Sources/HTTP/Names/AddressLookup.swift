package import NIOCore

/// One who waits for the addresses of a name.
package struct AddressLookup: Sendable {
    /// At least one; fails with the resolver's error, or after ``cancel()``.
    package let addresses: EventLoopFuture<[SocketAddress]>
    private let onCancel: @Sendable () -> Void

    package init(_ addresses: EventLoopFuture<[SocketAddress]>, onCancel: @escaping @Sendable () -> Void) {
        self.addresses = addresses
        self.onCancel = onCancel
    }

    /// Gives up: without anybody who waits, a look-up that has not begun never does. From any thread.
    package func cancel() { self.onCancel() }
}
