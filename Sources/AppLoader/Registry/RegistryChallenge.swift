/// What a registry asks for in `www-authenticate` (RFC 9110, section 11.6.1).
struct RegistryChallenge: Equatable {
    /// `basic`, `bearer`: lower-case.
    var scheme: String
    var parameters: [String: String] = [:]

    /// Reads `Bearer realm="…",service="…"`; the first challenge of several in one field.
    init?(_ field: String) {
        var rest = field[...]
        rest = rest.drop { $0 == " " }
        let scheme = rest.prefix { $0 != " " }
        guard !scheme.isEmpty, !scheme.contains(where: { "=,\"".contains($0) }) else { return nil }
        self.scheme = scheme.lowercased()
        rest = rest[scheme.endIndex...]
        while true {
            rest = rest.drop { $0 == " " || $0 == "," }
            let name = rest.prefix { $0 != "=" && $0 != " " && $0 != "," }
            let behind = rest[name.endIndex...]
            // Another scheme begins, or nothing is left.
            guard !name.isEmpty, behind.first == "=" else { return }
            rest = behind.dropFirst()
            var value = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                var isClosed = false
                while let character = rest.popFirst() {
                    if character == "\"" {
                        isClosed = true
                        break
                    }
                    value.append(character == "\\" ? rest.popFirst() ?? "\\" : character)
                }
                guard isClosed else { return nil }
            } else {
                let token = rest.prefix { $0 != "," && $0 != " " }
                value = String(token)
                rest = rest[token.endIndex...]
            }
            self.parameters[name.lowercased()] = value
        }
    }
}
