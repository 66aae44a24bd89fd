/* SPDX-License-Identifier: BSD-2-Clause */
#include "gops.h"

#include <stdlib.h>
#include <string.h>

#include <reel/bitstream.h>

#include "fail.h"

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

static int sync_before(const reel_track *track, uint64_t sample, uint64_t *entry, reel_error *err)
{
    int code = reel_track_find_sync(track, sample, REEL_SEEK_PREVIOUS, entry, err);
    if (code == REEL_END)
        *entry = 0;
    return code == REEL_END ? REEL_OK : code;
}

/*
 * Where decoding has to start for it. What is shown before its own sync sample may need the pictures before that: an open
 * group of pictures. ISO/IEC 14496-12:2022 8.6.4, Annex I (SAP types 2 and 3)
 */
static int entry_of(const reel_track *track, const reel_found *f, uint64_t *entry, reel_error *err)
{
    reel_sample sync;
    int code = sync_before(track, f->sample, entry, err);
    if (code != REEL_OK || *entry == f->sample || *entry == 0)
        return code;
    code = reel_track_sample(track, *entry, &sync, err);
    return code == REEL_OK && f->pts < sync.pts ? sync_before(track, *entry - 1, entry, err) : code;
}

static int find_entries(reel__gops *g, const reel_track *track, const reel_found *found, size_t n, reel_error *err)
{
    int code = REEL_OK;
    for (size_t i = 0; i < n; i++)
        if (found[i].code == REEL_OK)
            g->wanted[g->wants++] = (reel__wanted){.sample = found[i].sample, .want = i};
    qsort(g->wanted, g->wants, sizeof *g->wanted, by_sample);
    for (size_t i = 0; i < g->wants && code == REEL_OK; i++) {
        reel__wanted *w = &g->wanted[i];
        if (i && w->sample == w[-1].sample)
            w->entry = w[-1].entry;
        else
            code = entry_of(track, &found[w->want], &w->entry, err);
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
    if (n > SIZE_MAX / sizeof *g->wanted - 1)
        return reel__frame_fail(err, REEL_E_NOMEM, "more frames than memory could hold");
    g->wanted = alloc->resize(alloc->user, NULL, (n + 1) * sizeof *g->wanted);
    g->gop = alloc->resize(alloc->user, NULL, (n + 1) * sizeof *g->gop);
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
    if (g->wanted)
        g->alloc.resize(g->alloc.user, g->wanted, 0);
    if (g->gop)
        g->alloc.resize(g->alloc.user, g->gop, 0);
    *g = (reel__gops){.alloc = g->alloc};
}

/* ---- what can be left out ---- */

static bool is_hevc(uint32_t format)
{
    return format == REEL_4CC('h', 'v', 'c', '1') || format == REEL_4CC('h', 'e', 'v', '1') ||
           format == REEL_4CC('d', 'v', 'h', '1') || format == REEL_4CC('d', 'v', 'h', 'e');
}

static bool is_avc(uint32_t format)
{
    return (format & 0xffffff00) == (REEL_4CC('a', 'v', 'c', '0') & 0xffffff00) ||
           format == REEL_4CC('d', 'v', 'a', '1') || format == REEL_4CC('d', 'v', 'a', 'v');
}

enum { YES, NO, NOTHING };

/* The highest sublayer that the film has, of hvcC; -1: not said. ISO/IEC 14496-15:2022 8.3.2.1 */
static int top_sublayer(const reel_description *d)
{
    return d->config.size > 21 ? (d->config.data[21] >> 3 & 7) - 1 : -1;
}

/*
 * Does a unit say that no picture refers to its own? ISO/IEC 14496-10 7.4.1 (nal_ref_idc), ISO/IEC 23008-2 7.4.2.2: even
 * types below 16 are no reference within their sublayer, and above it there has to be none.
 */
static int needless(const reel_unit *u, bool hevc, int top)
{
    if (hevc)
        return u->type >= 32 ? NOTHING : u->type < 16 && u->type % 2 == 0 && u->temporal_id == top ? YES : NO;
    return u->type == 0 || u->type > 5 ? NOTHING : u->ref_idc == 0 ? YES : NO;
}

bool reel__sample_needless(const reel_description *d, const reel_sample *s, reel_span data)
{
    reel_unit_iter it;
    reel_unit u;
    bool hevc = is_hevc(d->codec_format), seen = false;
    if (s->flags & REEL_SAMPLE_SYNC)
        return false;
    if (s->flags & REEL_SAMPLE_DISPOSABLE)
        return true;
    if ((!hevc && !is_avc(d->codec_format)) || reel_unit_iter_init(&it, d, data) != REEL_OK)
        return false;
    int code, top = top_sublayer(d);
    while ((code = reel_unit_next(&it, d, &u, NULL)) == REEL_OK) {
        int says = needless(&u, hevc, top);
        if (says == NO)
            return false;
        seen |= says == YES;
    }
    return seen && code == REEL_END;
}
