package import ComponentModel

/// `fermyon:spin/key-value@2.0.0.store`.
package final class StoreV2Resource: FermyonSpinKeyValueV2.Store {
    typealias Failure = FermyonSpinKeyValueV2.Error

    private let store: OpenStore

    init(_ store: OpenStore) {
        self.store = store
    }

    package static func open(
        label: String, in call: borrowing HostCall
    ) throws -> WITResult<StoreV2Resource, FermyonSpinKeyValueV2.Error> {
        WITResult(call.capabilities.keyValue.open(label).map { StoreV2Resource($0) }, Failure.init)
    }

    package func get(
        key: String, in call: borrowing HostCall
    ) throws -> WITResult<(any HostBytes)?, FermyonSpinKeyValueV2.Error> {
        WITResult(value: try call.settled(self.store.get(key)), Failure.init)
    }

    package func set(
        key: String, value: GuestBytes, in call: borrowing HostCall
    ) throws -> WITResult<Void, FermyonSpinKeyValueV2.Error> {
        WITResult(try call.value(of: self.store.set(key, to: value)), Failure.init)
    }

    package func delete(
        key: String, in call: borrowing HostCall
    ) throws -> WITResult<Void, FermyonSpinKeyValueV2.Error> {
        WITResult(try call.value(of: self.store.delete(key)), Failure.init)
    }

    package func exists(
        key: String, in call: borrowing HostCall
    ) throws -> WITResult<Bool, FermyonSpinKeyValueV2.Error> {
        WITResult(try call.settled(self.store.exists(key)), Failure.init)
    }

    package func getKeys(in call: borrowing HostCall) throws -> WITResult<[String], FermyonSpinKeyValueV2.Error> {
        WITResult(try call.value(of: self.store.keys()), Failure.init)
    }
}

extension FermyonSpinKeyValueV2.Error {
    init(_ error: KeyValueError) {
        switch error {
        case .noSuchStore: self = .noSuchStore
        case .accessDenied: self = .accessDenied
        case .storeTableFull: self = .storeTableFull
        case .other(let message): self = .other(message)
        }
    }
}
