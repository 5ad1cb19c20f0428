import Testing
import WIT

/// Parses and resolves sources, each a file `0.wit`, `1.wit`, … of a folder of its own.
func resolve(_ sources: String..., features: FeatureSelection = .all) throws(WITError) -> ResolvedModel {
    var groups: [[SyntaxFile]] = []
    for (index, source) in sources.enumerated() {
        groups.append([try Parser.parse(source, path: "\(index).wit")])
    }
    return try Resolver.resolve(groups, features: features)
}

/// The error that `body` throws; nil, and a recorded issue, when it throws none.
func witError(_ body: () throws(WITError) -> Void) -> WITError? {
    do {
        try body()
        Issue.record("no error was thrown")
        return nil
    } catch {
        return error
    }
}

extension ResolvedModel {
    func interface(_ name: String) -> ResolvedInterface? {
        self.interfaces.first { $0.name == name }
    }

    /// The signatures of an interface's functions, by name.
    func signatures(_ interface: String) -> [String: String] {
        let functions = self.interface(interface)?.functions ?? []
        return Dictionary(uniqueKeysWithValues: functions.map { ($0.name, self.signature(of: $0)) })
    }
}
