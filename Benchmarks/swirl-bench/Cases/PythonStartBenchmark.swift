/// From starting `swirl up` to the first answer of a Python application whose compiled code is cached.
struct PythonStartBenchmark: Benchmark {
    let name = "python-start"
    let summary = "from `swirl up` of the Python application to its first answer, compiled code cached"

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let guest = try setting.pythonGuest()
        // Fills the cache; the second start shows that the code is there.
        _ = try self.start(guest, setting)
        let samples = try setting.rounds.measure([{ try self.start(guest, setting) }])
        return [
            BenchmarkResult(
                self.name, .milliseconds, .init(label: "Swirl, Python", samples: samples[0]),
                goal: .atMost(500, .milliseconds), remark: "process start included")
        ]
    }

    /// Milliseconds to the first answer.
    private func start(_ guest: String, _ setting: Setting) throws -> Double {
        let start = ContinuousClock.now
        let server = try Server.swirl(guest, label: "Swirl, Python", in: setting, secondsToStart: 300)
        defer { server.stop() }
        try TCPConnection(port: server.port).get(until: "HTTP/1.1 200")
        return Stopwatch.seconds(since: start) * 1000
    }
}
