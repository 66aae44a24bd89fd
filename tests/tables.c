/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random films, and what a naive reader makes of them: the tables are spread out into an array of samples, one by one,
 * and every lookup is a loop over that array. Whatever the library answers has to be the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <reel/reel.h>

#include "build.h"

/* ---- the naive reader ------------------------------------------------------------------------------------- */

typedef struct list {
    reel_sample *at;
    size_t n, room;
    int64_t end; /* decode time behind the last */
} list;

static reel_sample *add(list *l)
{
    if (l->n == l->room) {
        l->room = l->room ? l->room * 2 : 64;
        l->at = realloc(l->at, l->room * sizeof *l->at);
        assert_non_null(l->at);
    }
    reel_sample *s = &l->at[l->n++];
    memset(s, 0, sizeof *s);
    s->index = l->n - 1;
    return s;
}

static uint32_t dependency_flags(uint8_t bits)
{
    uint32_t flags = 0;
    unsigned leading = bits >> 6, depends = bits >> 4 & 3, depended = bits >> 2 & 3, redundant = bits & 3;
    flags |= leading == 1 || leading == 3 ? REEL_SAMPLE_LEADING : 0u;
    flags |= depends == 2 ? REEL_SAMPLE_INDEPENDENT : 0u;
    flags |= depended == 2 ? REEL_SAMPLE_DISPOSABLE : 0u;
    flags |= redundant == 1 ? REEL_SAMPLE_REDUNDANT : 0u;
    return flags;
}

/* The run that sample number i lies in; run_n when it lies behind the last. */
static uint32_t run_of(const b_run *run, uint32_t run_n, uint64_t i)
{
    uint32_t k = 0;
    while (k < run_n && i >= run[k].count)
        i -= run[k++].count;
    return k;
}

static bool listed(const uint32_t *numbers, uint32_t n, uint32_t base, uint64_t index)
{
    for (uint32_t i = 0; i < n; i++)
        if (numbers[i] == index + base)
            return true;
    return false;
}

static uint32_t base_of(const uint32_t *numbers, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (numbers[i] == 0)
            return 0;
    return 1;
}

static uint32_t flags_of(const b_track *t, uint64_t i)
{
    uint32_t flags = REEL_SAMPLE_SYNC;
    if (t->stss_n || t->has_stss) {
        bool sync = listed(t->stss, t->stss_n, base_of(t->stss, t->stss_n), i);
        bool partial = listed(t->stps, t->stps_n, base_of(t->stps, t->stps_n), i);
        flags = sync ? REEL_SAMPLE_SYNC : partial ? REEL_SAMPLE_SYNC | REEL_SAMPLE_PARTIAL : 0u;
    }
    return i < t->sdtp_n ? flags | dependency_flags(t->sdtp[i]) : flags;
}

static void place_chunk(list *l, const b_track *t, uint32_t chunk, const b_chunks *run, uint64_t media)
{
    uint64_t offset = media + t->chunks[chunk - 1];
    for (uint32_t k = 0; k < run->samples && l->n < t->samples; k++) {
        reel_sample *s = add(l);
        s->chunk = chunk;
        s->description = run->description;
        s->offset = offset;
        s->size = t->sizes ? t->sizes[s->index] : t->uniform_size;
        s->flags = flags_of(t, s->index);
        offset += s->size;
    }
}

/* A run is in force from its first chunk on; one that does not begin behind the one in force is passed over. */
static void place_all(list *l, const b_track *t, uint64_t media)
{
    uint32_t force = 0, start = 1;
    for (uint32_t chunk = 1; t->stsc_n && chunk <= t->chunk_n; chunk++) {
        uint32_t next = force + 1;
        while (next < t->stsc_n && t->stsc[next].first_chunk <= start)
            next++;
        if (next < t->stsc_n && chunk >= t->stsc[next].first_chunk) {
            force = next;
            start = chunk;
        }
        place_chunk(l, t, chunk, &t->stsc[force], media);
    }
}

static void spread(list *l, const b_track *t, uint32_t id, uint64_t media)
{
    place_all(l, t, media);
    uint32_t delta = 0;
    for (size_t i = 0; i < l->n; i++) {
        uint32_t k = run_of(t->stts, t->stts_n, i), c = run_of(t->ctts, t->ctts_n, i);
        delta = k < t->stts_n ? t->stts[k].value : delta;
        l->at[i].track_id = id;
        l->at[i].duration = delta;
        l->at[i].dts = l->end;
        l->at[i].pts = l->end + (c < t->ctts_n ? (int32_t)t->ctts[c].value : 0);
        l->end += delta;
    }
}

/* ---- the same questions, asked of both -------------------------------------------------------------------- */

static uint64_t trial; /* named when something differs */

#define CHECK(x)                                                                                              \
    do {                                                                                                      \
        if (!(x))                                                                                             \
            fail_msg("trial %llu: %s (line %d)", (unsigned long long)trial, #x, __LINE__);                    \
    } while (0)

static void same(const reel_sample *a, const reel_sample *b)
{
    CHECK(a->index == b->index);
    CHECK(a->dts == b->dts);
    CHECK(a->pts == b->pts);
    CHECK(a->offset == b->offset);
    CHECK(a->size == b->size);
    CHECK(a->duration == b->duration);
    CHECK(a->track_id == b->track_id);
    CHECK(a->description == b->description);
    CHECK(a->flags == b->flags);
    CHECK(a->chunk == b->chunk);
}

static void walk_forwards(const reel_track *t, const list *l, size_t from)
{
    reel_cursor c;
    reel_sample s;
    CHECK(reel_cursor_init(&c, t) == REEL_OK);
    if (from)
        CHECK(reel_cursor_seek(&c, from, NULL) == REEL_OK);
    for (size_t i = from; i < l->n; i++) {
        CHECK(reel_cursor_next(&c, &s, NULL) == REEL_OK);
        same(&s, &l->at[i]);
    }
    CHECK(reel_cursor_next(&c, &s, NULL) == REEL_END);
    CHECK(reel_cursor_next(&c, &s, NULL) == REEL_END);
}

static void walk_batches(const reel_track *t, const list *l, size_t from, uint64_t *dice)
{
    enum { MOST = 700 };
    static reel_sample batch[MOST];
    reel_cursor c;
    size_t got;
    CHECK(reel_cursor_init(&c, t) == REEL_OK);
    if (from)
        CHECK(reel_cursor_seek(&c, from, NULL) == REEL_OK);
    for (size_t at = from; at < l->n; at += got) {
        uint32_t want = 1 + b_below(dice, b_below(dice, 2) ? 5 : MOST);
        CHECK(reel_cursor_batch(&c, batch, want, &got, NULL) == REEL_OK);
        CHECK(got >= 1 && got <= want && at + got <= l->n);
        for (size_t i = 0; i < got; i++)
            same(&batch[i], &l->at[at + i]);
    }
    CHECK(reel_cursor_batch(&c, batch, 3, &got, NULL) == REEL_END && got == 0);
}

static void walk_backwards(const reel_track *t, const list *l, size_t from, size_t steps)
{
    reel_cursor c;
    reel_sample s;
    CHECK(reel_cursor_init(&c, t) == REEL_OK);
    CHECK(reel_cursor_seek(&c, from, NULL) == REEL_OK);
    while (steps-- && from > 0) {
        CHECK(reel_cursor_prev(&c, &s, NULL) == REEL_OK);
        same(&s, &l->at[--from]);
    }
    if (from == 0)
        CHECK(reel_cursor_prev(&c, &s, NULL) == REEL_END);
    if (from < l->n) { /* and forwards again from there */
        CHECK(reel_cursor_next(&c, &s, NULL) == REEL_OK);
        same(&s, &l->at[from]);
    }
}

static size_t naive_dts(const list *l, int64_t dts)
{
    size_t want = 0;
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].dts <= dts)
            want = i;
    return want;
}

static size_t naive_pts(const list *l, int64_t pts)
{
    size_t want = SIZE_MAX;
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].pts <= pts && (want == SIZE_MAX || l->at[i].pts >= l->at[want].pts))
            want = i;
    return want == SIZE_MAX ? 0 : want;
}

static size_t sync_before(const list *l, size_t i)
{
    for (;; i--) {
        if (l->at[i].flags & REEL_SAMPLE_SYNC)
            return i;
        if (i == 0)
            return SIZE_MAX;
    }
}

static size_t sync_behind(const list *l, size_t i)
{
    for (; i < l->n; i++)
        if (l->at[i].flags & REEL_SAMPLE_SYNC)
            return i;
    return SIZE_MAX;
}

static uint64_t apart(int64_t a, int64_t b) { return a > b ? (uint64_t)(a - b) : (uint64_t)(b - a); }

static void ask_sync(const reel_track *t, const list *l, size_t i)
{
    uint64_t got;
    size_t a = sync_before(l, i), b = sync_behind(l, i), near = a;
    int code = reel_track_find_sync(t, i, REEL_SEEK_PREVIOUS, &got, NULL);
    CHECK(a == SIZE_MAX ? code == REEL_END : code == REEL_OK && got == a);
    code = reel_track_find_sync(t, i, REEL_SEEK_NEXT, &got, NULL);
    CHECK(b == SIZE_MAX ? code == REEL_END : code == REEL_OK && got == b);
    int64_t pts = l->at[i].pts;
    if (a == SIZE_MAX || (b != SIZE_MAX && apart(l->at[b].pts, pts) < apart(l->at[a].pts, pts)))
        near = b;
    code = reel_track_find_sync(t, i, REEL_SEEK_NEAREST, &got, NULL);
    CHECK(near == SIZE_MAX ? code == REEL_END : code == REEL_OK && got == near);
    CHECK(reel_track_find_sync(t, i, REEL_SEEK_EXACT, &got, NULL) == REEL_OK && got == i);
}

/*
 * Where a decoder has to start for a sample: the last sync sample before it that is not shown after it. Where decode times
 * go backwards there may be none for long: then the search ends with the 1025th.
 */
static size_t naive_entry(const list *l, size_t target)
{
    size_t i = sync_before(l, target);
    for (int n = 0; n < 1024 && i != SIZE_MAX && i > 0 && l->at[i].pts > l->at[target].pts; n++)
        i = sync_before(l, i - 1);
    return i == SIZE_MAX ? 0 : i;
}

static void ask_seek(const reel_track *t, const list *l, int64_t pts)
{
    reel_sample entry, target;
    size_t want = naive_pts(l, pts);
    CHECK(reel_track_seek(t, pts, REEL_SEEK_EXACT, &entry, &target, NULL) == REEL_OK);
    same(&entry, &l->at[want]);
    same(&target, &l->at[want]);
    CHECK(reel_track_seek(t, pts, REEL_SEEK_PREVIOUS, &entry, &target, NULL) == REEL_OK);
    same(&target, &l->at[want]);
    same(&entry, &l->at[naive_entry(l, want)]);
    int code = reel_track_seek(t, pts, REEL_SEEK_NEXT, &entry, NULL, NULL);
    CHECK(code == REEL_OK || code == REEL_END);
    if (code == REEL_OK)
        CHECK((entry.flags & REEL_SAMPLE_SYNC) && entry.pts >= pts);
    for (size_t i = 0; code == REEL_END && i < l->n; i++)
        CHECK(!(l->at[i].flags & REEL_SAMPLE_SYNC) || l->at[i].pts < pts || i < want);
}

static void ask_explain(const reel_track *t, const list *l, size_t i)
{
    reel_explanation e;
    CHECK(reel_track_explain(t, i, &e, NULL) == REEL_OK);
    same(&e.sample, &l->at[i]);
    if (e.sample.flags & REEL_SAMPLE_FRAGMENT)
        return;
    CHECK(e.chunk_offset + e.bytes_before == l->at[i].offset);
    if (e.stts_entry) /* 0: behind the last one */
        CHECK(e.stts_first_dts + (int64_t)((i - e.stts_first_sample) * e.stts_delta) == l->at[i].dts);
    size_t sync = sync_before(l, i);
    CHECK(sync == SIZE_MAX ? e.sync_sample == REEL_NO_INDEX : e.sync_sample == sync);
}

static void ask_all(const reel_track *t, const list *l, uint64_t *dice, unsigned questions)
{
    uint64_t got;
    reel_sample s;
    CHECK(reel_track_sample(t, l->n, &s, NULL) == REEL_E_RANGE);
    if (l->n == 0)
        CHECK(reel_track_find_dts(t, 0, &got, NULL) == REEL_E_RANGE);
    while (l->n && questions--) {
        size_t i = b_below(dice, (uint32_t)l->n);
        int64_t near = (int64_t)b_below(dice, 5) - 2;
        CHECK(reel_track_sample(t, i, &s, NULL) == REEL_OK);
        same(&s, &l->at[i]);
        int64_t dts = l->at[i].dts + near, pts = l->at[i].pts + near;
        CHECK(reel_track_find_dts(t, dts, &got, NULL) == REEL_OK && got == naive_dts(l, dts));
        CHECK(reel_track_find_pts(t, pts, &got, NULL) == REEL_OK && got == naive_pts(l, pts));
        ask_sync(t, l, i);
        ask_seek(t, l, pts);
        ask_explain(t, l, i);
    }
}

static void ask_ends(const reel_track *t, const list *l)
{
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, -1, 0, INT64_MAX - 1, INT64_MAX};
    uint64_t got;
    for (size_t i = 0; l->n && i < sizeof times / sizeof *times; i++) {
        CHECK(reel_track_find_dts(t, times[i], &got, NULL) == REEL_OK && got == naive_dts(l, times[i]));
        CHECK(reel_track_find_pts(t, times[i], &got, NULL) == REEL_OK && got == naive_pts(l, times[i]));
    }
}

static void compare(const reel_track *t, const list *l, uint64_t *dice, unsigned questions)
{
    uint64_t count;
    size_t somewhere = b_below(dice, (uint32_t)l->n + 1);
    if (b_below(dice, 2)) /* half of the time the first question is a lookup, half of the time a walk */
        ask_all(t, l, dice, questions / 2);
    walk_forwards(t, l, 0);
    walk_batches(t, l, 0, dice);
    walk_forwards(t, l, somewhere);
    walk_batches(t, l, somewhere, dice);
    walk_backwards(t, l, somewhere, 20);
    walk_backwards(t, l, l->n, 20);
    CHECK(reel_track_sample_count(t, &count, NULL) == REEL_OK && count == l->n);
    ask_all(t, l, dice, questions);
    ask_ends(t, l);
}

/* ---- random tables ---------------------------------------------------------------------------------------- */

enum { MOST_ENTRIES = 3000 };

typedef struct dough { /* what a b_track is made of */
    b_track t;
    b_run stts[MOST_ENTRIES], ctts[MOST_ENTRIES];
    b_chunks stsc[MOST_ENTRIES];
    uint64_t chunks[2 * MOST_ENTRIES];
    uint32_t sizes[4 * MOST_ENTRIES], stss[MOST_ENTRIES], stps[MOST_ENTRIES];
    uint8_t sdtp[4 * MOST_ENTRIES];
} dough;

static uint32_t count_runs(b_run *run, uint32_t n, uint64_t *dice, uint32_t longest)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        run[i].count = b_below(dice, 12) == 0 ? 0 : 1 + b_below(dice, longest);
        sum += run[i].count;
    }
    return (uint32_t)sum;
}

static void make_times(dough *d, uint64_t *dice, uint32_t entries)
{
    static const uint32_t spreads[] = {1, 4, 3000, 1 << 20};
    uint32_t spread = spreads[b_below(dice, 4)], kind = b_below(dice, 4);
    d->t.stts_n = 1 + b_below(dice, entries);
    count_runs(d->stts, d->t.stts_n, dice, 4);
    for (uint32_t i = 0; i < d->t.stts_n; i++)
        d->stts[i].value = b_below(dice, 6) == 0 ? 0 : b_below(dice, 40);
    d->t.ctts_n = kind == 0 ? 0 : 1 + b_below(dice, entries);
    count_runs(d->ctts, d->t.ctts_n, dice, 4);
    for (uint32_t i = 0; i < d->t.ctts_n; i++) {
        d->ctts[i].value = b_below(dice, spread);
        if (kind == 2 && b_below(dice, 2))
            d->ctts[i].value = 0 - d->ctts[i].value;
    }
    d->t.stts = d->stts;
    d->t.ctts = d->ctts;
    d->t.ctts_version = kind == 2 ? b_below(dice, 2) : 0; /* version 0 with negatives is met too */
}

/* Mostly in order; now and then an entry that goes back, starts late or holds nothing. */
static void make_stsc(dough *d, uint64_t *dice, uint32_t entries)
{
    bool sane = b_below(dice, 3) != 0;
    uint32_t chunk = sane || b_below(dice, 2) ? 1 : b_below(dice, 4);
    d->t.stsc_n = 1 + b_below(dice, entries);
    for (uint32_t i = 0; i < d->t.stsc_n; i++) {
        d->stsc[i] = (b_chunks){chunk, 1 + b_below(dice, 5), 1 + b_below(dice, 2)};
        if (!sane && b_below(dice, 9) == 0)
            d->stsc[i].samples = 0;
        chunk += 1 + b_below(dice, 3);
        if (!sane && b_below(dice, 9) == 0)
            chunk -= b_below(dice, chunk < 5 ? chunk : 5);
    }
    d->t.chunk_n = b_below(dice, 8) == 0 ? b_below(dice, chunk + 1) : chunk + b_below(dice, 4);
    for (uint32_t i = 0; i < d->t.chunk_n; i++)
        d->chunks[i] = b_below(dice, 1000);
    d->t.stsc = d->stsc;
    d->t.chunks = d->chunks;
    d->t.co64 = b_below(dice, 2);
}

static void make_sizes(dough *d, uint64_t *dice, uint32_t most)
{
    static const unsigned bits[] = {0, 0, 0, 4, 8, 16};
    uint64_t held = 0;
    for (uint32_t i = 0, chunk = 1; i < d->t.stsc_n; i++, chunk += 2)
        held += 2u * d->stsc[i].samples;
    uint32_t near = (uint32_t)(held < most ? held : most);
    d->t.samples = b_below(dice, 4) == 0 ? b_below(dice, most) : near + b_below(dice, 6);
    d->t.samples = d->t.samples < most ? d->t.samples : most;
    d->t.stz2_bits = bits[b_below(dice, 6)];
    d->t.uniform_size = 1 + b_below(dice, 9);
    d->t.sizes = d->t.stz2_bits || b_below(dice, 4) ? d->sizes : NULL;
    uint32_t limit = d->t.stz2_bits ? 1u << d->t.stz2_bits : 300;
    for (uint32_t i = 0; i < d->t.samples; i++)
        d->sizes[i] = b_below(dice, limit);
}

/* Numbers from 1 (now and then from 0), in order or not, with doubles or not, past the end or not. */
static uint32_t make_numbers(uint32_t *v, uint64_t *dice, uint32_t entries, uint32_t samples)
{
    uint32_t kind = b_below(dice, 6), n = b_below(dice, entries + 1), at = kind == 0 ? 0 : 1, step = 1 + 2 * samples / (n + 1);
    for (uint32_t i = 0; i < n; i++) {
        v[i] = at;
        at += 1 + b_below(dice, step);
        if (kind == 1 && b_below(dice, 5) == 0)
            at -= b_below(dice, at);
        if (kind == 2 && i && b_below(dice, 5) == 0)
            v[i] = v[i - 1];
    }
    for (uint32_t i = 0; kind == 3 && i < n; i++) { /* shuffled */
        uint32_t k = b_below(dice, n), kept = v[i];
        v[i] = v[k];
        v[k] = kept;
    }
    return n;
}

static void make_sync(dough *d, uint64_t *dice, uint32_t entries)
{
    uint32_t kind = b_below(dice, 5);
    d->t.has_stss = kind != 0;
    d->t.stss_n = kind < 2 ? 0 : make_numbers(d->stss, dice, entries, d->t.samples);
    d->t.stps_n = kind == 4 ? make_numbers(d->stps, dice, entries, d->t.samples) : 0;
    d->t.sdtp_n = b_below(dice, 3) ? 0 : b_below(dice, d->t.samples + 1);
    for (uint32_t i = 0; i < d->t.sdtp_n; i++)
        d->sdtp[i] = (uint8_t)b_random(dice);
    d->t.stss = d->stss;
    d->t.stps = d->stps;
    d->t.sdtp = d->sdtp;
}

static void make_track(dough *d, uint64_t *dice, uint32_t entries)
{
    memset(&d->t, 0, sizeof d->t);
    make_times(d, dice, entries);
    make_stsc(d, dice, entries);
    make_sizes(d, dice, 4 * entries);
    make_sync(d, dice, entries);
}

static reel_movie *open_bytes(const b_buf *b)
{
    reel_source *source;
    reel_movie *m;
    reel_error err;
    char line[300];
    assert_int_equal(reel_source_memory(b->data, b->size, NULL, NULL, &source), REEL_OK);
    if (reel_open(source, NULL, &m, &err) != REEL_OK) {
        reel_error_format(&err, line, sizeof line);
        fail_msg("trial %llu: %s", (unsigned long long)trial, line);
    }
    reel_source_unref(&source);
    return m;
}

static void try_tables(dough *d, uint64_t seed, uint32_t entries, unsigned questions)
{
    uint64_t dice = trial = seed;
    list l = {0};
    b_buf b = {0};
    make_track(d, &dice, entries);
    b_film(&b, &(b_movie){.track = &d->t, .tracks = 1, .media_size = 64, .moov_last = b_below(&dice, 2)});
    spread(&l, &d->t, 1, b_media_at(&b));
    reel_movie *m = open_bytes(&b);
    compare(reel_movie_track(m, 0), &l, &dice, questions);
    reel_close(&m);
    b_free(&b);
    free(l.at);
}

static dough *new_dough(void)
{
    dough *d = calloc(1, sizeof *d);
    assert_non_null(d);
    return d;
}

static void small_tables(void **state)
{
    dough *d = new_dough();
    (void)state;
    for (uint64_t i = 0; i < 4000; i++)
        try_tables(d, i, 1 + i % 24, 12);
    free(d);
}

/* Long enough for the running totals (a mark per 128 entries, 256 sizes) to matter. */
static void tables_with_marks(void **state)
{
    dough *d = new_dough();
    (void)state;
    for (uint64_t i = 0; i < 120; i++)
        try_tables(d, 10000 + i, 100 + 60 * (uint32_t)(i % 10), 40);
    free(d);
}

static void long_tables(void **state)
{
    dough *d = new_dough();
    (void)state;
    for (uint64_t i = 0; i < 12; i++)
        try_tables(d, 20000 + i, 1000 + 180 * (uint32_t)i, 60);
    free(d);
}

/* One chunk of thousands of samples: sums of sizes are what a lookup costs. */
static void one_long_chunk(void **state)
{
    static const unsigned bits[] = {0, 4, 8, 16};
    dough *d = new_dough();
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t dice = trial = 30000 + i;
        list l = {0};
        b_buf b = {0};
        make_track(d, &dice, 2500);
        d->t.stz2_bits = bits[i];
        d->t.sizes = d->sizes;
        d->t.samples = 8191 + i;
        for (uint32_t k = 0; k < d->t.samples; k++)
            d->sizes[k] = b_below(&dice, bits[i] ? 1u << bits[i] : 100000);
        d->stsc[0] = (b_chunks){1, UINT32_MAX, 1};
        d->t.stsc_n = d->t.chunk_n = 1;
        b_film(&b, &(b_movie){.track = &d->t, .tracks = 1, .media_size = 8});
        spread(&l, &d->t, 1, b_media_at(&b));
        reel_movie *m = open_bytes(&b);
        compare(reel_movie_track(m, 0), &l, &dice, 100);
        reel_close(&m);
        b_free(&b);
        free(l.at);
    }
    free(d);
}

/* ---- random fragments ------------------------------------------------------------------------------------- */

enum { MOST_TRUNS = 4, MOST_TRUN_ENTRIES = 600 };

typedef struct loaf { /* what a fragment is made of */
    b_entry entry[2][MOST_TRUNS][MOST_TRUN_ENTRIES];
    b_trun run[2][MOST_TRUNS];
    b_traf traf[2];
    uint32_t trafs;
} loaf;

static uint32_t random_flags(uint64_t *dice)
{
    static const uint32_t some[] = {B_SYNC, B_NON_SYNC, B_NON_SYNC, B_NON_SYNC, 0x1000000, 0x10000, 0};
    return b_below(dice, 10) == 0 ? (uint32_t)b_random(dice) & 0xfff1ffff : some[b_below(dice, 7)];
}

static void make_trun(b_trun *r, b_entry *e, uint64_t *dice, uint32_t most)
{
    static const uint32_t fields[] = {0, 0xf00, 0xb00, 0xa00, 0x300, 0x800, 0x400, 0x200, 0x100};
    r->flags = fields[b_below(dice, 9)] | (b_below(dice, 2) ? B_DATA : 0u);
    r->flags |= (r->flags & B_FLAGS) || b_below(dice, 2) ? 0u : (uint32_t)B_FIRST_FLAGS;
    r->first_flags = random_flags(dice);
    r->media_at = b_below(dice, 50);
    r->entries = e;
    r->count = b_below(dice, 8) == 0 ? 0 : 1 + b_below(dice, most);
    for (uint32_t i = 0; i < r->count; i++)
        e[i] = (b_entry){b_below(dice, 9), b_below(dice, 30), random_flags(dice), (int32_t)b_below(dice, 60) - 20};
}

static void make_fragment(loaf *f, uint64_t *dice, uint32_t most, int64_t *tfdt)
{
    f->trafs = 1 + b_below(dice, 2);
    for (uint32_t k = 0; k < f->trafs; k++) {
        b_traf *t = &f->traf[k];
        *t = (b_traf){.track_id = 1 + b_below(dice, 2), .runs = f->run[k], .run_n = b_below(dice, MOST_TRUNS + 1)};
        /* Without the flag the second traf begins where the first one's data end: its offset would not be ours. */
        t->flags = (k ? 0x20000u : b_below(dice, 2) * 0x20000u) | (b_below(dice, 32) & 0x3a) | (b_below(dice, 4) == 0);
        t->description = 1 + b_below(dice, 2);
        t->duration = b_below(dice, 20);
        t->size = b_below(dice, 20);
        t->sample_flags = random_flags(dice);
        t->has_tfdt = b_below(dice, 4) != 0;
        *tfdt += b_below(dice, 300);
        t->tfdt = (uint64_t)(b_below(dice, 10) == 0 ? *tfdt / 2 : *tfdt);
        for (uint32_t i = 0; i < t->run_n; i++)
            make_trun(&f->run[k][i], f->entry[k][i], dice, most);
    }
}

static void spread_trun(list *l, const b_traf *t, const b_trun *r, int64_t *dts, uint64_t *offset)
{
    for (uint32_t i = 0; i < r->count; i++) {
        const b_entry *e = &r->entries[i];
        reel_sample *s = add(l);
        uint32_t flags = r->flags & B_FLAGS ? e->flags
                         : i == 0 && (r->flags & B_FIRST_FLAGS) ? r->first_flags
                         : t->flags & 0x20 ? t->sample_flags : 0;
        s->track_id = t->track_id;
        s->description = t->flags & 2 ? t->description : 1;
        s->dts = *dts;
        s->pts = *dts + (r->flags & B_OFFSET ? e->offset : 0);
        s->duration = r->flags & B_DURATION ? e->duration : t->flags & 8 ? t->duration : 0;
        s->size = r->flags & B_SIZE ? e->size : t->flags & 0x10 ? t->size : 0;
        s->offset = *offset;
        s->flags = REEL_SAMPLE_FRAGMENT | dependency_flags((uint8_t)(flags >> 20));
        if (!(flags >> 16 & 1) && (flags >> 24 & 3) != 1)
            s->flags |= REEL_SAMPLE_SYNC;
        *dts += s->duration;
        *offset += s->size;
    }
}

static void spread_fragment(list lists[2], const loaf *f, uint64_t moof, uint64_t mdat)
{
    uint64_t implicit = moof;
    for (uint32_t k = 0; k < f->trafs; k++) {
        const b_traf *t = &f->traf[k];
        list *l = &lists[t->track_id - 1];
        uint64_t base = t->flags & 1 ? mdat : t->flags & 0x20000 ? moof : implicit, offset = base;
        int64_t dts = t->has_tfdt ? (int64_t)t->tfdt : l->end;
        for (uint32_t i = 0; i < t->run_n; i++) {
            if (t->runs[i].flags & B_DATA)
                offset = mdat + (uint64_t)t->runs[i].media_at;
            spread_trun(l, t, &t->runs[i], &dts, &offset);
            if (t->runs[i].count) /* a traf that holds nothing leaves the track where it was */
                l->end = dts;
            implicit = offset;
        }
    }
}

/* Two tracks, tables before the fragments or not. */
static void try_fragments(dough *a, dough *c, loaf *f, uint64_t seed, uint32_t most, bool hybrid)
{
    uint64_t dice = trial = seed;
    list lists[2] = {{0}, {0}};
    b_buf b = {0};
    int64_t tfdt = 0;
    make_track(a, &dice, hybrid ? 8 : 1);
    make_track(c, &dice, hybrid ? 8 : 1);
    if (!hybrid)
        a->t = c->t = (b_track){0};
    b_track tracks[2] = {a->t, c->t};
    b_film(&b, &(b_movie){.track = tracks, .tracks = 2, .media_size = hybrid ? 64 : 0, .fragmented = true});
    for (uint32_t i = 0; hybrid && i < 2; i++)
        spread(&lists[i], &tracks[i], i + 1, b_media_at(&b));
    if (hybrid)
        tfdt = lists[0].end;
    uint32_t n = 1 + b_below(&dice, 12);
    for (uint32_t i = 0; i < n; i++) {
        size_t moof = b.size;
        make_fragment(f, &dice, most, &tfdt);
        b_fragment(&b, i + 1, f->traf, f->trafs, 40);
        spread_fragment(lists, f, moof, b.size - 40);
    }
    reel_movie *m = open_bytes(&b);
    for (size_t i = 0; i < 2; i++)
        compare(reel_movie_track(m, i), &lists[i], &dice, 12);
    reel_close(&m);
    b_free(&b);
    free(lists[0].at);
    free(lists[1].at);
}

static void many_fragments(uint64_t from, uint64_t n, uint32_t most, bool hybrid)
{
    dough *a = new_dough(), *c = new_dough();
    loaf *f = calloc(1, sizeof *f);
    assert_non_null(f);
    for (uint64_t i = 0; i < n; i++)
        try_fragments(a, c, f, from + i, most, hybrid);
    free(a);
    free(c);
    free(f);
}

static void fragments(void **state)
{
    (void)state;
    many_fragments(40000, 2000, 12, false);
}

static void fragments_behind_tables(void **state)
{
    (void)state;
    many_fragments(50000, 1500, 12, true);
}

/* More samples than the stretches a run is kept in. */
static void long_fragments(void **state)
{
    (void)state;
    many_fragments(60000, 40, MOST_TRUN_ENTRIES, false);
}

/* ---- two tracks as one stream ----------------------------------------------------------------------------- */

/* a comes before b: its decode time in seconds is less, or the same and it is the first track's. */
static bool earlier(const reel_sample *a, const reel_sample *b, const uint32_t scale[2], reel_order order)
{
    if (order == REEL_ORDER_FILE)
        return a->offset != b->offset ? a->offset < b->offset : a->track_id < b->track_id;
    int64_t x = a->dts * scale[b->track_id - 1], y = b->dts * scale[a->track_id - 1];
    return x != y ? x < y : a->track_id < b->track_id;
}

static void try_merge(dough *a, dough *c, uint64_t seed, reel_order order)
{
    uint64_t dice = trial = seed;
    list lists[2] = {{0}, {0}};
    b_buf b = {0};
    make_track(a, &dice, 20);
    make_track(c, &dice, 20);
    uint32_t scale[2] = {1 + b_below(&dice, 100), 1 + b_below(&dice, 100)};
    b_track tracks[2] = {a->t, c->t};
    tracks[0].timescale = scale[0];
    tracks[1].timescale = scale[1];
    b_film(&b, &(b_movie){.track = tracks, .tracks = 2, .media_size = 64});
    reel_movie *m = open_bytes(&b);
    reel_cursor cursors[2];
    reel_merge_slot slots[2];
    reel_merge merge;
    reel_sample s;
    size_t at[2] = {0, 0};
    for (uint32_t i = 0; i < 2; i++) {
        spread(&lists[i], &tracks[i], i + 1, b_media_at(&b));
        CHECK(reel_cursor_init(&cursors[i], reel_movie_track(m, i)) == REEL_OK);
    }
    CHECK(reel_merge_init(&merge, cursors, slots, 2, order, false, NULL) == REEL_OK);
    while (at[0] < lists[0].n || at[1] < lists[1].n) {
        size_t which = at[0] == lists[0].n || (at[1] < lists[1].n && !earlier(&lists[0].at[at[0]], &lists[1].at[at[1]], scale, order));
        CHECK(reel_merge_next(&merge, &s, NULL) == REEL_OK);
        same(&s, &lists[which].at[at[which]++]);
    }
    CHECK(reel_merge_next(&merge, &s, NULL) == REEL_END);
    reel_close(&m);
    b_free(&b);
    free(lists[0].at);
    free(lists[1].at);
}

static void merged(void **state)
{
    dough *a = new_dough(), *c = new_dough();
    (void)state;
    for (uint64_t i = 0; i < 400; i++)
        try_merge(a, c, 70000 + i, i % 2 ? REEL_ORDER_FILE : REEL_ORDER_DTS);
    free(a);
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_tables),    cmocka_unit_test(tables_with_marks),       cmocka_unit_test(long_tables),
        cmocka_unit_test(one_long_chunk),  cmocka_unit_test(fragments),               cmocka_unit_test(fragments_behind_tables),
        cmocka_unit_test(long_fragments),  cmocka_unit_test(merged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
