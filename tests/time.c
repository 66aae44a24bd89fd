/* SPDX-License-Identifier: BSD-2-Clause */
/* The time rule (docs/time.md): golden answers for crafted edit lists, and properties that hold for any list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <reel/reel.h>

/* A film of one track: tables of `samples` samples, each `delta` long, and an edit list. */
struct edit {
    uint64_t duration;
    int64_t media;
    int32_t rate;
};

struct film {
    const char *name;
    uint32_t movie_scale, track_scale, samples, delta;
    uint32_t version; /* of elst */
    int32_t offset[4]; /* composition offsets, in turn; all 0: no ctts */
    bool fragmented;   /* an mvex, and no moof yet */
    uint32_t edits;
    struct edit edit[8];
};

enum { ONE = 0x10000, HALF = 0x8000, TWO = 0x20000 };

static const struct film films[] = {
    {"none", 1000, 12800, 100, 512, 0, {0}, false, 0, {{0}}},
    {"priming", 1000, 48000, 200, 1024, 0, {0}, false, 1, {{4000, 1024, ONE}}},
    {"reordered", 1000, 12800, 100, 512, 0, {1024, 2560, 1024, 0}, false, 1, {{4000, 1024, ONE}}},
    {"reordered-negative", 1000, 12800, 100, 512, 0, {0, 1536, 0, -512}, false, 0, {{0}}},
    {"late", 1000, 12800, 100, 512, 0, {0}, false, 2, {{1500, -1, ONE}, {4000, 0, ONE}}},
    {"late-by-nothing", 600, 600, 100, 25, 0, {0}, false, 2, {{0, -1, ONE}, {2500, 0, ONE}}},
    {"several", 600, 30000, 300, 1001, 0, {0}, false, 3, {{600, 90090, ONE}, {300, 0, ONE}, {600, 90090, ONE}}},
    {"gap", 600, 30000, 300, 1001, 0, {0}, false, 3, {{600, 0, ONE}, {600, -1, ONE}, {600, 30030, ONE}}},
    {"dwell", 600, 12800, 100, 512, 0, {0}, false, 3, {{600, 0, ONE}, {1200, 12800, 0}, {600, 12800, ONE}}},
    {"rates", 600, 12800, 100, 512, 0, {0}, false, 2, {{600, 0, TWO}, {600, 25600, HALF}}},
    {"rate-third", 1000, 90000, 100, 3000, 1, {0}, false, 1, {{9000, 0, 0x5555}}},
    {"rate-negative", 600, 12800, 100, 512, 0, {0}, false, 1, {{600, 6400, -ONE}}},
    {"open", 1000, 12800, 100, 512, 0, {1024, 2560, 1024, 0}, true, 1, {{0, 1024, ONE}}},
    {"open-late", 1000, 12800, 100, 512, 1, {0}, true, 2, {{500, -1, ONE}, {0, 0, ONE}}},
    {"open-all-ones", 1000, 12800, 100, 512, 1, {0}, false, 1, {{UINT64_MAX, 512, ONE}}},
    {"open-in-the-middle", 1000, 12800, 100, 512, 0, {0}, false, 2, {{0, 512, ONE}, {2000, 1024, ONE}}},
    {"empty-without-time", 1000, 12800, 100, 512, 0, {0}, false, 1, {{0, -1, ONE}}},
    {"only-empty", 1000, 12800, 100, 512, 0, {0}, false, 1, {{1000, -1, ONE}}},
    {"dwell-without-time", 1000, 12800, 100, 512, 0, {0}, false, 1, {{0, 512, 0}}},
    {"before-the-media", 1000, 12800, 100, 512, 0, {0}, false, 1, {{4000, -512, ONE}}},
    {"past-the-media", 1000, 12800, 100, 512, 0, {0}, false, 1, {{9000, 0, ONE}}},
    {"rounding", 7, 3, 100, 1, 0, {0}, false, 5, {{1, 0, ONE}, {1, 10, ONE}, {1, 20, ONE}, {1, 30, ONE}, {3, 40, ONE}}},
    {"overflow", 1, 4294967295u, 4, 1, 1, {0}, false, 3,
     {{UINT64_C(1) << 62, 0, ONE}, {UINT64_MAX, 5, ONE}, {10, INT64_MAX - 1, TWO}}},
    {"media-overflow", 1000, 1000, 4, 1, 1, {0}, false, 1, {{1000, INT64_MAX - 10, TWO}}},
    {"no-movie-timescale", 0, 1000, 100, 10, 0, {0}, false, 1, {{500, 100, ONE}}},
};

/* ---- a small writer of boxes ------------------------------------------------------------------------------- */

struct bytes {
    uint8_t *p;
    size_t n, room;
};

static void put(struct bytes *b, uint64_t v, size_t n)
{
    if (b->n + n > b->room) {
        b->room = (b->room + n) * 2;
        b->p = realloc(b->p, b->room);
        assert_non_null(b->p);
    }
    while (n--)
        b->p[b->n++] = (uint8_t)(v >> (8 * n));
}

static size_t begin(struct bytes *b, const char *type)
{
    size_t at = b->n;
    put(b, 0, 4);
    for (int i = 0; i < 4; i++)
        put(b, (uint8_t)type[i], 1);
    return at;
}

static void end(struct bytes *b, size_t at)
{
    size_t size = b->n - at;
    for (int i = 0; i < 4; i++)
        b->p[at + (size_t)i] = (uint8_t)(size >> (24 - 8 * i));
}

static void full(struct bytes *b, const char *type, const uint64_t *words, size_t n)
{
    size_t at = begin(b, type);
    put(b, 0, 4);
    for (size_t i = 0; i < n; i++)
        put(b, words[i], 4);
    end(b, at);
}

static void put_edits(struct bytes *b, uint32_t version, uint32_t said, const struct edit *edit, uint32_t n)
{
    size_t edts = begin(b, "edts"), elst = begin(b, "elst");
    size_t wide = version == 1 ? 8 : 4;
    put(b, version, 1);
    put(b, 0, 3);
    put(b, said, 4);
    for (uint32_t i = 0; i < n; i++) {
        put(b, edit[i].duration, wide);
        put(b, (uint64_t)edit[i].media, wide);
        put(b, (uint32_t)edit[i].rate, 4);
    }
    end(b, elst);
    end(b, edts);
}

static void put_composition(struct bytes *b, const struct film *f)
{
    if (!f->offset[0] && !f->offset[1] && !f->offset[2] && !f->offset[3])
        return;
    size_t at = begin(b, "ctts");
    put(b, 0, 4);
    put(b, f->samples, 4);
    for (uint32_t i = 0; i < f->samples; i++) {
        put(b, 1, 4);
        put(b, (uint32_t)f->offset[i % 4], 4);
    }
    end(b, at);
}

static void put_media(struct bytes *b, const struct film *f)
{
    size_t mdia = begin(b, "mdia");
    full(b, "mdhd", (const uint64_t[]){0, 0, f->track_scale, (uint64_t)f->samples * f->delta & 0xffffffff, 0x55c40000}, 5);
    full(b, "hdlr", (const uint64_t[]){0, REEL_4CC('v', 'i', 'd', 'e'), 0, 0, 0}, 5);
    size_t minf = begin(b, "minf"), stbl = begin(b, "stbl");
    full(b, "stsd", (const uint64_t[]){0}, 1);
    full(b, "stts", (const uint64_t[]){1, f->samples, f->delta}, 3);
    put_composition(b, f);
    full(b, "stsc", (const uint64_t[]){1, 1, f->samples, 1}, 4);
    full(b, "stsz", (const uint64_t[]){1, f->samples}, 2);
    full(b, "stco", (const uint64_t[]){1, 0}, 2);
    end(b, stbl);
    end(b, minf);
    end(b, mdia);
}

static struct bytes make(const struct film *f, uint32_t said, const struct edit *edit, uint32_t n)
{
    struct bytes b = {NULL, 0, 0};
    size_t moov = begin(&b, "moov");
    full(&b, "mvhd", (const uint64_t[]){0, 0, f->movie_scale, 0}, 4);
    size_t trak = begin(&b, "trak");
    full(&b, "tkhd", (const uint64_t[]){0, 0, 1, 0, 0}, 5);
    if (n || said)
        put_edits(&b, f->version, said, edit, n);
    put_media(&b, f);
    end(&b, trak);
    if (f->fragmented) {
        size_t mvex = begin(&b, "mvex");
        full(&b, "trex", (const uint64_t[]){1, 1, 0, 0, 0}, 5);
        end(&b, mvex);
    }
    end(&b, moov);
    return b;
}

static void release(void *user, const void *data)
{
    (void)data;
    free(user);
}

static reel_movie *open_bytes(struct bytes b)
{
    reel_source *source;
    reel_movie *movie = NULL;
    reel_error err = {0};
    assert_int_equal(reel_source_memory(b.p, b.n, release, b.p, &source), REEL_OK);
    if (reel_open(source, NULL, &movie, &err) != REEL_OK)
        fail_msg("%s: %s", err.path, err.text);
    reel_source_unref(&source);
    return movie;
}

static reel_movie *open_film(const struct film *f) { return open_bytes(make(f, f->edits, f->edit, f->edits)); }

/* ---- golden ------------------------------------------------------------------------------------------------ */

static const char *time_text(int64_t t, char buf[32])
{
    if (t == REEL_TIME_FOREVER)
        return "forever";
    snprintf(buf, 32, "%lld", (long long)t);
    return buf;
}

static void dump_moment(FILE *out, const reel_track *track, int64_t t)
{
    static const char *const kinds[] = {"media", "empty", "dwell"};
    char a[32], b[32];
    reel_moment m;
    int code = reel_track_media_time(track, t, &m);
    if (code != REEL_OK)
        fprintf(out, "at %s: %s\n", time_text(t, a), reel_code_name(code));
    else
        fprintf(out, "at %s: edit %u %s %lld left %s\n", time_text(t, a), m.edit, kinds[m.kind], (long long)m.media_time,
                time_text(m.left, b));
}

static void dump_shown(FILE *out, const reel_track *track, int64_t media)
{
    char a[32];
    fprintf(out, "media %s:", time_text(media, a));
    int64_t t;
    int code = REEL_OK;
    for (size_t n = 0; (code = reel_track_presentation_time(track, media, n, &t)) == REEL_OK; n++)
        fprintf(out, " %s", time_text(t, a));
    fprintf(out, code == REEL_END ? "\n" : " %s\n", reel_code_name(code));
}

static void dump_explained(FILE *out, const reel_track *track, int64_t t)
{
    char buf[2048];
    int n = reel_track_explain_time(track, t, buf, sizeof buf);
    assert_true(n > 0 && (size_t)n < sizeof buf && strlen(buf) == (size_t)n);
    fprintf(out, "%s", buf);
}

static void dump(FILE *out, const reel_track *track)
{
    char a[32], b[32];
    int64_t duration, scale = reel_track_timescale(track);
    reel_edit e;
    for (size_t i = 0; reel_track_edit(track, i, &e) == REEL_OK; i++)
        fprintf(out, "edit %zu: duration %llu media %lld rate %g: %s to %s\n", i + 1,
                (unsigned long long)e.segment_duration, (long long)e.media_time, e.media_rate / 65536.0,
                time_text(e.start, a), time_text(e.end, b));
    assert_int_equal(reel_track_presentation_duration(track, &duration, NULL), REEL_OK);
    fprintf(out, "duration %s\n", time_text(duration, a));
    dump_moment(out, track, -1);
    for (size_t i = 0; reel_track_edit(track, i, &e) == REEL_OK; i++) {
        dump_moment(out, track, e.start);
        dump_moment(out, track, e.start < INT64_MAX - 3 ? e.start + 3 : e.start);
        if (e.end != REEL_TIME_FOREVER)
            dump_moment(out, track, e.end - 1);
    }
    dump_moment(out, track, duration);
    dump_moment(out, track, REEL_TIME_FOREVER);
    const int64_t media[] = {-512, 0, 512, 1024, scale, scale + 1, 2 * scale, 90090, INT64_MAX - 5};
    for (size_t i = 0; i < sizeof media / sizeof *media; i++)
        dump_shown(out, track, media[i]);
    dump_explained(out, track, scale / 2);
    dump_explained(out, track, scale + scale / 2);
}

static char *slurp(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    static char buf[16384];
    size_t n = fread(buf, 1, sizeof buf - 1, f);
    fclose(f);
    buf[n] = 0;
    return buf;
}

/* REEL_GOLDEN=write makes the files anew: look at what changed before you keep it. */
static void test_golden(void **state)
{
    (void)state;
    const char *mode = getenv("REEL_GOLDEN");
    for (size_t i = 0; i < sizeof films / sizeof *films; i++) {
        char path[128], *text = NULL;
        size_t size;
        reel_movie *movie = open_film(&films[i]);
        FILE *out = open_memstream(&text, &size);
        assert_non_null(out);
        dump(out, reel_movie_track(movie, 0));
        fclose(out);
        snprintf(path, sizeof path, "tests/golden/time/%s.txt", films[i].name);
        if (mode && !strcmp(mode, "write")) {
            FILE *f = fopen(path, "wb");
            assert_non_null(f);
            fwrite(text, 1, size, f);
            fclose(f);
        }
        char *want = slurp(path);
        if (!want || strcmp(want, text) != 0)
            fail_msg("%s differs; it is now:\n%s", path, text);
        free(text);
        reel_close(&movie);
    }
}

/* ---- properties -------------------------------------------------------------------------------------------- */

static uint64_t seed = 0x9e3779b97f4a7c15u;

static uint64_t chance(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return below ? seed % below : seed;
}

static struct edit random_edit(void)
{
    static const int32_t rates[] = {ONE, ONE, ONE, HALF, TWO, 0x5555, 0x1ffff, 1, 0};
    struct edit e = {chance(4) ? chance(5000) : 0, (int64_t)chance(100000), rates[chance(9)]};
    if (chance(5) == 0)
        e.media = -1;
    return e;
}

/* What is shown at t is shown for the first time, in that edit, at a time not after t. */
static void check_forth(const reel_track *track, int64_t t)
{
    reel_moment m, again;
    int64_t at;
    if (reel_track_media_time(track, t, &m) != REEL_OK || m.kind == REEL_EDIT_EMPTY)
        return;
    for (size_t n = 0; reel_track_presentation_time(track, m.media_time, n, &at) == REEL_OK; n++) {
        assert_int_equal(reel_track_media_time(track, at, &again), REEL_OK);
        if (again.edit != m.edit)
            continue;
        assert_true(at <= t);
        assert_int_equal(again.media_time, m.media_time);
        return;
    }
    fail_msg("media time %lld of presentation time %lld is never shown", (long long)m.media_time, (long long)t);
}

/* presentation_time gives the first tick that has reached media_time. */
static void check_back(const reel_track *track, int64_t media)
{
    int64_t at;
    for (size_t n = 0; reel_track_presentation_time(track, media, n, &at) == REEL_OK; n++) {
        reel_moment m, before;
        reel_edit e;
        assert_int_equal(reel_track_media_time(track, at, &m), REEL_OK);
        assert_true(m.media_time >= media);
        if (m.edit == 0) { /* a list that shows nothing at all is no list */
            assert_int_equal(m.media_time, media);
            continue;
        }
        assert_int_equal(reel_track_edit(track, m.edit - 1, &e), REEL_OK);
        if (e.media_rate <= ONE)
            assert_int_equal(m.media_time, media);
        if (at > e.start && reel_track_media_time(track, at - 1, &before) == REEL_OK && before.edit == m.edit)
            assert_true(before.media_time < media);
    }
}

/* Edits follow each other without a gap, and every time between them belongs to the edit that says so. */
static void check_edits(const reel_track *track)
{
    reel_edit e;
    int64_t at = 0;
    for (size_t i = 0; reel_track_edit(track, i, &e) == REEL_OK; i++) {
        reel_moment m;
        assert_int_equal(e.start, at);
        assert_true(e.end >= e.start);
        at = e.end;
        if (e.start == e.end)
            continue;
        assert_int_equal(reel_track_media_time(track, e.start, &m), REEL_OK);
        assert_int_equal(m.edit, i + 1);
        assert_int_equal(m.media_time, e.media_time);
        if (e.end == REEL_TIME_FOREVER)
            continue;
        assert_int_equal(reel_track_media_time(track, e.end - 1, &m), REEL_OK);
        assert_int_equal(m.edit, i + 1);
        assert_int_equal(m.left, 1);
    }
}

static void test_inverse(void **state)
{
    (void)state;
    static const uint32_t scales[] = {1, 3, 7, 600, 1000, 30000, 44100, 90000, 4294967295u};
    static struct edit list[300];
    for (int round = 0; round < 400; round++) {
        struct film f = {"random", scales[chance(8)], scales[chance(9)], 10, 10, (uint32_t)chance(2), {0}, false, 0, {{0}}};
        uint32_t n = 1 + (uint32_t)chance(round % 4 ? 6 : 300);
        for (uint32_t i = 0; i < n; i++)
            list[i] = random_edit();
        reel_movie *movie = open_bytes(make(&f, n, list, n));
        const reel_track *track = reel_movie_track(movie, 0);
        check_edits(track);
        int64_t duration;
        assert_int_equal(reel_track_presentation_duration(track, &duration, NULL), REEL_OK);
        for (int i = 0; i < 100; i++) {
            check_forth(track, (int64_t)chance((uint64_t)duration + 2));
            check_back(track, (int64_t)chance(110000));
        }
        reel_close(&movie);
    }
}

/* A list of 100,000 edits: any time in it is found through the running totals. */
static void test_many_edits(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    const struct film f = {"many", 600, 30000, 10, 10, 0, {0}, false, 0, {{0}}};
    struct edit *list = calloc(MANY, sizeof *list);
    assert_non_null(list);
    for (int i = 0; i < MANY; i++)
        list[i] = (struct edit){7, (int64_t)(MANY - i) * 1000, ONE};
    reel_movie *movie = open_bytes(make(&f, MANY, list, MANY));
    const reel_track *track = reel_movie_track(movie, 0);
    assert_int_equal(reel_track_edit_count(track), MANY);
    for (int i = 0; i < 20000; i++) {
        int64_t t = (int64_t)chance((uint64_t)MANY * 350);
        reel_moment m;
        assert_int_equal(reel_track_media_time(track, t, &m), REEL_OK);
        assert_int_equal(m.edit, t / 350 + 1);
        assert_int_equal(m.media_time, (int64_t)(MANY - t / 350) * 1000 + t % 350);
        assert_int_equal(m.left, 350 - t % 350);
    }
    reel_moment m;
    assert_int_equal(reel_track_media_time(track, (int64_t)MANY * 350, &m), REEL_END);
    free(list);
    reel_close(&movie);
}

/* A count that the box cannot hold is cut to what lies in it, with a warning; in strict mode it is an error. */
static void test_count_larger_than_box(void **state)
{
    (void)state;
    struct film f = films[1];
    reel_movie *movie = open_bytes(make(&f, UINT32_MAX, f.edit, 1));
    const reel_track *track = reel_movie_track(movie, 0);
    assert_int_equal(reel_track_edit_count(track), 1);
    int64_t duration;
    assert_int_equal(reel_track_presentation_duration(track, &duration, NULL), REEL_OK);
    assert_int_equal(duration, 4 * 48000);
    reel_error warning;
    assert_int_equal(reel_movie_warning(movie, 0, &warning), REEL_OK);
    assert_string_equal(warning.path, "moov/trak[1]/edts/elst");
    assert_string_equal(warning.text, "it says 4294967295 entries and holds 1");
    reel_close(&movie);
}

static void test_wrong_calls(void **state)
{
    (void)state;
    reel_movie *movie = open_film(&films[1]);
    const reel_track *track = reel_movie_track(movie, 0);
    reel_moment m;
    reel_edit e;
    int64_t t;
    char buf[8];
    assert_int_equal(reel_track_edit_count(NULL), 0);
    assert_int_equal(reel_track_edit(NULL, 0, &e), REEL_E_ARG);
    assert_int_equal(reel_track_edit(track, 1, &e), REEL_END);
    assert_int_equal(reel_track_media_time(NULL, 0, &m), REEL_E_ARG);
    assert_int_equal(reel_track_media_time(track, 0, NULL), REEL_E_ARG);
    assert_int_equal(reel_track_presentation_time(track, 0, 0, NULL), REEL_E_ARG);
    assert_int_equal(reel_track_presentation_duration(NULL, &t, NULL), REEL_E_ARG);
    assert_int_equal(reel_track_explain_time(NULL, 0, buf, sizeof buf), REEL_E_ARG);
    int all = reel_track_explain_time(track, 0, NULL, 0);
    assert_true(all > 100);
    assert_int_equal(reel_track_explain_time(track, 0, buf, sizeof buf), all);
    assert_string_equal(buf, "present");
    reel_close(&movie);
}

/* "The same" was said of a film whose edit list FFmpeg does not apply. */
static void test_explained_without_mvhd(void **state)
{
    (void)state;
    struct film f = {.movie_scale = 1000, .track_scale = 1000, .delta = 100, .samples = 10, .fragmented = true, .edits = 1,
                     .edit = {{500, 100, ONE}}};
    for (int without = 0; without < 2; without++) {
        struct bytes b = make(&f, f.edits, f.edit, f.edits);
        char buf[2048];
        if (without)
            memcpy(memmem(b.p, b.n, "mvhd", 4), "free", 4);
        reel_movie *movie = open_bytes(b);
        assert_true(reel_track_explain_time(reel_movie_track(movie, 0), 0, buf, sizeof buf) > 0);
        assert_int_equal(strstr(buf, "FFmpeg: leaves the list aside") != NULL, without);
        reel_close(&movie);
    }
}

/* ---- arithmetic -------------------------------------------------------------------------------------------- */

static void test_rescale(void **state)
{
    (void)state;
    static const struct {
        int64_t t;
        uint32_t from, to;
        int64_t want;
    } rows[] = {
        {0, 1, 1, 0}, {1, 2, 1, 1}, {-1, 2, 1, -1}, {1, 3, 1, 0}, {2, 3, 1, 1}, {-2, 3, 1, -1}, {-1, 3, 1, 0},
        {1001, 30000, 90000, 3003}, {INT64_MAX, 1, 1, INT64_MAX}, {INT64_MIN, 1, 1, INT64_MIN},
        {INT64_MAX, 1, 2, INT64_MAX}, {INT64_MIN, 1, 2, INT64_MIN}, {INT64_MAX, 4294967295u, 4294967295u, INT64_MAX},
        {INT64_MAX, 4294967295u, 4294967294u, INT64_C(9223372034707292159)}, {INT64_MIN, 2, 1, INT64_MIN / 2},
        {5, 0, 1, 0}, {5, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(reel_rescale(rows[i].t, rows[i].from, rows[i].to), rows[i].want);
}

static void test_compare(void **state)
{
    (void)state;
    assert_int_equal(reel_time_compare(1, 3, 1, 3), 0);
    assert_int_equal(reel_time_compare(1, 3, 2, 6), 0);
    assert_int_equal(reel_time_compare(-1, 3, -2, 6), 0);
    assert_int_equal(reel_time_compare(1, 3, 333333333, 1000000000), 1);
    assert_int_equal(reel_time_compare(-1, 3, -333333333, 1000000000), -1);
    assert_int_equal(reel_time_compare(INT64_MAX, 4294967295u, INT64_MAX - 1, 4294967295u), 1);
    assert_int_equal(reel_time_compare(INT64_MIN, 1, INT64_MAX, 4294967295u), -1);
    assert_int_equal(reel_time_compare(INT64_MIN, 4294967295u, INT64_MIN, 4294967294u), 1);
    assert_int_equal(reel_time_compare(-1, 4294967295u, 0, 1), -1);
}

#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 wide;

static int64_t exact_rescale(int64_t t, uint32_t from, uint32_t to)
{
    wide n = (wide)t * to, half = n < 0 ? -(wide)from : (wide)from;
    wide q = (2 * n + half) / (2 * (wide)from);
    return q > INT64_MAX ? INT64_MAX : q < INT64_MIN ? INT64_MIN : (int64_t)q;
}

static void test_arithmetic_is_exact(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        int64_t a = (int64_t)(chance(0) >> chance(64)), b = (int64_t)(chance(0) >> chance(64));
        uint32_t ta = (uint32_t)(chance(0) >> (32 + chance(32))), tb = (uint32_t)(chance(0) >> (32 + chance(32)));
        a = i & 1 ? -a : a;
        b = i & 2 ? -b : b;
        ta += ta == 0;
        tb += tb == 0;
        assert_int_equal(reel_rescale(a, ta, tb), exact_rescale(a, ta, tb));
        if (i & 4)
            b = (int64_t)((uint64_t)exact_rescale(a, ta, tb) + chance(3) - 1); /* next to it; beyond the end it wraps */
        wide left = (wide)a * tb, right = (wide)b * ta;
        assert_int_equal(reel_time_compare(a, ta, b, tb), left < right ? -1 : left > right);
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_explained_without_mvhd),
        cmocka_unit_test(test_inverse),
        cmocka_unit_test(test_many_edits),
        cmocka_unit_test(test_count_larger_than_box),
        cmocka_unit_test(test_wrong_calls),
        cmocka_unit_test(test_rescale),
        cmocka_unit_test(test_compare),
#ifdef __SIZEOF_INT128__
        cmocka_unit_test(test_arithmetic_is_exact),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
