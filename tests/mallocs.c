/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Put in front of nginx (LD_PRELOAD): counts the allocations whose caller is not nginx itself, that is not its pools.
 * A worker keeps its counts in the file $REEL_MALLOCS.PID: two 64-bit numbers, those of nginx and all others.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic uint64_t nowhere[2];
static _Atomic uint64_t *counts;
static pid_t whose;

static _Atomic uint64_t *place(void)
{
    const char *path = getenv("REEL_MALLOCS");
    char name[300];
    if (whose == getpid() || !path)
        return counts ? counts : nowhere;
    whose = getpid();
    counts = nowhere; /* what follows may allocate */
    int n = snprintf(name, sizeof name, "%s.%d", path, (int)whose);
    int fd = n > 0 && (size_t)n < sizeof name ? open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
    if (fd >= 0 && ftruncate(fd, 2 * sizeof *counts) == 0) {
        void *p = mmap(NULL, 2 * sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        counts = p == MAP_FAILED ? nowhere : p;
    }
    if (fd >= 0)
        close(fd);
    return counts;
}


static void count(const void *caller)
{
    static uintptr_t low, high;
    if (!low) {
        char line[400];
        FILE *f = NULL;
        low = 1;
        f = fopen("/proc/self/maps", "r");
        while (f && fgets(line, sizeof line, f)) {
            uintptr_t from, to;
            char what[5];
            if (strstr(line, "/nginx") && !strstr(line, ".so") && sscanf(line, "%lx-%lx %4s", &from, &to, what) == 3) {
                low = low == 1 ? from : low;
                high = to;
            }
        }
        if (f)
            fclose(f);
    }
    uintptr_t at = (uintptr_t)caller;
    place()[at >= low && at < high ? 0 : 1]++;
}


/* glibc's own names of these. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t each);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t a, size_t n);
void *memalign(size_t a, size_t n);

static __thread int inside;

#define COUNTED(call)                                                                                         \
    do {                                                                                                      \
        if (!inside) {                                                                                        \
            inside = 1;                                                                                       \
            count(__builtin_return_address(0));                                                               \
            inside = 0;                                                                                       \
        }                                                                                                     \
        return call;                                                                                          \
    } while (0)

__attribute__((visibility("default"))) void *malloc(size_t n) { COUNTED(__libc_malloc(n)); }
__attribute__((visibility("default"))) void *calloc(size_t n, size_t each) { COUNTED(__libc_calloc(n, each)); }
__attribute__((visibility("default"))) void *realloc(void *p, size_t n) { COUNTED(__libc_realloc(p, n)); }
__attribute__((visibility("default"))) void *memalign(size_t a, size_t n) { COUNTED(__libc_memalign(a, n)); }
__attribute__((visibility("default"))) int posix_memalign(void **out, size_t a, size_t n)
{
    if (!inside) {
        inside = 1;
        count(__builtin_return_address(0));
        inside = 0;
    }
    *out = __libc_memalign(a, n);
    return *out ? 0 : 12;
}
