import TestSupport

/// The choices of generated cases, the same in each run.
struct Generator: RandomNumberGenerator {
    private var numbers: SplitMix64

    init(seed: Int) {
        self.numbers = SplitMix64(seed: UInt64(bitPattern: Int64(seed)) &* 0xd134_2543_de82_ef95 &+ 1)
    }

    mutating func next() -> UInt64 { self.numbers.next() }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    mutating func chance(_ percent: Int) -> Bool { self.below(100) < percent }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[self.below(elements.count)] }
}

/// A type of the component model, as the generator makes them.
indirect enum GeneratedType {
    case primitive(String)
    case list(GeneratedType)
    case record([GeneratedType])
    case tuple([GeneratedType])
    case variant([GeneratedType?])
    case enumeration(Int)
    case flags(Int)
    case option(GeneratedType)
    case result(GeneratedType?, GeneratedType?)

    static let primitives = [
        "bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string",
    ]

    static func random(depth: Int, _ generator: inout Generator) -> GeneratedType {
        func inner(_ generator: inout Generator) -> GeneratedType { self.random(depth: depth - 1, &generator) }
        func some(_ range: ClosedRange<Int>, _ generator: inout Generator) -> [GeneratedType] {
            (0..<Int.random(in: range, using: &generator)).map { _ in inner(&generator) }
        }
        func maybe(_ generator: inout Generator) -> GeneratedType? { generator.chance(70) ? inner(&generator) : nil }
        guard depth > 0, generator.chance(75) else { return .primitive(generator.pick(self.primitives)) }
        switch generator.below(8) {
        case 0: return .list(inner(&generator))
        case 1: return .record(some(1...5, &generator))
        case 2: return .tuple(some(1...5, &generator))
        case 3: return .variant((0..<Int.random(in: 1...5, using: &generator)).map { _ in maybe(&generator) })
        case 4: return .enumeration(generator.pick([1, 2, 7, 255, 256, 257, 300]))
        case 5: return .flags(generator.pick([1, 7, 8, 9, 16, 17, 31, 32]))
        case 6: return .option(inner(&generator))
        default: return .result(maybe(&generator), maybe(&generator))
        }
    }
}

/// Types as definitions of a component: those that must have a name are exported, or imported, under one.
struct TypeDefinitions {
    private(set) var text = ""
    private var count = 0
    /// What follows each definition that needs a name: `(export …)`.
    private let named: (_ name: String, _ index: String) -> String

    init(named: @escaping (_ name: String, _ index: String) -> String) {
        self.named = named
    }

    /// Adds the definitions that `type` needs; gives how to refer to it.
    mutating func define(_ type: GeneratedType) -> String {
        switch type {
        case .primitive(let name): return name
        case .list(let element): return self.anonymous("(list \(self.define(element)))")
        case .tuple(let members):
            return self.anonymous("(tuple \(members.map { self.define($0) }.joined(separator: " ")))")
        case .option(let value): return self.anonymous("(option \(self.define(value)))")
        case .result(let ok, let error):
            let okText = ok.map { " " + self.define($0) } ?? ""
            let errorText = error.map { " (error \(self.define($0)))" } ?? ""
            return self.anonymous("(result\(okText)\(errorText))")
        case .record(let members):
            let fields = members.enumerated().map { "(field \"f\($0.offset)\" \(self.define($0.element)))" }
            return self.exported("(record \(fields.joined(separator: " ")))")
        case .variant(let cases):
            let texts = cases.enumerated().map { entry in
                "(case \"c\(entry.offset)\"\(entry.element.map { " " + self.define($0) } ?? ""))"
            }
            return self.exported("(variant \(texts.joined(separator: " ")))")
        case .enumeration(let count):
            return self.exported("(enum \((0..<count).map { "\"e\($0)\"" }.joined(separator: " ")))")
        case .flags(let count):
            return self.exported("(flags \((0..<count).map { "\"b\($0)\"" }.joined(separator: " ")))")
        }
    }

    private mutating func anonymous(_ definition: String) -> String {
        self.count += 1
        self.text += "(type $t\(self.count) \(definition))\n"
        return "$t\(self.count)"
    }

    private mutating func exported(_ definition: String) -> String {
        let index = self.anonymous(definition)
        self.text += self.named("n\(self.count)", index) + "\n"
        return "\(index)n"
    }
}
