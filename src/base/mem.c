/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "base/base.h"
#include "base/checked.h"

static void *malloc_resize(void *user, void *p, size_t n)
{
    (void)user;
    if (n == 0) {
        free(p);
        return NULL;
    }
    return realloc(p, n);
}

const reel_allocator reel__malloc = {malloc_resize, NULL};

void *reel__alloc(const reel_allocator *a, size_t n)
{
    return a->resize(a->user, NULL, n ? n : 1);
}

void *reel__alloc_zero(const reel_allocator *a, size_t n)
{
    void *p = reel__alloc(a, n);
    if (p)
        memset(p, 0, n);
    return p;
}

void *reel__alloc_array(const reel_allocator *a, size_t n, size_t each)
{
    return reel__realloc_array(a, NULL, n, each);
}

void *reel__realloc_array(const reel_allocator *a, void *p, size_t n, size_t each)
{
    size_t bytes;
    if (!reel__mul(n, each, &bytes))
        return NULL;
    return a->resize(a->user, p, bytes ? bytes : 1);
}

void *reel__once_publish(const reel__once *slot, void *made, const reel_allocator *a)
{
    void *there = NULL;
    if (!made)
        return NULL;
    /* Its holder is const to all who read; the slot is what they may fill. */
    if (atomic_compare_exchange_strong_explicit((reel__once *)(uintptr_t)slot, &there, made, memory_order_acq_rel,
                                                memory_order_acquire))
        return made;
    reel__free(a, made);
    return there;
}

void reel__free(const reel_allocator *a, void *p)
{
    if (p)
        a->resize(a->user, p, 0);
}
