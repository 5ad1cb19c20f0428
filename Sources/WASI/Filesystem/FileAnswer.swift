import ComponentModel

extension HostAnswer {
    static func failed<Success>(_ error: FileError) -> HostAnswer where Value == Result<Success, FileError> {
        .ready(.failure(error))
    }

    /// The answer with what it succeeded with changed, on the event loop, as soon as it is there.
    func then<Success, Other>(
        _ transform: @escaping (Success) throws(FileError) -> Other
    ) -> FileAnswer<Other> where Value == Result<Success, FileError> {
        func apply(_ result: Value) -> Result<Other, FileError> {
            Result { () throws(FileError) in try transform(try result.get()) }
        }
        switch self {
        case .ready(let result): return .ready(apply(result))
        case .later(let pending):
            let changed = Pending<Result<Other, FileError>> { pending.cancel() }
            pending.whenComplete { changed.complete($0.map(apply)) }
            return .later(changed)
        }
    }

    /// What a function of WASI 0.2 gives: the guest waits for it.
    func result<Success, Call: SuspendableCall & ~Copyable>(
        in call: borrowing Call
    ) throws -> WITResult<Success, WasiFilesystemTypes.ErrorCode> where Value == Result<Success, FileError> {
        switch try call.wait(for: self) {
        case .success(let value): .ok(value)
        case .failure(let error): .error(error.code)
        }
    }
}

/// The answer of `body`, or its error.
func fileAnswer<Value>(_ body: () throws(FileError) -> FileAnswer<Value>) -> FileAnswer<Value> {
    do {
        return try body()
    } catch {
        return .ready(.failure(error))
    }
}

/// The `result` of a function of WASI 0.2 that waits for nothing.
func fileResult<T>(_ body: () throws(FileError) -> T) -> WITResult<T, WasiFilesystemTypes.ErrorCode> {
    do {
        return .ok(try body())
    } catch {
        return .error(error.code)
    }
}
