#define _GNU_SOURCE
#include "CWASI.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#if defined(O_PATH)
const int swirl_o_path = O_PATH;
#else
const int swirl_o_path = O_RDONLY;
#endif
const long swirl_utime_now = UTIME_NOW;
const long swirl_utime_omit = UTIME_OMIT;

#if defined(__linux__)

#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

// As in <linux/openat2.h>, which older C libraries lack.
struct swirl_open_how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};
enum { SWIRL_RESOLVE_NO_MAGICLINKS = 0x02, SWIRL_RESOLVE_BENEATH = 0x08, SWIRL_RESOLVE_CACHED = 0x20 };

static int swirl_openat2(int directory, const char *path, struct swirl_open_how how) {
    long result = syscall(SYS_openat2, directory, path, &how, sizeof how);
    return result < 0 ? -errno : (int)result;
}

int swirl_open_beneath(int directory, const char *path, uint64_t flags, uint64_t mode) {
    struct swirl_open_how how = {flags, mode, SWIRL_RESOLVE_BENEATH | SWIRL_RESOLVE_NO_MAGICLINKS};
    return swirl_openat2(directory, path, how);
}

int swirl_open_cached(int directory, const char *path, uint64_t flags) {
    struct swirl_open_how how = {flags, 0, SWIRL_RESOLVE_BENEATH | SWIRL_RESOLVE_NO_MAGICLINKS | SWIRL_RESOLVE_CACHED};
    return swirl_openat2(directory, path, how);
}

long swirl_random(void *buffer, size_t count) { return getrandom(buffer, count, 0); }

// As in <linux/fs.h>, which older C libraries lack.
enum { SWIRL_RWF_NOWAIT = 0x08, SWIRL_RWF_APPEND = 0x10 };

long swirl_read_cached(int descriptor, void *buffer, size_t count, int64_t offset) {
    struct iovec part = {buffer, count};
    ssize_t result = preadv2(descriptor, &part, 1, offset, SWIRL_RWF_NOWAIT);
    return result < 0 ? -errno : result;
}

long swirl_append(int descriptor, const void *buffer, size_t count) {
    struct iovec part = {(void *)buffer, count};
    ssize_t result = pwritev2(descriptor, &part, 1, 0, SWIRL_RWF_APPEND);
    return result < 0 ? -errno : result;
}

#else

#include <stdlib.h>

int swirl_open_beneath(int directory, const char *path, uint64_t flags, uint64_t mode) {
    (void)directory, (void)path, (void)flags, (void)mode;
    return -ENOSYS;
}

int swirl_open_cached(int directory, const char *path, uint64_t flags) {
    (void)directory, (void)path, (void)flags;
    return -ENOSYS;
}

long swirl_random(void *buffer, size_t count) {
    arc4random_buf(buffer, count);
    return (long)count;
}

long swirl_read_cached(int descriptor, void *buffer, size_t count, int64_t offset) {
    (void)descriptor, (void)buffer, (void)count, (void)offset;
    return -ENOSYS;
}

long swirl_append(int descriptor, const void *buffer, size_t count) {
    (void)descriptor, (void)buffer, (void)count;
    return -ENOSYS;
}

#endif
