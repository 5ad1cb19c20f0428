#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Platform {
    /// Whether the process can reserve so many bytes of address space now. Nothing stays reserved.
    static func canReserve(_ size: Int) -> Bool {
        #if canImport(Darwin)
        let flags = MAP_PRIVATE | MAP_ANON
        #else
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        #endif
        guard let address = mmap(nil, size, PROT_NONE, flags, -1, 0), address != MAP_FAILED else {
            return false
        }
        munmap(address, size)
        return true
    }
}
