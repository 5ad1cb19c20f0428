import AppLoader
import AppModel
import ArgumentParser

/// Words from the manifest that a command line is about, for completion in a shell.
enum ManifestCompletion {
    static let componentIDs = CompletionKind.custom { words, _, _ in
        Self.plan(words)?.componentIDs ?? []
    }

    static let profiles = CompletionKind.custom { words, _, _ in
        let components = Self.plan(words)?.manifest?.components ?? []
        return Set(components.flatMap(\.profiles.keys)).sorted()
    }

    private static let sourceOptions = ["-f", "--from", "--from-file", "--file"]

    /// - Parameter words: of the command line.
    private static func plan(_ words: [String]) -> BuildPlan? {
        let directory = CommandContext.current.currentDirectory
        let named = zip(words, words.dropFirst()).filter { Self.sourceOptions.contains($0.0) }.last?.1
        let source =
            if let named {
                try? AppSource.named(named, currentDirectory: directory)
            } else {
                try? AppSource.searchUpwards(from: directory).source
            }
        guard case .manifest(let path)? = source,
            let text = try? ApplicationFiles(currentDirectory: directory).readText(path)
        else { return nil }
        return try? BuildPlan(text: text, file: path)
    }
}
