/// What a function of preview 1 returns when it fails. Raw values are those of the interface.
///
/// Source: WASI `legacy/preview1/docs.md`.
enum Errno: UInt16, Error {
    case success = 0
    case tooBig = 1
    case access = 2
    case again = 6
    case already = 7
    case badDescriptor = 8
    case busy = 10
    case deadlock = 16
    case quota = 19
    case exist = 20
    case fileTooLarge = 22
    case illegalByteSequence = 25
    case inProgress = 26
    case interrupted = 27
    case invalid = 28
    case io = 29
    case isDirectory = 31
    case loop = 32
    case tooManyLinks = 34
    case messageSize = 35
    case nameTooLong = 37
    case noDevice = 43
    case noEntry = 44
    case noLock = 46
    case noMemory = 48
    case noSpace = 51
    case notSupportedCall = 52
    case notDirectory = 54
    case notEmpty = 55
    case notRecoverable = 56
    case notSocket = 57
    case notSupported = 58
    case noTTY = 59
    case noSuchDevice = 60
    case overflow = 61
    case notPermitted = 63
    case pipe = 64
    case readOnly = 69
    case invalidSeek = 70
    case textBusy = 74
    case crossDevice = 75
}

/// Runs a call on files; its error becomes an ``Errno``.
func preview1<T>(_ body: () throws(FileError) -> T) throws(Errno) -> T {
    do {
        return try body()
    } catch {
        throw error.code.preview1
    }
}
