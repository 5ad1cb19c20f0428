/// What a file is, by its first eight bytes.
package enum WasmKind: Hashable, Sendable {
    case component
    case coreModule
    case notWasm

    package static let magic: [UInt8] = [0x00, 0x61, 0x73, 0x6d]
    static let coreModulePreamble: [UInt8] = WasmKind.magic + [0x01, 0x00, 0x00, 0x00]
    static let componentPreamble: [UInt8] = WasmKind.magic + [0x0d, 0x00, 0x01, 0x00]

    package static func of(_ bytes: UnsafeRawBufferPointer) -> WasmKind {
        var reader = ByteReader(bytes)
        if reader.skipIfMatches(WasmKind.componentPreamble) { return .component }
        return reader.skipIfMatches(WasmKind.coreModulePreamble) ? .coreModule : .notWasm
    }
}
