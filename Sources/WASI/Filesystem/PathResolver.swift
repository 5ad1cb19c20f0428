import CWASI

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Opens paths of a guest beneath a directory, which no `..`, symbolic link or race with a rename can leave.
///
/// The kernel does it where it can (openat2). Else each component is opened on its own, links are read and followed
/// here, and `..` goes back to a directory that is held open, never to one that the kernel looks up.
/// Source: wasi-filesystem, `path-resolution.md`.
///
/// Of use on any thread, as long as the directory is open.
struct PathResolver: Sendable {
    static let linkLimit = 40
    static let pathLimit = 4096

    /// The directory that paths are relative to.
    let base: Int32
    /// False in tests of the walk.
    var usesKernel = true
    /// Whether to wait for no disk: a path that the system does not have in memory is `wouldBlock`.
    var isCachedOnly = false

    /// The same, for a thread that must not wait.
    var cachedOnly: PathResolver {
        PathResolver(base: self.base, usesKernel: self.usesKernel, isCachedOnly: true)
    }

    /// A path ready to be used: relative, without NUL bytes, not too long.
    ///
    /// - Throws: not-permitted for an absolute path, no-entry for an empty one.
    static func check(_ path: String) throws(FileError) {
        let utf8 = path.utf8
        guard let first = utf8.first else { throw FileError(.noEntry) }
        guard first != UInt8(ascii: "/") else { throw FileError(.notPermitted) }
        guard utf8.count < self.pathLimit else { throw FileError(.nameTooLong) }
        guard !utf8.contains(0) else { throw FileError(.invalid) }
    }

    /// Opens `path`. With `O_NOFOLLOW` a link as the last component is not followed.
    func open(_ path: String, flags: Int32, mode: mode_t = 0) throws(FileError) -> Int32 {
        try Self.check(path)
        if self.isCachedOnly { return try self.openCached(path, flags: flags) }
        if self.usesKernel {
            // A rename elsewhere makes the kernel give up a resolution with `..`: try again a few times.
            for _ in 0..<4 {
                let flags = UInt64(UInt32(bitPattern: flags | O_CLOEXEC))
                let result = swirl_open_beneath(self.base, path, flags, flags & UInt64(O_CREAT) != 0 ? UInt64(mode) : 0)
                if result >= 0 { return result }
                switch -result {
                case EAGAIN, EINTR: continue
                case EXDEV: throw FileError(.notPermitted)
                // Not there, or forbidden by a seccomp filter: walk.
                case ENOSYS, EPERM: break
                default: throw FileError(errno: -result)
                }
                break
            }
        }
        var walk = Walk(base: self.base)
        defer { walk.close() }
        return try walk.open(path, flags: flags, mode: mode)
    }

    private func openCached(_ path: String, flags: Int32) throws(FileError) -> Int32 {
        guard self.usesKernel, flags & (O_CREAT | O_TRUNC) == 0 else { throw FileError(.wouldBlock) }
        let result = swirl_open_cached(self.base, path, UInt64(UInt32(bitPattern: flags | O_CLOEXEC)))
        if result >= 0 { return result }
        switch -result {
        case EXDEV: throw FileError(.notPermitted)
        // Not in memory, or nobody can tell: somebody who may wait finds out.
        case EAGAIN, EINTR, EINVAL, ENOSYS, EPERM: throw FileError(.wouldBlock)
        default: throw FileError(errno: -result)
        }
    }

    /// The directory that holds the last component of `path`, and that component's name.
    struct Parent: ~Copyable {
        let descriptor: Int32
        let name: String
        /// The path ended in a slash.
        let mustBeDirectory: Bool

        deinit {
            closeDescriptor(self.descriptor)
        }
    }

    /// Opens the parent of `path` for a call on its last component, which the call must not follow.
    ///
    /// - Parameter following: whether links as the last component are followed here first.
    func parent(of path: String, following: Bool = false) throws(FileError) -> Parent {
        var path = path
        for _ in 0...Self.linkLimit {
            try Self.check(path)
            var bytes = path.utf8[...]
            while bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
            let mustBeDirectory = bytes.endIndex != path.utf8.endIndex
            let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
            let name = String(decoding: slash.map { bytes[bytes.index(after: $0)...] } ?? bytes, as: UTF8.self)
            let directory = slash.map { String(decoding: bytes[..<$0], as: UTF8.self) } ?? "."
            let descriptor = try self.open(directory, flags: Self.lookup | O_DIRECTORY)
            let parent = Parent(descriptor: descriptor, name: name, mustBeDirectory: mustBeDirectory)
            if name == "." || name == ".." {
                // No call on a last component takes these; but an escape is an escape.
                closeDescriptor(try self.open(path, flags: Self.lookup))
                throw FileError(.invalid)
            }
            guard following, let target = try Self.link(name, in: descriptor) else { return parent }
            path = directory + "/" + target
        }
        throw FileError(.loop)
    }

    /// Flags for a descriptor that serves only to look things up.
    static var lookup: Int32 { swirl_o_path | O_CLOEXEC }

    /// Where the symbolic link `name` leads; `nil` when it is none, or nothing.
    ///
    /// - Throws: not-permitted for an absolute one.
    static func link(_ name: String, in directory: Int32) throws(FileError) -> String? {
        var buffer = [UInt8](repeating: 0, count: self.pathLimit)
        let count = buffer.withUnsafeMutableBytes { bytes in
            guard let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return -1 }
            return readlinkat(directory, name, start, bytes.count)
        }
        guard count >= 0 else {
            if errno == EINVAL || errno == ENOENT { return nil }
            throw .last
        }
        guard count < self.pathLimit else { throw FileError(.nameTooLong) }
        guard count > 0, buffer[0] != UInt8(ascii: "/") else { throw FileError(.notPermitted) }
        guard let target = String(validating: buffer[..<count], as: UTF8.self) else {
            throw FileError(.illegalByteSequence)
        }
        return target
    }
}

/// The walk of ``PathResolver`` where the kernel does not help.
private struct Walk {
    /// Directories that one walk holds open, deeper paths are refused: each costs the host a descriptor.
    private static let depthLimit = 128

    private let base: Int32
    /// The directories below `base` that were entered, outermost first.
    private var entered: [Int32] = []

    init(base: Int32) {
        self.base = base
    }

    private var current: Int32 { self.entered.last ?? self.base }

    mutating func open(_ path: String, flags: Int32, mode: mode_t) throws(FileError) -> Int32 {
        var components = Self.components(of: path)
        var needsDirectory = Self.namesDirectory(path)
        var links = 0
        // Components are taken from the end: the next one is the last.
        while let name = components.popLast() {
            let isLast = components.isEmpty
            if name == ".." {
                guard let left = self.entered.popLast() else { throw FileError(.notPermitted) }
                closeDescriptor(left)
                continue
            }
            let follows = !isLast || needsDirectory || (flags & O_NOFOLLOW == 0 && flags & O_EXCL == 0)
            if follows, let target = try PathResolver.link(name, in: self.current) {
                links += 1
                guard links <= PathResolver.linkLimit else { throw FileError(.loop) }
                if isLast, Self.namesDirectory(target) { needsDirectory = true }
                components.append(contentsOf: Self.components(of: target))
                guard components.count <= PathResolver.pathLimit else { throw FileError(.nameTooLong) }
                continue
            }
            if isLast {
                let directory: Int32 = needsDirectory ? O_DIRECTORY : 0
                return try Self.open(name, in: self.current, flags: flags | O_NOFOLLOW | directory, mode: mode)
            }
            guard self.entered.count < Self.depthLimit else { throw FileError(.nameTooLong) }
            // A link that has just come in its place fails here: it is no directory.
            self.entered.append(
                try Self.open(name, in: self.current, flags: PathResolver.lookup | O_DIRECTORY | O_NOFOLLOW, mode: 0))
        }
        // The path ended in `.` or `..`: a directory that is open already.
        return try Self.open(".", in: self.current, flags: flags & ~(O_CREAT | O_EXCL), mode: 0)
    }

    mutating func close() {
        for descriptor in self.entered { closeDescriptor(descriptor) }
        self.entered = []
    }

    private static func open(
        _ name: String, in directory: Int32, flags: Int32, mode: mode_t
    ) throws(FileError) -> Int32 {
        while true {
            let descriptor = openat(directory, name, flags | O_CLOEXEC, mode)
            if descriptor >= 0 { return descriptor }
            if errno != EINTR { throw .last }
        }
    }

    /// Whether the path says by a slash or dot at its end that it leads to a directory.
    private static func namesDirectory(_ path: String) -> Bool {
        path == "." || path.hasSuffix("/") || path.hasSuffix("/.")
    }

    /// The components, last first, without empty ones and dots.
    private static func components(of path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).reversed().map { String(decoding: $0, as: UTF8.self) }
            .filter { $0 != "." }
    }
}
