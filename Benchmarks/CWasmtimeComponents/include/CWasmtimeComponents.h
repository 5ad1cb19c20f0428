// The functions of Wasmtime's own component C API that the benchmarks compare Swirl with. Swirl itself calls none of
// them. They come from the library that is already loaded: the loader below finds each in it by name.
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
      (linker, context, component, out, error))

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
