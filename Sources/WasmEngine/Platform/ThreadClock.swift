#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What this thread has done so far, as the system counts it.
package enum ThreadClock {
    /// Its processor time.
    package static var nanoseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// How often it had nothing to do and waited; always 0 where the system does not count that.
    package static var waits: Int {
        #if os(Linux)
        var usage = rusage()
        // RUSAGE_THREAD, which is not imported.
        return getrusage(1, &usage) == 0 ? usage.ru_nvcsw : 0
        #else
        return 0
        #endif
    }
}
