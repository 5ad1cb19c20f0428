/// A value of the component model, whatever its type: what an embedder passes to a function that it knows at run time only.
///
/// Generated bindings do without it: each value here costs an allocation or two.
package indirect enum ComponentValue: Hashable {
    case bool(Bool)
    case s8(Int8)
    case u8(UInt8)
    case s16(Int16)
    case u16(UInt16)
    case s32(Int32)
    case u32(UInt32)
    case s64(Int64)
    case u64(UInt64)
    /// The bits of a NaN are kept on this side; a guest may see another NaN.
    case f32(Float)
    case f64(Double)
    case char(Unicode.Scalar)
    case string(String)
    /// A list of any length, or one whose type fixes it.
    case list([ComponentValue])
    /// In the order of the type.
    case record([Field])
    case variant(String, ComponentValue?)
    case tuple([ComponentValue])
    /// The labels that are set, in the order of the type when they come from a guest.
    case flags([String])
    case `enum`(String)
    case option(ComponentValue?)
    case result(ok: ComponentValue?)
    case failure(ComponentValue?)
    /// Passing it gives the resource away; one that comes from a guest must be passed on or dropped.
    case own(ComponentResource)
    case borrow(ComponentResource)
    /// The readable end of a stream; passing it gives it away, letting it go drops it.
    case stream(HostEnd)
    /// The readable end of a future; likewise.
    case future(HostEnd)
    case errorContext(ErrorContext)

    package struct Field: Hashable {
        package let name: String
        package let value: ComponentValue

        package init(_ name: String, _ value: ComponentValue) {
            self.name = name
            self.value = value
        }
    }

    /// What kind of value it is, for messages.
    package var kindName: String {
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
        case .list: "list"
        case .record: "record"
        case .variant: "variant"
        case .tuple: "tuple"
        case .flags: "flags"
        case .enum: "enum"
        case .option: "option"
        case .result, .failure: "result"
        case .own: "own"
        case .borrow: "borrow"
        case .stream: "stream"
        case .future: "future"
        case .errorContext: "error-context"
        }
    }
}

extension ComponentValue: CustomStringConvertible {
    /// In the notation of WIT's value encoding, WAVE.
    package var description: String {
        func list(_ values: [ComponentValue]) -> String { values.map(\.description).joined(separator: ", ") }
        switch self {
        case .bool(let value): return "\(value)"
        case .s8(let value): return "\(value)"
        case .u8(let value): return "\(value)"
        case .s16(let value): return "\(value)"
        case .u16(let value): return "\(value)"
        case .s32(let value): return "\(value)"
        case .u32(let value): return "\(value)"
        case .s64(let value): return "\(value)"
        case .u64(let value): return "\(value)"
        case .f32(let value):
            return value.isNaN ? "nan:0x\(String(value.bitPattern, radix: 16))" : "\(value)"
        case .f64(let value):
            return value.isNaN ? "nan:0x\(String(value.bitPattern, radix: 16))" : "\(value)"
        case .char(let value): return "'\(value.escaped(asASCII: false))'"
        case .string(let value): return value.debugDescription
        case .list(let values): return "[\(list(values))]"
        case .record(let fields):
            return "{\(fields.map { "\($0.name): \($0.value)" }.joined(separator: ", "))}"
        case .variant(let name, let payload): return name + (payload.map { "(\($0))" } ?? "")
        case .tuple(let values): return "(\(list(values)))"
        case .flags(let labels): return "{\(labels.joined(separator: ", "))}"
        case .enum(let label): return label
        case .option(let value): return value.map { "some(\($0))" } ?? "none"
        case .result(let value): return "ok" + (value.map { "(\($0))" } ?? "")
        case .failure(let value): return "err" + (value.map { "(\($0))" } ?? "")
        case .own(let resource): return "own(\(resource))"
        case .borrow(let resource): return "borrow(\(resource))"
        case .stream: return "stream"
        case .future: return "future"
        case .errorContext(let error): return "error-context(\(error.message.debugDescription))"
        }
    }
}
