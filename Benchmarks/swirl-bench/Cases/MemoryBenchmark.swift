import Foundation

/// Resident memory: an application at rest, and one with 1,000 requests that wait.
struct MemoryBenchmark: Benchmark {
    let name = "memory"
    let summary = "resident memory of an idle application and of 1,000 live instances"
    private let instances = 1000

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        FileLimit.raise(to: 4096)
        let sleep = try Server.swirl(try setting.guest("sleep"), label: "Swirl, sleep", in: setting)
        defer { sleep.stop() }
        var results = [
            try self.idle("memory/idle", sleep.label, server: sleep, answer: "waiting")
        ]
        let before = results[0].subject.samples.median
        let live = try self.live(sleep)
        results.append(
            BenchmarkResult(
                "memory/live-1000", .bytes,
                .init(label: "Swirl, \(self.instances) live instances", samples: Samples([live])),
                remark: "\(Unit.bytes.text((live - before) / Double(self.instances))) each"))
        if let guest = try? setting.pythonGuest() {
            let python = try Server.swirl(guest, label: "Swirl, Python", in: setting, secondsToStart: 300)
            defer { python.stop() }
            results.append(try self.idle("memory/idle-python", python.label, server: python, answer: "HTTP/1.1 200"))
        }
        return results
    }

    /// Memory after one request, at rest.
    private func idle(_ name: String, _ label: String, server: Server, answer: String) throws -> BenchmarkResult {
        try TCPConnection(port: server.port).get(until: answer)
        // What the request used is given back when its connection is seen to be closed.
        Thread.sleep(forTimeInterval: 1)
        let bytes = try ResidentMemory.bytes(of: server.process.identifier)
        return BenchmarkResult(
            name, .bytes, .init(label: "\(label), idle", samples: Samples([bytes])), remark: "after one request")
    }

    /// Memory while as many instances wait as the benchmark says: each has answered its first bytes.
    private func live(_ server: Server) throws -> Double {
        let connections = try (0..<self.instances).map { _ in
            let connection = try TCPConnection(port: server.port)
            try connection.send("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
            return connection
        }
        for connection in connections { try connection.receive(until: "waiting") }
        return try withExtendedLifetime(connections) { try ResidentMemory.bytes(of: server.process.identifier) }
    }
}
