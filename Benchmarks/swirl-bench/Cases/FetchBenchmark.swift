/// Requests of a guest to a server on this machine, against the same requests made without a guest: by async-http-client,
/// and by the client that guests' requests go through.
///
/// Each request to the subject leads to ten of its own, one after the other, so that these are nearly all of the work.
/// What is reported is requests made, by time and by processor time.
struct FetchBenchmark: Benchmark {
    let name = "fetch"
    let summary = "requests that a guest makes, ten for each instance, against async-http-client without Wasm"
    private let connections = 16

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let wrk = try Wrk(setting)
        let upstream = try Server.own(.raw, label: "NIO sockets, fixed bytes", in: setting)
        defer { upstream.stop() }
        let swirl = try Server.swirl(
            try setting.guest("fetch"), label: "Swirl", in: setting, outboundHosts: ["http://127.0.0.1:*"])
        defer { swirl.stop() }
        let own = try Server.own(.fetch, label: "same server and client, no Wasm", in: setting)
        defer { own.stop() }
        let library =
            AsyncHTTPClientFetchServer.isBuilt
            ? try Server.own(.fetchByAsyncHTTPClient, label: "same server, async-http-client", in: setting) : nil
        defer { library?.stop() }
        let servers = [swirl, own] + (library.map { [$0] } ?? [])
        let path = "/127.0.0.1:\(upstream.port)"
        for server in servers { try wrk.warm(server, connections: self.connections, path: path) }
        var times: [[Double]] = servers.map { _ in [] }
        let samples = try setting.rounds.measure(
            servers.enumerated().map { index, server in
                {
                    let report = try wrk.run(server, connections: self.connections, path: path)
                    if let time = report.processorTime { times[index].append(time / Double(FetchServer.requests)) }
                    return report.requestsPerSecond * Double(FetchServer.requests)
                }
            })
        var results: [BenchmarkResult] = []
        for index in servers.indices.dropFirst().reversed() {
            // The goal is against the library; our own client is for scale.
            let isLibrary = index == 2
            let name = isLibrary ? self.name : "\(self.name)/own-client"
            results.append(
                BenchmarkResult(
                    name, .requestsPerSecond, .init(label: swirl.label, samples: samples[0]),
                    against: .init(label: servers[index].label, samples: samples[index]),
                    goal: isLibrary ? .atLeast(0.8) : nil,
                    remark: "requests made, \(self.connections) at once\(isLibrary ? "" : ", for scale")"))
            guard times.allSatisfy({ $0.count == samples[0].values.count }) else { continue }
            results.append(
                BenchmarkResult(
                    "\(name)/cpu", .nanoseconds, .init(label: swirl.label, samples: Samples(times[0])),
                    against: .init(label: servers[index].label, samples: Samples(times[index])),
                    remark: "processor time for a request made, for scale"))
        }
        return results
    }
}
