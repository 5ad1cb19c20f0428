import ComponentModel

extension HostAnswer {
    /// The answer with its value changed by what cannot fail.
    func mapResult<Other>(_ transform: @escaping (Value) -> Other) -> HostAnswer<Other> {
        switch self {
        case .ready(let value): return .ready(transform(value))
        case .later(let pending):
            return .later(onCancel: { pending.cancel() }) { mapped in
                pending.whenComplete { [unowned pending] result in
                    mapped.companion = pending.companion
                    mapped.complete(result.map(transform))
                }
            }
        }
    }
}

extension HostCall {
    /// The value of an answer that mostly is there already: ``value(of:)``, without the way into another module where
    /// nothing has to be waited for.
    @inline(__always)
    func settled<Value>(_ answer: HostAnswer<Value>) throws -> Value {
        if case .ready(let value) = answer { return value }
        return try self.value(of: answer)
    }
}
