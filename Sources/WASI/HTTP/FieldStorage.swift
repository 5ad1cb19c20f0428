import ComponentModel
import HTTP

/// The fields behind one or more `fields` resources: a message and the immutable views of its headers share one.
final class FieldStorage {
    /// Bookkeeping that each field costs, so that empty ones are not free.
    static let overhead = 32

    private(set) var fields: HTTPFields
    private let budget: HostMemoryBudget?
    /// Bytes taken from the budget.
    private var size = 0

    /// Fields that came from outside, bounded there.
    init(received fields: HTTPFields) {
        self.fields = fields
        self.budget = nil
    }

    init(budget: HostMemoryBudget) {
        self.fields = HTTPFields()
        self.budget = budget
    }

    /// A copy that `budget` pays for, without the names that guests may not use.
    convenience init(copying other: FieldStorage, budget: HostMemoryBudget) throws(GuestFault) {
        self.init(budget: budget)
        for index in 0..<other.fields.count where !other.isForbidden(at: index) {
            try self.append(name: other.nameBytes(at: index), value: other.value(at: index))
        }
    }

    deinit {
        self.budget?.give(back: self.size)
    }

    /// Appends a field whose syntax has been checked; `name` is in lower case.
    ///
    /// - Throws: when the fields would be larger than the limit.
    func append(name: [UInt8], value: [UInt8]) throws(GuestFault) {
        let cost = name.count + value.count + Self.overhead
        if let budget = self.budget {
            guard cost <= budget.limits.fieldsBytes - self.size else {
                throw GuestFault("the fields hold more than \(budget.limits.fieldsBytes) bytes")
            }
            try budget.take(cost)
            self.size += cost
        }
        self.fields.append(name: name, value: value)
    }

    func removeAll(_ name: [UInt8]) {
        var freed = 0
        for index in 0..<self.fields.count where self.matches(index, name) {
            freed += name.count + self.fields.withValue(at: index) { $0.count } + Self.overhead
        }
        guard freed > 0 else { return }
        self.fields.removeAll(String(decoding: name, as: UTF8.self))
        if let budget = self.budget {
            budget.give(back: freed)
            self.size -= freed
        }
    }

    func values(of name: [UInt8]) -> [[UInt8]] {
        (0..<self.fields.count).filter { self.matches($0, name) }.map { self.value(at: $0) }
    }

    func contains(_ name: [UInt8]) -> Bool {
        (0..<self.fields.count).contains { self.matches($0, name) }
    }

    /// Whether guests may not see the field.
    func isForbidden(at index: Int) -> Bool {
        FieldSyntax.isForbidden(self.nameBytes(at: index))
    }

    func value(at index: Int) -> [UInt8] {
        self.fields.withValue(at: index) { [UInt8]($0) }
    }

    private func nameBytes(at index: Int) -> [UInt8] {
        self.fields.withName(at: index) { $0.map { FieldSyntax.lowercased($0) } }
    }

    /// `name` is in lower case; a received field need not be.
    private func matches(_ index: Int, _ name: [UInt8]) -> Bool {
        self.fields.withName(at: index) { stored in
            stored.count == name.count && zip(stored, name).allSatisfy { FieldSyntax.lowercased($0) == $1 }
        }
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
