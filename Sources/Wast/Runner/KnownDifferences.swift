/// Commands of scripts that are known to come out another way here, each with its reason.
///
/// A line of the file: the end of a script's path, a colon, a line number, a space, the reason. `#` starts a comment.
package struct KnownDifferences: Sendable {
    private struct Entry: Sendable {
        let path: String
        let line: Int
        let reason: String
    }

    private let entries: [Entry]

    /// No differences.
    package init() {
        self.entries = []
    }

    /// - Throws: when a line does not have that form; the offset is the line's.
    package init(_ text: String) throws(TextError) {
        var entries: [Entry] = []
        var offset = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            defer { offset += line.utf8.count + 1 }
            let line = line.drop { $0 == " " }
            if line.isEmpty || line.hasPrefix("#") { continue }
            let parts = line.split(separator: " ", maxSplits: 1)
            let place = parts[0].split(separator: ":")
            guard parts.count == 2, place.count == 2, let number = Int(place[1]) else {
                throw TextError("a known difference is written as 'path:line reason'", at: offset)
            }
            entries.append(Entry(path: String(place[0]), line: number, reason: String(parts[1])))
        }
        self.entries = entries
    }

    private func reason(_ name: String, _ line: Int) -> String? {
        self.entries.first {
            $0.line == line && (name == $0.path || name.hasSuffix("/" + $0.path))
        }?.reason
    }

    /// The report with known failures skipped. A known failure that passes is a failure: the list is to be corrected.
    package func apply(to report: ScriptReport) -> ScriptReport {
        var report = report
        report.entries = report.entries.map { entry in
            guard let reason = self.reason(report.name, entry.line) else { return entry }
            switch entry.verdict {
            case .failed, .skipped: return .init(line: entry.line, verdict: .skipped("known difference: \(reason)"))
            case .passed:
                return .init(
                    line: entry.line,
                    verdict: .failed(expected: "the known difference (\(reason))", got: "that it passes"))
            }
        }
        return report
    }
}
