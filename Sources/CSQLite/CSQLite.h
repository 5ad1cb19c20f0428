// The system's SQLite, and what Swift cannot read of its header.
#pragma once

#include <sqlite3.h>

// The header has a cast to a function pointer.
static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }

// These have variable arguments.
static inline int csqlite_config_flag(sqlite3 *connection, int option, int value) {
    return sqlite3_db_config(connection, option, value, (int *)0);
}
