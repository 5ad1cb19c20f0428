#ifndef CTOML_H
#define CTOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A plain C face of toml++ that tells where each key and value stands and keeps the order of the file.
// No exception leaves it. Strings are UTF-8, not terminated, and live as long as their document.

typedef struct ctoml_document ctoml_document;
typedef struct ctoml_node ctoml_node;

typedef enum ctoml_kind {
    CTOML_TABLE,
    CTOML_ARRAY,
    CTOML_STRING,
    CTOML_INTEGER,
    CTOML_FLOAT,
    CTOML_BOOLEAN,
    CTOML_DATE_OR_TIME,
} ctoml_kind;

typedef struct ctoml_string {
    const char *bytes;
    size_t length;
} ctoml_string;

/// A place in the source: both count from 1, columns count Unicode scalars. Zero means unknown.
typedef struct ctoml_position {
    uint32_t line;
    uint32_t column;
} ctoml_position;

/// Parses a document. NULL when memory ran out; otherwise it must be given to `ctoml_free`.
ctoml_document *ctoml_parse(const char *bytes, size_t length);
void ctoml_free(ctoml_document *document);

/// The root table, or NULL when the document could not be parsed: then the error and its place are set.
const ctoml_node *ctoml_root(const ctoml_document *document);
ctoml_string ctoml_error_message(const ctoml_document *document);
ctoml_position ctoml_error_position(const ctoml_document *document);

ctoml_kind ctoml_node_kind(const ctoml_node *node);
ctoml_position ctoml_node_position(const ctoml_node *node);
/// The text of a string, or of a date or time as TOML writes it; empty for other kinds.
ctoml_string ctoml_node_string(const ctoml_node *node);
int64_t ctoml_node_integer(const ctoml_node *node);
double ctoml_node_float(const ctoml_node *node);
bool ctoml_node_boolean(const ctoml_node *node);

/// The number of entries of a table or elements of an array; 0 for other kinds.
size_t ctoml_node_count(const ctoml_node *node);
/// One entry or element; the index must be below the count. Keys are empty for arrays.
const ctoml_node *ctoml_node_child(const ctoml_node *node, size_t index);
ctoml_string ctoml_node_key(const ctoml_node *node, size_t index);
ctoml_position ctoml_node_key_position(const ctoml_node *node, size_t index);

#ifdef __cplusplus
}
#endif

#endif
