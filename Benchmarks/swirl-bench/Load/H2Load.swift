/// h2load, nghttp2's load generator: speaks both versions of HTTP, one thread.
struct H2Load {
    init() throws {
        guard ChildProcess.find("h2load") != nil else {
            throw BenchmarkError(
                "the load generator h2load is not installed: `apt-get install nghttp2-client` "
                    + "(macOS: `brew install nghttp2`)")
        }
    }

    /// Requests a second of so many requests over connections with streams; HTTP/1.1 without streams.
    ///
    /// - Throws: when a request fails: such numbers mean nothing.
    func run(
        _ server: Server, requests: Int, connections: Int, streams: Int?, path: String = "/"
    ) throws -> Double {
        var arguments = ["-n", "\(requests)", "-c", "\(connections)", "-t", "1"]
        arguments += streams.map { ["-m", "\($0)"] } ?? ["--h1"]
        let output = try ChildProcess.output(of: "h2load", arguments + [server.url(path)])
        guard output.contains(" \(requests) succeeded, 0 failed"),
            let line = output.split(separator: "\n").first(where: { $0.hasPrefix("finished in") }),
            let rate = line.split(separator: " ").first(where: { Double($0) != nil }).flatMap({ Double($0) })
        else { throw BenchmarkError("what h2load says of \(server.label) is not understood: \(output)") }
        return rate
    }
}
