import ComponentModel
import WasmEngine

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The bytes of a component's file. Read, not mapped: a file that a build truncates meanwhile must not kill the
/// server.
final class ComponentFile {
    let path: String
    let bytes: UnsafeRawBufferPointer
    private let storage: UnsafeMutableRawBufferPointer

    /// The largest file, in bytes; also that of a component with its dependencies.
    static let sizeLimit = 1 << 30

    init(path: String, component: String, assembler: TextAssembler) throws {
        self.path = path
        var storage = try Self.read(path, component: component)
        if path.hasSuffix(".wat") {
            let text = storage
            defer { text.deallocate() }
            do {
                let binary = try assembler.assemble(UnsafeRawBufferPointer(text), path: path)
                storage = .allocate(byteCount: binary.count, alignment: 16)
                storage.copyBytes(from: binary)
            } catch {
                // The assembler knows only the text.
                let message = error.description.replacing("<anon>", with: path)
                throw ComponentLoadError(component: component, path: path, message)
            }
        }
        self.storage = storage
        self.bytes = UnsafeRawBufferPointer(storage)
    }

    deinit {
        self.storage.deallocate()
    }

    /// Why the file is no component; nil when it begins as one.
    var problem: String? {
        switch WasmKind.of(self.bytes) {
        case .component: nil
        case .coreModule:
            "it is a core WebAssembly module that does not say which world it was made for: neither a component nor a "
                + "module of an earlier SDK. Build it as a component (for instance with `wasm-tools component new`), or, if "
                + "it is a CGI program, set `executor = { type = \"wagi\" }` on its trigger"
        case .notWasm:
            if self.bytes.isEmpty {
                "the file is empty"
            } else if self.bytes.starts(with: WasmKind.magic), self.bytes.count >= 8 {
                "it is WebAssembly of another version (\(self.bytes[4..<8].map { String($0, radix: 16) }.joined(separator: " "))), "
                    + "neither a component nor a module that this version reads: build it with current tools"
            } else {
                "it is not WebAssembly: it does not begin with \\0asm"
            }
        }
    }

    private static func read(_ path: String, component: String) throws -> UnsafeMutableRawBufferPointer {
        func failure() -> ComponentLoadError {
            ComponentLoadError(component: component, path: path, String(cString: strerror(errno)))
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure() }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure() }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ComponentLoadError(component: component, path: path, "it is not a file")
        }
        guard status.st_size <= Self.sizeLimit else {
            throw ComponentLoadError(component: component, path: path, "it is larger than 1 GiB")
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(status.st_size), alignment: 16)
        var filled = 0
        while filled < buffer.count {
            let count = readBytes(file, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let error =
                    count < 0
                    ? failure()
                    : ComponentLoadError(
                        component: component, path: path, "it was cut short while it was read")
                buffer.deallocate()
                throw error
            }
            filled += count
        }
        return buffer
    }
}

/// `read(2)`, under a name that no method hides.
func readBytes(_ file: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(file, buffer, count)
}
