import Foundation

extension Server {
    /// What every server here answers to a greeting: the guest hello.wat says the same.
    static let greeting = "Hello from a Swirl test guest\n"

    /// One of this program's own servers (see ``ServeCommand``).
    static func own(
        _ kind: ServeCommand.Kind, label: String, in setting: Setting, arguments: [String] = []
    ) throws -> Server {
        let process = try ChildProcess(
            try setting.executable("swirl-bench"), ["serve", kind.rawValue] + arguments, name: "serve-\(kind.rawValue)",
            folder: setting.folder)
        return try Server(label: label, process: process)
    }

    /// nginx with a fixed answer; nil where it is not installed.
    static func nginx(in setting: Setting) throws -> Server? {
        guard let program = ChildProcess.find("nginx") else { return nil }
        let port = try TCPConnection.freePort()
        let folder = setting.folder.appending(path: "nginx")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "nginx.conf")
        try Self.nginxConfiguration(port: port, folder: folder.path(percentEncoded: false))
            .write(to: file, atomically: true, encoding: .utf8)
        let path = folder.path(percentEncoded: false)
        let process = try ChildProcess(
            program, ["-p", path, "-c", file.path(percentEncoded: false), "-e", "stderr"], name: "nginx", folder: folder
        )
        try TCPConnection.wait(untilServed: port, by: process)
        return Server(label: "nginx", process: process, port: port)
    }

    private static func nginxConfiguration(port: Int, folder: String) -> String {
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
        return """
            daemon off;
            pid \(folder)/pid;
            worker_processes auto;
            events { worker_connections 4096; }
            http {
                \(paths.joined(separator: "\n    "))
                access_log off;
                keepalive_requests 1000000000;
                server {
                    listen 127.0.0.1:\(port) reuseport;
                    location / { return 200 "\(self.greeting.replacing("\n", with: "\\n"))"; }
                }
            }
            """
    }
}
