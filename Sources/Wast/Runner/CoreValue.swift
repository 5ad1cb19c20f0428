import CWasmtime
import WasmEngine

/// A value of core WebAssembly by its bits; of a reference, only whether it is null.
struct CoreValue: Hashable, CustomStringConvertible {
    let kind: ValueKind
    /// The low bits; the high ones of a vector.
    let low: UInt64
    let high: UInt64

    init(_ kind: ValueKind, low: UInt64, high: UInt64 = 0) {
        self.kind = kind
        self.low = low
        self.high = high
    }

    init(_ kind: ValueKind, _ raw: RawValue) {
        var words: (UInt64, UInt64) = (0, 0)
        withUnsafeBytes(of: raw) { bytes in
            words = (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        switch kind {
        case .i32, .f32, .externref: self.init(kind, low: words.0 & 0xFFFF_FFFF)
        case .i64, .f64: self.init(kind, low: words.0)
        case .v128: self.init(kind, low: words.0, high: words.1)
        case .funcref: self.init(kind, low: words.0 == 0 ? 0 : 1)
        }
    }

    init(_ value: wasmtime_val_t) throws(RunFailure) {
        switch Int(value.kind) {
        case Int(WASMTIME_I32): self.init(.i32, low: UInt64(UInt32(bitPattern: value.of.i32)))
        case Int(WASMTIME_I64): self.init(.i64, low: UInt64(bitPattern: value.of.i64))
        case Int(WASMTIME_F32): self.init(.f32, low: UInt64(value.of.f32.bitPattern))
        case Int(WASMTIME_F64): self.init(.f64, low: value.of.f64.bitPattern)
        case Int(WASMTIME_FUNCREF): self.init(.funcref, low: value.of.funcref.store_id == 0 ? 0 : 1)
        case Int(WASMTIME_EXTERNREF): self.init(.externref, low: value.of.externref.store_id == 0 ? 0 : 1)
        default: throw .runner("read a global of this type")
        }
    }

    /// As an argument.
    var raw: RawValue {
        var raw = RawValue()
        withUnsafeMutableBytes(of: &raw) { bytes in
            bytes.storeBytes(of: self.low, as: UInt64.self)
            bytes.storeBytes(of: self.high, toByteOffset: 8, as: UInt64.self)
        }
        return raw
    }

    var description: String {
        switch self.kind {
        case .i32: "i32 \(Int32(truncatingIfNeeded: self.low))"
        case .i64: "i64 \(Int64(bitPattern: self.low))"
        case .f32: "f32 \(Float(bitPattern: UInt32(truncatingIfNeeded: self.low)))"
        case .f64: "f64 \(Double(bitPattern: self.low))"
        case .v128: "v128 0x\(String(self.high, radix: 16)) 0x\(String(self.low, radix: 16))"
        case .funcref, .externref: "\(self.kind) \(self.low == 0 ? "null" : "not null")"
        }
    }
}
