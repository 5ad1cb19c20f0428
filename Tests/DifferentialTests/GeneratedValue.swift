import ComponentModel

extension GeneratedType {
    /// A value of the type; edges are likelier than by chance.
    func value(_ generator: inout Generator) -> ComponentValue {
        func integer<Number: FixedWidthInteger>(_: Number.Type) -> Number {
            generator.pick([.min, .max, 0, 1, Number.random(in: .min ... .max, using: &generator)])
        }
        switch self {
        case .primitive(let name):
            switch name {
            case "bool": return .bool(generator.chance(50))
            case "s8": return .s8(integer(Int8.self))
            case "u8": return .u8(integer(UInt8.self))
            case "s16": return .s16(integer(Int16.self))
            case "u16": return .u16(integer(UInt16.self))
            case "s32": return .s32(integer(Int32.self))
            case "u32": return .u32(integer(UInt32.self))
            case "s64": return .s64(integer(Int64.self))
            case "u64": return .u64(integer(UInt64.self))
            case "f32": return .f32(generator.pick([0, -0.0, 1.5, .infinity, .nan, .leastNonzeroMagnitude]))
            case "f64": return .f64(generator.pick([0, -0.0, 1.5, -.infinity, .nan, .greatestFiniteMagnitude]))
            case "char": return .char(generator.pick(["a", "\u{0}", "\u{d7ff}", "\u{e000}", "\u{10ffff}", "ÿ"]))
            default: return .string(Self.text(&generator))
            }
        case .list(let element):
            return .list((0..<generator.below(5)).map { _ in element.value(&generator) })
        case .record(let members):
            return .record(members.enumerated().map { .init("f\($0.offset)", $0.element.value(&generator)) })
        case .tuple(let members): return .tuple(members.map { $0.value(&generator) })
        case .variant(let cases):
            let index = generator.below(cases.count)
            return .variant("c\(index)", cases[index].map { $0.value(&generator) })
        case .enumeration(let count): return .enum("e\(generator.below(count))")
        case .flags(let count): return .flags((0..<count).filter { _ in generator.chance(50) }.map { "b\($0)" })
        case .option(let value): return .option(generator.chance(70) ? value.value(&generator) : nil)
        case .result(let ok, let error):
            return generator.chance(50)
                ? .result(ok: ok.map { $0.value(&generator) }) : .failure(error.map { $0.value(&generator) })
        }
    }

    /// Of every width that an encoding knows.
    private static func text(_ generator: inout Generator) -> String {
        let alphabets: [[Character]] = [
            ["a", "b", "0", " "], ["a", "ÿ", "é"], ["a", "é", "€", "漢"], ["a", "😀", "é", "\u{0}"],
        ]
        let alphabet = generator.pick(alphabets)
        return String((0..<generator.pick([0, 1, 3, 17, 200])).map { _ in generator.pick(alphabet) })
    }
}

extension ComponentValue {
    /// The value with its floats as bits, so that they can be compared, and every NaN the same: which bits a NaN has is
    /// up to the engine.
    var canonical: ComponentValue {
        switch self {
        case .f32(let value): .u32(value.isNaN ? 0x7fc0_0000 : value.bitPattern)
        case .f64(let value): .u64(value.isNaN ? 0x7ff8_0000_0000_0000 : value.bitPattern)
        case .list(let values): .list(values.map(\.canonical))
        case .tuple(let values): .tuple(values.map(\.canonical))
        case .record(let fields): .record(fields.map { .init($0.name, $0.value.canonical) })
        case .variant(let name, let value): .variant(name, value?.canonical)
        case .option(let value): .option(value?.canonical)
        case .result(let value): .result(ok: value?.canonical)
        case .failure(let value): .failure(value?.canonical)
        default: self
        }
    }
}
