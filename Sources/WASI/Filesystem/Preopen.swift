#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A directory of the host that guests of a component see: opened once, shared by all its instances.
package final class Preopen: Sendable {
    /// The path that the guest knows it by.
    package let guestPath: String
    /// Whether guests may change anything in it.
    package let isWritable: Bool
    let descriptor: Int32

    /// Opens the directory at `hostPath`.
    ///
    /// - Throws: ``PreopenError`` when it cannot be opened or is no directory.
    package init(hostPath: String, guestPath: String, isWritable: Bool) throws(PreopenError) {
        let descriptor = open(hostPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw PreopenError(hostPath: hostPath, guestPath: guestPath, reason: String(cString: strerror(errno)))
        }
        self.guestPath = guestPath
        self.isWritable = isWritable
        self.descriptor = descriptor
    }

    deinit {
        closeDescriptor(self.descriptor)
    }
}

/// A directory that cannot be given to a guest.
package struct PreopenError: Error, CustomStringConvertible {
    package let hostPath: String
    package let guestPath: String
    package let reason: String

    package var description: String {
        "cannot open the directory \(self.hostPath), which the component sees as \(self.guestPath): \(self.reason)"
    }
}
