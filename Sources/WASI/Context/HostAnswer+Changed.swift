import ComponentModel

extension HostAnswer {
    /// The answer with its value changed, on the event loop, as soon as it is there.
    func changed<Other>(_ transform: @escaping (Value) -> Other) -> HostAnswer<Other> {
        switch self {
        case .ready(let value): return .ready(transform(value))
        case .later(let pending):
            let changed = Pending<Other> { pending.cancel() }
            pending.whenComplete { changed.complete($0.map(transform)) }
            return .later(changed)
        }
    }
}
