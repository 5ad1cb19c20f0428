import Foundation

/// The built `swirl up`, serving an application on a free port of 127.0.0.1 for as long as a body runs.
final class SwirlServer: Sendable {
    let app: TestApp
    let command: Command
    let port: UInt16

    private init(_ app: TestApp, arguments: [String], environment: [String: String?]) throws {
        self.app = app
        self.command = try Command(
            ["up", "--listen", "127.0.0.1:0"] + arguments, in: app.directory, environment: environment)
        let port = self.command.output.wait { text in
            text.firstMatch(of: #/https?://127\.0\.0\.1:([0-9]+)[\n"]/#).flatMap { UInt16($0.1) }
        }
        guard let port else {
            self.command.kill()
            throw TestError("swirl up does not serve. It wrote:\n\(self.command.transcript)")
        }
        self.port = port
    }

    /// Serves `app` while `body` runs, on a thread that may block; then kills the server if it still lives.
    static func serve(
        _ app: TestApp, arguments: [String] = [], environment: [String: String?] = [:],
        _ body: @escaping @Sendable (SwirlServer) throws -> Void
    ) async throws {
        try await blocking {
            try self.serveBlocking(app, arguments: arguments, environment: environment, body)
        }
    }

    /// The same on a thread that blocks already: for one server that talks to another.
    static func serveBlocking(
        _ app: TestApp, arguments: [String] = [], environment: [String: String?] = [:],
        _ body: (SwirlServer) throws -> Void
    ) throws {
        let server = try SwirlServer(app, arguments: arguments, environment: environment)
        defer { server.command.kill() }
        try body(server)
    }

    func connect() throws -> HTTPConnection {
        try HTTPConnection(port: self.port)
    }

    /// One request on a connection of its own.
    func send(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: Data? = nil
    ) throws -> HTTPResponse {
        let connection = try self.connect()
        return try connection.request(method, target, headers: headers, body: body)
    }

    func get(_ target: String, headers: [(String, String)] = []) throws -> HTTPResponse {
        try self.send("GET", target, headers: headers)
    }

    /// Waits until the server has written `text` to standard error.
    func expectLogged(_ text: String, timeout: TimeInterval = 30) throws {
        let found = self.command.errors.wait(timeout: timeout) { $0.contains(text) ? true : nil }
        guard found != nil else {
            throw TestError("the server did not log \"\(text)\". It wrote:\n\(self.command.transcript)")
        }
    }
}
