/// The values that one subject gave, one a round.
struct Samples: Codable, Sendable {
    let values: [Double]

    init(_ values: [Double]) {
        self.values = values
    }

    /// Not a number when there are no values.
    var median: Double {
        let sorted = self.values.sorted()
        guard let last = sorted.indices.last else { return .nan }
        return (sorted[last / 2] + sorted[(last + 1) / 2]) / 2
    }

    /// The ratios that the rounds give one by one, so that what slows a whole round cancels.
    func ratios(to baseline: Samples) -> Samples {
        Samples(zip(self.values, baseline.values).map { $0 / $1 })
    }
}
