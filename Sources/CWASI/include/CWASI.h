#ifndef SWIRL_CWASI_H
#define SWIRL_CWASI_H

#include <stddef.h>
#include <stdint.h>

/// openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS: `path` never leaves `directory`.
/// A descriptor, or the negative errno; -ENOSYS where the system has no such call.
int swirl_open_beneath(int directory, const char *path, uint64_t flags, uint64_t mode);

/// The same of a path that the system has in memory, as with RESOLVE_CACHED: -EAGAIN when the disk would have to be
/// waited for, or `flags` create or truncate; -EINVAL or -ENOSYS where nobody can tell.
int swirl_open_cached(int directory, const char *path, uint64_t flags);

/// getrandom(2), or the nearest that the system has: how many bytes, or -1 with errno.
long swirl_random(void *buffer, size_t count);

/// Reads what the page cache has, as preadv2(2) with RWF_NOWAIT: how many bytes, or the negative errno; -EAGAIN when the
/// disk would have to be waited for, -EOPNOTSUPP or -ENOSYS where nobody can tell.
long swirl_read_cached(int descriptor, void *buffer, size_t count, int64_t offset);

/// Writes at the end of the file in one step, as pwritev2(2) with RWF_APPEND: how many bytes, or the negative errno;
/// -EOPNOTSUPP or -ENOSYS where there is no such call.
long swirl_append(int descriptor, const void *buffer, size_t count);

/// O_PATH, or O_RDONLY where there is no such flag: opens a file for looking up only.
extern const int swirl_o_path;
/// UTIME_NOW and UTIME_OMIT.
extern const long swirl_utime_now;
extern const long swirl_utime_omit;

#endif
