/// What failures of files are called in the other versions of WASI than the one that the implementation is written in.
extension WasiFilesystemTypes.ErrorCode {
    /// In WASI 0.3.
    var v3: WasiFilesystemTypesV3.ErrorCode { self.names.v3 }
    /// In preview 1.
    var preview1: Errno { self.names.preview1 }

    private var names: (v3: WasiFilesystemTypesV3.ErrorCode, preview1: Errno) {
        switch self {
        case .access: (.access, .access)
        // Nothing of 0.3 answers so.
        case .wouldBlock: (.other("the operation would have to wait"), .again)
        case .already: (.already, .already)
        case .badDescriptor: (.badDescriptor, .badDescriptor)
        case .busy: (.busy, .busy)
        case .deadlock: (.deadlock, .deadlock)
        case .quota: (.quota, .quota)
        case .exist: (.exist, .exist)
        case .fileTooLarge: (.fileTooLarge, .fileTooLarge)
        case .illegalByteSequence: (.illegalByteSequence, .illegalByteSequence)
        case .inProgress: (.inProgress, .inProgress)
        case .interrupted: (.interrupted, .interrupted)
        case .invalid: (.invalid, .invalid)
        case .io: (.io, .io)
        case .isDirectory: (.isDirectory, .isDirectory)
        case .loop: (.loop, .loop)
        case .tooManyLinks: (.tooManyLinks, .tooManyLinks)
        case .messageSize: (.messageSize, .messageSize)
        case .nameTooLong: (.nameTooLong, .nameTooLong)
        case .noDevice: (.noDevice, .noDevice)
        case .noEntry: (.noEntry, .noEntry)
        case .noLock: (.noLock, .noLock)
        case .insufficientMemory: (.insufficientMemory, .noMemory)
        case .insufficientSpace: (.insufficientSpace, .noSpace)
        case .notDirectory: (.notDirectory, .notDirectory)
        case .notEmpty: (.notEmpty, .notEmpty)
        case .notRecoverable: (.notRecoverable, .notRecoverable)
        case .unsupported: (.unsupported, .notSupported)
        case .noTty: (.noTty, .noTTY)
        case .noSuchDevice: (.noSuchDevice, .noSuchDevice)
        case .overflow: (.overflow, .overflow)
        case .notPermitted: (.notPermitted, .notPermitted)
        case .pipe: (.pipe, .pipe)
        case .readOnly: (.readOnly, .readOnly)
        case .invalidSeek: (.invalidSeek, .invalidSeek)
        case .textFileBusy: (.textFileBusy, .textBusy)
        case .crossDevice: (.crossDevice, .crossDevice)
        }
    }
}
