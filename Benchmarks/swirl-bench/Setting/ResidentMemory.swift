import Foundation

/// Memory of a process that is in RAM.
enum ResidentMemory {
    /// Bytes of resident memory of the process, shared pages included.
    static func bytes(of process: Int32) throws -> Double {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        if let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }) {
            if let kibibytes = line.split(whereSeparator: \.isWhitespace).compactMap({ Double($0) }).first {
                return kibibytes * 1024
            }
        }
        let text = try ChildProcess.output(of: "ps", ["-o", "rss=", "-p", "\(process)"])
        guard let kibibytes = Double(text) else {
            throw BenchmarkError("`ps` does not tell the memory of process \(process): \(text)")
        }
        return kibibytes * 1024
    }
}
