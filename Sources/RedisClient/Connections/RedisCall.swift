import NIOCore

/// A command that waits for its answer. Confined to the event loop of its connection.
package final class RedisCall {
    package typealias Completion = (Result<RedisReply, RedisError>) -> Void

    private var completion: Completion?
    /// Set while the connection serves this call alone.
    var onCancel: (() -> Void)?
    var sentAt = NIODeadline.uptimeNanoseconds(0)
    /// How long the answer may take; nil for any time.
    var timeout: TimeAmount?
    let caller: RedisCaller

    init(for caller: RedisCaller, _ completion: @escaping Completion) {
        self.caller = caller
        self.completion = completion
    }

    var isOver: Bool { self.completion == nil }

    /// Nobody wants the answer any more; the command may be carried out all the same.
    package func cancel() {
        guard self.completion != nil else { return }
        self.completion = nil
        let onCancel = self.onCancel
        self.onCancel = nil
        onCancel?()
    }

    func complete(_ result: Result<RedisReply, RedisError>) {
        let completion = self.completion
        self.completion = nil
        self.onCancel = nil
        completion?(result)
    }
}
