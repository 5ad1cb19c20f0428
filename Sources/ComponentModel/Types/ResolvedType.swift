/// A value type with what validation asks of it again and again, computed from its parts once.
struct ResolvedType {
    let type: ValueType
    /// Expanded size, in nodes; labels count as well.
    let nodes: Int
    let depth: Int
    var containsBorrow = false
    /// Whether a value holds a list or string, which lies outside of the value itself.
    var containsPointers = false
    var mentionsResource = false

    init(_ type: ValueType, parts: [ResolvedType] = []) {
        self.type = type
        // Each part is bounded by `Limits.typeNodes`, their number by the file.
        self.nodes = parts.reduce(type.labels.reduce(1) { $0 + Limits.nodes(ofLabel: $1) }) { $0 + $1.nodes }
        self.depth = parts.reduce(0) { max($0, $1.depth) } + 1
        for part in parts {
            self.containsBorrow = self.containsBorrow || part.containsBorrow
            self.containsPointers = self.containsPointers || part.containsPointers
            self.mentionsResource = self.mentionsResource || part.mentionsResource
        }
    }

    static func primitive(_ type: ValueType) -> ResolvedType {
        var resolved = ResolvedType(type)
        resolved.containsPointers = type == .string
        return resolved
    }
}

struct ResolvedFunctionType {
    let type: ComponentFunctionType
    let nodes: Int
    let parametersContainPointers: Bool
    let resultContainsPointers: Bool
    let mentionsResource: Bool
}

extension ValueType {
    /// The names in it, those in its parts aside.
    fileprivate var labels: [String] {
        switch self {
        case .record(let fields): fields.map(\.name)
        case .variant(let cases): cases.map(\.name)
        case .flags(let labels), .enum(let labels): labels
        default: []
        }
    }
}
