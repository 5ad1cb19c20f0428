import ComponentModel
import Executor

/// By which interface a component takes messages of Redis. Exactly one of its exports must do.
enum RedisHandlerExport {
    private static let legacy = "fermyon:spin/inbound-redis"
    private static let current = "spin:redis/inbound-redis"
    private static let legacySignature = "(list<u8>) -> result<_, enum{success, error}>"

    /// The `handle-message` function of the one interface by which the component takes messages.
    static func find(in component: Component, id: String) throws(ComponentLoadError) -> ExportedFunction {
        let exports = component.plan.exports.map(\.name)
        let handlers = exports.filter { export in
            export.interface.map { $0.unversioned == self.legacy || $0.unversioned == self.current } ?? false
        }
        guard let handler = handlers.first else {
            let list = exports.isEmpty ? "nothing" : exports.map(\.text).joined(separator: ", ")
            throw ComponentLoadError(
                component: id,
                "it exports neither \(self.legacy) nor \(self.current)@3, so it cannot take messages of Redis; "
                    + "it exports \(list)")
        }
        guard handlers.count == 1 else {
            let list = handlers.map(\.text).joined(separator: " and ")
            throw ComponentLoadError(
                component: id,
                "it exports \(list): which of them takes messages of Redis cannot be told. Build it with one of them")
        }
        guard handler.interface?.unversioned == self.legacy else {
            throw ComponentLoadError(
                component: id,
                "it takes messages by \(handler.text), which this version of Swirl does not provide yet")
        }
        guard let function = component.exportedFunction("handle-message", in: self.legacy) else {
            throw ComponentLoadError(component: id, "its export \(handler.text) has no function `handle-message`")
        }
        // The call passes flat values: with another type they would be written past those that there are.
        guard function.signature == self.legacySignature else {
            throw ComponentLoadError(
                component: id,
                "the function `handle-message` of its export \(handler.text) has the type \(function.signature), "
                    + "not \(self.legacySignature)")
        }
        return function
    }
}
