import Foundation
import WasmEngine

/// Where and of what a run was made.
struct MachineFacts: Codable, CustomStringConvertible {
    let cores: Int
    let processor: String
    let system: String
    let wasmtime: String
    /// With `+` when files were changed since.
    let commit: String
    let build: String
    /// Load average of the last minute when the run began.
    let load: Double

    static func current(setting: Setting) -> MachineFacts {
        let library = (try? WasmtimeLibrary.load())?.version
        let root = setting.repository.path(percentEncoded: false)
        let commit = try? ChildProcess.output(of: "git", ["-C", root, "rev-parse", "--short=10", "HEAD"])
        let changes = try? ChildProcess.output(of: "git", ["-C", root, "status", "--porcelain", "-uno"])
        #if DEBUG
        let build = "debug"
        #else
        let build = "release"
        #endif
        return MachineFacts(
            cores: ProcessInfo.processInfo.activeProcessorCount,
            processor: Self.processorName,
            system: ProcessInfo.processInfo.operatingSystemVersionString,
            wasmtime: library ?? "not found",
            commit: (commit ?? "unknown") + (changes?.isEmpty == false ? "+" : ""),
            build: build,
            load: Self.loadAverage)
    }

    var description: String {
        "\(self.cores) cores (\(self.processor)), \(self.system), load \(Decimal.text(self.load, digits: 1)) before; "
            + "Wasmtime \(self.wasmtime); commit \(self.commit), \(self.build) build"
    }

    private static var processorName: String {
        let facts = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = facts.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        return name ?? "unknown processor"
    }

    private static var loadAverage: Double {
        var load = [0.0]
        return getloadavg(&load, 1) == 1 ? load[0] : 0
    }
}
