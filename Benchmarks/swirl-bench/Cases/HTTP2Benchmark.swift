/// A hundred requests at a time on one connection of HTTP/2, against a hundred connections of HTTP/1.1.
struct HTTP2Benchmark: Benchmark {
    let name = "http2"
    let summary = "hello over 100 streams of HTTP/2, against 100 connections of HTTP/1.1"

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let load = try H2Load()
        let swirl = try Server.swirl(try setting.guest("hello"), label: "Swirl", in: setting)
        defer { swirl.stop() }
        let requests = 15_000 * setting.loadSeconds
        let run = { (connections: Int, streams: Int?) in
            { try load.run(swirl, requests: requests, connections: connections, streams: streams) }
        }
        for subject in [run(1, 100), run(100, nil)] { _ = try subject() }
        let samples = try setting.rounds.measure([run(1, 100), run(100, nil)])
        return [
            BenchmarkResult(
                "http2/100-streams", .requestsPerSecond, .init(label: "HTTP/2, 100 streams", samples: samples[0]),
                against: .init(label: "HTTP/1.1, 100 connections", samples: samples[1]), goal: .atLeast(0.8),
                remark: "h2load, one connection and so one event loop")
        ]
    }
}
