/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "frame/pool/os.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14; older kernels refuse it */
#endif

enum { HUGE_PAGE = 2 << 20 };

size_t reel__os_page(void)
{
    long n = sysconf(_SC_PAGESIZE);
    return n > 0 ? (size_t)n : 4096;
}

static void *map(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* Huge pages begin at their own multiples: map too much and cut off both ends. */
static void *map_aligned(size_t bytes)
{
    if (bytes > SIZE_MAX - HUGE_PAGE)
        return NULL;
    uint8_t *p = map(bytes + HUGE_PAGE);
    if (!p)
        return NULL;
    size_t before = (HUGE_PAGE - ((uintptr_t)p & (HUGE_PAGE - 1))) & (HUGE_PAGE - 1);
    if (before)
        munmap(p, before);
    if (before < HUGE_PAGE)
        munmap(p + before + bytes, HUGE_PAGE - before);
    return p + before;
}

void *reel__os_map(size_t bytes, bool huge)
{
    if (!huge || bytes < HUGE_PAGE)
        return map(bytes);
    void *p = map_aligned(bytes);
    if (p)
        (void)madvise(p, bytes, MADV_HUGEPAGE);
    return p;
}

void reel__os_unmap(void *p, size_t bytes)
{
    if (p)
        munmap(p, bytes);
}

bool reel__os_forget(void *p, size_t bytes, bool lazily)
{
    return madvise(p, bytes, lazily ? MADV_FREE : MADV_DONTNEED) == 0;
}

void reel__os_touch(void *p, size_t bytes)
{
    if (madvise(p, bytes, MADV_POPULATE_WRITE) == 0)
        return;
    volatile uint8_t *byte = p;
    for (size_t i = 0, page = reel__os_page(); i < bytes; i += page) {
        uint8_t kept = byte[i];
        byte[i] = kept;
    }
}

static int64_t ns_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t reel__os_now(void) { return ns_of(CLOCK_MONOTONIC); }
int64_t reel__os_now_coarse(void) { return ns_of(CLOCK_MONOTONIC_COARSE); }
uint64_t reel__os_thread(void) { return (uint64_t)syscall(SYS_gettid); }

int reel__os_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    int error = pthread_condattr_init(&attr);
    if (error)
        return error;
    error = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    if (!error)
        error = pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
    return error;
}

bool reel__os_cond_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline)
{
    struct timespec t = {.tv_sec = (time_t)(deadline / 1000000000), .tv_nsec = (long)(deadline % 1000000000)};
    if (deadline <= 0)
        return false;
    if (deadline == INT64_MAX) {
        pthread_cond_wait(cond, lock);
        return true;
    }
    return pthread_cond_timedwait(cond, lock, &t) != ETIMEDOUT;
}
