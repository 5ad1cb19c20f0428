/// Bodies of 1 MiB there and back through a guest, against the same server sending them back by itself.
struct EchoBenchmark: Benchmark {
    /// `echo` of WASI 0.2, or `concurrent-echo` of WASI 0.3.
    let guest: String
    var name: String { self.guest }
    var summary: String { "a 1 MiB body echoed by the guest \(self.guest), against the same server without Wasm" }
    private let connections = 8

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let wrk = try Wrk(setting)
        let script = try wrk.postScript(bytes: 1 << 20)
        let swirl = try Server.swirl(try setting.guest(self.guest), label: "Swirl", in: setting)
        let own = try Server.own(.echo, label: "same server, no Wasm", in: setting)
        defer {
            swirl.stop()
            own.stop()
        }
        for server in [swirl, own] { try wrk.warm(server, connections: self.connections, script: script) }
        let samples = try setting.rounds.measure(
            [swirl, own].map { server in
                { try wrk.run(server, connections: self.connections, script: script).requestsPerSecond }
            })
        return [
            BenchmarkResult(
                self.name, .requestsPerSecond, .init(label: swirl.label, samples: samples[0]),
                against: .init(label: own.label, samples: samples[1]), goal: .atLeast(0.5),
                remark: "\(self.connections) connections")
        ]
    }
}
