package import Logging
import Synchronization

/// Tells the operator what a component was refused, with the line of the manifest that would allow it.
package final class DenialLog: Sendable {
    /// Refusals that are told, of one component: a guest decides how often it tries.
    private static let limit = 10

    private let component: String
    private let logger: Logger?
    private let count = Atomic<Int>(0)

    package init(component: String, logger: Logger?) {
        self.component = component
        self.logger = logger
    }

    /// - Parameters:
    ///   - what: what it wanted: `the key-value store "cache"`.
    ///   - line: of the manifest's table of the component: `key_value_stores = ["cache"]`.
    package func report(_ what: String, line: String) {
        guard self.count.wrappingAdd(1, ordering: .relaxed).oldValue < Self.limit else { return }
        self.logger?.warning(
            """
            component \(self.component): access to \(what) was denied
              hint: to allow it, add to [component.\(self.component)]: \(line)
            """)
    }

    /// A name of the guest's, shortened and quoted for a message.
    package static func quoted(_ name: String) -> String {
        let shown = name.count > 64 ? name.prefix(64) + "…" : name[...]
        return "\"" + shown.unicodeScalars.map { $0.escaped(asASCII: false) }.joined() + "\""
    }
}
