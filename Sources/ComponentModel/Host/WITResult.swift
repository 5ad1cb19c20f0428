/// A WIT `result`: Swift's own asks that the failure be an `Error`, which a WIT payload need not be.
///
/// A missing payload is `Void`.
package enum WITResult<Success, Failure> {
    case ok(Success)
    case error(Failure)
}

extension WITResult where Success == Void {
    /// The success without a payload.
    package static var ok: WITResult { .ok(()) }
}

extension WITResult where Failure == Void {
    /// The failure without a payload.
    package static var error: WITResult { .error(()) }
}

extension WITResult: Sendable where Success: Sendable, Failure: Sendable {}
