/// Calls of functions whose type is `async`, and values that outlive a call.
extension HostCall {
    /// Whether the guest called by an asynchronous lowering: at most four flat parameters, results always in memory,
    /// and the call may go on after it returned.
    package var isAsync: Bool { self.lowering.isAsync }

    /// Gives a stream's readable end to the guest: a new handle.
    package func insert(_ stream: ByteStream) throws -> UInt32 { throw HostLimitError("not yet") }

    /// Takes a readable end of a `stream<u8>` that the guest gives away.
    package func byteStream(_ handle: UInt32) throws -> ByteStream { throw HostLimitError("not yet") }

    package func insert<Element>(
        _ stream: ElementStream<Element>, _ codec: ElementCodec<Element>
    ) throws -> UInt32 { throw HostLimitError("not yet") }

    package func stream<Element>(
        _ handle: UInt32, _ codec: ElementCodec<Element>
    ) throws -> ElementStream<Element> { throw HostLimitError("not yet") }

    package func insert<Value>(
        _ future: ElementFuture<Value>, _ codec: ElementCodec<Value>
    ) throws -> UInt32 { throw HostLimitError("not yet") }

    package func future<Value>(
        _ handle: UInt32, _ codec: ElementCodec<Value>
    ) throws -> ElementFuture<Value> { throw HostLimitError("not yet") }
}
