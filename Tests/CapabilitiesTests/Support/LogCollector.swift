import Logging
import Synchronization

/// Keeps what is logged.
final class LogCollector: Sendable {
    private let messages = Mutex<[String]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(collector: self) } }
    var text: String { self.messages.withLock { $0.joined(separator: "\n") } }
    var count: Int { self.messages.withLock { $0.count } }

    private struct Handler: LogHandler {
        let collector: LogCollector
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        init(collector: LogCollector) { self.collector = collector }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) { self.collector.messages.withLock { $0.append("\(event.message)") } }
    }
}
