/* SPDX-License-Identifier: BSD-2-Clause */
#include "frame/exact/gops.h"

#include <stdlib.h>

#include "frame/base/entry.h"
#include "frame/base/fail.h"
#include "frame/base/memory.h"

static int by_sample(const void *a, const void *b)
{
    const reel__wanted *x = a, *y = b;
    if (x->sample != y->sample)
        return x->sample < y->sample ? -1 : 1;
    return x->want < y->want ? -1 : x->want > y->want;
}

static int by_entry(const void *a, const void *b)
{
    const reel__gop *x = a, *y = b;
    return x->entry < y->entry ? -1 : x->entry > y->entry;
}

static int find_entries(reel__gops *g, const reel_track *track, const reel_found *found, size_t n, reel_error *err)
{
    int code = REEL_OK;
    reel__entry_memo memo = {0};
    for (size_t i = 0; i < n; i++)
        if (found[i].code == REEL_OK)
            g->wanted[g->wants++] = (reel__wanted){.sample = found[i].sample, .want = i};
    qsort(g->wanted, g->wants, sizeof *g->wanted, by_sample);
    for (size_t i = 0; i < g->wants && code == REEL_OK; i++) {
        reel__wanted *w = &g->wanted[i];
        if (i && w->sample == w[-1].sample)
            w->entry = w[-1].entry;
        else
            code = reel__entry_for(track, w->sample, found[w->want].pts, &memo, &w->entry, err);
    }
    return code;
}

/* One group of each want; then those that overlap become one. */
static void merge(reel__gops *g)
{
    for (size_t i = 0; i < g->wants; i++)
        g->gop[i] = (reel__gop){g->wanted[i].entry, g->wanted[i].sample, 0, 0};
    qsort(g->gop, g->wants, sizeof *g->gop, by_entry);
    for (size_t i = 0; i < g->wants; i++) {
        reel__gop *last = g->count ? &g->gop[g->count - 1] : NULL;
        if (!last || g->gop[i].entry > last->last)
            g->gop[g->count++] = g->gop[i];
        else if (g->gop[i].last > last->last)
            last->last = g->gop[i].last;
    }
    size_t at = 0;
    for (size_t i = 0; i < g->count; i++) {
        g->gop[i].first = at;
        while (at < g->wants && g->wanted[at].sample <= g->gop[i].last)
            at++;
        g->gop[i].count = at - g->gop[i].first;
    }
}

int reel__gops_plan(reel__gops *g, const reel_allocator *alloc, const reel_track *track, const reel_found *found,
                    size_t n, reel_error *err)
{
    *g = (reel__gops){.alloc = *alloc};
    g->wanted = reel__frame_get(alloc, n, sizeof *g->wanted);
    g->gop = reel__frame_get(alloc, n, sizeof *g->gop);
    int code = g->wanted && g->gop ? find_entries(g, track, found, n, err)
                                   : reel__frame_fail(err, REEL_E_NOMEM, "out of memory");
    if (code == REEL_OK)
        merge(g);
    else
        reel__gops_free(g);
    return code;
}

void reel__gops_free(reel__gops *g)
{
    reel__frame_drop(&g->alloc, g->wanted);
    reel__frame_drop(&g->alloc, g->gop);
    *g = (reel__gops){.alloc = g->alloc};
}
