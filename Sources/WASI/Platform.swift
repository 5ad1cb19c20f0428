import CWASI

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// System calls of WASI that have nothing to do with files.
enum Platform {
    /// Fills `buffer` from the system's cryptographic generator; never fails.
    static func fillRandom(_ buffer: UnsafeMutableRawBufferPointer) {
        guard var next = buffer.baseAddress else { return }
        var left = buffer.count
        while left > 0 {
            let count = swirl_random(next, left)
            if count <= 0 {
                if errno == EINTR { continue }
                break
            }
            next += count
            left -= count
        }
        // Where the call is forbidden: the standard library's generator is the system's too.
        var generator = SystemRandomNumberGenerator()
        while left > 0 {
            let word = generator.next()
            let count = min(left, 8)
            withUnsafeBytes(of: word) { next.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: count) }
            next += count
            left -= count
        }
    }

    /// The time since 1970, without leap seconds.
    static func realTime() -> (seconds: Int64, nanoseconds: UInt32) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return (Int64(time.tv_sec), UInt32(truncatingIfNeeded: time.tv_nsec))
    }

    /// Nanoseconds between two ticks of the wall clock (`realTime`) or the monotonic one.
    static func resolution(realTime: Bool) -> UInt64 {
        var time = timespec()
        clock_getres(realTime ? CLOCK_REALTIME : CLOCK_MONOTONIC, &time)
        return UInt64(max(0, time.tv_sec)) &* 1_000_000_000 &+ UInt64(max(0, time.tv_nsec))
    }
}
