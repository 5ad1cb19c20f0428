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
    package func report(_ what: @autoclosure () -> String, line: @autoclosure () -> String) {
        guard let logger = self.logger, self.count.wrappingAdd(1, ordering: .relaxed).oldValue < Self.limit else {
            return
        }
        logger.warning(
            """
            component \(self.component): access to \(what()) was denied
              hint: to allow it, add to [component.\(self.component)]: \(line())
            """)
    }

    /// Reports a label that is not in the component's list of such.
    ///
    /// - Parameters:
    ///   - kind: what has it: `key-value store`.
    ///   - granted: the labels in the list.
    ///   - list: the list's name in the manifest: `key_value_stores`.
    func report(label: String, of kind: String, besides granted: some Collection<String>, in list: String) {
        self.report(
            "the \(kind) \(Self.quoted(label))",
            line: "\(list) = [\((granted.sorted() + [label]).map(Self.quoted).joined(separator: ", "))]")
    }

    /// A name of the guest's, shortened and quoted for a message.
    package static func quoted(_ name: String) -> String {
        // Without counting the rest, which may be long; a character may be, too.
        let shown = name.unicodeScalars.prefix(64)
        let rest = shown.endIndex == name.unicodeScalars.endIndex ? "" : "…"
        return "\"" + shown.map { $0.escaped(asASCII: false) }.joined() + rest + "\""
    }
}
