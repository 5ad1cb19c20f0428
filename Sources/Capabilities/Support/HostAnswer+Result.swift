import ComponentModel

extension HostAnswer {
    /// The answer with its value changed by what cannot fail.
    func mapResult<Other>(_ transform: @escaping (Value) -> Other) -> HostAnswer<Other> {
        switch self {
        case .ready(let value): return .ready(transform(value))
        case .later(let pending):
            return .later(onCancel: { pending.cancel() }) { mapped in
                pending.whenComplete { result in mapped.complete(result.map(transform)) }
            }
        }
    }
}
