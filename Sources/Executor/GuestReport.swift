import ComponentModel
import HTTP
import Logging
import WASI
package import WasmEngine

/// Says in the log why a guest did not answer a request as it should.
package struct GuestReport: Sendable {
    let component: String
    /// What all memories of an instance may hold, as the operator gave it.
    let memoryLimit: Int?
    let logger: Logger

    func failure(of head: RequestHead, _ error: any Error, _ backtrace: [Trap.Frame]) {
        self.message(head, Self.describe(error, backtrace) + self.memoryNote(error))
    }

    func message(_ head: RequestHead, _ message: String) {
        self.logger.error("component \(self.component): \(head.method) \(head.path): \(message)")
    }

    /// Of an instance that failed, with all requests that it was answering.
    func failure(ofInstanceWith requests: [RequestHead], _ error: any Error, _ backtrace: [Trap.Frame]) {
        guard let first = requests.first else {
            self.logger.error(
                "component \(self.component): \(Self.describe(error, backtrace))\(self.memoryNote(error))")
            return
        }
        var text = Self.describe(error, backtrace) + self.memoryNote(error)
        if requests.count > 1 {
            let others = requests.dropFirst().prefix(Self.namedRequests).map { "\($0.method) \($0.path)" }
            let more = requests.count - 1 - others.count
            text +=
                "\n    note: its instance was answering \(requests.count - 1) more requests, which fail with it: "
                + others.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
        }
        self.message(first, text)
    }

    private static let namedRequests = 4

    /// A guest that gets no more memory usually gives up by `unreachable`, which says nothing of the limit.
    private func memoryNote(_ error: any Error) -> String {
        guard let bytes = self.memoryLimit, case WasmFailure.trap(let trap) = error, trap.code == .unreachable else {
            return ""
        }
        return
            "\n    note: its memory is limited to \(bytes) bytes (--max-instance-memory): if it ran out of it, raise that"
    }

    package static func describe(_ error: any Error, _ backtrace: [Trap.Frame]) -> String {
        switch error {
        case WasmFailure.trap(let trap): "the guest trapped: \(trap)"
        case WasmFailure.host(let fault as GuestFault): "the guest trapped: \(fault)\(backtrace.listing)"
        case let fault as GuestFault: "the guest trapped: \(fault)\(backtrace.listing)"
        case WasmFailure.host(let inner): "the guest was stopped: \(inner)\(backtrace.listing)"
        case WasmFailure.engine(let inner): "the guest could not run: \(inner)"
        case WasmFailure.cancelled: "the guest was cancelled"
        default: "\(error)"
        }
    }

    /// A text of the guest's in one line: quoted, shortened, and without anything that a terminal would obey.
    package static func quoted(_ text: String) -> String {
        // Not characters: one of those may be as long as the guest likes.
        let scalars = text.unicodeScalars
        let shown = scalars.prefix(Self.quotedScalars).map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: scalar.escaped(asASCII: true)
            default: scalar.escaped(asASCII: false)
            }
        }
        return "\"" + shown.joined() + (scalars.count > shown.count ? "…\"" : "\"")
    }

    private static let quotedScalars = 256

    /// An error code as WIT spells it: `internal-error`.
    static func name(of code: Any) -> String {
        let swift = "\(code)".prefix { $0 != "(" }
        return swift.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
    }
}
