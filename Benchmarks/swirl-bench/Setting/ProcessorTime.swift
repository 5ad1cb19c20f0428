import Foundation

/// Processor time that a process and its children have used.
enum ProcessorTime {
    /// Seconds in user and system mode since the processes started; nil where the system does not tell (not Linux).
    static func seconds(of process: Int32) -> Double? {
        guard let own = self.ownSeconds(of: process) else { return nil }
        let children = (try? String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)) ?? ""
        return children.split(separator: " ").compactMap { Int32($0) }.reduce(own) { sum, child in
            sum + (self.seconds(of: child) ?? 0)
        }
    }

    private static func ownSeconds(of process: Int32) -> Double? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            // The name in parentheses may hold anything; the third field follows it.
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
