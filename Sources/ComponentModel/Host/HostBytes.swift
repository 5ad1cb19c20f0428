/// Bytes that a host function returns as `list<u8>`: copied once, straight into the guest's memory.
package protocol HostBytes {
    /// How many bytes there are.
    var byteCount: Int { get }

    /// Copies all `byteCount` bytes to `destination`, which has room for them.
    func copyBytes(to destination: UnsafeMutableRawPointer)
}

extension [UInt8]: HostBytes {
    package var byteCount: Int { self.count }

    package func copyBytes(to destination: UnsafeMutableRawPointer) {
        self.withUnsafeBytes { source in
            if let base = source.baseAddress { destination.copyMemory(from: base, byteCount: source.count) }
        }
    }
}

/// A `list<u8>` that a guest passed: a view of its linear memory, nothing copied.
///
/// Valid until the host function suspends, calls the guest (its realloc included) or returns. Do not store it.
package struct GuestBytes {
    package let bytes: UnsafeRawBufferPointer

    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// How many bytes there are.
    package var count: Int { self.bytes.count }

    /// A copy that may be kept.
    package func copied() -> [UInt8] { [UInt8](self.bytes) }
}
