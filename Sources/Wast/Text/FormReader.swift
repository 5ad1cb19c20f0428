/// Reads S-expressions in WebAssembly's text format.
///
/// Lists are kept on a stack of their own: how deep a file nests them costs no stack.
/// Source: WebAssembly, "Lexical Format"; annotations are skipped like comments.
package struct FormReader {
    private let bytes: [UInt8]
    private var position = 0

    /// How deep lists may nest.
    package static let maximumDepth = 10_000

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private struct OpenList {
        let start: Int
        var members: [Form] = []
        /// `(@name …)`: left out of what it stands in.
        let isAnnotation: Bool
    }

    /// All forms of the file.
    package static func read(_ bytes: [UInt8]) throws(TextError) -> [Form] {
        var reader = FormReader(bytes)
        return try reader.forms()
    }

    private mutating func forms() throws(TextError) -> [Form] {
        var open = [OpenList(start: 0, isAnnotation: false)]
        while true {
            try self.skipSpace()
            guard let byte = self.peek(0) else { break }
            let start = self.position
            switch byte {
            case UInt8(ascii: "("):
                guard open.count <= Self.maximumDepth else { throw TextError("lists nest too deeply", at: start) }
                self.position += 1
                open.append(OpenList(start: start, isAnnotation: self.peek(0) == UInt8(ascii: "@")))
            case UInt8(ascii: ")"):
                guard open.count > 1, let list = open.popLast() else {
                    throw TextError("a closing parenthesis without an opening one", at: start)
                }
                self.position += 1
                guard !list.isAnnotation else { continue }
                let form = Form(.list(list.members), range: list.start..<self.position)
                open[open.count - 1].members.append(form)
            case UInt8(ascii: "\""):
                let string = try self.string()
                open[open.count - 1].members.append(Form(.string(string), range: start..<self.position))
            default:
                let atom = try self.atom()
                open[open.count - 1].members.append(Form(.atom(atom), range: start..<self.position))
            }
        }
        guard open.count == 1, let file = open.first else {
            throw TextError("this parenthesis is not closed", at: open.last?.start ?? 0)
        }
        return file.members
    }

    private func peek(_ distance: Int) -> UInt8? {
        let index = self.position + distance
        return index < self.bytes.count ? self.bytes[index] : nil
    }

    // MARK: Space and comments

    private mutating func skipSpace() throws(TextError) {
        while let byte = self.peek(0) {
            switch (byte, self.peek(1)) {
            case (UInt8(ascii: " "), _), (UInt8(ascii: "\t"), _), (UInt8(ascii: "\n"), _), (UInt8(ascii: "\r"), _):
                self.position += 1
            case (UInt8(ascii: ";"), UInt8(ascii: ";")):
                while let next = self.peek(0), next != UInt8(ascii: "\n"), next != UInt8(ascii: "\r") {
                    self.position += 1
                }
            case (UInt8(ascii: "("), UInt8(ascii: ";")):
                try self.skipBlockComment()
            default:
                return
            }
        }
    }

    private mutating func skipBlockComment() throws(TextError) {
        let start = self.position
        var depth = 0
        repeat {
            switch (self.peek(0), self.peek(1)) {
            case (nil, _): throw TextError("this comment is not closed", at: start)
            case (UInt8(ascii: "("), UInt8(ascii: ";")):
                depth += 1
                self.position += 2
            case (UInt8(ascii: ";"), UInt8(ascii: ")")):
                depth -= 1
                self.position += 2
            default: self.position += 1
            }
        } while depth > 0
    }

    // MARK: Atoms and strings

    private mutating func atom() throws(TextError) -> String {
        let start = self.position
        while let byte = self.peek(0) {
            switch byte {
            case UInt8(ascii: "\""):
                // `$"…"` and `@"…"` are one atom; elsewhere a string may follow an atom without a space.
                guard self.position == start + 1, self.bytes[start] == UInt8(ascii: "$") else {
                    return String(decoding: self.bytes[start..<self.position], as: UTF8.self)
                }
                return "$" + String(decoding: try self.string(), as: UTF8.self)
            case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"),
                UInt8(ascii: "\r"), UInt8(ascii: ";"):
                guard self.position > start else {
                    throw TextError("a single semicolon; comments start with two", at: start)
                }
                return String(decoding: self.bytes[start..<self.position], as: UTF8.self)
            default:
                self.position += 1
            }
        }
        return String(decoding: self.bytes[start..<self.position], as: UTF8.self)
    }

    private mutating func string() throws(TextError) -> [UInt8] {
        let start = self.position
        var result: [UInt8] = []
        self.position += 1
        while let byte = self.peek(0) {
            self.position += 1
            switch byte {
            case UInt8(ascii: "\""): return result
            case UInt8(ascii: "\\"): try self.escape(into: &result)
            default: result.append(byte)
            }
        }
        throw TextError("this string is not closed", at: start)
    }

    private mutating func escape(into result: inout [UInt8]) throws(TextError) {
        let start = self.position - 1
        guard let byte = self.peek(0) else { throw TextError("an escape without its character", at: start) }
        self.position += 1
        switch byte {
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"): result.append(byte)
        case UInt8(ascii: "u"): try self.unicodeEscape(into: &result, start: start)
        default:
            guard let high = Self.digit(byte), let low = self.peek(0).flatMap(Self.digit) else {
                throw TextError("an unknown escape in a string", at: start)
            }
            self.position += 1
            result.append(high << 4 | low)
        }
    }

    private mutating func unicodeEscape(into result: inout [UInt8], start: Int) throws(TextError) {
        guard self.peek(0) == UInt8(ascii: "{") else { throw TextError("\\u is followed by {", at: start) }
        self.position += 1
        var value: UInt32 = 0
        while let byte = self.peek(0), let digit = Self.digit(byte), value <= 0x10_FFFF {
            value = value << 4 | UInt32(digit)
            self.position += 1
        }
        guard self.peek(0) == UInt8(ascii: "}"), let scalar = Unicode.Scalar(value) else {
            throw TextError("\\u{…} is not a Unicode scalar value", at: start)
        }
        self.position += 1
        result.append(contentsOf: Array(String(Character(scalar)).utf8))
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
