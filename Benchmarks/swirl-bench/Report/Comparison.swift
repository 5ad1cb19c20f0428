/// Two runs beside each other: what is in both, by name.
struct Comparison {
    let earlier: Report
    let later: Report

    var text: String {
        let before = Dictionary(
            self.earlier.results.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let rows = self.later.results.map { result in
            let old = before[result.name]
            return [
                result.name,
                old.map { $0.unit.text($0.subject.samples.median) } ?? "-",
                result.unit.text(result.subject.samples.median),
                Self.change(from: old?.subject.samples.median, to: result.subject.samples.median),
                Self.ratio(old?.ratio),
                Self.ratio(result.ratio),
                Self.change(from: old?.ratio, to: result.ratio),
                result.goal?.description ?? "",
            ]
        }
        let table = TextTable(
            ["benchmark", "earlier", "later", "change", "ratio earlier", "later", "change", "goal"], rows: rows,
            numbers: [1, 2, 3, 4, 5, 6])
        let names = Set(self.later.results.map(\.name))
        let gone = self.earlier.results.map(\.name).filter { !names.contains($0) }
        var lines = [table.text, "", "earlier: \(self.earlier.facts)", "later:   \(self.later.facts)"]
        if !gone.isEmpty { lines.append("Only in the earlier run: \(gone.joined(separator: ", "))") }
        lines.append("Values drift with the machine; ratios were measured side by side.")
        return lines.joined(separator: "\n")
    }

    private static func ratio(_ value: Double?) -> String {
        value.map { Decimal.ratio($0) } ?? ""
    }

    private static func change(from old: Double?, to new: Double?) -> String {
        guard let old, let new, old != 0 else { return "" }
        let percent = (new / old - 1) * 100
        return (percent < 0 ? "" : "+") + Decimal.text(percent, digits: 0) + " %"
    }
}
