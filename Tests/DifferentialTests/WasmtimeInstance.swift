import CWasmtime
import CWasmtimeComponents
import ComponentModel
import WasmEngine

/// A component without imports, instantiated by Wasmtime's own runtime through its component C API.
final class WasmtimeInstance {
    /// What Wasmtime says: of a component that it refuses, or a call that traps.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let component: OpaquePointer
    private let store: OpaquePointer
    private var instance = wasmtime_component_instance_t()

    init(_ file: [UInt8], engine: Engine) throws {
        if let missing = cwasmtime_components_load(engine.library.path) {
            throw Failure(description: "the library lacks \(String(cString: missing))")
        }
        var component: OpaquePointer?
        try Self.check(wasmtime_component_new(engine.pointer, file, file.count, &component))
        guard let component else { throw Failure(description: "no component and no error") }
        self.component = component
        self.store = wasmtime_store_new(engine.pointer, nil, nil)
        let context = wasmtime_store_context(self.store)
        wasmtime_context_set_epoch_deadline(context, 1 << 40)
        let linker = wasmtime_component_linker_new(engine.pointer)
        defer { wasmtime_component_linker_delete(linker) }
        try Self.check(wasmtime_component_linker_instantiate(linker, context, component, &self.instance))
    }

    deinit {
        wasmtime_store_delete(self.store)
        wasmtime_component_delete(self.component)
    }

    /// Calls an exported function that has one result.
    func call(_ name: String, _ arguments: [ComponentValue]) throws -> ComponentValue {
        let context = wasmtime_store_context(self.store)
        guard
            let index = wasmtime_component_instance_get_export_index(
                &self.instance, context, nil, name, name.utf8.count)
        else { throw Failure(description: "there is no export \(name)") }
        defer { wasmtime_component_export_index_delete(index) }
        var function = wasmtime_component_func_t()
        guard wasmtime_component_instance_get_func(&self.instance, context, index, &function) else {
            throw Failure(description: "\(name) is no function")
        }
        let arena = ValueArena()
        let values = arguments.map { arena.value($0) }
        var result = wasmtime_component_val_t()
        try Self.check(
            values.withUnsafeBufferPointer {
                wasmtime_component_func_call(&function, context, $0.baseAddress, $0.count, &result, 1)
            })
        defer { wasmtime_component_val_delete(&result) }
        return try ComponentValue(result)
    }

    private static func check(_ error: OpaquePointer?) throws {
        guard let error else { return }
        defer { wasmtime_error_delete(error) }
        var message = wasm_byte_vec_t()
        wasmtime_error_message(error, &message)
        defer { wasm_byte_vec_delete(&message) }
        throw Failure(
            description: String(decoding: UnsafeBufferPointer(start: message.data, count: message.size), as: UTF8.self))
    }
}

/// Memory of arguments, which Wasmtime only borrows.
private final class ValueArena {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit {
        for block in self.blocks { block.deallocate() }
    }

    private func copy<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
        let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        copy.initialize(from: elements, count: elements.count)
        self.blocks.append(UnsafeMutableRawPointer(copy))
        return copy
    }

    private func name(_ text: String) -> wasm_byte_vec_t {
        let bytes = Array(text.utf8)
        return wasm_byte_vec_t(size: bytes.count, data: self.copy(bytes))
    }

    private func vector<Element>(_ elements: [Element]) -> wasmtime_component_vector_t {
        wasmtime_component_vector_t(size: elements.count, data: UnsafeMutableRawPointer(self.copy(elements)))
    }

    private func optional(_ value: ComponentValue?) -> UnsafeMutablePointer<wasmtime_component_val_t>? {
        value.map { self.copy([self.value($0)]) }
    }

    func value(_ value: ComponentValue) -> wasmtime_component_val_t {
        var result = wasmtime_component_val_t()
        func set(_ kind: Int, _ body: (inout wasmtime_component_val_t) -> Void) {
            result.kind = UInt8(kind)
            body(&result)
        }
        switch value {
        case .bool(let value): set(Int(WASMTIME_COMPONENT_BOOL)) { $0.of.boolean = value }
        case .s8(let value): set(Int(WASMTIME_COMPONENT_S8)) { $0.of.s8 = value }
        case .u8(let value): set(Int(WASMTIME_COMPONENT_U8)) { $0.of.u8 = value }
        case .s16(let value): set(Int(WASMTIME_COMPONENT_S16)) { $0.of.s16 = value }
        case .u16(let value): set(Int(WASMTIME_COMPONENT_U16)) { $0.of.u16 = value }
        case .s32(let value): set(Int(WASMTIME_COMPONENT_S32)) { $0.of.s32 = value }
        case .u32(let value): set(Int(WASMTIME_COMPONENT_U32)) { $0.of.u32 = value }
        case .s64(let value): set(Int(WASMTIME_COMPONENT_S64)) { $0.of.s64 = value }
        case .u64(let value): set(Int(WASMTIME_COMPONENT_U64)) { $0.of.u64 = value }
        case .f32(let value): set(Int(WASMTIME_COMPONENT_F32)) { $0.of.f32 = value }
        case .f64(let value): set(Int(WASMTIME_COMPONENT_F64)) { $0.of.f64 = value }
        case .char(let value): set(Int(WASMTIME_COMPONENT_CHAR)) { $0.of.character = value.value }
        case .string(let value): set(Int(WASMTIME_COMPONENT_STRING)) { $0.of.string = self.name(value) }
        case .list(let values):
            set(Int(WASMTIME_COMPONENT_LIST)) { $0.of.elements = self.vector(values.map { self.value($0) }) }
        case .tuple(let values):
            set(Int(WASMTIME_COMPONENT_TUPLE)) { $0.of.elements = self.vector(values.map { self.value($0) }) }
        case .record(let fields):
            set(Int(WASMTIME_COMPONENT_RECORD)) {
                $0.of.elements = self.vector(
                    fields.map {
                        wasmtime_component_valrecord_entry_t(name: self.name($0.name), val: self.value($0.value))
                    })
            }
        case .variant(let label, let value):
            set(Int(WASMTIME_COMPONENT_VARIANT)) {
                $0.of.variant.discriminant = self.name(label)
                $0.of.variant.val = self.optional(value)
            }
        case .enum(let label): set(Int(WASMTIME_COMPONENT_ENUM)) { $0.of.enumeration = self.name(label) }
        case .flags(let labels):
            set(Int(WASMTIME_COMPONENT_FLAGS)) { $0.of.elements = self.vector(labels.map { self.name($0) }) }
        case .option(let value): set(Int(WASMTIME_COMPONENT_OPTION)) { $0.of.option = self.optional(value) }
        case .result(let value):
            set(Int(WASMTIME_COMPONENT_RESULT)) {
                $0.of.result.is_ok = true
                $0.of.result.val = self.optional(value)
            }
        case .failure(let value):
            set(Int(WASMTIME_COMPONENT_RESULT)) {
                $0.of.result.is_ok = false
                $0.of.result.val = self.optional(value)
            }
        default: break  // The generator makes no resources.
        }
        return result
    }
}

extension ComponentValue {
    /// Wasmtime's value as ours.
    fileprivate init(_ value: wasmtime_component_val_t) throws {
        func text(_ bytes: wasm_byte_vec_t) -> String {
            String(decoding: UnsafeBufferPointer(start: bytes.data, count: bytes.size), as: UTF8.self)
        }
        func elements<Element>(_ vector: wasmtime_component_vector_t, _: Element.Type) -> [Element] {
            Array(UnsafeBufferPointer(start: vector.data?.assumingMemoryBound(to: Element.self), count: vector.size))
        }
        func optional(_ pointer: UnsafeMutablePointer<wasmtime_component_val_t>?) throws -> ComponentValue? {
            try pointer.map { try ComponentValue($0.pointee) }
        }
        func values(_ vector: wasmtime_component_vector_t) throws -> [ComponentValue] {
            try elements(vector, wasmtime_component_val_t.self).map { try ComponentValue($0) }
        }
        switch Int(value.kind) {
        case Int(WASMTIME_COMPONENT_BOOL): self = .bool(value.of.boolean)
        case Int(WASMTIME_COMPONENT_S8): self = .s8(value.of.s8)
        case Int(WASMTIME_COMPONENT_U8): self = .u8(value.of.u8)
        case Int(WASMTIME_COMPONENT_S16): self = .s16(value.of.s16)
        case Int(WASMTIME_COMPONENT_U16): self = .u16(value.of.u16)
        case Int(WASMTIME_COMPONENT_S32): self = .s32(value.of.s32)
        case Int(WASMTIME_COMPONENT_U32): self = .u32(value.of.u32)
        case Int(WASMTIME_COMPONENT_S64): self = .s64(value.of.s64)
        case Int(WASMTIME_COMPONENT_U64): self = .u64(value.of.u64)
        case Int(WASMTIME_COMPONENT_F32): self = .f32(value.of.f32)
        case Int(WASMTIME_COMPONENT_F64): self = .f64(value.of.f64)
        case Int(WASMTIME_COMPONENT_CHAR): self = .char(Unicode.Scalar(value.of.character) ?? "?")
        case Int(WASMTIME_COMPONENT_STRING): self = .string(text(value.of.string))
        case Int(WASMTIME_COMPONENT_LIST): self = .list(try values(value.of.elements))
        case Int(WASMTIME_COMPONENT_TUPLE): self = .tuple(try values(value.of.elements))
        case Int(WASMTIME_COMPONENT_RECORD):
            let entries = elements(value.of.elements, wasmtime_component_valrecord_entry_t.self)
            self = .record(try entries.map { .init(text($0.name), try ComponentValue($0.val)) })
        case Int(WASMTIME_COMPONENT_VARIANT):
            self = .variant(text(value.of.variant.discriminant), try optional(value.of.variant.val))
        case Int(WASMTIME_COMPONENT_ENUM): self = .enum(text(value.of.enumeration))
        case Int(WASMTIME_COMPONENT_FLAGS):
            self = .flags(elements(value.of.elements, wasm_byte_vec_t.self).map(text))
        case Int(WASMTIME_COMPONENT_OPTION): self = .option(try optional(value.of.option))
        case Int(WASMTIME_COMPONENT_RESULT):
            let payload = try optional(value.of.result.val)
            self = value.of.result.is_ok ? .result(ok: payload) : .failure(payload)
        default: throw WasmtimeInstance.Failure(description: "a value of kind \(value.kind)")
        }
    }
}
