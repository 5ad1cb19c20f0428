/// A setting with one value, or a range from which each new instance gets one at random.
///
/// Source: Spin's options for the reuse of instances.
package struct ChoiceRange<Value: Comparable & Hashable & Sendable>: Hashable, Sendable {
    package let lower: Value
    /// Nil for one value; else not in the range, and above `lower`.
    package let upper: Value?

    package init(_ value: Value) {
        self.lower = value
        self.upper = nil
    }

    /// Nil for an empty range.
    package init?(_ lower: Value, upTo upper: Value) {
        guard lower < upper else { return nil }
        self.lower = lower
        self.upper = upper
    }
}

extension ChoiceRange<Int> {
    package func choose() -> Int {
        self.upper.map { Int.random(in: self.lower..<$0) } ?? self.lower
    }
}

extension ChoiceRange<Duration> {
    package func choose() -> Duration {
        guard let upper = self.upper else { return self.lower }
        return self.lower + (upper - self.lower) * Double.random(in: 0..<1)
    }
}

/// How long an instance that may serve several requests lives.
package struct InstanceReuse: Hashable, Sendable {
    /// Requests to one instance in all.
    package var count = ChoiceRange(128)
    /// Requests to one instance at a time.
    package var concurrency = ChoiceRange(16)
    /// How long an instance without a request is kept.
    package var idleTimeout = ChoiceRange(Duration.seconds(1))

    package init() {}
}
