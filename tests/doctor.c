/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The doctor: for each finding the smallest film that has the ill, and the nearest film that has not. A report is held
 * against the test line by line, so that no film may have more ills than it was built with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <zlib.h>

#include "doctor/exam.h"
#include "hostile.h"

/* ---- films ------------------------------------------------------------------------------------------------ */

enum { MANY = 80, MEBI = 1 << 20 };

/* A film of tracks in which what is left out is as it should be: one chunk each, samples of 40 ticks and 10 bytes. */
static void film_of(b_buf *b, const b_track *tracks, uint32_t n, const b_movie *movie)
{
    static b_track whole[MANY];
    static b_run stts[MANY];
    static b_chunks stsc[MANY];
    static uint64_t chunks[MANY];
    uint64_t at = 0;
    b_movie m = movie ? *movie : (b_movie){0};
    for (uint32_t i = 0; i < n; i++) {
        b_track *t = &whole[i];
        *t = tracks[i];
        stts[i] = (b_run){t->samples, 40};
        stsc[i] = (b_chunks){1, t->samples, 1};
        chunks[i] = at;
        t->uniform_size = t->sizes || t->uniform_size ? t->uniform_size : 10;
        if (!t->stts && t->samples)
            t->stts = &stts[i], t->stts_n = 1;
        if (!t->stsc && t->samples)
            t->stsc = &stsc[i], t->stsc_n = 1;
        if (!t->chunks && t->samples)
            t->chunks = &chunks[i], t->chunk_n = 1;
        for (uint32_t k = 0; k < t->samples && t->samples < 100000; k++)
            at += t->sizes ? t->sizes[k] : t->uniform_size;
    }
    m.track = whole;
    m.tracks = n;
    if (!m.media_size && !m.fragmented)
        m.media_size = at ? (size_t)at : 1;
    b_film(b, &m);
}

static void film(b_buf *b, const b_track *tracks, uint32_t n) { film_of(b, tracks, n, NULL); }

/* An MPEG-4 audio entry; when it is not specific, its esds says all but that it is AAC-LC at 48,000. */
static void sound_entry(b_buf *b, bool specific)
{
    static const uint8_t esds[] = {3, 25, 0, 1, 0, 4, 17, 0x40, 0x15, 0,    0, 0, 0, 0,
                                   0, 0,  0, 0, 0, 0, 5,  2,    0x11, 0x90, 6, 1, 2};
    b_audio(b, "mp4a", 2, 48000);
    b_full(b, "esds", 0, 0);
    b_bytes(b, esds, sizeof esds);
    b_end(b);
    b_end(b);
    if (!specific)
        b_set8(b, b->size - 7, 0x15); /* a tag that nobody knows in the place of DecoderSpecificInfo */
}

static const b_buf *sound(void)
{
    static b_buf entry;
    if (!entry.size)
        sound_entry(&entry, true);
    return &entry;
}

/* The mdhd of a track: its duration, its language. */
static void set_duration(b_buf *b, const char *mdhd, uint32_t duration) { b_set32(b, b_body(b, mdhd) + 12, duration); }
static void set_english(b_buf *b, const char *mdhd) { b_set32(b, b_body(b, mdhd) + 16, 0x15c70000); }

/* ---- reports ---------------------------------------------------------------------------------------------- */

/* A film whose bytes behind those of b, up to size, are zeros. */
typedef struct sparse {
    const b_buf *b;
    uint64_t size;
} sparse;

static int64_t sparse_read(void *user, uint64_t offset, void *buf, size_t n)
{
    const sparse *s = user;
    size_t there = offset < s->b->size ? s->b->size - (size_t)offset : 0;
    if (offset >= s->size)
        return 0;
    n = n < s->size - offset ? n : (size_t)(s->size - offset);
    memset(buf, 0, n);
    memcpy(buf, s->b->data + (there ? offset : 0), n < there ? n : there);
    return (int64_t)n;
}

static int sparse_size(void *user, uint64_t *size)
{
    *size = ((const sparse *)user)->size;
    return REEL_OK;
}

typedef struct report {
    char text[32768];
    size_t size;
    int calls, stop_at, stop_with;
} report;

/* "warning no-sidx 0: what", and a sentence each for why and what to do. */
static int note(void *user, const reel_finding *f)
{
    static const char *const severities[] = {"note", "warning", "problem"};
    report *r = user;
    assert_in_range(f->severity, REEL_NOTE, REEL_PROBLEM);
    assert_true(strlen(f->why) > 10);
    assert_true(strlen(f->fix) > 10);
    assert_true(!*f->command || strstr(f->command, " out.mp4"));
    int n = snprintf(r->text + r->size, sizeof r->text - r->size, "%s %s %u: %s\n", severities[f->severity], f->id,
                     (unsigned)f->track_id, f->what);
    r->size += (size_t)n < sizeof r->text - r->size ? (size_t)n : 0;
    return ++r->calls == r->stop_at ? r->stop_with : 0;
}

static report examine_movie(const reel_movie *movie)
{
    report r = {.size = 0};
    reel_error err = {0};
    if (reel_doctor(movie, note, &r, &err) != REEL_OK)
        fail_msg("it is not examined: %s %s", reel_code_name(err.code), err.text);
    return r;
}

/* The report on the film in b, or in b and zeros up to size. */
static report examine(const b_buf *b, uint64_t size)
{
    sparse s = {b, size};
    const reel_source_io io = {sizeof io, sparse_read, sparse_size, NULL, &s};
    hostile_film f = {0};
    if (size) {
        assert_int_equal(reel_source_callback(&io, &f.source, NULL), REEL_OK);
        assert_int_equal(reel_open(f.source, NULL, &f.movie, NULL), REEL_OK);
    } else {
        f = hostile_open(b);
    }
    report r = examine_movie(f.movie);
    hostile_close(&f);
    return r;
}

static void expect(const b_buf *b, const char *lines)
{
    report r = examine(b, 0);
    assert_string_equal(r.text, lines);
}

/* The same, with numbers that depend on where things lie. */
static void expect_f(const b_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void expect_f(const b_buf *b, const char *format, ...)
{
    char lines[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(lines, sizeof lines, format, args);
    va_end(args);
    expect(b, lines);
}

#define SOURCE "get the file again, or make it again from its source"
#define KEEP "reel repair -o out.mp4 in.mp4"

typedef struct fixes {
    const char *id;
    char fix[512];
    bool words; /* also where there is a command */
} fixes;

static int keep_fix(void *user, const reel_finding *f)
{
    fixes *k = user;
    if (!strcmp(f->id, k->id))
        snprintf(k->fix, sizeof k->fix, "%s", *f->command && !k->words ? f->command : f->fix);
    return 0;
}

/* The command that is given for that finding, else the words, the last of them. */
static void expect_fix(const b_buf *b, const char *id, const char *fix)
{
    fixes k = {.id = id};
    hostile_film f = hostile_open(b);
    assert_int_equal(reel_doctor(f.movie, keep_fix, &k, NULL), REEL_OK);
    assert_string_equal(k.fix, fix);
    hostile_close(&f);
}

/* What the movie box made anew is said to mend, it does. */
static void mended_anew(const b_buf *b, const char *id)
{
    reel_plan *plan = NULL;
    hostile_film f = hostile_open(b);
    assert_non_null(strstr(examine(b, 0).text, id));
    assert_int_equal(reel_write_progressive(f.movie, NULL, &plan, NULL), REEL_OK);
    b_buf made = {0};
    made.size = (size_t)reel_plan_size(plan);
    made.data = malloc(made.size);
    assert_non_null(made.data);
    assert_int_equal(reel_plan_read(plan, 0, made.data, made.size, NULL), REEL_OK);
    assert_null(strstr(examine(&made, 0).text, id));
    reel_plan_close(&plan);
    hostile_close(&f);
    free(made.data);
    expect_fix(b, id, "reel defragment -o out.mp4 in.mp4");
}

static void expect_film(const b_track *tracks, uint32_t n, const char *lines)
{
    b_buf b = {0};
    film(&b, tracks, n);
    expect(&b, lines);
    b_free(&b);
}

static void expect_one(b_track t, const char *lines) { expect_film(&t, 1, lines); }

/* ---- the report as a whole -------------------------------------------------------------------------------- */

static void test_a_healthy_film(void **state)
{
    (void)state;
    static const uint32_t stss[] = {1, 51};
    const b_track tracks[] = {{.samples = 100, .stss = stss, .stss_n = 2},
                              {.samples = 100, .handler = "soun", .entries = sound()}};
    expect_film(tracks, 2, "");
    b_buf b = {0};
    small_plain(&b);
    expect(&b, "");
    b_clear(&b);
    small_heif(&b);
    expect(&b, "");
    b_free(&b);
}

#define NEGATIVE "samples are shown before they are decoded, by their composition offsets\n"

static const b_track ill[] = {
    {.samples = 4, .has_stss = true, .ctts = (const b_run[]){{4, 0xffffffec}}, .ctts_n = 1},
    {.samples = 4, .handler = "soun", .edits = (const b_edit[]){{500, -1, 0x10000}, {160, 0, 0}}, .edit_n = 2},
};

static void ill_film(b_buf *b)
{
    b_track tracks[2] = {ill[0], ill[1]};
    tracks[1].entries = sound();
    static const uint64_t far[] = {9 * MEBI};
    tracks[1].chunks = far;
    tracks[1].chunk_n = 1;
    film_of(b, tracks, 2, &(b_movie){.moov_last = true, .media_size = 9 * MEBI + 40});
}

/* Of the file first, then of one track after the other; there the worst first. */
static void test_order(void **state)
{
    (void)state;
    b_buf b = {0};
    ill_film(&b);
    expect_f(&b, "problem moov-last 0: the movie box (%u bytes) lies behind the media, 9437256 bytes into the file\n"
                 "warning poor-interleave 0: at second 0 the tracks lie 9.4 MB apart\n"
                 "problem no-sync-samples 1: none of 4 samples is a sync sample\n"
                 "note negative-offsets 1: 4 " NEGATIVE
                 "warning edit-rate 2: the edit list stands still or changes the speed\n"
                 "note starts-late 2: an empty edit delays the track by 0.500 s\n",
             b_get32(&b, b_find(&b, "moov")));
    b_free(&b);
}

static void test_a_callback_stops_it(void **state)
{
    (void)state;
    b_buf b = {0};
    ill_film(&b);
    hostile_film f = hostile_open(&b);
    static const int values[] = {7, -3, REEL_END};
    for (int i = 0; i < 3; i++) {
        report r = {.stop_at = i + 1, .stop_with = values[i]};
        assert_int_equal(reel_doctor(f.movie, note, &r, NULL), values[i]);
        assert_int_equal(r.calls, i + 1);
    }
    hostile_close(&f);
    b_free(&b);
}

static void test_arguments(void **state)
{
    (void)state;
    b_buf b = {0};
    report r = {.size = 0};
    reel_error err = {0};
    small_plain(&b);
    hostile_film f = hostile_open(&b);
    assert_int_equal(reel_doctor(NULL, note, &r, &err), REEL_E_ARG);
    assert_string_equal(err.text, "no movie, or nobody to tell");
    assert_int_equal(reel_doctor(f.movie, NULL, NULL, &err), REEL_E_ARG);
    assert_int_equal(reel_doctor(NULL, NULL, NULL, NULL), REEL_E_ARG);
    assert_int_equal(r.calls, 0);
    hostile_close(&f);
    b_free(&b);
}

/*
 * What was said depended on what had been asked of the film before: a table that contradicts itself is noticed when its
 * totals are built, and the doctor walked without them.
 */
static void test_the_same_report_again(void **state)
{
    (void)state;
    static const b_run stts[] = {{4, 40}};
    b_buf b = {0};
    film(&b, &(b_track){.samples = 6, .stts = stts, .stts_n = 1}, 1);
    expect_f(&b, "warning damaged 0: stts covers 4 of 6 samples; the last duration goes on (%s at 0x%zx)\n",
             "moov/trak[1]/mdia/minf/stbl/stts", b_find(&b, "moov/trak/mdia/minf/stbl/stts"));
    hostile_film f = hostile_open(&b);
    report first = examine_movie(f.movie);
    hostile_walk_movie(f.movie);
    report second = examine_movie(f.movie);
    assert_string_equal(first.text, second.text);
    hostile_close(&f);
    b_free(&b);
}

/* ---- bytes that are late, memory that runs out ------------------------------------------------------------ */

static void fragment(b_buf *b, uint32_t sequence, uint64_t tfdt, uint32_t count, uint32_t duration, uint32_t size)
{
    b_trun run = {.flags = B_DATA | B_FIRST_FLAGS, .first_flags = B_SYNC, .count = count};
    b_traf traf = {.flags = 0x20038, .duration = duration, .size = size, .sample_flags = B_NON_SYNC, .has_tfdt = true,
                   .tfdt = tfdt, .runs = &run, .run_n = 1};
    b_fragment(b, sequence, &traf, 1, count < 10000 ? count * size : 1);
}

static void init(b_buf *b, const b_track *tracks, uint32_t n)
{
    film_of(b, tracks, n, &(b_movie){.fragmented = true});
}

/* Two fragments and an index at the end. */
static void indexed(b_buf *b)
{
    b_place places[2] = {{0, 0}, {200, 0}};
    init(b, &(b_track){0}, 1);
    for (uint32_t i = 0; i < 2; i++) {
        places[i].moof = b->size;
        fragment(b, i + 1, i * 200, 5, 40, 10);
    }
    b_mfra(b, 1, places, 2);
}

typedef struct late {
    const b_buf *b;
    uint64_t here; /* so many bytes from the start have come */
} late;

static int64_t late_read(void *user, uint64_t offset, void *buf, size_t n)
{
    const late *l = user;
    if (offset >= l->b->size)
        return 0;
    n = n < l->b->size - offset ? n : (size_t)(l->b->size - offset);
    if (offset + n > l->here)
        return REEL_E_AGAIN;
    memcpy(buf, l->b->data + offset, n);
    return (int64_t)n;
}

static int late_size(void *user, uint64_t *size)
{
    *size = ((const late *)user)->b->size;
    return REEL_OK;
}

/* An mfra whose bytes were late was taken for none. */
static void test_bytes_that_are_late(void **state)
{
    (void)state;
    b_buf b = {0};
    indexed(&b);
    late l = {&b, b.size};
    const reel_source_io io = {sizeof io, late_read, late_size, NULL, &l};
    for (uint64_t here = b_find(&b, "moof") + 8; here < b.size; here++) {
        hostile_film f = {0};
        reel_error err = {0};
        report r = {.size = 0};
        l.here = here;
        assert_int_equal(reel_source_callback(&io, &f.source, NULL), REEL_OK);
        if (reel_open(f.source, NULL, &f.movie, &err) == REEL_OK) {
            assert_int_equal(reel_doctor(f.movie, note, &r, &err), REEL_E_AGAIN);
            assert_true(err.code == REEL_E_AGAIN && err.length && err.offset + err.length > here);
            assert_int_equal(r.calls, 0);
            l.here = b.size;
            r = examine_movie(f.movie);
            assert_string_equal(r.text, "");
        }
        assert_true(err.code == REEL_E_AGAIN);
        hostile_close(&f);
    }
    b_free(&b);
}

/* Memory that runs out at one call. */
typedef struct meter {
    unsigned calls, fail_at;
    int out;
} meter;

static void *meter_resize(void *user, void *p, size_t n)
{
    meter *m = user;
    if (n == 0) {
        m->out -= p != NULL;
        free(p);
        return NULL;
    }
    if (m->calls++ == m->fail_at)
        return NULL;
    m->out += p == NULL;
    return realloc(p, n);
}

/* The doctor took its memory from malloc, and where there was none it left out the interleave. */
static void test_memory_that_runs_out(void **state)
{
    (void)state;
    b_buf b = {0};
    ill_film(&b);
    report whole = examine(&b, 0);
    unsigned failed = 0;
    for (unsigned at = 0; at < 100; at++) {
        meter m = {.fail_at = UINT32_MAX};
        reel_allocator alloc = {meter_resize, &m};
        reel_open_options options = {.sizeof_options = sizeof options, .allocator = &alloc};
        hostile_film f = {0};
        report r = {.size = 0};
        reel_error err = {0};
        assert_int_equal(reel_source_memory(b.data, b.size, NULL, NULL, &f.source), REEL_OK);
        assert_int_equal(reel_open(f.source, &options, &f.movie, NULL), REEL_OK);
        m.fail_at = m.calls + at;
        int code = reel_doctor(f.movie, note, &r, &err);
        if (code == REEL_E_NOMEM) {
            failed++;
            assert_int_equal(err.code, REEL_E_NOMEM);
            assert_int_equal(r.calls, 0);
        } else {
            assert_int_equal(code, REEL_OK);
            assert_string_equal(r.text, whole.text);
        }
        hostile_close(&f);
        assert_int_equal(m.out, 0);
    }
    assert_true(failed >= 4); /* the exam, its tracks, a list of seconds for each */
    b_free(&b);
}

/* ---- the file --------------------------------------------------------------------------------------------- */

static void test_moov_last(void **state)
{
    (void)state;
    b_buf b = {0};
    film_of(&b, &(b_track){.samples = 4}, 1, &(b_movie){.moov_last = true});
    expect_f(&b, "problem moov-last 0: the movie box (%u bytes) lies behind the media, 72 bytes into the file\n",
             b_get32(&b, b_find(&b, "moov")));
    b_clear(&b);
    film(&b, &(b_track){.samples = 4}, 1);
    expect(&b, "");
    b_free(&b);
}

/* A film whose movie box is that long, and the file too. */
static report padded(uint32_t moov, uint64_t file)
{
    b_buf b = {0}, pad = {0};
    const b_movie movie = {.more = &pad};
    film_of(&b, &(b_track){.samples = 4}, 1, &movie);
    uint32_t bare = b_get32(&b, b_find(&b, "moov"));
    b_clear(&b);
    b_box(&pad, "free");
    b_fill(&pad, 0, moov - bare - 8);
    b_end(&pad);
    film_of(&b, &(b_track){.samples = 4}, 1, &movie);
    assert_int_equal(b_get32(&b, b_find(&b, "moov")), moov);
    b_set32(&b, b_find(&b, "mdat"), (uint32_t)(file - b_find(&b, "mdat")));
    report r = examine(&b, file);
    b_free(&b);
    b_free(&pad);
    return r;
}

static void test_moov_large(void **state)
{
    (void)state;
    static const struct {
        uint32_t moov;
        uint64_t file;
        const char *lines;
    } cases[] = {
        {1 * MEBI, 2 * MEBI, ""},
        {1 * MEBI + 1, 2 * MEBI, "note moov-large 0: the movie box is 1048577 bytes long, 50.0 % of the file\n"},
        {2 * MEBI, 40 * MEBI, ""},
        {2 * MEBI, 40 * MEBI - 20, "note moov-large 0: the movie box is 2097152 bytes long, 5.0 % of the file\n"},
        {16 * MEBI, 1024 * MEBI, ""},
        {16 * MEBI + 1, 1024 * MEBI, "note moov-large 0: the movie box is 16777217 bytes long, 1.6 % of the file\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        report r = padded(cases[i].moov, cases[i].file);
        assert_string_equal(r.text, cases[i].lines);
    }
}

static void test_no_sidx(void **state)
{
    (void)state;
    b_buf b = {0}, media = {0};
    small_fragmented(&b);
    expect(&b, "warning no-sidx 0: the film is fragmented and has neither sidx nor mfra\n");
    b_clear(&b);
    indexed(&b);
    expect(&b, "");
    b_clear(&b);
    fragment(&media, 1, 0, 5, 40, 10);
    const b_reference whole = {(uint32_t)media.size, 200, false};
    fragment(&media, 2, 200, 5, 40, 10);
    init(&b, &(b_track){0}, 1);
    b_sidx(&b, 1, 1000, 0, 0, &whole, 1);
    b_append(&b, &media);
    expect(&b, "");
    b_free(&b);
    b_free(&media);
}

static void test_one_fragment_needs_no_index(void **state)
{
    (void)state;
    b_buf b = {0};
    init(&b, &(b_track){0}, 1);
    expect(&b, "warning no-samples 1: the track is empty\n");
    fragment(&b, 1, 0, 5, 40, 10);
    expect(&b, "");
    b_free(&b);
}

static void test_compressed_moov(void **state)
{
    (void)state;
    b_buf plain = {0}, b = {0};
    uint8_t packed[4096];
    uLongf n = sizeof packed;
    small_plain(&plain);
    size_t moov = b_find(&plain, "moov"), size = b_get32(&plain, moov);
    assert_int_equal(compress(packed, &n, plain.data + moov, size), Z_OK);
    b_box(&b, "moov");
    b_box(&b, "cmov");
    b_box(&b, "dcom");
    b_text(&b, "zlib");
    b_end(&b);
    b_box(&b, "cmvd");
    b_u32(&b, size);
    b_bytes(&b, packed, n);
    b_end(&b);
    b_end(&b);
    b_end(&b);
    b_box(&b, "mdat");
    b_fill(&b, 5, 1000);
    b_end(&b);
    expect(&b, "problem compressed-moov 0: the movie box is compressed (cmov)\n");
    mended_anew(&b, "compressed-moov");
    b_free(&b);
    b_free(&plain);
}

static void test_damaged(void **state)
{
    (void)state;
    b_buf b = {0};
    small_plain(&b);
    b_hide(&b, "moov/mvhd");
    expect(&b, "warning damaged 0: moov has no mvhd (moov at 0x18)\n");
    b_clear(&b);
    indexed(&b);
    size_t second = b_find(&b, "moof[2]");
    b.size = second + 20;
    expect_f(&b, "problem damaged 0: moof goes past the end of the file (moof at 0x%zx)\n", second);
    b_free(&b);
}

/* Of a movie box that the file ends in each box told the same once more. */
static void test_damaged_is_told_once(void **state)
{
    (void)state;
    b_buf b = {0};
    small_plain(&b);
    size_t moov = b_find(&b, "moov");
    b.size = moov + 20;
    expect_f(&b, "problem damaged 0: moov goes past the end of the file (moov at 0x%zx)\n", moov);
    b_free(&b);
}

/* Some samples "lie past the end", and yet "not one is there"; and faststart first, of a film of which nothing can be had. */
static void test_nothing_can_be_had(void **state)
{
    (void)state;
    static const char why[] = SOURCE ": not one of its samples is there: at the places that are within the file stands "
                                     "something else";
    static const uint64_t chunks[] = {0, 50};
    b_track t = small_track;
    b_buf b = {0};
    t.chunks = chunks;
    t.chunk_n = 2;
    b_film(&b, &(b_movie){.track = &t, .tracks = 1, .media_size = 100});
    b_set32(&b, b_find(&b, "moov/trak/mdia/minf/stbl/stco") + 16, (uint32_t)b_find(&b, "moov") + 8);
    b.size -= 100;
    b_set32(&b, b_find(&b, "mdat"), 8);
    expect_fix(&b, "cut-off", why);
    b_free(&b);
}

/* The longest line there is: the end of it, the place, was cut off. */
static void test_a_long_warning_is_whole(void **state)
{
    (void)state;
    b_buf b = {0};
    film(&b, &(b_track){.samples = 4}, 1);
    b_set32(&b, b_find(&b, "moov/trak/mdia/minf/stbl/stsd/avc1/avcC"), 200);
    report r = examine(&b, 0);
    assert_non_null(strstr(r.text, "warning damaged 0: "));
    assert_non_null(strstr(r.text, "(moov/trak[1]/mdia/minf/stbl/stsd/avc1/avcC at 0x"));
    b_free(&b);
}

static void test_different_lengths(void **state)
{
    (void)state;
    b_track t[2] = {{.samples = 25}, {.samples = 50, .handler = "soun", .entries = sound()}};
    expect_film(t, 2, "warning different-lengths 0: track 2 lasts 2.000 s and track 1 1.000 s\n");
    /* That the cut takes something away was left for who followed it to find out. */
    b_buf b = {0};
    fixes k = {.id = "different-lengths", .words = true};
    film(&b, t, 2);
    hostile_film f = hostile_open(&b);
    assert_int_equal(reel_doctor(f.movie, keep_fix, &k, NULL), REEL_OK);
    assert_string_equal(k.fix, "end it where the shortest track ends; the last 1.000 s of the others, such as the sound of "
                               "track 2, are lost then");
    hostile_close(&f);
    b_free(&b);
    t[1].samples = 49;
    expect_film(t, 2, "");
    t[1].samples = 1; /* a still picture, a blip: no length to speak of */
    t[0].samples = 90;
    expect_film(t, 2, "");
    t[1] = (b_track){.samples = 2, .handler = "text"};
    expect_film(t, 2, "");
}

/* Two in a hundred of a long film. */
static void test_different_lengths_of_a_long_film(void **state)
{
    (void)state;
    static const b_run stts[] = {{100, 1000}}, more[] = {{100, 1019}}, most[] = {{100, 1021}};
    b_track t[2] = {{.samples = 100, .stts = stts, .stts_n = 1},
                    {.samples = 100, .handler = "soun", .entries = sound(), .stts = more, .stts_n = 1}};
    expect_film(t, 2, "");
    t[1].stts = most;
    expect_film(t, 2, "warning different-lengths 0: track 2 lasts 102.100 s and track 1 100.000 s\n");
}

/* The lengths of the media were compared: what an edit list leaves out was missed, or found where nothing was amiss. */
static void test_different_lengths_after_edits(void **state)
{
    (void)state;
    static const b_edit cut[] = {{400, 0, 0x10000}}, delayed[] = {{1300, -1, 0x10000}, {0, 0, 0x10000}};
    b_track t[2] = {{.samples = 10},
                    {.samples = 100, .handler = "soun", .entries = sound(), .edits = cut, .edit_n = 1}};
    expect_film(t, 2, "");
    t[1] = (b_track){.samples = 10, .handler = "soun", .entries = sound(), .edits = delayed, .edit_n = 2};
    expect_film(t, 2,
                "warning different-lengths 0: track 2 lasts 1.700 s and track 1 0.400 s\n"
                "note starts-late 2: an empty edit delays the track by 1.300 s\n");
}

/* Two tracks, one sample a second, of which the second's media begins apart bytes behind the first's. */
static report two_apart(uint64_t apart, uint32_t size, const b_edit *edits, uint32_t edit_n)
{
    static const b_run stts[] = {{4, 1000}};
    const uint64_t first[] = {0}, second[] = {apart};
    b_buf b = {0};
    b_track t[2] = {{.samples = 4, .stts = stts, .stts_n = 1, .uniform_size = size, .chunk_n = 1}};
    t[1] = t[0];
    t[0].chunks = first;
    t[1].chunks = second;
    t[1].handler = "soun";
    t[1].entries = sound();
    t[1].edits = edits;
    t[1].edit_n = edit_n;
    film(&b, t, 2);
    uint64_t file = b.size + apart + 4 * (uint64_t)size;
    b_set32(&b, b_find(&b, "mdat"), (uint32_t)(file - b_find(&b, "mdat")));
    report r = examine(&b, file);
    b_free(&b);
    return r;
}

static void test_poor_interleave(void **state)
{
    (void)state;
    report r = two_apart(8 * MEBI, 10, NULL, 0);
    assert_string_equal(r.text, "");
    r = two_apart(8 * MEBI + 1, 10, NULL, 0);
    assert_string_equal(r.text, "warning poor-interleave 0: at second 0 the tracks lie 8.4 MB apart\n");
}

/* ProRes has 8 MiB in a fraction of a second: two seconds of it are no more than a player keeps anyway. */
static void test_much_media_is_not_poor_interleave(void **state)
{
    (void)state;
    enum { SECOND = 10 * MEBI };
    report r = two_apart(4 * SECOND, SECOND, NULL, 0);
    assert_string_equal(r.text, "");
    r = two_apart(4 * SECOND + 1, SECOND, NULL, 0);
    assert_string_equal(r.text, "warning poor-interleave 0: at second 0 the tracks lie 41.9 MB apart\n");
}

/* What is shown at one time has to lie together, not what is decoded at one time. */
static void test_interleave_after_edits(void **state)
{
    (void)state;
    static const b_edit edits[] = {{3000, -1, 0x10000}, {1000, 3000, 0x10000}};
    enum { APART = 8 * MEBI - 25 };
    report r = two_apart(8 * MEBI + 1, 10, edits, 2);
    assert_string_equal(r.text, "warning poor-interleave 0: at second 0 the tracks lie 8.4 MB apart\n"
                                "note starts-late 2: an empty edit delays the track by 3.000 s\n");
    static const b_edit shifted[] = {{3000, -1, 0x10000}, {1000, 0, 0x10000}};
    r = two_apart(APART + 60, 10, shifted, 2);
    assert_string_equal(r.text, "warning poor-interleave 0: at second 3 the tracks lie 8.4 MB apart\n"
                                "note starts-late 2: an empty edit delays the track by 3.000 s\n");
    r = two_apart(APART + 55, 10, shifted, 2);
    assert_string_equal(r.text, "note starts-late 2: an empty edit delays the track by 3.000 s\n");
}

static void test_many_tracks(void **state)
{
    (void)state;
    b_track t[65];
    for (int i = 0; i < 65; i++)
        t[i] = (b_track){.samples = 2};
    expect_film(t, 64, "");
    expect_film(t, 65, "note many-tracks 0: the film has 65 tracks; the first 64 were examined\n");
}

/* The findings of late tracks were dropped when early ones had many. */
static void test_no_finding_is_dropped(void **state)
{
    (void)state;
    static const b_edit edits[] = {{500, -1, 0x10000}, {40, 0, 0}, {40, 900, 0x20000}, {1380, 900, 0x10000}};
    static const b_run stts[] = {{3, 10}, {3, 999}}, ctts[] = {{6, 0xffffffff}};
    b_track t[64];
    b_buf b = {0};
    for (int i = 0; i < 64; i++)
        t[i] = (b_track){.samples = 6, .has_stss = true, .edits = edits, .edit_n = 4, .stts = stts, .stts_n = 2,
                         .ctts = ctts, .ctts_n = 1};
    film(&b, t, 64);
    report r = examine(&b, 0);
    assert_int_equal(r.calls, 64 * 7);
    b_free(&b);
}

/* ---- durations -------------------------------------------------------------------------------------------- */

static void test_wrong_duration_of_the_media(void **state)
{
    (void)state;
    static const struct {
        uint32_t said;
        const char *lines;
    } cases[] = {
        {0, ""},
        {5000, ""},
        {3000, ""},
        {5001, "warning wrong-duration 1: the media header says 5.001 s, the samples last 4.000 s\n"},
        {2999, "warning wrong-duration 1: the media header says 2.999 s, the samples last 4.000 s\n"},
        {0xffffffff, ""},
    };
    b_buf b = {0};
    film(&b, &(b_track){.samples = 100}, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set_duration(&b, "moov/trak/mdia/mdhd", cases[i].said);
        expect(&b, cases[i].lines);
    }
    b_free(&b);
}

/* Players take the length of the seek bar from mvhd, and some from tkhd. */
static void test_wrong_duration_of_movie_and_track(void **state)
{
    (void)state;
    b_buf b = {0};
    film(&b, &(b_track){.samples = 100}, 1);
    b_set32(&b, b_body(&b, "moov/mvhd") + 12, 5000);
    b_set32(&b, b_body(&b, "moov/trak/tkhd") + 16, 5000);
    expect(&b, "");
    b_set32(&b, b_body(&b, "moov/mvhd") + 12, 9000);
    expect(&b, "warning wrong-duration 0: the movie header says 9.000 s, the longest track is shown for 4.000 s\n");
    b_set32(&b, b_body(&b, "moov/mvhd") + 12, 0);
    b_set32(&b, b_body(&b, "moov/trak/tkhd") + 16, 1000);
    expect(&b, "warning wrong-duration 1: the track header says 1.000 s, the track is shown for 4.000 s\n");
    b_free(&b);
}

/* mvhd and its like may speak of the movie box alone. Fragments are behind a header of their own. */
static void test_wrong_duration_of_a_fragmented_film(void **state)
{
    (void)state;
    b_buf b = {0}, mehd = {0};
    init(&b, &(b_track){0}, 1);
    fragment(&b, 1, 0, 100, 40, 10);
    b_set32(&b, b_body(&b, "moov/mvhd") + 12, 9000);
    set_duration(&b, "moov/trak/mdia/mdhd", 9000);
    expect(&b, "");
    b_set32(&b, b_body(&b, "moov/mvhd") + 12, 0);
    b_full(&mehd, "mehd", 0, 0);
    b_u32(&mehd, 9000);
    b_end(&mehd);
    b_insert(&b, "moov/mvex", b_find(&b, "moov/mvex") + 8, mehd.data, mehd.size);
    expect(&b, "warning wrong-duration 0: the movie extends header says 9.000 s, "
               "the longest track is shown for 4.000 s\n");
    b_set32(&b, b_body(&b, "moov/mvex/mehd"), 4500);
    expect(&b, "");
    b_free(&b);
    b_free(&mehd);
}

/* ---- samples and sync samples ----------------------------------------------------------------------------- */

static void test_no_samples(void **state)
{
    (void)state;
    expect_one((b_track){.samples = 0}, "warning no-samples 1: the track is empty\n");
    expect_one((b_track){.handler = "text"}, "note no-samples 1: the track is empty\n");
    expect_one((b_track){.samples = 1}, "");
}

/* 70 minutes of sound in single PCM frames were called made up: the count was judged, not the bytes. */
static void test_made_up_count(void **state)
{
    (void)state;
    static b_buf pcm;
    static const b_run stts[] = {{400000000, 1}};
    char line[128];
    b_buf b = {0};
    b_audio(&pcm, "alac", 2, 48000);
    b_full(&pcm, "alac", 0, 0);
    b_fill(&pcm, 0, 24);
    b_end(&pcm);
    b_end(&pcm);
    film(&b, &(b_track){.samples = 400000000, .stts = stts, .stts_n = 1, .handler = "soun", .timescale = 48000,
                        .uniform_size = 4, .entries = &pcm}, 1);
    uint64_t media = b.size - 1, file = media + 400000000 * UINT64_C(4);
    b_set32(&b, b_find(&b, "mdat"), (uint32_t)(file - b_find(&b, "mdat")));
    report r = examine(&b, file);
    assert_string_equal(r.text, "");
    r = examine(&b, 400000000);
    snprintf(line, sizeof line, "problem cut-off 1: %llu of 400000000 samples lie past the end of the file\n",
             400000000 - (400000000 - (unsigned long long)media) / 4);
    assert_non_null(strstr(r.text, line));
    assert_null(strstr(r.text, "made-up-count"));
    r = examine(&b, 399999999);
    assert_non_null(strstr(r.text, "problem made-up-count 1: the track says it has 400000000 samples, and the file has "
                                   "399999999 bytes\n"));
    b_free(&b);
    b_free(&pcm);
}

static void test_no_sync_samples(void **state)
{
    (void)state;
    expect_one((b_track){.samples = 2, .has_stss = true},
               "problem no-sync-samples 1: none of 2 samples is a sync sample\n");
    expect_one((b_track){.samples = 1, .has_stss = true}, "");
    expect_one((b_track){.samples = 2, .has_stss = true, .handler = "soun", .entries = sound()}, "");
}

static void test_starts_without_sync(void **state)
{
    (void)state;
    static const uint32_t third[] = {3}, first[] = {1};
    expect_one((b_track){.samples = 4, .stss = third, .stss_n = 1},
               "warning starts-without-sync 1: the first sync sample is number 2\n");
    expect_one((b_track){.samples = 4, .stss = first, .stss_n = 1}, "");
}

static void test_one_sync_sample(void **state)
{
    (void)state;
    static const uint32_t first[] = {1};
    expect_one((b_track){.samples = 250, .stss = first, .stss_n = 1}, "");
    expect_one((b_track){.samples = 251, .stss = first, .stss_n = 1},
               "problem one-sync-sample 1: only the first of 251 samples is a sync sample\n");
}

/* Only what a sample says of itself counts, and a sample that says nothing is believed. */
static void test_false_sync_samples(void **state)
{
    (void)state;
    static const uint8_t media[][6] = {{0, 0, 0, 2, 0x65, 0x88}, {0, 0, 0, 2, 0x41, 0xc0}, {0, 0, 0, 2, 0x41, 0xc0}, {0, 0, 0, 3, 0x41, 0xc0}};
    static const uint32_t wrong[] = {1, 3}, right[] = {1}, damaged[] = {1, 4};
    b_track t = {.samples = 4, .uniform_size = 6, .stss = wrong, .stss_n = 2};
    const b_movie m = {.media = media, .media_size = sizeof media};
    b_buf b = {0};
    film_of(&b, &t, 1, &m);
    expect(&b, "problem false-sync-samples 1: sample 2 is marked as a place to begin, but its picture refers to others, "
               "as in 1 of 2 that were looked into\n");
    expect_fix(&b, "false-sync-samples", "ffmpeg -i in.mp4 -map 0 -map -0:d -c copy -c:v libx264 "
                                         "-force_key_frames 'expr:gte(t,n_forced*2)' -movflags +faststart out.mp4");
    b_clear(&b);
    t.stss = right, t.stss_n = 1;
    film_of(&b, &t, 1, &m);
    expect(&b, "");
    b_clear(&b);
    t.stss = damaged, t.stss_n = 2;
    film_of(&b, &t, 1, &m);
    expect(&b, "");
    b_free(&b);
}

static void test_long_gop(void **state)
{
    (void)state;
    static const uint32_t in_the_middle[] = {1, 252}, at_the_end[] = {1, 2};
    b_track t = {.samples = 502, .stss = in_the_middle, .stss_n = 2};
    expect_one(t, "warning long-gop 1: 10.0 s pass from one sync sample to the next, or to the end\n");
    t.samples = 252;
    t.stss = at_the_end;
    expect_one(t, "warning long-gop 1: 10.0 s pass from one sync sample to the next, or to the end\n");
    t.samples = 251;
    t.stss = (const uint32_t[]){1, 251};
    expect_one(t, "");
}

static void test_uneven_gops(void **state)
{
    (void)state;
    /* 51 samples make 2.04 s. */
    static const uint32_t steady[] = {1, 2, 3, 4, 5}, longer[] = {1, 2, 3, 4, 54};
    b_track t = {.samples = 55, .stss = steady, .stss_n = 5};
    expect_one(t, "note uneven-gops 1: sync samples come every 0.44 s on average, but once only after 2.04 s\n");
    t.samples = 54; /* 2 s */
    expect_one(t, "");
    t.stss = longer;
    t.samples = 54;
    expect_one(t, "");
}

static void test_three_times_the_average_is_even(void **state)
{
    (void)state;
    static const uint32_t stss[] = {1, 4, 7, 9};
    static const b_run stts[] = {{100, 125}};
    b_track t = {.samples = 32, .stss = stss, .stss_n = 4, .stts = stts, .stts_n = 1};
    expect_one(t, "");
    t.samples = 33;
    expect_one(t, "note uneven-gops 1: sync samples come every 1.03 s on average, but once only after 3.12 s\n");
}

static void test_open_gops(void **state)
{
    (void)state;
    static const uint32_t stss[] = {1}, stps[] = {3, 5};
    expect_one((b_track){.samples = 6, .stss = stss, .stss_n = 1, .stps = stps, .stps_n = 2},
               "note open-gops 1: 2 sync samples are partial (open GOPs)\n");
    expect_one((b_track){.samples = 6, .stss = stss, .stss_n = 1}, "");
}

/* ---- edits ------------------------------------------------------------------------------------------------ */

static void expect_edits(const b_edit *edits, uint32_t n, bool wide, const char *lines)
{
    expect_one((b_track){.samples = 100, .edits = edits, .edit_n = n, .wide_edits = wide}, lines);
}

static void test_starts_late(void **state)
{
    (void)state;
    b_edit e[] = {{101, -1, 0x10000}, {0, 0, 0x10000}};
    expect_edits(e, 2, false, "note starts-late 1: an empty edit delays the track by 0.101 s\n");
    e[0].duration = 100; /* nobody notices */
    expect_edits(e, 2, false, "");
}

static void test_trimmed_start(void **state)
{
    (void)state;
    b_edit e[] = {{0, -1, 0x10000}, {1000, 501, 0x10000}};
    expect_edits(e + 1, 1, false, "note trimmed-start 1: the first 0.501 s are cut off by the edit list\n");
    expect_edits(e, 2, false, "note trimmed-start 1: the first 0.501 s are cut off by the edit list\n");
    e[1].media_time = 500;
    expect_edits(e + 1, 1, false, "");
    expect_one((b_track){.samples = 100, .edits = e + 1, .edit_n = 1, .handler = "soun", .entries = sound()}, "");
}

/* media_time less the first sample's time did not fit. */
static void test_a_trim_that_overflows(void **state)
{
    (void)state;
    static const b_run ctts[] = {{4, 0x80000000}};
    static const b_edit far[] = {{1000, INT64_MAX, 0x10000}}, before[] = {{1000, INT64_MIN, 0x10000}};
    b_track t = {.samples = 4, .ctts = ctts, .ctts_n = 1, .edits = far, .edit_n = 1, .wide_edits = true};
    expect_one(t, "note trimmed-start 1: the first 9223372039002260.000 s are cut off by the edit list\n"
                  "note negative-offsets 1: 4 " NEGATIVE);
    t.edits = before;
    expect_one(t, "note negative-offsets 1: 4 " NEGATIVE);
}

static void test_several_edits(void **state)
{
    (void)state;
    static const b_edit e[] = {{100, 0, 0x10000}, {100, 200, 0x10000}};
    expect_edits(e, 2, false, "warning several-edits 1: the edit list plays 2 pieces; with the first alone the others are off by up to 0.100 s\n");
    expect_edits(e, 1, false, "");
}

static void test_edit_rate(void **state)
{
    (void)state;
    static const char line[] = "warning edit-rate 1: the edit list stands still or changes the speed\n";
    expect_edits((const b_edit[]){{100, 0, 0}}, 1, false, line);
    expect_edits((const b_edit[]){{100, 0, 0x10001}}, 1, false, line);
    expect_edits((const b_edit[]){{100, 0, 0x10000}}, 1, false, "");
    expect_edits((const b_edit[]){{100, -1, 0}, {100, 0, 0x10000}}, 2, false, "");
}

/* ---- times ------------------------------------------------------------------------------------------------ */

static void expect_times(uint32_t timescale, const b_run *stts, uint32_t n, const char *lines)
{
    uint32_t samples = 0;
    for (uint32_t i = 0; i < n; i++)
        samples += stts[i].count;
    expect_one((b_track){.samples = samples, .timescale = timescale, .stts = stts, .stts_n = n}, lines);
}

static void test_odd_timescale_of_few_ticks(void **state)
{
    (void)state;
    /* 20 samples, two changes: 24 pictures a second in 25 ticks. */
    b_run stts[] = {{10, 1}, {1, 2}, {9, 1}};
    expect_times(99, stts, 3, "warning odd-timescale 1: a tick is 1/99 s\n");
    expect_times(100, stts, 3, "");
    stts[2].count = 29; /* 40: two in forty is what a picture that was lost looks like */
    expect_times(25, stts, 3, "");
    expect_times(25, (const b_run[]){{19, 1}, {1, 2}}, 2, ""); /* the last one is made up */
    expect_times(25, (const b_run[]){{20, 1}}, 1, "");
}

#define NO_FIT "the timescale does not fit the rate\n"

/* 90,000 was named as the cure for 3753 or 3754 ticks of 1/90000 s; but one tick in a thousand is no ill. */
static void test_odd_timescale_of_pictures(void **state)
{
    (void)state;
    const b_run stts[] = {{8, 999}, {2, 1000}, {10, 999}}, finer[] = {{8, 1000}, {2, 1001}, {10, 1000}};
    expect_times(30000, (const b_run[]){{8, 999}, {2, 1000}, {9, 999}}, 3,
                 "note odd-timescale 1: frames last 999 or 1000 ticks of 1/30000 s: " NO_FIT);
    expect_times(30000, stts, 3, ""); /* two in twenty */
    expect_times(30000, finer, 3, "");
    expect_times(30000, (const b_run[]){{1, 1000}, {1, 1001}, {1, 1000}}, 3, "");
}

/* Sound in milliseconds: 1024 of 48,000 are 21.33 of them. */
static void test_odd_timescale_of_sound(void **state)
{
    (void)state;
    static const b_run stts[] = {{2, 21}, {1, 22}, {2, 21}, {1, 22}, {2, 21}}, even[] = {{8, 21}};
    b_track t = {.samples = 8, .stts = stts, .stts_n = 5, .handler = "soun", .entries = sound()};
    expect_one(t, "note odd-timescale 1: frames last 21 or 22 ticks of 1/1000 s: " NO_FIT);
    t.stts = even;
    t.stts_n = 1;
    expect_one(t, "");
}

static void test_variable_frame_rate(void **state)
{
    (void)state;
    b_run stts[] = {{4, 40}, {2, 80}, {13, 40}};
    expect_times(1000, stts, 3, "note variable-frame-rate 1: frames last from 0.0400 s to 0.0800 s\n");
    stts[2].count = 34; /* two in forty */
    expect_times(1000, stts, 3, "");
    expect_times(1000, (const b_run[]){{18, 40}, {1, 99}}, 2, "");
    /* A hundredth is the jitter of a capture. */
    expect_times(90000, (const b_run[]){{4, 3000}, {2, 3030}, {13, 3000}}, 3, "");
    expect_times(90000, (const b_run[]){{4, 3000}, {2, 3031}, {13, 3000}}, 3,
                 "note variable-frame-rate 1: frames last from 0.0333 s to 0.0337 s\n");
    expect_times(1000, (const b_run[]){{1, 40}, {1, 80}}, 2, "");
}

static void test_negative_offsets(void **state)
{
    (void)state;
    static const b_run ctts[] = {{3, 0}, {2, 0xffffffff}, {1, 40}}, none[] = {{6, 0}};
    b_track t = {.samples = 6, .ctts = ctts, .ctts_n = 3, .ctts_version = 1};
    expect_one(t, "note negative-offsets 1: 2 " NEGATIVE);
    t.ctts = none;
    t.ctts_n = 1;
    expect_one(t, "");
}

/* ---- fragments -------------------------------------------------------------------------------------------- */

/* Two fragments of 100 pictures of 40 ms, the first at begin, the second gap ticks behind its end. */
static void expect_fragments(uint64_t begin, int64_t gap, const char *lines)
{
    b_buf b = {0};
    b_place places[2] = {{0, 0}, {0, 0}};
    init(&b, &(b_track){0}, 1);
    places[0].moof = b.size;
    fragment(&b, 1, begin, 100, 40, 10);
    places[1].moof = b.size;
    fragment(&b, 2, begin + 4000 + (uint64_t)gap, 100, 40, 10);
    b_mfra(&b, 1, places, 2);
    expect(&b, lines);
    b_free(&b);
}

static void test_gaps(void **state)
{
    (void)state;
    expect_fragments(0, 0, "");
    expect_fragments(0, 100, "");
    expect_fragments(0, -100, "");
    expect_fragments(0, 101, "warning gaps 1: decode times jump 1 times, by up to 0.101 s\n");
    expect_fragments(0, -3000, "warning gaps 1: decode times jump 1 times, by up to 3.000 s\n");
    /* A gap is no GOP. */
    expect_fragments(0, 60000, "warning gaps 1: decode times jump 1 times, by up to 60.000 s\n");
}

/* A recording that was joined late lasted, and had GOPs, as long as the day it was made on. */
static void test_fragments_that_start_late(void **state)
{
    (void)state;
    expect_fragments(1000, 0, "");
    expect_fragments(1001, 0, "note starts-late 1: the first sample is decoded at 1.001 s\n");
    expect_fragments(UINT64_C(1700000000000), 0,
                     "note starts-late 1: the first sample is decoded at 1700000000.000 s\n");
}

static void late_fragment(b_buf *b, uint64_t tfdt, uint32_t apart)
{
    b_trun runs[] = {{.flags = B_DATA, .count = 100}, {.flags = B_DATA, .count = 100, .media_at = apart}};
    b_traf traf[2];
    for (uint32_t i = 0; i < 2; i++)
        traf[i] = (b_traf){.track_id = i + 1, .flags = 0x20038, .duration = 40, .size = 10, .sample_flags = B_SYNC,
                           .has_tfdt = true, .tfdt = tfdt + i * 1000, .runs = &runs[i], .run_n = 1};
    b_fragment(b, 1, traf, 2, apart + 1000);
}

/* Everything that is told of tables is told of fragments; here of two tracks that began fifty years ago. */
static void test_fragments_are_examined(void **state)
{
    (void)state;
    b_buf b = {0};
    const b_track t[] = {{.samples = 0}, {.handler = "soun", .entries = sound()}};
    init(&b, t, 2);
    late_fragment(&b, UINT64_C(1700000000000), 8 * MEBI + 1000);
    b.size -= 5;
    expect_f(&b, "problem torn 0: the file ends within its last box of media, which begins at byte %zu\n"
               "warning poor-interleave 0: at second 1700000001 the tracks lie 8.4 MB apart\n"
               "note starts-late 1: the first sample is decoded at 1700000000.000 s\n"
               "problem cut-off 2: 1 of 100 samples lie past the end of the file\n"
               "note starts-late 2: the first sample is decoded at 1700000001.000 s\n", b_find(&b, "mdat"));
    b_free(&b);
}

/* ---- bytes ------------------------------------------------------------------------------------------------ */

static void test_cut_off(void **state)
{
    (void)state;
    b_buf b = {0};
    small_plain(&b);
    const size_t mdat = b_find(&b, "mdat"), sizes[] = {b.size - 1, b.size - 11, mdat + 8};
    const unsigned lost[] = {1, 2, 10};
    for (size_t i = 0; i < 3; i++) {
        b.size = sizes[i];
        expect_f(&b, "problem torn 0: the file ends within its last box of media, which begins at byte %zu\n"
                     "problem cut-off 1: %u of 10 samples lie past the end of the file\n", mdat, lost[i]);
        expect_fix(&b, "cut-off", i < 2 ? KEEP : SOURCE ": not one of its samples is there");
        expect_fix(&b, "torn", i < 2 ? KEEP : SOURCE ": not one of its samples is there");
    }
    b_free(&b);
}

/* A recording that ends in the middle of a fragment: of its head the parser speaks, of its media the doctor. */
static void test_torn(void **state)
{
    (void)state;
    b_buf b = {0};
    small_fragmented(&b);
    size_t moof = b_find(&b, "moof[2]"), mdat = b_find(&b, "mdat[2]");
    b.size = mdat + 30;
    report r = examine(&b, 0);
    assert_non_null(strstr(r.text, "problem torn 0: the file ends within its last box of media"));
    assert_non_null(strstr(r.text, "problem cut-off 1: 3 of 10 samples"));
    b.size = moof + 20;
    r = examine(&b, 0);
    assert_non_null(strstr(r.text, "problem damaged 0: moof goes past the end of the file"));
    assert_null(strstr(r.text, "torn"));
    expect_fix(&b, "damaged", KEEP);
    b.size = moof;
    assert_null(strstr(examine(&b, 0).text, "torn"));
    b_free(&b);
}

static void test_empty_samples(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {10, 0, 10, 0}, whole[] = {10, 1, 10, 1}, none[4] = {0};
    b_track t = {.samples = 4, .sizes = sizes};
    expect_one(t, "note empty-samples 1: 2 samples have no bytes\n");
    t.handler = "text";
    expect_one(t, "");
    t.handler = "vide";
    t.sizes = none; /* "encode it again" was said of a film in which there is nothing to encode */
    b_buf b = {0};
    film(&b, &t, 1);
    expect_fix(&b, "empty-samples", SOURCE);
    b_free(&b);
    t.sizes = whole;
    expect_one(t, "");
}

/* Seconds of two samples, one of which has more bytes than the others. */
static void expect_peak(uint32_t peak, uint32_t others, uint32_t seconds, const char *lines)
{
    static const b_run stts[] = {{24, 500}};
    uint32_t sizes[24];
    for (int i = 0; i < 12; i++) {
        sizes[2 * i] = (i == 4 ? peak : others) / 3;
        sizes[2 * i + 1] = (i == 4 ? peak : others) - sizes[2 * i];
    }
    expect_one((b_track){.samples = 2 * seconds, .stts = stts, .stts_n = 1, .sizes = sizes}, lines);
}

static void test_bit_rate_peaks(void **state)
{
    (void)state;
    expect_peak(550007, 70000, 12, "note bit-rate-peaks 1: one second takes 4.4 Mbit, the average 0.9 Mbit\n");
    expect_peak(550000, 70000, 12, ""); /* five times the average */
    expect_peak(500001, 1000, 12, "note bit-rate-peaks 1: one second takes 4.0 Mbit, the average 0.3 Mbit\n");
    expect_peak(500000, 1000, 12, "");
    expect_peak(500001, 1000, 10, "");
}

/* ---- codecs ----------------------------------------------------------------------------------------------- */

static void with_entry(b_buf *b, const char *handler, const b_buf *entry)
{
    b_clear(b);
    film(b, &(b_track){.samples = 4, .handler = handler, .entries = entry}, 1);
}

#define REMUX "ffmpeg -i in.mp4 -map 0 -map -0:d -c copy "
#define OUT "-movflags +faststart out.mp4"
#define NEW_PICTURES "-c:v libx264 -force_key_frames 'expr:gte(t,n_forced*2)' "

static void test_not_in_hls(void **state)
{
    (void)state;
    b_buf entry = {0}, b = {0};
    b_video(&entry, "apch", 64, 48);
    b_end(&entry);
    with_entry(&b, "vide", &entry);
    expect(&b, "warning not-in-hls 1: the codec is apch\n");
    expect_fix(&b, "not-in-hls", REMUX NEW_PICTURES "-pix_fmt yuv420p " OUT);
    b_clear(&entry);
    b_audio(&entry, "in24", 2, 48000);
    b_end(&entry);
    with_entry(&b, "soun", &entry);
    expect(&b, "warning not-in-hls 1: the codec is in24\n");
    expect_fix(&b, "not-in-hls", REMUX "-c:a aac " OUT);
    b_clear(&entry);
    b_video(&entry, "what", 64, 48); /* who knows */
    b_end(&entry);
    with_entry(&b, "vide", &entry);
    expect(&b, "");
    b_free(&b);
    b_free(&entry);
}

/* avc3 was told to become hvc1. */
static void test_in_band_parameters(void **state)
{
    (void)state;
    b_buf entry = {0}, b = {0};
    b_visual_entry(&entry);
    memcpy(entry.data + 4, "avc3", 4);
    with_entry(&b, "vide", &entry);
    expect(&b, "warning in-band-parameters 1: the sample entry is avc3.64000a\n");
    expect_fix(&b, "in-band-parameters", REMUX "-tag:v avc1 " OUT);
    b_clear(&entry);
    b_video(&entry, "hev1", 64, 48);
    b_box(&entry, "hvcC");
    b_fill(&entry, 0, 23);
    b_end(&entry);
    b_end(&entry);
    with_entry(&b, "vide", &entry);
    expect(&b, "warning in-band-parameters 1: the sample entry is hev1.0.0.L0\n");
    expect_fix(&b, "in-band-parameters", REMUX "-tag:v hvc1 " OUT);
    b_free(&b);
    b_free(&entry);
}

static void test_no_description(void **state)
{
    (void)state;
    static uint8_t none[1];
    const b_buf nothing = {.data = none, .size = 0};
    b_buf b = {0};
    with_entry(&b, "vide", &nothing);
    b_set32(&b, b_body(&b, "moov/trak/mdia/minf/stbl/stsd"), 0);
    expect(&b, "problem no-description 1: the track has no sample description\n");
    b_free(&b);
}

static void test_no_config(void **state)
{
    (void)state;
    b_buf entry = {0}, b = {0};
    b_visual_entry(&entry);
    b_hide(&entry, "avc1/avcC");
    with_entry(&b, "vide", &entry);
    report r = examine(&b, 0);
    assert_non_null(strstr(r.text, "warning damaged 0: avc1 has no avcC: a decoder cannot start (moov/trak[1]"));
    assert_non_null(strstr(r.text, "\nproblem no-config 1: the decoder configuration of avc1 is missing\n"));
    b_clear(&entry);
    b_audio(&entry, "Opus", 2, 48000); /* no NAL units, no OBUs, no AAC: it was not missed */
    b_end(&entry);
    with_entry(&b, "soun", &entry);
    r = examine(&b, 0);
    assert_non_null(strstr(r.text, "\nproblem no-config 1: the decoder configuration of opus is missing\n"));
    b_clear(&entry);
    b_audio(&entry, "Opus", 2, 48000);
    b_box(&entry, "dOps");
    b_end(&entry);
    b_end(&entry);
    with_entry(&b, "soun", &entry);
    r = examine(&b, 0);
    assert_non_null(strstr(r.text, "\nproblem no-config 1: the decoder configuration of opus is missing\n"));
    b_free(&b);
    b_free(&entry);
}

static void test_config_that_holds_nothing(void **state)
{
    (void)state;
    b_buf entry = {0}, b = {0};
    b_video(&entry, "avc1", 64, 48);
    b_box(&entry, "avcC");
    b_bytes(&entry, "\1\x42\0\x0a\xff\xe0\0", 7);
    b_end(&entry);
    b_end(&entry);
    with_entry(&b, "vide", &entry);
    expect(&b, "problem no-config 1: the decoder configuration of avc1.42000a holds no parameter sets\n");
    b_clear(&entry);
    sound_entry(&entry, false);
    with_entry(&b, "soun", &entry);
    expect(&b, "problem no-config 1: the decoder configuration of mp4a.40 is empty\n");
    b_free(&b);
    b_free(&entry);
}

/* Samples in another file were past the end of this one, and far from those of other tracks. */
static void test_elsewhere(void **state)
{
    (void)state;
    static const uint64_t far[] = {20 * MEBI};
    const b_track t[] = {{.samples = 4}, {.samples = 4, .chunks = far, .chunk_n = 1}};
    b_buf b = {0};
    film(&b, t, 2);
    size_t dref = b_find(&b, "moov/trak[2]/mdia/minf/dinf/dref");
    b_set32(&b, dref + 24, 0); /* flags of url */
    b_insert(&b, "moov/trak[2]/mdia/minf/dinf/dref/url ", dref + 28, "f:x", 4);
    expect(&b, "problem elsewhere 2: the samples lie in another file\n");
    b_free(&b);
}

/* Of one track of sound it was said that nobody can choose; and of several the first was always to be mended. */
static void test_no_language(void **state)
{
    (void)state;
    b_buf b = {0};
    const b_track t[] = {{.samples = 4}, {.samples = 4, .handler = "soun", .entries = sound()},
                         {.samples = 4, .handler = "soun", .entries = sound()}};
    film(&b, t, 3);
    expect(&b, "note no-language 2: the audio has no language, and is one of 2\n"
               "note no-language 3: the audio has no language, and is one of 2\n");
    expect_fix(&b, "no-language", REMUX "-metadata:s:a:1 language=eng " OUT);
    set_english(&b, "moov/trak[2]/mdia/mdhd");
    expect(&b, "note no-language 3: the audio has no language, and is one of 2\n");
    set_english(&b, "moov/trak[3]/mdia/mdhd");
    expect(&b, "");
    b_free(&b);
}

/* ---- commands --------------------------------------------------------------------------------------------- */

/* Without -map, ffmpeg keeps one track of a kind; without faststart the next visit finds moov-last. */
static int check_command(void *user, const reel_finding *f)
{
    const char *command = f->command;
    *(int *)user += *command != 0;
    if (strncmp(command, "ffmpeg ", 7) != 0)
        return 0;
    assert_non_null(strstr(command, " -map 0 -map -0:d "));
    assert_non_null(strstr(command, " -movflags +f"));
    assert_string_equal(command + strlen(command) - 8, " out.mp4");
    return 0;
}

static void test_commands(void **state)
{
    (void)state;
    b_buf b = {0};
    int commands = 0;
    ill_film(&b);
    b_set32(&b, b_body(&b, "moov/mvhd") + 12, 9000);
    hostile_film f = hostile_open(&b);
    assert_int_equal(reel_doctor(f.movie, check_command, &commands, NULL), REEL_OK);
    assert_int_equal(commands, 6);
    hostile_close(&f);
    b_clear(&b);
    static const b_run stts[] = {{12, 1000}};
    static const uint32_t sizes[] = {10, 10, 10, 10, 600000, 10, 10, 10, 10, 10, 10, 10};
    film(&b, &(b_track){.samples = 12, .stts = stts, .stts_n = 1, .sizes = sizes}, 1);
    expect_fix(&b, "bit-rate-peaks", REMUX NEW_PICTURES "-maxrate 800k -bufsize 1600k " OUT);
    b_free(&b);
}

static void test_made_anew(void **state)
{
    (void)state;
    static const uint64_t first[] = {0}, second[] = {10000000};
    static const b_run stts[] = {{100, 40}};
    static const b_chunks stsc[] = {{1, 100, 1}};
    b_track t[2] = {{.samples = 100, .stts = stts, .stts_n = 1, .stsc = stsc, .stsc_n = 1, .uniform_size = 100000,
                     .chunks = first, .chunk_n = 1}};
    b_buf b = {0};
    t[1] = t[0];
    t[1].handler = "soun";
    t[1].entries = sound();
    t[1].uniform_size = 10;
    t[1].chunks = second;
    b_film(&b, &(b_movie){.track = t, .tracks = 2, .media_size = 10001000});
    mended_anew(&b, "poor-interleave");
    b_clear(&b);
    small_fragmented(&b);
    mended_anew(&b, "no-sidx");
    b_clear(&b);
    small_plain(&b);
    b_set32(&b, b_body(&b, "moov/mvhd") + 12, 9000);
    mended_anew(&b, "wrong-duration");
    b_free(&b);
}

/* Commands were given that failed: of a torn recording defragment, and repair where nothing could be had. */
static void test_what_is_advised_works(void **state)
{
    (void)state;
    b_buf b = {0};
    small_fragmented(&b);
    b.size -= 5;
    expect_fix(&b, "torn", KEEP);
    expect_fix(&b, "no-sidx", "mend the film first, with reel repair, and ask again about what comes of it");
    b_clear(&b);
    small_plain(&b);
    b_set32(&b, b_body(&b, "moov/mvhd") + 12, 9000);
    expect_fix(&b, "wrong-duration", "reel defragment -o out.mp4 in.mp4");
    b.size = b_media_at(&b) + 3;
    expect_fix(&b, "cut-off", SOURCE ": not one of its samples is there");
    expect_fix(&b, "wrong-duration", SOURCE ": not one of its samples is there");
    b_free(&b);
}

/* ffmpeg cannot copy AMR and H.263 into MP4; and where it knows no decoder, nothing is advised. */
static void test_what_ffmpeg_can_do(void **state)
{
    (void)state;
    static const char *const other[] = {"aprn", "c608"};
    b_buf h263 = {0}, samr = {0}, b = {0};
    b_video(&h263, "s263", 65, 48);
    b_end(&h263);
    b_audio(&samr, "samr", 1, 8000);
    b_box(&samr, "damr");
    b_fill(&samr, 0, 8);
    b_u8(&samr, 5);
    b_end(&samr);
    b_end(&samr);
    b_track t[] = {{.samples = 4, .entries = &h263}, {.samples = 4, .handler = "soun", .entries = &samr}};
    film(&b, t, 2);
    expect_fix(&b, "not-in-hls", REMUX NEW_PICTURES "-vf 'pad=ceil(iw/2)*2:ceil(ih/2)*2' -c:a aac -pix_fmt yuv420p " OUT);
    for (size_t i = 0; i < 2; i++) {
        b_buf entry = {0};
        fixes k = {.id = "not-in-hls"};
        b_clear(&b);
        b_video(&entry, other[i], 64, 48);
        b_end(&entry);
        t[0].entries = &entry;
        t[0].handler = i ? "text" : "vide";
        film(&b, t, 2);
        hostile_film f = hostile_open(&b);
        assert_int_equal(reel_doctor(f.movie, keep_fix, &k, NULL), REEL_OK);
        assert_int_equal(strncmp(k.fix, SOURCE ": ", sizeof SOURCE + 1), 0);
        hostile_close(&f);
        b_free(&entry);
    }
    b_free(&b);
    b_free(&h263);
    b_free(&samr);
}

static int examine_source(const b_buf *b, fixes *k)
{
    reel_source *source;
    assert_int_equal(reel_source_memory(b->data, b->size, NULL, NULL, &source), REEL_OK);
    k->fix[0] = 0;
    int code = reel_doctor_source(source, keep_fix, k, NULL);
    reel_source_unref(&source);
    return code;
}

/* FFmpeg keeps no sample of a track whose edit list plays none: its command made no film. */
static void test_odd_timescale_behind_an_empty_edit(void **state)
{
    (void)state;
    static const b_run stts[] = {{1, 66}, {1, 67}, {1, 66}, {1, 67}, {1, 66}, {1, 67}};
    static const b_edit empty[] = {{0, -1, 0x10000}};
    const b_track t = {.samples = 6, .stts = stts, .stts_n = 6, .edits = empty, .edit_n = 1};
    b_buf b = {0};
    film(&b, &t, 1);
    expect_fix(&b, "odd-timescale", "ffmpeg -ignore_editlist 1 -i in.mp4 -map 0 -map -0:d -c copy " NEW_PICTURES
                                    "-fps_mode cfr " OUT);
    b_free(&b);
}

/* Of a film that does not open nothing was said but that. */
static void test_what_does_not_open(void **state)
{
    (void)state;
    b_buf b = {0}, segment = {0};
    fixes k = {.id = "unreadable"};
    small_fragmented(&b);
    size_t moov = b_find(&b, "moov"), moof = b_find(&b, "moof");
    b_bytes(&segment, b.data + moof, b.size - moof);
    assert_int_equal(examine_source(&segment, &k), REEL_OK);
    assert_string_equal(k.fix, "reel repair --like GOOD_FILE -o out.mp4 in.mp4");
    b_bytes(&segment, b.data, moof); /* behind them, where nobody looks after a box that is none */
    b_set32(&segment, 0, 3);
    assert_int_equal(examine_source(&segment, &k), REEL_OK);
    assert_string_equal(k.fix, KEEP);
    b_clear(&segment);
    b_film(&segment, &(b_movie){.track = &small_track, .tracks = 1, .media_size = 100});
    memcpy(segment.data + b_find(&segment, "moov") + 4, "free", 4);
    assert_int_equal(examine_source(&segment, &k), REEL_OK);
    assert_int_equal(strncmp(k.fix, SOURCE "; nothing of it can be had: it has no whole movie box", 90), 0);
    k.id = "no-sidx";
    assert_int_equal(examine_source(&b, &k), REEL_OK);
    assert_string_equal(k.fix, "reel defragment -o out.mp4 in.mp4");
    k.id = "unreadable";
    memset(b.data, 'x', moov);
    b.size = moov;
    assert_int_equal(examine_source(&b, &k), REEL_E_NOT_MP4);
    assert_string_equal(k.fix, "");
    assert_int_equal(reel_doctor_source(NULL, keep_fix, &k, NULL), REEL_E_ARG);
    b_free(&b);
    b_free(&segment);
}

/* ---- made-up counts --------------------------------------------------------------------------------------- */

static double cpu_seconds(const b_buf *b, int *findings)
{
    clock_t begin = clock();
    report r = examine(b, 0);
    *findings = r.calls;
    return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

/* 64 tracks of 200 million samples each were walked one by one: minutes, for a film of 40 KB. */
static void test_counts_that_are_made_up(void **state)
{
    (void)state;
    static const b_run stts[] = {{0xfffffff0, 1}, {15, 3}}, ctts[] = {{0xffffffff, 5}};
    static const uint32_t first[] = {1}, scattered[] = {1, 2, 70000000, 0xfffffff0};
    static const b_chunks stsc[] = {{1, 1, 1}, {2, 0xfffffffe, 1}};
    static const uint64_t chunks[] = {0, 1};
    b_buf b = {0};
    b_track t[70];
    int findings;
    for (int i = 0; i < 70; i++) {
        t[i] = (b_track){.samples = UINT32_MAX, .uniform_size = 1 + (uint32_t)i % 3, .stts = stts, .stts_n = 2,
                         .ctts = ctts, .ctts_n = i & 1, .stss = i & 4 ? first : scattered, .stss_n = i & 4 ? 1 : 4,
                         .handler = i & 8 ? "soun" : NULL, .entries = i & 8 ? sound() : NULL};
        if (i & 2)
            t[i].stsc = stsc, t[i].stsc_n = 2, t[i].chunks = chunks, t[i].chunk_n = 2;
    }
    film_of(&b, t, 70, &(b_movie){.media_size = 100});
    assert_true(cpu_seconds(&b, &findings) < 20);
    assert_true(findings > 1 + 64 * 2);
    b_free(&b);
}

/* The same in fragments: 5,000 runs of 4,294,967,295 samples, in 400 KB. */
static void test_runs_that_are_made_up(void **state)
{
    (void)state;
    static const b_trun run = {.count = UINT32_MAX};
    b_traf traf = {.flags = 0x20038, .duration = 1, .size = 1, .sample_flags = B_NON_SYNC, .has_tfdt = true,
                   .runs = &run, .run_n = 1};
    b_buf b = {0};
    int findings;
    unsigned long long moofs = 0, all = 5000ull * UINT32_MAX;
    init(&b, &(b_track){.timescale = 600}, 1);
    for (uint32_t i = 0; i < 5000; i++) {
        moofs += b.size;
        traf.tfdt = i * (uint64_t)UINT32_MAX;
        b_fragment(&b, i + 1, &traf, 1, 1);
    }
    assert_true(cpu_seconds(&b, &findings) < 20);
    expect_f(&b, "warning no-sidx 0: the film is fragmented and has neither sidx nor mfra\n"
                 "problem made-up-count 1: the track says it has %llu samples, and the file has %zu bytes\n"
                 "problem no-sync-samples 1: none of %llu samples is a sync sample\n"
                 "problem cut-off 1: %llu of %llu samples lie past the end of the file\n",
             all, b.size, all, all - (5000ull * b.size - moofs), all);
    b_free(&b);
}

/* ---- in one step, one by one ------------------------------------------------------------------------------ */

typedef struct dice {
    uint64_t state;
    uint32_t samples;
    b_run stts[8], ctts[8];
    b_chunks stsc[4];
    uint64_t chunks[16];
    uint32_t stss[8], sizes[4000], uniform;
    b_track track;
} dice;

static uint32_t throw_runs(dice *d, b_run *runs, uint32_t most, uint32_t less)
{
    uint32_t n = 1 + b_below(&d->state, 7), left = d->samples;
    for (uint32_t i = 0; i < n; i++) {
        runs[i] = (b_run){i + 1 < n ? b_below(&d->state, left) : left, b_below(&d->state, most) - less};
        left -= runs[i].count;
    }
    return n;
}

/* A track whose tables change in few places. */
static void throw_track(dice *d, uint64_t seed)
{
    b_track *t = &d->track;
    *d = (dice){.state = seed};
    d->samples = 1 + b_below(&d->state, 4000);
    d->uniform = 1 + b_below(&d->state, 2000);
    for (uint32_t i = 0; i < d->samples; i++)
        d->sizes[i] = d->uniform;
    uint32_t per_chunk = 1 + d->samples / (1 + b_below(&d->state, 15));
    *t = (b_track){.samples = d->samples, .uniform_size = d->uniform, .timescale = 100 + b_below(&d->state, 900)};
    t->stts = d->stts, t->stts_n = throw_runs(d, d->stts, 1 + b_below(&d->state, 1500), 0);
    t->ctts = d->ctts, t->ctts_n = b_below(&d->state, 2) ? throw_runs(d, d->ctts, 10000, 500) : 0;
    d->stsc[0] = (b_chunks){1, per_chunk, 1};
    t->stsc = d->stsc, t->stsc_n = 1;
    t->chunks = d->chunks, t->chunk_n = (d->samples - 1) / per_chunk + 1;
    for (uint32_t i = 0; i < t->chunk_n; i++)
        d->chunks[i] = b_below(&d->state, 60000000);
    t->stss = d->stss, t->has_stss = b_below(&d->state, 4) != 0;
    for (uint32_t at = 0; t->has_stss && t->stss_n < 8 && (at += 1 + b_below(&d->state, 900)) <= d->samples;)
        d->stss[t->stss_n++] = at;
    t->stps = d->stss, t->stps_n = t->stss_n / 2;
}

/* The figures of the film's one track, with the list of seconds moved to place. */
static reel__figures figures(const b_track *t, uint64_t *place)
{
    static reel__exam exam;
    b_buf b = {0};
    reel__figures f = {0};
    film_of(&b, t, 1, &(b_movie){.media_size = 100, .moov_last = true});
    sparse s = {&b, UINT64_C(30000000)};
    const reel_source_io io = {sizeof io, sparse_read, sparse_size, NULL, &s};
    hostile_film opened = {0};
    assert_int_equal(reel_source_callback(&io, &opened.source, NULL), REEL_OK);
    assert_int_equal(reel_open(opened.source, NULL, &opened.movie, NULL), REEL_OK);
    exam = (reel__exam){.movie = opened.movie, .tracks = &f, .count = 1, .size = s.size};
    assert_int_equal(reel__survey(&exam, NULL), REEL_OK);
    if (f.seconds)
        memcpy(place, f.place, f.seconds * sizeof *place);
    free(f.place);
    f.place = NULL;
    f.track = NULL;
    memset(&f.info, 0, sizeof f.info);
    memset(&f.description, 0, sizeof f.description);
    hostile_close(&opened);
    b_free(&b);
    return f;
}

/* Samples that are alike are counted in one step; with their sizes written out one by one, and all is the same. */
static void test_one_step_is_like_many(void **state)
{
    (void)state;
    static dice d;
    static uint64_t in_one[REEL__SECONDS], one_by_one[REEL__SECONDS];
    for (uint64_t seed = 0; seed < 300; seed++) {
        throw_track(&d, seed);
        reel__figures a = figures(&d.track, in_one);
        d.track.sizes = d.sizes;
        reel__figures b = figures(&d.track, one_by_one);
        a.peak_second = b.peak_second = 0; /* among samples that are alike there is none */
        a.room = b.room = 0;
        assert_memory_equal(&a, &b, sizeof a);
        assert_memory_equal(in_one, one_by_one, a.seconds * sizeof *in_one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_healthy_film),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_a_callback_stops_it),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_the_same_report_again),
        cmocka_unit_test(test_bytes_that_are_late),
        cmocka_unit_test(test_memory_that_runs_out),
        cmocka_unit_test(test_moov_last),
        cmocka_unit_test(test_moov_large),
        cmocka_unit_test(test_no_sidx),
        cmocka_unit_test(test_one_fragment_needs_no_index),
        cmocka_unit_test(test_compressed_moov),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_a_long_warning_is_whole),
        cmocka_unit_test(test_damaged_is_told_once), cmocka_unit_test(test_nothing_can_be_had),
        cmocka_unit_test(test_different_lengths),
        cmocka_unit_test(test_different_lengths_of_a_long_film),
        cmocka_unit_test(test_different_lengths_after_edits),
        cmocka_unit_test(test_poor_interleave),
        cmocka_unit_test(test_much_media_is_not_poor_interleave),
        cmocka_unit_test(test_interleave_after_edits),
        cmocka_unit_test(test_many_tracks),
        cmocka_unit_test(test_no_finding_is_dropped),
        cmocka_unit_test(test_wrong_duration_of_the_media),
        cmocka_unit_test(test_wrong_duration_of_movie_and_track),
        cmocka_unit_test(test_wrong_duration_of_a_fragmented_film),
        cmocka_unit_test(test_no_samples),
        cmocka_unit_test(test_made_up_count),
        cmocka_unit_test(test_no_sync_samples),
        cmocka_unit_test(test_starts_without_sync),
        cmocka_unit_test(test_one_sync_sample),
        cmocka_unit_test(test_false_sync_samples),
        cmocka_unit_test(test_long_gop),
        cmocka_unit_test(test_uneven_gops),
        cmocka_unit_test(test_three_times_the_average_is_even),
        cmocka_unit_test(test_open_gops),
        cmocka_unit_test(test_starts_late),
        cmocka_unit_test(test_trimmed_start),
        cmocka_unit_test(test_a_trim_that_overflows),
        cmocka_unit_test(test_several_edits),
        cmocka_unit_test(test_edit_rate),
        cmocka_unit_test(test_odd_timescale_of_few_ticks),
        cmocka_unit_test(test_odd_timescale_of_pictures),
        cmocka_unit_test(test_odd_timescale_behind_an_empty_edit),
        cmocka_unit_test(test_odd_timescale_of_sound),
        cmocka_unit_test(test_variable_frame_rate),
        cmocka_unit_test(test_negative_offsets),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_fragments_that_start_late),
        cmocka_unit_test(test_fragments_are_examined),
        cmocka_unit_test(test_cut_off), cmocka_unit_test(test_torn),
        cmocka_unit_test(test_empty_samples),
        cmocka_unit_test(test_bit_rate_peaks),
        cmocka_unit_test(test_not_in_hls),
        cmocka_unit_test(test_in_band_parameters),
        cmocka_unit_test(test_no_description),
        cmocka_unit_test(test_no_config),
        cmocka_unit_test(test_config_that_holds_nothing),
        cmocka_unit_test(test_elsewhere),
        cmocka_unit_test(test_no_language),
        cmocka_unit_test(test_commands), cmocka_unit_test(test_made_anew),
        cmocka_unit_test(test_what_is_advised_works),
        cmocka_unit_test(test_what_ffmpeg_can_do),
        cmocka_unit_test(test_what_does_not_open),
        cmocka_unit_test(test_counts_that_are_made_up),
        cmocka_unit_test(test_runs_that_are_made_up),
        cmocka_unit_test(test_one_step_is_like_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
