/// An `error-context` value: what went wrong, for people to read.
///
/// Immutable, and shared by all who hold a handle to it. Source: Component Model, `CanonicalABI.md`,
/// "canon error-context.new".
package final class ErrorContext: Hashable, Sendable {
    /// Bytes that are kept of a message: the specification lets a host keep less than the guest gave.
    package static let maximumLength = 1 << 10

    package let message: String

    package init(_ message: String) {
        guard message.utf8.count > Self.maximumLength else {
            self.message = message
            return
        }
        var kept = ""
        for character in message.unicodeScalars {
            guard kept.utf8.count + 4 <= Self.maximumLength else { break }
            kept.unicodeScalars.append(character)
        }
        self.message = kept
    }

    package static func == (lhs: ErrorContext, rhs: ErrorContext) -> Bool { lhs === rhs }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension HostCall {
    /// Gives an error context to the guest: a new handle.
    package func insert(_ error: ErrorContext) throws -> UInt32 {
        try self.instance.insert(
            error, kind: AsyncHandle.errorContext, componentInstance: self.lowering.componentInstance)
    }

    /// The error context behind a handle, which stays the guest's.
    package func errorContext(_ handle: UInt32) throws -> ErrorContext {
        try self.instance.object(
            handle, kind: AsyncHandle.errorContext, componentInstance: self.lowering.componentInstance,
            as: ErrorContext.self)
    }
}
