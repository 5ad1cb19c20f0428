#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Files of a folder that nobody but the user of this process can write to.
struct CacheDirectory: Sendable {
    struct Entry {
        let name: String
        let size: Int
        /// Time of last use, in nanoseconds since 1970.
        let lastUse: Int
    }

    let path: String

    /// Makes the folder where it is missing, and checks that no one else can put files in it.
    func prepare() throws(CacheFailure) {
        var ancestor = ""
        for component in self.path.split(separator: "/", omittingEmptySubsequences: false) {
            ancestor += ancestor.isEmpty && component.isEmpty ? "" : component
            if !ancestor.isEmpty {
                mkdir(ancestor, 0o700)
            }
            ancestor += "/"
        }
        var status = stat()
        guard lstat(self.path, &status) == 0 else {
            throw CacheFailure("\(self.path) cannot be made: \(Platform.lastErrorText)")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw CacheFailure("\(self.path) is not a folder")
        }
        try Self.checkOwner(status, of: self.path)
    }

    /// The files whose names end in `suffix`.
    func entries(suffix: String) -> [Entry] {
        guard let directory = opendir(self.path) else {
            return []
        }
        defer { closedir(directory) }
        var entries: [Entry] = []
        while let item = readdir(directory) {
            let name = withUnsafeBytes(of: &item.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            var status = stat()
            guard name.hasSuffix(suffix), lstat(self.file(name), &status) == 0, status.st_mode & S_IFMT == S_IFREG
            else {
                continue
            }
            #if canImport(Darwin)
            let time = status.st_mtimespec
            #else
            let time = status.st_mtim
            #endif
            let lastUse = time.tv_sec.multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ time.tv_nsec
            entries.append(Entry(name: name, size: Int(status.st_size), lastUse: lastUse))
        }
        return entries
    }

    func file(_ name: String) -> String {
        "\(self.path)/\(name)"
    }

    /// Whether the file is gone: another process may have removed it.
    @discardableResult
    func remove(_ name: String) -> Bool {
        unlink(self.file(name)) == 0 || errno == ENOENT
    }

    /// Marks a file as used now.
    func touch(_ name: String) {
        utimensat(AT_FDCWD, self.file(name), nil, 0)
    }

    /// Maps a file that only its owner, this user, can write to.
    func withBytes<T>(of name: String, _ body: (UnsafeRawBufferPointer) -> T) throws(CacheFailure) -> T {
        let descriptor = open(self.file(name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw CacheFailure("\(self.file(name)) cannot be opened: \(Platform.lastErrorText)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
            throw CacheFailure("\(self.file(name)) is not a file with content")
        }
        try Self.checkOwner(status, of: self.file(name))
        let size = Int(status.st_size)
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw CacheFailure("\(self.file(name)) cannot be mapped: \(Platform.lastErrorText)")
        }
        defer { munmap(start, size) }
        return body(UnsafeRawBufferPointer(start: start, count: size))
    }

    /// Publishes a file whole: others see nothing of it before all of it.
    func write(_ bytes: [UInt8], name: String) throws(CacheFailure) {
        let temporary = self.file("\(UInt64.random(in: 0 ... .max)).\(getpid()).tmp")
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw CacheFailure("\(self.path) is not writable: \(Platform.lastErrorText)")
        }
        var offset = 0
        var problem: String?
        while offset < bytes.count, problem == nil {
            let count = bytes.withUnsafeBytes { buffer in
                Platform.write(descriptor, UnsafeRawBufferPointer(rebasing: buffer[offset...]))
            }
            if count > 0 {
                offset += count
            } else if count == 0 || errno != EINTR {
                problem = Platform.lastErrorText
            }
        }
        if close(descriptor) != 0, problem == nil {
            problem = Platform.lastErrorText
        }
        if problem == nil, rename(temporary, self.file(name)) != 0 {
            problem = Platform.lastErrorText
        }
        if let problem {
            unlink(temporary)
            throw CacheFailure("\(self.file(name)) cannot be written: \(problem)")
        }
    }

    private static func checkOwner(_ status: stat, of path: String) throws(CacheFailure) {
        guard status.st_uid == geteuid() else {
            throw CacheFailure("\(path) belongs to another user")
        }
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw CacheFailure("\(path) is writable by others")
        }
    }
}

/// Why the cache was not used. Never a reason to fail: the module is compiled instead.
struct CacheFailure: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
