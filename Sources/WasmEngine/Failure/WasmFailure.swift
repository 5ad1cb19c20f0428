/// Why a call into a guest did not return.
package enum WasmFailure: Error, CustomStringConvertible {
    /// The guest's fault.
    case trap(Trap)
    /// A host function's error, as it was thrown.
    case host(any Error)
    /// The engine could not do it: a limit, a wrong use.
    case engine(EngineError)
    /// The fiber is being dropped: return at once.
    case cancelled

    package var description: String {
        switch self {
        case .trap(let trap): trap.description
        case .host(let error): "\(error)"
        case .engine(let error): error.description
        case .cancelled: "cancelled"
        }
    }
}
