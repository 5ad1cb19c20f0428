/// Streams and futures as arguments and results, and as parts of them.
extension HostCall {
    @usableFromInline
    package func lift(_ handle: UInt32, payload: UInt32, isFuture: Bool) throws -> HostEnd.Lifted {
        try HostEnd.lift(
            handle, payload: payload, isFuture: isFuture, from: self.instance,
            componentInstance: self.lowering.componentInstance)
    }

    @usableFromInline
    package func lower(_ shared: SharedStream) throws -> UInt32 {
        try HostEnd.lower(shared, to: self.instance, componentInstance: self.lowering.componentInstance)
    }

    /// Gives a stream's readable end to the guest: a new handle.
    package func insert(_ stream: ByteStream) throws -> UInt32 { try self.lower(try stream.handOver()) }

    /// Takes a readable end of a `stream<u8>` that the guest gives away.
    package func byteStream(_ handle: UInt32) throws -> ByteStream {
        ByteStream(
            try HostEnd.lift(
                handle, payload: StreamPayload.byte, isFuture: false, from: self.instance,
                componentInstance: self.lowering.componentInstance))
    }

    package func insert<Element>(
        _ stream: ElementStream<Element>, _ codec: ElementCodec<Element>
    ) throws -> UInt32 { try self.lower(try stream.give(codec)) }

    package func stream<Element>(
        _ handle: UInt32, _ codec: ElementCodec<Element>
    ) throws -> ElementStream<Element> {
        ElementStream(try self.lift(handle, payload: codec.payload, isFuture: false), codec)
    }

    @inlinable
    package func insert<Value>(
        _ future: ElementFuture<Value>, _ codec: ElementCodec<Value>
    ) throws -> UInt32 { try self.lower(try future.give(codec)) }

    @inlinable
    package func future<Value>(
        _ handle: UInt32, _ codec: ElementCodec<Value>
    ) throws -> ElementFuture<Value> {
        ElementFuture(try self.lift(handle, payload: codec.payload, isFuture: true), codec)
    }
}
