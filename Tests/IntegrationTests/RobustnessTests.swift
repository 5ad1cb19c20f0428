import Foundation
import Testing

/// Clients and guests that do not do their part; each costs a bound, and the server goes on.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/fd"), "looks at the server through /proc"))
struct RobustnessTests {
    /// How far a client gets before it is gone.
    private static let stages: [(name: String, sent: String, reads: String?)] = [
        ("before the first byte", "", nil),
        ("within the preface of HTTP/2", "PRI * HTTP/2.0\r\n", nil),
        ("within the request line", "GET /hel", nil),
        ("within the head", "GET /wait HTTP/1.1\r\nhost: a\r\nx: ", nil),
        ("after the head", "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n", nil),
        ("within the body", "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\nabc", "abc"),
        ("within a chunk", "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nff\r\nabc", "abc"),
        ("before the response", "GET /loop HTTP/1.1\r\nhost: a\r\n\r\n", nil),
        ("within the response", "GET /endless HTTP/1.1\r\nhost: a\r\n\r\n", "\r\n\r\n"),
    ]

    @Test(arguments: 0..<9, [false, true]) func clientsVanish(_ stage: Int, _ resets: Bool) async throws {
        let stage = Self.stages[stage]
        let app = try TestApp(guests: ["hello", "echo", "wait", "loop", "endless"])
        try await SwirlServer.serve(app) { server throws in
            #expect(try server.get("/hello").status == 200)
            let before = try server.command.openFiles()
            for _ in 0..<20 {
                let client = try server.connect()
                if !stage.sent.isEmpty { try client.write(stage.sent) }
                if let reads = stage.reads { #expect(try client.read(until: reads) != nil, "\(stage.name)") }
                if resets { client.reset() }
            }
            #expect(try server.get("/hello").status == 200)
            // Guests and sockets of the clients that are gone are gone, too.
            let deadline = Date(timeIntervalSinceNow: 20)
            while try server.command.openFiles() > before, Date() < deadline { Thread.sleep(forTimeInterval: 0.05) }
            #expect(try server.command.openFiles() <= before, "\(stage.name)")
            let used = try server.command.processorTime()
            Thread.sleep(forTimeInterval: 0.3)
            #expect(try server.command.processorTime() - used < 0.2, "\(stage.name): a guest still runs")
        }
    }

    @Test func aGuestThatWritesForEverWaitsForItsClient() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello", "endless"])) { server throws in
            let client = try server.connect()
            try client.write("GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(try client.read(until: "\r\n\r\n") != nil)
            #expect(try server.get("/hello").status == 200)
            Thread.sleep(forTimeInterval: 0.5)
            let memory = try server.command.residentBytes()
            let used = try server.command.processorTime()
            Thread.sleep(forTimeInterval: 0.5)
            #expect(try server.command.residentBytes() - memory < 4 << 20)
            #expect(try server.command.processorTime() - used < 0.2)
        }
    }

    /// The guests wait for clients that take nothing; when those are gone, so are they.
    @Test func guestsThatWriteForEverGoWithTheirClients() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello", "endless"])) { server throws in
            #expect(try server.get("/hello").status == 200)
            let before = try server.command.openFiles()
            let clients = try (0..<10).map { _ in try server.connect() }
            for client in clients {
                try client.write("GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
                #expect(try client.read(until: "\r\n\r\n") != nil)
            }
            // Until nobody computes any more: all of them wait.
            let deadline = Date(timeIntervalSinceNow: 20)
            var used = try server.command.processorTime()
            repeat {
                Thread.sleep(forTimeInterval: 0.3)
                let now = try server.command.processorTime()
                if now - used < 0.02 { break }
                used = now
            } while Date() < deadline
            for client in clients { client.reset() }
            while try server.command.openFiles() > before, Date() < deadline { Thread.sleep(forTimeInterval: 0.05) }
            #expect(try server.command.openFiles() <= before)
            used = try server.command.processorTime()
            Thread.sleep(forTimeInterval: 0.3)
            #expect(try server.command.processorTime() - used < 0.2, "a guest still runs")
            #expect(try server.get("/hello").status == 200)
        }
    }

    @Test func aGuestThatNeverReadsItsBody() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["unread-body", "hello"])) { server throws in
            for size in [10, 100_000, 2_000_000] {
                let connection = try server.connect()
                try connection.write("POST /unread-body HTTP/1.1\r\nhost: a\r\ncontent-length: \(size)\r\n\r\n")
                // The server may close before all of it is sent.
                try? connection.write(Data(repeating: 0x61, count: size))
                #expect(try connection.readResponse().status == 200, "\(size)")
            }
            #expect(try server.get("/hello").status == 200)
        }
    }

    @Test func fileDescriptorsMayRunOut() async throws {
        let app = try TestApp(guests: ["hello"])
        try await SwirlServer.serve(app) { server throws in
            #expect(try server.get("/hello").status == 200)
            try server.command.limitOpenFiles(to: server.command.openFiles() + 4)
            var clients = try (0..<30).map { _ in try server.connect() }
            try server.expectLogged("raise the limit of open files")
            // Those that were accepted are served, and the others when there is room again.
            #expect(try clients[0].request("GET", "/hello").status == 200)
            clients.removeFirst(15)
            for client in clients { client.reset() }
            clients = []
            #expect(try server.get("/hello").status == 200)
        }
    }
}

extension Command {
    private func file(_ name: String) throws -> String {
        try String(contentsOfFile: "/proc/\(self.identifier)/\(name)", encoding: .utf8)
    }

    func openFiles() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(self.identifier)/fd").count
    }

    func residentBytes() throws -> Int {
        let pages = try self.file("statm").split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (pages ?? 0) * 4096
    }

    /// Seconds of the whole process.
    func processorTime() throws -> Double {
        // After the name in brackets: state is the first field, user and system time are the 12th and 13th.
        let fields = try self.file("stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 13, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw TestError("what /proc says is not understood")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    func limitOpenFiles(to count: Int) throws {
        let result = try Tool.run("prlimit", ["--pid", "\(self.identifier)", "--nofile=\(count):\(count)"])
        guard result.code == 0 else { throw TestError("prlimit: \(result.text)") }
    }
}
