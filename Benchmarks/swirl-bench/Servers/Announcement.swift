import Foundation

/// How a server of ``ServeCommand`` tells where it is, and how it stays.
enum Announcement {
    static func serving(port: Int) {
        FileHandle.standardOutput.write(Data("Serving http://127.0.0.1:\(port)\n".utf8))
    }

    /// Serves until the process gets a signal, or was left by the program that started it.
    static func serveUntilEnded() async throws {
        let parent = getppid()
        while getppid() == parent { try await Task.sleep(for: .seconds(1)) }
    }
}
