/// What wrk says at the end of a run.
struct WrkReport {
    let requests: Double
    let requestsPerSecond: Double
    /// Latencies in milliseconds.
    let median: Double
    let percentile99: Double
    /// Processor time of the server for one request, in nanoseconds, where the system tells.
    var processorTime: Double?
    /// Answers that were not 2xx or 3xx, and failed connections.
    let problem: String?

    /// Nil when `output` is not that of wrk with `--latency`.
    init?(_ output: String) {
        var requests: Double?
        var rate: Double?
        var latencies: [Substring: Double] = [:]
        var problem: String?
        for line in output.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.first == "Requests/sec:", let value = words.last { rate = Double(value) }
            if words.count >= 4, words[1] == "requests", words[2] == "in" { requests = Double(words[0]) }
            if words.count == 2, words[0].hasSuffix("%") { latencies[words[0]] = Self.milliseconds(words[1]) }
            if line.contains("Non-2xx") || Self.saysFailures(words) { problem = words.joined(separator: " ") }
        }
        guard let requests, let rate, let median = latencies["50%"], let percentile99 = latencies["99%"] else {
            return nil
        }
        self.requests = requests
        self.requestsPerSecond = rate
        self.median = median
        self.percentile99 = percentile99
        self.problem = problem ?? (rate > 0 ? nil : "no answer")
    }

    /// `Socket errors: connect 0, read 0, write 0, timeout 0`, where one is not 0.
    private static func saysFailures(_ words: [Substring]) -> Bool {
        guard words.starts(with: ["Socket", "errors:"]) else { return false }
        return words.contains { word in
            let number = word.prefix(while: \.isNumber)
            return !number.isEmpty && number != "0"
        }
    }

    private static func milliseconds(_ text: Substring) -> Double? {
        let factors: [(String, Double)] = [("us", 0.001), ("ms", 1), ("m", 60_000), ("s", 1000)]
        for (unit, factor) in factors where text.hasSuffix(unit) {
            return Double(text.dropLast(unit.count)).map { $0 * factor }
        }
        return nil
    }
}
