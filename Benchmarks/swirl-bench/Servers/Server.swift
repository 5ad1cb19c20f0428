/// A server in a process of its own, ready to answer.
final class Server {
    let label: String
    let port: Int
    let process: ChildProcess

    init(label: String, process: ChildProcess, secondsToStart: Double = 30) throws {
        self.label = label
        self.process = process
        self.port = try process.waitForPort(seconds: secondsToStart)
    }

    init(label: String, process: ChildProcess, port: Int) {
        self.label = label
        self.process = process
        self.port = port
    }

    func url(_ path: String = "/") -> String { "http://127.0.0.1:\(self.port)\(path)" }

    func stop() {
        self.process.end()
    }
}
