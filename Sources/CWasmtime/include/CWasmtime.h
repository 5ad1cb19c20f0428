// Declarations of the functions of Wasmtime's C API that Swirl calls, and of the structures that pass through them.
// libwasmtime is opened at run time, so that one binary runs wherever a library of the right version is: each function
// is a pointer in a table, which `cwasmtime_symbol_*` lets the loader fill, and an inline wrapper of upstream's name.
//
// Each line is checked against the source of the library (crates/c-api/src), not its header alone: the two differ, as
// in `wasmtime_context_epoch_deadline_async_yield_and_update`, which returns nothing whatever its header says.
#ifndef CWASMTIME_H
#define CWASMTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin
// The region above does not reach pointers that a macro expands to in a structure; the wrappers are what Swift sees.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"

// Opaque objects.
typedef struct wasm_config_t wasm_config_t;
typedef struct wasm_engine_t wasm_engine_t;
typedef struct wasm_valtype_t wasm_valtype_t;
typedef struct wasm_functype_t wasm_functype_t;
typedef struct wasm_externtype_t wasm_externtype_t;
typedef struct wasm_importtype_t wasm_importtype_t;
typedef struct wasm_exporttype_t wasm_exporttype_t;
typedef struct wasm_trap_t wasm_trap_t;
typedef struct wasm_frame_t wasm_frame_t;
typedef struct wasmtime_error_t wasmtime_error_t;
typedef struct wasmtime_module_t wasmtime_module_t;
typedef struct wasmtime_store_t wasmtime_store_t;
typedef struct wasmtime_context_t wasmtime_context_t;
typedef struct wasmtime_caller_t wasmtime_caller_t;
typedef struct wasmtime_linker_t wasmtime_linker_t;
typedef struct wasmtime_instance_pre_t wasmtime_instance_pre_t;
typedef struct wasmtime_call_future_t wasmtime_call_future_t;
typedef struct wasmtime_pooling_allocation_config_t wasmtime_pooling_allocation_config_t;

// Vectors that own their elements.
typedef struct wasm_byte_vec_t {
    size_t size;
    uint8_t *_Nullable data;
} wasm_byte_vec_t;

typedef struct wasm_valtype_vec_t {
    size_t size;
    wasm_valtype_t *_Nullable *_Nullable data;
} wasm_valtype_vec_t;

typedef struct wasm_importtype_vec_t {
    size_t size;
    wasm_importtype_t *_Nullable *_Nullable data;
} wasm_importtype_vec_t;

typedef struct wasm_exporttype_vec_t {
    size_t size;
    wasm_exporttype_t *_Nullable *_Nullable data;
} wasm_exporttype_vec_t;

typedef struct wasm_frame_vec_t {
    size_t size;
    wasm_frame_t *_Nullable *_Nullable data;
} wasm_frame_vec_t;

// Items of a store: plain values, valid as long as their store.
typedef struct wasmtime_func_t {
    uint64_t store_id;  // 0: null reference
    void *_Nullable internal;
} wasmtime_func_t;

typedef struct wasmtime_instance_t {
    uint64_t store_id;
    size_t internal;
} wasmtime_instance_t;

// The outer structure starts after the padding of the inner one.
typedef struct wasmtime_memory_t {
    struct {
        uint64_t store_id;
        uint32_t internal1;
    } origin;
    uint32_t internal2;
} wasmtime_memory_t;

typedef struct wasmtime_table_t {
    struct {
        uint64_t store_id;
        uint32_t internal1;
    } origin;
    uint32_t internal2;
} wasmtime_table_t;

typedef struct wasmtime_tag_t {
    struct {
        uint64_t store_id;
        uint32_t internal1;
    } origin;
    uint32_t internal2;
} wasmtime_tag_t;

typedef struct wasmtime_global_t {
    uint64_t store_id;
    uint32_t internal1;
    uint32_t internal2;
    uint32_t internal3;
} wasmtime_global_t;

enum {
    WASMTIME_EXTERN_FUNC = 0,
    WASMTIME_EXTERN_GLOBAL = 1,
    WASMTIME_EXTERN_TABLE = 2,
    WASMTIME_EXTERN_MEMORY = 3,
    WASMTIME_EXTERN_SHAREDMEMORY = 4,
    WASMTIME_EXTERN_TAG = 5,
};

typedef union wasmtime_extern_union_t {
    wasmtime_func_t func;
    wasmtime_global_t global;
    wasmtime_table_t table;
    wasmtime_memory_t memory;
    void *_Nullable sharedmemory;
    wasmtime_tag_t tag;
} wasmtime_extern_union_t;

typedef struct wasmtime_extern_t {
    uint8_t kind;
    wasmtime_extern_union_t of;
} wasmtime_extern_t;

// Values. A reference to a host or garbage-collected object is rooted in its store until it is unrooted.
typedef struct wasmtime_ref_t {
    uint64_t store_id;  // 0: null reference
    uint32_t internal1;
    uint32_t internal2;
    void *_Nullable internal3;
} wasmtime_ref_t;

typedef struct wasmtime_v128_t {
    uint8_t bytes[16];
} wasmtime_v128_t;

enum {
    WASMTIME_I32 = 0,
    WASMTIME_I64 = 1,
    WASMTIME_F32 = 2,
    WASMTIME_F64 = 3,
    WASMTIME_V128 = 4,
    WASMTIME_FUNCREF = 5,
    WASMTIME_EXTERNREF = 6,
    WASMTIME_ANYREF = 7,
    WASMTIME_EXNREF = 8,
};

typedef union wasmtime_valunion_t {
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
    wasmtime_ref_t anyref;
    wasmtime_ref_t externref;
    wasmtime_ref_t exnref;
    wasmtime_func_t funcref;
    wasmtime_v128_t v128;
} wasmtime_valunion_t;

typedef struct wasmtime_val_t {
    uint8_t kind;
    wasmtime_valunion_t of;
} wasmtime_val_t;

// An argument or result without a type, always little-endian.
typedef union wasmtime_val_raw_t {
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
    wasmtime_v128_t v128;
    uint32_t anyref;
    uint32_t externref;
    uint32_t exnref;
    void *_Nullable funcref;
} wasmtime_val_raw_t;

// Types.
enum {
    WASM_I32 = 0,
    WASM_I64 = 1,
    WASM_F32 = 2,
    WASM_F64 = 3,
    WASM_EXTERNREF = 128,
    WASM_FUNCREF = 129,
};

enum {
    WASM_EXTERN_FUNC = 0,
    WASM_EXTERN_GLOBAL = 1,
    WASM_EXTERN_TABLE = 2,
    WASM_EXTERN_MEMORY = 3,
    WASM_EXTERN_TAG = 4,
};

enum {
    WASMTIME_VALTYPE_REF = 5,
    WASMTIME_HEAPTYPE_EXTERN = 0,
    WASMTIME_HEAPTYPE_FUNC = 2,
};

// A Rust enumeration with a C layout: a discriminant byte, then the payload of the variant.
typedef struct wasmtime_heaptype_t {
    uint8_t kind;
    void *_Nullable concrete;
} wasmtime_heaptype_t;

typedef struct wasmtime_reftype_t {
    bool nullable;
    wasmtime_heaptype_t heap;
} wasmtime_reftype_t;

// `kind` is one of WASMTIME_I32 to WASMTIME_V128, or WASMTIME_VALTYPE_REF.
typedef struct wasmtime_valtype_t {
    uint8_t kind;
    wasmtime_reftype_t ref;
} wasmtime_valtype_t;

// Configuration.
enum {
    WASMTIME_STRATEGY_AUTO = 0,
    WASMTIME_STRATEGY_CRANELIFT = 1,
    WASMTIME_STRATEGY_WINCH = 2,
    WASMTIME_OPT_LEVEL_NONE = 0,
    WASMTIME_OPT_LEVEL_SPEED = 1,
    WASMTIME_OPT_LEVEL_SPEED_AND_SIZE = 2,
    WASMTIME_UPDATE_DEADLINE_CONTINUE = 0,
    WASMTIME_UPDATE_DEADLINE_YIELD = 1,
};

// Callbacks.
typedef void (*wasmtime_finalizer_t)(void *_Nullable data);

typedef wasm_trap_t *_Nullable (*wasmtime_func_unchecked_callback_t)(
    void *_Nullable env, wasmtime_caller_t *_Nullable caller, wasmtime_val_raw_t *_Nullable args_and_results,
    size_t count);

typedef wasmtime_error_t *_Nullable (*wasmtime_epoch_callback_t)(
    wasmtime_context_t *_Nullable context, void *_Nullable data, uint64_t *_Nullable delta, uint8_t *_Nullable kind);

// X(result, name, (parameters), (arguments))
#define CWASMTIME_FUNCTIONS(X) \
    CWASMTIME_CONFIG_FUNCTIONS(X) \
    CWASMTIME_POOL_FUNCTIONS(X) \
    CWASMTIME_TYPE_FUNCTIONS(X) \
    CWASMTIME_MODULE_FUNCTIONS(X) \
    CWASMTIME_LINKER_FUNCTIONS(X) \
    CWASMTIME_STORE_FUNCTIONS(X) \
    CWASMTIME_FUNC_FUNCTIONS(X) \
    CWASMTIME_ITEM_FUNCTIONS(X) \
    CWASMTIME_FAILURE_FUNCTIONS(X)

#define CWASMTIME_CONFIG_FUNCTIONS(X) \
    X(wasm_config_t *_Nonnull, wasm_config_new, (void), ()) \
    X(void, wasmtime_config_strategy_set, (wasm_config_t * c, uint8_t v), (c, v)) \
    X(void, wasmtime_config_cranelift_opt_level_set, (wasm_config_t * c, uint8_t v), (c, v)) \
    X(void, wasmtime_config_parallel_compilation_set, (wasm_config_t * c, bool v), (c, v)) \
    X(void, wasmtime_config_debug_info_set, (wasm_config_t * c, bool v), (c, v)) \
    X(void, wasmtime_config_epoch_interruption_set, (wasm_config_t * c, bool v), (c, v)) \
    X(void, wasmtime_config_max_wasm_stack_set, (wasm_config_t * c, size_t v), (c, v)) \
    X(void, wasmtime_config_async_stack_size_set, (wasm_config_t * c, size_t v), (c, v)) \
    X(void, wasmtime_config_memory_init_cow_set, (wasm_config_t * c, bool v), (c, v)) \
    X(void, wasmtime_config_memory_reservation_set, (wasm_config_t * c, uint64_t v), (c, v)) \
    X(void, wasmtime_config_memory_reservation_for_growth_set, (wasm_config_t * c, uint64_t v), (c, v)) \
    X(void, wasmtime_config_memory_guard_size_set, (wasm_config_t * c, uint64_t v), (c, v)) \
    X(void, wasmtime_config_wasm_threads_set, (wasm_config_t * c, bool v), (c, v)) \
    X(wasm_engine_t *_Nonnull, wasm_engine_new_with_config, (wasm_config_t * c), (c)) \
    X(void, wasm_engine_delete, (wasm_engine_t * e), (e)) \
    X(void, wasmtime_engine_increment_epoch, (wasm_engine_t * e), (e))

#define CWASMTIME_POOL_FUNCTIONS(X) \
    X(wasmtime_pooling_allocation_config_t *_Nonnull, wasmtime_pooling_allocation_config_new, (void), ()) \
    X(void, wasmtime_pooling_allocation_config_delete, (wasmtime_pooling_allocation_config_t * p), (p)) \
    X(void, wasmtime_pooling_allocation_strategy_set, \
      (wasm_config_t * c, const wasmtime_pooling_allocation_config_t *p), (c, p)) \
    CWASMTIME_POOL_SETTING(X, max_unused_warm_slots, uint32_t) \
    CWASMTIME_POOL_SETTING(X, decommit_batch_size, size_t) \
    CWASMTIME_POOL_SETTING(X, async_stack_keep_resident, size_t) \
    CWASMTIME_POOL_SETTING(X, linear_memory_keep_resident, size_t) \
    CWASMTIME_POOL_SETTING(X, table_keep_resident, size_t) \
    CWASMTIME_POOL_SETTING(X, total_memories, uint32_t) \
    CWASMTIME_POOL_SETTING(X, total_tables, uint32_t) \
    CWASMTIME_POOL_SETTING(X, total_stacks, uint32_t) \
    CWASMTIME_POOL_SETTING(X, total_core_instances, uint32_t) \
    CWASMTIME_POOL_SETTING(X, total_gc_heaps, uint32_t) \
    CWASMTIME_POOL_SETTING(X, max_core_instance_size, size_t) \
    CWASMTIME_POOL_SETTING(X, max_tables_per_module, uint32_t) \
    CWASMTIME_POOL_SETTING(X, table_elements, size_t) \
    CWASMTIME_POOL_SETTING(X, max_memories_per_module, uint32_t) \
    CWASMTIME_POOL_SETTING(X, max_memory_size, size_t)

#define CWASMTIME_POOL_SETTING(X, name, type) \
    X(void, wasmtime_pooling_allocation_config_##name##_set, \
      (wasmtime_pooling_allocation_config_t * p, type v), (p, v))

#define CWASMTIME_TYPE_FUNCTIONS(X) \
    X(void, wasm_byte_vec_delete, (wasm_byte_vec_t * v), (v)) \
    X(wasm_valtype_t *_Nonnull, wasm_valtype_new, (uint8_t kind), (kind)) \
    X(wasm_valtype_t *_Nonnull, wasmtime_wasm_valtype_v128, (void), ()) \
    X(void, wasmtime_valtype_new, (const wasm_valtype_t *t, wasmtime_valtype_t *out), (t, out)) \
    X(void, wasmtime_valtype_delete, (wasmtime_valtype_t * t), (t)) \
    X(void, wasm_valtype_vec_new, \
      (wasm_valtype_vec_t * out, size_t size, wasm_valtype_t *_Nullable const *_Nullable types), (out, size, types)) \
    X(wasm_functype_t *_Nonnull, wasm_functype_new, (wasm_valtype_vec_t * params, wasm_valtype_vec_t *results), \
      (params, results)) \
    X(void, wasm_functype_delete, (wasm_functype_t * t), (t)) \
    X(const wasm_valtype_vec_t *_Nonnull, wasm_functype_params, (const wasm_functype_t *t), (t)) \
    X(const wasm_valtype_vec_t *_Nonnull, wasm_functype_results, (const wasm_functype_t *t), (t)) \
    X(uint8_t, wasm_externtype_kind, (const wasm_externtype_t *t), (t)) \
    X(const wasm_functype_t *_Nullable, wasm_externtype_as_functype_const, (const wasm_externtype_t *t), (t)) \
    X(const wasm_byte_vec_t *_Nonnull, wasm_importtype_module, (const wasm_importtype_t *t), (t)) \
    X(const wasm_byte_vec_t *_Nonnull, wasm_importtype_name, (const wasm_importtype_t *t), (t)) \
    X(const wasm_externtype_t *_Nonnull, wasm_importtype_type, (const wasm_importtype_t *t), (t)) \
    X(void, wasm_importtype_vec_delete, (wasm_importtype_vec_t * v), (v)) \
    X(const wasm_byte_vec_t *_Nonnull, wasm_exporttype_name, (const wasm_exporttype_t *t), (t)) \
    X(const wasm_externtype_t *_Nonnull, wasm_exporttype_type, (const wasm_exporttype_t *t), (t)) \
    X(void, wasm_exporttype_vec_delete, (wasm_exporttype_vec_t * v), (v))

#define CWASMTIME_MODULE_FUNCTIONS(X) \
    X(wasmtime_error_t *_Nullable, wasmtime_wat2wasm, (const uint8_t *wat, size_t size, wasm_byte_vec_t *out), \
      (wat, size, out)) \
    X(wasmtime_error_t *_Nullable, wasmtime_module_validate, \
      (wasm_engine_t *_Nonnull engine, const uint8_t *_Nonnull wasm, size_t wasm_len), (engine, wasm, wasm_len)) \
    X(wasmtime_error_t *_Nullable, wasmtime_module_new, \
      (wasm_engine_t * e, const uint8_t *wasm, size_t size, wasmtime_module_t *_Nullable *_Nonnull out), \
      (e, wasm, size, out)) \
    X(void, wasmtime_module_delete, (wasmtime_module_t * m), (m)) \
    X(void, wasmtime_module_imports, (const wasmtime_module_t *m, wasm_importtype_vec_t *out), (m, out)) \
    X(void, wasmtime_module_exports, (const wasmtime_module_t *m, wasm_exporttype_vec_t *out), (m, out)) \
    X(wasmtime_error_t *_Nullable, wasmtime_module_serialize, (const wasmtime_module_t *m, wasm_byte_vec_t *out), \
      (m, out)) \
    X(wasmtime_error_t *_Nullable, wasmtime_module_deserialize_file, \
      (wasm_engine_t * e, const char *path, wasmtime_module_t *_Nullable *_Nonnull out), (e, path, out))

#define CWASMTIME_LINKER_FUNCTIONS(X) \
    X(wasmtime_linker_t *_Nonnull, wasmtime_linker_new, (wasm_engine_t * e), (e)) \
    X(void, wasmtime_linker_delete, (wasmtime_linker_t * l), (l)) \
    X(wasmtime_error_t *_Nullable, wasmtime_linker_define_func_unchecked, \
      (wasmtime_linker_t * l, const uint8_t *module, size_t module_size, const uint8_t *name, size_t name_size, \
       const wasm_functype_t *type, wasmtime_func_unchecked_callback_t callback, void *_Nullable data, \
       wasmtime_finalizer_t _Nullable finalizer), \
      (l, module, module_size, name, name_size, type, callback, data, finalizer)) \
    X(wasmtime_error_t *_Nullable, wasmtime_linker_define, \
      (wasmtime_linker_t * l, const wasmtime_context_t *context, const uint8_t *_Nullable module, size_t module_size, \
       const uint8_t *_Nullable name, size_t name_size, const wasmtime_extern_t *item), \
      (l, context, module, module_size, name, name_size, item)) \
    X(wasmtime_call_future_t *_Nonnull, wasmtime_linker_instantiate_async, \
      (const wasmtime_linker_t *l, wasmtime_context_t *context, const wasmtime_module_t *m, \
       wasmtime_instance_t *out, wasm_trap_t *_Nullable *_Nonnull trap, wasmtime_error_t *_Nullable *_Nonnull error), \
      (l, context, m, out, trap, error)) \
    X(wasmtime_error_t *_Nullable, wasmtime_linker_instantiate_pre, \
      (const wasmtime_linker_t *l, const wasmtime_module_t *m, wasmtime_instance_pre_t *_Nullable *_Nonnull out), \
      (l, m, out)) \
    X(void, wasmtime_instance_pre_delete, (wasmtime_instance_pre_t * p), (p)) \
    X(wasmtime_error_t *_Nullable, wasmtime_instance_pre_instantiate, \
      (const wasmtime_instance_pre_t *p, wasmtime_context_t *context, wasmtime_instance_t *out, \
       wasm_trap_t *_Nullable *_Nonnull trap), \
      (p, context, out, trap)) \
    X(wasmtime_call_future_t *_Nonnull, wasmtime_instance_pre_instantiate_async, \
      (const wasmtime_instance_pre_t *p, wasmtime_context_t *context, wasmtime_instance_t *out, \
       wasm_trap_t *_Nullable *_Nonnull trap, wasmtime_error_t *_Nullable *_Nonnull error), \
      (p, context, out, trap, error))

#define CWASMTIME_STORE_FUNCTIONS(X) \
    X(wasmtime_store_t *_Nonnull, wasmtime_store_new, \
      (wasm_engine_t * e, void *_Nullable data, wasmtime_finalizer_t _Nullable finalizer), (e, data, finalizer)) \
    X(void, wasmtime_store_delete, (wasmtime_store_t * s), (s)) \
    X(wasmtime_context_t *_Nonnull, wasmtime_store_context, (wasmtime_store_t * s), (s)) \
    X(void, wasmtime_store_limiter, \
      (wasmtime_store_t * s, int64_t memory, int64_t elements, int64_t instances, int64_t tables, int64_t memories), \
      (s, memory, elements, instances, tables, memories)) \
    X(void, wasmtime_store_epoch_deadline_callback, \
      (wasmtime_store_t * s, wasmtime_epoch_callback_t callback, void *_Nullable data, \
       wasmtime_finalizer_t _Nullable finalizer), \
      (s, callback, data, finalizer)) \
    X(void *_Nullable, wasmtime_context_get_data, (const wasmtime_context_t *context), (context)) \
    X(void, wasmtime_context_set_data, (wasmtime_context_t * context, void *_Nullable data), (context, data)) \
    X(void, wasmtime_context_set_epoch_deadline, (wasmtime_context_t * context, uint64_t ticks), (context, ticks))

#define CWASMTIME_FUNC_FUNCTIONS(X) \
    X(void, wasmtime_func_new_unchecked, \
      (wasmtime_context_t * context, const wasm_functype_t *type, wasmtime_func_unchecked_callback_t callback, \
       void *_Nullable data, wasmtime_finalizer_t _Nullable finalizer, wasmtime_func_t *out), \
      (context, type, callback, data, finalizer, out)) \
    X(wasm_functype_t *_Nonnull, wasmtime_func_type, (const wasmtime_context_t *context, const wasmtime_func_t *f), \
      (context, f)) \
    X(wasmtime_error_t *_Nullable, wasmtime_func_call_unchecked, \
      (wasmtime_context_t * context, const wasmtime_func_t *f, wasmtime_val_raw_t *_Nullable args_and_results, \
       size_t count, wasm_trap_t *_Nullable *_Nonnull trap), \
      (context, f, args_and_results, count, trap)) \
    X(wasmtime_call_future_t *_Nonnull, wasmtime_func_call_async, \
      (wasmtime_context_t * context, const wasmtime_func_t *f, const wasmtime_val_t *_Nullable args, size_t nargs, \
       wasmtime_val_t *_Nullable results, size_t nresults, wasm_trap_t *_Nullable *_Nonnull trap, \
       wasmtime_error_t *_Nullable *_Nonnull error), \
      (context, f, args, nargs, results, nresults, trap, error)) \
    X(bool, wasmtime_call_future_poll, (wasmtime_call_future_t * f), (f)) \
    X(void, wasmtime_call_future_delete, (wasmtime_call_future_t * f), (f)) \
    X(void, wasmtime_func_from_raw, (wasmtime_context_t * context, void *raw, wasmtime_func_t *out), \
      (context, raw, out)) \
    X(void *_Nullable, wasmtime_func_to_raw, (wasmtime_context_t * context, const wasmtime_func_t *f), (context, f)) \
    X(wasmtime_context_t *_Nonnull, wasmtime_caller_context, (wasmtime_caller_t * caller), (caller)) \
    X(bool, wasmtime_caller_export_get, \
      (wasmtime_caller_t * caller, const char *name, size_t size, wasmtime_extern_t *item), (caller, name, size, item))

#define CWASMTIME_ITEM_FUNCTIONS(X) \
    X(wasmtime_error_t *_Nullable, wasmtime_instance_new, \
      (wasmtime_context_t * context, const wasmtime_module_t *m, const wasmtime_extern_t *_Nullable imports, \
       size_t count, wasmtime_instance_t *out, wasm_trap_t *_Nullable *_Nonnull trap), \
      (context, m, imports, count, out, trap)) \
    X(bool, wasmtime_instance_export_get, \
      (wasmtime_context_t * context, const wasmtime_instance_t *i, const uint8_t *name, size_t size, \
       wasmtime_extern_t *item), \
      (context, i, name, size, item)) \
    X(uint8_t *_Nullable, wasmtime_memory_data, (wasmtime_context_t * context, const wasmtime_memory_t *m), \
      (context, m)) \
    X(size_t, wasmtime_memory_data_size, (const wasmtime_context_t *context, const wasmtime_memory_t *m), \
      (context, m)) \
    X(uint64_t, wasmtime_memory_size, (const wasmtime_context_t *context, const wasmtime_memory_t *m), (context, m)) \
    X(wasmtime_error_t *_Nullable, wasmtime_memory_grow, \
      (wasmtime_context_t * context, const wasmtime_memory_t *m, uint64_t delta, uint64_t *previous), \
      (context, m, delta, previous)) \
    X(void, wasmtime_global_get, (wasmtime_context_t * context, const wasmtime_global_t *g, wasmtime_val_t *out), \
      (context, g, out)) \
    X(wasmtime_error_t *_Nullable, wasmtime_global_set, \
      (wasmtime_context_t * context, const wasmtime_global_t *g, const wasmtime_val_t *v), (context, g, v)) \
    X(bool, wasmtime_table_get, \
      (wasmtime_context_t * context, const wasmtime_table_t *t, uint64_t index, wasmtime_val_t *out), \
      (context, t, index, out)) \
    X(wasmtime_error_t *_Nullable, wasmtime_table_set, \
      (wasmtime_context_t * context, const wasmtime_table_t *t, uint64_t index, const wasmtime_val_t *v), \
      (context, t, index, v)) \
    X(uint64_t, wasmtime_table_size, (const wasmtime_context_t *context, const wasmtime_table_t *t), (context, t)) \
    X(wasmtime_error_t *_Nullable, wasmtime_table_grow, \
      (wasmtime_context_t * context, const wasmtime_table_t *t, uint64_t delta, const wasmtime_val_t *v, \
       uint64_t *previous), \
      (context, t, delta, v, previous)) \
    X(void, wasmtime_val_unroot, (wasmtime_val_t * v), (v))

#define CWASMTIME_FAILURE_FUNCTIONS(X) \
    X(wasmtime_error_t *_Nullable, wasmtime_error_new, (const char *message), (message)) \
    X(void, wasmtime_error_delete, (wasmtime_error_t * e), (e)) \
    X(void, wasmtime_error_message, (const wasmtime_error_t *e, wasm_byte_vec_t *out), (e, out)) \
    X(void, wasmtime_error_wasm_trace, (const wasmtime_error_t *e, wasm_frame_vec_t *out), (e, out)) \
    X(wasm_trap_t *_Nonnull, wasmtime_trap_new, (const uint8_t *message, size_t size), (message, size)) \
    X(void, wasm_trap_delete, (wasm_trap_t * t), (t)) \
    X(void, wasm_trap_message, (const wasm_trap_t *t, wasm_byte_vec_t *out), (t, out)) \
    X(void, wasm_trap_trace, (const wasm_trap_t *t, wasm_frame_vec_t *out), (t, out)) \
    X(bool, wasmtime_trap_code, (const wasm_trap_t *t, uint8_t *code), (t, code)) \
    X(void, wasm_frame_vec_delete, (wasm_frame_vec_t * v), (v)) \
    X(uint32_t, wasm_frame_func_index, (const wasm_frame_t *f), (f)) \
    X(size_t, wasm_frame_module_offset, (const wasm_frame_t *f), (f)) \
    X(const wasm_byte_vec_t *_Nullable, wasmtime_frame_func_name, (const wasm_frame_t *f), (f)) \
    X(const wasm_byte_vec_t *_Nullable, wasmtime_frame_module_name, (const wasm_frame_t *f), (f))

#define CWASMTIME_POINTER(result, name, parameters, arguments) result(*name) parameters;
struct cwasmtime_functions {
    CWASMTIME_FUNCTIONS(CWASMTIME_POINTER)
};
#undef CWASMTIME_POINTER

// Filled once, before anything else of this header is used, and never written again.
extern struct cwasmtime_functions cwasmtime_functions __attribute__((visibility("hidden")));

#define CWASMTIME_WRAPPER(result, name, parameters, arguments) \
    static inline result name parameters { return cwasmtime_functions.name arguments; }
CWASMTIME_FUNCTIONS(CWASMTIME_WRAPPER)
#undef CWASMTIME_WRAPPER

// The loader's view of the table.
size_t cwasmtime_symbol_count(void);
const char *cwasmtime_symbol_name(size_t index);
void cwasmtime_symbol_set(size_t index, void *function);
bool cwasmtime_symbol_is_set(size_t index);
// The file that the functions come from.
const char *_Nullable cwasmtime_library_path(void);

// Address of the caller's frame: how much of the stack is used, to a few hundred bytes.
static inline uintptr_t cwasmtime_stack_pointer(void) { return (uintptr_t)__builtin_frame_address(0); }

#pragma clang diagnostic pop
#pragma clang assume_nonnull end

#endif
