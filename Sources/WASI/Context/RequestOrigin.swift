import ComponentModel

/// Where one of the requests comes from that an instance answers: the host's object of such a call
/// (`HostCall.hostOfCall`).
package final class RequestOrigin {
    /// How many requests within the application led to it, each made while answering the one before.
    package let depth: Int

    package init(depth: Int) {
        self.depth = depth
    }
}

extension WASIContext {
    /// How many requests within the application led to the one that the guest answers in this call.
    func callDepth(of call: borrowing HostCall) -> Int {
        (call.hostOfCall as? RequestOrigin)?.depth ?? self.callDepth
    }
}
