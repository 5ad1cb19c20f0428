#include "CWasmtimeComponents.h"

#include <dlfcn.h>

struct cwasmtime_component_functions cwasmtime_component_functions;

struct symbol {
    const char *name;
    void **slot;
};

#define CWASMTIME_COMPONENT_SYMBOL(result, name, parameters, arguments) \
    {#name, (void **)&cwasmtime_component_functions.name},
static const struct symbol symbols[] = {CWASMTIME_COMPONENT_FUNCTIONS(CWASMTIME_COMPONENT_SYMBOL)};
#undef CWASMTIME_COMPONENT_SYMBOL

_Static_assert(sizeof(wasmtime_component_instance_t) == 16, "a store's identity and an index");

const char *cwasmtime_components_load(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
    if (library == NULL) return "";
    for (size_t index = 0; index < sizeof symbols / sizeof symbols[0]; index += 1) {
        void *function = dlsym(library, symbols[index].name);
        if (function == NULL) return symbols[index].name;
        *symbols[index].slot = function;
    }
    return NULL;
}
