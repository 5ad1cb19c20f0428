import AppLoader

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which profile was built last: `last-build.txt` in the state directory. Running another one is likely a mistake.
struct BuildRecord {
    private static let anonymous = "<anonymous>"

    private let path: String

    init?(stateDirectory: String?) {
        guard let stateDirectory else { return nil }
        self.path = Paths.join(stateDirectory, "last-build.txt")
    }

    /// The profile of the last build, empty for none; nil when nothing is known.
    var profile: String? {
        guard let data = FileManager.default.contents(atPath: self.path), data.count < 4096 else { return nil }
        let text = String(decoding: data, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
        return text == Self.anonymous ? "" : text
    }

    /// Tells when the last build was for another profile than what is done now.
    ///
    /// - Parameters:
    ///   - what: what is done.
    ///   - command: what builds and does it.
    func warn(of profile: String?, what: String, orElse command: String, _ terminal: Terminal) {
        guard let last = self.profile, last != profile ?? "" else { return }
        func words(_ profile: String?) -> String { profile.map { "the profile `\($0)`" } ?? "no profile" }
        terminal.warning(
            "the last build was for \(words(last.isEmpty ? nil : last)), this \(what) is for \(words(profile))\n"
                + "  hint: run `swirl build\(profile.map { " --profile \($0)" } ?? "")`, or `\(command)`")
    }

    /// Notes a build down. As long as nobody uses profiles, no file is made. A failure only costs a warning later.
    func write(profile: String?) {
        guard profile != nil || Paths.kind(self.path) == .file else { return }
        try? FileManager.default.createDirectory(
            atPath: Paths.parent(self.path), withIntermediateDirectories: true)
        try? Data("\(profile ?? Self.anonymous)\n".utf8).write(to: URL(filePath: self.path))
    }
}
