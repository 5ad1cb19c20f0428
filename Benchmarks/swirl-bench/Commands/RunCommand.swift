import ArgumentParser
import Foundation

/// Runs the benchmarks, or compares two earlier runs.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the benchmarks, or compare two earlier runs.")

    @Option(name: .long, help: "Run only the benchmarks whose name contains this; may be given more than once.")
    var filter: [String] = []

    @Flag(name: .long, help: "Few and short rounds: for trying out, not for keeping.")
    var quick = false

    @Flag(name: .long, help: "List the benchmarks and stop.")
    var list = false

    @Option(
        name: .long, parsing: .upToNextOption, help: "Compare the results in two files: the earlier, then the later.")
    var compare: [String] = []

    @Option(name: .long, help: "Where results are kept (default: bench-results in the repository).")
    var results: String?

    func validate() throws {
        guard self.compare.isEmpty || self.compare.count == 2 else {
            throw ValidationError("--compare takes two result files")
        }
    }

    func run() throws {
        if self.compare.count == 2 {
            let comparison = Comparison(
                earlier: try Report.read(self.compare[0]), later: try Report.read(self.compare[1]))
            print(comparison.text)
            return
        }
        let benchmarks = BenchmarkCatalogue.all.filter { benchmark in
            self.filter.isEmpty || self.filter.contains { benchmark.name.contains($0) }
        }
        if self.list {
            let table = TextTable(["benchmark", "measures"], rows: benchmarks.map { [$0.name, $0.summary] })
            print(table.text)
            return
        }
        guard !benchmarks.isEmpty else {
            throw ValidationError("no benchmark's name contains \(self.filter.joined(separator: " or ")); see --list")
        }
        try self.measure(benchmarks)
    }

    private func measure(_ benchmarks: [any Benchmark]) throws {
        let setting = try Setting(isQuick: self.quick)
        defer { setting.cleanUp() }
        ChildProcess.endAllOnInterruption()
        var report = Report(facts: MachineFacts.current(setting: setting), isQuick: self.quick)
        for benchmark in benchmarks {
            Progress.show("\(benchmark.name): \(benchmark.summary)")
            do {
                report.results += try benchmark.run(in: setting)
            } catch {
                report.failures.append(Report.Failure(benchmark: benchmark.name, message: "\(error)"))
            }
        }
        Progress.clear()
        print(report.text)
        let folder = self.results ?? setting.repository.appending(path: "bench-results").path(percentEncoded: false)
        print("\nResults: \(try report.write(inFolder: folder))")
        if !report.failures.isEmpty { throw ExitCode.failure }
    }
}
