// For dladdr.
#define _GNU_SOURCE
#include <dlfcn.h>

#include "CWasmtime.h"

struct cwasmtime_functions cwasmtime_functions;

struct symbol {
    const char *name;
    void **slot;
};

#define CWASMTIME_SYMBOL(result, name, parameters, arguments) {#name, (void **)&cwasmtime_functions.name},
static const struct symbol symbols[] = {CWASMTIME_FUNCTIONS(CWASMTIME_SYMBOL)};
#undef CWASMTIME_SYMBOL

size_t cwasmtime_symbol_count(void) { return sizeof symbols / sizeof symbols[0]; }

const char *cwasmtime_symbol_name(size_t index) { return symbols[index].name; }

void cwasmtime_symbol_set(size_t index, void *function) { *symbols[index].slot = function; }

bool cwasmtime_symbol_is_set(size_t index) { return *symbols[index].slot != NULL; }

const char *cwasmtime_library_path(void) {
    Dl_info info;
    return *symbols[0].slot != NULL && dladdr(*symbols[0].slot, &info) != 0 ? info.dli_fname : NULL;
}

// What the library's own build asserts, and what the tests then prove against the loaded library.
_Static_assert(sizeof(wasmtime_func_t) == 16, "two words");
_Static_assert(sizeof(wasmtime_memory_t) == 24, "the second part follows the padding of the first");
_Static_assert(sizeof(wasmtime_table_t) == 24, "the second part follows the padding of the first");
_Static_assert(sizeof(wasmtime_global_t) == 24, "an identity and three indices");
_Static_assert(sizeof(wasmtime_extern_t) == 32, "a discriminant and the largest item");
_Static_assert(sizeof(wasmtime_val_raw_t) == 16 && _Alignof(wasmtime_val_raw_t) == 8, "a vector's size");
_Static_assert(sizeof(wasmtime_valunion_t) == 24 && _Alignof(wasmtime_valunion_t) == 8, "a reference's size");
_Static_assert(sizeof(wasmtime_val_t) == 32, "a discriminant and the largest value");
