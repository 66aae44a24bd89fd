/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring's one word, and the two swaps that are the hot path. See pool_room.h. */
#ifndef REEL_FRAME_POOL_RING_H
#define REEL_FRAME_POOL_RING_H

#include "pool_room.h"

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

/* NULL: empty. *after is the head without what was taken. */
static inline reel_buffer *reel__ring_take(reel_pool *pool, uint64_t *after)
{
    uint64_t head = atomic_load_explicit(&pool->head, memory_order_acquire);
    for (;;) {
        uint32_t top = REEL__RING_TOP(head);
        if (!top)
            return NULL;
        reel_buffer *b = &pool->buffers[top - 1];
        uint32_t below = atomic_load_explicit(&b->next, memory_order_relaxed);
        *after = ((head & ~(uint64_t)0xffff) | below) - ((uint64_t)1 << 16) + REEL__RING_TAKEN;
        if (atomic_compare_exchange_weak_explicit(&pool->head, &head, *after, memory_order_acquire,
                                                  memory_order_acquire))
            return b;
        reel__ring_pause();
    }
}

/* False: no room, somebody waits, or closed. After true the buffer and the pool are no longer the caller's to look at. */
static inline bool reel__ring_give(reel_pool *pool, reel_buffer *b)
{
    uint32_t hot = pool->hot, number = b->index + 1;
    uint64_t head = atomic_load_explicit(&pool->head, memory_order_relaxed), want;
    do {
        if ((head & REEL__RING_FLAGS) || REEL__RING_COUNT(head) >= hot)
            return false;
        atomic_store_explicit(&b->next, REEL__RING_TOP(head), memory_order_relaxed);
        want = ((head & ~(uint64_t)0xffff) | number) + ((uint64_t)1 << 16);
    } while (!atomic_compare_exchange_weak_explicit(&pool->head, &head, want, memory_order_release,
                                                    memory_order_relaxed));
    return true;
}

/* Take all of it and set flags; gives the number of the top one, which leads to the others by next. */
static inline uint32_t reel__ring_drain(reel_pool *pool, uint64_t flags)
{
    uint64_t head = atomic_load_explicit(&pool->head, memory_order_acquire), want;
    do
        want = ((head & ~(uint64_t)0xfffffff) | flags) + REEL__RING_TAKEN;
    while (!atomic_compare_exchange_weak_explicit(&pool->head, &head, want, memory_order_acquire,
                                                  memory_order_acquire));
    return REEL__RING_TOP(head);
}

/* Under the lock, with an empty ring: from now on who gives comes to the lock. False: it is not empty. */
static inline bool reel__ring_await(reel_pool *pool)
{
    uint64_t head = atomic_load_explicit(&pool->head, memory_order_acquire);
    do
        if (REEL__RING_TOP(head))
            return false;
    while (!atomic_compare_exchange_weak_explicit(&pool->head, &head, head | REEL__RING_WAIT, memory_order_acquire,
                                                  memory_order_acquire));
    return true;
}

static inline void reel__ring_awaited(reel_pool *pool)
{
    atomic_fetch_and_explicit(&pool->head, ~REEL__RING_WAIT, memory_order_relaxed);
}

#endif
