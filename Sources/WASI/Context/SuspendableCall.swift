package import ComponentModel

/// What a host function that waits needs of its call: the same for components and for core modules.
package protocol SuspendableCall: ~Copyable {
    /// Suspends the guest until somebody wakes ``waker``. Wake-ups may be spurious: call it in a loop.
    ///
    /// - Throws: when the invocation is cancelled; let the error pass.
    func wait() throws

    /// What resumes the guest.
    var waker: Waker { get }
}

extension HostCall: SuspendableCall {}

extension SuspendableCall where Self: ~Copyable {
    /// The value of an answer: suspends the guest until it is there.
    ///
    /// - Throws: what the answer failed with, or that the invocation is cancelled; let the error pass.
    func wait<Value>(for answer: HostAnswer<Value>) throws -> Value {
        let pending: Pending<Value>
        switch answer {
        case .ready(let value): return value
        case .later(let promised): pending = promised
        }
        let slot = AnswerSlot<Value>()
        let waker = self.waker
        pending.whenComplete { result in
            slot.result = result
            waker.wake()
        }
        do {
            while true {
                if let result = slot.result { return try result.get() }
                try self.wait()
            }
        } catch {
            pending.cancel()
            throw error
        }
    }
}

private final class AnswerSlot<Value> {
    var result: Result<Value, any Error>?
}
