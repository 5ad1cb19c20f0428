/// Calls of functions whose type is `async`, and values that outlive a call.
extension HostCall {
    /// Whether the guest called by an asynchronous lowering: at most four flat parameters, results always in memory,
    /// and the call may go on after it returned.
    @usableFromInline
    package var isAsync: Bool { self.lowering.isAsync }

}
