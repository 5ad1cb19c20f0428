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
    /// What to copy, by where to. Of two entries for one place the later counts.
    private var copies: [String: (source: String, name: String)] = [:]
    private var directories: Set<String> = []

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

    /// Notes down what an entry copies; ``copyAll()`` does it.
    mutating func add(_ mount: Manifest.FileMount.Kind) throws(Failure) {
        self.addDirectory(self.destination)
        switch mount {
        case .pattern(let pattern): try self.addPattern(pattern)
        case .placement(let source, let destination): try self.addPlacement(source, to: destination)
        }
    }

    /// Makes the directories, and copies the files, up to 16 at a time.
    func copyAll() throws(Failure) {
        for directory in self.directories.sorted() {
            do {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            } catch {
                throw Failure(message: "cannot make the directory `\(directory)`: \(error.shortReason)")
            }
        }
        let copies = self.copies.sorted { $0.key < $1.key }
        let failures = ParallelWork.run(copies, atATime: 16) { target, copy -> Failure? in
            do {
                try FileManager.default.copyItem(atPath: copy.source, toPath: target)
                return nil
            } catch {
                return Failure(message: "cannot copy `\(copy.name)`: \(error.shortReason)")
            }
        }
        if let first = failures.first { throw first }
    }

    /// The directory itself, for the component to see while it changes: `--direct-mounts`.
    func directMount(_ mount: Manifest.FileMount.Kind) throws(Failure) -> LockedMount {
        let (source, destination) =
            switch mount {
            case .pattern(let pattern): (pattern, pattern)
            case .placement(let source, let destination): (source, destination)
            }
        let path = Paths.absolute(source, in: self.root)
        guard Paths.kind(path) == .directory else {
            throw Failure(
                message: "`\(source)` is no directory, and `--direct-mounts` mounts directories only",
                hint: "name the directory that it is in, or leave `--direct-mounts` out")
        }
        let real = try self.checkInside(path, called: source)
        return LockedMount(
            directory: real, guestPath: Paths.absolute(destination.drop { $0 == "/" }.description, in: "/"))
    }

    private mutating func addPattern(_ pattern: String) throws(Failure) {
        let path = Paths.absolute(pattern, in: self.root)
        switch Paths.kind(path) {
        case .directory:
            try self.checkInside(path, called: pattern)
            try self.addTree(at: path, below: Paths.join(self.destination, self.relative(path)))
        case .file:
            try self.addFile(path, to: Paths.join(self.destination, self.relative(path)), called: pattern)
        case .other: throw Failure(message: "`\(pattern)` is neither a file nor a directory")
        case .none:
            guard Glob.isPattern(pattern) else {
                throw Failure(message: "there is no file or directory `\(pattern)`")
            }
            try self.addMatches(path)
        }
    }

    private mutating func addPlacement(_ source: String, to guestPath: String) throws(Failure) {
        let path = Paths.absolute(source, in: self.root)
        let target = Paths.absolute(guestPath.drop { $0 == "/" }.description, in: self.destination)
        guard Paths.contains(self.destination, target) else {
            throw Failure(message: "the destination `\(guestPath)` leaves the file system of the component")
        }
        switch Paths.kind(path) {
        case .directory:
            try self.checkInside(path, called: source)
            try self.addTree(at: path, below: target)
        case .file:
            guard target != self.destination, !guestPath.hasSuffix("/"), !guestPath.hasSuffix("/."), guestPath != "."
            else {
                throw Failure(
                    message: "`\(guestPath)` is no file name",
                    hint: "give the whole path, such as `\(Paths.join(guestPath, Paths.lastComponent(source)))`")
            }
            try self.addFile(path, to: target, called: source)
        case .other: throw Failure(message: "`\(source)` is neither a file nor a directory")
        case .none: throw Failure(message: "there is no file or directory `\(source)`")
        }
    }

    /// Copies what an absolute pattern matches, each file to its place relative to the application.
    private mutating func addMatches(_ pattern: String) throws(Failure) {
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
        for file in try self.files(below: base, depth: rest.contains("**") ? nil : rest.count)
        where glob.matches(file.name, separated: true) {
            let name = self.relative(file.path)
            try self.addFile(file.path, to: Paths.join(self.destination, name), called: name)
        }
    }

    private mutating func addTree(at directory: String, below target: String) throws(Failure) {
        self.addDirectory(target)
        for file in try self.files(below: directory, depth: nil) {
            try self.addFile(file.path, to: Paths.join(target, file.name), called: self.relative(file.path))
        }
    }

    /// The files below a directory, each with its path relative to that.
    private func files(
        below directory: String, depth: Int?
    ) throws(Failure) -> [(path: String, name: String)] {
        struct Pending {
            var path: String
            var name: String
            var depth: Int
            /// The real directories that lead here: a link to one of them would never end.
            var ancestors: [String]
        }
        var files: [(path: String, name: String)] = []
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
                case .file: files.append((path, relative))
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
        return files
    }

    private mutating func addFile(_ path: String, to target: String, called name: String) throws(Failure) {
        let relative = self.relative(path)
        guard !self.excluded.contains(where: { $0.matches(relative) }) else { return }
        let real = try self.checkInside(path, called: name)
        self.addDirectory(Paths.parent(target))
        guard !self.directories.contains(target) else {
            throw Failure(message: "`\(name)` would replace a directory of another entry")
        }
        self.copies[target] = (real, name)
    }

    private mutating func addDirectory(_ path: String) {
        var path = path
        while path != self.destination, self.directories.insert(path).inserted { path = Paths.parent(path) }
        self.directories.insert(self.destination)
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
        return Paths.contains(self.root, path)
            ? String(path.dropFirst(self.root.count + (self.root == "/" ? 0 : 1))) : path
    }
}
