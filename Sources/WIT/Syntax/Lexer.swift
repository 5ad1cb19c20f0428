/// Splits the text of one WIT file into tokens.
///
/// Source: Component Model, `WIT.md`, "Lexical structure".
struct Lexer {
    let file: String
    private let text: [UInt8]
    private(set) var position = 0
    private var line = 1
    private var lineStart = 0

    init(file: String, text: String) {
        self.file = file
        self.text = Array(text.utf8)
    }

    private func peek(_ distance: Int = 0) -> UInt8? {
        let index = self.position + distance
        return index < self.text.count ? self.text[index] : nil
    }

    private var location: SourceLocation {
        // Continuation bytes of UTF-8 are no columns of their own.
        let column = self.text[self.lineStart..<self.position].count { $0 & 0xC0 != 0x80 } + 1
        return SourceLocation(file: self.file, line: self.line, column: column)
    }

    private mutating func advance() {
        if self.text[self.position] == UInt8(ascii: "\n") {
            self.line += 1
            self.lineStart = self.position + 1
        }
        self.position += 1
    }

    /// The next token; `.end` at the end of the file, again and again.
    mutating func next() throws(WITError) -> Token {
        let documentation = try self.skipTrivia()
        let location = self.location
        let start = self.position
        let kind = try self.scan()
        return Token(
            kind: kind, location: location, start: start, end: self.position, documentation: documentation)
    }

    /// Reads a semantic version where the last token ended.
    mutating func version() throws(WITError) -> SemanticVersion {
        while let byte = self.peek(), byte == 0x20 || byte == 0x09 { self.advance() }
        guard let (version, length) = SemanticVersion.read(self.text[self.position...]) else {
            throw WITError(
                .lexical, self.location, "this is not a semantic version", expected: "a version such as `1.2.3`")
        }
        self.position += length
        return version
    }

    private mutating func scan() throws(WITError) -> Token.Kind {
        guard let byte = self.peek() else { return .end }
        switch byte {
        case UInt8(ascii: "-") where self.peek(1) == UInt8(ascii: ">"):
            self.position += 2
            return .arrow
        case UInt8(ascii: "%"):
            self.position += 1
            return .identifier(try self.scanName(), isEscaped: true)
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            return .identifier(try self.scanName(), isEscaped: false)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            let start = self.position
            while let digit = self.peek(), (0x30...0x39).contains(digit) { self.position += 1 }
            return .integer(String(decoding: self.text[start..<self.position], as: UTF8.self))
        case UInt8(ascii: "\""):
            return .string(try self.scanString())
        default:
            let mark = Character(Unicode.Scalar(byte))
            guard "=,:;(){}<>*/.@_".contains(mark) else {
                throw WITError(
                    .lexical, self.location, "\(self.characterHere) cannot begin a token",
                    expected: "a name, a number or punctuation")
            }
            self.position += 1
            return .mark(mark)
        }
    }

    /// The character at the position, for messages.
    private var characterHere: String {
        let rest = String(decoding: self.text[self.position...].prefix(16), as: UTF8.self)
        guard let scalar = rest.unicodeScalars.first else { return "the end of the file" }
        let isVisible = scalar.properties.isAlphabetic || (0x21...0x7E).contains(scalar.value)
        return isVisible ? "`\(scalar)`" : "U+\(String(scalar.value, radix: 16, uppercase: true))"
    }

    /// A kebab-case name: words of one case each, the first beginning with a letter.
    private mutating func scanName() throws(WITError) -> String {
        let location = self.location
        let start = self.position
        while let byte = self.peek() {
            let isWord =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            // A `-` that begins an arrow belongs to the arrow.
            guard isWord || (byte == 0x2D && self.peek(1) != UInt8(ascii: ">")) else { break }
            self.position += 1
        }
        let name = String(decoding: self.text[start..<self.position], as: UTF8.self)
        for (index, word) in name.split(separator: "-", omittingEmptySubsequences: false).enumerated() {
            guard let first = word.unicodeScalars.first else {
                throw WITError(
                    .lexical, location, "the name `\(name)` has an empty word", expected: "words joined by single `-`")
            }
            if index == 0, !first.properties.isAlphabetic {
                throw WITError(.lexical, location, "the name `\(name)` begins with a digit", expected: "a letter")
            }
            if word.contains(where: \.isUppercase), word.contains(where: \.isLowercase) {
                throw WITError(
                    .lexical, location, "the word `\(word)` of the name `\(name)` mixes upper and lower case",
                    expected: "kebab-case")
            }
        }
        return name
    }

    private mutating func scanString() throws(WITError) -> String {
        let location = self.location
        self.position += 1
        var bytes: [UInt8] = []
        while let byte = self.peek(), byte != UInt8(ascii: "\n") {
            self.position += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: bytes, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            try self.scanEscape(into: &bytes)
        }
        throw WITError(.lexical, location, "this string does not end on its line", expected: "`\"`")
    }

    private mutating func scanEscape(into bytes: inout [UInt8]) throws(WITError) {
        let location = self.location
        let escapes: [UInt8: UInt8] = [0x74: 0x09, 0x6E: 0x0A, 0x72: 0x0D, 0x22: 0x22, 0x27: 0x27, 0x5C: 0x5C]
        if let byte = self.peek(), let escaped = escapes[byte] {
            self.position += 1
            bytes.append(escaped)
            return
        }
        let rest = String(decoding: self.text[self.position...].prefix(12), as: UTF8.self)
        if rest.hasPrefix("u{"), let end = rest.firstIndex(of: "}"),
            let value = UInt32(rest.dropFirst(2).prefix(upTo: end), radix: 16), let scalar = Unicode.Scalar(value)
        {
            bytes.append(contentsOf: Array(String(Character(scalar)).utf8))
            self.position += rest.prefix(through: end).utf8.count
            return
        }
        guard let byte = UInt8(rest.prefix(2), radix: 16), rest.utf8.count >= 2 else {
            throw WITError(
                .lexical, location, "this escape is not known",
                expected: "`\\t`, `\\n`, `\\r`, `\\\"`, `\\'`, `\\\\`, two hexadecimal digits or `\\u{…}`")
        }
        bytes.append(byte)
        self.position += 2
    }
}

extension Lexer {
    /// Skips blanks and comments; returns the lines of documentation comments among them.
    private mutating func skipTrivia() throws(WITError) -> [String] {
        var documentation: [String] = []
        while let byte = self.peek() {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D:
                self.advance()
            case UInt8(ascii: "/") where self.peek(1) == UInt8(ascii: "/"):
                let start = self.position
                while let next = self.peek(), next != 0x0A { self.position += 1 }
                let comment = String(decoding: self.text[start..<self.position], as: UTF8.self)
                if comment.hasPrefix("///") { documentation.append(Self.trimmed(comment.dropFirst(3))) }
            case UInt8(ascii: "/") where self.peek(1) == UInt8(ascii: "*"):
                let comment = try self.skipBlockComment()
                guard comment.hasPrefix("/**"), comment != "/**/" else { continue }
                let lines = comment.dropFirst(3).dropLast(2).split(separator: "\n").map(Self.trimmed)
                documentation += lines.filter { !$0.isEmpty }
            default:
                return documentation
            }
        }
        return documentation
    }

    private mutating func skipBlockComment() throws(WITError) -> String {
        let location = self.location
        let start = self.position
        var depth = 0
        while let byte = self.peek() {
            if byte == UInt8(ascii: "/"), self.peek(1) == UInt8(ascii: "*") {
                depth += 1
                self.position += 2
            } else if byte == UInt8(ascii: "*"), self.peek(1) == UInt8(ascii: "/") {
                depth -= 1
                self.position += 2
                if depth == 0 { return String(decoding: self.text[start..<self.position], as: UTF8.self) }
            } else {
                self.advance()
            }
        }
        throw WITError(.lexical, location, "this comment does not end", expected: "`*/`")
    }

    private static func trimmed(_ line: Substring) -> String {
        var line = line
        while let first = line.first, first.isWhitespace || first == "*" { line.removeFirst() }
        while let last = line.last, last.isWhitespace { line.removeLast() }
        return String(line)
    }
}
