/// The declarations of an instance type.
final class InstanceTypeWriter: TypeSpace {
    private var declarations: [UInt8] = []
    private var count = 0
    private var types = 0
    /// Each type outside has one number here, so that equal types are equal numbers.
    private var aliases: [Int: Int] = [:]

    /// The type.
    var encoded: [UInt8] { [0x42] + WasmBinary.number(self.count) + self.declarations }

    private func declare(_ bytes: [UInt8]) {
        self.declarations += bytes
        self.count += 1
    }

    private func nextType() -> Int {
        self.types += 1
        return self.types - 1
    }

    func define(_ type: [UInt8]) -> Int {
        self.declare([0x01] + type)
        return self.nextType()
    }

    func aliasOuter(_ index: Int) -> Int {
        if let alias = self.aliases[index] { return alias }
        self.declare([0x02, ComponentWriter.Sort.type.rawValue, 0x02, 0x01] + WasmBinary.number(index))
        let alias = self.nextType()
        self.aliases[index] = alias
        return alias
    }

    /// Gives the number of the type that the export of a type is.
    @discardableResult
    func export(_ name: String, _ type: ExternTypeCode) -> Int? {
        self.declare([0x04] + WasmBinary.externName(name) + type.encoded)
        return type.sort == .type ? self.nextType() : nil
    }
}

/// The members of an instance type that several components have a part of.
struct InstanceMembers {
    private enum Member: Hashable {
        case resource
        case value(Int)
        case function(Int)
    }

    private let declarations: InstanceTypeWriter
    private let types: TypeEncoder
    private var members: [String: (member: Member, number: Int)] = [:]
    /// In order.
    private(set) var typeNames: [String] = []

    init(_ declarations: InstanceTypeWriter, _ types: TypeEncoder) {
        self.declarations = declarations
        self.types = types
    }

    /// False when there is another one of the name.
    ///
    /// - Parameter isNew: whether the type is not one that another import has.
    mutating func add(type name: String, _ created: TypeID, _ referenced: TypeID, isNew: Bool) throws -> Bool {
        let isResource = self.types.arena.resource(created) != nil
        if isResource, let known = self.members[name], known.member == .resource {
            self.types.bind(created, to: known.number)
            return true
        }
        // A second name for a resource of the interface is no new one.
        let isFirst = isResource && isNew && !self.types.hasNumber(created)
        let known = isFirst ? nil : try self.types.number(of: referenced)
        let member = known.map { Member.value($0) } ?? .resource
        if let other = self.members[name] {
            guard other.member == member else { return false }
            self.types.bind(created, to: other.number)
            return true
        }
        guard let number = self.declarations.export(name, known.map { .equal($0) } ?? .resource) else { return false }
        self.members[name] = (member, number)
        self.typeNames.append(name)
        self.types.bind(created, to: number)
        return true
    }

    mutating func add(function name: String, _ type: TypeID) throws -> Bool {
        let number = try self.types.number(of: type)
        if let other = self.members[name] { return other.member == .function(number) }
        self.members[name] = (.function(number), number)
        self.declarations.export(name, .function(number))
        return true
    }
}
