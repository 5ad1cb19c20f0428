package import ComponentModel

/// `fermyon:spin/key-value@2.0.0.store`.
package final class StoreResource: FermyonSpin2KeyValue.Store {
    typealias Failure = FermyonSpin2KeyValue.Error

    private let store: OpenStore

    init(_ store: OpenStore) {
        self.store = store
    }

    package static func open(
        label: String, in call: borrowing HostCall
    ) throws -> WITResult<StoreResource, FermyonSpin2KeyValue.Error> {
        WITResult(call.capabilities.keyValue.open(label).map { StoreResource($0) }, Failure.init)
    }

    package func get(
        key: String, in call: borrowing HostCall
    ) throws -> WITResult<(any HostBytes)?, FermyonSpin2KeyValue.Error> {
        WITResult(try call.value(of: self.store.get(key)).map { $0 as (any HostBytes)? }, Failure.init)
    }

    package func set(
        key: String, value: GuestBytes, in call: borrowing HostCall
    ) throws -> WITResult<Void, FermyonSpin2KeyValue.Error> {
        WITResult(try call.value(of: self.store.set(key, to: value)), Failure.init)
    }

    package func delete(
        key: String, in call: borrowing HostCall
    ) throws -> WITResult<Void, FermyonSpin2KeyValue.Error> {
        WITResult(try call.value(of: self.store.delete(key)), Failure.init)
    }

    package func exists(
        key: String, in call: borrowing HostCall
    ) throws -> WITResult<Bool, FermyonSpin2KeyValue.Error> {
        WITResult(try call.value(of: self.store.exists(key)), Failure.init)
    }

    package func getKeys(in call: borrowing HostCall) throws -> WITResult<[String], FermyonSpin2KeyValue.Error> {
        WITResult(try call.value(of: self.store.keys()), Failure.init)
    }
}

extension FermyonSpin2KeyValue.Error {
    init(_ error: KeyValueError) {
        switch error {
        case .noSuchStore: self = .noSuchStore
        case .accessDenied: self = .accessDenied
        case .storeTableFull: self = .storeTableFull
        case .other(let message): self = .other(message)
        }
    }
}
