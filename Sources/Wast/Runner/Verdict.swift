/// What came of one command.
package enum Verdict: Hashable, Sendable {
    /// With what happened and the message that the script has for it, where there is one.
    case passed(expected: String? = nil, got: String? = nil)
    case failed(expected: String, got: String)
    case skipped(String)
}

/// What came of a script.
package struct ScriptReport: Sendable {
    package struct Entry: Sendable {
        package let line: Int
        package let verdict: Verdict
    }

    /// As the user gave it.
    package let name: String
    package internal(set) var entries: [Entry] = []

    package var passed: Int { self.entries.count { if case .passed = $0.verdict { true } else { false } } }
    package var failed: Int { self.entries.count { if case .failed = $0.verdict { true } else { false } } }
    package var skipped: Int { self.entries.count { if case .skipped = $0.verdict { true } else { false } } }
}
