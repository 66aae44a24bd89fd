/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Damaged films: what is whole in them comes back, byte for byte and at its time, in a film that a strict reader takes;
 * or a sentence says why there is nothing. Faces src/write/repair.c, salvage.c, wreck.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "made.h"
#include "small.h"

static int repair_like(const b_buf *b, const reel_movie *like, reel_repair *report, reel_plan **plan, reel_error *err)
{
    reel_source *source;
    assert_int_equal(reel_source_memory(b->data, b->size, NULL, NULL, &source), REEL_OK);
    int code = reel_write_repair(source, like, NULL, report, plan, err);
    reel_source_unref(&source);
    return code;
}

static int repair(const b_buf *b, reel_repair *report, reel_plan **plan, reel_error *err)
{
    return repair_like(b, NULL, report, plan, err);
}

/* The samples of b are those of a from first on, in bytes and times. */
static void same_samples(const reel_track *a, uint64_t first, const reel_track *b)
{
    for (uint64_t i = 0, n = count_of(b); i < n; i++) {
        reel_sample x = sample_of(a, first + i), y = sample_of(b, i);
        same_bytes(a, &x, b, &y);
        assert_int_equal(x.dts, y.dts);
        assert_int_equal(x.pts, y.pts);
        assert_int_equal(x.flags & REEL_SAMPLE_SYNC, y.flags & REEL_SAMPLE_SYNC);
    }
}

/* Of a film of 10 samples of 10 bytes, and two fragments where media says so, what a file of that size keeps. */
static uint64_t kept_of(size_t size, const size_t media[2])
{
    uint64_t n = 0;
    for (int i = 0; i < 2; i++)
        n += size < media[i] + 10 ? 0 : (size - media[i] < 50 ? (size - media[i]) / 10 : 5);
    return n;
}

/* Whatever the place where a film is torn: what is whole of it comes back. A torn fragment was lost as a whole. */
static void test_repair_torn(void **state)
{
    (void)state;
    for (int fragmented = 0; fragmented < 2; fragmented++) {
        b_buf b = {0};
        if (fragmented)
            small_fragmented(&b);
        else
            small_plain(&b);
        reel_movie *a = open_memory(b.data, b.size);
        size_t size = b.size, second = fragmented ? b_find(&b, "moof[2]") : 0, begin = b_media_at(&b);
        const size_t media[] = {fragmented ? second - 50 : begin, fragmented ? size - 50 : begin + 50};
        for (b.size = fragmented ? b_find(&b, "moof") + 1 : begin + 11; b.size <= size; b.size++) {
            reel_plan *plan = NULL;
            reel_repair report = {0};
            int code = repair(&b, &report, &plan, NULL);
            uint64_t kept = kept_of(b.size, media), told = fragmented && b.size < media[1] ? 5 : 10;
            if (!kept) {
                assert_int_equal(code, REEL_E_TRUNCATED);
                continue;
            }
            assert_int_equal(code, REEL_OK);
            assert_int_equal(report.changed, b.size < size && b.size != second);
            made m = made_with(plan, REEL_OPEN_STRICT);
            assert_int_equal(count_of(reel_movie_track(m.movie, 0)), kept);
            assert_int_equal(kept + report.lost_samples, told);
            same_samples(reel_movie_track(a, 0), 0, reel_movie_track(m.movie, 0));
            made_done(&m);
        }
        b.size = size;
        reel_close(&a);
        b_free(&b);
    }
}

/* The one timecode of a torn film lasted as long as the whole film did, so that the film said it was that long. */
static void test_repair_shortens_data(void **state)
{
    (void)state;
    static const b_run stts[] = {{1, 400}};
    static const b_chunks stsc[] = {{1, 1, 1}};
    static const uint64_t chunks[] = {0};
    const b_track tracks[] = {small_track, {.id = 2, .handler = "tmcd", .stts = stts, .stts_n = 1, .stsc = stsc, .stsc_n = 1,
                                            .samples = 1, .uniform_size = 4, .chunks = chunks, .chunk_n = 1}};
    b_buf b = {0};
    reel_plan *plan = NULL;
    reel_movie_info info;
    reel_track_info timecode;
    b_film(&b, &(b_movie){.track = tracks, .tracks = 2, .media_size = 100});
    size_t size = b.size;
    b.size -= 60;
    assert_int_equal(repair(&b, NULL, &plan, NULL), REEL_OK);
    made m = made_with(plan, REEL_OPEN_STRICT);
    assert_int_equal(count_of(reel_movie_track(m.movie, 0)), 4);
    reel_movie_get_info(m.movie, &info);
    reel_track_get_info(reel_movie_track(m.movie, 1), &timecode);
    assert_int_equal(info.duration * 1000 / info.timescale, 160);
    assert_int_equal(timecode.media_duration, 160);
    made_done(&m);
    b.size = size;
    b_free(&b);
}

/* A camera that lost power: mdat says 0 ("to the end"), 8 (nothing yet), or a size beyond the end. */
static void test_repair_open_mdat(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 8, 1 << 30};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        b_buf b = {0};
        reel_plan *plan = NULL;
        reel_repair report = {0};
        b_film(&b, &(b_movie){.track = &small_track, .tracks = 1, .moov_last = true, .media_size = 100});
        reel_movie *a = open_memory(b.data, b.size);
        b_buf broken = {0};
        b_bytes(&broken, b.data, b.size);
        b_set32(&broken, b_find(&b, "mdat"), sizes[i]);
        memset(broken.data + b_media_at(&b), 0xff, 8); /* no box to be taken for one */
        assert_int_equal(repair(&broken, &report, &plan, NULL), REEL_OK);
        assert_true(report.changed);
        assert_int_equal(reel_plan_size(plan), b.size);
        made m = made_of(plan);
        assert_int_equal(count_of(reel_movie_track(m.movie, 0)), 10);
        assert_memory_equal(m.data, b.data, b_media_at(&b));
        made_done(&m);
        reel_close(&a);
        b_free(&b);
        b_free(&broken);
    }
}

static void test_repair_what_cannot_be(void **state)
{
    (void)state;
    b_buf b = {0};
    reel_plan *plan = NULL;
    reel_error err = {0};
    small_plain(&b);
    b.size = b_find(&b, "moov");
    assert_int_equal(repair(&b, NULL, &plan, &err), REEL_E_BOX_MISSING);
    assert_non_null(strstr(err.text, "no fragments"));
    b_clear(&b);
    b_text(&b, "This is a note, and no film at all.\n");
    assert_int_equal(repair(&b, NULL, &plan, &err), REEL_E_NOT_MP4);
    assert_null(plan);
    b_free(&b);
}

/* ---- recordings in fragments --------------------------------------------------------------------------------- */

enum { FRAGMENTS = 4, EACH = 5, MEDIA = 100, MOST_BOXES = 40 };

/* How places are told: from the moof, or from the start of the file. */
static const uint32_t bases[] = {0x20000, 1};

/* Four fragments of five samples of each of two tracks; all of them hold other bytes. */
static void recording(b_buf *b, uint32_t base)
{
    static const b_track empty[] = {{.id = 1}, {.id = 2}};
    static const b_entry entries[EACH] = {{40, 10, 0, 0}, {40, 10, 0, 0}, {40, 10, 0, 0}, {40, 10, 0, 0}, {40, 10, 0, 0}};
    b_film(b, &(b_movie){.track = empty, .tracks = 2, .fragmented = true});
    for (uint32_t i = 0; i < FRAGMENTS; i++) {
        b_trun run[2];
        b_traf traf[2];
        for (uint32_t k = 0; k < 2; k++) {
            run[k] = (b_trun){.flags = B_DATA | B_FIRST_FLAGS | B_DURATION | B_SIZE, .first_flags = B_SYNC,
                              .entries = entries, .count = EACH, .media_at = k * 50};
            traf[k] = (b_traf){.track_id = k + 1, .flags = base | 0x20, .sample_flags = B_NON_SYNC, .has_tfdt = true,
                               .tfdt = i * 200, .runs = &run[k], .run_n = 1};
        }
        b_fragment(b, i + 1, traf, 2, MEDIA);
        for (size_t at = b->size - MEDIA; at < b->size; at++)
            b_set8(b, at, (uint8_t)(b->data[at] ^ i << 5));
        b_units(b, MEDIA);
    }
}

/* Where the boxes at the top begin, and where the last one ends. */
static size_t tops(const b_buf *b, size_t at[MOST_BOXES])
{
    size_t n = 0;
    for (size_t i = 0; i < b->size && n + 1 < MOST_BOXES; i += b_get32(b, i))
        at[n++] = i;
    at[n] = b->size;
    return n;
}

static bool is_at(const b_buf *b, size_t at, const char *type) { return !memcmp(b->data + at + 4, type, 4); }

/* b with n bytes at `at` taken out, and those of junk put there. */
static b_buf spliced(const b_buf *b, size_t at, size_t n, const b_buf *junk)
{
    b_buf out = {0};
    b_bytes(&out, b->data, at);
    b_append(&out, junk);
    b_bytes(&out, b->data + at + n, b->size - at - n);
    return out;
}

static void noise(b_buf *b, size_t n, uint64_t *dice)
{
    b_clear(b);
    for (size_t i = 0; i < n; i++)
        b_u8(b, b_random(dice) & 0xff);
}

/* Samples of the track that n bytes hold of a fragment's media. */
static uint64_t in_media(uint32_t id, uint64_t n)
{
    uint64_t before = (id - 1) * 50;
    return n < before ? 0 : n < before + 50 ? (n - before) / 10 : EACH;
}

/* Fragments of those numbers (a bit each), and of the next one what tail bytes of its media hold, are all that comes of b. */
static void comes_back_torn(const reel_movie *whole, const b_buf *b, const reel_movie *like, unsigned which, uint64_t tail)
{
    reel_plan *plan = NULL;
    reel_error err = {0};
    reel_repair report = {0};
    int code = repair_like(b, like, &report, &plan, &err);
    if (which == 0 && tail < 10) {
        assert_true(code < 0 && err.text[0] && !plan);
        return;
    }
    if (code != REEL_OK)
        fail_msg("%s: %s", reel_code_name(code), err.text);
    made m = made_with(plan, REEL_OPEN_STRICT);
    for (uint32_t id = 1; id <= 2; id++) {
        const reel_track *a = reel_movie_track_by_id(whole, id), *t = reel_movie_track_by_id(m.movie, id);
        uint64_t n = 0;
        for (uint64_t i = 0; i < FRAGMENTS; i++)
            for (uint64_t k = 0, all = which >> i & 1 ? EACH : which + 1 == 1u << i ? in_media(id, tail) : 0; k < all; k++, n++) {
                reel_sample x = sample_of(a, i * EACH + k), y = sample_of(t, n);
                same_bytes(a, &x, t, &y);
                assert_int_equal(x.pts, y.pts);
            }
        assert_int_equal(count_of(t), n);
    }
    assert_int_equal(report.fragments, __builtin_popcount(which));
    made_done(&m);
}

static void comes_back(const reel_movie *whole, const b_buf *b, const reel_movie *like, unsigned which)
{
    comes_back_torn(whole, b, like, which, 0);
}

/* Whatever the place where it is torn. */
static void test_recording_torn(void **state)
{
    (void)state;
    for (size_t base = 0; base < 2; base++) {
        b_buf b = {0};
        size_t at[MOST_BOXES] = {0};
        recording(&b, bases[base]);
        reel_movie *a = open_memory(b.data, b.size);
        size_t size = b.size, n = tops(&b, at);
        for (b.size = at[4]; b.size < size; b.size++) {
            unsigned which = 0;
            uint64_t tail = 0;
            for (size_t i = 2, k = 0; i + 1 < n; i += 2, k++) {
                which |= (unsigned)(b.size >= at[i + 2]) << k;
                tail = b.size > at[i + 1] + 8 && b.size < at[i + 2] ? b.size - at[i + 1] - 8 : tail;
            }
            comes_back_torn(a, &b, NULL, which, tail);
        }
        reel_close(&a);
        b_free(&b);
    }
}

/* Entries of one field, of none, and two runs of a track, the second of which says where it is or follows the first. */
static void test_torn_runs(void **state)
{
    (void)state;
    static const b_track empty = {0};
    static const b_entry entries[EACH] = {{40, 10, 0, 0}, {40, 10, 0, 0}, {40, 10, 0, 0}, {40, 10, 0, 0}, {40, 10, 0, 0}};
    static const uint32_t fields[] = {B_SIZE, 0, B_SIZE | B_OFFSET}, heads[] = {0x20038, 0x39, 0x2003a};
    for (size_t kind = 0; kind < 3 * 3 * 2; kind++) {
        b_buf b = {0};
        const b_trun runs[] = {{.flags = fields[kind % 3] | B_DATA, .entries = entries, .count = EACH},
                               {.flags = fields[kind % 3] | (kind & 1 ? B_DATA : 0), .entries = entries, .count = EACH,
                                .media_at = 50}};
        const b_traf traf = {.flags = heads[kind / 3 % 3], .description = 1, .duration = 40, .size = 10,
                             .sample_flags = B_SYNC, .has_tfdt = true, .runs = runs, .run_n = 2};
        b_film(&b, &(b_movie){.track = &empty, .tracks = 1, .fragmented = true});
        b_fragment(&b, 1, &traf, 1, MEDIA);
        reel_movie *a = open_memory(b.data, b.size);
        size_t size = b.size, media = b.size - MEDIA;
        for (b.size = media + 10; b.size < size; b.size++) {
            reel_plan *plan = NULL;
            reel_repair report = {0};
            assert_int_equal(repair(&b, &report, &plan, NULL), REEL_OK);
            made m = made_with(plan, REEL_OPEN_STRICT);
            const uint64_t kept = (b.size - media) / 10;
            assert_int_equal(count_of(reel_movie_track(m.movie, 0)), kept);
            assert_int_equal(report.lost_samples, 10 - kept);
            assert_int_equal(m.size, media + kept * 10);
            same_samples(reel_movie_track(a, 0), 0, reel_movie_track(m.movie, 0));
            made_done(&m);
        }
        b.size = size;
        reel_close(&a);
        b_free(&b);
    }
}

/* A recorder that writes its init segment elsewhere, or a file that lost its front: another film of its kind helps. */
static void test_init_lost(void **state)
{
    (void)state;
    for (size_t base = 0; base < 2; base++)
        for (int tables = 0; tables < 2; tables++) {
            static const b_track two[] = {{.id = 1}, {.id = 2}};
            b_buf b = {0}, l = {0}, none = {0};
            size_t at[MOST_BOXES] = {0};
            recording(&b, bases[base]);
            b_film(&l, &(b_movie){.track = two, .tracks = 2, .fragmented = !tables});
            reel_movie *a = open_memory(b.data, b.size), *like = open_memory(l.data, l.size);
            tops(&b, at);
            for (size_t front = 1; front <= at[8]; front++) {
                b_buf rest = spliced(&b, 0, front, &none);
                unsigned which = 0;
                for (unsigned k = 0; k < FRAGMENTS; k++)
                    which |= (unsigned)(front <= at[2 + 2 * k]) << k;
                comes_back(a, &rest, like, which);
                b_free(&rest);
            }
            reel_close(&a);
            reel_close(&like);
            b_free(&b);
            b_free(&l);
        }
}

/* Fragments without what says what they are: how many there are is told, and what would help. */
static void test_init_lost_and_nothing_like_it(void **state)
{
    (void)state;
    static const b_track other[] = {{.id = 7}};
    b_buf b = {0}, l = {0};
    reel_plan *plan = NULL;
    reel_error err = {0};
    reel_repair report = {0};
    recording(&b, bases[0]);
    memset(b.data + b_find(&b, "moov"), 0xee, b_get32(&b, b_find(&b, "moov")));
    assert_int_equal(repair(&b, &report, &plan, &err), REEL_E_BOX_MISSING);
    assert_int_equal(report.fragments, FRAGMENTS);
    b_film(&l, &(b_movie){.track = other, .tracks = 1});
    reel_movie *like = open_memory(l.data, l.size);
    assert_int_equal(repair_like(&b, like, &report, &plan, &err), REEL_E_CONFIG);
    assert_null(plan);
    reel_close(&like);
    b_free(&b);
    b_free(&l);
}

/* The other film has one of the two tracks: the fragments are read as if they had that one alone. */
static void test_like_has_fewer_tracks(void **state)
{
    (void)state;
    for (uint32_t id = 1; id <= 2; id++) {
        const b_track one = {.id = id};
        b_buf b = {0}, l = {0};
        reel_plan *plan = NULL;
        recording(&b, bases[0]);
        b_film(&l, &(b_movie){.track = &one, .tracks = 1, .fragmented = true});
        reel_movie *a = open_memory(b.data, b.size), *like = open_memory(l.data, l.size);
        assert_int_equal(repair_like(&b, like, NULL, &plan, NULL), REEL_OK);
        made m = made_with(plan, REEL_OPEN_STRICT);
        assert_int_equal(reel_movie_track_count(m.movie), 1);
        assert_int_equal(count_of(reel_movie_track(m.movie, 0)), FRAGMENTS * EACH);
        same_samples(reel_movie_track_by_id(a, id), 0, reel_movie_track(m.movie, 0));
        made_done(&m);
        reel_close(&a);
        reel_close(&like);
        b_free(&b);
        b_free(&l);
    }
}

/* At the end, between two fragments, or there twice. */
static void test_moov_elsewhere(void **state)
{
    (void)state;
    for (size_t base = 0; base < 2; base++) {
        b_buf b = {0}, moov = {0}, none = {0};
        size_t at[MOST_BOXES] = {0};
        recording(&b, bases[base]);
        reel_movie *a = open_memory(b.data, b.size);
        size_t n = tops(&b, at);
        b_bytes(&moov, b.data + at[1], at[2] - at[1]);
        for (size_t i = 2; i <= n; i++) {
            if (i < n && is_at(&b, at[i], "mdat"))
                continue;
            b_buf twice = spliced(&b, at[i], 0, &moov), once = spliced(&twice, at[1], at[2] - at[1], &none);
            comes_back(a, &twice, NULL, 15);
            comes_back(a, &once, NULL, 15);
            b_free(&twice);
            b_free(&once);
        }
        reel_close(&a);
        b_free(&b);
        b_free(&moov);
    }
}

/* Something that is no box, put between two of them or over the header of one: what is whole behind it is found. */
static void test_garbage(void **state)
{
    (void)state;
    uint64_t dice = 5;
    static const size_t lengths[] = {1, 3, 8, 100, 3000};
    for (size_t base = 0; base < 2; base++) {
        b_buf b = {0}, junk = {0};
        size_t at[MOST_BOXES] = {0};
        recording(&b, bases[base]);
        reel_movie *a = open_memory(b.data, b.size);
        size_t n = tops(&b, at);
        for (size_t i = 2; i < n; i++)
            for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
                bool moof = is_at(&b, at[i], "moof");
                noise(&junk, lengths[k], &dice);
                b_buf put = spliced(&b, at[i], 0, &junk);
                comes_back(a, &put, NULL, moof ? 15 : 15u ^ 1u << (i - 2) / 2);
                b_free(&put);
                noise(&junk, 8, &dice);
                b_buf over = spliced(&b, at[i], 8, &junk);
                comes_back(a, &over, NULL, 15u ^ 1u << (i - 2) / 2);
                b_free(&over);
            }
        reel_close(&a);
        b_free(&b);
        b_free(&junk);
    }
}

/* An mdat whose size says too much, too little, or "to the end": where the next moof begins is known. */
static void test_size_of_media(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 50, 107, 109, 300, 1 << 30};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        b_buf b = {0}, none = {0};
        size_t at[MOST_BOXES] = {0};
        recording(&b, bases[0]);
        reel_movie *a = open_memory(b.data, b.size);
        tops(&b, at);
        b_buf wrong = spliced(&b, 0, 0, &none);
        b_set32(&wrong, at[5], sizes[i]);
        comes_back(a, &wrong, NULL, 15);
        b_free(&wrong);
        reel_close(&a);
        b_free(&b);
    }
}

/* One byte is wrong, anywhere: what comes out is taken by a strict reader, or there is a sentence. */
static void test_one_byte(void **state)
{
    (void)state;
    b_buf b = {0}, l = {0};
    uint64_t dice = 11;
    for (size_t base = 0; base < 2; base++) {
        b_clear(&b);
        b_clear(&l);
        recording(&b, bases[base]);
        recording(&l, bases[base]);
        reel_movie *like = open_memory(l.data, l.size);
        size_t size = b.size;
        for (size_t i = 0; i < size; i++)
            for (int k = 0; k < 4; k++) {
                uint8_t was = b.data[i];
                reel_plan *plan = NULL;
                reel_error err = {0};
                b.data[i] = k ? (uint8_t)b_random(&dice) : 0;
                b.size = k >= 2 ? size - 37 : size; /* torn besides */
                int code = repair_like(&b, k & 1 ? like : NULL, NULL, &plan, &err);
                if (code == REEL_OK) {
                    made m = made_with(plan, k & 1 ? REEL_OPEN_STRICT : 0);
                    made_done(&m);
                } else {
                    assert_true(code < 0 && err.code == code && err.text[0] && !plan);
                }
                b.data[i] = was;
            }
        b.size = size;
        reel_close(&like);
    }
    b_free(&b);
    b_free(&l);
}

/* ---- work is linear ------------------------------------------------------------------------------------------- */

typedef struct counted {
    b_buf b;
    uint64_t read;
} counted;

static int64_t read_counted(void *user, uint64_t offset, void *buf, size_t n)
{
    counted *c = user;
    if (offset >= c->b.size)
        return 0;
    n = n < c->b.size - offset ? n : (size_t)(c->b.size - offset);
    memcpy(buf, c->b.data + offset, n);
    c->read += n;
    return (int64_t)n;
}

static int size_counted(void *user, uint64_t *size)
{
    *size = ((counted *)user)->b.size;
    return REEL_OK;
}

/* As many moofs, to look at, as fit: each claims all that follows, or itself alone, or has media. */
static void put_liars(b_buf *b, int kind)
{
    enum { BYTES = 1 << 20 };
    for (size_t i = 0; i + 48 <= BYTES; i += kind == 2 ? 48 : 32) {
        b_u32(b, kind == 0 ? BYTES - i : kind == 1 ? 33 : 40);
        b_text(b, "moof");
        b_u32(b, 16);
        b_text(b, "mfhd");
        b_u64(b, i);
        b_u32(b, 8);
        b_text(b, kind == 2 ? "free" : "traf");
        if (kind == 2) {
            b_u64(b, 0);
            b_u32(b, 8);
            b_text(b, "mdat");
        }
    }
}

/* A byte was looked at once for each moof that claimed it: a file of 1 MiB of them took minutes. */
static void test_work_is_linear(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        counted c = {.read = 0};
        reel_source *source;
        reel_plan *plan = NULL;
        reel_error err = {0};
        put_liars(&c.b, kind);
        const reel_source_io io = {.sizeof_io = sizeof io, .read = read_counted, .size = size_counted, .user = &c};
        assert_int_equal(reel_source_callback(&io, &source, NULL), REEL_OK);
        assert_true(reel_write_repair(source, NULL, NULL, NULL, &plan, &err) < 0);
        assert_true(c.read < 64 * (uint64_t)c.b.size);
        reel_source_unref(&source);
        b_free(&c.b);
    }
}

static void test_no_memory(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) { /* the last one: torn */
        const bool with = kind == 1;
        b_buf b = {0}, l = {0};
        reel_source *source;
        recording(&b, bases[1]);
        recording(&l, bases[0]);
        if (kind < 2)
            memset(b.data + b_find(&b, with ? "moov" : "moof[2]"), 0xee, 8);
        b.size -= kind < 2 ? 0 : 37;
        reel_movie *like = open_memory(l.data, l.size);
        assert_int_equal(reel_source_memory(b.data, b.size, NULL, NULL, &source), REEL_OK);
        int code = REEL_E_NOMEM;
        for (long n = 0; code != REEL_OK; n++) {
            purse u = {.left = n};
            reel_allocator alloc = purse_of(&u);
            const reel_write_options options = {.sizeof_options = sizeof options, .alloc = &alloc};
            reel_plan *plan = NULL;
            reel_error err = {0};
            code = reel_write_repair(source, with ? like : NULL, &options, NULL, &plan, &err);
            assert_true(code == REEL_OK || (code == REEL_E_NOMEM && err.code == code && !plan));
            reel_plan_close(&plan);
            assert_int_equal(u.out, 0);
            assert_true(n < 1000);
        }
        reel_source_unref(&source);
        reel_close(&like);
        b_free(&b);
        b_free(&l);
    }
}

/* ---- what is no media ------------------------------------------------------------------------------------------ */

/* A fragment was called whole whose media held zeros: it comes along, and is told. */
static void test_other_bytes(void **state)
{
    (void)state;
    b_buf b = {0};
    recording(&b, bases[0]);
    for (unsigned n = 0; n < 3; n++) {
        reel_plan *plan = NULL;
        reel_repair report = {0};
        memset(b.data + b_find(&b, "mdat[2]") + 8, 0, 20 * n);
        assert_int_equal(repair(&b, &report, &plan, NULL), REEL_OK);
        assert_int_equal(report.fragments, FRAGMENTS);
        assert_int_equal(report.checked_samples, 2 * FRAGMENTS * EACH);
        assert_int_equal(report.foreign_samples, 2 * n);
        assert_int_equal(reel_plan_size(plan), b.size);
        reel_plan_close(&plan);
    }
    b_free(&b);
}

/* The fragments of a recording whose movie box is lost, behind an index that counts in 1/1000 s. */
static void headless(b_buf *b, bool with_index)
{
    b_buf whole = {0};
    recording(&whole, bases[0]);
    size_t moof = b_find(&whole, "moof");
    const b_reference reference = {(uint32_t)(whole.size - moof), 800, false};
    if (with_index)
        b_sidx(b, 1, 1000, 0, 0, &reference, 1);
    b_bytes(b, whole.data + moof, whole.size - moof);
    b_free(&whole);
}

/* What comes of the recording behind the movie box of a film of those tracks. */
static int behind(const b_buf *b, const b_track *tracks, uint32_t n, reel_repair *report, reel_error *err)
{
    b_buf l = {0};
    reel_plan *plan = NULL;
    b_film(&l, &(b_movie){.track = tracks, .tracks = n, .media_size = 200, .fragmented = !tracks[0].samples});
    reel_movie *like = open_memory(l.data, l.size);
    int code = repair_like(b, like, report, &plan, err);
    assert_int_equal(code == REEL_OK, plan != NULL);
    reel_plan_close(&plan);
    reel_close(&like);
    b_free(&l);
    return code;
}

static void is_another(const b_buf *b, const b_track *tracks, const char *why)
{
    reel_error err = {0};
    assert_int_equal(behind(b, tracks, 2, NULL, &err), REEL_E_CONFIG);
    if (!strstr(err.text, why))
        fail_msg("%s", err.text);
}

/* A film of another timescale or codec was taken for one that is like it, and a film of nonsense came out. */
static void test_like_is_another(void **state)
{
    (void)state;
    b_buf b = {0}, entry = {0};
    b_track tracks[] = {{.timescale = 90000}, {.id = 2}};
    headless(&b, true);
    is_another(&b, tracks, "track 1 counts in 1/1000 s in the index of this one, and in 1/90000 s there");
    tracks[0].timescale = 1000;
    assert_int_equal(behind(&b, tracks, 2, NULL, NULL), REEL_OK);
    tracks[0].entries = &entry;
    b_video(&entry, "hvc1", 64, 48);
    b_box(&entry, "hvcC");
    b_fill(&entry, 0xff, 22);
    b_u8(&entry, 0);
    b_end(&entry);
    b_end(&entry);
    is_another(&b, tracks, "not one sample is of the codec that it has there (track 1)");
    b_clear(&entry);
    b_video(&entry, "vp09", 64, 48);
    b_end(&entry);
    is_another(&b, tracks, "all samples are H.264 or HEVC, and there they are not (track 1)");
    b_free(&b);
    b_free(&entry);
}

/* Fragments that leave durations to the movie box, or name a description, and one that does not say them. */
static void test_like_says_too_little(void **state)
{
    (void)state;
    static const b_entry entries[EACH] = {{0, 10, 0, 0}, {0, 10, 0, 0}, {0, 10, 0, 0}, {0, 10, 0, 0}, {0, 10, 0, 0}};
    static const b_trun run = {.flags = B_DATA | B_SIZE, .entries = entries, .count = EACH};
    static const b_traf traf = {.flags = 0x20000 | 0x20, .sample_flags = B_SYNC, .has_tfdt = true, .runs = &run, .run_n = 1};
    const b_track two[] = {{0}, {.id = 2}};
    b_buf b = {0};
    b_fragment(&b, 1, &traf, 1, 50);
    b_units(&b, 50);
    is_another(&b, two, "samples last as long as the movie box says");
    const b_traf second = {.flags = 0x20000 | 0x22, .description = 2, .sample_flags = B_SYNC, .runs = &run, .run_n = 1};
    b_clear(&b);
    b_fragment(&b, 1, &second, 1, 50);
    b_units(&b, 50);
    is_another(&b, two, "fragments of track 1 name sample description 2, and there are 1 there");
    b_free(&b);
}

static void test_doubts(void **state)
{
    (void)state;
    const b_track one[] = {{.id = 2}};
    b_track slow[] = {small_track, {.id = 2}};
    b_buf b = {0};
    reel_repair report = {0};
    headless(&b, false);
    assert_int_equal(behind(&b, one, 1, &report, NULL), REEL_OK);
    assert_non_null(strstr(report.doubt, "its fragments have a track 1 too"));
    memset(&report, 0, sizeof report);
    assert_int_equal(behind(&b, slow, 2, &report, NULL), REEL_OK);
    assert_string_equal(report.doubt, "");
    slow[0].timescale = 100; /* 0.4 s a picture: so it is taken for, and no index says other */
    slow[1].timescale = 100;
    const b_run quick[] = {{10, 4}};
    slow[0].stts = quick;
    assert_int_equal(behind(&b, slow, 2, &report, NULL), REEL_OK);
    assert_non_null(strstr(report.doubt, "a sample of track 1 lasts 0.4000 s, and in the other film 0.0400 s"));
    b_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repair_torn),     cmocka_unit_test(test_repair_open_mdat),
        cmocka_unit_test(test_repair_shortens_data),
        cmocka_unit_test(test_repair_what_cannot_be),
        cmocka_unit_test(test_recording_torn),  cmocka_unit_test(test_torn_runs),
        cmocka_unit_test(test_init_lost),
        cmocka_unit_test(test_init_lost_and_nothing_like_it),
        cmocka_unit_test(test_like_has_fewer_tracks),
        cmocka_unit_test(test_moov_elsewhere),  cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_size_of_media),   cmocka_unit_test(test_one_byte),
        cmocka_unit_test(test_work_is_linear),  cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_other_bytes),     cmocka_unit_test(test_like_is_another),
        cmocka_unit_test(test_like_says_too_little), cmocka_unit_test(test_doubts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
