import AppModel
import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writes Swirl's own messages to standard error: time, level and text; coloured as everything else is.
struct ConsoleLogHandler: LogHandler {
    let console: Console
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    private static let isColoured = OutputDescriptor.standardError.isColoured(ProcessInfo.processInfo.environment)

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let name = Self.name(event.level)
        let label = Self.isColoured ? "\u{1B}[\(Self.colour(event.level))m\(name)\u{1B}[0m" : name
        self.console.write(prefix: "\(label) ", text: "\(event.message)")
    }

    private static func name(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "debug:"
        case .info, .notice: "info:"
        case .warning: "warning:"
        case .error, .critical: "error:"
        }
    }

    private static func colour(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug, .info, .notice: 2
        case .warning: 33
        case .error, .critical: 31
        }
    }
}
