/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The edit list turned round: from media time to the edit that shows it first. docs/time.md; ISO/IEC 14496-12:2022 8.6.6.
 *
 *     edits    0: media [40, 60)   1: media [10, 50)   2: media [90, 95)
 *     parts    media 10   40   60   90   95
 *              edit   1    0    -    2    -       each up to the next; two neighbours never name the same edit
 */
#include <stdlib.h>

#include "movie/time_.h"

#define NO_EDIT UINT32_MAX

/* Only for lists longer than REEL__SHORT_LIST. */
typedef struct showings {
    uint32_t n;
    bool no_list; /* no edit lasts any time: as if there was no list */
    struct part {
        int64_t media;
        uint32_t edit;
    } at[];
} showings;

/* The first edit that shows media_time, or the first that shows what comes next; edit NO_EDIT: none does. */
typedef struct showing {
    int64_t media;
    uint32_t edit;
    bool no_list;
} showing;

/* The media [*first, *end) that an edit shows. */
static bool media_of(const reel_edit *edit, int64_t *first, int64_t *end)
{
    if (edit->kind == REEL_EDIT_EMPTY || edit->start >= edit->end)
        return false;
    uint64_t last_tick = (uint64_t)edit->end - (uint64_t)edit->start - 1;
    uint64_t last = edit->kind == REEL_EDIT_DWELL ? 0 : reel__at_rate(last_tick, reel__rate_of(edit));
    *first = edit->media_time;
    *end = reel__time_plus(reel__time_plus(*first, last), 1);
    return *first < *end;
}

/* When edit comes to media, which it shows. */
static int64_t start_of(const reel_edit *edit, int64_t media)
{
    if (edit->kind == REEL_EDIT_DWELL)
        return edit->start;
    return reel__time_plus(edit->start, reel__ticks_for((uint64_t)media - (uint64_t)edit->media_time, reel__rate_of(edit)));
}

static bool lasts_no_time(const reel__edit_walk *w) { return !w->total && !w->open; }

static showing walk(const reel__edits *e, int64_t media)
{
    showing best = {INT64_MAX, NO_EDIT, false};
    reel__edit_walk w = reel__edit_walk_from(e, 0);
    reel_edit edit;
    int64_t first, end;
    while (reel__edit_walk_next(&w, &edit)) {
        if (!media_of(&edit, &first, &end) || end <= media)
            continue;
        first = REEL__MAX(first, media);
        if (first < best.media)
            best = (showing){first, w.i - 1, false};
        if (first == media)
            return best;
    }
    best.no_list = lasts_no_time(&w);
    return best;
}

/* ---- building: the edges of all edits in order; each edit takes what lies between its own and is still free ---- */

typedef struct builder {
    int64_t *edge;
    uint32_t *owner; /* of [edge[k], edge[k + 1]) */
    uint32_t *free_; /* the first k from here on that has no owner, as far as known; shortened on the way */
    uint32_t n;
    bool no_list;
} builder;

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void gather_edges(builder *b, const reel__edits *e)
{
    reel__edit_walk w = reel__edit_walk_from(e, 0);
    reel_edit edit;
    uint32_t n = 0;
    while (reel__edit_walk_next(&w, &edit))
        n += media_of(&edit, &b->edge[n], &b->edge[n + 1]) ? 2 : 0;
    b->no_list = lasts_no_time(&w);
    qsort(b->edge, n, sizeof *b->edge, by_time);
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || b->edge[i] != b->edge[b->n - 1])
            b->edge[b->n++] = b->edge[i];
}

static uint32_t find_edge(const builder *b, int64_t media)
{
    uint32_t low = 0, high = b->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (b->edge[mid] < media)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static uint32_t next_free(builder *b, uint32_t k)
{
    while (b->free_[k] != k) {
        b->free_[k] = b->free_[b->free_[k]];
        k = b->free_[k];
    }
    return k;
}

static void give_owners(builder *b, const reel__edits *e)
{
    reel__edit_walk w = reel__edit_walk_from(e, 0);
    reel_edit edit;
    int64_t first, end;
    for (uint32_t k = 0; k <= b->n; k++) {
        b->owner[k] = NO_EDIT;
        b->free_[k] = k;
    }
    while (reel__edit_walk_next(&w, &edit)) {
        if (!media_of(&edit, &first, &end))
            continue;
        for (uint32_t k = next_free(b, find_edge(b, first)); b->edge[k] < end && k + 1 < b->n; k = next_free(b, k)) {
            b->owner[k] = w.i - 1;
            b->free_[k] = k + 1;
        }
    }
}

static showings *pack(const builder *b, const reel_allocator *a)
{
    uint32_t parts = 0;
    for (uint32_t k = 0; k < b->n; k++)
        parts += k == 0 || b->owner[k] != b->owner[k - 1];
    showings *s = reel__alloc(a, sizeof *s + parts * sizeof *s->at);
    if (!s)
        return NULL;
    s->n = 0;
    s->no_list = b->no_list;
    for (uint32_t k = 0; k < b->n; k++)
        if (k == 0 || b->owner[k] != b->owner[k - 1])
            s->at[s->n++] = (struct part){b->edge[k], b->owner[k]};
    return s;
}

static showings *build(const reel__edits *e)
{
    const reel_allocator *a = &e->track->movie->alloc;
    builder b = {0};
    showings *s = NULL;
    size_t edges = 2 * (size_t)e->n + 2; /* the table lies in memory, so twice its count fits */
    b.edge = reel__alloc_array(a, edges, sizeof *b.edge);
    b.owner = reel__alloc_array(a, edges, sizeof *b.owner);
    b.free_ = reel__alloc_array(a, edges, sizeof *b.free_);
    if (b.edge && b.owner && b.free_) {
        gather_edges(&b, e);
        give_owners(&b, e);
        s = pack(&b, a);
    }
    reel__free(a, b.edge);
    reel__free(a, b.owner);
    reel__free(a, b.free_);
    return s;
}

/* ---- asking ---- */

/* NULL: the list is short, or there was no memory. Both are walked. */
static const showings *showings_of(const reel__edits *e)
{
    if (e->n <= REEL__SHORT_LIST)
        return NULL;
    const showings *there = reel__once_get(&e->track->showings);
    return there ? there : reel__once_publish(&e->track->showings, build(e), &e->track->movie->alloc);
}

static showing find(const reel__edits *e, int64_t media)
{
    const showings *s = showings_of(e);
    if (!s)
        return walk(e, media);
    uint32_t low = 0, high = s->n; /* the first part that begins behind media */
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (s->at[mid].media <= media)
            low = mid + 1;
        else
            high = mid;
    }
    if (low > 0 && s->at[low - 1].edit != NO_EDIT)
        return (showing){media, s->at[low - 1].edit, s->no_list};
    if (low < s->n)
        return (showing){s->at[low].media, s->at[low].edit, s->no_list};
    return (showing){INT64_MAX, NO_EDIT, s->no_list};
}

/* Behind edit i, which shows media: the n-th that shows it too, n from 1. */
static int show_again(const reel__edits *e, uint32_t i, int64_t media, size_t n, int64_t *t)
{
    reel__edit_walk w = reel__edit_walk_from(e, i + 1);
    reel_edit edit;
    int64_t first, end;
    while (reel__edit_walk_next(&w, &edit))
        if (media_of(&edit, &first, &end) && first <= media && media < end && --n == 0) {
            *t = start_of(&edit, media);
            return REEL_OK;
        }
    return REEL_END;
}

int reel_track_presentation_time(const reel_track *track, int64_t media_time, size_t n, int64_t *t)
{
    if (!track || !t)
        return REEL_E_ARG;
    reel__edits e = reel__edits_of(track);
    showing s = find(&e, media_time);
    if (s.no_list) {
        *t = media_time;
        return n ? REEL_END : REEL_OK;
    }
    reel_edit edit;
    if (s.edit == NO_EDIT || s.media != media_time || reel_track_edit(track, s.edit, &edit) != REEL_OK)
        return REEL_END;
    if (n)
        return show_again(&e, s.edit, media_time, n, t);
    *t = start_of(&edit, media_time);
    return REEL_OK;
}

int reel_track_presentation_span(const reel_track *track, int64_t media_time, uint64_t duration, int64_t *start,
                                 int64_t *end)
{
    if (!track || !start || !end)
        return REEL_E_ARG;
    reel__edits e = reel__edits_of(track);
    showing s = find(&e, media_time);
    int64_t media_end = reel__time_plus(media_time, duration);
    reel_edit edit;
    if (s.no_list) {
        *start = media_time;
        *end = media_end;
        return duration ? REEL_OK : REEL_END;
    }
    if (s.edit == NO_EDIT || s.media >= media_end || reel_track_edit(track, s.edit, &edit) != REEL_OK)
        return REEL_END;
    *start = start_of(&edit, s.media);
    *end = edit.kind == REEL_EDIT_DWELL ? edit.end : REEL__MIN(edit.end, start_of(&edit, media_end));
    return *start < *end ? REEL_OK : REEL_END;
}
