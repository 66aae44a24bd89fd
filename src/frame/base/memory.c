/* SPDX-License-Identifier: BSD-2-Clause */
#include "frame/base/memory.h"

#include <stdlib.h>

static void *malloc_resize(void *user, void *p, size_t n)
{
    (void)user;
    if (n == 0) {
        free(p);
        return NULL;
    }
    return realloc(p, n);
}

const reel_allocator reel__frame_malloc = {malloc_resize, NULL};

void *reel__frame_get(const reel_allocator *a, size_t n, size_t each)
{
    return n > SIZE_MAX / each - 1 ? NULL : a->resize(a->user, NULL, n ? n * each : 1);
}

void reel__frame_drop(const reel_allocator *a, void *p)
{
    if (p)
        a->resize(a->user, p, 0);
}
