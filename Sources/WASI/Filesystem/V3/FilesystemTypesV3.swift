#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// The types of WASI 0.3 from those that the implementation is written in.

extension WasiFilesystemTypesV3.DescriptorType {
    init(_ type: WasiFilesystemTypes.DescriptorType) {
        self =
            switch type {
            case .unknown: .other(nil)
            case .blockDevice: .blockDevice
            case .characterDevice: .characterDevice
            case .directory: .directory
            case .fifo: .fifo
            case .symbolicLink: .symbolicLink
            case .regularFile: .regularFile
            case .socket: .socket
            }
    }
}

extension WasiFilesystemTypesV3.DescriptorStat {
    init(_ status: FileStatus) {
        let (access, modification, change) = status.times
        self.init(
            type: .init(WasiFilesystemTypes.DescriptorType(mode: status.st_mode)), linkCount: UInt64(status.st_nlink),
            size: UInt64(max(0, status.st_size)), dataAccessTimestamp: .init(access),
            dataModificationTimestamp: .init(modification), statusChangeTimestamp: .init(change))
    }
}

extension WasiClocksSystemClockV3.Instant {
    fileprivate init(_ time: timespec) {
        self.init(seconds: Int64(time.tv_sec), nanoseconds: UInt32(truncatingIfNeeded: time.tv_nsec))
    }
}

extension FileTime {
    init(_ timestamp: WasiFilesystemTypesV3.NewTimestamp) {
        switch timestamp {
        case .noChange: self = .noChange
        case .now: self = .now
        case .timestamp(let time): self = .at(seconds: time.seconds, nanoseconds: time.nanoseconds)
        }
    }
}
