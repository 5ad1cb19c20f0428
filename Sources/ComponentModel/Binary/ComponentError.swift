/// Why a component was refused while it was decoded, validated or planned.
package struct ComponentError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// The bytes do not follow the binary format.
        case malformed
        /// The bytes decode, but break a rule of the component model.
        case invalid
        /// Valid, as far as is known, but uses something that this runtime does not do yet.
        case unsupported
    }

    package let kind: Kind
    package let message: String
    /// Byte offset in the file.
    package let offset: Int

    package init(_ kind: Kind, _ message: String, offset: Int) {
        self.kind = kind
        self.message = message
        self.offset = offset
    }

    package var description: String {
        let position = "0x" + String(self.offset, radix: 16)
        return switch self.kind {
        case .malformed: "component is malformed at byte \(position): \(self.message)"
        case .invalid: "component is invalid at byte \(position): \(self.message)"
        case .unsupported: "component uses a feature that is not supported, at byte \(position): \(self.message)"
        }
    }
}
