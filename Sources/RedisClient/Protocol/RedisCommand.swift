package import NIOCore

/// A command with its arguments, in the form in which it is sent.
package struct RedisCommand: Sendable {
    /// In capital letters.
    package let name: String
    private(set) var argumentCount = 1
    private(set) var encoded: ByteBuffer
    /// The first argument, where it says what kind of a command this is.
    private var firstArgument: String?
    private var hasBlockOption = false

    package init(_ name: String) {
        self.name = name.uppercased()
        self.encoded = ByteBuffer()
        self.writeBulk(count: name.utf8.count) { $0.writeString(name) }
    }

    /// With texts for arguments.
    package init(_ name: String, _ arguments: String...) {
        self.init(name)
        for argument in arguments { self.append(argument) }
    }

    package mutating func append(_ text: String) {
        self.note { text }
        self.writeBulk(count: text.utf8.count) { $0.writeString(text) }
    }

    package mutating func append(_ number: Int64) { self.append(String(number)) }

    package mutating func append(_ bytes: [UInt8]) {
        self.note { String(decoding: bytes.prefix(32), as: UTF8.self) }
        self.writeBulk(count: bytes.count) { $0.writeBytes(bytes) }
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        self.note { String(decoding: bytes.prefix(32), as: UTF8.self) }
        self.writeBulk(count: bytes.count) { $0.writeBytes(bytes) }
    }

    package mutating func append(_ bytes: ByteBuffer) {
        self.note { String(decoding: bytes.readableBytesView.prefix(32), as: UTF8.self) }
        self.writeBulk(count: bytes.readableBytes) { $0.writeImmutableBuffer(bytes) }
    }

    /// What a command does to its connection.
    package enum Kind: Equatable, Sendable {
        /// Many may follow each other on one connection, whoever sent them.
        case ordinary
        /// The answer may take as long as it likes: nobody else may stand behind it.
        case blocking
        /// Changes what the connection's next commands mean.
        case stateful
        /// Turns the connection into something that does not answer command by command.
        case refused
    }

    package var kind: Kind {
        switch self.name {
        case "BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP": .blocking
        case "XREAD", "XREADGROUP": self.hasBlockOption ? .blocking : .ordinary
        case "MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "SELECT", "AUTH", "HELLO", "READONLY", "READWRITE",
            "ASKING", "RESET", "QUIT":
            .stateful
        // They wait for other servers, as long as they like, for what this connection has written.
        case "WAIT", "WAITAOF": .stateful
        case "CLIENT": ["REPLY", "TRACKING"].contains(self.firstArgument) ? .refused : .stateful
        // From the next script on the connection would speak the debugger's language.
        case "SCRIPT": self.firstArgument == "DEBUG" ? .refused : .ordinary
        case "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR", "SYNC",
            "PSYNC", "REPLCONF":
            .refused
        default: .ordinary
        }
    }

    /// Bytes that sending takes.
    var byteCount: Int { self.encoded.readableBytes + 16 }

    func writeHeader(to buffer: inout ByteBuffer) {
        buffer.writeString("*\(self.argumentCount)\r\n")
    }

    private mutating func note(_ text: () -> String) {
        self.argumentCount += 1
        switch self.name {
        case "CLIENT" where self.firstArgument == nil, "SCRIPT" where self.firstArgument == nil:
            self.firstArgument = text().uppercased()
        case "XREAD" where !self.hasBlockOption, "XREADGROUP" where !self.hasBlockOption:
            self.hasBlockOption = text().uppercased() == "BLOCK"
        default: break
        }
    }

    private mutating func writeBulk(count: Int, _ write: (inout ByteBuffer) -> Void) {
        self.encoded.reserveCapacity(minimumWritableBytes: count + 24)
        self.encoded.writeString("$\(count)\r\n")
        write(&self.encoded)
        self.encoded.writeStaticString("\r\n")
    }
}
