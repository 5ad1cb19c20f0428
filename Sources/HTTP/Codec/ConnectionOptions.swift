/// What the `connection` fields of a message say of its end (RFC 9112 9.3).
package struct ConnectionOptions {
    private var closes = false
    private var keepsAlive = false

    package init() {}

    package mutating func note(_ value: UnsafeRawBufferPointer) {
        Bytes.forEachListElement(value) { element in
            if Bytes.equal(element, "close") {
                self.closes = true
            } else if Bytes.equal(element, "keep-alive") {
                self.keepsAlive = true
            }
        }
    }

    /// Whether the sender lets the connection be used again: from HTTP/1.1 on that is the rule.
    package func allowsReuse(minorVersion: Int) -> Bool {
        !self.closes && (minorVersion > 0 || self.keepsAlive)
    }
}
