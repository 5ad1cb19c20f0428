/// Throughput and latency as connections grow: many must not cost what few gain.
struct ConnectionsBenchmark: Benchmark {
    let name = "connections"
    let summary = "hello under 1, 16 and 256 connections: throughput, p50 and p99"
    private let counts = [1, 16, 256]

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let wrk = try Wrk(setting)
        let swirl = try Server.swirl(try setting.guest("hello"), label: "Swirl", in: setting)
        let fixed = try Server.own(.fixed, label: "same server, no Wasm", in: setting)
        defer {
            swirl.stop()
            fixed.stop()
        }
        let subjects = self.counts.flatMap { count in [swirl, fixed].map { (server: $0, count: count) } }
        for subject in subjects { try wrk.warm(subject.server, connections: subject.count) }
        var reports = subjects.map { _ in [WrkReport]() }
        let samples = try setting.rounds.measure(
            subjects.enumerated().map { index, subject in
                {
                    let report = try wrk.run(subject.server, connections: subject.count)
                    reports[index].append(report)
                    return report.requestsPerSecond
                }
            })
        var results = self.counts.enumerated().map { index, count in
            BenchmarkResult(
                "connections/\(count)", .requestsPerSecond,
                .init(label: "Swirl, \(count) connections", samples: samples[2 * index]),
                against: .init(label: fixed.label, samples: samples[2 * index + 1]),
                remark: "\(Self.latencies(reports[2 * index])); without Wasm \(Self.latencies(reports[2 * index + 1]))")
        }
        results.append(
            BenchmarkResult(
                "connections/256-to-16", .requestsPerSecond,
                .init(label: "Swirl, 256 connections", samples: samples[4]),
                against: .init(label: "Swirl, 16 connections", samples: samples[2]), goal: .atLeast(0.8)))
        return results
    }

    /// Medians of the rounds' percentiles.
    private static func latencies(_ reports: [WrkReport]) -> String {
        let median = Unit.milliseconds.text(Samples(reports.map(\.median)).median)
        let percentile99 = Unit.milliseconds.text(Samples(reports.map(\.percentile99)).median)
        return "p50 \(median), p99 \(percentile99)"
    }
}
