import WasmEngine

/// A store with one instance of a component, made and dropped, against Wasmtime's own component linker.
struct InstantiationBenchmark: Benchmark {
    enum Guest: String, Sendable {
        case hello
        case python
    }

    let guest: Guest

    var name: String { "instantiate-\(self.guest.rawValue)" }
    var summary: String { "make and drop an instance (\(self.guest.rawValue)), against Wasmtime's component linker" }

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let path = try self.guest == .hello ? setting.guest("hello") : setting.pythonGuest()
        let file = try ComponentBytes.read(path)
        // One engine for both: the same compiler settings, the same pool.
        let engine = try Engine()
        Progress.note("compiling for Swirl")
        let swirl = try SwirlComponent(file, name: self.name, engine: engine)
        Progress.note("compiling for Wasmtime")
        let wasmtime = try WasmtimeComponent(file, engine: engine)
        return [
            try self.compare("direct", setting, swirl.instantiate, wasmtime.instantiate, remark: nil),
            try self.compare(
                "fiber", setting, swirl.instantiateForFiber, wasmtime.instantiateOnFiber,
                remark: "for a fiber, as a request does"),
        ]
    }

    private func compare(
        _ variant: String, _ setting: Setting, _ swirl: @escaping () throws -> Void,
        _ wasmtime: @escaping () throws -> Void, remark: String?
    ) throws -> BenchmarkResult {
        let subjects = try [swirl, wasmtime].map { subject in
            let body = { (times: Int) in for _ in 0..<times { try subject() } }
            return Stopwatch.nanoseconds(
                times: try Stopwatch.repetitions(lasting: setting.roundSeconds, body), body)
        }
        let samples = try setting.rounds.measure(subjects)
        return BenchmarkResult(
            "\(self.name)/\(variant)", .nanoseconds, .init(label: "Swirl", samples: samples[0]),
            against: .init(label: "Wasmtime's linker", samples: samples[1]), goal: .atMost(1), remark: remark)
    }
}
