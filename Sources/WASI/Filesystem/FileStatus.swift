import CWASI

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The system's file status, whatever module it is in on this platform.
typealias FileStatus = stat

extension FileStatus {
    /// Of the last access, modification and change of the status.
    var times: (access: timespec, modification: timespec, change: timespec) {
        #if canImport(Darwin)
        (self.st_atimespec, self.st_mtimespec, self.st_ctimespec)
        #else
        (self.st_atim, self.st_mtim, self.st_ctim)
        #endif
    }
}

extension WasiFilesystemTypes.DescriptorStat {
    init(_ status: FileStatus) {
        let times = status.times
        self.init(
            type: WasiFilesystemTypes.DescriptorType(mode: status.st_mode), linkCount: UInt64(status.st_nlink),
            size: UInt64(max(0, status.st_size)), dataAccessTimestamp: Self.time(times.0),
            dataModificationTimestamp: Self.time(times.1), statusChangeTimestamp: Self.time(times.2))
    }

    /// `nil` for a time before 1970, which the interface has no room for.
    private static func time(_ time: timespec) -> WasiClocksWallClock.Datetime? {
        guard let seconds = UInt64(exactly: time.tv_sec) else { return nil }
        return WasiClocksWallClock.Datetime(seconds: seconds, nanoseconds: UInt32(truncatingIfNeeded: time.tv_nsec))
    }
}

extension WasiFilesystemTypes.DescriptorType {
    init(mode: mode_t) {
        self =
            switch mode & S_IFMT {
            case S_IFREG: .regularFile
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFIFO: .fifo
            case S_IFSOCK: .socket
            case S_IFBLK: .blockDevice
            case S_IFCHR: .characterDevice
            default: .unknown
            }
    }
}

/// Which file something is, without its name. Keyed anew in each process, so that the numbers themselves stay hidden.
struct FileIdentity {
    let device: UInt64
    let inode: UInt64

    init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    init(_ status: FileStatus) {
        self.init(device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(status.st_ino))
    }

    var hash: UInt64 { UInt64(bitPattern: Int64(self.hasher.finalize())) }

    /// As good as the first, and independent of it.
    var secondHash: UInt64 {
        var hasher = self.hasher
        hasher.combine(1)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    var deviceHash: UInt64 {
        var hasher = Hasher()
        hasher.combine(self.device)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    private var hasher: Hasher {
        var hasher = Hasher()
        hasher.combine(self.device)
        hasher.combine(self.inode)
        return hasher
    }
}

extension WasiFilesystemTypes.MetadataHashValue {
    /// From the object's identity alone: preview 1 on top of this takes it for the inode number, which must not change
    /// when the file does.
    init(_ status: FileStatus) {
        let identity = FileIdentity(status)
        self.init(lower: identity.hash, upper: identity.secondHash)
    }
}

extension timespec {
    init(_ time: FileTime) throws(FileError) {
        switch time {
        case .noChange: self.init(tv_sec: 0, tv_nsec: swirl_utime_omit)
        case .now: self.init(tv_sec: 0, tv_nsec: swirl_utime_now)
        case .at(let seconds, let nanoseconds):
            guard nanoseconds < 1_000_000_000 else { throw FileError(.invalid) }
            guard let seconds, let seconds = time_t(exactly: seconds) else { throw FileError(.overflow) }
            self.init(tv_sec: seconds, tv_nsec: Int(nanoseconds))
        }
    }
}

extension FileTime {
    init(_ timestamp: WasiFilesystemTypes.NewTimestamp) {
        switch timestamp {
        case .noChange: self = .noChange
        case .now: self = .now
        case .timestamp(let time): self = .at(seconds: Int64(exactly: time.seconds), nanoseconds: time.nanoseconds)
        }
    }
}
