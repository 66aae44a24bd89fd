/* SPDX-License-Identifier: BSD-2-Clause */
/* What finds the bugs of others: who took what, a pattern in what came back, AddressSanitizer. */
#include <string.h>

#include "frame/pool/os.h"
#include "frame/pool/room.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif

#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
void reel__watch_hide(void *p, size_t bytes) { ASAN_POISON_MEMORY_REGION(p, bytes); }
void reel__watch_show(void *p, size_t bytes) { ASAN_UNPOISON_MEMORY_REGION(p, bytes); }
bool reel__watch_is_on(void) { return true; }
#else
void reel__watch_hide(void *p, size_t bytes)
{
    (void)p;
    (void)bytes;
}
void reel__watch_show(void *p, size_t bytes)
{
    (void)p;
    (void)bytes;
}
bool reel__watch_is_on(void) { return false; }
#endif

enum { PATTERN = 0xdb };

static const char *label_of(const reel_buffer *b)
{
    const char *label = atomic_load_explicit(&b->label, memory_order_relaxed);
    return label ? label : "?";
}

static reel_pool_report report_on(const reel_buffer *b, reel_pool_finding finding)
{
    return (reel_pool_report){.finding = finding, .index = b->index, .data = b->data, .label = label_of(b),
                              .thread = atomic_load_explicit(&b->thread, memory_order_relaxed)};
}

/* memcmp with itself, one byte on: the quickest way to ask whether all bytes are the same that libc has. */
static bool is_untouched(const uint8_t *p, size_t n) { return p[0] == PATTERN && memcmp(p, p + 1, n - 1) == 0; }

static void look_for_writers(const reel_pool *pool, const reel_buffer *b)
{
    if (!pool->report || is_untouched(b->data, b->size))
        return;
    reel_pool_report r = report_on(b, REEL_POOL_WRITTEN);
    while (b->data[r.offset] == PATTERN)
        r.offset++;
    pool->report(pool->report_user, &r);
}

void reel__watch_taken(reel_pool *pool, reel_buffer *b, const char *label)
{
    reel__watch_show(b->data, b->size);
    if (b->filled)
        look_for_writers(pool, b);
    b->filled = false;
    if (!(pool->flags & REEL_POOL_TRACK))
        return;
    atomic_store_explicit(&b->label, label, memory_order_relaxed);
    atomic_store_explicit(&b->thread, reel__os_thread(), memory_order_relaxed);
    atomic_store_explicit(&b->out, true, memory_order_release);
}

void reel__watch_given(reel_pool *pool, reel_buffer *b)
{
    if (pool->flags & REEL_POOL_FILL) {
        memset(b->data, PATTERN, b->size);
        b->filled = true;
    }
    reel__watch_hide(b->data, b->size);
    atomic_store_explicit(&b->out, false, memory_order_relaxed);
}

uint32_t reel_pool_held(reel_pool *pool, reel_pool_report_fn *fn, void *user)
{
    uint32_t n = 0;
    if (!pool || !(pool->flags & REEL_POOL_TRACK))
        return 0;
    uint32_t made = atomic_load_explicit(&pool->made, memory_order_acquire);
    for (uint32_t i = 0; i < made; i++) {
        const reel_buffer *b = &pool->buffers[i];
        if (!atomic_load_explicit(&b->out, memory_order_acquire))
            continue;
        n++;
        reel_pool_report r = report_on(b, REEL_POOL_HELD);
        if (fn)
            fn(user, &r);
    }
    return n;
}
