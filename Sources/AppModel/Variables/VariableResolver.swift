/// Gives the application's variables their values: those of the command line, then the providers of the runtime
/// configuration in their order, then the process environment, then the defaults of the manifest.
package struct VariableResolver: Sendable {
    /// Required variables that nobody gave a value.
    package struct MissingValues: Error, Hashable, CustomStringConvertible {
        package let names: [String]
        /// Where the manifest declares the first, as `spin.toml:12:1`.
        package let place: String?

        init(_ names: [String], of variables: [String: LockedVariable]) {
            self.names = names
            self.place = names.first.flatMap { variables[$0]?.place }
        }

        package var description: String {
            let list = self.names.map { "`\($0)`" }.joined(separator: ", ")
            let first = self.names.first ?? ""
            return "\(self.place.map { "\($0): variables.\(first): " } ?? "")"
                + "no value for the required variable\(self.names.count == 1 ? "" : "s") \(list)\n"
                + "  hint: pass --variable \(first)=VALUE, or set \(VariableResolver.environmentName(first))"
        }
    }

    /// What some variables have values from.
    package enum Source: Sendable {
        case values([String: String])
        /// `<prefix>_API_KEY` gives `api_key`.
        case environment(prefix: String, [String: String])

        fileprivate func value(_ name: String) -> String? {
            switch self {
            case .values(let values): values[name]
            case .environment(let prefix, let environment): environment["\(prefix)_\(name.uppercased())"]
            }
        }
    }

    private let variables: [String: LockedVariable]
    /// The values that somebody gave; those of the manifest are not among them.
    package let values: [String: String]

    /// - Parameters:
    ///   - given: values of the command line.
    ///   - providers: those of the runtime configuration; the first that knows a variable counts.
    ///   - environment: the process environment; `SPIN_VARIABLE_API_KEY` gives `api_key`.
    package init(
        variables: [String: LockedVariable], given: [String: String], providers: [Source] = [],
        environment: [String: String] = [:]
    ) {
        self.variables = variables
        var values: [String: String] = [:]
        for name in variables.keys {
            values[name] =
                given[name] ?? providers.lazy.compactMap { $0.value(name) }.first
                ?? environment[Self.environmentName(name)]
        }
        self.values = values
    }

    package static func environmentName(_ name: String) -> String { "SPIN_VARIABLE_\(name.uppercased())" }

    /// Throws when a required variable has no value.
    package func checkRequired() throws(MissingValues) {
        let missing = self.variables.filter { $0.value.default == nil && self.values[$0.key] == nil }.keys.sorted()
        guard missing.isEmpty else { throw MissingValues(missing, of: self.variables) }
    }

    /// The value of an application variable.
    package func value(_ name: String) throws(MissingValues) -> String {
        guard let value = self.values[name] ?? self.variables[name]?.default else {
            throw MissingValues([name], of: self.variables)
        }
        return value
    }

    package func resolve(_ template: Template) throws(MissingValues) -> String {
        try template.resolved { name throws(MissingValues) in try self.value(name) }
    }
}
