import NIOCore

/// How the client will know the end of a response body (RFC 9112 6.3).
enum ResponseFraming: Equatable {
    /// The response has no body and says no length.
    case none
    /// `content-length`; for HEAD and 304 without the body.
    case length(Int)
    case chunked
    /// The end of the connection, for HTTP/1.0 clients.
    case close
}

/// Writes response heads, chunks and trailers. The server owns the framing: what a handler says about it is left out.
enum HTTP1ResponseEncoder {
    enum Connection {
        /// What the version of the request implies.
        case implied
        case close
        case keepAlive
    }

    static let continueLine: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"
    static let lastChunk: StaticString = "0\r\n\r\n"

    /// Appends the head up to and including the empty line.
    static func encode(
        _ head: ResponseHead,
        framing: ResponseFraming,
        connection: Connection,
        date: borrowing DateField,
        into buffer: inout ByteBuffer,
        reserving extra: Int = 0
    ) {
        let fields = head.fields
        // Status line 64, date 40, framing 40, connection 24, end 2.
        let bound = 192 &+ fields.byteCount &+ 4 &* fields.count
        buffer.reserveCapacity(minimumWritableBytes: bound &+ extra)
        let dateLine = date.line
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { memory in
            var cursor = Cursor(memory)
            cursor.statusLine(head.status)
            var hasDate = false
            fields.withEntries { bytes, entries in
                for entry in entries {
                    let name = bytes[start: entry.nameStart, count: entry.nameLength]
                    switch Self.treatment(of: name) {
                    case .drop: continue
                    case .date: hasDate = true
                    case .send: break
                    }
                    cursor.write(name)
                    cursor.write(": ")
                    cursor.write(bytes[start: entry.valueStart, count: entry.valueLength])
                    cursor.write("\r\n")
                }
            }
            if !hasDate {
                dateLine.withUnsafeBytes { cursor.write($0) }
            }
            switch framing {
            case .none, .close: break
            case .length(let length):
                cursor.write("content-length: ")
                cursor.write(decimal: length)
                cursor.write("\r\n")
            case .chunked: cursor.write("transfer-encoding: chunked\r\n")
            }
            switch connection {
            case .implied: break
            case .close: cursor.write("connection: close\r\n")
            case .keepAlive: cursor.write("connection: keep-alive\r\n")
            }
            cursor.write("\r\n")
            return cursor.count
        }
    }

    /// Appends the size line of a chunk of at least one byte.
    static func encodeChunkHead(_ count: Int, into buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 18) { memory in
            var cursor = Cursor(memory)
            cursor.write(hexadecimal: count)
            cursor.write("\r\n")
            return cursor.count
        }
    }

    /// Appends the last chunk and the trailers, but those that would change framing or routing (RFC 9110 6.5.1).
    static func encodeEnd(trailers: HTTPFields?, into buffer: inout ByteBuffer) {
        guard let trailers, !trailers.isEmpty else {
            buffer.writeStaticString(Self.lastChunk)
            return
        }
        buffer.writeStaticString("0\r\n")
        trailers.withEntries { bytes, entries in
            for entry in entries {
                let name = bytes[start: entry.nameStart, count: entry.nameLength]
                guard Self.treatment(of: name) == .send, !Bytes.equal(name, "host"), !Bytes.equal(name, "trailer")
                else {
                    continue
                }
                buffer.writeBytes(name)
                buffer.writeStaticString(": ")
                buffer.writeBytes(bytes[start: entry.valueStart, count: entry.valueLength])
                buffer.writeStaticString("\r\n")
            }
        }
        buffer.writeStaticString("\r\n")
    }

    private enum Treatment {
        case send
        case drop
        case date
    }

    /// Hop-by-hop and framing fields are ours (RFC 9110 7.6.1).
    private static func treatment(of name: UnsafeRawBufferPointer) -> Treatment {
        switch name.count {
        case 2 where Bytes.equal(name, "te"): .drop
        case 4 where Bytes.equal(name, "date"): .date
        case 7 where Bytes.equal(name, "upgrade"): .drop
        case 10 where Bytes.equal(name, "connection") || Bytes.equal(name, "keep-alive"): .drop
        case 14 where Bytes.equal(name, "content-length"): .drop
        case 16 where Bytes.equal(name, "proxy-connection"): .drop
        case 17 where Bytes.equal(name, "transfer-encoding"): .drop
        default: .send
        }
    }
}

/// Writes into memory whose size was reckoned before; what does not fit is cut, never written outside.
private struct Cursor {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
    }

    @inline(__always)
    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        let length = min(bytes.count, self.memory.count &- self.count)
        guard length > 0, let source = bytes.baseAddress, let target = self.memory.baseAddress else {
            return
        }
        (target + self.count).copyMemory(from: source, byteCount: length)
        self.count &+= length
    }

    @inline(__always)
    mutating func write(_ text: StaticString) {
        self.write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    mutating func write(byte: UInt8) {
        if self.count < self.memory.count {
            self.memory[self.count] = byte
            self.count &+= 1
        }
    }

    mutating func write(decimal value: Int) {
        self.write(value.magnitude, radix: 10)
    }

    mutating func write(hexadecimal value: Int) {
        self.write(value.magnitude, radix: 16)
    }

    private mutating func write(_ value: UInt, radix: UInt) {
        var divisor: UInt = 1
        while value / divisor >= radix {
            divisor &*= radix
        }
        while divisor > 0 {
            let digit = UInt8(truncatingIfNeeded: value / divisor % radix)
            self.write(byte: digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
            divisor /= radix
        }
    }

    mutating func statusLine(_ status: Int) {
        if status == 200 {
            self.write("HTTP/1.1 200 OK\r\n")
            return
        }
        self.write("HTTP/1.1 ")
        self.write(decimal: status)
        self.write(" ")
        self.write(StatusReason.phrase(status))
        self.write("\r\n")
    }
}

extension HTTPFields {
    /// Calls `body` with the stored bytes and where the fields lie in them.
    @inline(__always)
    package func withEntries(_ body: (UnsafeRawBufferPointer, [Entry]) -> Void) {
        self.storage.withUnsafeReadableBytes { body($0, self.entries) }
    }
}
