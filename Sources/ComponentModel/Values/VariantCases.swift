/// Variants, enums, options and results, seen as the variants that they stand for.
struct VariantCases {
    private enum Kind {
        case variant([ValueType.Case])
        case labels([String])
        case option(ValueType)
        case result(ok: ValueType?, error: ValueType?)
    }

    private let kind: Kind

    init?(_ type: ValueType) {
        switch type {
        case .variant(let cases): self.kind = .variant(cases)
        case .enum(let labels): self.kind = .labels(labels)
        case .option(let type): self.kind = .option(type)
        case .result(let ok, let error): self.kind = .result(ok: ok, error: error)
        default: return nil
        }
    }

    var count: Int {
        switch self.kind {
        case .variant(let cases): cases.count
        case .labels(let labels): labels.count
        case .option, .result: 2
        }
    }

    /// The type of a case's payload. `index` is below `count`.
    func payload(_ index: Int) -> ValueType? {
        switch self.kind {
        case .variant(let cases): cases[index].type
        case .labels: nil
        case .option(let type): index == 0 ? nil : type
        case .result(let ok, let error): index == 0 ? ok : error
        }
    }

    func value(_ index: Int, _ payload: ComponentValue?) -> ComponentValue {
        switch self.kind {
        case .variant(let cases): .variant(cases[index].name, payload)
        case .labels(let labels): .enum(labels[index])
        case .option: .option(payload)
        case .result: index == 0 ? .result(ok: payload) : .failure(payload)
        }
    }

    /// For messages.
    func name(_ index: Int) -> String {
        switch self.kind {
        case .variant(let cases): cases[index].name
        case .labels(let labels): labels[index]
        case .option: index == 0 ? "none" : "some"
        case .result: index == 0 ? "ok" : "err"
        }
    }

    /// The case and payload of a value; `nil` when it is none of this type.
    func find(_ value: ComponentValue) -> (Int, ComponentValue?)? {
        switch (self.kind, value) {
        case (.variant(let cases), .variant(let name, let payload)):
            return cases.firstIndex { $0.name == name }.map { ($0, payload) }
        case (.labels(let labels), .enum(let label)): return labels.firstIndex(of: label).map { ($0, nil) }
        case (.option, .option(let payload)): return (payload == nil ? 0 : 1, payload)
        case (.result, .result(let payload)): return (0, payload)
        case (.result, .failure(let payload)): return (1, payload)
        default: return nil
        }
    }
}

extension ValueType {
    /// The type's constructor, for messages.
    var kindName: String {
        switch self {
        case .bool: "bool"
        case .s8: "s8"
        case .u8: "u8"
        case .s16: "s16"
        case .u16: "u16"
        case .s32: "s32"
        case .u32: "u32"
        case .s64: "s64"
        case .u64: "u64"
        case .f32: "f32"
        case .f64: "f64"
        case .char: "char"
        case .string: "string"
        case .list, .fixedList: "list"
        case .record: "record"
        case .variant: "variant"
        case .tuple: "tuple"
        case .flags: "flags"
        case .enum: "enum"
        case .option: "option"
        case .result: "result"
        case .own: "own"
        case .borrow: "borrow"
        case .stream: "stream"
        case .future: "future"
        case .errorContext: "error-context"
        }
    }
}
