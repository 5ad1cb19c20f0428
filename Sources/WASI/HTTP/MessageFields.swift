package import ComponentModel
import HTTP

/// Why fields are not changed; each release of `wasi:http` has a type of its own for it.
enum FieldRefusal {
    case invalidSyntax
    case forbidden
    case immutable
}

/// That type: what it has at least.
protocol FieldsError {
    static var invalidSyntax: Self { get }
    static var forbidden: Self { get }
    static var immutable: Self { get }
}

extension FieldsError {
    init(_ refusal: FieldRefusal) {
        switch refusal {
        case .invalidSyntax: self = .invalidSyntax
        case .forbidden: self = .forbidden
        case .immutable: self = .immutable
        }
    }
}

extension WITResult where Success == Void, Failure: FieldsError {
    init(refusal: FieldRefusal?) {
        self = refusal.map { .error(Failure($0)) } ?? .ok
    }
}

/// Headers or trailers, as the `fields` of every release are.
///
/// Names are in lower case whatever the sender wrote, as in Wasmtime and Spin, and the names that belong to the
/// connection are never seen.
package class MessageFields {
    package let storage: FieldStorage
    private let isMutable: Bool

    init(_ storage: FieldStorage, isMutable: Bool) {
        self.storage = storage
        self.isMutable = isMutable
    }

    package final func get(name: String, in call: borrowing HostCall) throws -> [any HostBytes] {
        self.values(named: name)
    }

    package final func has(name: String, in call: borrowing HostCall) throws -> Bool {
        guard let name = self.visible(name) else { return false }
        return self.storage.contains(name)
    }

    final func values(named name: String) -> [[UInt8]] {
        guard let name = self.visible(name) else { return [] }
        return self.storage.values(of: name)
    }

    /// Puts `values` in the place of all fields of that name.
    final func replace(_ name: String, by values: [[UInt8]]) throws -> FieldRefusal? {
        let normal: [UInt8]
        switch self.changeable(name) {
        case .failure(let failure): return failure.refusal
        case .success(let name): normal = name
        }
        // All values are looked at first: an invalid one leaves the fields as they are.
        guard values.allSatisfy({ FieldSyntax.isValid(value: $0, of: normal) }) else { return .invalidSyntax }
        self.storage.removeAll(normal)
        for value in values where try !self.storage.append(name: normal, value: value) { return .invalidSyntax }
        return nil
    }

    final func remove(_ name: String) -> FieldRefusal? {
        switch self.changeable(name) {
        case .failure(let failure): return failure.refusal
        case .success(let name):
            self.storage.removeAll(name)
            return nil
        }
    }

    /// Checks and appends one field.
    final func append(_ name: String, _ value: [UInt8]) throws -> FieldRefusal? {
        switch self.changeable(name) {
        case .failure(let failure): return failure.refusal
        case .success(let name):
            guard FieldSyntax.isValid(value: value, of: name) else { return .invalidSyntax }
            return try self.storage.append(name: name, value: value) ? nil : .invalidSyntax
        }
    }

    /// All fields that a guest may see, in their order.
    final var visibleEntries: [(String, any HostBytes)] {
        var entries: [(String, any HostBytes)] = []
        entries.reserveCapacity(self.storage.fields.count)
        for index in 0..<self.storage.fields.count where !self.storage.isForbidden(at: index) {
            entries.append((self.storage.fields.name(at: index), self.storage.value(at: index)))
        }
        return entries
    }

    final func copiedStorage(in call: borrowing HostCall) throws -> FieldStorage {
        try FieldStorage(copying: self.storage, budget: call.host(WASIContext.self).budget)
    }

    private struct Failure: Error {
        let refusal: FieldRefusal
    }

    /// The name in lower case, where fields of that name may be changed.
    private func changeable(_ name: String) -> Result<[UInt8], Failure> {
        guard self.isMutable else { return .failure(Failure(refusal: .immutable)) }
        guard let name = FieldSyntax.normalized(name: name) else { return .failure(Failure(refusal: .invalidSyntax)) }
        guard !FieldSyntax.isForbidden(name) else { return .failure(Failure(refusal: .forbidden)) }
        return .success(name)
    }

    /// The name in lower case; `nil` when no field that a guest can see may have it.
    private func visible(_ name: String) -> [UInt8]? {
        guard let name = FieldSyntax.normalized(name: name), !FieldSyntax.isForbidden(name) else { return nil }
        return name
    }
}
