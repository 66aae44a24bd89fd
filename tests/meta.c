/* SPDX-License-Identifier: BSD-2-Clause */
/* Tags, chapters, protection: what they say, and what they say when they are damaged. Faces src/meta. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <reel/reel.h>

#include "build.h"

typedef struct film {
    b_buf b, more;
    uint32_t samples;     /* 0: ten */
    const b_buf *records; /* behind the samples in mdat, where the first saio then points; NULL: none */
    reel_source *source;
    reel_movie *movie;
} film;

/* Samples of ten bytes, and `more` at the end of moov (udta) or of stbl (senc). */
static void open_with(film *f, bool in_stbl, const char *entry)
{
    const uint32_t n = f->samples ? f->samples : 10;
    const b_run stts[] = {{n, 40}};
    const b_chunks stsc[] = {{1, n, 1}};
    static const uint64_t chunks[] = {0};
    b_buf entries = {0};
    if (entry) {
        b_video(&entries, entry, 64, 48);
        b_box(&entries, "sinf");
        b_box(&entries, "frma");
        b_text(&entries, "avc1");
        b_end(&entries);
        b_full(&entries, "schm", 0, 0);
        b_text(&entries, "cenc");
        b_u32(&entries, 0x10000);
        b_end(&entries);
        b_box(&entries, "schi");
        b_full(&entries, "tenc", 0, 0);
        b_u16(&entries, 0);
        b_u8(&entries, 1);
        b_u8(&entries, 8);
        b_fill(&entries, 0x11, 16);
        b_end(&entries);
        b_end(&entries);
        b_end(&entries);
        b_end(&entries);
    }
    b_track track = {.stts = stts, .stts_n = 1, .stsc = stsc, .stsc_n = 1, .samples = n, .uniform_size = 10,
                     .chunks = chunks, .chunk_n = 1, .entries = entry ? &entries : NULL,
                     .more = in_stbl ? &f->more : NULL};
    b_buf media = {0};
    b_fill(&media, 7, 10 * (size_t)n);
    if (f->records)
        b_append(&media, f->records);
    b_film(&f->b, &(b_movie){.track = &track, .tracks = 1, .media = media.data, .media_size = media.size,
                             .more = in_stbl ? NULL : &f->more});
    if (f->records)
        b_set32(&f->b, b_body(&f->b, "moov/trak/mdia/minf/stbl/saio") + 4, (uint32_t)(b_media_at(&f->b) + 10 * (size_t)n));
    b_free(&media);
    assert_int_equal(reel_source_memory(f->b.data, f->b.size, NULL, NULL, &f->source), REEL_OK);
    assert_int_equal(reel_open(f->source, NULL, &f->movie, NULL), REEL_OK);
    b_free(&entries);
}

static void done(film *f)
{
    reel_close(&f->movie);
    reel_source_unref(&f->source);
    b_free(&f->b);
    b_free(&f->more);
}

static void tag(b_buf *b, const char *type, uint32_t kind, const void *value, size_t n)
{
    b_box(b, type);
    b_box(b, "data");
    b_u32(b, kind);
    b_u32(b, 0);
    b_bytes(b, value, n);
    b_end(b);
    b_end(b);
}

static void meta_box(b_buf *b)
{
    b_full(b, "meta", 0, 0);
    b_full(b, "hdlr", 0, 0);
    b_u32(b, 0);
    b_text(b, "mdir");
    b_fill(b, 0, 13);
    b_end(b);
    b_box(b, "ilst");
}

static void tags_of_every_kind(void **state)
{
    film f = {0};
    reel_tag t;
    (void)state;
    b_box(&f.more, "udta");
    meta_box(&f.more);
    tag(&f.more, "\xa9nam", 1, "A film", 6);
    tag(&f.more, "trkn", 0, "\0\0\0\3\0\11\0\0", 8);
    tag(&f.more, "tmpo", 21, "\0\170", 2);
    tag(&f.more, "covr", 14, "\xff\xd8\xff\xe0", 4); /* says PNG, is JPEG */
    b_end(&f.more);
    b_end(&f.more);
    b_box(&f.more, "\xa9" "cmt");
    b_u16(&f.more, 5);
    b_u16(&f.more, 0x15c7);
    b_text(&f.more, "hello");
    b_end(&f.more);
    b_u32(&f.more, 0); /* QuickTime ends a udta so */
    b_end(&f.more);
    open_with(&f, false, NULL);
    assert_int_equal(reel_movie_tag(f.movie, 0, &t), REEL_OK);
    assert_string_equal(t.key, "title");
    assert_memory_equal(t.value.data, "A film", 6);
    assert_int_equal(reel_movie_tag(f.movie, 1, &t), REEL_OK);
    assert_int_equal(t.number, 3);
    assert_int_equal(t.total, 9);
    assert_int_equal(reel_movie_tag(f.movie, 2, &t), REEL_OK);
    assert_int_equal(t.number, 120);
    assert_int_equal(reel_movie_tag(f.movie, 3, &t), REEL_OK);
    assert_int_equal(t.kind, REEL_VALUE_IMAGE);
    assert_int_equal(t.type, 13);
    assert_int_equal(reel_movie_tag(f.movie, 4, &t), REEL_OK);
    assert_string_equal(t.key, "comment");
    assert_string_equal(t.language, "eng");
    assert_int_equal(reel_movie_tag(f.movie, 5, &t), REEL_END);
    done(&f);
}

/* The walk gives each tag once, in the same order as by number; going on behind the end is harmless. */
static void a_walk_over_tags(void **state)
{
    film f = {0};
    reel_tag_iter it;
    reel_tag walked, numbered;
    (void)state;
    b_box(&f.more, "udta");
    meta_box(&f.more);
    tag(&f.more, "\xa9nam", 1, "one", 3);
    b_box(&f.more, "\xa9" "ART"); /* an item of two values */
    for (int i = 0; i < 2; i++) {
        b_box(&f.more, "data");
        b_u32(&f.more, 1);
        b_u32(&f.more, 0);
        b_text(&f.more, i ? "three" : "two");
        b_end(&f.more);
    }
    b_end(&f.more);
    b_end(&f.more);
    b_end(&f.more);
    b_box(&f.more, "\xa9" "cmt");
    for (int i = 0; i < 2; i++) {
        b_u16(&f.more, 4);
        b_u16(&f.more, 0x15c7);
        b_text(&f.more, i ? "five" : "four");
    }
    b_end(&f.more);
    b_full(&f.more, "titl", 0, 0);
    b_u16(&f.more, 0x15c7);
    b_text(&f.more, "six");
    b_u8(&f.more, 0);
    b_end(&f.more);
    b_end(&f.more);
    open_with(&f, false, NULL);
    static const char *const words[] = {"one", "two", "three", "four", "five", "six"};
    assert_int_equal(reel_tag_iter_init(&it, f.movie, NULL), REEL_OK);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(reel_tag_next(&it, &walked), REEL_OK);
        assert_int_equal(reel_movie_tag(f.movie, i, &numbered), REEL_OK);
        assert_int_equal(walked.value.size, strlen(words[i]));
        assert_memory_equal(walked.value.data, words[i], walked.value.size);
        assert_ptr_equal(walked.value.data, numbered.value.data);
        assert_string_equal(walked.key, numbered.key);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(reel_tag_next(&it, &walked), REEL_END);
    assert_int_equal(reel_movie_tag(f.movie, 6, &numbered), REEL_END);
    assert_int_equal(reel_tag_iter_init(&it, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_tag_iter_init(NULL, f.movie, NULL), REEL_E_ARG);
    assert_int_equal(reel_tag_iter_init(&it, NULL, reel_movie_track(f.movie, 0)), REEL_OK);
    assert_int_equal(reel_tag_next(&it, &walked), REEL_END);
    done(&f);
}

/* A data atom of four bytes: less than its own header. */
static void an_ilst_underflow_is_left_out(void **state)
{
    film f = {0};
    reel_tag t;
    (void)state;
    b_box(&f.more, "udta");
    meta_box(&f.more);
    b_box(&f.more, "\xa9nam");
    b_u32(&f.more, 4);
    b_text(&f.more, "data");
    b_end(&f.more);
    tag(&f.more, "\xa9" "ART", 1, "Someone", 7);
    b_end(&f.more);
    b_end(&f.more);
    b_end(&f.more);
    open_with(&f, false, NULL);
    assert_int_equal(reel_movie_tag(f.movie, 0, &t), REEL_OK);
    assert_string_equal(t.key, "artist");
    assert_int_equal(reel_movie_tag(f.movie, 1, &t), REEL_END);
    done(&f);
}

static void nero_chapters(void **state)
{
    film f = {0};
    reel_chapter c;
    (void)state;
    b_box(&f.more, "udta");
    b_full(&f.more, "chpl", 1, 0);
    b_u8(&f.more, 0);
    b_u32(&f.more, 200); /* it says; two are there */
    b_u64(&f.more, 0);
    b_u8(&f.more, 3);
    b_text(&f.more, "one");
    b_u64(&f.more, 25000000);
    b_u8(&f.more, 3);
    b_text(&f.more, "two");
    b_end(&f.more);
    b_end(&f.more);
    open_with(&f, false, NULL);
    assert_int_equal(reel_movie_chapter(f.movie, 1, &c, NULL), REEL_OK);
    assert_int_equal(c.start, 25000000);
    assert_memory_equal(c.title.data, "two", 3);
    assert_int_equal(reel_movie_chapter(f.movie, 2, &c, NULL), REEL_END);
    done(&f);
}

/* A book: sound, and a text track that it names, whose titles "t0", "t1", ... are said to lie so far past their place. */
static void open_book(film *f, uint32_t titles, uint32_t past, bool chpl)
{
    static const b_run ten[] = {{10, 1000}};
    static const b_chunks all[] = {{1, 10, 1}};
    static const uint64_t start[] = {0};
    const b_run stts[] = {{titles, 5000}};
    const b_chunks stsc[] = {{1, titles, 1}};
    const uint64_t at[] = {100 + past};
    b_buf tref = {0}, media = {0}, text = {0};
    b_box(&tref, "tref");
    b_box(&tref, "chap");
    b_u32(&tref, 2);
    b_end(&tref);
    b_end(&tref);
    b_box(&text, "text");
    b_fill(&text, 0, 51);
    b_end(&text);
    b_fill(&media, 7, 100);
    for (uint32_t i = 0; i < titles; i++) {
        b_u16(&media, 2);
        b_u8(&media, 't');
        b_u8(&media, '0' + i);
    }
    if (chpl) {
        b_box(&f->more, "udta");
        b_full(&f->more, "chpl", 1, 0);
        b_u8(&f->more, 0);
        b_u32(&f->more, 1);
        b_u64(&f->more, 70000000);
        b_u8(&f->more, 4);
        b_text(&f->more, "Nero");
        b_end(&f->more);
        b_end(&f->more);
    }
    const b_track tracks[] = {
        {.handler = "soun", .stts = ten, .stts_n = 1, .stsc = all, .stsc_n = 1, .samples = 10, .uniform_size = 10,
         .chunks = start, .chunk_n = 1, .trak_more = &tref},
        {.handler = "text", .entries = &text, .stts = stts, .stts_n = titles != 0, .stsc = stsc, .stsc_n = titles != 0,
         .samples = titles, .uniform_size = 4, .chunks = at, .chunk_n = titles != 0},
    };
    b_film(&f->b, &(b_movie){.track = tracks, .tracks = 2, .media = media.data, .media_size = media.size,
                             .more = &f->more});
    assert_int_equal(reel_source_memory(f->b.data, f->b.size, NULL, NULL, &f->source), REEL_OK);
    assert_int_equal(reel_open(f->source, NULL, &f->movie, NULL), REEL_OK);
    b_free(&tref);
    b_free(&media);
    b_free(&text);
}

/* Chapter i has that title and start, or the question gives that code. */
static void expect_chapter(const film *f, size_t i, int code, const char *title, int64_t start)
{
    reel_chapter c;
    assert_int_equal(reel_movie_chapter(f->movie, i, &c, NULL), code);
    if (code != REEL_OK)
        return;
    assert_int_equal(c.title.size, strlen(title));
    assert_memory_equal(c.title.data, title, c.title.size);
    assert_int_equal(c.start, start);
    reel_ref_drop(c.ref);
}

static void chapters_of_a_text_track(void **state)
{
    film f = {0};
    (void)state;
    open_book(&f, 3, 0, true);
    expect_chapter(&f, 2, REEL_OK, "t2", 10000);
    expect_chapter(&f, 0, REEL_OK, "t0", 0);
    expect_chapter(&f, 3, REEL_END, NULL, 0);
    done(&f);
}

/* A book of 112 chapters showed none: its text track had no samples, and chpl was not asked then. */
static void chapters_of_an_empty_track_are_those_of_chpl(void **state)
{
    film f = {0};
    (void)state;
    open_book(&f, 0, 0, true);
    expect_chapter(&f, 0, REEL_OK, "Nero", 70000000);
    expect_chapter(&f, 1, REEL_END, NULL, 0);
    done(&f);
    f = (film){0};
    open_book(&f, 0, 0, false);
    expect_chapter(&f, 0, REEL_END, NULL, 0);
    done(&f);
}

/* The titles were cut off: chpl again, and where there is none what went wrong. */
static void chapters_that_cannot_be_read_are_those_of_chpl(void **state)
{
    film f = {0};
    (void)state;
    open_book(&f, 3, 100000, true);
    expect_chapter(&f, 0, REEL_OK, "Nero", 70000000);
    expect_chapter(&f, 1, REEL_END, NULL, 0);
    done(&f);
    f = (film){0};
    open_book(&f, 3, 100000, false);
    expect_chapter(&f, 0, REEL_E_TRUNCATED, NULL, 0);
    done(&f);
}

/* n records of 8 bytes of IV and one subsample. */
static void senc(b_buf *b, uint32_t says, uint32_t holds)
{
    b_full(b, "senc", 0, 2);
    b_u32(b, says);
    for (uint32_t i = 0; i < holds; i++) {
        b_u64(b, i);
        b_u16(b, 1);
        b_u16(b, 4);
        b_u32(b, 6);
    }
    b_end(b);
}

static void each_sample_has_its_record(void **state)
{
    film f = {0};
    reel_sample s;
    reel_sample_crypto c;
    (void)state;
    senc(&f.more, 10, 10);
    open_with(&f, true, "encv");
    const reel_track *t = reel_movie_track(f.movie, 0);
    for (uint64_t i = 0; i < 10; i++) {
        assert_int_equal(reel_track_sample(t, i, &s, NULL), REEL_OK);
        assert_int_equal(reel_track_sample_crypto(t, &s, &c, NULL), REEL_OK);
        assert_int_equal(c.iv[7], i);
        assert_int_equal(c.kid[0], 0x11);
        assert_int_equal(c.subsample_count, 1);
        assert_int_equal(c.subsamples[1], 4);
    }
    done(&f);
}

/* Record i: an IV of i, and i % 4 subsamples. */
static void put_record(b_buf *b, uint32_t i)
{
    b_u64(b, i);
    b_u16(b, i % 4);
    for (uint32_t k = 0; k < i % 4; k++) {
        b_u16(b, i);
        b_u32(b, k);
    }
}

enum { LONG = 1500 };

static void expect_records(const film *f)
{
    const reel_track *t = reel_movie_track(f->movie, 0);
    reel_sample s;
    reel_sample_crypto c;
    for (uint32_t k = 0; k < LONG; k++) {
        uint32_t i = k * 7 % LONG;
        assert_int_equal(reel_track_sample(t, i, &s, NULL), REEL_OK);
        assert_int_equal(reel_track_sample_crypto(t, &s, &c, NULL), REEL_OK);
        assert_int_equal(c.iv[6] << 8 | c.iv[7], i);
        assert_int_equal(c.subsample_count, i % 4);
        if (i % 4)
            assert_int_equal(c.subsamples[0] << 8 | c.subsamples[1], i);
    }
}

/* A film in one piece has its records in one box: they are found from marks, in any order. */
static void records_of_a_long_senc(void **state)
{
    film f = {.samples = LONG};
    (void)state;
    b_full(&f.more, "senc", 0, 2);
    b_u32(&f.more, LONG);
    for (uint32_t i = 0; i < LONG; i++)
        put_record(&f.more, i);
    b_end(&f.more);
    open_with(&f, true, "encv");
    expect_records(&f);
    done(&f);
}

static void records_of_a_long_saiz(void **state)
{
    b_buf records = {0};
    film f = {.samples = LONG, .records = &records};
    (void)state;
    b_full(&f.more, "saiz", 0, 0);
    b_u8(&f.more, 0);
    b_u32(&f.more, LONG);
    for (uint32_t i = 0; i < LONG; i++) {
        b_u8(&f.more, 10 + 6 * (i % 4));
        put_record(&records, i);
    }
    b_end(&f.more);
    b_full(&f.more, "saio", 0, 0);
    b_u32(&f.more, 1);
    b_u32(&f.more, 0);
    b_end(&f.more);
    open_with(&f, true, "encv");
    expect_records(&f);
    done(&f);
    b_free(&records);
}

static void a_senc_that_ends_too_early_says_so(void **state)
{
    film f = {0};
    reel_sample s;
    reel_sample_crypto c;
    reel_error err;
    (void)state;
    senc(&f.more, 10, 3);
    open_with(&f, true, "encv");
    const reel_track *t = reel_movie_track(f.movie, 0);
    assert_int_equal(reel_track_sample(t, 2, &s, NULL), REEL_OK);
    assert_int_equal(reel_track_sample_crypto(t, &s, &c, NULL), REEL_OK);
    assert_int_equal(reel_track_sample(t, 3, &s, NULL), REEL_OK);
    assert_int_equal(reel_track_sample_crypto(t, &s, &c, &err), REEL_E_TABLE);
    assert_string_equal(err.text, "it ends too early");
    assert_string_equal(err.path, "senc");
    done(&f);
}

/* FairPlay says nothing about samples: neither clear nor decipherable. */
static void a_scheme_without_tenc_is_not_understood(void **state)
{
    film f = {0};
    reel_sample s;
    reel_sample_crypto c;
    reel_error err;
    (void)state;
    open_with(&f, true, "drmi");
    size_t sinf = 0;
    while (memcmp(f.b.data + sinf, "sinf", 4) != 0)
        sinf++;
    memcpy(f.b.data + sinf + 4 + 12 + 12, "itun", 4);
    while (memcmp(f.b.data + sinf, "tenc", 4) != 0)
        sinf++;
    memcpy(f.b.data + sinf, "user", 4);
    const reel_track *t = reel_movie_track(f.movie, 0);
    assert_int_equal(reel_track_sample(t, 0, &s, NULL), REEL_OK);
    assert_int_equal(reel_track_sample_crypto(t, &s, &c, &err), REEL_E_UNSUPPORTED);
    assert_string_equal(err.text, "'itun' does not say how a sample is encrypted");
    done(&f);
}

static void a_clear_sample_has_no_record(void **state)
{
    film f = {0};
    reel_sample s;
    reel_sample_crypto c;
    (void)state;
    open_with(&f, true, NULL);
    assert_int_equal(reel_track_sample(reel_movie_track(f.movie, 0), 0, &s, NULL), REEL_OK);
    assert_int_equal(reel_track_sample_crypto(reel_movie_track(f.movie, 0), &s, &c, NULL), REEL_END);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_of_every_kind),
        cmocka_unit_test(a_walk_over_tags),
        cmocka_unit_test(an_ilst_underflow_is_left_out),
        cmocka_unit_test(nero_chapters),
        cmocka_unit_test(chapters_of_a_text_track),
        cmocka_unit_test(chapters_of_an_empty_track_are_those_of_chpl),
        cmocka_unit_test(chapters_that_cannot_be_read_are_those_of_chpl),
        cmocka_unit_test(each_sample_has_its_record),
        cmocka_unit_test(records_of_a_long_senc),
        cmocka_unit_test(records_of_a_long_saiz),
        cmocka_unit_test(a_senc_that_ends_too_early_says_so),
        cmocka_unit_test(a_scheme_without_tenc_is_not_understood),
        cmocka_unit_test(a_clear_sample_has_no_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
