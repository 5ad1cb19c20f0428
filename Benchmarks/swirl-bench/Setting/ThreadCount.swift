import Foundation

/// How many threads a process has. Linux only: 0 elsewhere.
enum ThreadCount {
    static func of(_ process: Int32) throws -> Int {
        #if os(Linux)
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("Threads:") }
        return line.flatMap { Int($0.dropFirst(8).trimmingCharacters(in: .whitespaces)) } ?? 0
        #else
        return 0
        #endif
    }
}
