import CWasmtime

/// The part of a compiled module that names the version, target, processor features and settings it was compiled for.
///
/// Compiled code is an ELF file; its section `.wasmtime.engine` holds a format byte, the length of the version, the
/// version, then the settings (crates/wasmtime/src/engine/serialization.rs). The library has no function that tells its
/// version, but it puts it there.
package enum ArtifactMetadata {
    private static let sectionName = Array(".wasmtime.engine".utf8)

    /// The bytes of the section, or nil when `artifact` is not compiled code.
    package static func section(of artifact: [UInt8]) -> ArraySlice<UInt8>? {
        guard artifact.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]),
            let headers = Self.integer(artifact, at: 0x28, size: 8),
            let headerSize = Self.integer(artifact, at: 0x3A, size: 2),
            let headerCount = Self.integer(artifact, at: 0x3C, size: 2),
            let namesIndex = Self.integer(artifact, at: 0x3E, size: 2),
            let names = Self.range(artifact, header: headers + namesIndex * headerSize)
        else {
            return nil
        }
        for index in 0..<headerCount {
            let header = headers + index * headerSize
            guard let nameOffset = Self.integer(artifact, at: header, size: 4),
                let range = Self.range(artifact, header: header)
            else {
                return nil
            }
            let start = names.lowerBound + nameOffset
            guard start < names.upperBound else {
                return nil
            }
            let name = artifact[start..<names.upperBound].prefix { $0 != 0 }
            if name.elementsEqual(Self.sectionName) {
                return artifact[range]
            }
        }
        return nil
    }

    /// The version in a section's bytes.
    package static func version(in section: ArraySlice<UInt8>) -> String? {
        guard section.count >= 2, section.first == 0 else {
            return nil
        }
        let length = Int(section[section.startIndex + 1])
        let version = section.dropFirst(2).prefix(length)
        return version.count == length ? String(decoding: version, as: UTF8.self) : nil
    }

    /// Compiles an empty module with the library's own settings and reads the version out of it.
    static func versionOfLoadedLibrary(path: String) throws(LibraryError) -> String {
        let engine = wasm_engine_new_with_config(wasm_config_new())
        defer { wasm_engine_delete(engine) }
        let emptyModule: [UInt8] = [0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00]
        var module: OpaquePointer?
        if let error = wasmtime_module_new(engine, emptyModule, emptyModule.count, &module) {
            throw LibraryError(.wrongVersion, "\(path) does not work: \(CError.takeLine(error))")
        }
        guard let module else {
            throw LibraryError(.wrongVersion, "\(path) does not work: it compiles nothing")
        }
        defer { wasmtime_module_delete(module) }
        guard let artifact = try? CError.bytes({ wasmtime_module_serialize(module, $0) }),
            let section = Self.section(of: artifact), let version = Self.version(in: section)
        else {
            throw LibraryError(.wrongVersion, "\(path) has a form of compiled code that is not known")
        }
        return version
    }

    /// A little-endian integer below 2^47, so that sums of a few of them cannot overflow.
    private static func integer(_ bytes: [UInt8], at offset: Int, size: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - size else {
            return nil
        }
        var value: UInt64 = 0
        for index in (0..<size).reversed() {
            value = value << 8 | UInt64(bytes[offset + index])
        }
        return value < 1 << 47 ? Int(value) : nil
    }

    private static func range(_ bytes: [UInt8], header: Int) -> Range<Int>? {
        guard let offset = Self.integer(bytes, at: header + 0x18, size: 8),
            let size = Self.integer(bytes, at: header + 0x20, size: 8), offset + size <= bytes.count
        else {
            return nil
        }
        return offset..<offset + size
    }
}
