/// One line of the table: a subject, what it is measured against, and the goal.
struct BenchmarkResult: Codable, Sendable {
    struct Side: Codable, Sendable {
        let label: String
        let samples: Samples
    }

    /// Name that is the same in each run, to compare runs by: `hello/fixed`.
    let name: String
    let unit: Unit
    let subject: Side
    /// What the subject was measured side by side with; nil for a value that stands alone.
    let baseline: Side?
    var goal: Goal?
    var remark: String?
    /// More that was measured in the same rounds, for the file only: `subject p99 ms`.
    var details: [String: Samples] = [:]

    init(
        _ name: String, _ unit: Unit, _ subject: Side, against baseline: Side? = nil, goal: Goal? = nil,
        remark: String? = nil
    ) {
        self.name = name
        self.unit = unit
        self.subject = subject
        self.baseline = baseline
        self.goal = goal
        self.remark = remark
    }

    /// The ratio of each round.
    var ratios: Samples? {
        self.baseline.map { self.subject.samples.ratios(to: $0.samples) }
    }

    var ratio: Double? { self.ratios?.median }
}
