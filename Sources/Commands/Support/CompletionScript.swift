import ArgumentParser

/// Completion scripts for shells that know the short names of commands: the parser's complete the full names alone.
enum CompletionScript {
    /// - Parameter script: what the parser made; as it is where it looks otherwise than expected.
    static func addingAliases(_ script: String) -> String {
        let aliases = Swirl.configuration.subcommands.flatMap { command in
            command.configuration.aliases.map { (alias: $0, name: command._commandName) }
        }
        var lines = script.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // The root's own comes first, in fish behind what asks for the root itself.
        if let index = lines.firstIndex(where: { $0.hasSuffix(#"local -r subcommand="${unparsed_words[0]}""#) }) {
            lines[index] = lines[index].replacing("local -r", with: "local")
            let cases = aliases.map { "\($0.alias)) subcommand=\($0.name) ;; " }.joined()
            lines.insert("    case \"${subcommand}\" in \(cases)esac", at: index + 1)
        } else if let index = lines.firstIndex(where: { $0.hasSuffix(#"case "${words[1]}" in"#) }) {
            let cases = aliases.map { "\($0.alias)) words[1]=\($0.name) ;; " }.joined()
            lines.insert("            case \"${words[1]}\" in \(cases)esac", at: index)
        } else if let index = lines.indices.filter({ lines[$0].hasSuffix("switch $unparsed_tokens[1]") }).dropFirst()
            .first
        {
            let cases = aliases.map { "case '\($0.alias)'; set unparsed_tokens[1] \($0.name); " }.joined()
            lines.insert("            switch \"$unparsed_tokens[1]\"; \(cases)end", at: index)
        }
        return lines.joined(separator: "\n")
    }
}
