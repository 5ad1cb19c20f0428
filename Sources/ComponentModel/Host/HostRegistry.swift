package import WasmEngine

/// The interfaces that a host offers, and those it knows of but does not provide yet.
package struct HostRegistry: Sendable {
    private let interfaces: [String: [HostInterface]]
    /// Name prefixes (`fermyon:spin/`) whose functions link and trap when called, instead of failing at load.
    private let announced: [String]
    /// By module and name.
    private let coreFunctions: [String: [String: HostCoreFunction]]

    /// - Parameters:
    ///   - interfaces: what the host provides; several entries of one name serve different versions.
    ///   - announced: prefixes of interface names that a component may import though nobody provides them yet.
    ///   - coreFunctions: what core modules that are planned by themselves import, by module and name.
    package init(
        _ interfaces: [HostInterface], announced: [String] = [],
        coreFunctions: [String: [String: HostCoreFunction]] = [:]
    ) {
        self.coreFunctions = coreFunctions
        self.interfaces = Dictionary(grouping: interfaces, by: \.name)
        self.announced = announced
    }

    /// What the host has for an import.
    package enum Resolution: Sendable {
        case function(HostFunction)
        /// The interface is announced, or a later minor version of a provided one may have the function.
        case notProvidedYet
        case unknownInterface
        case unknownVersion(offered: [VersionRange])
        case unknownFunction
    }

    package func resolve(interface: String, version: String?, function: String) -> Resolution {
        guard let candidates = self.interfaces[interface] else {
            return self.isAnnounced(interface) ? .notProvidedYet : .unknownInterface
        }
        guard let match = candidates.first(where: { $0.serves(version) }) else {
            return self.isAnnounced(interface)
                ? .notProvidedYet : .unknownVersion(offered: candidates.flatMap(\.versions))
        }
        guard let found = match.functions.first(where: { $0.name == function }) else {
            return self.isAnnounced(interface) ? .notProvidedYet : .unknownFunction
        }
        return .function(found)
    }

    /// The host's resource type for an imported one; nil when the host does not provide its interface.
    package func resource(interface: String, version: String?, name: String) -> HostResourceType? {
        self.interfaces[interface]?.first { $0.serves(version) }?.resources[name]
    }

    func coreFunction(module: String, name: String) -> HostCoreFunction? { self.coreFunctions[module]?[name] }

    private func isAnnounced(_ interface: String) -> Bool {
        self.announced.contains { interface.hasPrefix($0) }
    }
}

/// A core function of the host's, for core modules that import it by themselves.
package struct HostCoreFunction: Sendable {
    package let type: FunctionType
    package let callback: HostCallback
    /// What the callback gets; kept alive.
    package let environment: any Sendable & AnyObject
    /// The same for one of several modules of an instance: by its number, and the interfaces that it may not use.
    package let bound: @Sendable (CoreFunctionUser) -> (HostCallback, any Sendable & AnyObject)

    package init(
        type: FunctionType, callback: @escaping HostCallback, environment: any Sendable & AnyObject,
        bound: @escaping @Sendable (CoreFunctionUser) -> (HostCallback, any Sendable & AnyObject)
    ) {
        self.type = type
        self.callback = callback
        self.environment = environment
        self.bound = bound
    }
}

/// One of several modules of an instance that use core functions of the host's.
package struct CoreFunctionUser {
    package let componentInstance: Int
    fileprivate let denials: Composition.Denials?

    init(componentInstance: Int, denials: Composition.Denials?) {
        self.componentInstance = componentInstance
        self.denials = denials
    }

    /// Whether it may use an interface, such as `wasi:cli/environment`.
    package func mayUse(_ interface: String) -> Bool {
        guard let denials = self.denials, let name = ExternName(interface) else { return true }
        return denials(name) == nil
    }
}

extension HostInterface {
    /// Whether `version` lies in one of the served ranges; an import without version only matches an interface without.
    fileprivate func serves(_ version: String?) -> Bool {
        guard let version else { return self.versions.isEmpty }
        return self.versions.contains { $0.contains(version) }
    }
}

extension VersionRange {
    /// Whether `version` lies in the range, in the order of semantic versions; a pre-release of `below` does not.
    package func contains(_ version: String) -> Bool {
        guard let version = SemanticVersion(version), let from = SemanticVersion(self.from),
            let below = SemanticVersion(self.below)
        else { return false }
        return from <= version && version < below && !version.isPrerelease(of: below)
    }
}

/// Major, minor, patch and pre-release of `1.2.3-rc.1`, in order of precedence. Build metadata is left out.
package struct SemanticVersion: Comparable, Sendable {
    private let numbers: [UInt64]
    private let prerelease: [Substring]

    package init?(_ text: String) {
        let release = text.prefix { $0 != "+" }
        let parts = release.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false).map { UInt64($0) }
        guard numbers.count == 3 else { return nil }
        let known = numbers.compactMap { $0 }
        guard known.count == 3 else { return nil }
        self.numbers = known
        self.prerelease = parts.count > 1 ? parts[1].split(separator: ".") : []
    }

    /// Whether this is `release` with a pre-release tag.
    package func isPrerelease(of release: SemanticVersion) -> Bool {
        self.numbers == release.numbers && !self.prerelease.isEmpty && release.prerelease.isEmpty
    }

    package static func < (lhs: SemanticVersion, rhs: SemanticVersion) -> Bool {
        if lhs.numbers != rhs.numbers { return lhs.numbers.lexicographicallyPrecedes(rhs.numbers) }
        if lhs.prerelease.isEmpty || rhs.prerelease.isEmpty { return !lhs.prerelease.isEmpty && rhs.prerelease.isEmpty }
        return lhs.prerelease.lexicographicallyPrecedes(rhs.prerelease) { left, right in
            switch (UInt64(left), UInt64(right)) {
            case (let left?, let right?): left < right
            case (.some, nil): true
            case (nil, .some): false
            case (nil, nil): left < right
            }
        }
    }
}
