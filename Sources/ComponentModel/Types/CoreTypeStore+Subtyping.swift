/// Subtyping of core types (WebAssembly 3.0, "Matching"): by what types declare, not by what they look like.
extension CoreTypeStore {
    func isSubtype(_ type: Int, of other: Int) -> Bool {
        var type = type
        // A supertype is always an earlier type or one of the same group: each is visited once.
        for _ in 0..<1000 {
            if type == other { return true }
            guard self.types.indices.contains(type), let parent = self.types[type].supertypes.first else {
                return false
            }
            type = parent
        }
        return false
    }

    func isSubtype(_ type: CoreValueType, of other: CoreValueType) -> Bool {
        if type == other { return true }
        guard case .reference(let isNullable, let heap) = type,
            case .reference(let otherIsNullable, let otherHeap) = other
        else { return false }
        return (!isNullable || otherIsNullable) && self.isSubtype(heap, of: otherHeap)
    }

    private func isSubtype(_ type: CoreHeapType, of other: CoreHeapType) -> Bool {
        switch (type, other) {
        case (.concrete(let type), .concrete(let other)): return self.isSubtype(type, of: other)
        case (.abstract(let type, let isShared), .abstract(let other, let otherIsShared)):
            guard isShared == otherIsShared else { return false }
            if type.topOfBottom != nil { return type == other || type.top == other.top }
            var current: CoreHeapType.Abstract? = type
            while let next = current {
                if next == other { return true }
                current = next.parent
            }
            return false
        case (.concrete(let type), .abstract(let other, let isShared)):
            guard let kind = self.kind(type), self.types[type].isShared == isShared else { return false }
            return self.isSubtype(.abstract(kind, isShared: isShared), of: .abstract(other, isShared: isShared))
        case (.abstract(let type, let isShared), .concrete(let other)):
            guard let kind = self.kind(other), self.types[other].isShared == isShared else { return false }
            return type.topOfBottom != nil && type.top == kind.top
        }
    }

    private func kind(_ type: Int) -> CoreHeapType.Abstract? {
        guard self.types.indices.contains(type) else { return nil }
        return switch self.types[type].composite {
        case .function: .function
        case .structure: .structure
        case .array: .array
        case .continuation: .continuation
        }
    }

    // MARK: Declared supertypes

    /// Whether a type looks as its declared supertype demands.
    func matches(_ type: Int, declaredSupertype parent: Int) -> Bool {
        guard self.types.indices.contains(type), self.types.indices.contains(parent),
            self.types[type].isShared == self.types[parent].isShared
        else { return false }
        switch (self.types[type].composite, self.types[parent].composite) {
        case (.function(let parameters, let results), .function(let wantedParameters, let wantedResults)):
            return parameters.count == wantedParameters.count && results.count == wantedResults.count
                && zip(wantedParameters, parameters).allSatisfy { self.isSubtype($0, of: $1) }
                && zip(results, wantedResults).allSatisfy { self.isSubtype($0, of: $1) }
        case (.structure(let fields), .structure(let wanted)):
            return fields.count >= wanted.count && zip(fields, wanted).allSatisfy { self.matches($0, $1) }
        case (.array(let element), .array(let wanted)): return self.matches(element, wanted)
        case (.continuation(let type), .continuation(let wanted)): return self.isSubtype(type, of: wanted)
        default: return false
        }
    }

    private func matches(_ field: CoreFieldType, _ wanted: CoreFieldType) -> Bool {
        guard field.isMutable == wanted.isMutable else { return false }
        guard !field.isMutable, case .value(let value) = field.storage, case .value(let wantedValue) = wanted.storage
        else { return field.storage == wanted.storage }
        return self.isSubtype(value, of: wantedValue)
    }

    /// How many supertypes a type has above it, each declared before the one below.
    func depth(_ type: Int) -> Int {
        var type = type
        var depth = 0
        while self.types.indices.contains(type), let parent = self.types[type].supertypes.first, parent < type {
            type = parent
            depth += 1
        }
        return depth
    }
}
