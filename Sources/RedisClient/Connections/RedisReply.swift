package import HTTP

/// What a server answered to one command.
package struct RedisReply {
    package let value: RESPValue
    /// What it holds of its caller's budget; nil for a small one. Whoever keeps the value keeps this with it.
    package let claim: ByteClaim?

    init(_ value: RESPValue, _ claim: ByteClaim? = nil) {
        self.value = value
        self.claim = claim
    }
}
