import ComponentModel
package import NIOCore

extension ByteBuffer: HostBytes {
    package var byteCount: Int { self.readableBytes }

    package func copyBytes(to destination: UnsafeMutableRawPointer) {
        self.withUnsafeReadableBytes { source in
            if let base = source.baseAddress { destination.copyMemory(from: base, byteCount: source.count) }
        }
    }
}
