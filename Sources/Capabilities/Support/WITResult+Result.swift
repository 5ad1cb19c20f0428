import ComponentModel

extension WITResult {
    /// A capability's result as one interface spells it.
    init<Inner: Error>(_ result: Result<Success, Inner>, _ failure: (Inner) -> Failure) {
        switch result {
        case .success(let value): self = .ok(value)
        case .failure(let error): self = .error(failure(error))
        }
    }
}
