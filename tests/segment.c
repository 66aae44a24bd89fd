/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segments of random films: together they are the film. Every sample of every track is in one segment, in order, with its
 * bytes and times; each segment is found by its name and by each of its times; plans are the same from any byte on; and
 * where memory runs out nothing is left behind. Faces src/write/segmenter.c, segment.c, moof.c, init.c, plan.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include <cmocka.h>

#include "made.h"
#include "random.h"

enum { MOST_TRACKS = 8 };

static const unsigned kinds[] = {RANDOM_TABLES, RANDOM_FRAGMENTS, RANDOM_TABLES | RANDOM_FRAGMENTS};

typedef struct film {
    b_buf b;
    truth t;
    reel_source *source;
    reel_movie *movie;
    const reel_track *track[MOST_TRACKS];
    size_t tracks;
} film;

static uint64_t seed_now;

static void open_bytes(film *f)
{
    assert_int_equal(reel_source_memory(f->b.data, f->b.size, NULL, NULL, &f->source), REEL_OK);
    assert_int_equal(reel_open(f->source, NULL, &f->movie, NULL), REEL_OK);
    for (size_t i = 0; i < reel_movie_track_count(f->movie) && f->tracks < MOST_TRACKS; i++)
        if (reel_track_streams(reel_movie_track(f->movie, i)))
            f->track[f->tracks++] = reel_movie_track(f->movie, i);
}

static film random_one(uint64_t seed, unsigned of_kinds)
{
    film f = {.tracks = 0};
    seed_now = seed;
    random_film(&f.b, &f.t, seed, of_kinds);
    open_bytes(&f);
    return f;
}

static void done(film *f)
{
    reel_close(&f->movie);
    reel_source_unref(&f->source);
    truth_free(&f->t);
    b_free(&f->b);
}

static void ok(const char *what, int code, const reel_error *err)
{
    if (code != REEL_OK)
        fail_msg("seed %llu, %s: %s: %s", (unsigned long long)seed_now, what, reel_code_name(code), err->text);
}

static void append(b_buf *b, reel_plan *plan)
{
    reel_error err;
    size_t size = (size_t)reel_plan_size(plan);
    uint8_t *bytes = malloc(size + 1);
    ok("read", reel_plan_read(plan, 0, bytes, size, &err), &err);
    b_bytes(b, bytes, size);
    free(bytes);
}

/* ---- the segments cover the film -------------------------------------------------------------------------------- */

static void check_portions(const film *f, const reel_segmenter *s, const reel_segment *segment, uint64_t *at)
{
    for (size_t i = 0; i < f->tracks; i++) {
        reel_portion p;
        reel_error err;
        int code = reel_segment_portion(s, segment, f->track[i], &p, &err);
        if (code == REEL_END)
            continue;
        ok("portion", code, &err);
        if (p.first != at[i] || p.end <= p.first)
            fail_msg("seed %llu: track %zu goes on at %llu, not %llu", (unsigned long long)seed_now, i,
                     (unsigned long long)p.first, (unsigned long long)at[i]);
        at[i] = p.end;
    }
}

/* Sync samples are shown in the order in which they are decoded: anything else is no video. */
static bool is_sane(const film *f)
{
    for (size_t i = 0; i < f->tracks; i++) {
        int64_t last = INT64_MIN, dts = INT64_MIN;
        reel_cursor c;
        reel_sample x;
        reel_cursor_init(&c, f->track[i]);
        while (reel_cursor_next(&c, &x, NULL) == REEL_OK) {
            bool sync = x.flags & REEL_SAMPLE_SYNC;
            if (x.dts < dts || (sync && x.pts <= last))
                return false;
            dts = x.dts;
            last = sync ? x.pts : last;
        }
    }
    return true;
}

/* All segments, in order. */
static void check_cover(const film *f, const reel_segmenter *s)
{
    uint64_t at[MOST_TRACKS] = {0}, first = 0, count;
    reel_segment x;
    reel_error err;
    int code = reel_segmenter_at(s, INT64_MIN, &x, &err);
    for (; code == REEL_OK; code = reel_segmenter_next(s, &x, &x, &err)) {
        assert_int_equal(x.first, first);
        assert_true(x.end > x.first);
        check_portions(f, s, &x, at);
        first = x.end;
    }
    assert_int_equal(code, REEL_END);
    assert_int_equal(first, s->samples);
    for (size_t i = 0; i < f->tracks; i++) {
        assert_int_equal(reel_track_sample_count(f->track[i], &count, NULL), REEL_OK);
        assert_int_equal(at[i], count);
    }
}

/* ---- what is sent is the film ----------------------------------------------------------------------------------- */

static void stream(const film *f, const reel_segmenter *s, const reel_track *const *tracks, size_t n, b_buf *out)
{
    reel_plan *plan;
    reel_segment x;
    reel_error err;
    ok("init", reel_stream_init(tracks, n, NULL, &plan, &err), &err);
    append(out, plan);
    reel_plan_close(&plan);
    int code = reel_segmenter_at(s, INT64_MIN, &x, &err);
    for (; code == REEL_OK; code = reel_segmenter_next(s, &x, &x, &err)) {
        code = reel_stream_segment(s, &x, tracks, n, NULL, &plan, &err);
        if (code == REEL_END)
            continue;
        ok("segment", code, &err);
        append(out, plan);
        reel_plan_close(&plan);
    }
    (void)f;
}

static void same_samples(const film *f, const reel_track *a, const film *g, const reel_track *b)
{
    reel_cursor ca, cb;
    reel_sample x, y;
    reel_cursor_init(&ca, a);
    reel_cursor_init(&cb, b);
    for (uint64_t i = 0;; i++) {
        int got = reel_cursor_next(&ca, &x, NULL), same = reel_cursor_next(&cb, &y, NULL);
        if (got != same)
            fail_msg("seed %llu: sample %llu: %s, not %s", (unsigned long long)seed_now, (unsigned long long)i,
                     reel_code_name(same), reel_code_name(got));
        if (got != REEL_OK)
            return;
        if (x.size != y.size || x.dts != y.dts || x.pts != y.pts || x.duration != y.duration ||
            x.description != y.description || (x.flags ^ y.flags) & (REEL_SAMPLE_SYNC | REEL_SAMPLE_DISPOSABLE))
            fail_msg("seed %llu: sample %llu is another: dts %lld pts %lld size %u duration %u flags %x, not %lld %lld %u %u %x",
                     (unsigned long long)seed_now, (unsigned long long)i, (long long)y.dts, (long long)y.pts, y.size,
                     y.duration, y.flags, (long long)x.dts, (long long)x.pts, x.size, x.duration, x.flags);
        assert_memory_equal(f->b.data + x.offset, g->b.data + y.offset, x.size);
    }
}

static void check_stream(const film *f, const reel_segmenter *s, const reel_track *const *tracks, size_t n)
{
    film g = {.tracks = 0};
    stream(f, s, tracks, n, &g.b);
    open_bytes(&g);
    assert_int_equal(reel_movie_track_count(g.movie), n);
    reel_error w;
    if (reel_movie_warning(g.movie, 0, &w) == REEL_OK && w.code != REEL_E_CONFIG) /* sound whose entry is a picture's */
        fail_msg("seed %llu: %s (%s)", (unsigned long long)seed_now, w.text, w.path);
    for (size_t i = 0; i < n; i++)
        same_samples(f, tracks[i], &g, reel_movie_track_by_id(g.movie, reel_track_id(tracks[i])));
    done(&g);
}

/* Samples may lie on each other in random films, or nowhere; streams refuse to write more than there is. */
static bool too_large(const film *f)
{
    uint64_t all = 0;
    for (size_t i = 0; i < f->t.tracks; i++)
        for (size_t k = 0; k < f->t.track[i].count; k++)
            all += f->t.track[i].sample[k].offset > f->b.size ? UINT32_MAX : f->t.track[i].sample[k].size;
    return all > f->b.size;
}

static void check_bytes(const film *f, uint64_t dice)
{
    for (size_t i = 0; i < f->t.tracks; i++) {
        const truth_track *t = &f->t.track[i];
        uint32_t n = (uint32_t)t->count, from = b_below(&dice, n + 1), to = from + b_below(&dice, n - from + 1);
        uint64_t sum = 0, bytes = 0;
        for (uint32_t k = from; k < to; k++)
            sum += t->sample[k].size;
        assert_int_equal(reel_track_bytes(reel_movie_track(f->movie, i), from, to, &bytes, NULL), REEL_OK);
        assert_int_equal(bytes, sum);
        assert_int_equal(reel_track_bytes(reel_movie_track(f->movie, i), 0, n + 1, &bytes, NULL), REEL_E_RANGE);
    }
}

static void test_segments_are_the_film(void **state)
{
    static const uint32_t lengths[] = {1, 30, 400, 6000};
    (void)state;
    int streamed = 0;
    for (uint64_t seed = 0; seed < 240; seed++) {
        film f = random_one(seed, kinds[seed % 3]);
        reel_segmenter s;
        int code = reel_segmenter_init(&s, f.movie, lengths[seed % 4], NULL);
        assert_int_equal(code, f.tracks ? REEL_OK : REEL_E_NOT_FOUND);
        check_bytes(&f, seed);
        if (f.tracks && !too_large(&f)) {
            bool sane = is_sane(&f);
            const reel_track *one = s.reference;
            if (sane)
                check_cover(&f, &s);
            check_stream(&f, &s, sane ? f.track : &one, sane ? f.tracks : 1);
            streamed += sane;
        }
        done(&f);
    }
    assert_true(streamed > 20);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* 300 frames of 40 ms with a sync sample at each of 10 to 40 frames, two B frames, the first shown at once by an edit. */
typedef struct regular {
    uint32_t stss[40], sizes[300];
    b_run ctts[300];
    b_edit edit;
    b_track track[2];
} regular;

static void regular_film(film *f, regular *r, uint64_t seed)
{
    static const uint64_t chunks[] = {0}, sound[] = {100000};
    static const b_run video[] = {{300, 40}}, audio[] = {{600, 1024}};
    static const b_chunks all[] = {{1, 300, 1}}, all_sound[] = {{1, 600, 1}};
    uint32_t n = 0;
    memset(r, 0, sizeof *r);
    /* I, and then P B B: P is shown two frames later than decoded, B one earlier; all of it two frames later again */
    for (uint32_t at = 0, length; at < 300; at += length) {
        length = 10 + 3 * b_below(&seed, 11);
        r->stss[n++] = at + 1;
        for (uint32_t k = 0; k < length && at + k < 300; k++)
            r->ctts[at + k] = (b_run){1, k == 0 ? 80 : k % 3 == 1 ? 160 : 40};
    }
    for (uint32_t i = 0; i < 300; i++)
        r->sizes[i] = 1 + b_below(&seed, 300);
    r->edit = (b_edit){0, 80, 0x10000};
    r->track[0] = (b_track){.timescale = 1000, .stts = video, .stts_n = 1, .ctts = r->ctts, .ctts_n = 300, .stsc = all,
                            .stsc_n = 1, .samples = 300, .sizes = r->sizes, .chunks = chunks, .chunk_n = 1,
                            .stss = r->stss, .stss_n = n, .edits = &r->edit, .edit_n = 1};
    r->track[1] = (b_track){.timescale = 48000, .handler = "soun", .stts = audio, .stts_n = 1, .stsc = all_sound,
                            .stsc_n = 1, .samples = 600, .uniform_size = 50, .chunks = sound, .chunk_n = 1};
    b_film(&f->b, &(b_movie){.timescale = 1000, .track = r->track, .tracks = 2, .media_size = 130000});
    open_bytes(f);
}

static void check_names(const film *f, const reel_segmenter *s)
{
    reel_segment x, y;
    reel_portion p;
    for (int code = reel_segmenter_at(s, INT64_MIN, &x, NULL); code == REEL_OK; code = reel_segmenter_next(s, &x, &x, NULL)) {
        for (size_t i = 0; i < f->tracks; i++) {
            if (reel_segment_portion(s, &x, f->track[i], &p, NULL) != REEL_OK)
                continue;
            assert_int_equal(reel_segment_named(s, f->track[i], p.time, &y, NULL), REEL_OK);
            assert_int_equal(y.first, x.first);
            assert_int_equal(reel_segment_named(s, f->track[i], p.time + 1, &y, NULL), REEL_E_RANGE);
        }
        for (int64_t t = x.time; t < x.time + x.duration; t += 17) {
            assert_int_equal(reel_segmenter_at(s, t, &y, NULL), REEL_OK);
            assert_int_equal(y.first, x.first);
            assert_int_equal(y.end, x.end);
            assert_int_equal(y.duration, x.duration);
        }
        if (x.number)
            assert_true(x.time >= (int64_t)x.number * s->target);
    }
}

static void test_names_lead_back(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        film f = {.tracks = 0};
        regular r;
        reel_segmenter s;
        regular_film(&f, &r, seed);
        assert_int_equal(f.tracks, 2);
        for (uint32_t ms = 100; ms < 5000; ms += 611) {
            assert_int_equal(reel_segmenter_init(&s, f.movie, ms, NULL), REEL_OK);
            check_names(&f, &s);
            check_cover(&f, &s);
        }
        check_stream(&f, &s, f.track, 2);
        check_stream(&f, &s, f.track + 1, 1);
        done(&f);
    }
}

/* ---- plans -------------------------------------------------------------------------------------------------------- */

static int take(void *user, const uint8_t *data, size_t size)
{
    b_bytes(user, data, size);
    return REEL_OK;
}

static void check_slice(const reel_plan *plan, const b_buf *whole, uint64_t at, uint64_t end)
{
    b_buf got = {0}, vec = {0};
    struct iovec iov[3];
    size_t n = 3;
    uint64_t covered;
    assert_int_equal(reel_plan_run(plan, at, end, take, &got, NULL), REEL_OK);
    assert_int_equal(got.size, end - at);
    assert_memory_equal(got.data, whole->data + at, got.size);
    for (uint64_t p = at; reel_plan_iovecs(plan, p, end, iov, &n, &covered) == REEL_OK; p += covered, n = 3)
        for (size_t i = 0; i < n; i++)
            b_bytes(&vec, iov[i].iov_base, iov[i].iov_len);
    assert_int_equal(vec.size, got.size);
    assert_memory_equal(vec.data, got.data, got.size);
    FILE *f = tmpfile();
    assert_int_equal(reel_plan_write(plan, at, end, fileno(f), NULL, NULL, NULL, NULL), REEL_OK);
    assert_int_equal(fread(vec.data, 1, vec.size, (rewind(f), f)), got.size);
    assert_memory_equal(vec.data, got.data, got.size);
    fclose(f);
    b_free(&got);
    b_free(&vec);
}

static void test_plans_from_any_byte(void **state)
{
    (void)state;
    film f = {.tracks = 0};
    regular r;
    reel_segmenter s;
    reel_segment x;
    reel_plan *plan;
    b_buf whole = {0};
    uint64_t dice = 7;
    regular_film(&f, &r, 3);
    assert_int_equal(reel_segmenter_init(&s, f.movie, 1000, NULL), REEL_OK);
    assert_int_equal(reel_segmenter_at(&s, 3000, &x, NULL), REEL_OK);
    assert_int_equal(reel_stream_segment(&s, &x, f.track, 2, NULL, &plan, NULL), REEL_OK);
    append(&whole, plan);
    assert_int_equal(reel_plan_count(plan), 3); /* a header, and one stretch of each track */
    for (int i = 0; i < 200; i++) {
        uint32_t size = (uint32_t)whole.size, at = b_below(&dice, size), n = b_below(&dice, size - at) + 1;
        check_slice(plan, &whole, at, at + n);
    }
    reel_piece p;
    assert_int_equal(reel_plan_piece(plan, whole.size, UINT64_MAX, &p), REEL_END);
    assert_int_equal(reel_plan_piece(plan, 5, 5, &p), REEL_END);
    assert_int_equal(reel_plan_read(plan, whole.size - 1, &p, 2, NULL), REEL_E_TRUNCATED);
    assert_ptr_equal(reel_plan_source(plan, 0), f.source);
    assert_null(reel_plan_source(plan, 1));
    reel_plan_close(&plan);
    assert_null(plan);
    b_free(&whole);
    done(&f);
}

/* ---- memory ------------------------------------------------------------------------------------------------------- */

static int try_all(const film *f, const reel_segmenter *s, const reel_segment *x, const reel_allocator *a)
{
    reel_plan *plan = NULL;
    int code = reel_stream_init(f->track, f->tracks, a, &plan, NULL);
    reel_plan_close(&plan);
    if (code == REEL_OK)
        code = reel_stream_segment(s, x, f->track, f->tracks, a, &plan, NULL);
    reel_plan_close(&plan);
    if (code == REEL_OK)
        code = reel_stream_samples(f->track[1], 5, 9, 1, a, &plan, NULL);
    reel_plan_close(&plan);
    return code;
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    film f = {.tracks = 0};
    regular r;
    reel_segmenter s;
    reel_segment x;
    regular_film(&f, &r, 9);
    assert_int_equal(reel_segmenter_init(&s, f.movie, 2000, NULL), REEL_OK);
    assert_int_equal(reel_segmenter_at(&s, 2000, &x, NULL), REEL_OK);
    for (long n = 0;; n++) {
        purse u = {n, 0};
        reel_allocator a = purse_of(&u);
        int code = try_all(&f, &s, &x, &a);
        assert_int_equal(u.out, 0);
        if (code == REEL_OK) {
            assert_true(n > 5 && n < 60);
            break;
        }
        assert_int_equal(code, REEL_E_NOMEM);
    }
    done(&f);
}

/* The segments as one file had no index: who seeks in it had to read the head of each fragment. */
static void test_one_file_with_an_index(void **state)
{
    (void)state;
    film f = {.tracks = 0};
    regular r;
    reel_segmenter s;
    regular_film(&f, &r, 9);
    assert_int_equal(reel_segmenter_init(&s, f.movie, 2000, NULL), REEL_OK);
    int code = REEL_E_NOMEM;
    for (long n = 0; code != REEL_OK; n++) {
        purse u = {n, 0};
        reel_allocator a = purse_of(&u);
        reel_plan *plan = NULL;
        reel_movie_info info;
        code = reel_stream_fragmented(&s, f.track, f.tracks, &a, &plan, NULL);
        if (code == REEL_OK) {
            made m = made_with(plan, REEL_OPEN_STRICT);
            reel_movie_get_info(m.movie, &info);
            assert_true(info.has_sidx && info.fragmented);
            for (size_t i = 0; i < f.tracks; i++) {
                const reel_track *t = reel_movie_track_by_id(m.movie, reel_track_id(f.track[i]));
                assert_int_equal(count_of(t), count_of(f.track[i]));
                for (uint64_t k = 0; k < count_of(t); k++) {
                    reel_sample x = sample_of(f.track[i], k), y = sample_of(t, k);
                    same_bytes(f.track[i], &x, t, &y);
                    assert_int_equal(x.pts, y.pts);
                }
            }
            made_done(&m);
        }
        assert_true(code == REEL_OK || code == REEL_E_NOMEM);
        assert_int_equal(u.out, 0);
        assert_true(n < 500);
    }
    done(&f);
}

/* A film that says its samples all lie on the same bytes must not become a terabyte. */
static void test_samples_on_each_other(void **state)
{
    (void)state;
    static const uint64_t chunks[] = {0};
    static const b_run stts[] = {{100000, 1}};
    static const b_chunks stsc[] = {{1, 100000, 1}};
    b_track t = {.stts = stts, .stts_n = 1, .stsc = stsc, .stsc_n = 1, .samples = 100000, .uniform_size = 100000,
                 .chunks = chunks, .chunk_n = 1};
    film f = {.tracks = 0};
    reel_segmenter s;
    reel_segment x;
    reel_plan *plan;
    reel_error err;
    b_film(&f.b, &(b_movie){.track = &t, .tracks = 1, .media_size = 1000});
    open_bytes(&f);
    assert_int_equal(reel_segmenter_init(&s, f.movie, 3600000, NULL), REEL_OK);
    assert_int_equal(reel_segmenter_at(&s, 0, &x, NULL), REEL_OK);
    assert_int_equal(reel_stream_segment(&s, &x, f.track, 1, NULL, &plan, &err), REEL_E_TABLE);
    assert_non_null(strstr(err.text, "it is cut short, or they lie on each other"));
    done(&f);
}

/* Found by the fuzzers' old inputs: a billion samples of no bytes kept a segment busy for half a minute. */
static void test_a_billion_samples_without_bytes(void **state)
{
    (void)state;
    static const uint64_t chunks[] = {0};
    static const b_run stts[] = {{1000000000, 0}};
    static const b_chunks stsc[] = {{1, 1000000000, 1}};
    b_track t = {.stts = stts, .stts_n = 1, .stsc = stsc, .stsc_n = 1, .samples = 1000000000, .uniform_size = 1, .chunks = chunks, .chunk_n = 1};
    film f = {.tracks = 0};
    reel_segmenter s;
    reel_segment x;
    reel_plan *plan;
    reel_error err;
    b_film(&f.b, &(b_movie){.track = &t, .tracks = 1, .media_size = 1000});
    open_bytes(&f);
    const reel_track *track = reel_movie_track(f.movie, 0);
    ok("segmenter", reel_segmenter_init(&s, f.movie, 6000, &err), &err);
    assert_int_equal(reel_segmenter_at(&s, 0, &x, NULL), REEL_OK);
    assert_true(x.end - x.first > 4194304 || reel_segmenter_next(&s, &x, &x, NULL) == REEL_OK);
    assert_int_equal(reel_stream_samples(track, 0, 1000000000, 1, NULL, &plan, &err), REEL_E_RANGE);
    assert_string_equal(err.text, "1000000000 samples are too many for a segment");
    done(&f);
}

/*
 * Playlists named segments that were then an error, since a chunk of them lay behind the end of the file. What can be had
 * of it comes, each stretch with its own time; where nothing can, that is said.
 */
static void test_what_can_be_had(void **state)
{
    (void)state;
    enum { SIZE = 100, SAMPLES = 8 };
    static const uint64_t chunks[] = {0, 200, 100000, 400};
    static const b_run stts[] = {{SAMPLES, 10}};
    static const b_chunks stsc[] = {{1, 2, 1}};
    static const int64_t left[] = {0, 10, 20, 30, 60, 70};
    b_track t = {.stts = stts, .stts_n = 1, .stsc = stsc, .stsc_n = 1, .samples = SAMPLES, .uniform_size = SIZE, .chunks = chunks, .chunk_n = 4};
    film f = {.tracks = 0}, part = {.tracks = 0};
    reel_segmenter s;
    reel_segment x;
    reel_plan *plan;
    reel_error err;
    reel_sample sample;
    b_film(&f.b, &(b_movie){.track = &t, .tracks = 1, .media_size = 600});
    open_bytes(&f);
    ok("segmenter", reel_segmenter_init(&s, f.movie, 6000, &err), &err);
    ok("segment", reel_segmenter_at(&s, 0, &x, &err), &err);
    assert_int_equal(reel_stream_segment(&s, &x, f.track, 1, NULL, &plan, &err), REEL_E_TRUNCATED);
    s.flags = REEL_SEGMENTER_READABLE;
    stream(&f, &s, f.track, 1, &part.b);
    open_bytes(&part);
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        ok("sample", reel_track_sample(part.track[0], i, &sample, &err), &err);
        assert_int_equal(sample.dts, left[i]);
        assert_int_equal(sample.size, SIZE);
    }
    assert_int_equal(reel_track_sample(part.track[0], sizeof left / sizeof *left, &sample, NULL), REEL_E_RANGE);
    x.first = 4;
    x.end = 6;
    assert_int_equal(reel_stream_segment(&s, &x, f.track, 1, NULL, &plan, &err), REEL_E_TRUNCATED);
    assert_string_equal(err.text, "none of the 2 samples of this segment lies in the file");
    done(&part);
    done(&f);
}

/* ---- encrypted ---- */

enum { SECRETS = 150000, SECRET = 4 };

/* cbcs: a constant vector, and a pattern. */
static void put_secret_entry(b_buf *b, bool cbcs)
{
    b_video(b, "encv", 64, 48);
    b_box(b, "sinf");
    b_box(b, "frma");
    b_text(b, "avc1");
    b_end(b);
    b_full(b, "schm", 0, 0);
    b_text(b, cbcs ? "cbcs" : "cenc");
    b_u32(b, 0x10000);
    b_end(b);
    b_box(b, "schi");
    b_full(b, "tenc", cbcs, 0);
    b_u8(b, 0);
    b_u8(b, cbcs ? 0x19 : 0);
    b_u8(b, 1);
    b_u8(b, cbcs ? 0 : 8);
    b_fill(b, 0x11, 16);
    if (cbcs) {
        b_u8(b, 16);
        b_fill(b, 0x22, 16);
    }
    b_end(b);
    b_end(b);
    b_end(b);
    b_end(b);
}

static uint32_t parts_of(uint32_t i) { return 1 + i * 7 % 3; }

static void put_secret(b_buf *b, bool cbcs, uint32_t i)
{
    if (!cbcs)
        b_u64(b, i);
    b_u16(b, parts_of(i));
    for (uint32_t k = 0; k < parts_of(i); k++) {
        b_u16(b, k);
        b_u32(b, i);
    }
}

/* In senc, or in mdat behind the samples, with saiz and saio. */
static void secret_film(film *f, bool cbcs, bool senc)
{
    static const b_run stts[] = {{SECRETS, 1}};
    static const b_chunks stsc[] = {{1, SECRETS, 1}};
    static const uint64_t chunk[] = {0};
    b_buf entry = {0}, more = {0}, media = {0};
    b_fill(&media, 7, SECRETS * SECRET);
    b_full(&more, senc ? "senc" : "saiz", 0, senc ? 2 : 0);
    if (!senc)
        b_u8(&more, 0);
    b_u32(&more, SECRETS);
    for (uint32_t i = 0; i < SECRETS; i++) {
        put_secret(senc ? &more : &media, cbcs, i);
        if (!senc)
            b_u8(&more, (cbcs ? 2 : 10) + 6 * parts_of(i));
    }
    b_end(&more);
    b_full(&more, senc ? "free" : "saio", 0, 0);
    b_u32(&more, 1);
    b_u32(&more, 0);
    b_end(&more);
    put_secret_entry(&entry, cbcs);
    b_track t = {.stts = stts, .stts_n = 1, .stsc = stsc, .stsc_n = 1, .samples = SECRETS, .uniform_size = SECRET,
                 .chunks = chunk, .chunk_n = 1, .entries = &entry, .more = &more};
    b_film(&f->b, &(b_movie){.track = &t, .tracks = 1, .media = media.data, .media_size = media.size});
    if (!senc)
        b_set32(&f->b, b_body(&f->b, "moov/trak/mdia/minf/stbl/saio") + 4, (uint32_t)b_media_at(&f->b) + SECRETS * SECRET);
    b_free(&entry);
    b_free(&more);
    b_free(&media);
    open_bytes(f);
}

static void check_secret(const reel_track *t, bool cbcs, uint32_t i)
{
    reel_error err;
    reel_sample s;
    reel_sample_crypto k;
    ok("sample", reel_track_sample(t, i, &s, &err), &err);
    ok("crypto", reel_track_sample_crypto(t, &s, &k, &err), &err);
    assert_int_equal(k.constant, cbcs);
    assert_int_equal(k.crypt_blocks, cbcs);
    assert_int_equal(k.iv[7], cbcs ? 0x22 : i & 0xff);
    assert_int_equal(k.iv[5], cbcs ? 0x22 : i >> 16);
    assert_int_equal(k.subsample_count, parts_of(i));
    assert_int_equal(k.subsamples[4] << 8 | k.subsamples[5], i & 0xffff);
}

/*
 * What a sample is encrypted with was looked up anew for each: it took time that grew with the square of the samples of a
 * fragment, so that segments of more than 65536 were refused. The segment has the film's records, and so has one of that.
 */
static void test_many_secrets(void **state)
{
    (void)state;
    for (unsigned form = 0; form < 4; form++) {
        const bool cbcs = form & 1, senc = form & 2;
        film f = {.tracks = 0}, once = {.tracks = 0}, twice = {.tracks = 0};
        reel_segmenter s;
        reel_error err;
        secret_film(&f, cbcs, senc);
        ok("segmenter", reel_segmenter_init(&s, f.movie, 3600000, &err), &err);
        s.flags = REEL_SEGMENTER_READABLE;
        stream(&f, &s, f.track, 1, &once.b);
        open_bytes(&once);
        for (uint32_t i = 0; i < 40; i++) {
            check_secret(f.track[0], cbcs, i * 104729 % SECRETS);
            check_secret(once.track[0], cbcs, i * 104729 % SECRETS);
        }
        ok("segmenter", reel_segmenter_init(&s, once.movie, 3600000, &err), &err);
        s.flags = REEL_SEGMENTER_READABLE;
        stream(&once, &s, once.track, 1, &twice.b);
        assert_int_equal(once.b.size, twice.b.size);
        assert_memory_equal(once.b.data, twice.b.data, once.b.size);
        b_free(&twice.b);
        done(&once);
        done(&f);
    }
}

static void test_bad_calls(void **state)
{
    (void)state;
    reel_segmenter s;
    reel_plan *plan = NULL;
    const reel_track *none = NULL;
    assert_int_equal(reel_segmenter_init(NULL, NULL, 1000, NULL), REEL_E_ARG);
    assert_int_equal(reel_segmenter_init(&s, NULL, 1000, NULL), REEL_E_ARG);
    assert_int_equal(reel_stream_init(NULL, 0, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_stream_init(&none, 1, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_stream_samples(NULL, 0, 1, 1, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_plan_new(NULL, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_plan_add_source(NULL, NULL, 0, 1, NULL), REEL_E_ARG);
    assert_int_equal(reel_plan_size(NULL), 0);
    reel_plan_close(NULL);
    reel_plan_close(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments_are_the_film), cmocka_unit_test(test_names_lead_back),
        cmocka_unit_test(test_plans_from_any_byte),   cmocka_unit_test(test_memory_runs_out),
        cmocka_unit_test(test_samples_on_each_other), cmocka_unit_test(test_a_billion_samples_without_bytes),
        cmocka_unit_test(test_what_can_be_had),       cmocka_unit_test(test_many_secrets),
        cmocka_unit_test(test_bad_calls),             cmocka_unit_test(test_one_file_with_an_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
