import WasmEngine

/// Calls from one component into another, against a call inside a module and memcpy.
struct CallBenchmark: Benchmark {
    let name = "call"
    let summary = "a call between two components against one inside a module; 1 MiB between them against memcpy"

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let guest = try ComposedGuest(try ComponentBytes.read(try setting.guest("compose")), engine: try Engine())
        let size = 1 << 20
        try guest.call("fill", size)
        let copy = MemoryCopy(byteCount: size)
        let bodies: [(Int) throws -> Void] = [
            { try guest.call("local", $0) }, { try guest.call("remote", $0) }, { try guest.call("text", 20, $0) },
            { try guest.call("text", size, $0) }, { try guest.call("bytes", size, $0) },
            { try guest.call("text16", size, $0) }, copy.run,
        ]
        let samples = try setting.rounds.measure(
            try bodies.map { body in
                Stopwatch.nanoseconds(times: try Stopwatch.repetitions(lasting: setting.roundSeconds, body), body)
            })
        let local = BenchmarkResult.Side(label: "inside a module", samples: samples[0])
        let memcpy = BenchmarkResult.Side(label: "memcpy", samples: samples[6])
        return [
            BenchmarkResult(
                "call/numbers", .nanoseconds, .init(label: "between components", samples: samples[1]), against: local,
                goal: .atMost(5)),
            BenchmarkResult(
                "call/short-text", .nanoseconds, .init(label: "20 bytes of UTF-8", samples: samples[2]), against: local),
            BenchmarkResult(
                "call/text", .nanoseconds, .init(label: "1 MiB of UTF-8", samples: samples[3]), against: memcpy,
                goal: .atMost(3)),
            BenchmarkResult(
                "call/bytes", .nanoseconds, .init(label: "1 MiB of list<u8>", samples: samples[4]), against: memcpy,
                goal: .atMost(3)),
            BenchmarkResult(
                "call/transcode", .nanoseconds, .init(label: "1 MiB of UTF-8 to UTF-16", samples: samples[5]),
                against: memcpy),
        ]
    }
}
