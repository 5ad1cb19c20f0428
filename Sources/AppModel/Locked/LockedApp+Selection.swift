/// `-c`: some of an application's components.
extension LockedApp {
    /// Why a selection cannot run.
    package enum SelectionError: Error, Hashable, CustomStringConvertible {
        case unknown([String], known: [String])
        case notTriggered([String])
        /// `component` sends requests to components that are not selected.
        case chained(component: String, targets: [String])
        case chainedToAny(component: String)

        package var description: String {
            switch self {
            case .unknown(let ids, let known):
                "the application has no component \(Self.list(ids))\n  hint: it has " + Self.list(known)
            case .notTriggered(let ids):
                "no trigger calls \(Self.list(ids))\n  hint: select a component that a trigger names"
            case .chained(let component, let targets):
                "the component `\(component)` sends requests to \(Self.list(targets)), which \(targets.count == 1 ? "is" : "are")"
                    + " not selected\n  hint: add " + targets.map { "-c \($0)" }.joined(separator: " ")
            case .chainedToAny(let component):
                "the component `\(component)` may send requests to every other one (`*.spin.internal`)\n"
                    + "  hint: run the whole application, or name those that it calls in `allowed_outbound_hosts`"
            }
        }

        private static func list(_ ids: [String]) -> String {
            ids.map { "`\($0)`" }.joined(separator: ", ")
        }
    }

    /// Leaves the components with these ids, and the triggers that call them.
    ///
    /// A component that sends requests to another one within the application can only run together with it.
    package mutating func select(components ids: [String]) throws(SelectionError) {
        let selected = Set(ids)
        let known = self.components.map(\.id)
        let unknown = ids.filter { !known.contains($0) }
        guard unknown.isEmpty else { throw .unknown(unknown, known: known) }
        let called = Set(self.triggers.flatMap(\.componentIDs))
        guard !selected.isDisjoint(with: called) else { throw .notTriggered(ids) }

        for component in self.components where selected.contains(component.id) {
            var targets: [String] = []
            for text in component.metadata.allowedOutboundHosts {
                // What a variable leads to is known at the start only, as in Spin.
                guard let host = try? AllowedHost(text), host.isForServiceChaining else { continue }
                guard case .exactly(.domain(let name)) = host.host else { throw .chainedToAny(component: component.id) }
                if let id = ServiceChaining.component(ofHost: name), !selected.contains(id) { targets.append(id) }
            }
            guard targets.isEmpty else { throw .chained(component: component.id, targets: targets) }
        }
        self.triggers.removeAll { trigger in !trigger.componentIDs.contains { selected.contains($0) } }
        self.components.removeAll { !selected.contains($0.id) }
    }
}
