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
            guard duration > .zero, duration <= .seconds(366 * 86400) else { return nil }
            self.duration = duration
            return
        }
        return nil
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
