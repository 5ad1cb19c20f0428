package import AppModel

/// The value of an option, with words for who wrote it wrongly.
package protocol OptionValue: Sendable, Hashable {
    init?(argument: String)

    /// What a value looks like, for a person who wrote `argument`, which is none.
    static func form(insteadOf argument: String) -> String
}

/// A value that cannot be read.
struct OptionValueError: Error, CustomStringConvertible {
    let description: String
}

extension OptionValue {
    /// Throws what a value looks like: the `transform` of an option.
    static func parse(_ argument: String) throws -> Self {
        guard let value = Self(argument: argument) else {
            throw OptionValueError(description: Self.form(insteadOf: argument))
        }
        return value
    }
}

/// `NAME=VALUE`.
package struct KeyValueArgument: OptionValue {
    package var key: String
    package var value: String

    package init?(argument: String) {
        guard let separator = argument.firstIndex(of: "="), separator != argument.startIndex,
            !argument.utf8.contains(0)
        else { return nil }
        self.key = String(argument[..<separator])
        self.value = String(argument[argument.index(after: separator)...])
    }

    package static func form(insteadOf argument: String) -> String { "it should look like NAME=VALUE" }
}

/// A time span as Spin writes it: `30`, `30s`, `500ms`, `10us`, `10ns`.
package struct DurationArgument: OptionValue {
    package var duration: Duration

    package init?(argument: String) {
        self.init(argument, allowsZero: false)
    }

    package static func form(insteadOf argument: String) -> String {
        "it should be a time above 0, such as 30, 30s, 500ms or 10us"
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
package struct DurationRangeArgument: OptionValue {
    package var range: ChoiceRange<Duration>

    package init?(argument: String) {
        let bounds = Bounds(argument) { DurationArgument($0, allowsZero: true)?.duration }
        guard let range = bounds?.range else { return nil }
        self.range = range
    }

    package static func form(insteadOf argument: String) -> String {
        argument.contains("..")
            ? "it should look like 1..8s, and end above its start" : "it should look like 30, 30s, 500ms or 1..8s"
    }
}

/// A number above zero, or a range of such: `1..8` is from 1 to 7.
package struct CountRangeArgument: OptionValue {
    package var range: ChoiceRange<Int>

    package init?(argument: String) {
        let bounds = Bounds(argument) { CountArgument(argument: String($0))?.count }
        guard let range = bounds?.range else { return nil }
        self.range = range
    }

    package static func form(insteadOf argument: String) -> String {
        argument.contains("..")
            ? "it should look like 1..8, and end above its start" : "it should be a number above 0, or look like 1..8"
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
package struct ListenArgument: OptionValue {
    package var address: ListenAddress

    package init?(argument: String) {
        guard let address = ListenAddress(argument) else { return nil }
        self.address = address
    }

    package static func form(insteadOf argument: String) -> String {
        "it should look like 127.0.0.1:3000, with a port from 0 to 65535"
    }
}

/// A number of bytes above zero.
package struct ByteCountArgument: OptionValue {
    package var bytes: Int

    package init?(argument: String) {
        guard let bytes = Int(argument), bytes > 0, !argument.hasPrefix("+") else { return nil }
        self.bytes = bytes
    }

    package static func form(insteadOf argument: String) -> String {
        "it should be a number of bytes, such as 134217728"
    }
}

/// A number above zero.
package struct CountArgument: OptionValue {
    package var count: Int

    package init?(argument: String) {
        guard let count = Int(argument), (1...1_000_000_000).contains(count), !argument.hasPrefix("+") else {
            return nil
        }
        self.count = count
    }

    package static func form(insteadOf argument: String) -> String { "it should be a number from 1 to 1000000000" }
}
