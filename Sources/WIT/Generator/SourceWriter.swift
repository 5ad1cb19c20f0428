/// Collects lines of Swift, indented and broken as swift-format would leave them.
struct SourceWriter {
    static let lineLength = 120

    private(set) var lines: [String] = []
    private var depth = 0

    var text: String { self.lines.joined(separator: "\n") + "\n" }

    mutating func line(_ text: String = "") {
        self.lines.append(text.isEmpty ? "" : String(repeating: "    ", count: self.depth) + text)
    }

    mutating func indent(by levels: Int) { self.depth += levels }

    mutating func open(_ text: String) {
        self.line(text)
        self.depth += 1
    }

    mutating func close(_ text: String = "}") {
        self.depth -= 1
        self.line(text)
    }

    /// `} else {`, `case …:`: a line one level to the left of what surrounds it.
    mutating func middle(_ text: String) {
        self.depth -= 1
        self.line(text)
        self.depth += 1
    }

    /// A variable without a value; its type goes to the next line where it is long.
    mutating func declaration(_ head: String, type: String) {
        guard self.depth * 4 + head.count + 1 + type.count > Self.lineLength else {
            return self.line("\(head) \(type)")
        }
        self.line(head)
        self.indent(by: 1)
        self.line(type)
        self.indent(by: -1)
    }

    /// `head(arguments)tail`; over more lines when it is too long for one.
    ///
    /// - Parameter closesOnOwnLine: whether `)tail` gets a line of its own, as in declarations.
    mutating func call(_ head: String, _ arguments: [String], _ tail: String = ")", closesOnOwnLine: Bool = false) {
        let joined = arguments.joined(separator: ", ")
        let indent = self.depth * 4
        if indent + head.count + joined.count + tail.count <= Self.lineLength {
            self.line(head + joined + tail)
            return
        }
        self.line(head)
        self.depth += 1
        self.fill(
            arguments.enumerated().map { index, argument in
                argument + (index < arguments.count - 1 ? "," : closesOnOwnLine ? "" : tail)
            })
        self.depth -= 1
        if closesOnOwnLine { self.close(ofDeclaration: tail) }
    }

    /// As many of `pieces` on each line as it holds. A tuple that is too long for a line gets lines of its own.
    private mutating func fill(_ pieces: [String]) {
        let room = Self.lineLength - self.depth * 4
        var current = ""
        for piece in pieces {
            let candidate = current.isEmpty ? piece : "\(current) \(piece)"
            if candidate.count <= room {
                current = candidate
                continue
            }
            if !current.isEmpty { self.line(current) }
            current = piece
            if piece.count > room, let parts = Self.parts(piece, from: "(", to: ")") {
                self.open(parts.head)
                self.fill(parts.elements)
                self.close(parts.tail)
                current = ""
            }
        }
        if !current.isEmpty { self.line(current) }
    }

    /// `) throws -> Result<A, B> {`, the type's arguments on lines of their own when it is too long.
    private mutating func close(ofDeclaration tail: String) {
        guard self.depth * 4 + tail.count > Self.lineLength, let parts = Self.parts(tail, from: "<", to: ">") else {
            self.line(tail)
            return
        }
        self.open(parts.head)
        self.fill(parts.elements)
        self.close(parts.tail)
    }

    /// Takes `head(a, b)tail` apart at the commas of its outermost list: `head(`, [`a,`, `b`], `)tail`.
    private static func parts(
        _ text: String, from opening: Character, to closing: Character
    ) -> (head: String, elements: [String], tail: String)? {
        guard let start = text.firstIndex(of: opening).map({ text.index(after: $0) }) else { return nil }
        var elements: [String] = []
        var element = ""
        var nesting = 0
        for index in text[start...].indices {
            let character = text[index]
            if nesting == 0, character == closing {
                elements.append(element)
                return (String(text[..<start]), elements, String(text[index...]))
            }
            if character == "(" || character == "<" || character == "[" { nesting += 1 }
            if character == ")" || character == ">" || character == "]" { nesting -= 1 }
            if nesting == 0, element.isEmpty, character == " " { continue }
            element.append(character)
            if nesting == 0, character == "," {
                elements.append(element)
                element = ""
            }
        }
        return nil
    }

    /// A string literal after `head`, split over lines when it is too long for one.
    mutating func literal(_ head: String, _ text: String, _ tail: String) {
        if self.depth * 4 + head.count + text.count + tail.count + 2 <= Self.lineLength {
            self.line("\(head)\"\(text)\"\(tail)")
            return
        }
        self.open("\(head)\"\"\"")
        var rest = Substring(text)
        let room = Self.lineLength - self.depth * 4 - 2
        while rest.count > room {
            // Breaks after a blank, so that the names stay whole.
            let piece = rest.prefix(room)
            let end = piece.lastIndex(of: " ").map { piece.index(after: $0) } ?? piece.endIndex
            self.line("\(rest[..<end])\\")
            rest = rest[end...]
        }
        self.line(String(rest))
        self.line("\"\"\"\(tail)")
        self.depth -= 1
    }

    mutating func documentation(_ lines: [String]) {
        for line in lines { self.line(line.isEmpty ? "///" : "/// \(line)") }
    }
}
