/// A script that cannot be read, and the byte where.
package struct TextError: Error, Hashable, CustomStringConvertible {
    package let message: String
    /// Byte in the file.
    package let offset: Int

    package init(_ message: String, at offset: Int) {
        self.message = message
        self.offset = offset
    }

    package var description: String { self.message }
}
