/// A server with 256 connections beside one guest that computes for ever and one client that reads nothing, against the
/// same server without them: they must take no more than their share.
struct LoadedServerBenchmark: Benchmark {
    let name = "loaded"
    let summary = "hello under 256 connections, beside a burning guest and a slow client"
    private let connections = 256

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let wrk = try Wrk(setting)
        let hello = try setting.guest("hello")
        let others = try [setting.guest("loop"), setting.guest("endless")]
        let quiet = try Server.swirl(hello, label: "Swirl", in: setting, others: others)
        let loaded = try Server.swirl(hello, label: "Swirl, beside both", in: setting, others: others)
        defer {
            quiet.stop()
            loaded.stop()
        }
        let burner = try TCPConnection(port: loaded.port)
        try burner.send("GET /loop HTTP/1.1\r\nhost: a\r\n\r\n")
        let slow = try TCPConnection(port: loaded.port)
        try slow.send("GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
        defer { withExtendedLifetime((burner, slow)) {} }
        for server in [loaded, quiet] { try wrk.warm(server, connections: self.connections) }
        var reports = [[WrkReport](), []]
        let samples = try setting.rounds.measure(
            [loaded, quiet].enumerated().map { index, server in
                {
                    let report = try wrk.run(server, connections: self.connections)
                    reports[index].append(report)
                    return report.requestsPerSecond
                }
            })
        return [
            BenchmarkResult(
                self.name, .requestsPerSecond, .init(label: loaded.label, samples: samples[0]),
                against: .init(label: "Swirl, neither", samples: samples[1]), goal: .atLeast(0.75),
                remark: "\(Latency(reports[0])); with neither \(Latency(reports[1]))")
        ]
    }
}
