/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/checked.h"
#include "source/guard.h"
#include "source/source.h"

typedef struct part {
    reel_source *source;
    uint64_t start, end;
} part;

typedef struct concat {
    reel_source base;
    size_t n;
    part parts[];
} concat;

/* The part that holds offset; the caller has checked that there is one. */
static const part *find(const concat *c, uint64_t offset)
{
    size_t low = 0, high = c->n - 1;
    while (low < high) {
        size_t mid = low + (high - low + 1) / 2;
        if (c->parts[mid].start <= offset)
            low = mid;
        else
            high = mid - 1;
    }
    return &c->parts[low];
}

static const uint8_t *concat_map(reel_source *s, uint64_t offset, size_t n)
{
    const part *p = find((const concat *)s, offset);
    if (offset > p->end || n > p->end - offset)
        return NULL; /* it spans parts: read joins them */
    return reel__source_map(p->source, offset - p->start, n);
}

static int64_t concat_read(reel_source *s, uint64_t offset, void *buf, size_t n)
{
    const part *p = find((const concat *)s, offset);
    size_t here = (size_t)REEL__MIN((uint64_t)n, p->end - offset);
    int code = reel_source_read(p->source, offset - p->start, buf, here, NULL);
    return code == REEL_OK ? (int64_t)here : code;
}

static bool concat_shrunk(const reel_source *s)
{
    const concat *c = (const concat *)s;
    for (size_t i = 0; i < c->n && reel__guard_any(); i++)
        if (reel__source_shrunk(c->parts[i].source))
            return true;
    return false;
}

static uint64_t concat_readable(const reel_source *s, uint64_t end)
{
    const part *p = find((const concat *)s, end ? end - 1 : 0);
    return p->end - end;
}

static void concat_gone(reel_source *s)
{
    concat *c = (concat *)s;
    for (size_t i = 0; i < c->n; i++)
        reel_source_unref(&c->parts[i].source);
    reel__free(&reel__malloc, c);
}

static const reel__source_ops concat_ops = {.map = concat_map,
                                            .read = concat_read,
                                            .readable = concat_readable,
                                            .shrunk = concat_shrunk,
                                            .gone = concat_gone};

int reel_source_concat(reel_source *const *parts, size_t n, reel_source **out)
{
    if (!out)
        return REEL_E_ARG;
    *out = NULL;
    if (!parts || n == 0)
        return REEL_E_ARG;
    size_t bytes;
    if (!reel__mul(n, sizeof(part), &bytes) || !reel__add(bytes, sizeof(concat), &bytes))
        return REEL_E_NOMEM;
    concat *c = reel__alloc_zero(&reel__malloc, bytes);
    if (!c)
        return REEL_E_NOMEM;
    uint64_t at = 0;
    for (size_t i = 0; i < n; i++) {
        c->parts[i].start = at;
        if (!reel__add(at, reel_source_size(parts[i]), &at) || at > INT64_MAX) {
            c->n = i;
            concat_gone(&c->base);
            return REEL_E_RANGE;
        }
        c->parts[i].end = at;
        c->parts[i].source = reel_source_ref(parts[i]);
    }
    c->n = n;
    reel__source_init(&c->base, &concat_ops, at);
    *out = &c->base;
    return REEL_OK;
}

int reel_source_locate(const reel_source *source, uint64_t offset, size_t *index, uint64_t *part_offset)
{
    if (!source || !index || !part_offset)
        return REEL_E_ARG;
    if (offset >= reel_source_size(source))
        return REEL_E_RANGE;
    *index = 0;
    *part_offset = offset;
    if (source->ops == &concat_ops) {
        const concat *c = (const concat *)source;
        const part *p = find(c, offset);
        *index = (size_t)(p - c->parts);
        *part_offset = offset - p->start;
    }
    return REEL_OK;
}
