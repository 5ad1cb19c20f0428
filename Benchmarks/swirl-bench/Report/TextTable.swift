/// Columns of text, each as wide as it must be.
struct TextTable {
    private let rows: [[String]]
    /// Columns whose text ends at the right.
    private let numbers: Set<Int>

    init(_ header: [String], rows: [[String]], numbers: Set<Int> = []) {
        self.rows = [header] + rows
        self.numbers = numbers
    }

    var text: String {
        let columns = self.rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            self.rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        var lines = self.rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return self.numbers.contains(column) ? padding + cell : cell + padding
            }
            return Self.withoutTrailingSpaces(cells.joined(separator: "  "))
        }
        lines.insert(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "), at: 1)
        return lines.joined(separator: "\n")
    }

    private static func withoutTrailingSpaces(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}
