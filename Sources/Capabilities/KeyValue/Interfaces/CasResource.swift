package import ComponentModel

/// `wasi:keyvalue/atomics.cas`: the value of a key as it was last seen, to be changed if it still is.
package final class CasResource: WasiKeyvalueAtomics.Cas {
    package typealias Failure = WasiKeyvalueStore.Error

    fileprivate let store: OpenStore
    fileprivate let key: String
    fileprivate var seen: [UInt8]?

    fileprivate init(_ store: OpenStore, key: String, seen: [UInt8]?) {
        self.store = store
        self.key = key
        self.seen = seen
    }

    package static func new(
        bucket: BucketResource, key: String, in call: borrowing HostCall
    ) throws -> WITResult<CasResource, Failure> {
        let value = try call.settled(bucket.store.get(key))
        return WITResult(value.map { CasResource(bucket.store, key: key, seen: $0) }, Failure.init)
    }

    package func current(in call: borrowing HostCall) throws -> WITResult<(any HostBytes)?, Failure> {
        let value = try call.settled(self.store.get(self.key))
        if case .success(let value) = value { self.seen = value }
        return WITResult(value: value, Failure.init)
    }
}

/// `wasi:keyvalue/atomics`.
package enum KeyvalueAtomicsFunctions: WasiKeyvalueAtomics.Functions {
    package static func increment(
        bucket: BucketResource, key: String, delta: Int64, in call: borrowing HostCall
    ) throws -> WITResult<Int64, WasiKeyvalueStore.Error> {
        WITResult(try call.value(of: bucket.store.increment(key, by: delta)), WasiKeyvalueStore.Error.init)
    }

    package static func swap(
        cas: CasResource, value: GuestBytes, in call: borrowing HostCall
    ) throws -> WITResult<Void, WasiKeyvalueAtomics.CasError> {
        switch try call.value(of: cas.store.swap(cas.key, from: cas.seen, to: value)) {
        case .success(true): return .ok
        case .failure(let error): return .error(.storeError(WasiKeyvalueStore.Error(error)))
        case .success(false): break
        }
        // The guest tries again with what is there now.
        switch try call.settled(cas.store.get(cas.key)) {
        case .success(let now): return .error(.casFailed(CasResource(cas.store, key: cas.key, seen: now)))
        case .failure(let error): return .error(.storeError(WasiKeyvalueStore.Error(error)))
        }
    }
}
