/// A thousand guests at once that each wait 100 ms for an HTTP server: as long as one, and what a thousand cost.
struct FetchWaitBenchmark: Benchmark {
    let name = "fetch-wait"
    let summary = "1,000 requests at once, each waiting 100 ms for a request of its own, against the server alone"
    private let requests = 1000

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let load = try H2Load()
        let upstream = try Server.own(.wait, label: "the server that waits", in: setting)
        defer { upstream.stop() }
        let swirl = try Server.swirl(
            try setting.guest("probe"), label: "Swirl", in: setting, outboundHosts: ["http://127.0.0.1:*"])
        defer { swirl.stop() }
        let run = { (server: Server, path: String) in
            {
                let rate = try load.run(
                    server, requests: self.requests, connections: self.requests, streams: nil, path: path)
                // How long all of them took.
                return Double(self.requests) / rate * 1000
            }
        }
        let sides = [run(swirl, "/http/127.0.0.1:\(upstream.port)/"), run(upstream, "/")]
        for side in sides { _ = try side() }
        let samples = try setting.rounds.measure(sides)
        return [
            BenchmarkResult(
                self.name, .milliseconds, .init(label: swirl.label, samples: samples[0]),
                goal: .atMost(1000, .milliseconds),
                remark: "all of \(self.requests), connections included; "
                    + "the server alone: \(Unit.milliseconds.text(samples[1].median))")
        ]
    }
}
