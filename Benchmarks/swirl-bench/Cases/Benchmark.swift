/// Something that can be measured by itself.
protocol Benchmark: Sendable {
    /// Name for `--filter`; results are named after it.
    var name: String { get }
    /// What it measures, in a few words.
    var summary: String { get }

    func run(in setting: Setting) throws -> [BenchmarkResult]
}

/// All benchmarks, in the order of the table.
enum BenchmarkCatalogue {
    static let all: [any Benchmark] = [
        HelloBenchmark(),
        ReuseBenchmark(),
        WaitBenchmark(),
        PythonHelloBenchmark(),
        PythonReuseBenchmark(),
        ConnectionsBenchmark(),
        HTTP2Benchmark(),
        LoadedServerBenchmark(),
        FetchWaitBenchmark(),
        EchoBenchmark(guest: "echo"),
        EchoBenchmark(guest: "concurrent-echo"),
        LargeBodyBenchmark(),
        FetchBenchmark(),
        StoreBenchmark(),
        RedisWaitBenchmark(),
        InstantiationBenchmark(guest: .hello),
        InstantiationBenchmark(guest: .python),
        ListBenchmark(),
        StreamBenchmark(),
        CallBenchmark(),
        TaskBenchmark(),
        TextBenchmark(),
        PythonStartBenchmark(),
        MemoryBenchmark(),
    ]
}
