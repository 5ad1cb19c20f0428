import WasmEngine

/// One step of instantiation: make a core instance and take from it the exports that something refers to.
struct InstantiationStep: Sendable {
    enum Source: Sendable {
        /// All imports are host functions: linked at load.
        case linked(PreInstance)
        /// Imports come from slots, in the order in which the module imports them.
        case wired(Module, imports: [Int])
    }

    let source: Source
    let exports: [ExternLookup]
}

/// An export to look up by name, and the slot it fills.
struct ExternLookup: Sendable {
    let slot: Int
    let name: ExportName
}

/// An export's name as the engine wants it: bytes at a fixed address, made once a component.
final class ExportName: Sendable {
    /// Written once, before anybody shares it.
    nonisolated(unsafe) let bytes: UnsafeBufferPointer<CChar>

    init(_ name: String) {
        let utf8 = Array(name.utf8)
        let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: max(1, utf8.count))
        for (index, byte) in utf8.enumerated() { buffer.initializeElement(at: index, to: CChar(bitPattern: byte)) }
        self.bytes = UnsafeBufferPointer(start: buffer.baseAddress, count: utf8.count)
    }

    deinit {
        self.bytes.baseAddress.map { UnsafeMutablePointer(mutating: $0).deallocate() }
    }
}
