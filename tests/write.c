/* SPDX-License-Identifier: BSD-2-Clause */
/* Films made from films: what was in the one, shown when it was, is in the other. Faces src/write/ */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <reel/reel.h>

#include "made.h"
#include "random.h"
#include "small.h"

enum { SEEDS = 400, TIMES = 40 };

/* ---- the properties --------------------------------------------------------------------------------------- */

/* All samples of b are those of a from first on, `shift` later; durations are steps to what follows. */
static void same_samples(const reel_track *a, uint64_t first, const reel_track *b, int64_t shift)
{
    uint64_t n = count_of(b);
    int64_t lift = n ? sample_of(b, 0).pts - sample_of(a, first).pts - shift : 0;
    assert_true(lift >= 0 && (lift == 0 || reel_track_edit_count(b)));
    for (uint64_t i = 0; i < n; i++) {
        reel_sample x = sample_of(a, first + i), y = sample_of(b, i);
        const uint32_t kept = REEL_SAMPLE_SYNC | REEL_SAMPLE_PARTIAL | REEL_SAMPLE_DISPOSABLE | REEL_SAMPLE_INDEPENDENT |
                              REEL_SAMPLE_REDUNDANT | REEL_SAMPLE_LEADING;
        same_bytes(a, &x, b, &y);
        assert_int_equal(y.dts - x.dts, shift);
        assert_int_equal(y.pts - x.pts, shift + lift);
        assert_int_equal(y.flags & kept, x.flags & kept);
        assert_int_equal(y.description, x.description);
        int64_t step = first + i + 1 < count_of(a) && i + 1 < n ? sample_of(a, first + i + 1).dts - x.dts : x.duration;
        assert_int_equal(y.duration, step);
    }
}

/* Which sample is shown at presentation time t; false: none. */
static bool shown(const reel_track *track, int64_t t, reel_sample *out)
{
    reel_moment m;
    uint64_t index;
    int64_t length;
    assert_int_equal(reel_track_presentation_duration(track, &length, NULL), REEL_OK);
    if (t < 0 || t >= length || reel_track_media_time(track, t, &m) != REEL_OK || m.kind == REEL_EDIT_EMPTY)
        return false;
    if (reel_track_find_pts(track, m.media_time, &index, NULL) != REEL_OK)
        return false;
    *out = sample_of(track, index);
    return out->pts <= m.media_time;
}

/* What a shows at from + t, b shows at t. */
static void same_show(const reel_track *a, int64_t from, const reel_track *b, int64_t t, uint64_t least, uint64_t most)
{
    reel_sample x = {0}, y = {0};
    bool is = shown(a, from + t, &x), be = shown(b, t, &y);
    /* Random films show samples that are decoded before the sync sample, or long after the end; no codec does. */
    if (is && (x.index < least || x.index > most))
        return;
    if (is != be)
        fail_msg("at %lld + %lld: %d, and %d", (long long)from, (long long)t, is, be);
    if (is)
        same_bytes(a, &x, b, &y);
}

static uint32_t movie_timescale(const reel_movie *m)
{
    reel_movie_info info;
    reel_movie_get_info(m, &info);
    return info.timescale;
}

static bool exact_in(const reel_movie *m, const reel_track *t)
{
    return movie_timescale(m) % reel_track_timescale(t) == 0;
}

static void check_progressive(const reel_movie *a, made *m)
{
    size_t k = 0;
    for (size_t i = 0; i < reel_movie_track_count(a); i++) {
        const reel_track *t = reel_movie_track(a, i);
        if (count_of(t) == 0)
            continue;
        const reel_track *u = reel_movie_track(m->movie, k++);
        assert_non_null(u);
        assert_int_equal(reel_track_id(u), reel_track_id(t));
        assert_int_equal(count_of(u), count_of(t));
        same_samples(t, 0, u, -sample_of(t, 0).dts);
    }
    reel_error warning;
    assert_int_equal(reel_movie_warning(m->movie, 0, &warning), REEL_END);
}

static bool may_refuse(int code)
{
    return code == REEL_E_TIME || code == REEL_E_TRUNCATED || code == REEL_E_NOT_FOUND || code == REEL_E_RANGE ||
           code == REEL_E_TABLE;
}

static size_t random_kinds(uint64_t seed) { return seed % 3 == 0 ? RANDOM_TABLES : seed % 3 == 1 ?
                                           RANDOM_FRAGMENTS : 3; }

static void test_progressive_random(void **state)
{
    (void)state;
    unsigned done = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        b_buf b = {0};
        truth known;
        reel_plan *plan = NULL;
        random_film(&b, &known, seed, (unsigned)random_kinds(seed));
        reel_movie *a = open_memory(b.data, b.size);
        int code = reel_write_progressive(a, NULL, &plan, NULL);
        if (code == REEL_OK) {
            made m = made_of(plan);
            check_progressive(a, &m);
            made_done(&m);
            done++;
        } else {
            assert_true(may_refuse(code));
            assert_null(plan);
        }
        reel_close(&a);
        truth_free(&known);
        b_free(&b);
    }
    assert_true(done > SEEDS / 2);
}

static void check_cut(const reel_movie *a, const reel_cut *cut, made *m, uint64_t *dice)
{
    int64_t start;
    uint32_t timescale;
    assert_int_equal(reel_write_cut_start(a, cut, &start, &timescale, NULL), REEL_OK);
    assert_true(reel_time_compare(start, timescale, cut->from, cut->timescale) <= 0 || cut->from < 0);
    for (size_t i = 0; i < reel_movie_track_count(m->movie); i++) {
        const reel_track *u = reel_movie_track(m->movie, i), *t = reel_movie_track_by_id(a, reel_track_id(u));
        int64_t from = reel_rescale(start, timescale, reel_track_timescale(t)), length;
        int64_t to = reel_rescale(cut->to, cut->timescale, reel_track_timescale(t));
        if (!exact_in(m->movie, u))
            continue;
        reel_sample entry, last;
        assert_int_equal(reel_track_seek(t, from, REEL_SEEK_PREVIOUS, &entry, NULL, NULL), REEL_OK);
        assert_int_equal(reel_track_seek(t, to - 1, REEL_SEEK_EXACT, &last, NULL, NULL), REEL_OK);
        for (int k = 0; k < TIMES && to > from; k++)
            same_show(t, from, u, (int64_t)(b_random(dice) % (uint64_t)(to - from)), entry.index, last.index + 64);
        assert_int_equal(reel_track_presentation_duration(u, &length, NULL), REEL_OK);
        assert_true(length <= to - from);
    }
}

static void cut_somewhere(const reel_movie *a, uint64_t *dice, unsigned *done)
{
    reel_cut cut = {.sizeof_cut = sizeof cut, .timescale = 1000};
    reel_plan *plan = NULL;
    int64_t length = 0;
    const reel_track *t = reel_movie_track(a, b_below(dice, (uint32_t)reel_movie_track_count(a)));
    if (reel_track_presentation_duration(t, &length, NULL) != REEL_OK || length <= 1)
        return;
    cut.timescale = reel_track_timescale(t);
    cut.flags = b_below(dice, 2);
    cut.from = (int64_t)(b_random(dice) % (uint64_t)length);
    cut.to = cut.from + 1 + (int64_t)(b_random(dice) % (uint64_t)length);
    int code = reel_write_cut(a, &cut, NULL, &plan, NULL);
    if (code != REEL_OK) {
        assert_true(may_refuse(code));
        return;
    }
    made m = made_of(plan);
    check_cut(a, &cut, &m, dice);
    made_done(&m);
    ++*done;
}

static void test_cut_random(void **state)
{
    (void)state;
    unsigned done = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        b_buf b = {0};
        truth known;
        uint64_t dice = seed ^ 0x5eed;
        random_film(&b, &known, seed, (unsigned)random_kinds(seed));
        reel_movie *a = open_memory(b.data, b.size);
        for (int i = 0; i < 4; i++)
            cut_somewhere(a, &dice, &done);
        reel_close(&a);
        truth_free(&known);
        b_free(&b);
    }
    assert_true(done > SEEDS);
}

/* Every box but moov is the same bytes, and every sample is where its bytes are. */
static void test_faststart_random(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        b_buf b = {0};
        truth known;
        reel_plan *plan = NULL;
        random_film(&b, &known, seed, RANDOM_TABLES);
        reel_movie *a = open_memory(b.data, b.size);
        uint64_t media_end = b_media_at(&b) + 5000; /* chunks may claim more than there is */
        assert_int_equal(reel_write_faststart(a, NULL, &plan, NULL), REEL_OK);
        assert_int_equal(reel_plan_size(plan), b.size);
        made m = made_of(plan);
        reel_movie_info info;
        reel_movie_get_info(m.movie, &info);
        assert_true(info.moov_offset < info.mdat_offset);
        for (size_t i = 0; i < reel_movie_track_count(a); i++) {
            const reel_track *t = reel_movie_track(a, i), *u = reel_movie_track(m.movie, i);
            uint64_t n = count_of(t);
            assert_int_equal(count_of(u), n);
            for (uint64_t k = 0; k < n; k++) {
                reel_sample x = sample_of(t, k), y = sample_of(u, k);
                if (x.offset + x.size <= media_end)
                    same_bytes(t, &x, u, &y);
                assert_int_equal(x.pts, y.pts);
            }
        }
        made_done(&m);
        reel_close(&a);
        truth_free(&known);
        b_free(&b);
    }
}

/* ---- films with something special ------------------------------------------------------------------------- */

static const b_run stts25[] = {{10, 40}};
static const b_chunks stsc5[] = {{1, 5, 1}};
static const uint64_t chunks2[] = {0, 50};
static const uint32_t stss2[] = {1, 6}, sizes10[] = {10, 10, 10, 10, 10, 10, 10, 10, 10, 10};

static b_track track_with(const b_edit *edits, uint32_t n)
{
    return (b_track){.stts = stts25, .stts_n = 1, .stsc = stsc5, .stsc_n = 1, .sizes = sizes10, .samples = 10,
                     .chunks = chunks2, .chunk_n = 2, .stss = stss2, .stss_n = 2, .edits = edits, .edit_n = n};
}

/* Gaps, dwells, half speed and two pieces that change places: all are cut where the knife falls. */
static void test_cut_edits(void **state)
{
    (void)state;
    static const b_edit edits[] = {{100, -1, 0x10000}, {120, 200, 0x10000}, {50, 80, 0}, {160, 0, 0x8000},
                                   {0, 40, 0x10000}};
    const b_track track = track_with(edits, 5);
    b_buf b = {0};
    b_film(&b, &(b_movie){.track = &track, .tracks = 1, .media_size = 100});
    reel_movie *a = open_memory(b.data, b.size);
    for (int64_t from = 0; from < 700; from += 38) /* even: at half speed an odd one would fall between two ticks */
        for (int64_t to = from + 1; to < 800; to += 53) {
            reel_cut cut = {sizeof cut, from, to, 1000, REEL_CUT_EXACT};
            reel_plan *plan = NULL;
            int code = reel_write_cut(a, &cut, NULL, &plan, NULL);
            if (code == REEL_E_RANGE) {
                assert_true(to <= 100); /* only the gap */
                continue;
            }
            assert_int_equal(code, REEL_OK);
            made m = made_of(plan);
            const reel_track *t = reel_movie_track(a, 0), *u = reel_movie_track(m.movie, 0);
            for (int64_t at = 0; at < to - from; at++)
                same_show(t, from, u, at, 0, UINT64_MAX);
            made_done(&m);
        }
    reel_close(&a);
    b_free(&b);
}

static void test_cut_calls(void **state)
{
    (void)state;
    b_buf b = {0};
    reel_plan *plan = NULL;
    reel_cut cut = {sizeof cut, 100, 100, 1000, 0};
    small_plain(&b);
    reel_movie *a = open_memory(b.data, b.size);
    assert_int_equal(reel_write_cut(a, &cut, NULL, &plan, NULL), REEL_E_ARG);
    cut.to = 50;
    assert_int_equal(reel_write_cut(a, &cut, NULL, &plan, NULL), REEL_E_ARG);
    cut = (reel_cut){sizeof cut, 5000, 6000, 1000, 0};
    assert_int_equal(reel_write_cut(a, &cut, NULL, &plan, NULL), REEL_E_RANGE);
    cut = (reel_cut){sizeof cut, 0, REEL_CUT_TO_END, 0, 0};
    assert_int_equal(reel_write_cut(a, &cut, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_write_cut(NULL, &cut, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_write_progressive(NULL, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_plan_add_plan(NULL, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_write_faststart(NULL, NULL, &plan, NULL), REEL_E_ARG);
    const reel_track *named[] = {reel_movie_track(a, 0), reel_movie_track(a, 0)};
    reel_write_options options = {.sizeof_options = sizeof options, .tracks = named, .track_count = 2};
    assert_int_equal(reel_write_progressive(a, &options, &plan, NULL), REEL_E_ARG);
    assert_null(plan);
    reel_close(&a);
    b_free(&b);
}

/* A key-frame cut begins at the picture before; both cuts have the same samples. */
static void test_cut_start(void **state)
{
    (void)state;
    b_buf b = {0};
    reel_plan *plan = NULL;
    small_plain(&b);
    reel_movie *a = open_memory(b.data, b.size);
    reel_cut cut = {sizeof cut, 290, 350, 1000, 0};
    int64_t start;
    uint32_t timescale;
    assert_int_equal(reel_write_cut_start(a, &cut, &start, &timescale, NULL), REEL_OK);
    assert_int_equal(start, 200);
    for (int exact = 0; exact < 2; exact++) {
        cut.flags = exact ? REEL_CUT_EXACT : 0;
        assert_int_equal(reel_write_cut(a, &cut, NULL, &plan, NULL), REEL_OK);
        made m = made_of(plan);
        const reel_track *u = reel_movie_track(m.movie, 0);
        assert_int_equal(count_of(u), 4); /* 200, 240, 280, 320 */
        same_samples(reel_movie_track(a, 0), 5, u, -200);
        made_done(&m);
    }
    reel_close(&a);
    b_free(&b);
}

/* ---- what goes along with samples ------------------------------------------------------------------------- */

/* A track of ten encrypted samples: initialization vectors of 8 bytes that count up, one range of each is clear. */
static void encrypted_film(b_buf *b)
{
    b_buf entry = {0}, more = {0};
    b_track track = small_track;
    b_video(&entry, "encv", 64, 48);
    b_box(&entry, "sinf");
    b_box(&entry, "frma");
    b_text(&entry, "avc1");
    b_end(&entry);
    b_full(&entry, "schm", 0, 0);
    b_text(&entry, "cenc");
    b_u32(&entry, 0x10000);
    b_end(&entry);
    b_box(&entry, "schi");
    b_full(&entry, "tenc", 0, 0);
    b_u16(&entry, 0);
    b_u8(&entry, 1);
    b_u8(&entry, 8);
    b_fill(&entry, 0x11, 16);
    b_end(&entry);
    b_end(&entry);
    b_end(&entry);
    b_end(&entry);
    b_full(&more, "senc", 0, 2);
    b_u32(&more, 10);
    for (uint32_t i = 0; i < 10; i++) {
        b_u64(&more, i * 77);
        b_u16(&more, 1);
        b_u16(&more, i);
        b_u32(&more, 10 - i);
    }
    b_end(&more);
    track.entries = &entry;
    track.more = &more;
    b_film(b, &(b_movie){.track = &track, .tracks = 1, .media_size = 100});
    b_free(&entry);
    b_free(&more);
}

static void same_secrets(const reel_track *a, uint64_t first, const reel_track *b)
{
    for (uint64_t i = 0; i < count_of(b); i++) {
        reel_sample_crypto x, y;
        reel_sample s = sample_of(a, first + i), t = sample_of(b, i);
        assert_int_equal(reel_track_sample_crypto(a, &s, &x, NULL), REEL_OK);
        assert_int_equal(reel_track_sample_crypto(b, &t, &y, NULL), REEL_OK);
        assert_int_equal(x.iv_size, 8);
        assert_int_equal(y.iv_size, 8);
        assert_memory_equal(x.iv, y.iv, 8);
        assert_memory_equal(x.kid, y.kid, 16);
        assert_int_equal(x.subsample_count, y.subsample_count);
        assert_memory_equal(x.subsamples, y.subsamples, 6 * x.subsample_count);
    }
}

static void test_encrypted(void **state)
{
    (void)state;
    b_buf b = {0};
    reel_plan *plan = NULL;
    encrypted_film(&b);
    reel_movie *a = open_memory(b.data, b.size);
    const reel_track *t = reel_movie_track(a, 0);
    const reel_cut cut = {sizeof cut, 290, 350, 1000, 0};
    assert_int_equal(reel_write_progressive(a, NULL, &plan, NULL), REEL_OK);
    made m = made_of(plan);
    same_secrets(t, 0, reel_movie_track(m.movie, 0));
    made_done(&m);
    assert_int_equal(reel_write_cut(a, &cut, NULL, &plan, NULL), REEL_OK);
    m = made_of(plan);
    same_secrets(t, 5, reel_movie_track(m.movie, 0));
    /* saio points at the records of senc */
    b_buf out = {.data = m.data, .size = m.size};
    assert_int_equal(b_get32(&out, b_body(&out, "moov/trak/mdia/minf/stbl/saio") + 8),
                     b_body(&out, "moov/trak/mdia/minf/stbl/senc") + 4);
    made_done(&m);
    reel_close(&a);
    b_free(&b);
}

/* Chapters of chpl, at 0, 100, 200 and 300 ms: a part has those that it shows, the first one from its beginning on. */
static void test_cut_chapters(void **state)
{
    (void)state;
    b_buf b = {0}, more = {0};
    b_box(&more, "udta");
    b_full(&more, "chpl", 1, 0);
    b_u8(&more, 0);
    b_u32(&more, 4);
    for (uint64_t i = 0; i < 4; i++) {
        b_u64(&more, i * 1000000);
        b_u8(&more, 2);
        b_u8(&more, 'c');
        b_u8(&more, '0' + i);
    }
    b_end(&more);
    b_box(&more, "xyz ");
    b_u32(&more, 7);
    b_end(&more);
    b_end(&more);
    b_film(&b, &(b_movie){.track = &small_track, .tracks = 1, .media_size = 100, .more = &more});
    reel_movie *a = open_memory(b.data, b.size);
    const reel_cut cut = {sizeof cut, 150, 300, 1000, REEL_CUT_EXACT};
    reel_plan *plan = NULL;
    reel_chapter chapter;
    assert_int_equal(reel_write_cut(a, &cut, NULL, &plan, NULL), REEL_OK);
    made m = made_of(plan);
    static const int64_t starts[] = {0, 500000};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(reel_movie_chapter(m.movie, i, &chapter, NULL), REEL_OK);
        assert_int_equal(chapter.start, starts[i]);
        assert_int_equal(chapter.title.data[1], '1' + i);
    }
    assert_int_equal(reel_movie_chapter(m.movie, 2, &chapter, NULL), REEL_END);
    b_buf out = {.data = m.data, .size = m.size};
    assert_int_equal(b_get32(&out, b_find(&out, "moov/udta/xyz ") + 8), 7);
    made_done(&m);
    reel_close(&a);
    b_free(&more);
    b_free(&b);
}

/* Groups follow their samples: 3 in group 1, 4 in none, 3 in group 2; samples 5 to 8 are two of none and two of 2. */
static void test_cut_groups(void **state)
{
    (void)state;
    b_buf b = {0}, more = {0};
    static const uint32_t runs[][2] = {{3, 1}, {4, 0}, {3, 2}};
    b_full(&more, "sgpd", 1, 0);
    b_text(&more, "roll");
    b_u32(&more, 2);
    b_u32(&more, 2);
    b_u16(&more, 0xffff);
    b_u16(&more, 0xfffe);
    b_end(&more);
    b_full(&more, "sbgp", 0, 0);
    b_text(&more, "roll");
    b_u32(&more, 3);
    for (size_t i = 0; i < 3; i++) {
        b_u32(&more, runs[i][0]);
        b_u32(&more, runs[i][1]);
    }
    b_end(&more);
    b_track track = small_track;
    track.more = &more;
    b_film(&b, &(b_movie){.track = &track, .tracks = 1, .media_size = 100});
    reel_movie *a = open_memory(b.data, b.size);
    const reel_cut cut = {sizeof cut, 200, 360, 1000, 0};
    reel_plan *plan = NULL;
    assert_int_equal(reel_write_cut(a, &cut, NULL, &plan, NULL), REEL_OK);
    made m = made_of(plan);
    const reel_track *t = reel_movie_track(m.movie, 0);
    assert_int_equal(count_of(t), 4);
    for (uint64_t i = 0; i < 4; i++) {
        reel_sample s = sample_of(t, i);
        uint32_t group;
        reel_span entry;
        assert_int_equal(reel_track_sample_group(t, &s, REEL_4CC('r', 'o', 'l', 'l'), &group, &entry, NULL), REEL_OK);
        assert_int_equal(group, i < 2 ? 0 : 2);
    }
    made_done(&m);
    reel_close(&a);
    b_free(&more);
    b_free(&b);
}

/* ---- faststart -------------------------------------------------------------------------------------------- */

static void film_last(b_buf *b, size_t space)
{
    b_buf film = {0};
    b_film(&film, &(b_movie){.track = &small_track, .tracks = 1, .media_size = 100, .moov_last = true});
    size_t mdat = b_find(&film, "mdat");
    b_bytes(b, film.data, mdat);
    if (space) {
        b_box(b, "free");
        b_fill(b, 0, space - 8);
        b_end(b);
    }
    b_bytes(b, film.data + mdat, film.size - mdat);
    if (space) {
        size_t stco = b_body(b, "moov/trak/mdia/minf/stbl/stco");
        for (size_t i = 0; i < 2; i++)
            b_set32(b, stco + 4 + 4 * i, (uint32_t)(b_get32(b, stco + 4 + 4 * i) + space));
    }
    b_free(&film);
}

static void test_faststart_space(void **state)
{
    (void)state;
    b_buf probe = {0};
    film_last(&probe, 0);
    size_t moov = probe.size - b_find(&probe, "moov");
    const size_t spaces[] = {0, 8, moov - 4, moov, moov + 8, moov + 16, moov + 1000};
    b_free(&probe);
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        b_buf b = {0};
        reel_plan *plan = NULL;
        film_last(&b, spaces[i]);
        reel_movie *a = open_memory(b.data, b.size);
        assert_int_equal(reel_write_faststart(a, NULL, &plan, NULL), REEL_OK);
        bool into = spaces[i] == moov || spaces[i] >= moov + 16;
        assert_int_equal(reel_plan_size(plan), b.size - (into ? moov : 0));
        made m = made_of(plan);
        same_samples(reel_movie_track(a, 0), 0, reel_movie_track(m.movie, 0), 0);
        assert_int_equal(sample_of(reel_movie_track(m.movie, 0), 0).offset,
                         sample_of(reel_movie_track(a, 0), 0).offset + (into ? 0 : moov));
        made_done(&m);
        reel_close(&a);
        b_free(&b);
    }
}

static void test_faststart_as_it_is(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        b_buf b = {0};
        reel_plan *plan = NULL;
        if (i == 0)
            small_plain(&b);
        else if (i == 1)
            small_fragmented(&b);
        else
            small_heif(&b);
        reel_movie *a = open_memory(b.data, b.size);
        assert_int_equal(reel_write_faststart(a, NULL, &plan, NULL), REEL_OK);
        assert_int_equal(reel_plan_count(plan), 1);
        assert_int_equal(reel_plan_size(plan), b.size);
        reel_plan_close(&plan);
        reel_close(&a);
        b_free(&b);
    }
}

/* A big hole between head and tail, as a source. */
typedef struct hole {
    const b_buf *head, *tail;
    uint64_t size;
} hole;

static int64_t hole_read(void *user, uint64_t offset, void *buf, size_t n)
{
    const hole *h = user;
    uint64_t tail = h->size - h->tail->size;
    for (size_t i = 0; i < n; i++) {
        uint64_t at = offset + i;
        ((uint8_t *)buf)[i] = at < h->head->size ? h->head->data[at] : at >= tail ? h->tail->data[at - tail] : 0;
    }
    return (int64_t)n;
}

static int hole_size(void *user, uint64_t *size)
{
    *size = ((const hole *)user)->size;
    return REEL_OK;
}

enum { BIG = 500000000 };

/* Ten samples of 500 MB, one a chunk, and the movie box behind them. */
static reel_movie *open_hole(hole *h, b_buf *head, b_buf *tail, uint32_t size)
{
    static const uint64_t chunks[10] = {0};
    static const b_chunks one[] = {{1, 1, 1}};
    b_track track = small_track;
    b_buf film = {0};
    reel_source *source;
    reel_movie *movie = NULL;
    track.sizes = NULL;
    track.uniform_size = size;
    track.chunks = chunks;
    track.chunk_n = 10;
    track.stsc = one;
    track.co64 = 10 * (uint64_t)size > UINT32_MAX;
    b_film(&film, &(b_movie){.track = &track, .tracks = 1, .media_size = 1, .moov_last = true});
    size_t mdat = b_find(&film, "mdat"), moov = b_find(&film, "moov");
    b_bytes(head, film.data, mdat);
    b_u32(head, 1);
    b_text(head, "mdat");
    b_u64(head, 16 + 10 * (uint64_t)size);
    b_bytes(tail, film.data + moov, film.size - moov);
    size_t at = b_body(tail, track.co64 ? "moov/trak/mdia/minf/stbl/co64" : "moov/trak/mdia/minf/stbl/stco") + 4;
    for (uint64_t i = 0; i < 10; i++) {
        if (track.co64)
            b_set64(tail, at + 8 * i, head->size + i * size);
        else
            b_set32(tail, at + 4 * i, (uint32_t)(head->size + i * size));
    }
    b_free(&film);
    *h = (hole){head, tail, head->size + 10 * (uint64_t)size + tail->size};
    reel_source_io io = {sizeof io, hole_read, hole_size, NULL, h};
    assert_int_equal(reel_source_callback(&io, &source, NULL), REEL_OK);
    assert_int_equal(reel_open(source, NULL, &movie, NULL), REEL_OK);
    reel_source_unref(&source);
    return movie;
}

/* The head of a plan, as a film whose media is not there. */
static made head_of(reel_plan *plan)
{
    reel_piece last = {0}, p;
    for (uint64_t at = 0; reel_plan_piece(plan, at, UINT64_MAX, &p) == REEL_OK; at += p.size)
        last = p;
    made m = {.size = (size_t)(last.size > BIG / 2 ? last.at : reel_plan_size(plan))};
    assert_true(m.size < 100000);
    m.data = malloc(m.size + 16);
    assert_int_equal(reel_plan_read(plan, 0, m.data, m.size + 16 < reel_plan_size(plan) ? m.size + 16 : m.size, NULL),
                     REEL_OK);
    m.size += 16;
    m.movie = open_memory(m.data, m.size);
    return m;
}

static void check_offsets(const reel_movie *movie, uint64_t begin, uint32_t size)
{
    const reel_track *t = reel_movie_track(movie, 0);
    assert_int_equal(count_of(t), 10);
    for (uint64_t i = 0; i < 10; i++)
        assert_int_equal(sample_of(t, i).offset, begin + i * size);
}

/*
 * Media that came to lie at another place within its pages was copied at two thirds of the rate, and no file system could
 * share its blocks.
 */
static void check_page(const reel_movie *before, uint64_t first, const reel_movie *after)
{
    uint64_t a = sample_of(reel_movie_track(before, 0), first).offset, b = sample_of(reel_movie_track(after, 0), 0).offset;
    assert_int_equal(a % 65536, b % 65536);
}

/*
 * The last chunk lies just below 4 GiB, and moov in front pushes it over: the table becomes wide, and pushes further.
 */
static void test_faststart_crosses_4_gib(void **state)
{
    (void)state;
    b_buf head = {0}, tail = {0};
    hole h;
    reel_plan *plan = NULL;
    const uint32_t size = 429496729; /* ten of them are UINT32_MAX - 5 */
    for (int crossing = 0; crossing < 2; crossing++) {
        uint32_t mine = crossing ? size + 47721850 : size; /* nine of them and the head are just below 4 GiB */
        b_clear(&head);
        b_clear(&tail);
        reel_movie *a = open_hole(&h, &head, &tail, crossing ? (uint32_t)((UINT32_MAX - 100) / 9) : mine);
        if (crossing)
            assert_true(sample_of(reel_movie_track(a, 0), 9).offset < UINT32_MAX);
        uint32_t each = sample_of(reel_movie_track(a, 0), 0).size;
        assert_int_equal(reel_write_faststart(a, NULL, &plan, NULL), REEL_OK);
        uint64_t grown = reel_plan_size(plan) - h.size;
        made m = head_of(plan);
        reel_movie_info info;
        reel_movie_get_info(m.movie, &info);
        check_offsets(m.movie, info.mdat_offset + 16, each);
        assert_true(grown < 40 + 65536 + 8);
        check_page(a, 0, m.movie);
        reel_plan_close(&plan);
        made_done(&m);
        reel_close(&a);
    }
    b_free(&head);
    b_free(&tail);
}

static void test_beyond_4_gib(void **state)
{
    (void)state;
    b_buf head = {0}, tail = {0};
    hole h;
    reel_plan *plan = NULL;
    reel_movie *a = open_hole(&h, &head, &tail, BIG);
    assert_int_equal(reel_write_progressive(a, NULL, &plan, NULL), REEL_OK);
    made m = head_of(plan);
    reel_movie_info info;
    reel_movie_get_info(m.movie, &info);
    check_offsets(m.movie, info.mdat_offset + 16, BIG);
    check_page(a, 0, m.movie);
    reel_plan_close(&plan);
    made_done(&m);
    reel_cut cut = {sizeof cut, 220, 400, 1000, 0};
    assert_int_equal(reel_write_cut(a, &cut, NULL, &plan, NULL), REEL_OK);
    assert_true(reel_plan_size(plan) > 5 * (uint64_t)BIG && reel_plan_size(plan) < 5 * (uint64_t)BIG + 2000 + 65536);
    m = head_of(plan);
    check_page(a, 5, m.movie);
    made_done(&m);
    reel_plan_close(&plan);
    reel_close(&a);
    b_free(&head);
    b_free(&tail);
}

/*
 * A film of ffmpeg's, a picture or two and a frame of sound in turn, was written in 1189 pieces: the track that had
 * waited longest came first, wherever it lay. What is interleaved stays as it lies: one range. What is not is taken in
 * turns, no track more than a second ahead when it begins a chunk.
 */
static void test_order(void **state)
{
    (void)state;
    static const uint64_t turns[2][5] = {{0, 40, 80, 120, 160}, {20, 60, 100, 140, 180}};
    static const uint64_t apart[2][5] = {{0, 20, 40, 60, 80}, {100, 120, 140, 160, 180}};
    static const b_run slow[] = {{10, 250}};
    static const b_chunks pairs[] = {{1, 2, 1}};
    for (int i = 0; i < 2; i++) {
        b_buf b = {0};
        b_track tracks[2];
        reel_plan *plan = NULL;
        for (int k = 0; k < 2; k++)
            tracks[k] = (b_track){.stts = slow, .stts_n = 1, .stsc = pairs, .stsc_n = 1, .sizes = sizes10,
                                  .samples = 10,
                                  .chunks = i ? apart[k] : turns[k], .chunk_n = 5};
        b_film(&b, &(b_movie){.track = tracks, .tracks = 2, .media_size = 200});
        reel_movie *a = open_memory(b.data, b.size);
        assert_int_equal(reel_write_progressive(a, NULL, &plan, NULL), REEL_OK);
        assert_in_range(reel_plan_count(plan), i ? 5 : 3, i ? 12 : 3);
        made m = made_of(plan);
        check_progressive(a, &m);
        made_done(&m);
        reel_close(&a);
        b_free(&b);
    }
}

/* ---- concat ----------------------------------------------------------------------------------------------- */

/* Each film is shown as it is alone, from where the one before it ends. */
static void check_concat(const reel_movie *const *movies, size_t n, made *m)
{
    int64_t begin = 0;
    for (size_t k = 0; k < n; k++) {
        int64_t length, longest = 0;
        for (size_t i = 0; i < reel_movie_track_count(movies[k]); i++) {
            const reel_track *t = reel_movie_track(movies[k], i), *u = reel_movie_track(m->movie, i);
            assert_int_equal(reel_track_presentation_duration(t, &length, NULL), REEL_OK);
            longest = length > longest ? length : longest;
            for (int64_t at = 0; at < length; at += 7) {
                reel_sample x = {0}, y = {0};
                bool is = shown(t, at, &x);
                assert_int_equal(shown(u, begin + at, &y), is);
                if (is)
                    same_bytes(t, &x, u, &y);
            }
        }
        begin += longest;
    }
}

static void test_concat(void **state)
{
    (void)state;
    static const b_edit late[] = {{120, -1, 0x10000}, {0, 40, 0x10000}};
    const b_track one[] = {track_with(NULL, 0), track_with(late, 2)}, two[] = {track_with(late, 2),
                                                                               track_with(NULL, 0)};
    b_buf a = {0}, b = {0};
    reel_plan *plan = NULL;
    b_film(&a, &(b_movie){.track = one, .tracks = 2, .media_size = 100});
    b_film(&b, &(b_movie){.track = two, .tracks = 2, .media_size = 100, .moov_last = true});
    reel_movie *x = open_memory(a.data, a.size), *y = open_memory(b.data, b.size);
    const reel_movie *const movies[] = {x, y, x, x, y};
    for (size_t n = 1; n <= 5; n++) {
        assert_int_equal(reel_write_concat(movies, n, NULL, &plan, NULL), REEL_OK);
        made m = made_of(plan);
        check_concat(movies, n, &m);
        assert_int_equal(count_of(reel_movie_track(m.movie, 0)), 10 * n);
        made_done(&m);
    }
    reel_close(&x);
    reel_close(&y);
    b_free(&a);
    b_free(&b);
}

/*
 * Between a video and the film behind it, which begins when the sound is over, there was an empty edit: who knows one edit
 * only showed all behind it too early.
 */
static void test_concat_last_picture_stands(void **state)
{
    (void)state;
    static const b_run sound[] = {{10, 100}};
    b_track tracks[] = {small_track, small_track};
    tracks[1].handler = "soun";
    tracks[1].stts = sound;
    b_buf b = {0};
    reel_plan *plan = NULL;
    b_film(&b, &(b_movie){.track = tracks, .tracks = 2, .media_size = 100});
    reel_movie *x = open_memory(b.data, b.size);
    const reel_movie *const movies[] = {x, x, x};
    assert_int_equal(reel_write_concat(movies, 3, NULL, &plan, NULL), REEL_OK);
    made m = made_of(plan);
    const reel_track *video = reel_movie_track(m.movie, 0);
    assert_true(reel_track_edit_count(video) <= 1);
    assert_int_equal(sample_of(video, 9).duration, 640);
    assert_int_equal(sample_of(video, 10).dts, 1000);
    assert_int_equal(sample_of(video, 20).dts, 2000);
    made_done(&m);
    reel_close(&x);
    b_free(&b);
}

static void refuse_concat(const b_buf *a, const b_buf *b, const char *what)
{
    reel_movie *x = open_memory(a->data, a->size), *y = open_memory(b->data, b->size);
    const reel_movie *const movies[] = {x, y};
    reel_plan *plan = NULL;
    reel_error err = {0};
    assert_int_equal(reel_write_concat(movies, 2, NULL, &plan, &err), REEL_E_CONFIG);
    assert_string_equal(err.text, what);
    assert_null(plan);
    reel_close(&x);
    reel_close(&y);
}

static void test_concat_differs(void **state)
{
    (void)state;
    b_buf a = {0}, b = {0}, entry = {0};
    b_track track = small_track;
    small_plain(&a);
    track.timescale = 999;
    b_film(&b, &(b_movie){.track = &track, .tracks = 1, .media_size = 100});
    refuse_concat(&a, &b,
                  "track 1 (video) of film 2 cannot follow track 1 of the first: its timescale is 999, not 1000");
    b_clear(&b);
    const b_track pair[] = {small_track, small_track};
    b_film(&b, &(b_movie){.track = pair, .tracks = 2, .media_size = 100});
    refuse_concat(&a, &b, "film 2 has 2 tracks, the first has 1");
    b_clear(&b);
    b_video(&entry, "hvc1", 64, 48);
    b_end(&entry);
    track = small_track;
    track.entries = &entry;
    b_film(&b, &(b_movie){.track = &track, .tracks = 1, .media_size = 100});
    refuse_concat(&a, &b, "track 1 (video) of film 2 cannot follow track 1 of the first: it is hvc1, not avc1.64000a");
    b_free(&entry);
    b_free(&a);
    b_free(&b);
}

/* Rates that an encoder has measured are no difference. */
static void test_concat_rates(void **state)
{
    (void)state;
    b_buf film[2] = {{0}}, entry = {0};
    reel_movie *movie[2];
    reel_plan *plan = NULL;
    for (uint32_t i = 0; i < 2; i++) {
        b_track track = small_track;
        b_clear(&entry);
        b_video(&entry, "vp09", 64, 48);
        b_box(&entry, "btrt");
        b_u32(&entry, i);
        b_u64(&entry, i + 7);
        b_end(&entry);
        b_end(&entry);
        track.entries = &entry;
        b_film(&film[i], &(b_movie){.track = &track, .tracks = 1, .media_size = 100});
        movie[i] = open_memory(film[i].data, film[i].size);
    }
    const reel_movie *const movies[] = {movie[0], movie[1]};
    assert_int_equal(reel_write_concat(movies, 2, NULL, &plan, NULL), REEL_OK);
    reel_plan_close(&plan);
    for (uint32_t i = 0; i < 2; i++) {
        reel_close(&movie[i]);
        b_free(&film[i]);
    }
    b_free(&entry);
}

/* ---- no memory -------------------------------------------------------------------------------------------- */

typedef int (*operation)(const reel_movie *movie, const reel_write_options *options, reel_plan **out, reel_error *err);

static int concat_itself(const reel_movie *movie, const reel_write_options *options, reel_plan **out, reel_error *err)
{
    const reel_movie *const movies[] = {movie, movie};
    return reel_write_concat(movies, 2, options, out, err);
}

static int repair_it(const reel_movie *movie, const reel_write_options *options, reel_plan **out, reel_error *err)
{
    return reel_write_repair(reel_movie_source(movie), NULL, options, NULL, out, err);
}

static int cut_some(const reel_movie *movie, const reel_write_options *options, reel_plan **out, reel_error *err)
{
    const reel_cut cut = {sizeof cut, 100, 300, 1000, REEL_CUT_EXACT};
    return reel_write_cut(movie, &cut, options, out, err);
}

static void test_no_memory(void **state)
{
    (void)state;
    static const operation operations[] = {reel_write_faststart, reel_write_progressive, cut_some, concat_itself,
                                           repair_it};
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        b_buf b = {0};
        film_last(&b, 0);
        reel_movie *a = open_memory(b.data, b.size);
        int code = REEL_E_NOMEM;
        for (long n = 0; code != REEL_OK; n++) {
            purse u = {.left = n};
            reel_allocator alloc = purse_of(&u);
            reel_write_options options = {.sizeof_options = sizeof options, .alloc = &alloc};
            reel_plan *plan = NULL;
            reel_error err = {0};
            code = operations[i](a, &options, &plan, &err);
            assert_true(code == REEL_OK ? plan != NULL : plan == NULL);
            if (code != REEL_OK) {
                assert_int_equal(code, REEL_E_NOMEM);
                assert_int_equal(err.code, REEL_E_NOMEM);
            }
            reel_plan_close(&plan);
            assert_int_equal(u.out, 0);
            assert_true(n < 1000);
        }
        reel_close(&a);
        b_free(&b);
    }
}

/* ---- hostile ---------------------------------------------------------------------------------------------- */

/* What comes of a damaged film can be opened, or there is an error with a sentence. */
static void try_all(const b_buf *b)
{
    static const operation operations[] = {reel_write_faststart, reel_write_progressive, cut_some, concat_itself,
                                           repair_it};
    reel_source *source;
    reel_movie *a = NULL;
    assert_int_equal(reel_source_memory(b->data, b->size, NULL, NULL, &source), REEL_OK);
    int opened = reel_open(source, NULL, &a, NULL);
    reel_source_unref(&source);
    for (size_t i = 0; opened == REEL_OK && i < sizeof operations / sizeof *operations; i++) {
        reel_plan *plan = NULL;
        reel_error err = {0};
        int code = operations[i](a, NULL, &plan, &err);
        if (code == REEL_OK && i > 0) {
            made m = made_of(plan);
            made_done(&m);
        } else if (code == REEL_OK) {
            reel_plan_close(&plan);
        } else {
            assert_true(code < 0 && err.code == code && err.text[0]);
        }
    }
    reel_close(&a);
}

static void test_damaged(void **state)
{
    (void)state;
    uint64_t dice = 7;
    for (uint64_t seed = 0; seed < 300; seed++) {
        b_buf b = {0};
        truth known;
        random_film(&b, &known, seed, (unsigned)random_kinds(seed));
        for (int k = 0; k < 8; k++) {
            size_t at = b_below(&dice, (uint32_t)b.size);
            uint8_t was = b.data[at];
            b.data[at] = (uint8_t)b_random(&dice);
            try_all(&b);
            b.data[at] = was;
        }
        size_t size = b.size;
        b.size = b_below(&dice, (uint32_t)size);
        if (b.size)
            try_all(&b);
        b.size = size;
        truth_free(&known);
        b_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_progressive_random), cmocka_unit_test(test_cut_random),
        cmocka_unit_test(test_faststart_random),   cmocka_unit_test(test_cut_edits),
        cmocka_unit_test(test_cut_calls),          cmocka_unit_test(test_cut_start),
        cmocka_unit_test(test_encrypted),          cmocka_unit_test(test_cut_chapters),
        cmocka_unit_test(test_cut_groups),
        cmocka_unit_test(test_faststart_space),    cmocka_unit_test(test_faststart_as_it_is),
        cmocka_unit_test(test_faststart_crosses_4_gib), cmocka_unit_test(test_beyond_4_gib),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_concat), cmocka_unit_test(test_concat_last_picture_stands), cmocka_unit_test(test_concat_differs),
        cmocka_unit_test(test_concat_rates),
        cmocka_unit_test(test_no_memory),          cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
