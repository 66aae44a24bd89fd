/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/source.h"

typedef struct memory {
    reel_source base;
    const uint8_t *data;
    void (*release)(void *user, const void *data);
    void *user;
} memory;

static const uint8_t *memory_map(reel_source *s, uint64_t offset, size_t n)
{
    static const uint8_t nothing[1];
    const memory *m = (const memory *)s;
    (void)n;
    return m->data ? m->data + offset : nothing;
}

static void memory_gone(reel_source *s)
{
    memory *m = (memory *)s;
    if (m->release)
        m->release(m->user, m->data);
    reel__free(&reel__malloc, m);
}

static const reel__source_ops memory_ops = {.map = memory_map, .gone = memory_gone};

int reel_source_memory(const void *data, size_t size, void (*release)(void *user, const void *data), void *user,
                       reel_source **out)
{
    if (!out)
        return REEL_E_ARG;
    *out = NULL;
    if (!data && size)
        return REEL_E_ARG;
    memory *m = reel__alloc_zero(&reel__malloc, sizeof *m);
    if (!m)
        return REEL_E_NOMEM;
    reel__source_init(&m->base, &memory_ops, size);
    m->data = data;
    m->release = release;
    m->user = user;
    *out = &m->base;
    return REEL_OK;
}
