/* SPDX-License-Identifier: BSD-2-Clause */
/* The word of a stripe, and the two swaps that are the hot path. See room.h. */
#ifndef REEL_FRAME_POOL_RING_H
#define REEL_FRAME_POOL_RING_H

#include "frame/pool/room.h"

/* tag 34 | WAIT 1 | CLOSED 1 | count 12 | top 16 */
#define REEL__RING_CLOSED ((uint64_t)1 << 28)
#define REEL__RING_WAIT ((uint64_t)1 << 29)
#define REEL__RING_FLAGS (REEL__RING_CLOSED | REEL__RING_WAIT)
#define REEL__RING_TAKEN ((uint64_t)1 << 30)
#define REEL__RING_TOP(head) ((uint32_t)(head) & 0xffffu)
#define REEL__RING_COUNT(head) ((uint32_t)((head) >> 16) & 0xfffu)
#define REEL__RING_TAG(head) ((head) >> 30)

static inline void reel__ring_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Threads number themselves as they come. */
static inline uint32_t reel__ring_mine(const reel_pool *pool)
{
    uint32_t number = reel__thread_number;
    if (__builtin_expect(!number, 0))
        number = reel__thread_count();
    return number & (pool->stripes - 1);
}

static inline reel_buffer *reel__stripe_take(const reel_pool *pool, reel__pool_stripe *s, uint64_t *after)
{
    uint64_t head = atomic_load_explicit(&s->head, memory_order_acquire);
    for (;;) {
        uint32_t top = REEL__RING_TOP(head);
        if (!top)
            return NULL;
        reel_buffer *b = &pool->buffers[top - 1];
        uint32_t below = atomic_load_explicit(&b->next, memory_order_relaxed);
        *after = ((head & ~(uint64_t)0xffff) | below) - ((uint64_t)1 << 16) + REEL__RING_TAKEN;
        if (atomic_compare_exchange_weak_explicit(&s->head, &head, *after, memory_order_acquire,
                                                  memory_order_acquire))
            return b;
        reel__ring_pause();
    }
}

/* NULL: empty. *after is the head of the stripe without what was taken. */
static inline reel_buffer *reel__ring_take(reel_pool *pool, uint64_t *after)
{
    uint32_t mine = reel__ring_mine(pool), n = pool->stripes;
    for (uint32_t i = 0; i < n; i++) {
        reel_buffer *b = reel__stripe_take(pool, &pool->stripe[(mine + i) & (n - 1)], after);
        if (b)
            return b;
    }
    return NULL;
}

typedef enum reel__given { REEL__GIVEN, REEL__FULL, REEL__TO_THE_LOCK } reel__given;

static inline reel__given reel__stripe_give(reel__pool_stripe *s, reel_buffer *b)
{
    uint32_t room = s->room, number = b->index + 1;
    uint64_t head = atomic_load_explicit(&s->head, memory_order_relaxed), want;
    do {
        if (head & REEL__RING_FLAGS)
            return REEL__TO_THE_LOCK;
        if (REEL__RING_COUNT(head) >= room)
            return REEL__FULL;
        atomic_store_explicit(&b->next, REEL__RING_TOP(head), memory_order_relaxed);
        want = ((head & ~(uint64_t)0xffff) | number) + ((uint64_t)1 << 16);
    } while (!atomic_compare_exchange_weak_explicit(&s->head, &head, want, memory_order_release,
                                                    memory_order_relaxed));
    return REEL__GIVEN;
}

/* False: no room, somebody waits, or closed. After true neither buffer nor pool is the caller's to look at. */
static inline bool reel__ring_give(reel_pool *pool, reel_buffer *b)
{
    uint32_t mine = reel__ring_mine(pool), n = pool->stripes;
    reel__given given = REEL__FULL;
    for (uint32_t i = 0; i < n && given == REEL__FULL; i++)
        given = reel__stripe_give(&pool->stripe[(mine + i) & (n - 1)], b);
    return given == REEL__GIVEN;
}

static inline uint32_t reel__ring_count(const reel_pool *pool)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < pool->stripes; i++)
        n += REEL__RING_COUNT(atomic_load_explicit(&pool->stripe[i].head, memory_order_relaxed));
    return n;
}

/* Take all of a stripe and set flags; gives the number of the top one, which leads to the others by next. */
static inline uint32_t reel__stripe_drain(reel__pool_stripe *s, uint64_t flags)
{
    uint64_t head = atomic_load_explicit(&s->head, memory_order_acquire), want;
    do
        want = ((head & ~(uint64_t)0xfffffff) | flags) + REEL__RING_TAKEN;
    while (!atomic_compare_exchange_weak_explicit(&s->head, &head, want, memory_order_acquire,
                                                  memory_order_acquire));
    return REEL__RING_TOP(head);
}

static inline void reel__ring_awaited(reel_pool *pool)
{
    for (uint32_t i = 0; i < pool->stripes; i++)
        atomic_fetch_and_explicit(&pool->stripe[i].head, ~REEL__RING_WAIT, memory_order_relaxed);
}

/* Under the lock: from now on who gives comes to the lock. False: the ring is not empty, and all is as before. */
static inline bool reel__ring_await(reel_pool *pool)
{
    for (uint32_t i = 0; i < pool->stripes; i++) {
        /* A give comes either before this, and is seen here, or after it, and sees this. */
        uint64_t head = atomic_fetch_or_explicit(&pool->stripe[i].head, REEL__RING_WAIT, memory_order_acquire);
        if (!REEL__RING_TOP(head))
            continue;
        if (!pool->waiting)
            reel__ring_awaited(pool);
        return false;
    }
    return true;
}

#endif
