import Foundation

/// All that one run measured.
struct Report: Codable {
    struct Failure: Codable {
        let benchmark: String
        let message: String
    }

    let date: Date
    let facts: MachineFacts
    let isQuick: Bool
    var results: [BenchmarkResult] = []
    var failures: [Failure] = []

    init(facts: MachineFacts, isQuick: Bool) {
        self.date = Date()
        self.facts = facts
        self.isQuick = isQuick
    }

    /// The table and its footer.
    var text: String {
        let rows = self.results.map { result in
            [
                result.name,
                result.subject.label,
                result.unit.text(result.subject.samples.median),
                result.baseline?.label ?? "",
                result.baseline.map { result.unit.text($0.samples.median) } ?? "",
                result.ratio.map { Decimal.ratio($0) } ?? "",
                Self.range(result.ratios),
                result.goal?.description ?? "",
                result.remark ?? "",
            ]
        }
        let table = TextTable(
            ["benchmark", "subject", "value", "against", "value", "ratio", "rounds", "goal", "remark"], rows: rows,
            numbers: [2, 4, 5])
        let failures = self.failures.map { "\($0.benchmark) was not measured: \($0.message)" }
        return ([table.text, ""] + failures + self.footer).joined(separator: "\n")
    }

    /// Lowest and highest.
    private static func range(_ ratios: Samples?) -> String {
        guard let lowest = ratios?.values.min(), let highest = ratios?.values.max() else { return "" }
        return "\(Decimal.ratio(lowest)) to \(Decimal.ratio(highest))"
    }

    private var footer: [String] {
        var lines = [
            "Medians of rounds in which the subjects take turns; each ratio is the median of the rounds' ratios.",
            "Load: one wrk thread on the same machine, so it competes with the servers for its cores.",
            self.facts.description,
        ]
        if self.isQuick { lines.append("Quick rounds: too short to keep.") }
        return lines
    }

    // MARK: Files

    /// - Returns: the path of the file.
    func write(inFolder folder: String) throws -> String {
        let name = self.date.formatted(.iso8601.timeSeparator(.omitted)) + ".json"
        let url = URL(filePath: folder).appending(path: name)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        try encoder.encode(self).write(to: url)
        return url.path(percentEncoded: false)
    }

    static func read(_ path: String) throws -> Report {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            return try decoder.decode(Report.self, from: Data(contentsOf: URL(filePath: path)))
        } catch {
            throw BenchmarkError("\(path) is not a result file of swirl-bench: \(error)")
        }
    }
}
