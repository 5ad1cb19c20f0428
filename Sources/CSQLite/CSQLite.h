// The system's SQLite, and what Swift cannot read of its header.
#pragma once

#include <sqlite3.h>
#include <sys/resource.h>

// The header has a cast to a function pointer.
static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }

// These have variable arguments.
static inline int csqlite_config_flag(sqlite3 *connection, int option, int value) {
    return sqlite3_db_config(connection, option, value, (int *)0);
}

// Whether the calling thread has read from a disk since it asked last; 1 where the system does not tell.
static inline int csqlite_thread_has_read_disk(void) {
#ifdef __linux__
    static _Thread_local long seen;
    struct rusage usage;
    // RUSAGE_THREAD, which the header hides.
    if (getrusage(1, &usage) != 0) return 1;
    int has_read = usage.ru_inblock != seen;
    seen = usage.ru_inblock;
    return has_read;
#else
    return 1;
#endif
}
