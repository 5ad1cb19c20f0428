import AppModel

/// A failure that ends a command: what was attempted, and why it did not work.
package struct CommandError: Error, Sendable {
    package var message: String
    package var cause: (any Error)?
    package var exitCode: Int32

    package init(_ message: String, cause: (any Error)? = nil, exitCode: Int32 = 1) {
        self.message = message
        self.cause = cause
        self.exitCode = exitCode
    }
}

extension CommandError {
    /// The lines to print for any error: `Error: …`, then what caused it, outermost first.
    static func report(_ error: any Error, to terminal: Terminal) {
        if let manifest = error as? ManifestError {
            // Each mistake is a line of its own, in the form that editors follow.
            for diagnostic in manifest.diagnostics { terminal.error(diagnostic.description) }
            return
        }
        var chain: [String] = []
        var next: (any Error)? = error
        while let current = next {
            if let command = current as? CommandError {
                chain.append(command.message)
                next = command.cause
            } else {
                chain.append("\(current)")
                next = nil
            }
        }
        terminal.error(chain[0])
        guard chain.count > 1 else { return }
        terminal.note("\nCaused by:")
        for (index, message) in chain.dropFirst().enumerated() {
            let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
            let label = chain.count == 2 ? "    " : "    \(index): "
            terminal.note(label + lines.joined(separator: "\n" + String(repeating: " ", count: label.count)))
        }
    }
}
