import ComponentModel

extension HostAnswer {
    static func failed<Success>(_ error: FileError) -> HostAnswer where Value == Result<Success, FileError> {
        .ready(.failure(error))
    }

    /// The answer with what it succeeded with changed, on the event loop, as soon as it is there.
    func then<Success, Other>(
        _ transform: @escaping (Success) throws(FileError) -> Other
    ) -> FileAnswer<Other> where Value == Result<Success, FileError> {
        self.changed { result in Result { () throws(FileError) in try transform(try result.get()) } }
    }

    /// What a function of WASI 0.3 gives.
    func result<Success>() -> HostAnswer<WITResult<Success, WasiFilesystemTypesV3.ErrorCode>>
    where Value == Result<Success, FileError> {
        self.changed { WITResult($0) }
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

extension WITResult where Failure == WasiFilesystemTypesV3.ErrorCode {
    init(_ result: Result<Success, FileError>) {
        switch result {
        case .success(let value): self = .ok(value)
        case .failure(let error): self = .error(error.code.v3)
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
