/// One thing that is wrong in a manifest: where, in which field, what, and what to do about it.
package struct Diagnostic: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file as the user named it.
    package var file: String
    package var position: SourcePosition
    /// The dotted path of the field, such as `component.hello.source`; empty when the whole file is meant.
    package var field: String
    package var message: String
    package var hint: String?

    package init(file: String, position: SourcePosition, field: String, message: String, hint: String? = nil) {
        self.file = file
        self.position = position
        self.field = field
        self.message = message
        self.hint = hint
    }

    /// `file:line:column: field: message`, and the hint on a line of its own.
    package var description: String {
        var text = self.file
        if self.position.line > 0 { text += ":\(self.position.line):\(self.position.column)" }
        text += ": "
        if !self.field.isEmpty { text += "\(self.field): " }
        text += self.message
        if let hint = self.hint { text += "\n  hint: \(hint)" }
        return text
    }
}

/// Everything that was found wrong in one manifest, in the order of the file.
package struct ManifestError: Error, Sendable, CustomStringConvertible {
    package let diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    package var description: String {
        self.diagnostics.map(\.description).joined(separator: "\n")
    }
}
