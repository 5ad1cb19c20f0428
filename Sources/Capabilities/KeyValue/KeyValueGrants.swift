/// What one instance may ask of key-value stores.
package struct KeyValueLimits: Sendable {
    /// Stores open at a time.
    package var openStores = 256
    /// Bytes of one value that is set.
    package var valueBytes = 128 << 20
    package var keyBytes = 1 << 20
    /// Bytes of one result.
    package var resultBytes = 128 << 20
    /// Bytes of keys and values that wait to be written; one alone may have more.
    package var waitingBytes = 256 << 20

    package init() {}
}

/// The key-value stores of one component.
package struct KeyValueGrants: Sendable {
    /// By label; what is not here is denied.
    package var stores: [String: any KeyValueStore]
    package var limits: KeyValueLimits

    package init(stores: [String: any KeyValueStore] = [:], limits: KeyValueLimits = KeyValueLimits()) {
        self.stores = stores
        self.limits = limits
    }
}
