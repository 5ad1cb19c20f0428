#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The few things about paths that loading needs: pure text where it can be, one system call where not.
package enum Paths {
    package enum Kind: Sendable, Hashable {
        case none
        case file
        case directory
        case other
    }

    package static func join(_ directory: String, _ name: String) -> String {
        if name.hasPrefix("/") { return name }
        return directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }

    /// Makes a path absolute and removes `.` and `..`, without looking at the file system.
    package static func absolute(_ path: String, in directory: String) -> String {
        var parts: [Substring] = []
        for part in Self.join(directory, path).split(separator: "/") {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }

    package static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    package static func lastComponent(_ path: String) -> String {
        String(path.split(separator: "/").last ?? "")
    }

    /// What stands at a path; symbolic links are followed.
    package static func kind(_ path: String) -> Kind {
        var info = stat()
        guard stat(path, &info) == 0 else { return .none }
        switch info.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    package enum Entry: Sendable, Hashable {
        case none
        case directory
        /// With its size in bytes.
        case other(size: Int)
    }

    /// What stands at a path, a symbolic link being one itself.
    package static func entry(_ path: String) -> Entry {
        var info = stat()
        guard lstat(path, &info) == 0 else { return .none }
        return info.st_mode & S_IFMT == S_IFDIR ? .directory : .other(size: Int(info.st_size))
    }

    /// The path without symbolic links, or nil when nothing stands there.
    package static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Whether `path` is `directory` or lies under it; both absolute and without symbolic links.
    package static func contains(_ directory: String, _ path: String) -> Bool {
        path == directory || path.hasPrefix(directory.hasSuffix("/") ? directory : directory + "/")
    }

    /// The names in a directory, sorted; nil when it cannot be read.
    package static func names(in directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    struct WriteError: Error {}

    /// Replaces a file, which nobody but its user can read at any time.
    static func writePrivately(_ bytes: [UInt8], to path: String) throws(WriteError) {
        var template = Array((path + ".XXXXXX").utf8CString)
        // Made with the mode 0600.
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw WriteError() }
        let partial = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0) }
        close(descriptor)
        guard count == bytes.count, rename(partial, path) == 0 else {
            unlink(partial)
            throw WriteError()
        }
    }

    /// The reason of the last failed system call, for a message.
    package static var lastError: String { String(cString: strerror(errno)) }
}
