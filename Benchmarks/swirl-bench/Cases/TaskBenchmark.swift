import WasmEngine

/// What the asynchronous model costs, against the synchronous one.
struct TaskBenchmark: Benchmark {
    let name = "task"
    let summary = "asynchronous calls of the host and between components against synchronous ones"

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let guest = try TaskGuest(try ComponentBytes.read(try setting.guest("tasks")), engine: try Engine())
        let bodies: [(Int) throws -> Void] = [
            { try guest.run("plain", $0) }, { try guest.run("now", $0) }, { try guest.run("later", $0) },
            { try guest.run("task", $0) }, { try guest.callDirectly("empty-plain", times: $0) },
            { try guest.start("empty-plain", times: $0) }, { try guest.start("empty", times: $0) },
            { try guest.run("sibling", $0) }, { try guest.run("blocking", $0) },
            { try guest.run("bytes-plain", $0) }, { try guest.run("bytes", $0) },
        ]
        let samples = try setting.rounds.measure(
            try bodies.map { body in
                Stopwatch.nanoseconds(times: try Stopwatch.repetitions(lasting: setting.roundSeconds, body), body)
            })
        let host = BenchmarkResult.Side(label: "synchronous", samples: samples[0])
        let sibling = BenchmarkResult.Side(label: "a synchronous function", samples: samples[7])
        let direct = BenchmarkResult.Side(label: "without a scheduler", samples: samples[4])
        return [
            BenchmarkResult(
                "task/host-call", .nanoseconds, .init(label: "answered at once", samples: samples[1]), against: host,
                goal: .atMost(1.5), remark: "both write two numbers into memory"),
            BenchmarkResult(
                "task/late-answer", .nanoseconds, .init(label: "answered later", samples: samples[2]), against: host,
                remark: "a subtask, a set of waitables, and the way to the event loop and back"),
            BenchmarkResult(
                "task/call", .nanoseconds, .init(label: "another component's task", samples: samples[3]),
                against: sibling),
            BenchmarkResult(
                "task/blocking-call", .nanoseconds,
                .init(label: "the same, both sides synchronous", samples: samples[8]), against: sibling),
            BenchmarkResult(
                "task/bytes", .nanoseconds, .init(label: "64 KiB to another component's task", samples: samples[10]),
                against: .init(label: "to a synchronous function", samples: samples[9])),
            BenchmarkResult(
                "task/start-plain", .nanoseconds, .init(label: "a synchronous export", samples: samples[5]),
                against: direct),
            BenchmarkResult(
                "task/start", .nanoseconds, .init(label: "an asynchronous export", samples: samples[6]),
                against: direct),
        ]
    }
}
