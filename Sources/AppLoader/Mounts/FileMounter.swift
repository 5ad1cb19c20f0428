import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Copies the `files` of one component into a directory of its own, which becomes the root of its file system
/// (`spin-parity.md` 1.9). Nothing from outside the application directory gets in, also not through symbolic links.
struct FileMounter {
    /// What went wrong, in words; the caller knows the field.
    struct Failure: Error {
        var message: String
        var hint: String?
    }

    /// The application directory, without symbolic links.
    private let root: String
    private let destination: String
    private let excluded: [Glob]

    /// - Parameters:
    ///   - root: the application directory; must exist.
    ///   - destination: the directory to fill; made when there is something to put into it.
    init(root: String, destination: String, excluded: [Glob]) throws(Failure) {
        guard let real = Paths.real(root) else {
            throw Failure(message: "cannot read the directory `\(root)`: \(Paths.lastError)")
        }
        self.root = real
        self.destination = destination
        self.excluded = excluded
    }

    func copy(_ mount: Manifest.FileMount.Kind) throws(Failure) {
        try self.makeDirectory(self.destination)
        switch mount {
        case .pattern(let pattern): try self.copyPattern(pattern)
        case .placement(let source, let destination): try self.copyPlacement(source, to: destination)
        }
    }

    private func copyPattern(_ pattern: String) throws(Failure) {
        let path = Paths.absolute(pattern, in: self.root)
        switch Paths.kind(path) {
        case .directory:
            try self.checkInside(path, called: pattern)
            try self.copyTree(at: path, below: Paths.join(self.destination, self.relative(path)))
        case .file:
            try self.copyFile(path, to: Paths.join(self.destination, self.relative(path)), called: pattern)
        case .other: throw Failure(message: "`\(pattern)` is neither a file nor a directory")
        case .none:
            guard Glob.isPattern(pattern) else {
                throw Failure(message: "there is no file or directory `\(pattern)`")
            }
            try self.copyMatches(path)
        }
    }

    private func copyPlacement(_ source: String, to guestPath: String) throws(Failure) {
        let path = Paths.absolute(source, in: self.root)
        let target = Paths.absolute(guestPath.drop { $0 == "/" }.description, in: self.destination)
        guard Paths.contains(self.destination, target) else {
            throw Failure(message: "the destination `\(guestPath)` leaves the file system of the component")
        }
        switch Paths.kind(path) {
        case .directory:
            try self.checkInside(path, called: source)
            try self.copyTree(at: path, below: target)
        case .file:
            guard target != self.destination, !guestPath.hasSuffix("/"), !guestPath.hasSuffix("/."), guestPath != "."
            else {
                throw Failure(
                    message: "`\(guestPath)` is no file name",
                    hint: "give the whole path, such as `\(Paths.join(guestPath, Paths.lastComponent(source)))`")
            }
            try self.copyFile(path, to: target, called: source)
        case .other: throw Failure(message: "`\(source)` is neither a file nor a directory")
        case .none: throw Failure(message: "there is no file or directory `\(source)`")
        }
    }

    /// Copies what an absolute pattern matches, each file to its place relative to the application.
    private func copyMatches(_ pattern: String) throws(Failure) {
        // Only what lies below the fixed beginning of the pattern can match.
        let parts = pattern.split(separator: "/").map(String.init)
        let fixed = parts.prefix { !Glob.isPattern($0) }
        let base = "/" + fixed.joined(separator: "/")
        guard Paths.contains(self.root, base) else { throw self.outside(pattern) }
        let rest = parts.dropFirst(fixed.count)
        let glob: Glob
        do {
            glob = try Glob(rest.joined(separator: "/"))
        } catch {
            throw Failure(message: error.description)
        }
        guard Paths.kind(base) == .directory else { return }
        try self.checkInside(base, called: base)
        try self.walk(base, depth: rest.contains("**") ? nil : rest.count) { path, name throws(Failure) in
            guard glob.matches(name, separated: true) else { return }
            try self.copyFile(path, to: Paths.join(self.destination, self.relative(path)), called: self.relative(path))
        }
    }

    private func copyTree(at directory: String, below target: String) throws(Failure) {
        try self.makeDirectory(target)
        try self.walk(directory, depth: nil) { path, name throws(Failure) in
            try self.copyFile(path, to: Paths.join(target, name), called: self.relative(path))
        }
    }

    /// Calls `body` with each file below a directory, and its path relative to that.
    private func walk(
        _ directory: String, depth: Int?, body: (_ path: String, _ name: String) throws(Failure) -> Void
    ) throws(Failure) {
        struct Pending {
            var path: String
            var name: String
            var depth: Int
            /// The real directories that lead here: a link to one of them would never end.
            var ancestors: [String]
        }
        var pending = [Pending(path: directory, name: "", depth: 1, ancestors: [Paths.real(directory) ?? directory])]
        while let next = pending.popLast() {
            guard let names = Paths.names(in: next.path) else {
                throw Failure(message: "cannot read the directory `\(next.path)`: \(Paths.lastError)")
            }
            var directories: [Pending] = []
            for name in names {
                let path = Paths.join(next.path, name)
                let relative = next.name.isEmpty ? name : "\(next.name)/\(name)"
                switch Paths.kind(path) {
                case .file: try body(path, relative)
                case .directory:
                    guard next.depth < depth ?? .max, let real = Paths.real(path), !next.ancestors.contains(real)
                    else { continue }
                    try self.checkInside(path, called: self.relative(path))
                    directories.append(
                        Pending(path: path, name: relative, depth: next.depth + 1, ancestors: next.ancestors + [real]))
                case .none, .other: continue
                }
            }
            pending += directories.reversed()
        }
    }

    private func copyFile(_ path: String, to target: String, called name: String) throws(Failure) {
        let relative = self.relative(path)
        guard !self.excluded.contains(where: { $0.matches(relative) }) else { return }
        let real = try self.checkInside(path, called: name)
        try self.makeDirectory(Paths.parent(target))
        let kind = Paths.kind(target)
        guard kind != .directory else {
            throw Failure(message: "`\(name)` would replace a directory of another entry")
        }
        do {
            // A file that several entries name is copied by the last one.
            if kind != .none { try FileManager.default.removeItem(atPath: target) }
            try FileManager.default.copyItem(atPath: real, toPath: target)
        } catch {
            throw Failure(message: "cannot copy `\(name)`: \(error.shortReason)")
        }
    }

    private func makeDirectory(_ path: String) throws(Failure) {
        guard Paths.kind(path) != .directory else { return }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure(message: "cannot make the directory `\(path)`: \(error.shortReason)")
        }
    }

    /// The real path of something that must lie in the application directory.
    @discardableResult
    private func checkInside(_ path: String, called name: String) throws(Failure) -> String {
        guard let real = Paths.real(path) else {
            throw Failure(message: "cannot read `\(name)`: \(Paths.lastError)")
        }
        guard Paths.contains(self.root, real) else {
            guard Paths.contains(self.root, path) else { throw self.outside(name) }
            throw Failure(
                message: "`\(name)` is a symbolic link to `\(real)`, which is outside the application directory",
                hint: "copy it into `\(self.root)`, or leave it out with `exclude_files`")
        }
        return real
    }

    private func outside(_ name: String) -> Failure {
        Failure(message: "`\(name)` is outside the application directory `\(self.root)`")
    }

    /// A path below the root, relative to it.
    private func relative(_ path: String) -> String {
        guard path != self.root else { return "" }
        return Paths.contains(self.root, path) ? String(path.dropFirst(self.root.count + (self.root == "/" ? 0 : 1))) : path
    }
}

extension Error {
    /// What the system said, without Foundation's wrapping where it has some.
    var shortReason: String {
        guard let error = self as? CocoaError else { return "\(self)" }
        if let reason = error.underlying as? POSIXError { return "\(reason.code)" }
        return "\(error.code)"
    }
}
