import Foundation

/// Key-value stores and databases as a guest has them, against the same calls made natively: one after the other, so many
/// in one request that the request does not count.
struct StoreBenchmark: Benchmark {
    let name = "stores"
    let summary = "key-value get and set, and 10,000 rows of SQLite, in a guest against native calls"

    private struct Case {
        var name: String
        let path: String
        let label: String
        let limit: Double
        var remark: String?
    }

    private static let local = [
        Case(name: "sqlite-get", path: "g", label: "SQLite on the same thread", limit: 1.3),
        Case(name: "sqlite-set", path: "s", label: "SQLite on the same thread", limit: 1.3, remark: "with fsync, both"),
        Case(name: "rows", path: "r", label: "SQLite on the same thread", limit: 1.5, remark: "10,000 of five columns"),
    ]
    private static let remote = [
        Case(name: "redis-get", path: "G", label: "same client, no Wasm", limit: 1.3),
        Case(name: "redis-set", path: "S", label: "same client, no Wasm", limit: 1.3),
    ]

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let folder = setting.folder.appending(path: "stores")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.path(percentEncoded: false)
        try RowTable.make(in: path)
        let redis = try RedisProcess(in: setting)
        defer { redis?.stop() }
        let labels = redis == nil ? "\"default\"" : "\"default\", \"redis\""
        var arguments = ["--state-dir", path]
        if let redis {
            let file = folder.appending(path: "runtime-config.toml")
            try "[key_value_store.redis]\ntype = \"redis\"\nurl = \"\(redis.url)\"\n".write(
                to: file, atomically: true, encoding: .utf8)
            arguments += ["--runtime-config-file", file.path(percentEncoded: false)]
        }
        let swirl = try Server.swirl(
            try setting.guest("stores"), label: "Swirl", in: setting, arguments: arguments,
            settings: "key_value_stores = [\(labels)]\nsqlite_databases = [\"default\"]")
        defer { swirl.stop() }
        let native = try Server.own(
            .stores, label: "native", in: setting, arguments: [path] + (redis.map { [$0.url] } ?? []))
        defer { native.stop() }
        // What is read must be there.
        try TCPConnection(port: swirl.port).get("/s1", until: "default")
        let local = try Self.local.flatMap { try self.measure($0, swirl, native, in: setting) }
        guard let redis else { return local }
        try TCPConnection(port: swirl.port).get("/S1", until: "default")
        let clients = [swirl.process, native.process]
        return try local
            + self.measureRemote("one-core", clients, onCore: 0, redis.process, onCore: 0) {
                try self.measure($0, swirl, native, in: setting)
            }
            + self.measureRemote("two-cores", clients, onCore: 1, redis.process, onCore: 0) {
                try self.measure($0, swirl, native, in: setting)
            }
    }

    /// Calls over the network, with both sides where they are wanted: the scheduler puts them on one core or on two as it
    /// happens, which alone makes one side several times as fast as the other.
    private func measureRemote(
        _ name: String, _ clients: [ChildProcess], onCore clientCore: Int, _ redis: ChildProcess, onCore redisCore: Int,
        _ measure: (Case) throws -> [BenchmarkResult]
    ) throws -> [BenchmarkResult] {
        guard try redis.keep(onCore: redisCore), try clients.allSatisfy({ try $0.keep(onCore: clientCore) }) else {
            return []
        }
        return try Self.remote.flatMap { entry in
            var entry = entry
            entry.name += "/\(name)"
            return try measure(entry)
        }
    }

    private func measure(
        _ entry: Case, _ swirl: Server, _ native: Server, in setting: Setting
    ) throws -> [BenchmarkResult] {
        var times: [[Double]] = [[], []]
        let subjects = try [swirl, native].enumerated().map { index, server in
            let connection = try TCPConnection(port: server.port)
            let body: (Int) throws -> Void = { try connection.get("/\(entry.path)\($0)", until: "default") }
            let count = try Stopwatch.repetitions(lasting: setting.roundSeconds, body)
            let subject = Stopwatch.nanoseconds(times: count, body)
            return { () throws -> Double in
                let before = ProcessorTime.seconds(of: server.process.identifier)
                let nanoseconds = try subject()
                if let before, let after = ProcessorTime.seconds(of: server.process.identifier) {
                    times[index].append((after - before) * 1e9 / Double(count))
                }
                return nanoseconds
            }
        }
        let samples = try setting.rounds.measure(subjects)
        let result = BenchmarkResult(
            "\(self.name)/\(entry.name)", .nanoseconds, .init(label: swirl.label, samples: samples[0]),
            against: .init(label: entry.label, samples: samples[1]), goal: .atMost(entry.limit), remark: entry.remark)
        guard times.allSatisfy({ $0.count == samples[0].values.count && !$0.contains(0) }) else { return [result] }
        return [
            result,
            BenchmarkResult(
                "\(self.name)/\(entry.name)/cpu", .nanoseconds,
                .init(label: swirl.label, samples: Samples(times[0])),
                against: .init(label: entry.label, samples: Samples(times[1])), remark: "processor time, for scale"),
        ]
    }
}
