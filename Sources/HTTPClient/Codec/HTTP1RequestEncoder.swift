import HTTP
import NIOCore

/// How the server will know the end of a request body.
enum RequestFraming: Equatable {
    /// No body, and the method implies none.
    case none
    case length(Int)
    case chunked
}

/// Writes request heads, chunks and trailers. The client owns framing and routing: what the guest says of them is left
/// out.
enum HTTP1RequestEncoder {
    /// Appends the head up to and including the empty line.
    static func encode(_ request: ClientRequest, framing: RequestFraming, into buffer: inout ByteBuffer) {
        let fields = request.fields
        let bound = request.method.utf8.count &+ request.target.utf8.count &+ request.authority.utf8.count &+ 96
        buffer.reserveCapacity(minimumWritableBytes: bound &+ fields.byteCount &+ 4 &* fields.count)
        buffer.writeString(request.method)
        buffer.writeStaticString(" ")
        buffer.writeString(request.target)
        buffer.writeStaticString(" HTTP/1.1\r\nhost: ")
        buffer.writeString(request.authority)
        buffer.writeStaticString("\r\n")
        self.encode(fields, into: &buffer) { RequestFields.belongsToConnection($0) }
        switch framing {
        case .none: break
        case .length(let length):
            buffer.writeStaticString("content-length: ")
            buffer.writeString(String(length))
            buffer.writeStaticString("\r\n")
        case .chunked: buffer.writeStaticString("transfer-encoding: chunked\r\n")
        }
        buffer.writeStaticString("\r\n")
    }

    /// Appends the size line of a chunk of at least one byte.
    static func encodeChunkHead(_ count: Int, into buffer: inout ByteBuffer) {
        buffer.writeString(String(count, radix: 16))
        buffer.writeStaticString("\r\n")
    }

    /// Appends the last chunk and the trailers, but those that would change framing or routing (RFC 9110 6.5.1).
    static func encodeEnd(trailers: HTTPFields?, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("0\r\n")
        if let trailers {
            self.encode(trailers, into: &buffer) { RequestFields.isNoTrailer($0) }
        }
        buffer.writeStaticString("\r\n")
    }

    private static func encode(
        _ fields: HTTPFields, into buffer: inout ByteBuffer, without isLeftOut: (UnsafeRawBufferPointer) -> Bool
    ) {
        fields.withEntries { bytes, entries in
            for entry in entries {
                let name = bytes[start: entry.nameStart, count: entry.nameLength]
                if isLeftOut(name) { continue }
                buffer.writeBytes(name)
                buffer.writeStaticString(": ")
                buffer.writeBytes(bytes[start: entry.valueStart, count: entry.valueLength])
                buffer.writeStaticString("\r\n")
            }
        }
    }
}

/// Which fields of a guest's request are the client's own business (RFC 9110 7.6.1).
enum RequestFields {
    static func belongsToConnection(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 2: Bytes.equal(name, "te")
        case 4: Bytes.equal(name, "host")
        case 7: Bytes.equal(name, "upgrade")
        case 10: Bytes.equal(name, "connection") || Bytes.equal(name, "keep-alive")
        case 14: Bytes.equal(name, "content-length") || Bytes.equal(name, "http2-settings")
        case 16: Bytes.equal(name, "proxy-connection")
        case 17: Bytes.equal(name, "transfer-encoding")
        default: false
        }
    }

    static func isNoTrailer(_ name: UnsafeRawBufferPointer) -> Bool {
        self.belongsToConnection(name) || Bytes.equal(name, "trailer") || Bytes.equal(name, "expect")
            || Bytes.equal(name, "authorization") || Bytes.equal(name, "content-encoding")
            || Bytes.equal(name, "content-type")
    }
}
