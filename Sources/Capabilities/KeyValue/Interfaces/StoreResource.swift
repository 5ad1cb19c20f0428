package import ComponentModel

/// `spin:key-value/key-value@3.0.0.store`: that of 2.0.0, asynchronous.
package final class StoreResource: SpinKeyValueKeyValue.Store {
    package typealias Failure = FermyonSpinKeyValueV2.Error

    private let store: OpenStore

    private init(_ store: OpenStore) {
        self.store = store
    }

    package static func open(
        label: String, in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<StoreResource, Failure>> {
        .ready(WITResult(call.capabilities.keyValue.open(label).map { StoreResource($0) }, Failure.init))
    }

    package func get(
        key: String, in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<(any HostBytes)?, Failure>> {
        try self.store.get(key).map { result in WITResult(result.map { $0 }, Failure.init) }
    }

    package func set(
        key: String, value: [UInt8], in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<Void, Failure>> {
        try self.store.set(key, to: value).map { WITResult($0, Failure.init) }
    }

    package func delete(key: String, in call: borrowing HostCall) throws -> HostAnswer<WITResult<Void, Failure>> {
        try self.store.delete(key).map { WITResult($0, Failure.init) }
    }

    package func exists(key: String, in call: borrowing HostCall) throws -> HostAnswer<WITResult<Bool, Failure>> {
        try self.store.exists(key).map { WITResult($0, Failure.init) }
    }

    package func getKeys(
        in call: borrowing HostCall
    ) throws -> HostAnswer<(ElementStream<String>, ElementFuture<WITResult<Void, Failure>>)> {
        .ready(PagedProducer.stream(self.store.keyPages(), Failure.init))
    }
}
