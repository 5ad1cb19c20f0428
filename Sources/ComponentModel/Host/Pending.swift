/// A value that the host will have later.
///
/// Confined to the event loop of the instance that waits for it. Completed at most once: what comes later is ignored,
/// also when nobody waits any more. An error that it fails with is a fault of the host or the guest and traps; what an
/// interface calls an error is a value.
@usableFromInline
package final class Pending<Value>: AnyPending {
    /// In a box, so that this class lies in memory the same way whatever the type is: code that does not know the type
    /// must look nothing up to make or free a promise.
    @usableFromInline
    package var result: PendingResult<Value>?
    @usableFromInline
    package var observer: ((Result<Value, any Error>) -> Void)?

    /// - Parameter onCancel: called once when the guest is not interested any more; the value may still come.
    @inlinable
    package init(onCancel: (() -> Void)? = nil) {
        super.init(onCancel)
    }

    @inlinable
    package func succeed(_ value: Value) { self.complete(.success(value)) }

    @inlinable
    package func fail(_ error: any Error) { self.complete(.failure(error)) }

    @inlinable
    package func complete(_ result: Result<Value, any Error>) {
        guard !self.hasResult else { return }
        self.hasResult = true
        self.onCancel = nil
        guard !self.isForgotten else { return }
        let box = PendingResult(result)
        self.result = box
        let observer = self.observer
        self.observer = nil
        observer?(result)
        self.writeFuture(box)
    }

    /// Calls `observer` with the result, now when it is there. There is one observer: a later one takes its place.
    @inlinable
    package func whenComplete(_ observer: @escaping (Result<Value, any Error>) -> Void) {
        if let result = self.result { return observer(result.value) }
        self.isForgotten = false
        self.observer = observer
    }

    /// Says that nobody waits any more.
    @usableFromInline
    package override func cancel() {
        self.observer = nil
        super.cancel()
    }

    @inlinable
    package func valueIfComplete() throws -> Value? { try self.result?.value.get() }
}

/// What a promise is, whatever it is of.
@usableFromInline
package class AnyPending {
    @usableFromInline
    package final var hasResult = false
    /// Nobody waits for it any more.
    @usableFromInline
    package final var isForgotten = false
    @usableFromInline
    package final var onCancel: (() -> Void)?
    /// Lives as long as the value waits to be written to the guest: what its memory is counted by, say. Set before the
    /// value.
    package final var companion: AnyObject?
    /// The future that guests get the value by. It is kept by the promise, and keeps no promise.
    private final var future: SharedStream?

    @usableFromInline
    package init(_ onCancel: (() -> Void)?) {
        self.onCancel = onCancel
    }

    deinit {
        self.future?.forgetAnswer()
    }

    package final var isComplete: Bool { self.hasResult }

    /// Says that nobody waits any more: a value that comes now is not kept.
    @usableFromInline
    package func cancel() {
        let onCancel = self.onCancel
        self.onCancel = nil
        self.future?.forgetAnswer()
        self.future = nil
        self.isForgotten = true
        onCancel?()
    }

    /// Lets `future` have the value, as soon as it is there.
    final func answer(_ future: SharedStream) {
        self.future?.forgetAnswer()
        self.future = future
    }

    @usableFromInline
    package final func writeFuture(_ box: AnyObject) {
        guard let future = self.future else { return }
        self.future = nil
        future.answered(by: box)
    }
}

/// How a promise ended.
@usableFromInline
package final class PendingResult<Value> {
    @usableFromInline
    package let value: Result<Value, any Error>

    @inlinable
    package init(_ value: Result<Value, any Error>) {
        self.value = value
    }
}
