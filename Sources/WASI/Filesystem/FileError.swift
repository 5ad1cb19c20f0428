#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a call on a file or directory failed with, in the words of `wasi:filesystem`.
package struct FileError: Error, Sendable {
    package let code: WasiFilesystemTypes.ErrorCode

    init(_ code: WasiFilesystemTypes.ErrorCode) {
        self.code = code
    }

    /// The error that the last system call of this thread left.
    package static var last: FileError { FileError(errno: errno) }

    init(errno: Int32) {
        self.code =
            switch errno {
            case EACCES: .access
            case EAGAIN: .wouldBlock
            case EALREADY: .already
            case EBADF: .badDescriptor
            case EBUSY: .busy
            case EDEADLK: .deadlock
            case EDQUOT: .quota
            case EEXIST: .exist
            case EFBIG: .fileTooLarge
            case EILSEQ: .illegalByteSequence
            case EINPROGRESS: .inProgress
            case EINTR: .interrupted
            case EINVAL: .invalid
            case EISDIR: .isDirectory
            case ELOOP: .loop
            case EMLINK: .tooManyLinks
            case EMSGSIZE: .messageSize
            case ENAMETOOLONG: .nameTooLong
            case ENODEV: .noDevice
            case ENOENT: .noEntry
            case ENOLCK: .noLock
            // There is no code for too many open files.
            case ENOMEM, EMFILE, ENFILE: .insufficientMemory
            case ENOSPC: .insufficientSpace
            case ENOTDIR: .notDirectory
            case ENOTEMPTY: .notEmpty
            case ENOTRECOVERABLE: .notRecoverable
            case ENOTSUP, ENOSYS: .unsupported
            case ENOTTY: .noTty
            case ENXIO: .noSuchDevice
            case EOVERFLOW: .overflow
            case EPERM: .notPermitted
            case EPIPE: .pipe
            case EROFS: .readOnly
            case ESPIPE: .invalidSeek
            case ETXTBSY: .textFileBusy
            case EXDEV: .crossDevice
            default: .io
            }
    }
}
