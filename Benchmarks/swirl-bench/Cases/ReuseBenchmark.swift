/// A short answer of a WASI 0.3 component, whose instances serve many requests, against the one of 0.2 and the server.
struct ReuseBenchmark: Benchmark {
    let name = "concurrent-hello"
    let summary = "a short answer of a WASI 0.3 component with reuse, against WASI 0.2 and the same server without Wasm"
    private let connections = 64

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let wrk = try Wrk(setting)
        let reused = try Server.swirl(
            try setting.guest("concurrent-hello"), label: "Swirl, WASI 0.3 with reuse", in: setting)
        let fresh = try Server.swirl(try setting.guest("hello"), label: "Swirl, WASI 0.2", in: setting)
        let fixed = try Server.own(.fixed, label: "same server, no Wasm", in: setting)
        let servers = [reused, fresh, fixed]
        defer { for server in servers { server.stop() } }
        for server in servers { try wrk.warm(server, connections: self.connections) }
        let samples = try setting.rounds.measure(
            servers.map { server in { try wrk.run(server, connections: self.connections).requestsPerSecond } })
        return zip([(fixed, "fixed", 0.7), (fresh, "0.2", 1)], [samples[2], samples[1]]).map { other, sample in
            BenchmarkResult(
                "\(self.name)/\(other.1)", .requestsPerSecond, .init(label: reused.label, samples: samples[0]),
                against: .init(label: other.0.label, samples: sample), goal: .atLeast(other.2),
                remark: "\(self.connections) connections")
        }
    }
}

/// Requests that each wait 10 ms for the host's clock, 16 at a time: one instance of a WASI 0.3 component lets them all
/// wait at once.
struct WaitBenchmark: Benchmark {
    let name = "concurrent-wait"
    let summary = "16 requests at a time that each wait 10 ms, in instances of WASI 0.3, for scale"
    private let connections = 16

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let wrk = try Wrk(setting)
        let server = try Server.swirl(try setting.guest("concurrent-wait"), label: "Swirl, waiting", in: setting)
        let fixed = try Server.own(.fixed, label: "same server, no Wasm, no wait", in: setting)
        defer {
            server.stop()
            fixed.stop()
        }
        try wrk.warm(server, connections: self.connections)
        try wrk.warm(fixed, connections: self.connections)
        var reports: [WrkReport] = []
        let samples = try setting.rounds.measure([
            {
                let report = try wrk.run(server, connections: self.connections)
                reports.append(report)
                return report.requestsPerSecond
            },
            { try wrk.run(fixed, connections: self.connections).requestsPerSecond },
        ])
        return [
            BenchmarkResult(
                self.name, .requestsPerSecond, .init(label: server.label, samples: samples[0]),
                against: .init(label: fixed.label, samples: samples[1]),
                remark: "one after the other would be 100 a second; \(Latency(reports))")
        ]
    }
}
