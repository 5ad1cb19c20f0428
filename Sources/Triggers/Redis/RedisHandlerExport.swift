import ComponentModel
import Executor

/// By which interface a component takes messages of Redis. Exactly one of its exports must do.
enum RedisHandlerExport {
    /// The interfaces, and the type that `handle-message` has in each.
    private static let kinds = [
        "fermyon:spin/inbound-redis": "(list<u8>) -> result<_, enum{success, error}>",
        "spin:redis/inbound-redis":
            "async (list<u8>) -> result<_, variant{invalid-address, too-many-connections, type-error, other(string)}>",
    ]

    /// The `handle-message` function of the one interface by which the component takes messages.
    static func find(in component: Component, id: String) throws(ComponentLoadError) -> ExportedFunction {
        let exports = component.plan.exports.map(\.name)
        let handlers = exports.compactMap { export in
            export.interface.flatMap { name in
                self.kinds[name.unversioned].map { (name: export.text, interface: name.unversioned, type: $0) }
            }
        }
        guard let handler = handlers.first else {
            let list = exports.isEmpty ? "nothing" : exports.map(\.text).joined(separator: ", ")
            throw ComponentLoadError(
                component: id,
                "it exports neither fermyon:spin/inbound-redis nor spin:redis/inbound-redis@3, so it cannot take "
                    + "messages of Redis; it exports \(list)")
        }
        guard handlers.count == 1 else {
            let list = handlers.map(\.name).joined(separator: " and ")
            throw ComponentLoadError(
                component: id,
                "it exports \(list): which of them takes messages of Redis cannot be told. Build it with one of them")
        }
        return try component.handler(
            "handle-message", in: handler.interface, of: handler.name, type: handler.type, id: id)
    }
}
