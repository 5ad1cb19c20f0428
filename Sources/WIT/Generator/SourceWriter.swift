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
        var current = ""
        for (index, argument) in arguments.enumerated() {
            let isLast = index == arguments.count - 1
            let piece = argument + (isLast ? (closesOnOwnLine ? "" : tail) : ",")
            let candidate = current.isEmpty ? piece : "\(current) \(piece)"
            if !current.isEmpty, indent + 4 + candidate.count > Self.lineLength {
                self.line(current)
                current = piece
            } else {
                current = candidate
            }
        }
        self.line(current)
        self.depth -= 1
        if closesOnOwnLine { self.line(tail) }
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
