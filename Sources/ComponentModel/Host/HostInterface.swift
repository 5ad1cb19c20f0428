/// A range of interface versions that one implementation serves: `from` included, `below` not.
package struct VersionRange: Hashable, Sendable {
    package let from: String
    package let below: String

    package init(from: String, below: String) {
        self.from = from
        self.below = below
    }
}

/// An interface that the host offers to components: its resources and its functions, for a range of versions.
package struct HostInterface: Sendable {
    /// Name without version: `wasi:io/streams`.
    package let name: String
    package let versions: [VersionRange]
    /// Resources that this interface defines, by name.
    package let resources: [String: HostResourceType]
    package let functions: [HostFunction]

    package init(
        name: String, versions: [VersionRange], resources: [String: HostResourceType], functions: [HostFunction]
    ) {
        self.name = name
        self.versions = versions
        self.resources = resources
        self.functions = functions
    }
}

/// A function that the host offers: what components call it, its type, and what lifts, calls and lowers.
package struct HostFunction: Sendable {
    /// The name in the interface: `[method]input-stream.read`; `nested/f` in an instance inside it.
    package let name: String
    /// The type in canonical text, compared with the type that a component imports (see `ComponentFunctionType.signature`).
    package let signature: String
    package let call: @Sendable (borrowing HostCall) throws -> Void

    package init(
        name: String, signature: String, call: @escaping @Sendable (borrowing HostCall) throws -> Void
    ) {
        self.name = name
        self.signature = signature
        self.call = call
    }
}
