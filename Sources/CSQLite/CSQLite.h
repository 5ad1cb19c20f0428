// The system's SQLite, and what Swift cannot read of its header.
#pragma once

#include <sqlite3.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

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

// Bytes of memory that this process may use at most: of the machine, or of its control group where that has fewer; 0 when
// nobody knows.
static inline long long csqlite_memory(void) {
    long long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    long long memory = pages > 0 && size > 0 ? pages * size : 0;
#ifdef __linux__
    FILE *file = fopen("/sys/fs/cgroup/memory.max", "re");
    if (file) {
        long long group;
        if (fscanf(file, "%lld", &group) == 1 && group > 0 && (memory == 0 || group < memory)) memory = group;
        fclose(file);
    }
#endif
    return memory;
}
