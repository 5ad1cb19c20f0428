package import ComponentModel
package import HTTP

/// `wasi:http/types.fields`: headers or trailers.
///
/// Names are in lower case whatever the sender wrote, as in Wasmtime and Spin, and the names that belong to the
/// connection are never seen.
package final class FieldsResource: WasiHttpTypes.Fields {
    package typealias HeaderError = WasiHttpTypes.HeaderError

    package let storage: FieldStorage
    private let isMutable: Bool

    init(_ storage: FieldStorage, isMutable: Bool) {
        self.storage = storage
        self.isMutable = isMutable
    }

    /// Fields of a received message: immutable.
    package convenience init(received fields: HTTPFields) {
        self.init(FieldStorage(received: fields), isMutable: false)
    }

    package static func make(in call: borrowing HostCall) throws -> FieldsResource {
        FieldsResource(FieldStorage(budget: call.host(WASIContext.self).budget), isMutable: true)
    }

    package static func fromList(
        entries: [(String, [UInt8])], in call: borrowing HostCall
    ) throws -> WITResult<FieldsResource, HeaderError> {
        let fields = try self.make(in: call)
        for (name, value) in entries {
            if let error = try fields.append(name: name, value: value) { return .error(error) }
        }
        return .ok(fields)
    }

    package func get(name: String, in call: borrowing HostCall) throws -> [any HostBytes] {
        guard let name = self.visible(name) else { return [] }
        return self.storage.values(of: name)
    }

    package func has(name: String, in call: borrowing HostCall) throws -> Bool {
        guard let name = self.visible(name) else { return false }
        return self.storage.contains(name)
    }

    package func set(
        name: String, value: [[UInt8]], in call: borrowing HostCall
    ) throws -> WITResult<Void, HeaderError> {
        guard self.isMutable else { return .error(.immutable) }
        guard let normal = FieldSyntax.normalized(name: name) else { return .error(.invalidSyntax) }
        guard !FieldSyntax.isForbidden(normal) else { return .error(.forbidden) }
        // All values are looked at first: an invalid one leaves the fields as they are.
        guard value.allSatisfy({ FieldSyntax.isValid(value: $0, of: normal) }) else { return .error(.invalidSyntax) }
        self.storage.removeAll(normal)
        for value in value where try !self.storage.append(name: normal, value: value) { return .error(.invalidSyntax) }
        return .ok
    }

    package func delete(name: String, in call: borrowing HostCall) throws -> WITResult<Void, HeaderError> {
        guard self.isMutable else { return .error(.immutable) }
        guard let name = FieldSyntax.normalized(name: name) else { return .error(.invalidSyntax) }
        guard !FieldSyntax.isForbidden(name) else { return .error(.forbidden) }
        self.storage.removeAll(name)
        return .ok
    }

    package func append(
        name: String, value: GuestBytes, in call: borrowing HostCall
    ) throws -> WITResult<Void, HeaderError> {
        if let error = try self.append(name: name, value: value.copied()) { .error(error) } else { .ok }
    }

    package func entries(in call: borrowing HostCall) throws -> [(String, any HostBytes)] {
        var entries: [(String, any HostBytes)] = []
        entries.reserveCapacity(self.storage.fields.count)
        for index in 0..<self.storage.fields.count where !self.storage.isForbidden(at: index) {
            entries.append((self.storage.fields.name(at: index), self.storage.value(at: index)))
        }
        return entries
    }

    package func clone(in call: borrowing HostCall) throws -> FieldsResource {
        let copy = try FieldStorage(copying: self.storage, budget: call.host(WASIContext.self).budget)
        return FieldsResource(copy, isMutable: true)
    }

    /// Checks and appends one field; what is wrong with it.
    private func append(name: String, value: [UInt8]) throws -> HeaderError? {
        guard self.isMutable else { return .immutable }
        guard let name = FieldSyntax.normalized(name: name) else { return .invalidSyntax }
        guard !FieldSyntax.isForbidden(name) else { return .forbidden }
        guard FieldSyntax.isValid(value: value, of: name) else { return .invalidSyntax }
        return try self.storage.append(name: name, value: value) ? nil : .invalidSyntax
    }

    /// The name in lower case; `nil` when no field that a guest can see may have it.
    private func visible(_ name: String) -> [UInt8]? {
        guard let name = FieldSyntax.normalized(name: name), !FieldSyntax.isForbidden(name) else { return nil }
        return name
    }
}
