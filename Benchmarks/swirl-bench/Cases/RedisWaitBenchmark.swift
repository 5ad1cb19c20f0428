import Foundation

/// 1,000 requests at once that each wait 100 ms for Redis.
struct RedisWaitBenchmark: Benchmark {
    let name = "redis-wait"
    let summary = "1,000 requests at once that each wait 100 ms for BLPOP"
    private let requests = 1000

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        guard let redis = try RedisProcess(in: setting) else { return [] }
        defer { redis.stop() }
        FileLimit.raise(to: 4096)
        let folder = setting.folder.appending(path: "redis-wait")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try RowTable.make(in: folder.path(percentEncoded: false))
        let swirl = try Server.swirl(
            try setting.guest("redis"), label: "Swirl", in: setting, outboundHosts: [redis.url])
        defer { swirl.stop() }
        let native = try Server.own(
            .stores, label: "same server and client, no Wasm", in: setting,
            arguments: [folder.path(percentEncoded: false), redis.url])
        defer { native.stop() }
        let threads = try ThreadCount.of(swirl.process.identifier)
        var mostThreads = threads
        let samples = try setting.rounds.measure([
            {
                try self.milliseconds(swirl, "/127.0.0.1:\(redis.port)?b", until: "HTTP/1.1 204") {
                    mostThreads = max(mostThreads, try ThreadCount.of(swirl.process.identifier))
                }
            },
            { try self.milliseconds(native, "/b", until: "default") {} },
        ])
        return [
            BenchmarkResult(
                self.name, .milliseconds, .init(label: swirl.label, samples: samples[0]),
                against: .init(label: native.label, samples: samples[1]), goal: .atMost(1000, .milliseconds),
                remark: "until the last is answered; \(mostThreads) threads, \(threads) at rest")
        ]
    }

    /// From the first request to the last answer; connections are made before.
    private func milliseconds(
        _ server: Server, _ path: String, until text: String, whileWaiting: () throws -> Void
    ) throws -> Double {
        let connections = try (0..<self.requests).map { _ in try TCPConnection(port: server.port) }
        return try Stopwatch.seconds {
            for connection in connections { try connection.send("GET \(path) HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n") }
            try whileWaiting()
            for connection in connections { try connection.receive(until: text) }
        } * 1000
    }
}
