// The functions of Wasmtime's own component C API that benchmarks and tests compare Swirl with. Swirl itself calls none
// of them. They come from the library that is already loaded: the loader below finds each in it by name.
//
// Signatures are those of the library's source, crates/c-api/src/component.
#ifndef CWASMTIME_COMPONENTS_H
#define CWASMTIME_COMPONENTS_H

#include <CWasmtime.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"

typedef struct wasmtime_component_t wasmtime_component_t;
typedef struct wasmtime_component_linker_t wasmtime_component_linker_t;

typedef struct wasmtime_component_instance_t {
    uint64_t store_id;
    uint32_t internal;
} wasmtime_component_instance_t;

typedef struct wasmtime_component_export_index_t wasmtime_component_export_index_t;

typedef struct wasmtime_component_func_t {
    struct {
        uint64_t store_id;
        uint32_t private1;
    } instance;
    uint32_t private2;
} wasmtime_component_func_t;

// The kinds of a value, in the order of the library's numbers.
enum {
    WASMTIME_COMPONENT_BOOL,
    WASMTIME_COMPONENT_S8,
    WASMTIME_COMPONENT_U8,
    WASMTIME_COMPONENT_S16,
    WASMTIME_COMPONENT_U16,
    WASMTIME_COMPONENT_S32,
    WASMTIME_COMPONENT_U32,
    WASMTIME_COMPONENT_S64,
    WASMTIME_COMPONENT_U64,
    WASMTIME_COMPONENT_F32,
    WASMTIME_COMPONENT_F64,
    WASMTIME_COMPONENT_CHAR,
    WASMTIME_COMPONENT_STRING,
    WASMTIME_COMPONENT_LIST,
    WASMTIME_COMPONENT_RECORD,
    WASMTIME_COMPONENT_TUPLE,
    WASMTIME_COMPONENT_VARIANT,
    WASMTIME_COMPONENT_ENUM,
    WASMTIME_COMPONENT_OPTION,
    WASMTIME_COMPONENT_RESULT,
    WASMTIME_COMPONENT_FLAGS,
};

// Lists and tuples hold values, records entries, flags names.
typedef struct wasmtime_component_vector_t {
    size_t size;
    void *_Nullable data;
} wasmtime_component_vector_t;

typedef struct wasmtime_component_val_t {
    uint8_t kind;
    union {
        bool boolean;
        int8_t s8;
        uint8_t u8;
        int16_t s16;
        uint16_t u16;
        int32_t s32;
        uint32_t u32;
        int64_t s64;
        uint64_t u64;
        float f32;
        double f64;
        uint32_t character;
        wasm_byte_vec_t string;
        wasmtime_component_vector_t elements;
        struct {
            wasm_byte_vec_t discriminant;
            struct wasmtime_component_val_t *_Nullable val;
        } variant;
        wasm_byte_vec_t enumeration;
        struct wasmtime_component_val_t *_Nullable option;
        struct {
            bool is_ok;
            struct wasmtime_component_val_t *_Nullable val;
        } result;
    } of;
} wasmtime_component_val_t;

typedef struct wasmtime_component_valrecord_entry_t {
    wasm_byte_vec_t name;
    wasmtime_component_val_t val;
} wasmtime_component_valrecord_entry_t;

// X(result, name, (parameters), (arguments))
#define CWASMTIME_COMPONENT_FUNCTIONS(X) \
    X(wasmtime_error_t *_Nullable, wasmtime_component_new, \
      (wasm_engine_t * engine, const uint8_t *bytes, size_t size, wasmtime_component_t *_Nullable *_Nonnull out), \
      (engine, bytes, size, out)) \
    X(void, wasmtime_component_delete, (wasmtime_component_t * component), (component)) \
    X(wasmtime_component_linker_t *_Nonnull, wasmtime_component_linker_new, (wasm_engine_t * engine), (engine)) \
    X(void, wasmtime_component_linker_delete, (wasmtime_component_linker_t * linker), (linker)) \
    X(wasmtime_error_t *_Nullable, wasmtime_component_linker_define_unknown_imports_as_traps, \
      (wasmtime_component_linker_t * linker, const wasmtime_component_t *component), (linker, component)) \
    X(wasmtime_error_t *_Nullable, wasmtime_component_linker_instantiate, \
      (const wasmtime_component_linker_t *linker, wasmtime_context_t *context, const wasmtime_component_t *component, \
       wasmtime_component_instance_t *out), \
      (linker, context, component, out)) \
    X(wasmtime_call_future_t *_Nonnull, wasmtime_component_linker_instantiate_async, \
      (const wasmtime_component_linker_t *linker, wasmtime_context_t *context, const wasmtime_component_t *component, \
       wasmtime_component_instance_t *out, wasmtime_error_t *_Nullable *_Nonnull error), \
      (linker, context, component, out, error)) \
    X(wasmtime_component_export_index_t *_Nullable, wasmtime_component_instance_get_export_index, \
      (const wasmtime_component_instance_t *instance, wasmtime_context_t *context, \
       const wasmtime_component_export_index_t *_Nullable parent, const char *name, size_t length), \
      (instance, context, parent, name, length)) \
    X(void, wasmtime_component_export_index_delete, (wasmtime_component_export_index_t * index), (index)) \
    X(bool, wasmtime_component_instance_get_func, \
      (const wasmtime_component_instance_t *instance, wasmtime_context_t *context, \
       const wasmtime_component_export_index_t *index, wasmtime_component_func_t *out), \
      (instance, context, index, out)) \
    X(wasmtime_error_t *_Nullable, wasmtime_component_func_call, \
      (const wasmtime_component_func_t *function, wasmtime_context_t *context, \
       const wasmtime_component_val_t *_Nullable arguments, size_t argument_count, wasmtime_component_val_t *results, \
       size_t result_count), \
      (function, context, arguments, argument_count, results, result_count)) \
    X(void, wasmtime_component_val_delete, (wasmtime_component_val_t * value), (value))

#define CWASMTIME_COMPONENT_POINTER(result, name, parameters, arguments) result(*name) parameters;
struct cwasmtime_component_functions {
    CWASMTIME_COMPONENT_FUNCTIONS(CWASMTIME_COMPONENT_POINTER)
};
#undef CWASMTIME_COMPONENT_POINTER

extern struct cwasmtime_component_functions cwasmtime_component_functions __attribute__((visibility("hidden")));

#define CWASMTIME_COMPONENT_WRAPPER(result, name, parameters, arguments) \
    static inline result name parameters { return cwasmtime_component_functions.name arguments; }
CWASMTIME_COMPONENT_FUNCTIONS(CWASMTIME_COMPONENT_WRAPPER)
#undef CWASMTIME_COMPONENT_WRAPPER

// Finds all functions in the library file at `path`, which is loaded already. Returns the name of the first that is
// missing, "" when the library itself is not loaded, NULL when all is well.
const char *_Nullable cwasmtime_components_load(const char *path);

#pragma clang diagnostic pop
#pragma clang assume_nonnull end

#endif
