/// A Redis server for one benchmark, without persistence.
final class RedisProcess {
    let port: Int
    let process: ChildProcess

    /// Nil where Redis is not installed.
    init?(in setting: Setting) throws {
        guard let program = ChildProcess.find("redis-server") else { return nil }
        self.port = try TCPConnection.freePort()
        self.process = try ChildProcess(
            program, ["--port", "\(self.port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            name: "redis", folder: setting.folder)
        try TCPConnection.wait(untilServed: self.port, by: self.process)
    }

    var url: String { "redis://127.0.0.1:\(self.port)" }

    func stop() {
        self.process.end()
    }
}
