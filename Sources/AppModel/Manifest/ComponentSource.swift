/// Where a component's bytes come from.
package enum ComponentSource: Sendable, Hashable, CustomStringConvertible {
    /// A path relative to the manifest.
    case local(String)
    case remote(url: String, digest: String)
    case registry(package: String, version: String, registry: String?)

    package var localPath: String? {
        guard case .local(let path) = self else { return nil }
        return path
    }

    package var description: String {
        switch self {
        case .local(let path): path
        case .remote(let url, _): url
        case .registry(let package, let version, _): "\(package)@\(version)"
        }
    }
}

/// A SHA-256 digest as manifests write it: `sha256:` and 64 hexadecimal digits.
package struct ContentDigest: Sendable, Hashable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    package let hexadecimal: String

    package init?(_ text: String) {
        let prefix = "sha256:"
        guard text.hasPrefix(prefix) else { return nil }
        let digits = text.dropFirst(prefix.count).lowercased()
        guard digits.utf8.count == 64, digits.utf8.allSatisfy({ $0.hexDigitValue != nil }) else { return nil }
        self.hexadecimal = digits
    }

    /// - Parameter hexadecimal: 64 lower-case hexadecimal digits.
    package init(hexadecimal: String) { self.hexadecimal = hexadecimal }

    package var description: String { "sha256:\(self.hexadecimal)" }
}

/// An environment that the application is meant for, such as `spin-up:3.2`.
package enum TargetReference: Sendable, Hashable {
    case catalogue(String)
    case remote(url: String)
    case local(path: String)
}
