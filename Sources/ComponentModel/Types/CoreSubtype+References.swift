extension CoreSubtype {
    /// Indices of other types.
    var references: [Int] {
        func index(_ type: CoreValueType) -> Int? {
            guard case .reference(_, .concrete(let index)) = type else { return nil }
            return index
        }
        func index(_ field: CoreFieldType) -> Int? {
            guard case .value(let type) = field.storage else { return nil }
            return index(type)
        }
        return switch self.composite {
        case .function(let parameters, let results):
            self.supertypes + parameters.compactMap(index) + results.compactMap(index)
        case .structure(let fields): self.supertypes + fields.compactMap(index)
        case .array(let element): self.supertypes + [element].compactMap(index)
        case .continuation(let type): self.supertypes + [type]
        }
    }
}
