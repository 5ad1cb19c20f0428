/// Requests of a guest to a server on this machine, against the same requests made by the same client without a guest.
///
/// Each request to the subject leads to ten of its own, one after the other, so that these are nearly all of the work.
/// What is reported is requests made, by time and by processor time.
struct FetchBenchmark: Benchmark {
    let name = "fetch"
    let summary = "requests that a guest makes, ten for each instance, against the same client without Wasm"
    private let connections = 16

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let wrk = try Wrk(setting)
        let upstream = try Server.own(.raw, label: "NIO sockets, fixed bytes", in: setting)
        let swirl = try Server.swirl(
            try setting.guest("fetch"), label: "Swirl", in: setting, outboundHosts: ["http://127.0.0.1:*"])
        let own = try Server.own(.fetch, label: "same server and client, no Wasm", in: setting)
        defer { for server in [swirl, own, upstream] { server.stop() } }
        let path = "/127.0.0.1:\(upstream.port)"
        for server in [swirl, own] { try wrk.warm(server, connections: self.connections, path: path) }
        var times: [[Double]] = [[], []]
        let samples = try setting.rounds.measure(
            [swirl, own].enumerated().map { index, server in
                {
                    let report = try wrk.run(server, connections: self.connections, path: path)
                    if let time = report.processorTime { times[index].append(time / Double(FetchServer.requests)) }
                    return report.requestsPerSecond * Double(FetchServer.requests)
                }
            })
        let throughput = BenchmarkResult(
            self.name, .requestsPerSecond, .init(label: swirl.label, samples: samples[0]),
            against: .init(label: own.label, samples: samples[1]), goal: .atLeast(0.8),
            remark: "requests made, \(self.connections) at once")
        guard times.allSatisfy({ $0.count == samples[0].values.count }) else { return [throughput] }
        return [
            throughput,
            BenchmarkResult(
                "\(self.name)/cpu", .nanoseconds, .init(label: swirl.label, samples: Samples(times[0])),
                against: .init(label: own.label, samples: Samples(times[1])),
                remark: "processor time for a request made, for scale"),
        ]
    }
}
