import Foundation

/// Memory of a process that is in RAM.
enum ResidentMemory {
    /// Bytes of resident memory of the process, shared pages included.
    static func bytes(of process: Int32) throws -> Double {
        if let bytes = self.status("VmRSS:", of: process) { return bytes }
        let text = try ChildProcess.output(of: "ps", ["-o", "rss=", "-p", "\(process)"])
        guard let kibibytes = Double(text) else {
            throw BenchmarkError("`ps` does not tell the memory of process \(process): \(text)")
        }
        return kibibytes * 1024
    }

    /// The most that it ever was, where the system tells; else what it is now.
    static func peak(of process: Int32) throws -> Double {
        try self.status("VmHWM:", of: process) ?? self.bytes(of: process)
    }

    private static func status(_ name: String, of process: Int32) -> Double? {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }.first.map { $0 * 1024 }
    }
}
