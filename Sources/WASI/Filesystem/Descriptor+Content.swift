import ComponentModel
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a guest may do with what is in a file.
extension DescriptorResource {
    /// Reads at once what the system has in memory, and what it has not on another thread. No bytes are the end.
    func read(upTo count: Int, at offset: UInt64) -> FileAnswer<ByteBuffer> {
        fileAnswer { () throws(FileError) in
            try self.requireFile(.read)
            return try self.file.read(upTo: count, at: offset)
        }
    }

    /// Writes some of `bytes`, at the end of the file without an `offset`: how many.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64?) -> FileAnswer<Int> {
        fileAnswer { () throws(FileError) in
            try self.requireFile(.write)
            return self.file.write(bytes, at: offset)
        }
    }

    /// Cutting off a long file takes the file system milliseconds.
    func truncate(to size: UInt64) -> FileAnswer<Void> {
        fileAnswer { () throws(FileError) in
            try self.requireFile(.write)
            guard let size = off_t(exactly: size) else { throw FileError(.fileTooLarge) }
            return self.file.work { descriptor in
                ftruncate(descriptor, size) == 0 ? .success(()) : .failure(.last)
            }
        }
    }

    func advise(_ offset: UInt64, _ length: UInt64, _ advice: WasiFilesystemTypes.Advice) throws(FileError) {
        guard self.file.kind == .regularFile else { throw FileError(.badDescriptor) }
        guard let offset = off_t(exactly: offset), let length = off_t(exactly: length) else {
            throw FileError(.invalid)
        }
        #if os(Linux)
        let advice =
            switch advice {
            case .normal: POSIX_FADV_NORMAL
            case .sequential: POSIX_FADV_SEQUENTIAL
            case .random: POSIX_FADV_RANDOM
            case .willNeed: POSIX_FADV_WILLNEED
            case .dontNeed: POSIX_FADV_DONTNEED
            case .noReuse: POSIX_FADV_NOREUSE
            }
        let error = posix_fadvise(self.file.descriptor, offset, length, advice)
        guard error == 0 else { throw FileError(errno: error) }
        #else
        _ = (offset, length)
        #endif
    }

    /// Until the disk has what was written. Without effect on what cannot have been written.
    func synchronize(dataOnly: Bool) -> FileAnswer<Void> {
        guard self.isWritable else { return .ready(.success(())) }
        return self.file.work { descriptor in
            #if os(Linux)
            let result = dataOnly ? fdatasync(descriptor) : fsync(descriptor)
            #else
            let result = fsync(descriptor)
            #endif
            return result == 0 || errno == EINVAL || errno == EROFS ? .success(()) : .failure(.last)
        }
    }

    func setTimes(access: FileTime, modification: FileTime) throws(FileError) {
        try self.requireWritable()
        let times = [try timespec(access), try timespec(modification)]
        guard futimens(self.file.descriptor, times) == 0 else { throw .last }
    }

    func isSameObject(as other: DescriptorResource) -> Bool {
        guard let mine = try? self.file.status(), let theirs = try? other.file.status() else { return false }
        return mine.st_dev == theirs.st_dev && mine.st_ino == theirs.st_ino
    }
}

/// What a time of a file is set to.
enum FileTime {
    case noChange
    case now
    /// Since 1970.
    case at(seconds: Int64?, nanoseconds: UInt32)
}
