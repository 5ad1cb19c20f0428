#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One file of generated source.
package struct GeneratedFile: Hashable, Sendable {
    /// File name, without folder.
    package let name: String
    package let text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

/// The folder that holds generated files and nothing else.
package struct OutputFolder {
    /// How a file differs from what would be generated.
    package enum Difference: Hashable, Sendable, CustomStringConvertible {
        case missing(String)
        case stale(String)
        case superfluous(String)

        package var description: String {
            switch self {
            case .missing(let name): "\(name): missing"
            case .stale(let name): "\(name): not current"
            case .superfluous(let name): "\(name): nothing generates it any more"
            }
        }
    }

    private let path: String

    package init(_ path: String) {
        self.path = path
    }

    /// How the folder differs from `files`; empty when it is current.
    package func differences(from files: [GeneratedFile]) -> [Difference] {
        var differences: [Difference] = files.compactMap { file in
            guard let data = FileManager.default.contents(atPath: "\(self.path)/\(file.name)") else {
                return .missing(file.name)
            }
            return data == Data(file.text.utf8) ? nil : .stale(file.name)
        }
        let names = Set(files.map(\.name))
        differences += self.swiftFiles().filter { !names.contains($0) }.map { .superfluous($0) }
        return differences
    }

    /// Makes the folder equal to `files`; files that are equal already are not touched.
    package func write(_ files: [GeneratedFile]) throws(WITError) {
        do {
            try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
            for difference in self.differences(from: files) {
                if case .superfluous(let name) = difference {
                    try FileManager.default.removeItem(atPath: "\(self.path)/\(name)")
                }
            }
            for file in files {
                let url = URL(filePath: "\(self.path)/\(file.name)")
                if let data = FileManager.default.contents(atPath: url.path), data == Data(file.text.utf8) { continue }
                try Data(file.text.utf8).write(to: url, options: .atomic)
            }
        } catch {
            throw WITError(
                .file, SourceLocation(file: self.path, line: 1, column: 1),
                "the folder cannot be written: \(error)")
        }
    }

    private func swiftFiles() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: self.path)) ?? []
        return names.filter { $0.hasSuffix(".swift") }.sorted()
    }
}
