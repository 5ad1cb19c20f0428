/// Types that did not change from one release line of an interface to the next: both have one Swift type, so that what
/// is written by hand about it, such as its text, is written once.
struct SharedTypes {
    /// The definition of the earliest line that has it, by the one of a later line.
    private var originals: [TypeID: TypeID] = [:]

    init(_ interfaces: [InterfaceID], in model: ResolvedModel) {
        let lines = Dictionary(grouping: interfaces) { model.unversionedName(of: $0) ?? "" }
        for interfaces in lines.values where interfaces.count > 1 {
            let ordered = interfaces.sorted { Self.isEarlier($0, $1, in: model) }
            for (index, later) in ordered.enumerated() {
                for type in model[later].types {
                    self.originals[type] = ordered[..<index].lazy
                        .flatMap { model[$0].types }
                        .first { Self.areAlike(type, $0, in: model) }
                }
            }
        }
        self.removeThoseOfDifferentParts(model)
    }

    /// The definition whose Swift type stands for `id`, where it is another one.
    func original(of id: TypeID) -> TypeID? { self.originals[id] }

    var pairs: some Sequence<(later: TypeID, original: TypeID)> {
        self.originals.lazy.map { (later: $0.key, original: $0.value) }
    }

    private static func isEarlier(_ left: InterfaceID, _ right: InterfaceID, in model: ResolvedModel) -> Bool {
        switch (model[model[left].package].name.version, model[model[right].package].name.version) {
        case (let left?, let right?): left < right
        case (nil, .some): true
        default: false
        }
    }

    private static func areAlike(_ left: TypeID, _ right: TypeID, in model: ResolvedModel) -> Bool {
        guard model[left].name == model[right].name, model[left].isComposite, model[right].isComposite else {
            return false
        }
        let signature = model.signature(of: .named(left))
        // Handles are of a line, and so are their classes.
        return signature == model.signature(of: .named(right))
            && !["own<", "borrow<", "stream", "future"].contains { signature.contains($0) }
    }

    /// Text that is alike may still be of parts that have different names.
    private mutating func removeThoseOfDifferentParts(_ model: ResolvedModel) {
        var isStable = false
        while !isStable {
            isStable = true
            for (later, original) in self.originals {
                let (left, right) = (model.parts(of: later), model.parts(of: original))
                let areSame =
                    left.count == right.count
                    && zip(left, right).allSatisfy { $0 == $1 || self.originals[$0] == $1 }
                if !areSame {
                    self.originals[later] = nil
                    isStable = false
                }
            }
        }
    }
}

extension TypeDefinition {
    /// Whether it has a Swift type of its own that is no class.
    fileprivate var isComposite: Bool {
        switch self.kind {
        case .record, .variant, .enumeration, .flags: true
        case .alias, .resource: false
        }
    }
}

extension ResolvedModel {
    /// The definitions that a definition's members are made of, in order.
    fileprivate func parts(of id: TypeID) -> [TypeID] {
        switch self[id].kind {
        case .record(let members), .variant(let members):
            members.compactMap(\.type).flatMap { self.definitions(in: $0) }
        case .alias, .enumeration, .flags, .resource: []
        }
    }

    private func definitions(in type: WITType) -> [TypeID] {
        switch self.expanded(type) {
        case .primitive, .own, .borrow: []
        case .named(let id): [id]
        case .list(let element), .fixedList(let element, _), .option(let element): self.definitions(in: element)
        case .map(let key, let value): self.definitions(in: key) + self.definitions(in: value)
        case .result(let success, let failure):
            [success, failure].compactMap { $0 }.flatMap { self.definitions(in: $0) }
        case .tuple(let elements): elements.flatMap { self.definitions(in: $0) }
        case .future(let payload), .stream(let payload): payload.map { self.definitions(in: $0) } ?? []
        }
    }
}
