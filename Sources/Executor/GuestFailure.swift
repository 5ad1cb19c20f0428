import ComponentModel
package import WasmEngine

/// Puts into words why a guest did not do what it was called for.
package enum GuestFailure {
    /// - Parameter backtrace: where the guest was when a host function threw.
    package static func describe(_ error: any Error, _ backtrace: [Trap.Frame]) -> String {
        switch error {
        case WasmFailure.trap(let trap): "the guest trapped: \(trap)"
        case WasmFailure.host(let fault as GuestFault): "the guest trapped: \(fault)\(self.text(of: backtrace))"
        case WasmFailure.host(let inner): "the guest was stopped: \(inner)\(self.text(of: backtrace))"
        case WasmFailure.engine(let inner): "the guest could not run: \(inner)"
        case WasmFailure.cancelled: "the guest was cancelled"
        default: "\(error)"
        }
    }

    private static func text(of backtrace: [Trap.Frame]) -> String {
        backtrace.enumerated().map { "\n    \($0): \($1)" }.joined()
    }
}
