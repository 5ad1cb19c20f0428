/// What the glue has to know of a type.
extension BindingsContext {
    func isByte(_ type: WITType) -> Bool { self.model.expanded(type) == .primitive(.u8) }

    /// Whether lowering the type asks the guest for memory.
    func allocates(_ type: WITType) -> Bool { self.contains(type) { $0.isStringOrList } }

    /// Whether storing the type, when it does not allocate, can fail: only making a handle can.
    func storeThrows(_ type: WITType) -> Bool { self.contains(type) { $0.isHandle || $0.isStringOrList } }

    /// Whether lifting the type can fail.
    func liftThrows(_ type: WITType) -> Bool {
        self.contains(type) { type in
            switch type {
            case .primitive(.char), .option, .result: return true
            case .named(let id):
                switch self.model[id].kind {
                case .variant, .enumeration: return true
                default: return false
                }
            default: return type.isHandle || type.isStringOrList
            }
        }
    }

    /// Whether Swift can derive `Hashable` and `Sendable` for a definition with these members.
    func isPlain(_ id: TypeID) -> Bool {
        !self.contains(.named(id)) { type in
            switch type {
            case .tuple, .result, .map: return true
            case .list(let element): return self.isByte(element) && self.memberPosition(id) == .result
            default: return type.isHandle
            }
        }
    }

    /// Whether `type` or a type inside it satisfies the condition; aliases are looked through.
    private func contains(_ type: WITType, where condition: (WITType) -> Bool) -> Bool {
        let type = self.model.expanded(type)
        if condition(type) { return true }
        switch type {
        case .primitive, .own, .borrow: return false
        case .list(let element), .fixedList(let element, _), .option(let element):
            return self.contains(element, where: condition)
        case .map(let key, let value):
            return self.contains(key, where: condition) || self.contains(value, where: condition)
        case .result(let success, let failure):
            return [success, failure].compactMap { $0 }.contains { self.contains($0, where: condition) }
        case .tuple(let elements): return elements.contains { self.contains($0, where: condition) }
        // What goes through it is not part of the value, which is a handle.
        case .future, .stream: return false
        case .named(let id):
            switch self.model[id].kind {
            case .record(let members), .variant(let members):
                return members.compactMap(\.type).contains { self.contains($0, where: condition) }
            case .alias, .enumeration, .flags, .resource: return false
            }
        }
    }
}

extension WITType {
    fileprivate var isHandle: Bool {
        switch self {
        case .own, .borrow, .future, .stream: true
        default: false
        }
    }

    fileprivate var isStringOrList: Bool {
        switch self {
        case .primitive(.string), .list, .map: true
        default: false
        }
    }
}
