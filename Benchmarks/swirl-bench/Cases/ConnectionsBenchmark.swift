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
            let (swirlLatency, fixedLatency) = (Latency(reports[2 * index]), Latency(reports[2 * index + 1]))
            var result = BenchmarkResult(
                "connections/\(count)", .requestsPerSecond,
                .init(label: "Swirl, \(count) connection\(count == 1 ? "" : "s")", samples: samples[2 * index]),
                against: .init(label: fixed.label, samples: samples[2 * index + 1]),
                remark: "\(swirlLatency); without Wasm \(fixedLatency)")
            result.details = [
                "subject p50 ms": swirlLatency.median, "subject p99 ms": swirlLatency.percentile99,
                "baseline p50 ms": fixedLatency.median, "baseline p99 ms": fixedLatency.percentile99,
            ]
            return result
        }
        results.append(
            BenchmarkResult(
                "connections/256-to-16", .requestsPerSecond,
                .init(label: "Swirl, 256 connections", samples: samples[4]),
                against: .init(label: "Swirl, 16 connections", samples: samples[2]), goal: .atLeast(0.8)))
        return results
    }
}
