/// What a host function gives: a value at once, or the promise of one.
///
/// One implementation serves every way in which a guest calls it: a synchronous call waits (see
/// ``HostCall/value(of:)``), an asynchronous one becomes a subtask.
@usableFromInline
package enum HostAnswer<Value> {
    case ready(Value)
    case later(Pending<Value>)

    @inlinable
    package static func later(onCancel: (() -> Void)? = nil, _ start: (Pending<Value>) -> Void) -> HostAnswer {
        let pending = Pending<Value>(onCancel: onCancel)
        start(pending)
        return .later(pending)
    }

    /// The answer with its value changed, as soon as it is there.
    package func map<Other>(_ transform: @escaping (Value) throws -> Other) throws -> HostAnswer<Other> {
        switch self {
        case .ready(let value): return .ready(try transform(value))
        case .later(let pending):
            let mapped = Pending<Other> { pending.cancel() }
            pending.whenComplete { [unowned pending] result in
                mapped.companion = pending.companion
                mapped.complete(Result { try transform(try result.get()) })
            }
            return .later(mapped)
        }
    }
}

extension HostCall {
    /// The value of an answer: suspends the guest until it is there.
    ///
    /// - Throws: what the answer failed with, or that the invocation is cancelled; let the error pass.
    @inlinable
    package func value<Value>(of answer: HostAnswer<Value>) throws -> Value {
        let pending: Pending<Value>
        switch answer {
        case .ready(let value): return value
        case .later(let promised): pending = promised
        }
        let waker = self.waker
        pending.whenComplete { _ in waker.wake() }
        do {
            while true {
                if let value = try pending.valueIfComplete() { return value }
                try self.wait()
            }
        } catch {
            pending.cancel()
            throw error
        }
    }
}
