/* SPDX-License-Identifier: BSD-2-Clause */
#include "random.h"

#include <stdlib.h>
#include <string.h>

enum { LONG = 3000 };

typedef struct tables {
    b_run *stts, *ctts;
    b_chunks *stsc;
    uint32_t *sizes, *stss;
    uint64_t *chunks;
} tables;

typedef struct maker {
    uint64_t dice;
    uint64_t media; /* where the next chunk may lie, in mdat */
    unsigned kinds;
} maker;

static void *many(size_t n, size_t each)
{
    void *p = calloc(n ? n : 1, each);
    if (!p)
        abort();
    return p;
}

static reel_sample *add(truth_track *t)
{
    if (t->count == t->room) {
        t->room = t->room ? t->room * 2 : 64;
        t->sample = realloc(t->sample, t->room * sizeof *t->sample);
        if (!t->sample)
            abort();
    }
    reel_sample *s = &t->sample[t->count];
    memset(s, 0, sizeof *s);
    s->index = t->count++;
    return s;
}

static uint32_t length(maker *m, uint32_t small)
{
    return b_below(&m->dice, (m->kinds & RANDOM_LONG) && b_below(&m->dice, 2) ? LONG : small);
}

/* Runs with empty ones among them, some long; about `samples` in all, or fewer, or more. */
static uint32_t random_runs(maker *m, b_run *run, uint32_t room, uint32_t samples, bool offsets)
{
    uint32_t n = 0, wide = 1 + b_below(&m->dice, b_below(&m->dice, 3) ? 3 : 40);
    uint64_t covered = 0, target = b_below(&m->dice, 5) ? samples : b_below(&m->dice, samples + samples / 2 + 1);
    while (covered < target && n < room) {
        run[n].count = b_below(&m->dice, 8) ? 1 + b_below(&m->dice, wide) : 0;
        run[n].value = offsets ? (uint32_t)((int32_t)b_below(&m->dice, 200) - 60) : b_below(&m->dice, 6) * 10;
        if (offsets && b_below(&m->dice, 400) == 0)
            run[n].value = (uint32_t)((int32_t)b_below(&m->dice, 200000) - 100000);
        covered += run[n++].count;
    }
    return n;
}

static void expand_times(truth_track *t, const b_track *b)
{
    int64_t dts = 0;
    uint32_t entry = 0, left = 0, delta = 0;
    for (size_t i = 0; i < t->count; i++) {
        while (!left && entry < b->stts_n) {
            left = b->stts[entry].count;
            if (left)
                delta = b->stts[entry].value;
            entry++;
        }
        t->sample[i].dts = t->sample[i].pts = dts;
        t->sample[i].duration = delta;
        dts += delta;
        left -= left > 0;
    }
    entry = left = 0;
    int32_t offset = 0;
    for (size_t i = 0; i < t->count; i++) {
        while (!left && entry < b->ctts_n) {
            left = b->ctts[entry].count;
            offset = (int32_t)b->ctts[entry++].value;
        }
        t->sample[i].pts += left ? offset : 0;
        left -= left > 0;
    }
}

static void expand_chunks(truth_track *t, const b_track *b)
{
    for (uint32_t chunk = 1, entry = 0; chunk <= b->chunk_n; chunk++) {
        while (entry + 1 < b->stsc_n && b->stsc[entry + 1].first_chunk <= chunk)
            entry++;
        uint64_t at = b->chunks[chunk - 1];
        for (uint32_t i = 0; i < b->stsc[entry].samples && t->count < b->samples; i++) {
            reel_sample *s = add(t);
            s->offset = at;
            s->size = b->sizes ? b->sizes[s->index] : b->uniform_size;
            s->description = b->stsc[entry].description;
            s->chunk = chunk;
            at += s->size;
        }
    }
}

static void expand_sync(truth_track *t, const b_track *b)
{
    bool all = !b->has_stss && !b->stss_n;
    for (size_t i = 0; all && i < t->count; i++)
        t->sample[i].flags |= REEL_SAMPLE_SYNC;
    for (uint32_t i = 0; i < b->stss_n; i++)
        if (b->stss[i] <= t->count)
            t->sample[b->stss[i] - 1].flags |= REEL_SAMPLE_SYNC;
}

static void random_sizes(maker *m, b_track *b, tables *x)
{
    static const uint32_t largest[] = {0, 15, 200, 900};
    static const unsigned bits[] = {0, 4, 8, 16};
    uint32_t kind = b_below(&m->dice, 5);
    b->uniform_size = 1 + b_below(&m->dice, 20);
    if (kind == 4)
        return;
    b->stz2_bits = bits[kind];
    for (uint32_t i = 0; i < b->samples; i++)
        x->sizes[i] = b_below(&m->dice, kind ? largest[kind] : 50);
    b->sizes = x->sizes;
}

/* Chunks, with gaps, not always in file order; and stsc entries, some of which say what the one before says. */
static void random_chunks(maker *m, b_track *b, tables *x)
{
    uint32_t most = b_below(&m->dice, 4) ? 1 + b_below(&m->dice, 6) : 1 + b_below(&m->dice, b->samples + 1);
    uint32_t sum = 0, target = b_below(&m->dice, 6) ? b->samples : b_below(&m->dice, b->samples + 1);
    while (sum < target || b->chunk_n == 0) {
        uint32_t k = b->chunk_n++;
        if (k == 0 || b_below(&m->dice, 3) == 0)
            x->stsc[b->stsc_n++] = (b_chunks){k + 1, 1 + b_below(&m->dice, most), 1 + b_below(&m->dice, 2)};
        sum += x->stsc[b->stsc_n - 1].samples;
        x->chunks[k] = m->media;
        m->media += b_below(&m->dice, 300);
        if (k && b_below(&m->dice, 16) == 0) {
            uint64_t swap = x->chunks[k];
            x->chunks[k] = x->chunks[k - 1];
            x->chunks[k - 1] = swap;
        }
    }
}

static void random_sync(maker *m, b_track *b, tables *x)
{
    uint32_t kind = b_below(&m->dice, 4), step = 1 + b_below(&m->dice, 30);
    b->has_stss = kind != 0;
    for (uint32_t n = 1 + b_below(&m->dice, step); kind > 1 && n <= b->samples; n += 1 + b_below(&m->dice, step))
        x->stss[b->stss_n++] = n;
}

static void random_track(maker *m, b_track *b, tables *x, truth_track *t, uint32_t id)
{
    b->timescale = 1 + b_below(&m->dice, 1000);
    b->samples = m->kinds & RANDOM_TABLES ? length(m, 60) : 0;
    uint32_t room = b->samples * 3 + 40;
    *x = (tables){many(room, sizeof(b_run)), many(room, sizeof(b_run)), many(room, sizeof(b_chunks)),
                  many(room, 4), many(room, 4), many(room, 8)};
    b->stts = x->stts;
    b->ctts = x->ctts;
    b->stsc = x->stsc;
    b->chunks = x->chunks;
    b->stss = x->stss;
    if (b->samples) {
        b->stts_n = random_runs(m, x->stts, room, b->samples, false);
        b->ctts_n = b_below(&m->dice, 3) ? random_runs(m, x->ctts, room, b->samples, true) : 0;
        random_sizes(m, b, x);
        random_chunks(m, b, x);
        random_sync(m, b, x);
    }
    b->ctts_version = b_below(&m->dice, 2);
    b->co64 = b_below(&m->dice, 2);
    expand_chunks(t, b);
    expand_times(t, b);
    expand_sync(t, b);
    for (size_t i = 0; i < t->count; i++)
        t->sample[i].track_id = id;
    t->in_tables = t->count;
}

/* ---- fragments -------------------------------------------------------------------------------------------- */

enum { ENTRIES = 400, RUNS = 3 };

typedef struct fragment_track {
    b_traf traf;
    b_trun run[RUNS];
    b_entry entry[RUNS][ENTRIES];
} fragment_track;

static void random_run(maker *m, b_trun *r, b_entry *e)
{
    uint32_t least = b_below(&m->dice, 8) == 0;
    r->count = b_below(&m->dice, b_below(&m->dice, 12) ? 8 : ENTRIES) + !least;
    r->flags = B_DATA | ((uint32_t)b_random(&m->dice) & (B_DURATION | B_SIZE | B_OFFSET));
    r->flags |= b_below(&m->dice, 3) == 0 ? B_FLAGS : b_below(&m->dice, 2) ? B_FIRST_FLAGS : 0;
    r->first_flags = b_below(&m->dice, 4) ? B_SYNC : B_NON_SYNC;
    r->media_at = b_below(&m->dice, 1000);
    r->entries = e;
    for (uint32_t i = 0; i < r->count; i++)
        e[i] = (b_entry){b_below(&m->dice, 4) * 10, b_below(&m->dice, 30), b_below(&m->dice, 4) ? B_NON_SYNC : B_SYNC,
                         (int32_t)b_below(&m->dice, 100) - 30};
}

/* What the samples of one trun are; offsets count from mdat for now. */
static int64_t expand_run(truth_track *t, const b_traf *f, const b_trun *r, int64_t dts)
{
    uint64_t at = (uint64_t)r->media_at;
    for (uint32_t i = 0; i < r->count; i++) {
        const b_entry *e = &r->entries[i];
        reel_sample *s = add(t);
        s->dts = dts;
        s->pts = dts + (r->flags & B_OFFSET ? e->offset : 0);
        s->duration = r->flags & B_DURATION ? e->duration : f->flags & 8 ? f->duration : 0;
        s->size = r->flags & B_SIZE ? e->size : f->flags & 0x10 ? f->size : 0;
        uint32_t flags = r->flags & B_FLAGS ? e->flags : f->flags & 0x20 ? f->sample_flags : 0;
        if (i == 0 && (r->flags & B_FIRST_FLAGS))
            flags = r->first_flags;
        s->flags = REEL_SAMPLE_FRAGMENT | (flags & 0x10000 ? 0u : REEL_SAMPLE_SYNC);
        s->description = f->flags & 2 ? f->description : 1;
        s->track_id = f->track_id;
        s->offset = at;
        at += s->size;
        dts += s->duration;
    }
    return dts;
}

static void random_traf(maker *m, fragment_track *f, truth_track *t, uint32_t id, int64_t *end)
{
    f->traf = (b_traf){.track_id = id,
                       .flags = 0x20000 | ((uint32_t)b_random(&m->dice) & 0x3a),
                       .description = 1 + b_below(&m->dice, 2),
                       .duration = b_below(&m->dice, 4) * 10,
                       .size = b_below(&m->dice, 20),
                       .sample_flags = b_below(&m->dice, 2) ? B_SYNC : B_NON_SYNC,
                       .runs = f->run,
                       .run_n = b_below(&m->dice, RUNS + 1)};
    f->traf.has_tfdt = b_below(&m->dice, 3) != 0;
    int64_t dts = *end;
    size_t before = t->count;
    if (f->traf.has_tfdt) {
        int64_t gap = b_below(&m->dice, 3) ? 0 : (int64_t)b_below(&m->dice, 500);
        int64_t back = b_below(&m->dice, 20) ? 0 : (int64_t)b_below(&m->dice, 300);
        dts = dts + gap > back ? dts + gap - back : 0;
        f->traf.tfdt = (uint64_t)dts;
    }
    for (uint32_t i = 0; i < f->traf.run_n; i++) {
        f->run[i] = (b_trun){0};
        random_run(m, &f->run[i], f->entry[i]);
        dts = expand_run(t, &f->traf, &f->run[i], dts);
    }
    if (t->count > before)
        *end = dts;
}

static int64_t end_of(const truth_track *t)
{
    return t->count ? t->sample[t->count - 1].dts + t->sample[t->count - 1].duration : 0;
}

static void random_fragments(maker *m, b_buf *b, truth *t)
{
    int64_t end[RANDOM_TRACKS];
    fragment_track *f = many(RANDOM_TRACKS, sizeof *f);
    for (uint32_t i = 0; i < t->tracks; i++)
        end[i] = end_of(&t->track[i]);
    for (uint32_t k = length(m, 8) % 60, n = 1; k--; n++) {
        b_traf trafs[RANDOM_TRACKS];
        size_t before[RANDOM_TRACKS];
        uint32_t used = 0;
        for (uint32_t i = 0; i < t->tracks; i++) {
            before[i] = t->track[i].count;
            if (b_below(&m->dice, 4) == 0)
                continue;
            random_traf(m, &f[i], &t->track[i], i + 1, &end[i]);
            trafs[used++] = f[i].traf;
        }
        b_fragment(b, n, trafs, used, 2000);
        uint64_t media = b->size - 2000;
        for (uint32_t i = 0; i < t->tracks; i++)
            for (size_t s = before[i]; s < t->track[i].count; s++)
                t->track[i].sample[s].offset += media;
    }
    free(f);
}

void random_film(b_buf *b, truth *t, uint64_t seed, unsigned kinds)
{
    maker m = {.dice = seed, .kinds = kinds};
    b_track tracks[RANDOM_TRACKS] = {{0}};
    tables x[RANDOM_TRACKS];
    b_buf entries = {0}; /* chunks name the first or the second */
    b_visual_entry(&entries);
    b_visual_entry(&entries);
    memset(t, 0, sizeof *t);
    t->tracks = 1 + b_below(&m.dice, RANDOM_TRACKS);
    for (uint32_t i = 0; i < t->tracks; i++) {
        random_track(&m, &tracks[i], &x[i], &t->track[i], i + 1);
        tracks[i].entries = &entries;
        tracks[i].entry_count = 2;
        t->timescale[i] = tracks[i].timescale;
    }
    b_film(b, &(b_movie){.track = tracks, .tracks = t->tracks, .fragmented = kinds & RANDOM_FRAGMENTS,
                         .moov_last = b_below(&m.dice, 2), .media_size = 5000});
    b_free(&entries);
    uint64_t media = b_media_at(b);
    for (uint32_t i = 0; i < t->tracks; i++)
        for (size_t s = 0; s < t->track[i].count; s++)
            t->track[i].sample[s].offset += media;
    if (kinds & RANDOM_FRAGMENTS)
        random_fragments(&m, b, t);
    for (uint32_t i = 0; i < t->tracks; i++) {
        free(x[i].stts);
        free(x[i].ctts);
        free(x[i].stsc);
        free(x[i].sizes);
        free(x[i].stss);
        free(x[i].chunks);
    }
}

void truth_free(truth *t)
{
    for (uint32_t i = 0; i < RANDOM_TRACKS; i++)
        free(t->track[i].sample);
    memset(t, 0, sizeof *t);
}

int64_t truth_find_dts(const truth_track *t, int64_t dts)
{
    for (size_t i = t->count; i-- > 0;)
        if (t->sample[i].dts <= dts)
            return (int64_t)i;
    return t->count ? 0 : -1;
}

int64_t truth_find_pts(const truth_track *t, int64_t pts)
{
    int64_t best = -1;
    for (size_t i = 0; i < t->count; i++)
        if (t->sample[i].pts <= pts && (best < 0 || t->sample[i].pts >= t->sample[best].pts))
            best = (int64_t)i;
    return best >= 0 ? best : t->count ? 0 : -1;
}

int64_t truth_find_sync(const truth_track *t, uint64_t index, bool next)
{
    for (int64_t i = (int64_t)index; i >= 0 && i < (int64_t)t->count; i += next ? 1 : -1)
        if (t->sample[i].flags & REEL_SAMPLE_SYNC)
            return i;
    return -1;
}

static uint64_t apart(int64_t a, int64_t b) { return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a; }

/* Of two, the one whose pts is closer; -1 is neither. */
static int64_t closer(const truth_track *t, int64_t before, int64_t after, int64_t pts)
{
    if (before < 0 || after < 0)
        return before < 0 ? after : before;
    return apart(t->sample[after].pts, pts) < apart(t->sample[before].pts, pts) ? after : before;
}

int64_t truth_nearest_sync(const truth_track *t, uint64_t index)
{
    return closer(t, truth_find_sync(t, index, false), truth_find_sync(t, index, true), t->sample[index].pts);
}

/* The last sync sample up to target that is shown by then; -1: none. */
static int64_t seek_previous(const truth_track *t, int64_t target)
{
    for (int64_t i = target; i >= 0; i--)
        if ((t->sample[i].flags & REEL_SAMPLE_SYNC) && t->sample[i].pts <= t->sample[target].pts)
            return i;
    return -1;
}

/* Back from target over the sync samples that are shown at pts or later; without one, the first such behind it. */
static int64_t seek_next(const truth_track *t, int64_t target, int64_t pts)
{
    int64_t best = -1;
    for (int64_t i = truth_find_sync(t, (uint64_t)target, false); i >= 0 && t->sample[i].pts >= pts;
         i = i ? truth_find_sync(t, (uint64_t)i - 1, false) : -1)
        best = i;
    for (int64_t i = target + 1; best < 0 && i < (int64_t)t->count; i++)
        if ((t->sample[i].flags & REEL_SAMPLE_SYNC) && t->sample[i].pts >= pts)
            best = i;
    return best;
}

int64_t truth_seek(const truth_track *t, int64_t pts, reel_seek_mode mode)
{
    int64_t target = truth_find_pts(t, pts);
    if (target < 0 || mode == REEL_SEEK_EXACT)
        return target;
    int64_t before = seek_previous(t, target);
    if (mode == REEL_SEEK_PREVIOUS)
        return before < 0 ? 0 : before;
    int64_t after = seek_next(t, target, pts);
    return mode == REEL_SEEK_NEXT ? after : closer(t, before, after, pts);
}

bool truth_same(const reel_sample *a, const reel_sample *b)
{
    const uint32_t compared = REEL_SAMPLE_SYNC | REEL_SAMPLE_FRAGMENT;
    return a->index == b->index && a->dts == b->dts && a->pts == b->pts && a->offset == b->offset &&
           a->size == b->size && a->duration == b->duration && a->track_id == b->track_id &&
           a->description == b->description && a->chunk == b->chunk && (a->flags & compared) == (b->flags & compared);
}
