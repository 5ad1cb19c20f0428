package import AppModel
import ArgumentParser

/// `NAME=VALUE`.
package struct KeyValueArgument: ExpressibleByArgument, Sendable, Hashable {
    package var key: String
    package var value: String

    package init?(argument: String) {
        guard let separator = argument.firstIndex(of: "="), separator != argument.startIndex,
            !argument.utf8.contains(0)
        else { return nil }
        self.key = String(argument[..<separator])
        self.value = String(argument[argument.index(after: separator)...])
    }
}

/// A time span as Spin writes it: `30`, `30s`, `500ms`, `10us`, `10ns`.
package struct DurationArgument: ExpressibleByArgument, Sendable, Hashable {
    package var duration: Duration

    package init?(argument: String) {
        self.init(argument, allowsZero: false)
    }

    fileprivate init?(_ argument: some StringProtocol, allowsZero: Bool) {
        let units: [(suffix: String, make: (Int64) -> Duration)] = [
            ("ms", { .milliseconds($0) }), ("us", { .microseconds($0) }), ("μs", { .microseconds($0) }),
            ("ns", { .nanoseconds($0) }), ("s", { .seconds($0) }), ("", { .seconds($0) }),
        ]
        for unit in units where argument.hasSuffix(unit.suffix) {
            let digits = argument.dropLast(unit.suffix.count)
            // A year is long enough, and far from what overflows.
            guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int64(digits),
                number <= 1_000_000_000_000_000_000
            else { return nil }
            let duration = unit.make(number)
            guard duration > .zero || allowsZero, duration <= .seconds(366 * 86400) else { return nil }
            self.duration = duration
            return
        }
        return nil
    }
}

/// A time span, or a range of such: `1..8s` is from one second to below eight.
package struct DurationRangeArgument: ExpressibleByArgument, Sendable, Hashable {
    package var range: ChoiceRange<Duration>

    package init?(argument: String) {
        let bounds = Bounds(argument) { DurationArgument($0, allowsZero: true)?.duration }
        guard let range = bounds?.range else { return nil }
        self.range = range
    }
}

/// A number above zero, or a range of such: `1..8` is from 1 to 7.
package struct CountRangeArgument: ExpressibleByArgument, Sendable, Hashable {
    package var range: ChoiceRange<Int>

    package init?(argument: String) {
        let bounds = Bounds(argument) { CountArgument(argument: String($0))?.count }
        guard let range = bounds?.range else { return nil }
        self.range = range
    }
}

/// `VALUE` or `LOWER..UPPER`.
private struct Bounds<Value: Comparable & Hashable & Sendable> {
    let range: ChoiceRange<Value>

    init?(_ text: String, _ value: (Substring) -> Value?) {
        guard let dots = text.firstRange(of: "..") else {
            guard let single = value(text[...]) else { return nil }
            self.range = ChoiceRange(single)
            return
        }
        guard let lower = value(text[..<dots.lowerBound]), let upper = value(text[dots.upperBound...]),
            let range = ChoiceRange(lower, upTo: upper)
        else { return nil }
        self.range = range
    }
}

/// `ADDRESS:PORT`.
package struct ListenArgument: ExpressibleByArgument, Sendable, Hashable {
    package var address: ListenAddress

    package init?(argument: String) {
        guard let address = ListenAddress(argument) else { return nil }
        self.address = address
    }
}

/// A number of bytes above zero.
package struct ByteCountArgument: ExpressibleByArgument, Sendable, Hashable {
    package var bytes: Int

    package init?(argument: String) {
        guard let bytes = Int(argument), bytes > 0, !argument.hasPrefix("+") else { return nil }
        self.bytes = bytes
    }
}

/// A number above zero.
package struct CountArgument: ExpressibleByArgument, Sendable, Hashable {
    package var count: Int

    package init?(argument: String) {
        guard let count = Int(argument), (1...1_000_000_000).contains(count), !argument.hasPrefix("+") else {
            return nil
        }
        self.count = count
    }
}
