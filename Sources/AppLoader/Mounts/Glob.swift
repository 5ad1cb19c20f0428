/// Shell patterns as Spin's `files` and `exclude_files` use them: `?`, `*`, `[a-z]`, `[!a-z]`, and `**` as a whole
/// path component for any number of directories. A leading dot is nothing special.
package struct Glob: Sendable {
    package struct ParseError: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    private enum Element: Sendable {
        case character(Character)
        case anyCharacter
        /// `*`.
        case anyText
        /// `**`, with the slash after it.
        case anyDirectories
        /// `**` at the end: everything below.
        case anything
        case set(ranges: [ClosedRange<Character>], isNegated: Bool)
    }

    private let elements: [Element]

    package init(_ pattern: String) throws(ParseError) {
        var elements: [Element] = []
        var rest = pattern[...]
        var atStart = true
        while let first = rest.popFirst() {
            let wasAtStart = atStart
            atStart = first == "/"
            switch first {
            case "?": elements.append(.anyCharacter)
            case "*":
                guard rest.first == "*" else {
                    elements.append(.anyText)
                    continue
                }
                rest.removeFirst()
                guard wasAtStart, rest.isEmpty || rest.first == "/" else {
                    throw ParseError(description: "`**` must be a whole path component, as in `assets/**/*`")
                }
                if rest.isEmpty {
                    elements.append(.anything)
                } else {
                    rest.removeFirst()
                    atStart = true
                    if case .anyDirectories = elements.last { continue }
                    elements.append(.anyDirectories)
                }
            case "[": elements.append(try Self.parseSet(&rest))
            default: elements.append(.character(first))
            }
        }
        self.elements = elements
    }

    private static func parseSet(_ rest: inout Substring) throws(ParseError) -> Element {
        var isNegated = false
        if rest.first == "!" {
            isNegated = true
            rest.removeFirst()
        }
        var characters: [Character] = []
        while let next = rest.popFirst() {
            // A `]` right at the start stands for itself.
            if next == "]", !characters.isEmpty {
                var ranges: [ClosedRange<Character>] = []
                var index = 0
                while index < characters.count {
                    if index + 2 < characters.count, characters[index + 1] == "-" {
                        let (low, high) = (characters[index], characters[index + 2])
                        if low <= high { ranges.append(low...high) }
                        index += 3
                    } else {
                        ranges.append(characters[index]...characters[index])
                        index += 1
                    }
                }
                return .set(ranges: ranges, isNegated: isNegated)
            }
            characters.append(next)
        }
        throw ParseError(description: "`[` has no `]`")
    }

    /// Whether a text looks like a pattern rather than a path.
    package static func isPattern(_ text: String) -> Bool {
        text.contains { "*?[".contains($0) }
    }

    /// Whether the pattern matches the whole text. `*` crosses slashes unless `separated`, as Rust's `glob` has it:
    /// patterns for the file system are matched component by component, `exclude_files` as one text.
    package func matches(_ text: String, separated: Bool = false) -> Bool {
        let text = Array(text)
        // For every place in the pattern, the places in the text that are reachable: no backtracking, so a hostile
        // pattern costs pattern times text at most.
        var reachable = Set([0])
        for element in self.elements {
            var next = Set<Int>()
            for index in reachable {
                switch element {
                case .character(let character):
                    if index < text.count, text[index] == character { next.insert(index + 1) }
                case .anyCharacter:
                    if index < text.count, !separated || text[index] != "/" { next.insert(index + 1) }
                case .set(let ranges, let isNegated):
                    guard index < text.count, !separated || text[index] != "/" else { continue }
                    if ranges.contains(where: { $0.contains(text[index]) }) != isNegated { next.insert(index + 1) }
                case .anyText:
                    var end = index
                    next.insert(end)
                    while end < text.count, !separated || text[end] != "/" {
                        end += 1
                        if !next.insert(end).inserted { break }
                    }
                case .anything: return true
                case .anyDirectories:
                    next.insert(index)
                    for end in index..<text.count where text[end] == "/" { next.insert(end + 1) }
                }
            }
            reachable = next
            if reachable.isEmpty { return false }
        }
        return reachable.contains(text.count)
    }
}
