import ComponentModel
import WASI

/// How a component handles an HTTP request: the function to call.
enum HTTPHandler: Sendable {
    /// `wasi:http/incoming-handler.handle`: an instance for each request.
    case incoming(ExportedFunction)
    /// `wasi:http/handler.handle` of WASI 0.3: an instance serves several requests, also at once.
    case concurrent(ExportedFunction)
    /// `fermyon:spin/inbound-http.handle-request`: an instance for each request, which gets and gives bodies as a
    /// whole.
    case spin(ExportedFunction)
}

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

    /// WASI 0.3 and its release candidate.
    private static let concurrent = "wasi:http/handler"
    private static let servedConcurrently = WasiHttpClientV3.interface.versions
    /// A handler is what it is to a client.
    private static let concurrentSignature = WasiHttpClientV3.interface.functions.first?.signature ?? ""

    /// Spin's own, of before WASI had one.
    private static let spin = "fermyon:spin/inbound-http"
    private static let spinSignature = SignatureWriter.signature(
        of: SpinOneInterfaces.handleRequest, resourceNames: [])

    /// What the export `name` handles requests by; nil when it has nothing to do with that.
    private enum Kind {
        case served
        case servedConcurrently
        case servedBySpinInterface
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
            case HTTPHandlerExport.concurrent:
                let version = name.version ?? ""
                // `0.3` stands for all of 0.3.
                let isServed =
                    version == "0.3" || HTTPHandlerExport.servedConcurrently.contains { $0.contains(version) }
                self =
                    isServed
                    ? .servedConcurrently
                    : .unserved(
                        "this version of Swirl serves 0.3.x and its release candidate 0.3.0-rc-2026-03-15")
            case HTTPHandlerExport.spin:
                self =
                    name.version == nil
                    ? .servedBySpinInterface : .unserved("Spin's own handler has no versions")
            default:
                return nil
            }
        }
    }

    /// The `handle` function of the one interface by which the component handles requests.
    static func find(in component: Component, id: String) throws(ComponentLoadError) -> HTTPHandler {
        let exports = component.plan.exports.map(\.name)
        let handlers = exports.compactMap { export in
            export.interface.flatMap { Kind($0) }.map { (name: export.text, kind: $0) }
        }
        guard let handler = handlers.first else {
            let isCommand = component.exportedFunction("run", in: CommandProgram.runInterface) != nil
            throw ComponentLoadError(
                component: id,
                "it exports none of \(self.wasi)@0.2, \(self.concurrent)@0.3 and \(self.spin), so it cannot handle HTTP "
                    + "requests; "
                    + "it exports \(component.exportList)" + (isCommand ? "\n  hint: `swirl run` runs commands" : ""))
        }
        guard handlers.count == 1 else {
            let list = handlers.map(\.name).joined(separator: " and ")
            throw ComponentLoadError(
                component: id,
                "it exports \(handlers.count) HTTP handlers, \(list): which of them is meant cannot be told. "
                    + "Build it with one of them")
        }
        switch handler.kind {
        case .served:
            return .incoming(
                try component.handler(
                    "handle", in: self.wasi, of: handler.name, type: self.signature, id: id))
        case .servedConcurrently:
            return .concurrent(
                try component.handler(
                    "handle", in: self.concurrent, of: handler.name, type: self.concurrentSignature, id: id))
        case .servedBySpinInterface:
            return .spin(
                try component.handler(
                    "handle-request", in: self.spin, of: handler.name, type: self.spinSignature, id: id))
        case .unserved(let reason):
            throw ComponentLoadError(component: id, "it handles HTTP by \(handler.name), but \(reason)")
        }
    }
}

extension Component {
    /// The names of what it exports, for messages.
    var exportList: String {
        let names = self.plan.exports.map(\.name.text)
        return names.isEmpty ? "nothing" : names.joined(separator: ", ")
    }
}
