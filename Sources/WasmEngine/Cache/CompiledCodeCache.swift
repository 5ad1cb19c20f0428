import CWasmtime
import Crypto

/// Compiled code on disk: what takes seconds to compile takes milliseconds to load.
///
/// Compiled code runs outside of the sandbox, so nothing is loaded that this user did not store: the folder and its
/// files are writable by the user alone, and a file's name holds the digests of the module and of its own content. One
/// rename publishes both, so that any number of threads and processes can share a folder.
package final class CompiledCodeCache: Sendable {
    /// Where a module came from.
    package enum Outcome: Sendable, Hashable {
        case hit
        case compiled
        /// The folder cannot be used; the reason is for the log.
        case compiledNotStored(reason: String)
    }

    private static let suffix = ".cwasm"
    /// Unfinished files that are older than this, in nanoseconds, are of processes that died.
    private static let abandonedAge = 3_600_000_000_000

    private let directory: CacheDirectory
    private let maximumBytes: Int

    /// A cache in a folder, which is made when the first module is stored, of at most so many bytes.
    package init(directory: String, maximumBytes: Int = 4 << 30) {
        self.directory = CacheDirectory(path: directory)
        self.maximumBytes = maximumBytes
    }

    /// The module compiled before, or now.
    package func module(
        for wasm: UnsafeRawBufferPointer, engine: Engine
    ) throws(EngineError) -> (Module, Outcome) {
        let key = "\(Hexadecimal.text(SHA256.hash(bytes: wasm)))-\(engine.fingerprint)"
        let problem: String?
        do throws(CacheFailure) {
            try self.directory.prepare()
            if let module = self.load(key, wasm: wasm, engine: engine) {
                return (module, .hit)
            }
            problem = nil
        } catch {
            problem = error.reason
        }
        let module = try engine.compile(wasm)
        if let problem {
            return (module, .compiledNotStored(reason: problem))
        }
        let artifact = try module.serialize()
        guard artifact.count <= self.maximumBytes else {
            return (module, .compiledNotStored(reason: "the module is larger than the whole cache may be"))
        }
        do throws(CacheFailure) {
            let name = artifact.withUnsafeBytes { "\(key).\(Hexadecimal.text(SHA256.hash(bytes: $0)))\(Self.suffix)" }
            try self.directory.write(artifact, name: name)
            self.evict(sparing: name)
            return (module, .compiled)
        } catch {
            return (module, .compiledNotStored(reason: error.reason))
        }
    }

    /// Removes everything. Modules that are loaded stay so.
    package func clean() throws(EngineError) -> (entries: Int, bytes: Int) {
        var bytes = 0
        let entries = self.directory.entries(suffix: Self.suffix)
        for entry in entries + self.directory.entries(suffix: ".tmp") {
            guard self.directory.remove(entry.name) else {
                throw EngineError(
                    .other, "\(self.directory.file(entry.name)) cannot be removed: \(Platform.lastErrorText)")
            }
        }
        for entry in entries {
            bytes += entry.size
        }
        return (entries.count, bytes)
    }

    /// The first entry of the key whose content is what its name says; others of the key are removed.
    private func load(_ key: String, wasm: UnsafeRawBufferPointer, engine: Engine) -> Module? {
        for entry in self.directory.entries(suffix: Self.suffix) where entry.name.hasPrefix("\(key).") {
            let digest = entry.name.dropFirst(key.utf8.count + 1).dropLast(Self.suffix.utf8.count)
            let isIntact = try? self.directory.withBytes(of: entry.name) { bytes in
                Hexadecimal.text(SHA256.hash(bytes: bytes)) == digest
            }
            if isIntact == true, let module = self.deserialize(entry.name, wasm: wasm, engine: engine) {
                self.directory.touch(entry.name)
                return module
            }
            self.directory.remove(entry.name)
        }
        return nil
    }

    private func deserialize(_ name: String, wasm: UnsafeRawBufferPointer, engine: Engine) -> Module? {
        var module: OpaquePointer?
        if let error = wasmtime_module_deserialize_file(engine.pointer, self.directory.file(name), &module) {
            wasmtime_error_delete(error)
            return nil
        }
        return module.map { Module(taking: $0, hasStart: ModuleBinary.hasStart(wasm)) }
    }

    /// Removes what was not used for longest until the rest fits, and what dead processes left.
    private func evict(sparing name: String) {
        var entries = self.directory.entries(suffix: Self.suffix)
        var total = entries.reduce(0) { $0 + $1.size }
        let now = entries.map(\.lastUse).max() ?? 0
        if total > self.maximumBytes {
            entries.sort { $0.lastUse < $1.lastUse }
            for entry in entries where entry.name != name && total > self.maximumBytes {
                self.directory.remove(entry.name)
                total -= entry.size
            }
        }
        for entry in self.directory.entries(suffix: ".tmp") where now - entry.lastUse > Self.abandonedAge {
            self.directory.remove(entry.name)
        }
    }
}

extension SHA256 {
    /// The digest of bytes that are not copied.
    fileprivate static func hash(bytes: UnsafeRawBufferPointer) -> SHA256Digest {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return hash.finalize()
    }
}
