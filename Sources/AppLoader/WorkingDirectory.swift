import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Scratch space of one run, readable for its user only; removed by ``remove()``.
package struct WorkingDirectory: Sendable {
    package let path: String
    /// Whether somebody else looks after it.
    private let isGiven: Bool

    package struct CreationError: Error, CustomStringConvertible {
        package var description: String
    }

    /// Makes `swirl-up-XXXXXX` below `parent`, which is `$TMPDIR` or `/tmp` when nil.
    package init(below parent: String? = nil, environment: [String: String] = [:]) throws(CreationError) {
        let given = parent ?? environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array(Paths.join(given, "swirl-up-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CreationError(
                description: "cannot make a temporary directory in `\(given)`: \(Paths.lastError)\n"
                    + "  hint: set TMPDIR to a directory that can be written")
        }
        let made = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? given }
        self.path = Paths.real(made) ?? made
        self.isGiven = false
    }

    /// Uses a directory that the user named: made when it is not there, and left at the end.
    package init(given path: String) throws(CreationError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw CreationError(description: "cannot make the directory `\(path)`: \(error.shortReason)")
        }
        self.path = Paths.real(path) ?? path
        self.isGiven = true
        // What an earlier run left there must not be seen by this one.
        try? FileManager.default.removeItem(atPath: Paths.join(self.path, "assets"))
    }

    /// Where the files of a component are copied to.
    package func assets(of component: String) -> String {
        Paths.join(self.path, "assets/\(component)")
    }

    package func remove() {
        guard !self.isGiven else { return }
        // Nothing to do about a failure: the system clears its temporary directory.
        try? FileManager.default.removeItem(atPath: self.path)
    }
}
