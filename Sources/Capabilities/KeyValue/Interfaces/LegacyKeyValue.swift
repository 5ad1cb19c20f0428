package import ComponentModel

/// `fermyon:spin/key-value` without version: stores are numbers, a missing key is an error.
package enum SpinKeyValueFunctions: FermyonSpinKeyValue.Functions {
    package typealias Failure = FermyonSpinKeyValue.Error

    package static func open(name: String, in call: borrowing HostCall) throws -> WITResult<UInt32, Failure> {
        let capabilities = call.capabilities
        return WITResult(
            capabilities.keyValue.open(name).map { capabilities.numberedStores.insert($0) }, Failure.init)
    }

    package static func get(
        store: UInt32, key: String, in call: borrowing HostCall
    ) throws -> WITResult<any HostBytes, Failure> {
        guard let open = call.capabilities.numberedStores[store] else { return .error(.invalidStore) }
        switch try call.settled(open.get(key)) {
        case .success(let value?): return .ok(value)
        case .success(nil): return .error(.noSuchKey)
        case .failure(let error): return .error(Failure(error))
        }
    }

    package static func set(
        store: UInt32, key: String, value: GuestBytes, in call: borrowing HostCall
    ) throws -> WITResult<Void, Failure> {
        guard let open = call.capabilities.numberedStores[store] else { return .error(.invalidStore) }
        return WITResult(try call.value(of: open.set(key, to: value)), Failure.init)
    }

    package static func delete(
        store: UInt32, key: String, in call: borrowing HostCall
    ) throws -> WITResult<Void, Failure> {
        guard let open = call.capabilities.numberedStores[store] else { return .error(.invalidStore) }
        return WITResult(try call.value(of: open.delete(key)), Failure.init)
    }

    package static func exists(
        store: UInt32, key: String, in call: borrowing HostCall
    ) throws -> WITResult<Bool, Failure> {
        guard let open = call.capabilities.numberedStores[store] else { return .error(.invalidStore) }
        return WITResult(try call.settled(open.exists(key)), Failure.init)
    }

    package static func getKeys(store: UInt32, in call: borrowing HostCall) throws -> WITResult<[String], Failure> {
        guard let open = call.capabilities.numberedStores[store] else { return .error(.invalidStore) }
        return WITResult(try call.value(of: open.keys()), Failure.init)
    }

    package static func close(store: UInt32, in call: borrowing HostCall) throws {
        call.capabilities.numberedStores.remove(store)
    }
}

extension FermyonSpinKeyValue.Error {
    init(_ error: KeyValueError) {
        switch error {
        case .noSuchStore: self = .noSuchStore
        case .accessDenied: self = .accessDenied
        case .storeTableFull: self = .storeTableFull
        case .other(let message): self = .io(message)
        }
    }
}
