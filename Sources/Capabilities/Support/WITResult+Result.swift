import ComponentModel

extension WITResult where Success == (any HostBytes)? {
    /// The value of a key, if there is one, as one interface spells it: at once what the guest gets, not copied from one
    /// kind of result to the next.
    @inline(__always)
    init<Inner: Error>(value: Result<[UInt8]?, Inner>, _ failure: (Inner) -> Failure) {
        switch value {
        case .success(let value?): self = .ok(value)
        case .success(nil): self = .ok(nil)
        case .failure(let error): self = .error(failure(error))
        }
    }
}

extension WITResult {
    /// A capability's result as one interface spells it.
    init<Inner: Error>(_ result: Result<Success, Inner>, _ failure: (Inner) -> Failure) {
        switch result {
        case .success(let value): self = .ok(value)
        case .failure(let error): self = .error(failure(error))
        }
    }
}
