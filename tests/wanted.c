/* SPDX-License-Identifier: BSD-2-Clause */
/* Which samples frames are (src/frame/wanted.c), and where decoding starts for them (src/frame/gops.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <reel/frames.h>
#include <reel/reel.h>

#include <cmocka.h>

#include "build.h"
#include "frame/exact/gops.h"

enum { SAMPLES = 600, TICKS = 10 };

typedef struct film {
    b_buf bytes;
    reel_movie *movie;
    const reel_track *track;
    int64_t pts[SAMPLES];
    bool sync[SAMPLES];
    uint32_t n;
} film;

static uint32_t dice(uint32_t *state, uint32_t n)
{
    *state = *state * 1664525 + 1013904223;
    return (*state >> 8) % n;
}

/*
 * Groups of pictures as encoders make them: I P b B b P ...; open ones have their leading pictures behind the I, which are
 * shown before it.
 */
static void put_times(film *f, uint32_t *seed, b_run *ctts, uint32_t *stss, uint32_t *stss_n)
{
    int64_t shown[SAMPLES];
    uint32_t at = 0, place = 0;
    *stss_n = 0;
    while (at < f->n) {
        uint32_t left = f->n - at, leading = at ? dice(seed, 4) : 0, minis = 1 + dice(seed, 6);
        leading = leading < left ? leading : left - 1;
        f->sync[at] = true;
        stss[(*stss_n)++] = at + 1;
        shown[at++] = place + leading;
        for (uint32_t i = 0; i < leading; i++)
            shown[at++] = place + i;
        place += leading + 1;
        for (uint32_t i = 0; i < minis && at < f->n; i++) {
            uint32_t b = dice(seed, 4);
            b = b < f->n - at ? b : f->n - at - 1;
            shown[at++] = place + b; /* P */
            for (uint32_t k = 0; k < b; k++)
                shown[at++] = place + k;
            place += b + 1;
        }
    }
    for (uint32_t i = 0; i < f->n; i++) {
        ctts[i] = (b_run){1, (uint32_t)(TICKS * (shown[i] + 8 - (int64_t)i))};
        f->pts[i] = TICKS * (shown[i] + 8);
    }
}

static void open_film_of(film *f, uint32_t seed, uint32_t n, const b_edit *edits, uint32_t edit_n)
{
    static b_run ctts[SAMPLES];
    static uint32_t stss[SAMPLES];
    const b_run stts[] = {{n, TICKS}};
    const b_chunks all[] = {{1, n, 1}};
    const uint64_t chunk[] = {0};
    reel_source *source;
    *f = (film){.n = n};
    b_track t = {.stts = stts, .stts_n = 1, .ctts = ctts, .ctts_n = n, .ctts_version = 1, .stsc = all, .stsc_n = 1,
                 .samples = n, .uniform_size = 1, .chunks = chunk, .chunk_n = 1, .has_stss = true, .edits = edits,
                 .edit_n = edit_n};
    put_times(f, &seed, ctts, stss, &t.stss_n);
    t.stss = stss;
    b_film(&f->bytes, &(b_movie){.track = &t, .tracks = 1, .media_size = n});
    assert_int_equal(reel_source_memory(f->bytes.data, f->bytes.size, NULL, NULL, &source), REEL_OK);
    assert_int_equal(reel_open(source, NULL, &f->movie, NULL), REEL_OK);
    reel_source_unref(&source);
    f->track = reel_movie_track(f->movie, 0);
}

static void close_film(film *f)
{
    reel_close(&f->movie);
    b_free(&f->bytes);
}

static reel_found find_one(const film *f, reel_want w)
{
    reel_found found;
    assert_int_equal(reel_frames_find(f->track, &w, 1, &found, NULL, NULL), REEL_OK);
    return found;
}

/* The same by looking at every sample. */
static uint32_t picture_by_counting(const film *f, uint32_t place)
{
    for (uint32_t i = 0; i < f->n; i++) {
        uint32_t before = 0;
        for (uint32_t k = 0; k < f->n; k++)
            before += f->pts[k] < f->pts[i];
        if (before == place)
            return i;
    }
    return UINT32_MAX;
}

static void test_pictures_in_order(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 6; seed++) {
        film f;
        open_film_of(&f, seed, seed == 1 ? 7 : SAMPLES - seed, NULL, 0);
        for (uint32_t i = 0; i < f.n; i++) {
            reel_found found = find_one(&f, (reel_want){.value = i, .kind = REEL_WANT_PICTURE});
            assert_int_equal(found.sample, picture_by_counting(&f, i));
            assert_int_equal(found.pts, f.pts[found.sample]);
            assert_int_equal(found.duration, TICKS);
            assert_int_equal(find_one(&f, (reel_want){.value = i, .kind = REEL_WANT_SAMPLE}).sample, i);
        }
        assert_int_equal(find_one(&f, (reel_want){.value = f.n, .kind = REEL_WANT_PICTURE}).code, REEL_E_RANGE);
        assert_int_equal(find_one(&f, (reel_want){.value = f.n, .kind = REEL_WANT_SAMPLE}).code, REEL_E_RANGE);
        assert_int_equal(find_one(&f, (reel_want){.value = -1, .kind = REEL_WANT_PICTURE}).code, REEL_E_RANGE);
        close_film(&f);
    }
}

/* What is shown last at or before a media time. */
static uint32_t shown_by_looking(const film *f, int64_t media)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < f->n; i++)
        if (f->pts[i] <= media && (best == UINT32_MAX || f->pts[i] > f->pts[best]))
            best = i;
    return best;
}

/* Nothing for 0.2 s, then media from 500 ticks on for two seconds: at 0.1 s it is what comes next, at 2.2 s the end. */
static void test_times(void **state)
{
    static const b_edit edits[] = {{200, -1, 0x10000}, {2000, 500, 0x10000}};
    (void)state;
    film f;
    open_film_of(&f, 3, 500, edits, 2);
    for (int64_t t = -3; t < 2300; t += 7) {
        reel_found found = find_one(&f, (reel_want){.value = t, .timescale = 1000});
        int64_t media = t < 200 ? 500 : t - 200 + 500;
        assert_int_equal(found.code, t < 0 || t >= 2200 ? REEL_E_RANGE : REEL_OK);
        if (found.code == REEL_OK)
            assert_int_equal(found.sample, shown_by_looking(&f, media));
    }
    /* A time between two ticks belongs to the first: the picture that begins at tick 210 is not there yet at 209.9. */
    uint64_t before = find_one(&f, (reel_want){.value = 209, .timescale = 1000}).sample;
    assert_int_equal(find_one(&f, (reel_want){.value = 2099, .timescale = 10000}).sample, before);
    assert_int_not_equal(find_one(&f, (reel_want){.value = 2100, .timescale = 10000}).sample, before);
    assert_int_equal(find_one(&f, (reel_want){.value = 21999, .timescale = 10000}).code, REEL_OK);
    assert_int_equal(find_one(&f, (reel_want){.value = 22000, .timescale = 10000}).code, REEL_E_RANGE);
    assert_int_equal(find_one(&f, (reel_want){.value = INT64_MAX, .timescale = 1}).code, REEL_E_RANGE);
    assert_int_equal(find_one(&f, (reel_want){.value = INT64_MIN, .timescale = 1}).code, REEL_E_RANGE);
    close_film(&f);
}

static void test_lists(void **state)
{
    static const b_edit edits[] = {{2200, 80, 0x10000}};
    (void)state;
    film f;
    reel_want w[SAMPLES];
    size_t n = 99;
    open_film_of(&f, 4, 300, edits, 1);
    assert_int_equal(reel_wants_every(f.track, 1, 1, w, SAMPLES, &n, NULL), REEL_OK);
    assert_int_equal(n, 3);
    assert_int_equal(reel_wants_every(f.track, 1100, 1000, w, SAMPLES, &n, NULL), REEL_OK);
    assert_int_equal(n, 2); /* 2.2 s is the end */
    assert_int_equal(w[1].value, 1100);
    assert_int_equal(reel_wants_every(f.track, 1, 1000000000, w, 2, &n, NULL), REEL_OK);
    assert_int_equal(n, 2200000000u);
    assert_int_equal(reel_wants_every(f.track, INT64_MAX, 1, w, SAMPLES, &n, NULL), REEL_OK);
    assert_int_equal(n, 1);
    assert_int_equal(reel_wants_every(f.track, 0, 1, w, SAMPLES, &n, NULL), REEL_E_ARG);
    assert_int_equal(reel_wants_spread(f.track, 4, w, SAMPLES, &n, NULL), REEL_OK);
    assert_int_equal(n, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(w[i].value, 275 + 550 * i);
    assert_int_equal(reel_wants_spread(f.track, 5, NULL, 0, &n, NULL), REEL_OK);
    assert_int_equal(n, 5);
    assert_int_equal(reel_wants_keyframes(f.track, w, SAMPLES, &n, NULL), REEL_OK);
    uint32_t at = 0;
    for (size_t i = 0; i < n; i++, at++) {
        while (!f.sync[at])
            at++;
        assert_int_equal(w[i].value, at);
        assert_int_equal(w[i].kind, REEL_WANT_SAMPLE);
    }
    while (at < f.n)
        assert_false(f.sync[at++]);
    close_film(&f);
}

static void test_wrong_calls(void **state)
{
    (void)state;
    film f;
    reel_want w = {.value = 1}, odd = {.kind = 3};
    reel_found found;
    size_t n;
    open_film_of(&f, 4, 30, NULL, 0);
    assert_int_equal(reel_frames_find(f.track, &w, 1, &found, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_frames_find(f.track, &odd, 1, &found, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_frames_find(NULL, &w, 1, &found, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_frames_find(f.track, NULL, 1, &found, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_frames_find(f.track, NULL, 0, NULL, &n, NULL), REEL_OK);
    assert_int_equal(n, 0);
    assert_int_equal(reel_wants_keyframes(NULL, NULL, 0, &n, NULL), REEL_E_ARG);
    assert_int_equal(reel_wants_spread(f.track, 0, NULL, 0, &n, NULL), REEL_E_ARG);
    assert_int_equal(reel_wants_every(f.track, 1, 1, NULL, 1, &n, NULL), REEL_E_ARG);
    close_film(&f);
}

/* ---- groups ---- */

static void *heap(void *user, void *p, size_t n)
{
    (void)user;
    if (n)
        return realloc(p, n);
    free(p);
    return NULL;
}

static const reel_allocator alloc = {heap, NULL};

/* Where decoding has to start, by going back sample by sample. */
static uint64_t entry_by_looking(const film *f, uint64_t sample)
{
    uint64_t sync = sample;
    while (sync && !f->sync[sync])
        sync--;
    if (f->pts[sample] >= f->pts[sync] || sync == 0)
        return sync;
    for (sync--; sync && !f->sync[sync]; sync--)
        ;
    return sync;
}

static void check_groups(const film *f, const reel__gops *g, const reel_found *found, size_t n)
{
    size_t seen = 0;
    for (size_t i = 0; i < g->count; i++) {
        const reel__gop *k = &g->gop[i];
        uint64_t lowest = UINT64_MAX, last = 0;
        assert_true(i == 0 || k->entry > g->gop[i - 1].last);
        assert_true(k->count > 0 && k->first == seen);
        for (size_t w = k->first; w < k->first + k->count; w++) {
            uint64_t s = g->wanted[w].sample, entry = entry_by_looking(f, s);
            assert_int_equal(found[g->wanted[w].want].sample, s);
            assert_true(k->entry <= entry && s <= k->last);
            lowest = entry < lowest ? entry : lowest;
            last = s > last ? s : last;
        }
        assert_int_equal(k->entry, lowest); /* no sample is decoded for nothing */
        assert_int_equal(k->last, last);
        seen += k->count;
    }
    size_t good = 0;
    for (size_t i = 0; i < n; i++)
        good += found[i].code == REEL_OK;
    assert_int_equal(seen, good);
}

static void test_groups(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 40; seed++) {
        film f;
        reel_want w[50];
        reel_found found[50];
        reel__gops g;
        uint32_t roll = seed, n = 1 + seed;
        open_film_of(&f, seed, 500, NULL, 0);
        for (uint32_t i = 0; i < n; i++)
            w[i] = (reel_want){.value = dice(&roll, 520), .kind = 1 + dice(&roll, 2)};
        assert_int_equal(reel_frames_find(f.track, w, n, found, NULL, NULL), REEL_OK);
        assert_int_equal(reel__gops_plan(&g, &alloc, f.track, found, n, NULL), REEL_OK);
        check_groups(&f, &g, found, n);
        reel__gops_free(&g);
        close_film(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures_in_order), cmocka_unit_test(test_times), cmocka_unit_test(test_lists),
        cmocka_unit_test(test_wrong_calls),       cmocka_unit_test(test_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
