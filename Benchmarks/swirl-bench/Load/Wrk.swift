import Foundation

/// wrk, the load generator: one thread, a fixed number of connections, each sends its next request after its answer.
struct Wrk {
    private let setting: Setting

    init(_ setting: Setting) throws {
        guard ChildProcess.find("wrk") != nil else {
            throw BenchmarkError(
                "the load generator wrk is not installed: `apt-get install wrk` (macOS: `brew install wrk`)")
        }
        self.setting = setting
    }

    /// Puts load on a server for a while.
    ///
    /// - Parameter script: a Lua file that makes the requests; without one they are GET.
    /// - Throws: when an answer is not 2xx or a connection fails: such numbers mean nothing.
    func run(_ server: Server, connections: Int, seconds: Int? = nil, script: String? = nil, path: String = "/") throws
        -> WrkReport
    {
        var arguments = ["-t1", "-c\(connections)", "-d\(seconds ?? self.setting.loadSeconds)s", "--latency"]
        if let script { arguments += ["-s", script] }
        let before = ProcessorTime.seconds(of: server.process.identifier)
        let output = try ChildProcess.output(of: "wrk", arguments + ["--timeout", "10s", server.url(path)])
        let after = ProcessorTime.seconds(of: server.process.identifier)
        guard var report = WrkReport(output) else {
            throw BenchmarkError("what wrk says of \(server.label) is not understood: \(output)")
        }
        if let problem = report.problem {
            throw server.process.failure("(\(server.label)) under \(connections) connections: \(problem)")
        }
        if let before, let after { report.processorTime = (after - before) * 1e9 / report.requests }
        return report
    }

    /// A short run whose numbers are thrown away.
    func warm(_ server: Server, connections: Int, script: String? = nil, path: String = "/") throws {
        _ = try self.run(server, connections: connections, seconds: 1, script: script, path: path)
    }

    /// A script that posts a body of so many bytes.
    func postScript(bytes: Int) throws -> String {
        let file = self.setting.folder.appending(path: "post-\(bytes).lua")
        try """
        wrk.method = "POST"
        wrk.body = string.rep("x", \(bytes))
        wrk.headers["content-type"] = "application/octet-stream"

        """.write(to: file, atomically: true, encoding: .utf8)
        return file.path(percentEncoded: false)
    }
}
