/// A `.env` file: `NAME=value` lines, with the quotes, escapes and `${NAME}` of a shell.
package struct DotEnvFile: Sendable {
    /// In the order of the file; of two equal names the later counts.
    package private(set) var values: [String: String] = [:]
    /// Lines that could not be read, from 1.
    package private(set) var malformedLines: [Int] = []

    /// - Parameter environment: what `${NAME}` stands for besides earlier lines; it wins over these.
    package init(_ text: String, environment: [String: String]) {
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        var number = 0
        while number < lines.count {
            var line = lines[number].trimmingWhitespace()
            let first = number + 1
            number += 1
            if line.isEmpty || line.hasPrefix("#") { continue }
            // A quoted value may go over several lines.
            while Self.isOpen(line), number < lines.count {
                line += "\n" + lines[number]
                number += 1
            }
            guard let (name, value) = Self.parse(line, values: self.values, environment: environment) else {
                self.malformedLines.append(first)
                continue
            }
            self.values[name] = value
        }
    }

    /// Whether a quote has no end.
    private static func isOpen(_ line: String) -> Bool {
        guard let equals = line.firstIndex(of: "=") else { return false }
        let value = line[line.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
        guard let quote = value.first, quote == "\"" || quote == "'" else { return false }
        var isEscaped = false
        for character in value.dropFirst() {
            if isEscaped {
                isEscaped = false
            } else if character == "\\", quote == "\"" {
                isEscaped = true
            } else if character == quote {
                return false
            }
        }
        return true
    }

    private static func parse(
        _ line: String, values: [String: String], environment: [String: String]
    ) -> (name: String, value: String)? {
        guard let equals = line.firstIndex(of: "=") else { return nil }
        var name = line[..<equals].trimmingWhitespace()
        if name.hasPrefix("export ") { name = name.dropFirst("export ".count).trimmingWhitespace() }
        guard !name.isEmpty, name.utf8.allSatisfy({ Self.isNameByte($0) || $0 == UInt8(ascii: ".") }) else {
            return nil
        }
        var rest = line[line.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
        var value = ""
        var quote: Character?
        func lookUp(_ name: String) -> String { environment[name] ?? values[name] ?? "" }
        while let character = rest.popFirst() {
            switch (quote, character) {
            case (nil, "'"), (nil, "\""): quote = character
            case (let open?, _) where character == open: quote = nil
            case ("'", _): value.append(character)
            case (_, "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                value.append(quote == "\"" && escaped == "n" ? "\n" : escaped)
            case (_, "$"): value += Self.substitute(&rest, lookUp)
            case (nil, "#") where value.last.map { $0 == " " || $0 == "\t" } ?? true:
                return (name, value.trimmingWhitespace())
            default: value.append(character)
            }
        }
        guard quote == nil else { return nil }
        let wasQuoted = line[line.index(after: equals)...].contains { $0 == "\"" || $0 == "'" }
        return (name, wasQuoted ? value : value.trimmingWhitespace())
    }

    private static func substitute(_ rest: inout Substring, _ lookUp: (String) -> String) -> String {
        if rest.first == "{", let end = rest.firstIndex(of: "}") {
            let name = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
            return lookUp(name)
        }
        let name = rest.prefix { $0.utf8.allSatisfy(Self.isNameByte) }
        guard !name.isEmpty else { return "$" }
        rest = rest.dropFirst(name.count)
        return lookUp(String(name))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte.isDigit || byte == UInt8(ascii: "_")
    }
}
