/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cursors and merges, held against the naive truth of random films: from any point, in both directions, in batches of
 * any size, at both ends, and when bytes come late. Faces src/movie/cursor.c, src/movie/merge.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"

enum { BOTH = RANDOM_TABLES | RANDOM_FRAGMENTS };

static const unsigned kinds[] = {RANDOM_TABLES, RANDOM_FRAGMENTS, BOTH};

typedef struct film {
    b_buf b;
    truth t;
    reel_source *source;
    reel_movie *movie;
    uint64_t seed, dice;
} film;

static uint64_t seed_now; /* named when something differs */

static void open_film(film *f)
{
    assert_int_equal(reel_source_memory(f->b.data, f->b.size, NULL, NULL, &f->source), REEL_OK);
    assert_int_equal(reel_open(f->source, NULL, &f->movie, NULL), REEL_OK);
}

static film random_one(uint64_t seed, unsigned of_kinds)
{
    film f = {.seed = seed, .dice = seed ^ 0xabcdef};
    seed_now = seed;
    random_film(&f.b, &f.t, seed, of_kinds);
    open_film(&f);
    return f;
}

static void done(film *f)
{
    reel_close(&f->movie);
    reel_source_unref(&f->source);
    truth_free(&f->t);
    b_free(&f->b);
}

static void same(const char *what, const reel_sample *got, const reel_sample *want)
{
    if (!truth_same(got, want))
        fail_msg("seed %llu, %s: sample %llu of track %u, dts %lld, offset %llu, not %llu of %u, %lld, %llu",
                 (unsigned long long)seed_now, what, (unsigned long long)got->index, got->track_id, (long long)got->dts,
                 (unsigned long long)got->offset, (unsigned long long)want->index, want->track_id, (long long)want->dts,
                 (unsigned long long)want->offset);
}

static void gives(const char *what, int code, int want)
{
    if (code != want)
        fail_msg("seed %llu, %s: %s, not %s", (unsigned long long)seed_now, what, reel_code_name(code),
                 reel_code_name(want));
}

/* ---- one track -------------------------------------------------------------------------------------------- */

/* A cursor and where it ought to be. */
typedef struct walker {
    reel_cursor cursor;
    const truth_track *t;
    size_t at;
} walker;

static walker begin(const film *f, size_t track)
{
    walker w = {.t = &f->t.track[track]};
    gives("init", reel_cursor_init(&w.cursor, reel_movie_track(f->movie, track)), REEL_OK);
    return w;
}

static void forward(walker *w)
{
    reel_sample s;
    bool more = w->at < w->t->count;
    gives("next", reel_cursor_next(&w->cursor, &s, NULL), more ? REEL_OK : REEL_END);
    if (more)
        same("next", &s, &w->t->sample[w->at++]);
}

static void backward(walker *w)
{
    reel_sample s;
    bool more = w->at > 0;
    gives("prev", reel_cursor_prev(&w->cursor, &s, NULL), more ? REEL_OK : REEL_END);
    if (more)
        same("prev", &s, &w->t->sample[--w->at]);
}

static void seek(walker *w, size_t to)
{
    bool there = to <= w->t->count;
    gives("seek", reel_cursor_seek(&w->cursor, to, NULL), there ? REEL_OK : REEL_E_RANGE);
    if (there)
        w->at = to;
}

static void batch(walker *w, size_t n)
{
    enum { MOST = 1000 };
    static reel_sample out[MOST];
    size_t got = 77, left = w->t->count - w->at;
    assert_true(n <= MOST);
    gives("batch", reel_cursor_batch(&w->cursor, out, n, &got, NULL), n && !left ? REEL_END : REEL_OK);
    if (got > n || got > left || (n && left && !got))
        fail_msg("seed %llu: a batch of %zu gives %zu of %zu", (unsigned long long)seed_now, n, got, left);
    for (size_t i = 0; i < got; i++)
        same("batch", &out[i], &w->t->sample[w->at++]);
}

static void seek_pts(walker *w, int64_t pts, reel_seek_mode mode)
{
    int64_t want = truth_seek(w->t, pts, mode);
    int none = w->t->count ? REEL_END : REEL_E_RANGE;
    gives("seek_pts", reel_cursor_seek_pts(&w->cursor, pts, mode, NULL), want < 0 ? none : REEL_OK);
    if (want >= 0)
        w->at = (size_t)want;
}

static int64_t some_pts(const walker *w, uint64_t *dice)
{
    if (!w->t->count)
        return b_below(dice, 100);
    return w->t->sample[b_below(dice, (uint32_t)w->t->count)].pts + (int64_t)b_below(dice, 3) - 1;
}

/* Ten of one kind, so that it gets somewhere, then another kind. */
static void wander(walker *w, uint64_t *dice, int steps)
{
    static const size_t sizes[] = {0, 1, 2, 3, 7, 64, 127, 128, 129, 255, 256, 257, 511, 700, 1000};
    for (uint32_t kind = 0; steps--; kind = steps % 10 ? kind : b_below(dice, 6)) {
        uint32_t way = kind == 5 ? b_below(dice, 2) : kind; /* to and fro */
        if (way == 0)
            forward(w);
        else if (way == 1)
            backward(w);
        else if (way == 2)
            batch(w, sizes[b_below(dice, sizeof sizes / sizeof *sizes)]);
        else if (way == 3)
            seek(w, b_below(dice, (uint32_t)w->t->count + 3));
        else
            seek_pts(w, some_pts(w, dice), (reel_seek_mode)b_below(dice, 4));
    }
}

static void wander_in_films(uint64_t from, uint64_t n, unsigned of_kinds, int steps)
{
    for (uint64_t seed = from; seed < from + n; seed++) {
        film f = random_one(seed, of_kinds);
        for (size_t i = 0; i < f.t.tracks; i++) {
            walker w = begin(&f, i);
            wander(&w, &f.dice, steps);
        }
        done(&f);
    }
}

static void test_any_way_through_tables(void **state)
{
    (void)state;
    wander_in_films(1000, 300, RANDOM_TABLES, 200);
    wander_in_films(1500, 10, RANDOM_TABLES | RANDOM_LONG, 400);
}

static void test_any_way_through_fragments(void **state)
{
    (void)state;
    wander_in_films(2000, 300, RANDOM_FRAGMENTS, 200);
    wander_in_films(2500, 10, RANDOM_FRAGMENTS | RANDOM_LONG, 400);
}

static void test_any_way_from_tables_into_fragments(void **state)
{
    (void)state;
    wander_in_films(3000, 300, BOTH, 200);
    wander_in_films(3500, 10, BOTH | RANDOM_LONG, 400);
}

/* Next at the end, prev from there, next again, and the same at the beginning: each end is a place, not a state. */
static void meet_ends(walker *w)
{
    backward(w);
    seek(w, w->t->count);
    forward(w);
    forward(w);
    batch(w, 5);
    backward(w);
    forward(w);
    forward(w);
    backward(w);
    backward(w);
    batch(w, 9);
    batch(w, 9);
    seek(w, 0);
    backward(w);
    backward(w);
    forward(w);
    backward(w);
    backward(w);
    forward(w);
}

static void test_both_ends(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (uint64_t seed = 4000; seed < 4100; seed++) {
            film f = random_one(seed, kinds[k]);
            for (size_t i = 0; i < f.t.tracks; i++) {
                walker w = begin(&f, i);
                meet_ends(&w);
            }
            done(&f);
        }
}

/* To the end with next and not with seek: the cursor comes there in another state. */
static void test_back_from_an_end_that_was_walked_to(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (uint64_t seed = 4200; seed < 4260; seed++) {
            film f = random_one(seed, kinds[k]);
            walker w = begin(&f, 0);
            while (w.at < w.t->count)
                forward(&w);
            forward(&w);
            while (w.at > 0)
                backward(&w);
            backward(&w);
            while (w.at < w.t->count)
                batch(&w, 1 + b_below(&f.dice, 50));
            meet_ends(&w);
            done(&f);
        }
}

static void test_a_seek_past_the_end_moves_nothing(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (uint64_t seed = 4300; seed < 4340; seed++) {
            film f = random_one(seed, kinds[k]);
            walker w = begin(&f, 0);
            seek(&w, w.t->count / 2);
            gives("seek", reel_cursor_seek(&w.cursor, w.t->count + 1, NULL), REEL_E_RANGE);
            gives("seek", reel_cursor_seek(&w.cursor, UINT64_MAX, NULL), REEL_E_RANGE);
            forward(&w);
            backward(&w);
            backward(&w);
            done(&f);
        }
}

/* Every size from every fourth place, so that each meets the ends of chunks, of table entries and of runs. */
static void test_batches_of_every_size(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (uint64_t seed = 4400; seed < 4415; seed++) {
            film f = random_one(seed, kinds[k]);
            walker w = begin(&f, 0);
            size_t most = w.t->count < 80 ? w.t->count : 80;
            for (size_t from = 0; from <= w.t->count; from += 4)
                for (size_t n = 0; n <= most + 2; n++) {
                    seek(&w, from);
                    batch(&w, n);
                    forward(&w);
                }
            done(&f);
        }
}

static void test_long_batches(void **state)
{
    static const size_t sizes[] = {1, 255, 256, 257, 511, 512, 513, 999};
    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < 8; i++) {
            film f = random_one(4500 + i, kinds[k] | RANDOM_LONG);
            walker w = begin(&f, 0);
            while (w.at < w.t->count)
                batch(&w, sizes[i]);
            batch(&w, sizes[i]);
            done(&f);
        }
}

/* By time: the next sample is the one that reel_track_seek gives as entry, and the one before it lies before it. */
static void test_seek_by_time(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (uint64_t seed = 4600; seed < 4680; seed++) {
            film f = random_one(seed, kinds[k]);
            for (size_t i = 0; i < f.t.tracks; i++) {
                walker w = begin(&f, i);
                for (int n = 0; n < 24; n++) {
                    seek_pts(&w, some_pts(&w, &f.dice), (reel_seek_mode)(n % 4));
                    n & 4 ? backward(&w) : forward(&w);
                }
                seek_pts(&w, INT64_MIN, REEL_SEEK_PREVIOUS);
                seek_pts(&w, INT64_MAX, REEL_SEEK_PREVIOUS);
                forward(&w);
            }
            done(&f);
        }
}

static void test_a_seek_by_time_that_finds_nothing_moves_nothing(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (uint64_t seed = 4700; seed < 4760; seed++) {
            film f = random_one(seed, kinds[k]);
            walker w = begin(&f, 0);
            seek(&w, w.t->count / 3);
            seek_pts(&w, INT64_MAX, REEL_SEEK_NEXT);
            forward(&w);
            backward(&w);
            done(&f);
        }
}

static void test_copies_go_their_own_ways(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (uint64_t seed = 4800; seed < 4880; seed++) {
            film f = random_one(seed, kinds[k]);
            walker w = begin(&f, 0);
            seek(&w, b_below(&f.dice, (uint32_t)w.t->count + 1));
            for (int n = 0; n < 4; n++) {
                walker copy = w;
                wander(&copy, &f.dice, 30);
                forward(&w);
                wander(&copy, &f.dice, 30);
                batch(&w, 3);
                backward(&w);
            }
            done(&f);
        }
}

/* ---- through an index ------------------------------------------------------------------------------------- */

enum { FRAGMENTS = 12, EACH = 5, TICKS = 40 };

/* n moofs without a traf, and as many boxes that are no moof. */
static void put_gap(b_buf *b, uint32_t n)
{
    for (uint32_t i = 0; i < 2 * n; i++) {
        b_box(b, i < n ? "moof" : "free");
        b_end(b);
    }
}

/*
 * Twelve fragments of five, and an mfra that leads to each of them: sample i has dts 40 i and lies behind i - 1. In the
 * middle may be a gap.
 */
static void indexed(film *f, uint32_t gap)
{
    static const b_track empty = {0};
    static const b_entry entries[EACH] = {{TICKS, 10, 0, 0}, {TICKS, 10, 0, 0}, {TICKS, 10, 0, 0}, {TICKS, 10, 0, 0},
                                          {TICKS, 10, 0, 0}};
    static const b_trun run = {.flags = B_DATA | B_FIRST_FLAGS | B_DURATION | B_SIZE, .first_flags = B_SYNC,
                               .entries = entries, .count = EACH};
    b_place places[FRAGMENTS];
    b_film(&f->b, &(b_movie){.track = &empty, .tracks = 1, .fragmented = true});
    for (uint32_t i = 0; i < FRAGMENTS; i++) {
        b_traf traf = {.flags = 0x20020, .sample_flags = B_NON_SYNC, .has_tfdt = true,
                       .tfdt = i * EACH * TICKS, .runs = &run, .run_n = 1};
        if (i == FRAGMENTS / 2)
            put_gap(&f->b, gap);
        places[i] = (b_place){i * EACH * TICKS, f->b.size};
        b_fragment(&f->b, i + 1, &traf, 1, EACH * 10);
    }
    b_mfra(&f->b, 1, places, FRAGMENTS);
}

static void next_is(reel_cursor *c, int64_t number)
{
    reel_sample s;
    gives("next", reel_cursor_next(c, &s, NULL), REEL_OK);
    assert_int_equal(s.dts, number * TICKS);
}

static void prev_is(reel_cursor *c, int64_t number)
{
    reel_sample s;
    gives("prev", reel_cursor_prev(c, &s, NULL), REEL_OK);
    assert_int_equal(s.dts, number * TICKS);
}

static void test_an_uncounted_cursor_turns_round(void **state)
{
    film f = {0};
    reel_cursor c;
    (void)state;
    indexed(&f, 0);
    open_film(&f);
    gives("init", reel_cursor_init(&c, reel_movie_track(f.movie, 0)), REEL_OK);
    gives("seek_pts", reel_cursor_seek_pts(&c, 33 * TICKS, REEL_SEEK_EXACT, NULL), REEL_OK);
    next_is(&c, 33);
    next_is(&c, 34);
    next_is(&c, 35); /* the next fragment */
    reel_cursor copy = c;
    prev_is(&c, 35);
    prev_is(&c, 34);
    prev_is(&c, 33);
    next_is(&copy, 36);
    next_is(&c, 33);
    prev_is(&copy, 36);
    done(&f);
}

/* It gave up after 4096 moofs or boxes that were of no use to it, and then gave a sample that was none. */
static void test_an_uncounted_cursor_goes_over_what_is_not_its_own(void **state)
{
    film f = {0};
    reel_cursor c;
    reel_sample s;
    (void)state;
    indexed(&f, 5000);
    open_film(&f);
    gives("init", reel_cursor_init(&c, reel_movie_track(f.movie, 0)), REEL_OK);
    gives("seek_pts", reel_cursor_seek_pts(&c, 22 * TICKS, REEL_SEEK_EXACT, NULL), REEL_OK);
    for (int64_t at = 22; at < FRAGMENTS * EACH; at++)
        next_is(&c, at);
    gives("next", reel_cursor_next(&c, &s, NULL), REEL_END);
    done(&f);
}

static void test_an_uncounted_cursor_in_batches(void **state)
{
    film f = {0};
    reel_cursor c;
    reel_sample s[100];
    size_t got;
    (void)state;
    indexed(&f, 0);
    open_film(&f);
    for (size_t n = 1; n < 40; n++) {
        reel_movie *m;
        assert_int_equal(reel_open(f.source, NULL, &m, NULL), REEL_OK); /* one that has counted nothing */
        gives("init", reel_cursor_init(&c, reel_movie_track(m, 0)), REEL_OK);
        gives("seek_pts", reel_cursor_seek_pts(&c, 22 * TICKS, REEL_SEEK_PREVIOUS, NULL), REEL_OK);
        for (int64_t at = 20; at < FRAGMENTS * EACH; at += (int64_t)got) {
            gives("batch", reel_cursor_batch(&c, s, n, &got, NULL), REEL_OK);
            for (size_t i = 0; i < got; i++)
                assert_int_equal(s[i].dts, (at + (int64_t)i) * TICKS);
        }
        gives("batch", reel_cursor_batch(&c, s, n, &got, NULL), REEL_END);
        prev_is(&c, FRAGMENTS * EACH - 1);
        reel_close(&m);
    }
    done(&f);
}

/* ---- several tracks --------------------------------------------------------------------------------------- */

enum { MOST_CURSORS = RANDOM_TRACKS };

typedef struct merged {
    reel_cursor cursor[MOST_CURSORS];
    reel_merge_slot slot[MOST_CURSORS];
    reel_merge merge;
    const truth_track *t[MOST_CURSORS];
    uint32_t scale[MOST_CURSORS];
    size_t at[MOST_CURSORS], n;
} merged;

/* Cursor i stands in track `order[i]`, at a place that is given. */
static void merge_begin(merged *m, const film *f, const size_t *order, const size_t *at, size_t n,
                        reel_order by, bool backwards)
{
    m->n = n;
    for (size_t i = 0; i < n; i++) {
        m->t[i] = &f->t.track[order[i]];
        m->scale[i] = f->t.timescale[order[i]];
        m->at[i] = at[i];
        gives("init", reel_cursor_init(&m->cursor[i], reel_movie_track(f->movie, order[i])), REEL_OK);
        gives("seek", reel_cursor_seek(&m->cursor[i], at[i], NULL), REEL_OK);
    }
    gives("merge_init", reel_merge_init(&m->merge, m->cursor, m->slot, n, by, backwards, NULL), REEL_OK);
}

/* The sample that cursor i gives next, NULL when it is at its end. */
static const reel_sample *head(const merged *m, size_t i, bool backwards)
{
    if (backwards)
        return m->at[i] ? &m->t[i]->sample[m->at[i] - 1] : NULL;
    return m->at[i] < m->t[i]->count ? &m->t[i]->sample[m->at[i]] : NULL;
}

static int compare(const merged *m, size_t i, size_t k, reel_order by, bool backwards)
{
    const reel_sample *a = head(m, i, backwards), *b = head(m, k, backwards);
    if (by == REEL_ORDER_FILE)
        return a->offset < b->offset ? -1 : a->offset > b->offset;
    int64_t x = a->dts * m->scale[k], y = b->dts * m->scale[i]; /* both far below 2^40 */
    return x < y ? -1 : x > y;
}

/* Forwards the least, of equals the first; backwards the greatest, of equals the last. -1: all are at their ends. */
static int choose(const merged *m, reel_order by, bool backwards)
{
    int best = -1;
    for (size_t i = 0; i < m->n; i++) {
        if (!head(m, i, backwards))
            continue;
        int order = best < 0 ? -1 : compare(m, i, (size_t)best, by, backwards);
        if (best < 0 || (backwards ? order >= 0 : order < 0))
            best = (int)i;
    }
    return best;
}

static void merge_all(merged *m, reel_order by, bool backwards)
{
    reel_sample s;
    for (int i; (i = choose(m, by, backwards)) >= 0;) {
        gives("merge_next", reel_merge_next(&m->merge, &s, NULL), REEL_OK);
        same("merge", &s, head(m, (size_t)i, backwards));
        m->at[i] += backwards ? (size_t)-1 : 1;
    }
    gives("merge_next", reel_merge_next(&m->merge, &s, NULL), REEL_END);
    gives("merge_next", reel_merge_next(&m->merge, &s, NULL), REEL_END);
}

static void merge_films(uint64_t from, uint64_t n, unsigned of_kinds, reel_order by)
{
    for (uint64_t seed = from; seed < from + n; seed++) {
        film f = random_one(seed, of_kinds);
        for (int trial = 0; trial < 4; trial++) {
            merged m;
            size_t order[MOST_CURSORS], at[MOST_CURSORS];
            bool backwards = trial & 1;
            for (size_t i = 0; i < f.t.tracks; i++) {
                order[i] = trial < 2 ? i : f.t.tracks - 1 - i;
                size_t count = f.t.track[order[i]].count;
                at[i] = trial == 0 ? 0 : trial == 1 ? count : b_below(&f.dice, (uint32_t)count + 1);
            }
            merge_begin(&m, &f, order, at, f.t.tracks, by, backwards);
            merge_all(&m, by, backwards);
        }
        done(&f);
    }
}

static void test_merge_by_decode_time(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++)
        merge_films(5000, 120, kinds[k], REEL_ORDER_DTS);
    merge_films(5200, 4, BOTH | RANDOM_LONG, REEL_ORDER_DTS);
}

static void test_merge_by_place(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++)
        merge_films(5300, 120, kinds[k], REEL_ORDER_FILE);
    merge_films(5500, 4, BOTH | RANDOM_LONG, REEL_ORDER_FILE);
}

static const b_run ten[] = {{10, 40}};
static const b_run ten_slow[] = {{10, 3}};
static const b_chunks one_chunk[] = {{1, 10, 1}};
static const uint64_t places[] = {0, 100, 200};

/* Ten samples of ten bytes at that place. */
static b_track ten_samples(const b_run *stts, uint32_t timescale, size_t place)
{
    return (b_track){.timescale = timescale, .stts = stts, .stts_n = 1, .stsc = one_chunk, .stsc_n = 1, .samples = 10,
                     .uniform_size = 10, .chunks = &places[place], .chunk_n = 1};
}

static film film_of(const b_track *tracks, uint32_t n)
{
    film f = {0};
    b_film(&f.b, &(b_movie){.track = tracks, .tracks = n, .media_size = 300});
    open_film(&f);
    return f;
}

/* Track numbers in the order that a merge gives them, as text. */
static void merge_gives(const film *f, const size_t *order, size_t n, reel_order by, bool backwards, const char *want)
{
    reel_cursor c[4];
    reel_merge_slot slots[4];
    reel_merge m;
    reel_sample s;
    for (size_t i = 0; i < n; i++) {
        gives("init", reel_cursor_init(&c[i], reel_movie_track(f->movie, order[i])), REEL_OK);
        if (backwards)
            gives("seek", reel_cursor_seek(&c[i], 3, NULL), REEL_OK);
    }
    gives("merge_init", reel_merge_init(&m, c, slots, n, by, backwards, NULL), REEL_OK);
    for (const char *p = want; *p; p++) {
        gives("merge_next", reel_merge_next(&m, &s, NULL), REEL_OK);
        if (s.track_id != (uint32_t)(*p - '0'))
            fail_msg("place %d of %s is %u", (int)(p - want), want, s.track_id);
    }
}

static void test_ties_go_by_the_order_given(void **state)
{
    (void)state;
    const b_track tracks[] = {ten_samples(ten, 1000, 0), ten_samples(ten, 1000, 0), ten_samples(ten, 1000, 0)};
    film f = film_of(tracks, 3);
    merge_gives(&f, (size_t[]){0, 1, 2}, 3, REEL_ORDER_DTS, false, "123123123");
    merge_gives(&f, (size_t[]){2, 0, 1}, 3, REEL_ORDER_DTS, false, "312312312");
    merge_gives(&f, (size_t[]){2, 0, 1}, 3, REEL_ORDER_FILE, false, "312312312");
    merge_gives(&f, (size_t[]){2, 0, 1}, 3, REEL_ORDER_DTS, true, "213213213");
    done(&f);
}

/* 3 of 75 a second is 40 of 1000: equal, though no float says so. Rounded, one of them would come early. */
static void test_times_of_different_timescales(void **state)
{
    static const b_run later[] = {{10, 41}};
    (void)state;
    const b_track tracks[] = {ten_samples(ten, 1000, 0), ten_samples(ten_slow, 75, 1), ten_samples(later, 1000, 2)};
    film f = film_of(tracks, 3);
    merge_gives(&f, (size_t[]){0, 1, 2}, 3, REEL_ORDER_DTS, false, "123123123");
    merge_gives(&f, (size_t[]){2, 1, 0}, 3, REEL_ORDER_DTS, false, "321213213");
    done(&f);
}

static void test_file_order_takes_what_lies_first(void **state)
{
    (void)state;
    const b_track tracks[] = {ten_samples(ten, 1000, 2), ten_samples(ten, 1000, 0), ten_samples(ten, 1000, 1)};
    film f = film_of(tracks, 3);
    merge_gives(&f, (size_t[]){0, 1, 2}, 3, REEL_ORDER_FILE, false, "222222222233333333331111111111");
    merge_gives(&f, (size_t[]){0, 1, 2}, 3, REEL_ORDER_FILE, true, "111333222");
    done(&f);
}

/* An edit list shifts what is shown, not what is decoded: the order is that of the media. */
static void test_edit_lists_shift_nothing(void **state)
{
    static const b_edit late[] = {{500, -1, 0x10000}, {400, 0, 0x10000}};
    static const b_edit cut[] = {{200, 200, 0x10000}};
    (void)state;
    b_track tracks[] = {ten_samples(ten, 1000, 0), ten_samples(ten, 1000, 1)};
    tracks[0].edits = late;
    tracks[0].edit_n = 2;
    tracks[1].edits = cut;
    tracks[1].edit_n = 1;
    film f = film_of(tracks, 2);
    merge_gives(&f, (size_t[]){0, 1}, 2, REEL_ORDER_DTS, false, "12121212121212121212");
    done(&f);
}

static void test_empty_tracks_are_passed_over(void **state)
{
    (void)state;
    const b_track tracks[] = {{0}, ten_samples(ten, 1000, 0), {0}};
    film f = film_of(tracks, 3);
    merge_gives(&f, (size_t[]){0, 1, 2}, 3, REEL_ORDER_DTS, false, "2222222222");
    merge_gives(&f, (size_t[]){0, 2}, 2, REEL_ORDER_DTS, false, "");
    reel_cursor c[2];
    reel_merge_slot slots[2];
    reel_merge m;
    reel_sample s;
    gives("init", reel_cursor_init(&c[0], reel_movie_track(f.movie, 0)), REEL_OK);
    gives("init", reel_cursor_init(&c[1], reel_movie_track(f.movie, 2)), REEL_OK);
    gives("merge_init", reel_merge_init(&m, c, slots, 2, REEL_ORDER_FILE, true, NULL), REEL_OK);
    gives("merge_next", reel_merge_next(&m, &s, NULL), REEL_END);
    gives("merge_init", reel_merge_init(&m, NULL, NULL, 0, REEL_ORDER_DTS, false, NULL), REEL_OK);
    gives("merge_next", reel_merge_next(&m, &s, NULL), REEL_END);
    done(&f);
}

/* The same track twice, from two places: a merge is about cursors, not about tracks. */
static void test_one_track_twice(void **state)
{
    (void)state;
    const b_track track = ten_samples(ten, 1000, 0);
    film f = film_of(&track, 1);
    reel_cursor c[2];
    reel_merge_slot slots[2];
    reel_merge m;
    reel_sample s;
    static const uint64_t want[] = {0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 8, 9, 9};
    for (int i = 0; i < 2; i++)
        gives("init", reel_cursor_init(&c[i], reel_movie_track(f.movie, 0)), REEL_OK);
    gives("seek", reel_cursor_seek(&c[0], 7, NULL), REEL_OK);
    gives("merge_init", reel_merge_init(&m, c, slots, 2, REEL_ORDER_DTS, false, NULL), REEL_OK);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        gives("merge_next", reel_merge_next(&m, &s, NULL), REEL_OK);
        assert_int_equal(s.index, want[i]);
    }
    gives("merge_next", reel_merge_next(&m, &s, NULL), REEL_END);
    done(&f);
}

/* ---- bytes that come late --------------------------------------------------------------------------------- */

typedef struct late {
    const b_buf *film;
    uint8_t *here;
    int refused;
} late;

static int64_t late_read(void *user, uint64_t offset, void *buf, size_t n)
{
    const late *l = user;
    if (offset >= l->film->size)
        return 0;
    n = n < l->film->size - offset ? n : l->film->size - (size_t)offset;
    for (size_t i = 0; i < n; i++)
        if (!l->here[offset + i])
            return REEL_E_AGAIN;
    memcpy(buf, l->film->data + offset, n);
    return (int64_t)n;
}

static int late_size(void *user, uint64_t *size)
{
    *size = ((const late *)user)->film->size;
    return REEL_OK;
}

/* Fetch what an error asks for; false when the code is another one. */
static bool fetched(late *l, int code, const reel_error *err)
{
    if (code != REEL_E_AGAIN)
        return false;
    assert_true(err->length && err->offset + err->length <= l->film->size);
    memset(l->here + err->offset, 1, err->length);
    l->refused++;
    return true;
}

#define ASK(l, call)                                                                                          \
    do                                                                                                        \
        code = (call);                                                                                        \
    while (fetched(l, code, &err))

static reel_movie *open_late(film *f, late *l)
{
    reel_source_io io = {.sizeof_io = sizeof io, .read = late_read, .size = late_size, .user = l};
    reel_error err = {0};
    int code;
    *l = (late){.film = &f->b, .here = calloc(f->b.size, 1)};
    assert_non_null(l->here);
    assert_int_equal(reel_source_callback(&io, &f->source, NULL), REEL_OK);
    ASK(l, reel_open(f->source, NULL, &f->movie, &err));
    gives("open", code, REEL_OK);
    return f->movie;
}

/*
 * The walk through moofs that nobody has counted forgot, when the bytes of the next moof were not here yet, where it
 * was, and went on from the first moof of the file.
 */
static void test_an_uncounted_cursor_whose_bytes_come_late(void **state)
{
    film f = {0};
    late l;
    reel_cursor c;
    reel_sample s;
    reel_error err = {0};
    int code;
    (void)state;
    indexed(&f, 0);
    reel_movie *m = open_late(&f, &l);
    ASK(&l, reel_cursor_init(&c, reel_movie_track(m, 0)));
    ASK(&l, reel_cursor_seek_pts(&c, 22 * TICKS, REEL_SEEK_PREVIOUS, &err));
    gives("seek_pts", code, REEL_OK);
    for (int64_t at = 20; at < FRAGMENTS * EACH; at++) {
        ASK(&l, reel_cursor_next(&c, &s, &err));
        gives("next", code, REEL_OK);
        assert_int_equal(s.dts, at * TICKS);
    }
    ASK(&l, reel_cursor_next(&c, &s, &err));
    gives("next", code, REEL_END);
    for (int64_t at = FRAGMENTS * EACH; at-- > 0;) {
        ASK(&l, reel_cursor_prev(&c, &s, &err));
        gives("prev", code, REEL_OK);
        assert_int_equal(s.dts, at * TICKS);
    }
    assert_true(l.refused > FRAGMENTS);
    free(l.here);
    done(&f);
}

/*
 * The call is made again until it goes well. A merge that could not begin because the bytes of its second track were
 * not here had moved the cursor of the first already, and the sample was lost.
 */
static void merge_late(uint64_t seed, bool backwards)
{
    film f = {.dice = seed};
    late l;
    merged m = {0};
    reel_sample s;
    reel_error err = {0};
    int code, i;
    seed_now = seed;
    random_film(&f.b, &f.t, seed, RANDOM_FRAGMENTS);
    open_late(&f, &l);
    m.n = f.t.tracks;
    for (size_t k = 0; k < m.n; k++) {
        m.t[k] = &f.t.track[k];
        m.scale[k] = f.t.timescale[k];
        m.at[k] = backwards ? m.t[k]->count : 0;
        ASK(&l, reel_cursor_init(&m.cursor[k], reel_movie_track(f.movie, k)));
        if (backwards)
            ASK(&l, reel_cursor_seek(&m.cursor[k], m.at[k], &err));
        gives("seek", code, REEL_OK);
    }
    ASK(&l, reel_merge_init(&m.merge, m.cursor, m.slot, m.n, REEL_ORDER_DTS, backwards, &err));
    gives("merge_init", code, REEL_OK);
    while ((i = choose(&m, REEL_ORDER_DTS, backwards)) >= 0) {
        ASK(&l, reel_merge_next(&m.merge, &s, &err));
        gives("merge_next", code, REEL_OK);
        same("merge", &s, head(&m, (size_t)i, backwards));
        m.at[i] += backwards ? (size_t)-1 : 1;
    }
    ASK(&l, reel_merge_next(&m.merge, &s, &err));
    gives("merge_next", code, REEL_END);
    free(l.here);
    done(&f);
}

static void test_a_merge_whose_bytes_come_late(void **state)
{
    (void)state;
    for (uint64_t seed = 6000; seed < 6060; seed++)
        merge_late(seed, seed & 1);
}

/* ---- memory that runs out --------------------------------------------------------------------------------- */

typedef struct purse {
    int left; /* allocations that go well before one does not; below 0: all do */
} purse;

static void *purse_resize(void *user, void *p, size_t n)
{
    purse *u = user;
    if (n == 0) {
        free(p);
        return NULL;
    }
    return u->left-- == 0 ? NULL : realloc(p, n);
}

/* Every walk, with the n-th allocation failing and the call then made again, gives every sample once. */
static void walk_poor(film *f, int n, int how)
{
    purse u = {-1};
    reel_allocator a = {purse_resize, &u};
    reel_open_options options = {.sizeof_options = sizeof options, .allocator = &a};
    reel_movie *m;
    reel_cursor c;
    reel_sample s[300];
    const truth_track *t = &f->t.track[0];
    size_t got = 1, at = how == 1 ? t->count : 0;
    int code;
    assert_int_equal(reel_open(f->source, &options, &m, NULL), REEL_OK);
    u.left = n;
    while ((code = reel_cursor_init(&c, reel_movie_track(m, 0))) == REEL_E_NOMEM)
        ;
    gives("init", code, REEL_OK);
    while (how == 1 && (code = reel_cursor_seek(&c, at, NULL)) == REEL_E_NOMEM)
        ;
    gives("seek", code, REEL_OK);
    for (;;) {
        code = how == 0   ? reel_cursor_next(&c, s, NULL)
               : how == 1 ? reel_cursor_prev(&c, s, NULL)
                          : reel_cursor_batch(&c, s, 300, &got, NULL);
        if (code == REEL_E_NOMEM)
            continue;
        if (code == REEL_END)
            break;
        gives("walk", code, REEL_OK);
        for (size_t i = 0; i < got; i++)
            same("walk", &s[i], &t->sample[how == 1 ? --at : at++]);
    }
    assert_int_equal(at, how == 1 ? 0 : t->count);
    reel_close(&m);
}

static void test_memory_runs_out_in_the_middle(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (uint64_t seed = 6100; seed < 6115; seed++) {
            film f = random_one(seed, kinds[k] | (seed % 3 ? 0u : RANDOM_LONG));
            for (int how = 0; how < 3; how++)
                for (int n = 0; n < (how == 1 ? 3 : 8); n++)
                    walk_poor(&f, n, how);
            done(&f);
        }
}

/* ---- wrong calls ------------------------------------------------------------------------------------------ */

static void test_wrong_calls_of_a_cursor(void **state)
{
    (void)state;
    const b_track track = ten_samples(ten, 1000, 0);
    film f = film_of(&track, 1);
    reel_cursor c, none = {0};
    reel_sample s;
    reel_error err = {0};
    size_t got = 0;
    gives("init", reel_cursor_init(NULL, reel_movie_track(f.movie, 0)), REEL_E_ARG);
    gives("init", reel_cursor_init(&c, NULL), REEL_E_ARG);
    gives("init", reel_cursor_init(&c, reel_movie_track(f.movie, 1)), REEL_E_ARG); /* no such track */
    gives("init", reel_cursor_init(&c, reel_movie_track(f.movie, 0)), REEL_OK);
    gives("seek", reel_cursor_seek(NULL, 0, &err), REEL_E_ARG);
    assert_string_equal(err.text, "the cursor has no track");
    gives("seek", reel_cursor_seek(&none, 0, &err), REEL_E_ARG);
    gives("seek_pts", reel_cursor_seek_pts(NULL, 0, REEL_SEEK_EXACT, &err), REEL_E_ARG);
    gives("seek_pts", reel_cursor_seek_pts(&none, 0, REEL_SEEK_EXACT, &err), REEL_E_ARG);
    gives("seek_pts", reel_cursor_seek_pts(&c, 0, (reel_seek_mode)9, &err), REEL_E_ARG);
    gives("next", reel_cursor_next(NULL, &s, &err), REEL_E_ARG);
    gives("next", reel_cursor_next(&none, &s, &err), REEL_E_ARG);
    gives("next", reel_cursor_next(&c, NULL, &err), REEL_E_ARG);
    gives("prev", reel_cursor_prev(NULL, &s, &err), REEL_E_ARG);
    gives("prev", reel_cursor_prev(&none, &s, &err), REEL_E_ARG);
    gives("prev", reel_cursor_prev(&c, NULL, NULL), REEL_E_ARG);
    gives("batch", reel_cursor_batch(NULL, &s, 1, &got, &err), REEL_E_ARG);
    gives("batch", reel_cursor_batch(&none, &s, 1, &got, &err), REEL_E_ARG);
    gives("batch", reel_cursor_batch(&c, NULL, 1, &got, &err), REEL_E_ARG);
    gives("batch", reel_cursor_batch(&c, &s, 1, NULL, &err), REEL_E_ARG);
    gives("batch", reel_cursor_batch(&c, NULL, 0, &got, &err), REEL_OK);
    gives("next", reel_cursor_next(&c, &s, &err), REEL_OK);
    assert_int_equal(s.index, 0); /* none of that has moved it */
    done(&f);
}

static void test_wrong_calls_of_a_merge(void **state)
{
    (void)state;
    const b_track track = ten_samples(ten, 1000, 0);
    film f = film_of(&track, 1);
    reel_cursor c[2] = {{0}};
    reel_merge_slot slots[2];
    reel_merge m;
    reel_sample s;
    reel_error err = {0};
    gives("init", reel_cursor_init(&c[0], reel_movie_track(f.movie, 0)), REEL_OK);
    gives("merge", reel_merge_init(NULL, c, slots, 1, REEL_ORDER_DTS, false, &err), REEL_E_ARG);
    assert_string_equal(err.text, "a merge needs cursors and as many slots");
    gives("merge", reel_merge_init(&m, NULL, slots, 1, REEL_ORDER_DTS, false, &err), REEL_E_ARG);
    gives("merge", reel_merge_init(&m, c, NULL, 1, REEL_ORDER_DTS, false, &err), REEL_E_ARG);
    gives("merge", reel_merge_init(&m, c, slots, 2, REEL_ORDER_DTS, false, &err), REEL_E_ARG);
    assert_string_equal(err.text, "the cursor has no track"); /* the second */
    gives("merge", reel_merge_init(&m, c, slots, 1, (reel_order)5, false, &err), REEL_E_ARG);
    gives("merge", reel_merge_init(&m, c, slots, 1, REEL_ORDER_DTS, false, &err), REEL_OK);
    gives("merge_next", reel_merge_next(NULL, &s, &err), REEL_E_ARG);
    gives("merge_next", reel_merge_next(&m, NULL, &err), REEL_E_ARG);
    gives("merge_next", reel_merge_next(&m, &s, &err), REEL_OK);
    assert_int_equal(s.index, 0);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_way_through_tables),
        cmocka_unit_test(test_any_way_through_fragments),
        cmocka_unit_test(test_any_way_from_tables_into_fragments),
        cmocka_unit_test(test_both_ends),
        cmocka_unit_test(test_back_from_an_end_that_was_walked_to),
        cmocka_unit_test(test_a_seek_past_the_end_moves_nothing),
        cmocka_unit_test(test_batches_of_every_size),
        cmocka_unit_test(test_long_batches),
        cmocka_unit_test(test_seek_by_time),
        cmocka_unit_test(test_a_seek_by_time_that_finds_nothing_moves_nothing),
        cmocka_unit_test(test_copies_go_their_own_ways),
        cmocka_unit_test(test_an_uncounted_cursor_turns_round),
        cmocka_unit_test(test_an_uncounted_cursor_goes_over_what_is_not_its_own),
        cmocka_unit_test(test_an_uncounted_cursor_in_batches),
        cmocka_unit_test(test_merge_by_decode_time),
        cmocka_unit_test(test_merge_by_place),
        cmocka_unit_test(test_ties_go_by_the_order_given),
        cmocka_unit_test(test_times_of_different_timescales),
        cmocka_unit_test(test_file_order_takes_what_lies_first),
        cmocka_unit_test(test_edit_lists_shift_nothing),
        cmocka_unit_test(test_empty_tracks_are_passed_over),
        cmocka_unit_test(test_one_track_twice),
        cmocka_unit_test(test_an_uncounted_cursor_whose_bytes_come_late),
        cmocka_unit_test(test_a_merge_whose_bytes_come_late),
        cmocka_unit_test(test_memory_runs_out_in_the_middle),
        cmocka_unit_test(test_wrong_calls_of_a_cursor),
        cmocka_unit_test(test_wrong_calls_of_a_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
