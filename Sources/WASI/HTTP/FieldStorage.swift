import ComponentModel
package import HTTP

/// The fields behind one or more `fields` resources: a message and the immutable views of its headers share one.
package final class FieldStorage {
    /// Bookkeeping that each field costs, so that empty ones are not free.
    static let overhead = 32

    package private(set) var fields: HTTPFields
    private let budget: HostMemoryBudget?
    /// Bytes taken from the budget.
    private var size = 0

    /// Fields that came from outside, bounded there.
    init(received fields: HTTPFields) {
        self.fields = fields
        self.budget = nil
    }

    /// The fields of a request, with those that the host adds: they replace any that the client sent under the same
    /// name.
    convenience init(_ head: RequestHead, adding extra: [(String, String)]) {
        var fields = head.fields
        for (name, _) in extra { fields.removeAll(name) }
        for (name, value) in extra { fields.append(name, value) }
        self.init(received: fields)
    }

    init(budget: HostMemoryBudget) {
        self.fields = HTTPFields()
        self.budget = budget
    }

    /// A copy that `budget` pays for, without the names that guests may not use.
    convenience init(copying other: FieldStorage, budget: HostMemoryBudget) throws(GuestFault) {
        self.init(budget: budget)
        for index in 0..<other.fields.count where !other.isForbidden(at: index) {
            let name = other.fields.withName(at: index) { [UInt8]($0) }
            _ = try self.append(name: name, value: other.value(at: index))
        }
    }

    /// What may be sent on: a received message's fields have some that belong to the connection which it came by.
    var sendable: HTTPFields {
        guard self.budget == nil, (0..<self.fields.count).contains(where: { self.isForbidden(at: $0) }) else {
            return self.fields
        }
        var result = HTTPFields()
        for index in 0..<self.fields.count where !self.isForbidden(at: index) {
            self.fields.withName(at: index) { name in
                self.fields.withValue(at: index) { value in _ = result.append(name: name, value: value) }
            }
        }
        return result
    }

    deinit {
        self.budget?.give(back: self.size)
    }

    /// Whether a field of that many bytes may be added.
    func hasRoom(for count: Int) -> Bool {
        guard let budget = self.budget else { return true }
        return count <= budget.limits.fieldsBytes - self.size - Self.overhead
    }

    /// Appends a field; `name` is in lower case. False when name or value is invalid.
    ///
    /// - Throws: when the fields would be larger than the limit.
    func append(name: [UInt8], value: [UInt8]) throws(GuestFault) -> Bool {
        let cost = name.count + value.count + Self.overhead
        if let budget = self.budget {
            guard cost <= budget.limits.fieldsBytes - self.size else {
                throw GuestFault("the fields hold more than \(budget.limits.fieldsBytes) bytes")
            }
            try budget.take(cost)
            self.size += cost
        }
        if self.fields.append(name: name, value: value) { return true }
        self.release(cost)
        return false
    }

    private func release(_ cost: Int) {
        guard let budget = self.budget else { return }
        budget.give(back: cost)
        self.size -= cost
    }

    /// Removes every field of that name.
    ///
    /// The rest is copied: `HTTPFields` keeps the bytes of what it removes, and a guest may set a field for ever.
    func removeAll(_ name: [UInt8]) {
        var rest = HTTPFields()
        var freed = 0
        for index in 0..<self.fields.count {
            if self.matches(index, name) {
                freed += name.count + self.fields.withValue(at: index) { $0.count } + Self.overhead
            } else {
                self.fields.withName(at: index) { name in
                    self.fields.withValue(at: index) { value in _ = rest.append(name: name, value: value) }
                }
            }
        }
        guard freed > 0 else { return }
        self.fields = rest
        self.release(freed)
    }

    func values(of name: [UInt8]) -> [[UInt8]] {
        (0..<self.fields.count).filter { self.matches($0, name) }.map { self.value(at: $0) }
    }

    func contains(_ name: [UInt8]) -> Bool {
        (0..<self.fields.count).contains { self.matches($0, name) }
    }

    /// Whether guests may not see the field.
    func isForbidden(at index: Int) -> Bool {
        self.fields.withName(at: index) { FieldSyntax.isForbidden($0) }
    }

    func value(at index: Int) -> [UInt8] {
        self.fields.withValue(at: index) { [UInt8]($0) }
    }

    /// `name` is in lower case.
    private func matches(_ index: Int, _ name: [UInt8]) -> Bool {
        self.fields.withName(at: index) { $0.count == name.count && $0.elementsEqual(name) }
    }

    /// The `content-length` that the fields declare: the outer `nil` when there are several that differ, or a bad one.
    var contentLength: UInt64?? {
        var length: UInt64?
        for value in self.values(of: Array("content-length".utf8)) {
            guard let next = FieldSyntax.contentLength(value), length == nil || length == next else {
                return .none
            }
            length = next
        }
        return .some(length)
    }
}
