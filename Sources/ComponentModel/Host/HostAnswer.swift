/// What a host function gives: a value at once, or the promise of one.
///
/// One implementation serves every way in which a guest calls it: a synchronous call waits (see
/// ``HostCall/value(of:)``), an asynchronous one becomes a subtask.
package enum HostAnswer<Value> {
    case ready(Value)
    case later(Pending<Value>)

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
            pending.whenComplete { result in mapped.complete(Result { try transform(try result.get()) }) }
            return .later(mapped)
        }
    }
}

/// A value that the host will have later.
///
/// Confined to the event loop of the instance that waits for it. Completed at most once: what comes later is ignored,
/// also when nobody waits any more. An error that it fails with is a fault of the host or the guest and traps; what an
/// interface calls an error is a value.
package final class Pending<Value> {
    private var result: Result<Value, any Error>?
    private var observer: ((Result<Value, any Error>) -> Void)?
    private var onCancel: (() -> Void)?

    /// - Parameter onCancel: called once when the guest is not interested any more; the value may still come.
    package init(onCancel: (() -> Void)? = nil) {
        self.onCancel = onCancel
    }

    package var isComplete: Bool { self.result != nil }

    package func succeed(_ value: Value) { self.complete(.success(value)) }
    package func fail(_ error: any Error) { self.complete(.failure(error)) }

    package func complete(_ result: Result<Value, any Error>) {
        guard self.result == nil else { return }
        self.result = result
        self.onCancel = nil
        let observer = self.observer
        self.observer = nil
        observer?(result)
    }

    /// Calls `observer` with the result, now when it is there. There is one observer: a later one takes its place.
    package func whenComplete(_ observer: @escaping (Result<Value, any Error>) -> Void) {
        if let result = self.result { return observer(result) }
        self.observer = observer
    }

    /// Says that nobody waits any more.
    package func cancel() {
        let onCancel = self.onCancel
        self.onCancel = nil
        self.observer = nil
        onCancel?()
    }

    func valueIfComplete() throws -> Value? { try self.result?.get() }
}

extension HostCall {
    /// The value of an answer: suspends the guest until it is there.
    ///
    /// - Throws: what the answer failed with, or that the invocation is cancelled; let the error pass.
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
