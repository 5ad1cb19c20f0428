import WasmEngine

/// A `list<u8>` of 64 KiB between a guest and a host function, against memcpy.
struct ListBenchmark: Benchmark {
    let name = "list"
    let summary = "64 KiB of list<u8> to and from a host function, against memcpy"

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let file = try ComponentBytes.read(try setting.guest("sink"))
        let guest = try SinkGuest(file, engine: try Engine())
        let copy = MemoryCopy(byteCount: SinkGuest.byteCount)
        let bodies: [(Int) throws -> Void] = [guest.send, guest.receive, copy.run]
        let subjects = try bodies.map { body in
            Stopwatch.nanoseconds(times: try Stopwatch.repetitions(lasting: setting.roundSeconds, body), body)
        }
        let samples = try setting.rounds.measure(subjects)
        let baseline = BenchmarkResult.Side(label: "memcpy", samples: samples[2])
        return [
            BenchmarkResult(
                "list/to-host", .nanoseconds, .init(label: "guest → host", samples: samples[0]), against: baseline,
                goal: .atMost(3), remark: "the host function copies the bytes out"),
            BenchmarkResult(
                "list/from-host", .nanoseconds, .init(label: "host → guest", samples: samples[1]), against: baseline,
                goal: .atMost(3), remark: "with the guest's realloc"),
        ]
    }
}
