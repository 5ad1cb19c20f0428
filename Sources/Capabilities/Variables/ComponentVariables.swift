import ComponentModel

/// Why a variable has no value: an error of the interface. Never says a value.
package enum VariableError: Error, Sendable, Hashable {
    case invalidName(String)
    case undefined(String)
    case provider(String)
    case other(String)
}

/// The variables of one component, `[component.<id>.variables]`, with the values that they have.
///
/// Providers that can change a value while the application runs are asked for each `get`, which is why it gives a
/// ``HostAnswer``; those there are now cannot, so all values are known at the start.
package struct ComponentVariables: Sendable {
    private let values: [String: Result<String, VariableError>]
    /// Of a name: no manifest has a longer one.
    private static let nameBytes = 4096

    package init(_ values: [String: Result<String, VariableError>] = [:]) {
        self.values = values
    }

    func value(_ name: String, denials: DenialLog) -> HostAnswer<Result<String, VariableError>> {
        if let value = self.values.granted(name) { return .ready(value) }
        if let problem = Self.problem(name) { return .ready(.failure(.invalidName(problem))) }
        denials.report(
            "the variable \(DenialLog.quoted(name))", line: "variables = { \(name) = \"{{ \(name) }}\" }")
        return .ready(.failure(.undefined("no variable for \(DenialLog.quoted(name))")))
    }

    /// All that have a value, by name.
    func all() -> HostAnswer<Result<[(String, String)], VariableError>> {
        var all: [(String, String)] = []
        for (name, value) in self.values.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .success(let text): all.append((name, text))
            case .failure(let error): return .ready(.failure(error))
            }
        }
        return .ready(.success(all))
    }

    /// What is wrong with a name; nil when it could be one. Source: `spin-parity.md` 1.1.
    static func problem(_ name: String) -> String? {
        guard name.utf8.count <= Self.nameBytes else { return "the name has more than \(Self.nameBytes) bytes" }
        let bytes = Array(name.utf8)
        guard let first = bytes.first, let last = bytes.last else { return "the name is empty" }
        func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let underscore = UInt8(ascii: "_")
        let quoted = DenialLog.quoted(name)
        guard bytes.allSatisfy({ isLetter($0) || isDigit($0) || $0 == underscore }) else {
            return "the name \(quoted) may have lower-case letters, digits and `_` only"
        }
        guard isLetter(first) else { return "the name \(quoted) does not begin with a letter" }
        guard last != underscore else { return "the name \(quoted) ends with `_`" }
        guard !zip(bytes, bytes.dropFirst()).contains(where: { $0 == underscore && $1 == underscore }) else {
            return "the name \(quoted) has `__`"
        }
        return nil
    }
}
