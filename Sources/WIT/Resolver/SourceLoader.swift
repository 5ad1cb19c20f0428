#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads the WIT files of a folder and all folders in it.
///
/// Each folder is one group: its files belong to one package unless they say otherwise. Thus both layouts work:
/// a package with `deps/` below it, and a folder of packages.
package enum SourceLoader {
    /// A WIT file larger than this is refused.
    private static let maximumFileSize = 8 << 20

    /// Parses every `.wit` file below `folder`; files are called by their path relative to its parent.
    package static func parse(folder: String) throws(WITError) -> [[SyntaxFile]] {
        let root = URL(filePath: folder, directoryHint: .isDirectory).standardizedFileURL
        var groups: [[SyntaxFile]] = []
        try self.parse(root, root.lastPathComponent, into: &groups, depth: 0)
        guard !groups.isEmpty else {
            throw WITError(
                .file, SourceLocation(file: folder, line: 1, column: 1), "no `.wit` file is in this folder")
        }
        return groups
    }

    private static func parse(
        _ folder: URL, _ shown: String, into groups: inout [[SyntaxFile]], depth: Int
    ) throws(WITError) {
        guard depth < 16 else { return }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        } catch {
            throw WITError(
                .file, SourceLocation(file: shown, line: 1, column: 1),
                "the folder cannot be read: \(error)")
        }
        var group: [SyntaxFile] = []
        var subfolders: [String] = []
        for name in names where !name.hasPrefix(".") {
            let url = folder.appending(path: name)
            if name.hasSuffix(".wit") {
                group.append(try self.parse(file: url, "\(shown)/\(name)"))
            } else if (try? FileManager.default.contentsOfDirectory(atPath: url.path)) != nil {
                subfolders.append(name)
            }
        }
        if !group.isEmpty { groups.append(group) }
        for name in subfolders {
            try self.parse(folder.appending(path: name), "\(shown)/\(name)", into: &groups, depth: depth + 1)
        }
    }

    private static func parse(file: URL, _ shown: String) throws(WITError) -> SyntaxFile {
        let location = SourceLocation(file: shown, line: 1, column: 1)
        let data: Data
        do {
            data = try Data(contentsOf: file)
        } catch {
            throw WITError(.file, location, "the file cannot be read: \(error)")
        }
        guard data.count <= self.maximumFileSize else {
            throw WITError(.file, location, "the file has more than \(self.maximumFileSize) bytes")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw WITError(.file, location, "the file is not UTF-8")
        }
        return try Parser.parse(text, path: shown)
    }
}
