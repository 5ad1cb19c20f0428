/// A short answer from a fresh instance for each request, against servers that answer by themselves.
struct HelloBenchmark: Benchmark {
    let name = "hello"
    let summary = "a short answer, a fresh instance for each request, against the same server without Wasm"
    private let connections = 64

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let wrk = try Wrk(setting)
        let swirl = try Server.swirl(try setting.guest("hello"), label: "Swirl", in: setting)
        var others = [
            ("fixed", try Server.own(.fixed, label: "same server, no Wasm", in: setting)),
            ("raw", try Server.own(.raw, label: "NIO sockets, fixed bytes", in: setting)),
        ]
        if let nginx = try Server.nginx(in: setting) { others.append(("nginx", nginx)) }
        let servers = [swirl] + others.map(\.1)
        defer { for server in servers { server.stop() } }
        for server in servers { try wrk.warm(server, connections: self.connections) }
        var reports = servers.map { _ in [WrkReport]() }
        let samples = try setting.rounds.measure(
            servers.enumerated().map { index, server in
                {
                    let report = try wrk.run(server, connections: self.connections)
                    reports[index].append(report)
                    return report.requestsPerSecond
                }
            })
        let throughput = others.enumerated().map { index, other in
            BenchmarkResult(
                "hello/\(other.0)", .requestsPerSecond, .init(label: swirl.label, samples: samples[0]),
                against: .init(label: other.1.label, samples: samples[index + 1]),
                goal: other.0 == "fixed" ? .atLeast(0.5) : nil,
                remark: other.0 == "fixed" ? "\(self.connections) connections" : "for scale")
        }
        // The throughput of a fast server is cut off where the load generator has no more to give; this is not.
        let times = reports.map { Samples($0.compactMap(\.processorTime)) }
        guard times.allSatisfy({ $0.values.count == samples[0].values.count }) else { return throughput }
        return throughput
            + others.enumerated().map { index, other in
                BenchmarkResult(
                    "hello/\(other.0)-cpu", .nanoseconds, .init(label: swirl.label, samples: times[0]),
                    against: .init(label: other.1.label, samples: times[index + 1]),
                    remark: "server's processor time for a request, for scale")
            }
    }
}
