import CWasmtime
import ComponentModel
import WASI
import WasmEngine

/// Calls functions of preview 1 without Wasm: 64 KiB of memory and a guest's descriptors.
final class Preview1Host {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    let guest: Preview1Guest
    private let host: TestHost

    /// The last errno that ``call(_:_:)`` gave.
    init(
        preopens: [Preopen] = [], arguments: [String] = [], environment: [(String, String)] = [],
        stdin: (any InputSource)? = nil, stdout: Sink? = nil, limits: WASILimits = WASILimits()
    ) {
        self.host = TestHost(
            configuration: WASIConfiguration(
                environment: environment, arguments: arguments, preopens: preopens, limits: limits),
            stdin: stdin, stdout: stdout)
        self.memory.initializeMemory(as: UInt8.self, repeating: 0)
        self.guest = Preview1Guest(context: self.host.context, memory: self.memory)
    }

    deinit {
        self.memory.deallocate()
    }

    var openFiles: Int { self.host.context.budget.openFiles }

    /// Calls a function; gives its errno.
    @discardableResult
    func call(
        _ name: String, _ arguments: Int64..., version: Preview1Call.Version = .snapshot1
    ) throws -> UInt16 {
        var values = arguments.map { argument in
            var value = RawValue()
            value.i64 = argument
            return value
        }
        values.append(RawValue())
        return try values.withUnsafeMutableBufferPointer {
            try Preview1.call(name, $0, guest: self.guest, version: version)
        }
    }

    // MARK: Memory

    func put(_ text: String, at pointer: Int) {
        for (index, byte) in text.utf8.enumerated() { self.memory[pointer + index] = byte }
    }

    func text(at pointer: Int, _ count: Int) -> String {
        String(decoding: self.memory[pointer..<pointer + count], as: UTF8.self)
    }

    func u32(_ pointer: Int) -> UInt32 { self.memory.loadUnaligned(fromByteOffset: pointer, as: UInt32.self) }
    func u64(_ pointer: Int) -> UInt64 { self.memory.loadUnaligned(fromByteOffset: pointer, as: UInt64.self) }
    func u16(_ pointer: Int) -> UInt16 { self.memory.loadUnaligned(fromByteOffset: pointer, as: UInt16.self) }

    func set(u32 value: UInt32, at pointer: Int) {
        self.memory.storeBytes(of: value, toByteOffset: pointer, as: UInt32.self)
    }
    func set(u64 value: UInt64, at pointer: Int) {
        self.memory.storeBytes(of: value, toByteOffset: pointer, as: UInt64.self)
    }

    // MARK: Calls

    /// Opens a path in the directory of a descriptor: the new number, or the errno.
    func open(
        _ path: String, in directory: Int64 = 3, follow: Bool = true, flags: Int64 = 0, rights: Int64 = 2,
        fileFlags: Int64 = 0
    ) throws -> Result<Int64, Preview1Errno> {
        self.put(path, at: 0x100)
        let errno = try self.call(
            "path_open", directory, follow ? 1 : 0, 0x100, Int64(path.utf8.count), flags, rights, 0, fileFlags, 0x80)
        return errno == 0 ? .success(Int64(self.u32(0x80))) : .failure(Preview1Errno(number: errno))
    }

    /// Calls a function that takes a directory and a path.
    func onPath(_ name: String, _ path: String, in directory: Int64 = 3) throws -> UInt16 {
        self.put(path, at: 0x100)
        return try self.call(name, directory, 0x100, Int64(path.utf8.count))
    }

    /// Calls `path_link` or `path_rename`, with lookup flags for the former.
    func move(
        _ name: String, _ old: String, in oldDirectory: Int64 = 3, to new: String, in newDirectory: Int64 = 3
    ) throws -> UInt16 {
        self.put(old, at: 0x100)
        self.put(new, at: 0x400)
        let (oldCount, newCount) = (Int64(old.utf8.count), Int64(new.utf8.count))
        return name == "path_link"
            ? try self.call(name, oldDirectory, 0, 0x100, oldCount, newDirectory, 0x400, newCount)
            : try self.call(name, oldDirectory, 0x100, oldCount, newDirectory, 0x400, newCount)
    }

    /// Writes text: the errno.
    func write(_ text: String, to number: Int64) throws -> UInt16 {
        self.put(text, at: 0x1000)
        self.set(u32: 0x1000, at: 0x40)
        self.set(u32: UInt32(text.utf8.count), at: 0x44)
        return try self.call("fd_write", number, 0x40, 1, 0x48)
    }

    /// Reads text; `nil` when that fails.
    func read(_ number: Int64, _ count: Int = 100) throws -> String? {
        self.set(u32: 0x1000, at: 0x40)
        self.set(u32: UInt32(count), at: 0x44)
        guard try self.call("fd_read", number, 0x40, 1, 0x48) == 0 else { return nil }
        return self.text(at: 0x1000, Int(self.u32(0x48)))
    }
}

/// An errno as an error.
struct Preview1Errno: Error, Equatable {
    static let badf: UInt16 = 8
    static let exist: UInt16 = 20
    static let inval: UInt16 = 28
    static let isdir: UInt16 = 31
    static let nametoolong: UInt16 = 37
    static let noent: UInt16 = 44
    static let nomem: UInt16 = 48
    static let notdir: UInt16 = 54
    static let notsock: UInt16 = 57
    static let notsup: UInt16 = 58
    static let perm: UInt16 = 63
    static let rofs: UInt16 = 69
    static let spipe: UInt16 = 70

    let number: UInt16
}

extension Sandbox {
    /// A preview 1 guest that sees `mount/` as 3, and `other`, if given, as 4.
    func preview1(
        isWritable: Bool = true, other: (path: String, isWritable: Bool)? = nil, limits: WASILimits = WASILimits()
    ) throws -> Preview1Host {
        var preopens = [try Preopen(hostPath: self.root + "/mount", guestPath: "/", isWritable: isWritable)]
        if let other {
            preopens.append(
                try Preopen(hostPath: self.root + "/" + other.path, guestPath: "/other", isWritable: other.isWritable))
        }
        return Preview1Host(preopens: preopens, limits: limits)
    }
}

extension Result {
    var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
