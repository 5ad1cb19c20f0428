package import AppModel

/// The address of an image: `registry/repository:tag@digest`, read as Docker reads it.
package struct ImageReference: Sendable, Hashable, CustomStringConvertible {
    package struct ParseError: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    /// A host, with its port if there is one.
    package let registry: String
    package let repository: String
    package let tag: String?
    package let digest: ContentDigest?

    package init(registry: String, repository: String, tag: String) {
        (self.registry, self.repository, self.tag, self.digest) = (registry, repository, tag, nil)
    }

    package init(_ text: String) throws(ParseError) {
        func failure(_ reason: String) -> ParseError {
            ParseError(description: "`\(text)` is no address of an image: \(reason)")
        }
        var rest = text[...]
        if let at = rest.firstIndex(of: "@") {
            guard let digest = ContentDigest(String(rest[rest.index(after: at)...])) else {
                throw failure("behind `@` stands no `sha256:` digest")
            }
            self.digest = digest
            rest = rest[..<at]
        } else {
            self.digest = nil
        }
        // The first part is a host if it looks like one; else it is Docker Hub's.
        let first = rest.prefix { $0 != "/" }
        let isHost = first.endIndex != rest.endIndex && (first.contains { ".:".contains($0) } || first == "localhost")
        if isHost {
            guard RegistryName.isValid(String(first)) else { throw failure("`\(first)` is no host") }
            rest = rest[rest.index(after: first.endIndex)...]
        }
        if let colon = rest.lastIndex(of: ":") {
            let tag = rest[rest.index(after: colon)...]
            guard Self.isTag(tag) else { throw failure("`\(tag)` is no tag") }
            self.tag = String(tag)
            rest = rest[..<colon]
        } else {
            self.tag = self.digest == nil ? "latest" : nil
        }
        guard Self.isRepository(rest) else {
            throw failure("`\(rest)` is no name of a repository: lower-case letters, digits, `.`, `_`, `-` and `/`")
        }
        if isHost, first != "docker.io" {
            self.registry = String(first)
            self.repository = String(rest)
        } else {
            self.registry = "docker.io"
            self.repository = rest.contains("/") ? String(rest) : "library/\(rest)"
        }
    }

    /// What a manifest is asked for by.
    package var manifest: String { self.digest?.description ?? self.tag ?? "latest" }

    package var description: String {
        "\(self.registry)/\(self.repository)" + (self.tag.map { ":\($0)" } ?? "")
            + (self.digest.map { "@\($0)" } ?? "")
    }

    /// By the OCI distribution specification.
    static func isRepository(_ text: some StringProtocol) -> Bool {
        text.utf8.count <= 255
            && String(text).split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                guard let first = part.utf8.first, let last = part.utf8.last else { return false }
                return first.isLowercaseOrDigit && last.isLowercaseOrDigit
                    && part.utf8.allSatisfy { $0.isLowercaseOrDigit || "._-".utf8.contains($0) }
            }
    }

    private static func isTag(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128, !".-".utf8.contains(first) else { return false }
        return text.utf8.allSatisfy {
            $0.isLowercaseOrDigit || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || "._-".utf8.contains($0)
        }
    }
}

extension UInt8 {
    fileprivate var isLowercaseOrDigit: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }
}
