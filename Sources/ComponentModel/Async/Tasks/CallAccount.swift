/// What the host knows of one of its calls, in whichever tasks the call leads to: those of other components as well.
package final class CallAccount {
    /// The embedder's own object of the call: see ``HostCall/hostOfCall``.
    package let host: AnyObject?
    /// What guests computed for the call, in nanoseconds of processor time; counted where there is a limit.
    package internal(set) var processorTime: Int64 = 0

    package init(host: AnyObject? = nil) {
        self.host = host
    }
}

/// The guests computed longer for one call of the host than they may.
package struct ProcessorTimeExceeded: Error, Hashable, CustomStringConvertible {
    /// Nanoseconds.
    package let limit: Int64

    package var description: String {
        "the guest used more processor time than the limit of \(self.limit / 1_000_000) ms"
    }
}

extension HostCall {
    /// The embedder's object of the call of the host that led to this one; nil where it gave none.
    package var hostOfCall: AnyObject? { self.instance.currentThread?.account?.host }
}
