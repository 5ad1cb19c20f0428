#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Ports of loopback that were free a moment ago.
package enum FreePort {
    package struct NoneLeft: Error {}

    package static func take() throws -> UInt16 {
        guard let (descriptor, port) = Loopback.bind() else { throw NoneLeft() }
        close(descriptor)
        return port
    }
}
