package import ComponentModel
import HTTP

/// `wasi:keyvalue/atomics.cas`: the value of a key as it was last seen, to be changed if it still is.
package final class CasResource: WasiKeyvalueAtomics.Cas {
    package typealias Failure = WasiKeyvalueStore.Error

    fileprivate let store: OpenStore
    fileprivate let key: String
    fileprivate private(set) var seen: [UInt8]?
    /// The host keeps key and value for as long as the guest has the handle, and it may have thousands.
    private let claim: ByteClaim

    private init(_ store: OpenStore, key: String, seen: [UInt8]?, claim: ByteClaim) {
        self.store = store
        self.key = key
        self.seen = seen
        self.claim = claim
    }

    fileprivate static func make(
        _ store: OpenStore, key: String, seen: [UInt8]?
    ) -> KeyValueResult<CasResource> {
        guard let claim = store.results.claim(Self.size(key, seen)) else {
            return .failure(.other(ResultLimits.refusal))
        }
        return .success(CasResource(store, key: key, seen: seen, claim: claim))
    }

    private static func size(_ key: String, _ value: [UInt8]?) -> Int { key.utf8.count + (value?.count ?? 0) }

    fileprivate func see(_ value: [UInt8]?) -> KeyValueResult<[UInt8]?> {
        guard self.claim.change(to: Self.size(self.key, value)) else { return .failure(.other(ResultLimits.refusal)) }
        self.seen = value
        return .success(value)
    }

    package static func new(
        bucket: BucketResource, key: String, in call: borrowing HostCall
    ) throws -> WITResult<CasResource, Failure> {
        let value = try call.settled(bucket.store.get(key))
        return WITResult(value.flatMap { Self.make(bucket.store, key: key, seen: $0) }, Failure.init)
    }

    package func current(in call: borrowing HostCall) throws -> WITResult<(any HostBytes)?, Failure> {
        let value = try call.settled(self.store.get(self.key))
        return WITResult(value: value.flatMap { self.see($0) }, Failure.init)
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
        let now = try call.settled(cas.store.get(cas.key))
        switch now.flatMap({ CasResource.make(cas.store, key: cas.key, seen: $0) }) {
        case .success(let again): return .error(.casFailed(again))
        case .failure(let error): return .error(.storeError(WasiKeyvalueStore.Error(error)))
        }
    }
}
