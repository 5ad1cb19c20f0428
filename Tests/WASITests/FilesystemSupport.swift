import ComponentModel
import Glibc
import WASI

/// A directory that a test may fill, with a secret beside it that no guest may reach; removes itself.
///
/// `mount/` is what guests see, `outside/secret` is not.
final class Sandbox {
    let root: String
    /// Made where it is first used: its event loop stays on that thread.
    private(set) lazy var host = TestHost()

    init() throws {
        var template = Array("/tmp/swirl-wasi-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template) else { throw FileError.last }
        self.root = String(cString: path)
        for directory in ["mount", "mount/dir", "mount/dir/deep", "outside"] {
            mkdir(self.root + "/" + directory, 0o755)
        }
        self.put("secret", at: "outside/secret")
        self.put("file", at: "mount/file")
        self.put("inner", at: "mount/dir/inner")
    }

    deinit {
        Self.remove(self.root)
    }

    private static func remove(_ path: String) {
        if let listing = opendir(path) {
            while let entry = readdir(listing) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name == "." || name == ".." { continue }
                let child = path + "/" + name
                if unlink(child) != 0 { self.remove(child) }
            }
            closedir(listing)
        }
        rmdir(path)
    }

    func put(_ text: String, at path: String) {
        guard let file = fopen(self.root + "/" + path, "w") else { return }
        fputs(text, file)
        fclose(file)
    }

    func link(_ target: String, at path: String) {
        symlink(target, self.root + "/" + path)
    }

    /// The text of the file at `path`; `nil` when there is none.
    func text(at path: String) -> String? {
        guard let file = fopen(self.root + "/" + path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a directory holds, sorted.
    func names(in path: String) -> [String] {
        guard let listing = opendir(self.root + "/" + path) else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(self.root + "/" + path, &status) == 0
    }

    /// A guest's descriptor of `mount/`.
    func mount(
        _ directory: String = "mount", isWritable: Bool = true, usesKernel: Bool = true
    ) throws -> DescriptorResource {
        let preopen = try Preopen(hostPath: self.root + "/" + directory, guestPath: "/", isWritable: isWritable)
        return DescriptorResource(
            preopen: preopen, budget: self.host.context.budget, usesKernelResolution: usesKernel)
    }

    func open(
        _ path: String, in directory: DescriptorResource, follow: Bool = true,
        _ openFlags: WasiFilesystemTypes.OpenFlags = [], _ flags: WasiFilesystemTypes.DescriptorFlags = .read
    ) throws -> WITResult<DescriptorResource, WasiFilesystemTypes.ErrorCode> {
        try self.host.call { call throws in
            try directory.openAt(
                pathFlags: follow ? .symlinkFollow : [], path: path, openFlags: openFlags, flags: flags, in: call)
        }
    }

    /// The text of a file as the guest reads it, or why it cannot.
    func read(
        _ path: String, in directory: DescriptorResource
    ) throws -> WITResult<String, WasiFilesystemTypes.ErrorCode> {
        switch try self.open(path, in: directory) {
        case .error(let code): return .error(code)
        case .ok(let file):
            return try self.host.call { call throws in
                try file.read(length: 1000, offset: 0, in: call).map { $0.0.text }
            }
        }
    }
}
