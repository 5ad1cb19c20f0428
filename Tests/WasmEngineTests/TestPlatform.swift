#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

#if os(Linux)
/// `ulimit -v` of the running process.
func setAddressSpaceLimit(gibibytes: Int) {
    var limit = rlimit(rlim_cur: UInt(gibibytes) << 30, rlim_max: UInt(gibibytes) << 30)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
}
#endif

/// A folder for one test, removed with this object.
final class TemporaryFolder {
    let path: String

    init() {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        self.path = "\(base)/swirl-test-\(UInt64.random(in: 0 ... .max))"
        mkdir(self.path, 0o700)
    }

    deinit {
        chmod(self.path, 0o700)
        for name in self.names {
            unlink("\(self.path)/\(name)")
        }
        rmdir(self.path)
    }

    var names: [String] {
        guard let directory = opendir(self.path) else {
            return []
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let item = readdir(directory) {
            let name = withUnsafeBytes(of: &item.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." {
                names.append(name)
            }
        }
        return names.sorted()
    }

    func write(_ name: String, _ bytes: [UInt8]) {
        let descriptor = open("\(self.path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        _ = bytes.withUnsafeBytes { unistdWrite(descriptor, $0) }
        close(descriptor)
    }

    func read(_ name: String) -> [UInt8] {
        let descriptor = open("\(self.path)/\(name)", O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let size = unistdRead(descriptor, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, size)))
    }

    func setMode(_ name: String, _ mode: mode_t) {
        chmod(name.isEmpty ? self.path : "\(self.path)/\(name)", mode)
    }

    func setLastUse(_ name: String, seconds: Int) {
        var times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        utimensat(AT_FDCWD, "\(self.path)/\(name)", &times, 0)
    }
}

private func unistdWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}

private func unistdRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, bytes, count)
}

var isRoot: Bool {
    geteuid() == 0
}
