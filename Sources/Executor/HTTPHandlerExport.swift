import ComponentModel

/// By which interface a component handles HTTP requests. Exactly one of its exports must do.
///
/// Source: Spin's HTTP trigger, which tells components apart by what they export.
enum HTTPHandlerExport {
    /// WASI 0.2 and its snapshots: the same call, and the same resources.
    private static let wasi = "wasi:http/incoming-handler"
    private static let served = [
        VersionRange(from: "0.2.0-rc-2023-10-18", below: "0.2.0-rc-2023-10-19"),
        VersionRange(from: "0.2.0-rc-2023-11-10", below: "0.2.0-rc-2023-11-11"),
        VersionRange(from: "0.2.0", below: "0.3.0"),
    ]

    private static let signature =
        "(own<wasi:http/types.incoming-request>, own<wasi:http/types.response-outparam>)"

    /// What the export `name` handles requests by; nil when it has nothing to do with that.
    private enum Kind {
        case served
        /// A handler of a kind or version that cannot be called here, and why.
        case unserved(String)

        init?(_ name: InterfaceName) {
            switch name.unversioned {
            case HTTPHandlerExport.wasi:
                let version = name.version ?? ""
                // `0.2` stands for all of 0.2.
                let isServed = version == "0.2" || HTTPHandlerExport.served.contains { $0.contains(version) }
                self =
                    isServed
                    ? .served
                    : .unserved(
                        "this version of Swirl serves 0.2.x and its snapshots "
                            + "0.2.0-rc-2023-10-18 and 0.2.0-rc-2023-11-10")
            case "wasi:http/handler":
                self = .unserved("this version of Swirl does not provide WASI 0.3 yet")
            case "fermyon:spin/inbound-http":
                self = .unserved("this version of Swirl does not provide Spin's own handler yet")
            default:
                return nil
            }
        }
    }

    /// The `handle` function of the one interface by which the component handles requests.
    static func find(in component: Component, id: String) throws(ComponentLoadError) -> ExportedFunction {
        let exports = component.plan.exports.map(\.name)
        let handlers = exports.compactMap { export in
            export.interface.flatMap { Kind($0) }.map { (name: export.text, kind: $0) }
        }
        guard let handler = handlers.first else {
            let list = exports.isEmpty ? "nothing" : exports.map(\.text).joined(separator: ", ")
            throw ComponentLoadError(
                component: id,
                "it exports no \(self.wasi)@0.2, so it cannot handle HTTP requests; it exports \(list)")
        }
        guard handlers.count == 1 else {
            let list = handlers.map(\.name).joined(separator: " and ")
            throw ComponentLoadError(
                component: id,
                "it exports \(handlers.count) HTTP handlers, \(list): which of them is meant cannot be told. "
                    + "Build it with one of them")
        }
        if case .unserved(let reason) = handler.kind {
            throw ComponentLoadError(component: id, "it handles HTTP by \(handler.name), but \(reason)")
        }
        guard let function = component.exportedFunction("handle", in: self.wasi) else {
            throw ComponentLoadError(component: id, "its export \(handler.name) has no function `handle`")
        }
        // The call passes flat values: with another type they would be written past those that there are.
        guard function.signature == self.signature else {
            throw ComponentLoadError(
                component: id,
                "the function `handle` of its export \(handler.name) has the type \(function.signature), "
                    + "not \(self.signature)")
        }
        return function
    }
}
