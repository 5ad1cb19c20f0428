/// Core types of a file, each structure once: types of different modules are equal if their numbers are.
///
/// Recursion groups are kept as wholes, as WebAssembly 3.0 compares them. References into a group itself are negative
/// while it is looked up: -1 is its first type.
final class CoreTypeStore {
    private(set) var types: [CoreSubtype] = []
    /// Of each type, as planning wants it.
    private var numberFunctions: [CoreFunctionType?] = []
    private var groups: [[CoreSubtype]: Int] = [:]

    /// The number of a function type of its own, outside of any group, made of numbers.
    func function(_ type: CoreFunctionType) -> Int {
        self.function(type.parameters.map { .number($0) }, type.results.map { .number($0) })
    }

    func function(_ parameters: [CoreValueType], _ results: [CoreValueType]) -> Int {
        self.add([
            CoreSubtype(
                isFinal: true, supertypes: [], composite: .function(parameters: parameters, results: results),
                isShared: false)
        ])
    }

    /// The number of a group's first type; `resolve` turns an index of the file into a number, `first` is the index
    /// that the group's first type has in the file.
    func add(
        _ group: [CoreSubtype], first: Int, resolve: (Int) throws(ComponentError) -> Int
    ) throws(ComponentError) -> Int {
        let own = first..<(first + group.count)
        var resolved: [CoreSubtype] = []
        resolved.reserveCapacity(group.count)
        for type in group {
            resolved.append(
                try type.mapped { (index) throws(ComponentError) -> Int in
                    own.contains(index) ? first - index - 1 : try resolve(index)
                })
        }
        return self.add(resolved)
    }

    private func add(_ group: [CoreSubtype]) -> Int {
        if let known = self.groups[group] { return known }
        let first = self.types.count
        self.groups[group] = first
        for type in group {
            self.types.append(type.mappedWithoutError { $0 < 0 ? first - $0 - 1 : $0 })
            self.numberFunctions.append(CoreFunctionType(type.composite))
        }
        return first
    }

    /// The function type, if all its values are numbers and it stands alone.
    func numbers(_ type: Int) -> CoreFunctionType? {
        self.numberFunctions.indices.contains(type) ? self.numberFunctions[type] : nil
    }

    func isFunction(_ type: Int) -> Bool {
        guard self.types.indices.contains(type), case .function = self.types[type].composite else { return false }
        return true
    }

    /// As the text format writes it.
    func text(_ type: Int) -> String {
        guard self.types.indices.contains(type),
            case .function(let parameters, let results) = self.types[type].composite
        else { return "(type \(type))" }
        func list(_ word: String, _ types: [CoreValueType]) -> String {
            types.isEmpty ? "" : " (\(word) \(types.map(\.description).joined(separator: " ")))"
        }
        return "(func\(list("param", parameters))\(list("result", results)))"
    }
}

extension CoreValueType {
    func mapped(_ body: (Int) throws(ComponentError) -> Int) throws(ComponentError) -> CoreValueType {
        guard case .reference(let isNullable, .concrete(let index)) = self else { return self }
        return .reference(isNullable: isNullable, .concrete(try body(index)))
    }
}

extension CoreSubtype {
    func mapped(_ body: (Int) throws(ComponentError) -> Int) throws(ComponentError) -> CoreSubtype {
        func values(_ types: [CoreValueType]) throws(ComponentError) -> [CoreValueType] {
            var mapped: [CoreValueType] = []
            mapped.reserveCapacity(types.count)
            for type in types { mapped.append(try type.mapped(body)) }
            return mapped
        }
        func field(_ field: CoreFieldType) throws(ComponentError) -> CoreFieldType {
            guard case .value(let type) = field.storage else { return field }
            return CoreFieldType(storage: .value(try type.mapped(body)), isMutable: field.isMutable)
        }
        let composite: CoreCompositeType
        switch self.composite {
        case .function(let parameters, let results):
            composite = .function(parameters: try values(parameters), results: try values(results))
        case .structure(let fields):
            var mapped: [CoreFieldType] = []
            for one in fields { mapped.append(try field(one)) }
            composite = .structure(mapped)
        case .array(let element): composite = .array(try field(element))
        case .continuation(let type): composite = .continuation(try body(type))
        }
        var supertypes: [Int] = []
        for type in self.supertypes { supertypes.append(try body(type)) }
        return CoreSubtype(
            isFinal: self.isFinal, supertypes: supertypes, composite: composite, isShared: self.isShared)
    }

    func mappedWithoutError(_ body: (Int) -> Int) -> CoreSubtype {
        // The closure never throws, so that neither does this.
        (try? self.mapped { (index) throws(ComponentError) -> Int in body(index) }) ?? self
    }
}

extension CoreFunctionType {
    /// `nil` if it is no function type, or some value is not a number.
    init?(_ composite: CoreCompositeType) {
        guard case .function(let parameters, let results) = composite else { return nil }
        self.init([])
        for value in parameters {
            guard case .number(let number) = value else { return nil }
            self.parameters.append(number)
        }
        for value in results {
            guard case .number(let number) = value else { return nil }
            self.results.append(number)
        }
    }
}
