/// `HOST`, `HOST::GUEST` or `HOST::GUEST::ro`.
package struct DirectoryArgument: OptionValue {
    package var hostPath: String
    package var guestPath: String
    package var isWritable = true

    package init?(argument: String) {
        var parts: [String] = []
        var rest = argument[...]
        while let separator = rest.firstRange(of: "::") {
            parts.append(String(rest[..<separator.lowerBound]))
            rest = rest[separator.upperBound...]
        }
        parts.append(String(rest))
        // `HOST::ro` would be a directory that the program knows as `ro`; `HOST::::ro` has the same name on both sides.
        if parts.count == 3 {
            switch parts.removeLast() {
            case "ro": self.isWritable = false
            case "rw": break
            default: return nil
            }
        }
        guard parts.count <= 2, let host = parts.first, !host.isEmpty, !argument.utf8.contains(0) else { return nil }
        self.hostPath = host
        self.guestPath = parts.count == 2 && !parts[1].isEmpty ? parts[1] : host
    }

    package static func form(insteadOf argument: String) -> String {
        "it should look like HOST, HOST::GUEST or HOST::GUEST::ro"
    }
}
