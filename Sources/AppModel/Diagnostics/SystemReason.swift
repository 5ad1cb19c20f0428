#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension Error {
    /// What the system said, in its words, without Foundation's wrapping where it has some.
    package var shortReason: String {
        guard let error = self as? CocoaError else { return "\(self)" }
        if let reason = error.underlying as? POSIXError { return String(cString: strerror(reason.code.rawValue)) }
        return "\(error.code)"
    }
}
