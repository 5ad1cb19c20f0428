package import HTTP
package import NIOCore

/// A response as a CGI program writes it: header lines, an empty line, the body.
///
/// Source: RFC 3875, 6; Spin's `wagi` executor where that is more lenient.
package struct CGIResponse {
    package private(set) var status = 200
    package private(set) var fields = HTTPFields()
    package private(set) var body: ByteBuffer
    /// Header lines that are none.
    package private(set) var ignored: [String] = []

    /// The most bytes of header lines.
    private static let mostHeaderBytes = 1 << 20

    /// Nil without `content-type`, `location` or `status`.
    package init?(_ output: ByteBuffer) {
        guard let end = Self.endOfHeaders(output.readableBytesView) else { return nil }
        let lines = String(decoding: output.readableBytesView.prefix(end), as: UTF8.self)
        self.body = output.getSlice(at: output.readerIndex + end, length: output.readableBytes - end) ?? ByteBuffer()
        var isSufficient = false
        var hasStatus = false
        for line in lines.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else {
                self.ignored.append(Self.shortened(line))
                continue
            }
            let name = Self.trimmed(line[..<colon]).lowercased()
            let value = Self.trimmed(line[line.index(after: colon)...])
            guard !name.isEmpty, name.utf8.allSatisfy(Bytes.isToken), value.utf8.allSatisfy(Self.isText) else {
                self.ignored.append(Self.shortened(line))
                continue
            }
            switch name {
            case "status":
                isSufficient = true
                hasStatus = true
                let code = value.prefix { $0 != " " }
                self.status = code.count == 3 ? Int(code).flatMap { (200...999).contains($0) ? $0 : nil } ?? 502 : 502
            case "content-type":
                isSufficient = true
                self.fields.removeAll(name)
                self.fields.append(name, value)
            case "location":
                isSufficient = true
                if !hasStatus { self.status = 302 }
                self.fields.append(name, value)
            // The whole body is known: its length is the server's to tell.
            case "content-length", "transfer-encoding", "connection": continue
            default: self.fields.append(name, value)
            }
        }
        guard isSufficient else { return nil }
        self.fields.append("content-length", String(self.body.readableBytes))
    }

    /// Where the body begins: after the first empty line; nil when there is none.
    private static func endOfHeaders(_ bytes: ByteBufferView) -> Int? {
        var isLineEmpty = false
        for (offset, byte) in bytes.prefix(Self.mostHeaderBytes).enumerated() {
            switch byte {
            case UInt8(ascii: "\n"):
                if isLineEmpty { return offset + 1 }
                isLineEmpty = true
            case UInt8(ascii: "\r"): continue
            default: isLineEmpty = false
            }
        }
        return nil
    }

    private static func isText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

    private static func trimmed(_ text: Substring) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        let start = text.drop(while: isBlank)
        return String(start.reversed().drop(while: isBlank).reversed())
    }

    /// For a log.
    private static func shortened(_ line: Substring) -> String {
        line.count > 80 ? "\(line.prefix(80).debugDescription)…" : line.debugDescription
    }
}
