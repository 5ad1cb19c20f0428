/// A value that an embedder passed does not have the type that the function asks for.
package struct ValueError: Error, Hashable, CustomStringConvertible {
    /// Where in the arguments: `parameter "a".name[3]`.
    package let path: String
    package let message: String

    init(_ message: String, at path: String = "") {
        self.message = message
        self.path = path
    }

    package var description: String { self.path.isEmpty ? self.message : "\(self.path): \(self.message)" }
}
