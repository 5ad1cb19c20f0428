/// The Python application of Spin's SDK 5 on WASI 0.3: with instances that serve many requests, and one for each.
struct PythonReuseBenchmark: Benchmark {
    let name = "python-reuse"
    let summary = "a short answer of the Python application (Spin SDK 5), with reuse and without"
    private let connections = 16

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let wrk = try Wrk(setting)
        let guest = try setting.pythonGuest("python-spin-sdk5")
        let reused = try Server.swirl(guest, label: "Swirl, Python with reuse", in: setting, secondsToStart: 300)
        defer { reused.stop() }
        let fresh = try Server.swirl(
            guest, label: "Swirl, Python, an instance each", in: setting,
            arguments: ["--max-instance-reuse-count", "1"], secondsToStart: 300)
        defer { fresh.stop() }
        for server in [reused, fresh] { try wrk.warm(server, connections: self.connections) }
        let samples = try setting.rounds.measure(
            [reused, fresh].map { server in
                { try wrk.run(server, connections: self.connections).requestsPerSecond }
            })
        return [
            BenchmarkResult(
                self.name, .requestsPerSecond, .init(label: reused.label, samples: samples[0]),
                against: .init(label: fresh.label, samples: samples[1]), remark: "\(self.connections) connections")
        ]
    }
}
