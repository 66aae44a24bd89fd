/* SPDX-License-Identifier: BSD-2-Clause */
/* The word of a stripe, and the swaps on it that are the hot path. See room.h. */
#ifndef REEL_FRAME_POOL_RING_H
#define REEL_FRAME_POOL_RING_H

#include "frame/pool/os.h"
#include "frame/pool/room.h"

/* tag 30 | WAIT 1 | CLOSED 1 | count 16 | top 16 */
#define REEL__RING_CLOSED ((uint64_t)1 << 32)
#define REEL__RING_WAIT ((uint64_t)1 << 33)
#define REEL__RING_FLAGS (REEL__RING_CLOSED | REEL__RING_WAIT)
#define REEL__RING_TAKEN ((uint64_t)1 << 34)
#define REEL__RING_TOP(head) ((uint32_t)(head) & 0xffffu)
#define REEL__RING_COUNT(head) ((uint32_t)((head) >> 16) & 0xffffu)
#define REEL__RING_TAG(head) ((head) >> 34)

static inline void reel__ring_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Which stripes are this thread's. Threads number themselves as they come. */
static inline uint32_t reel__ring_mine(void)
{
    uint32_t number = reel__thread_number;
    if (__builtin_expect(!number, 0))
        number = reel__thread_count();
    return number & (REEL__STRIPES - 1);
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

/*
 * From the ring or the shelf, counted; NULL: all stripes are empty. *after is the head of the stripe without what was
 * taken. The thread's own shelf goes before the other threads' part of the ring, for whose words it would have to wait.
 */
static inline reel_buffer *reel__ring_take(reel_pool *pool, uint64_t *after)
{
    uint32_t mine = reel__ring_mine();
    reel_buffer *b = reel__stripe_take(pool, &pool->stripe[mine], after);
    if (b) {
        REEL__COUNT(b->hits);
        return b;
    }
    for (uint32_t i = 1; i < 2 * REEL__STRIPES; i++) {
        bool shelf = i & 1;
        uint32_t which = (mine + i / 2) & (REEL__STRIPES - 1);
        b = reel__stripe_take(pool, shelf ? &pool->shelf[which] : &pool->stripe[which], after);
        if (!b)
            continue;
        if (shelf)
            REEL__COUNT(b->u.home.hits);
        else
            REEL__COUNT(b->hits);
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

/* To the ring, or when it is full to the shelf, which has room for all. False: somebody waits, or the pool is closed.
 * After true neither buffer nor pool is the caller's to look at. */
static inline bool reel__ring_give(reel_pool *pool, reel_buffer *b)
{
    uint32_t mine = reel__ring_mine();
    reel__given given = REEL__FULL;
    for (uint32_t i = 0; i < REEL__STRIPES && given == REEL__FULL; i++)
        given = reel__stripe_give(&pool->stripe[(mine + i) & (REEL__STRIPES - 1)], b);
    if (given != REEL__FULL)
        return given == REEL__GIVEN;
    b->u.home.since = reel__os_now_coarse();
    return reel__stripe_give(&pool->shelf[mine], b) == REEL__GIVEN;
}

static inline uint32_t reel__stripes_count(const reel__pool_stripe *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < REEL__STRIPES; i++)
        n += REEL__RING_COUNT(atomic_load_explicit(&s[i].head, memory_order_relaxed));
    return n;
}

/* Put a chain of n back, first to last by next, that came out of this stripe. Under the lock. */
static inline void reel__stripe_put_back(reel__pool_stripe *s, reel_buffer *first, reel_buffer *last, uint32_t n)
{
    uint64_t head = atomic_load_explicit(&s->head, memory_order_relaxed), want;
    do {
        atomic_store_explicit(&last->next, REEL__RING_TOP(head), memory_order_relaxed);
        want = ((head & ~(uint64_t)0xffff) | (first->index + 1)) + ((uint64_t)n << 16);
    } while (!atomic_compare_exchange_weak_explicit(&s->head, &head, want, memory_order_release,
                                                    memory_order_relaxed));
}

/* Take all of a stripe and set flags; gives the number of the top one, which leads to the others by next. */
static inline uint32_t reel__stripe_drain(reel__pool_stripe *s, uint64_t flags)
{
    uint64_t head = atomic_load_explicit(&s->head, memory_order_acquire), want;
    do
        want = ((head & ~(uint64_t)0xffffffff) | flags) + REEL__RING_TAKEN;
    while (!atomic_compare_exchange_weak_explicit(&s->head, &head, want, memory_order_acquire,
                                                  memory_order_acquire));
    return REEL__RING_TOP(head);
}

/* The i-th of those of the ring and of the shelf. */
static inline reel__pool_stripe *reel__ring_any(reel_pool *pool, uint32_t i)
{
    return i < REEL__STRIPES ? &pool->stripe[i] : &pool->shelf[i - REEL__STRIPES];
}

static inline void reel__ring_awaited(reel_pool *pool)
{
    for (uint32_t i = 0; i < 2 * REEL__STRIPES; i++)
        atomic_fetch_and_explicit(&reel__ring_any(pool, i)->head, ~REEL__RING_WAIT, memory_order_relaxed);
}

/* Under the lock: from now on who gives comes to the lock. False: they are not empty, and all is as before. */
static inline bool reel__ring_await(reel_pool *pool)
{
    for (uint32_t i = 0; i < 2 * REEL__STRIPES; i++) {
        /* A give comes either before this, and is seen here, or after it, and sees this. */
        uint64_t head = atomic_fetch_or_explicit(&reel__ring_any(pool, i)->head, REEL__RING_WAIT,
                                                 memory_order_acquire);
        if (!REEL__RING_TOP(head))
            continue;
        if (!pool->waiting)
            reel__ring_awaited(pool);
        return false;
    }
    return true;
}

#endif
