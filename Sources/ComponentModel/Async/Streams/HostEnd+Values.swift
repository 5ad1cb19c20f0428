/// Streams and futures of the host as values whose types are known at run time only.
extension ByteStream {
    /// The stream as an argument; it is given away with it.
    package func value() throws -> ComponentValue { .stream(HostEnd(try self.handOver())) }

    /// A stream that came as a result.
    package convenience init(_ value: ComponentValue) throws {
        guard case .stream(let end) = value, end.shared.payload == StreamPayload.byte else {
            throw ValueError("a value of stream<u8> is needed, not of \(value.kindName)")
        }
        self.init(Lifted(shared: try end.give(), lifetime: end.lifetime))
    }
}

extension ElementStream {
    /// The stream as an argument; it is given away with it.
    package func value(_ codec: ElementCodec<Element>) throws -> ComponentValue {
        .stream(HostEnd(try self.give(codec)))
    }

    /// A stream that came as a result.
    package convenience init(_ value: ComponentValue, _ codec: ElementCodec<Element>) throws {
        guard case .stream(let end) = value, end.shared.payload == codec.payload else {
            throw ValueError("a value of stream<\(codec.signature)> is needed, not of \(value.kindName)")
        }
        self.init(Lifted(shared: try end.give(), lifetime: end.lifetime), codec)
    }
}

extension ElementFuture {
    /// The future as an argument; it is given away with it.
    package func value(_ codec: ElementCodec<Value>) throws -> ComponentValue {
        .future(HostEnd(try self.give(codec)))
    }

    /// A future that came as a result.
    package convenience init(_ value: ComponentValue, _ codec: ElementCodec<Value>) throws {
        guard case .future(let end) = value, end.shared.payload == codec.payload else {
            throw ValueError("a value of future<\(codec.signature)> is needed, not of \(value.kindName)")
        }
        self.init(Lifted(shared: try end.give(), lifetime: end.lifetime), codec)
    }
}
