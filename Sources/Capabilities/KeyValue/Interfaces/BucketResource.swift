package import ComponentModel

/// `wasi:keyvalue/store.bucket`.
package final class BucketResource: WasiKeyvalueStore.Bucket {
    package typealias Failure = WasiKeyvalueStore.Error

    let store: OpenStore

    init(_ store: OpenStore) {
        self.store = store
    }

    package func get(key: String, in call: borrowing HostCall) throws -> WITResult<(any HostBytes)?, Failure> {
        WITResult(value: try call.settled(self.store.get(key)), Failure.init)
    }

    package func set(key: String, value: GuestBytes, in call: borrowing HostCall) throws -> WITResult<Void, Failure> {
        WITResult(try call.value(of: self.store.set(key, to: value)), Failure.init)
    }

    package func delete(key: String, in call: borrowing HostCall) throws -> WITResult<Void, Failure> {
        WITResult(try call.value(of: self.store.delete(key)), Failure.init)
    }

    package func exists(key: String, in call: borrowing HostCall) throws -> WITResult<Bool, Failure> {
        WITResult(try call.settled(self.store.exists(key)), Failure.init)
    }

    /// All keys at once: there is no cursor to go on from, as in Spin.
    package func listKeys(
        cursor: String?, in call: borrowing HostCall
    ) throws -> WITResult<WasiKeyvalueStore.KeyResponse, Failure> {
        guard cursor == nil else {
            return .error(.other("list-keys was called with a cursor, but gives all keys without one"))
        }
        let keys = try call.value(of: self.store.keys())
        return WITResult(keys.map { WasiKeyvalueStore.KeyResponse(keys: $0, cursor: nil) }, Failure.init)
    }
}

/// `wasi:keyvalue/store`.
package enum KeyvalueStoreFunctions: WasiKeyvalueStore.Functions {
    package static func open(
        identifier: String, in call: borrowing HostCall
    ) throws -> WITResult<BucketResource, WasiKeyvalueStore.Error> {
        WITResult(
            call.capabilities.keyValue.open(identifier).map { BucketResource($0) }, WasiKeyvalueStore.Error.init)
    }
}

/// `wasi:keyvalue/batch`.
package enum KeyvalueBatchFunctions: WasiKeyvalueBatch.Functions {
    package typealias Failure = WasiKeyvalueStore.Error

    package static func getMany(
        bucket: BucketResource, keys: [String], in call: borrowing HostCall
    ) throws -> WITResult<[(String, (any HostBytes)?)], Failure> {
        let found = try call.value(of: bucket.store.getMany(keys))
        return WITResult(found.map { $0.map { ($0, $1 as (any HostBytes)?) } }, Failure.init)
    }

    package static func setMany(
        bucket: BucketResource, keyValues: [(String, [UInt8])], in call: borrowing HostCall
    ) throws -> WITResult<Void, Failure> {
        WITResult(try call.value(of: bucket.store.setMany(keyValues)), Failure.init)
    }

    package static func deleteMany(
        bucket: BucketResource, keys: [String], in call: borrowing HostCall
    ) throws -> WITResult<Void, Failure> {
        WITResult(try call.value(of: bucket.store.deleteMany(keys)), Failure.init)
    }
}

extension WasiKeyvalueStore.Error {
    init(_ error: KeyValueError) {
        switch error {
        case .noSuchStore: self = .noSuchStore
        case .accessDenied: self = .accessDenied
        case .storeTableFull: self = .other("too many stores are open")
        case .other(let message): self = .other(message)
        }
    }
}
