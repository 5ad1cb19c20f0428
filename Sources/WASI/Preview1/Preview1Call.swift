import CWasmtime
package import ComponentModel
package import WasmEngine

/// One call of a preview 1 function: its arguments, its guest.
package struct Preview1Call: ~Copyable, SuspendableCall {
    /// Which of the two versions of the interface was imported: they differ in some layouts.
    package enum Version: Sendable, Hashable {
        /// `wasi_snapshot_preview1`.
        case snapshot1
        /// `wasi_unstable`.
        case unstable
    }

    private let values: UnsafePointer<RawValue>
    private let caller: OpaquePointer?
    let guest: Preview1Guest
    let version: Version

    package init(
        values: UnsafePointer<RawValue>, caller: OpaquePointer?, guest: Preview1Guest, version: Version = .snapshot1
    ) {
        self.values = values
        self.caller = caller
        self.guest = guest
        self.version = version
    }

    // Indices are those of the function's type, which was compared with the import's at load.
    func u32(_ index: Int) -> UInt32 { UInt32(bitPattern: self.values[index].i32) }
    func u64(_ index: Int) -> UInt64 { UInt64(bitPattern: self.values[index].i64) }
    func s64(_ index: Int) -> Int64 { self.values[index].i64 }

    /// A value of 16 bits.
    func u16(_ index: Int) throws(Errno) -> UInt16 {
        guard let value = UInt16(exactly: self.u32(index)) else { throw .invalid }
        return value
    }

    var context: WASIContext { self.guest.context }

    func memory() throws -> Preview1Memory { try self.guest.memory(of: self.caller) }

    /// The path that two arguments point to.
    func path(_ index: Int) throws -> String {
        try self.memory().string(self.u32(index), self.u32(index + 1))
    }

    // MARK: Waiting

    package func wait() throws { try self.guest.wait() }

    package var waker: Waker { self.guest.waker }

    /// What an operation on files gives: the guest waits, and its memory stays where it is.
    func done<Value>(_ answer: FileAnswer<Value>) throws -> Value { try self.wait(for: answer).get() }

    // MARK: Descriptors

    func entry(_ index: Int) throws(Errno) -> FileTable.Entry { try self.guest.files[self.u32(index)] }

    /// The regular file of a descriptor; `isdir` or `badf` for anything else.
    func file(_ index: Int) throws(Errno) -> (FileTable.Entry, DescriptorResource) {
        let entry = try self.entry(index)
        switch entry.kind {
        case .file(let file): return (entry, file)
        case .directory, .input, .output: throw .badDescriptor
        }
    }

    /// The directory of a descriptor; `notdir` for anything else.
    func directory(_ index: Int) throws(Errno) -> DescriptorResource {
        switch try self.entry(index).kind {
        case .directory(let directory, _): return directory
        case .file, .input, .output: throw .notDirectory
        }
    }

    /// What is in the file system behind a descriptor.
    func fileOrDirectory(_ index: Int) throws(Errno) -> DescriptorResource {
        switch try self.entry(index).kind {
        case .file(let file): return file
        case .directory(let directory, _): return directory
        case .input, .output: throw .badDescriptor
        }
    }

    /// `lookupflags`.
    func pathFlags(_ index: Int) throws(Errno) -> WasiFilesystemTypes.PathFlags {
        guard self.u32(index) <= 1 else { throw .invalid }
        return self.u32(index) == 1 ? .symlinkFollow : []
    }
}
