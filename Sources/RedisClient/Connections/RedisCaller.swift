package import HTTP

/// Who sends commands: on whose behalf names are looked up, and who answers for the memory of the replies.
package struct RedisCaller: Sendable {
    /// The application itself: its stores and subscriptions.
    package static let application = RedisCaller(name: "", replies: nil)

    /// The component.
    package let name: String
    /// Where its replies are counted from their first byte until they are taken; nil for the client's own.
    package let replies: ByteBudget?

    package init(name: String, replies: ByteBudget?) {
        self.name = name
        self.replies = replies
    }
}
