/// Which imports of a component a dependency is for: `plain-name`, `ns:pkg`, `ns:pkg@1.0.0`, `ns:pkg/interface`,
/// `ns:pkg/interface@1.0.0`.
package struct ImportPattern: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    /// `ns:pkg`; nil for a plain name.
    private let package: String?
    private let interface: String?
    private let version: String?

    package init(_ text: String, package: String?, interface: String?, version: String?) {
        self.text = text
        self.package = package
        self.interface = interface
        self.version = version
    }

    package var description: String { self.text }

    /// A version matches those that it is compatible with; none matches all.
    package func matches(_ name: ExternName) -> Bool {
        guard let package = self.package else { return name.kind == .plain && name.text == self.text }
        guard let imported = name.interface, package == "\(imported.namespace):\(imported.package)",
            self.interface == nil || self.interface == imported.interface
        else { return false }
        guard let version = self.version else { return true }
        return imported.version.map { VersionText.compatibility($0) == VersionText.compatibility(version) } ?? false
    }
}

extension VersionText {
    /// What versions that may stand for each other have in common: `1`, `0.2`, `0.0.3`; a pre-release stands for itself.
    static func compatibility(_ version: String) -> Substring {
        let release = version.prefix { $0 != "+" }
        guard !release.contains("-") else { return release }
        let numbers = release.split(separator: ".")
        guard let change = numbers.firstIndex(where: { $0 != "0" }) else { return release }
        return numbers[change].endIndex == release.endIndex ? release : release[..<numbers[change].endIndex]
    }

    /// As ``compatibility(_:)``, but pre-releases go with the release that they precede.
    static func releaseLine(_ version: String) -> Substring {
        VersionText.compatibility(String(version.prefix { $0 != "-" && $0 != "+" }))
    }

    /// What a version adds to the identity of its interface's resources: `@0.3`, `@2`; nothing up to 0.2.
    ///
    /// Interfaces of two release lines define different resources. Host bindings say the same, which a test compares: see
    /// `SemanticVersion.resourceLine` of the target WIT.
    package static func resourceLine(_ version: String) -> String {
        let line = VersionText.releaseLine(version)
        let isEarly = line.hasPrefix("0.0") || ["0", "0.1", "0.2"].contains(line)
        return isEarly ? "" : "@\(line)"
    }
}

extension ExternName {
    /// The one that stands for a name: itself, or else the newest of the interface that is compatible with it.
    static func substitute(for wanted: String, in names: [ExternName]) -> ExternName? {
        if let name = names.first(where: { $0.text == wanted }) { return name }
        guard let interface = InterfaceName(wanted), let version = interface.version else { return nil }
        let compatible = names.filter {
            guard let other = $0.interface, let offered = other.version else { return false }
            return other.unversioned == interface.unversioned
                && VersionText.compatibility(offered) == VersionText.compatibility(version)
        }
        return compatible.max { $0.isOlder(than: $1) }
    }

    /// By the version of the interface; false where one has none.
    func isOlder(than other: ExternName) -> Bool {
        guard let version = self.interface?.version.flatMap({ SemanticVersion($0) }),
            let other = other.interface?.version.flatMap({ SemanticVersion($0) })
        else { return false }
        return version < other
    }
}

extension InstanceItem {
    /// The export with a name, or what may stand for it.
    func export(for wanted: String) -> (name: ExternName, item: Item)? {
        ExternName.substitute(for: wanted, in: self.names).flatMap { name in self.items[name.text].map { (name, $0) } }
    }
}
