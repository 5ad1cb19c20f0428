/// Requests from one component to another, within the process.
package enum ServiceChaining {
    package static let domain = "spin.internal"
    static let suffix = ".spin.internal"

    /// The component that a host names, as in `api.spin.internal`; nil for other hosts.
    package static func component(ofHost host: String) -> String? {
        guard host.hasSuffix(Self.suffix) else { return nil }
        let id = host.dropLast(Self.suffix.count)
        return id.isEmpty || id.contains(".") ? nil : String(id)
    }
}
