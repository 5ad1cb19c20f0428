import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where the output of one component goes: its two log files and, when it is followed, the console.
///
/// One for each component, shared by all threads; each invocation writes through a ``ComponentLogStream`` of its own.
/// The files stay open, so that load does not eat file descriptors.
package final class ComponentLog: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case stdout
        case stderr
    }

    /// Why a log file cannot be written.
    package struct OpenError: Error, Hashable, CustomStringConvertible {
        package var path: String
        package var reason: String

        package var description: String {
            "cannot open the log file `\(self.path)`: \(self.reason)\n"
                + "  hint: choose another directory with --log-dir, or pass --log-dir \"\" to write none"
        }
    }

    private final class File: Sendable {
        let path: String
        let descriptor: Int32
        let hasFailed = Atomic(false)

        init(_ path: String, truncates: Bool) throws(OpenError) {
            self.path = path
            let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | (truncates ? O_TRUNC : 0)
            self.descriptor = open(path, flags, 0o644)
            guard self.descriptor >= 0 else {
                throw OpenError(path: path, reason: String(cString: strerror(errno)))
            }
        }

        deinit {
            close(self.descriptor)
        }
    }

    package let component: String
    private let console: Console
    private let isFollowed: Bool
    private let stdout: File?
    private let stderr: File?

    /// - Parameters:
    ///   - directory: must exist; nil writes no files.
    ///   - isFollowed: whether the output is shown on the console as well.
    ///   - truncates: log files of former runs are emptied.
    package init(
        component: String, directory: String?, isFollowed: Bool, console: Console, truncates: Bool = false
    ) throws(OpenError) {
        self.component = component
        self.console = console
        self.isFollowed = isFollowed
        self.stdout = try directory.map { directory throws(OpenError) in
            try File(Self.path(component: component, kind: .stdout, directory: directory), truncates: truncates)
        }
        self.stderr = try directory.map { directory throws(OpenError) in
            try File(Self.path(component: component, kind: .stderr, directory: directory), truncates: truncates)
        }
    }

    /// One log for each component that a trigger calls. Makes the directory.
    package static func openAll(
        for app: LockedApp, options: TriggerOptions, console: Console
    ) throws(OpenError) -> [String: ComponentLog] {
        if let directory = options.logDirectory { try Self.makeDirectory(directory) }
        var logs: [String: ComponentLog] = [:]
        for component in app.reachableComponents {
            logs[component.id] = try ComponentLog(
                component: component.id, directory: options.logDirectory,
                isFollowed: options.follow.contains(component.id), console: console,
                truncates: options.truncatesLogs)
        }
        return logs
    }

    /// `<directory>/<component>_stdout.txt`, without anything in the id that means something in a path.
    package static func path(component: String, kind: Kind, directory: String) -> String {
        var name = ""
        for scalar in component.unicodeScalars
        where scalar.value >= 0x20 && scalar.value != 0x7F && !"/\\?<>:*|\"".unicodeScalars.contains(scalar) {
            // File names are limited to 255 bytes.
            guard name.utf8.count < 200 else { break }
            name.unicodeScalars.append(scalar)
        }
        while name.hasSuffix(".") || name.hasSuffix(" ") { name.removeLast() }
        if name.isEmpty { name = "_" }
        return "\(directory)/\(name)_\(kind.rawValue).txt"
    }

    /// A writer for one invocation.
    package func stream(_ kind: Kind) -> ComponentLogStream {
        ComponentLogStream(log: self, kind: kind)
    }

    var isShown: Bool { self.isFollowed }

    func append(_ bytes: UnsafeRawBufferPointer, to kind: Kind) {
        guard let file = kind == .stdout ? self.stdout : self.stderr else { return }
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = write(file.descriptor, part.baseAddress, part.count)
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                let reason = String(cString: strerror(errno))
                // Told once: a full disk fails each write, and the console would drown.
                if !file.hasFailed.exchange(true, ordering: .relaxed) {
                    self.console.write(
                        "Warning: cannot write the log file `\(file.path)`: \(reason). Output is being lost.")
                }
                return
            }
        }
    }

    func show(_ line: UnsafeRawBufferPointer) {
        self.console.write(label: self.component, line: line)
    }

    private static func makeDirectory(_ path: String) throws(OpenError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            guard mkdir(made, 0o755) != 0, errno != EEXIST else { continue }
            var info = stat()
            guard stat(made, &info) != 0 else { continue }
            throw OpenError(path: path, reason: String(cString: strerror(errno)))
        }
    }
}

/// One output stream of one invocation. Confined to the thread of the invocation; call ``finish()`` at its end.
package final class ComponentLogStream {
    /// Longer lines are shown in pieces, so that a guest cannot fill the host's memory.
    private static let longestLine = 8192

    private let log: ComponentLog
    private let kind: ComponentLog.Kind
    /// The beginning of a line whose end has not come yet.
    private var partial: [UInt8] = []

    init(log: ComponentLog, kind: ComponentLog.Kind) {
        self.log = log
        self.kind = kind
    }

    /// Takes what a guest wrote: one `write` to the file, and its complete lines to the console.
    package func write(_ bytes: UnsafeRawBufferPointer) {
        self.log.append(bytes, to: self.kind)
        guard self.log.isShown else { return }
        var rest = bytes[...]
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest[rest.startIndex..<newline]
            rest = rest[(newline + 1)...]
            if self.partial.isEmpty {
                self.show(line)
            } else {
                self.keep(line)
                self.showPartial()
            }
        }
        self.keep(rest)
    }

    /// Shows what has come of an unfinished line.
    package func finish() {
        if !self.partial.isEmpty { self.showPartial() }
    }

    private func keep(_ bytes: Slice<UnsafeRawBufferPointer>) {
        var rest = bytes
        while !rest.isEmpty {
            if self.partial.count >= Self.longestLine { self.showPartial() }
            let piece = rest.prefix(Self.longestLine - self.partial.count)
            self.partial.append(contentsOf: piece)
            rest = rest.dropFirst(piece.count)
        }
    }

    private func showPartial() {
        self.partial.withUnsafeBytes { self.show($0[...]) }
        self.partial.removeAll(keepingCapacity: true)
    }

    private func show(_ line: Slice<UnsafeRawBufferPointer>) {
        var rest = line
        // `\r\n` is a line end, too.
        if rest.last == UInt8(ascii: "\r") { rest = rest.dropLast() }
        repeat {
            let piece = rest.prefix(Self.longestLine)
            self.log.show(UnsafeRawBufferPointer(rebasing: piece))
            rest = rest.dropFirst(piece.count)
        } while !rest.isEmpty
    }
}
