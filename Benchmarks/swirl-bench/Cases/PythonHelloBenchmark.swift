/// A short answer of the Python application, whose instance is large, beside the small guest's.
struct PythonHelloBenchmark: Benchmark {
    let name = "python-hello"
    let summary = "a short answer of the Python application (Spin SDK 3), for scale"
    private let connections = 16

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let wrk = try Wrk(setting)
        let python = try Server.swirl(
            try setting.pythonGuest(), label: "Swirl, Python", in: setting, secondsToStart: 300)
        let fixed = try Server.own(.fixed, label: "same server, no Wasm", in: setting)
        defer {
            python.stop()
            fixed.stop()
        }
        try wrk.warm(python, connections: self.connections)
        try wrk.warm(fixed, connections: self.connections)
        var reports: [WrkReport] = []
        let samples = try setting.rounds.measure([
            {
                let report = try wrk.run(python, connections: self.connections)
                reports.append(report)
                return report.requestsPerSecond
            },
            { try wrk.run(fixed, connections: self.connections).requestsPerSecond },
        ])
        return [
            BenchmarkResult(
                self.name, .requestsPerSecond, .init(label: python.label, samples: samples[0]),
                against: .init(label: fixed.label, samples: samples[1]),
                remark: "\(self.connections) connections, \(Latency(reports))")
        ]
    }
}
