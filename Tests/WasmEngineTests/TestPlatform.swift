import Foundation
import TestSupport

#if os(Linux)
/// `ulimit -v` of the running process.
func setAddressSpaceLimit(gibibytes: Int) {
    var limit = rlimit(rlim_cur: UInt(gibibytes) << 30, rlim_max: UInt(gibibytes) << 30)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
}
#endif

extension TemporaryFolder {
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: self.path)) ?? []).sorted()
    }

    /// - Parameter name: of a file; empty for the folder itself.
    func setMode(_ name: String, _ mode: mode_t) {
        chmod(self.file(name), mode)
    }

    func setLastUse(_ name: String, seconds: Int) {
        var times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        utimensat(AT_FDCWD, self.file(name), &times, 0)
    }
}

var isRoot: Bool {
    geteuid() == 0
}
