/// One body of 1 GiB there and back through a guest of WASI 0.3, against the same server sending it back by itself: time,
/// and the memory that it takes.
struct LargeBodyBenchmark: Benchmark {
    let name = "large-body"
    let summary =
        "a body of 1 GiB echoed by a WASI 0.3 guest, against the same server without Wasm, and the memory for it"
    private let size = 1 << 30

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let swirl = try Server.swirl(try setting.guest("concurrent-echo"), label: "Swirl", in: setting)
        let own = try Server.own(.echo, label: "same server, no Wasm", in: setting)
        let servers = [swirl, own]
        defer { for server in servers { server.stop() } }
        // Small ones first, for all that is made once.
        for server in servers { try self.echo(4 << 20, by: server) }
        let before = try servers.map { try ResidentMemory.bytes(of: $0.process.identifier) }
        let samples = try setting.rounds.measure(
            servers.map { server in
                {
                    let start = ContinuousClock.now
                    try self.echo(self.size, by: server)
                    return Stopwatch.seconds(since: start) * 1000
                }
            })
        let peaks = try servers.map { try ResidentMemory.peak(of: $0.process.identifier) }
        return [
            BenchmarkResult(
                "large-body/time", .milliseconds, .init(label: swirl.label, samples: samples[0]),
                against: .init(label: own.label, samples: samples[1]), goal: .atMost(2),
                remark: "1 GiB there and back, one connection"),
            BenchmarkResult(
                "large-body/peak-memory", .bytes, .init(label: swirl.label, samples: Samples([peaks[0]])),
                against: .init(label: own.label, samples: Samples([peaks[1]])),
                remark: zip(before, [swirl, own]).map { "\($1.label): \(Unit.bytes.text($0)) before" }
                    .joined(separator: "; ")),
        ]
    }

    private func echo(_ bytes: Int, by server: Server) throws {
        let received = try TCPConnection(port: server.port).post(bytes)
        guard received >= bytes else {
            throw BenchmarkError("\(server.label) sent \(received) of \(bytes) bytes back")
        }
    }
}
