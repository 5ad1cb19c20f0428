/// Latencies of the same load in several rounds, in milliseconds.
struct Latency: CustomStringConvertible {
    let median: Samples
    let percentile99: Samples

    init(_ reports: [WrkReport]) {
        self.median = Samples(reports.map(\.median))
        self.percentile99 = Samples(reports.map(\.percentile99))
    }

    /// The medians of the rounds.
    var description: String {
        let (median, percentile99) = (self.median.median, self.percentile99.median)
        return "p50 \(Unit.milliseconds.text(median)), p99 \(Unit.milliseconds.text(percentile99))"
    }
}
