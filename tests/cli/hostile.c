/* SPDX-License-Identifier: BSD-2-Clause */
/* hostile.c: small films that ask for much: time, output, memory. They lie in a folder of their own. */
#include "films.h"

#include <stdlib.h>
#include <string.h>

static const b_chunks whole[] = {{1, UINT32_MAX, 1}}; /* one chunk, whatever there is */
static const uint64_t first_chunk[] = {0};
static const uint32_t first_sync[] = {1};

static void one_track(b_buf *b, b_track *t, const b_buf *media)
{
    t->stsc = t->stsc ? t->stsc : whole;
    t->stsc_n = 1;
    t->chunks = t->chunks ? t->chunks : first_chunk;
    t->chunk_n = t->chunk_n ? t->chunk_n : 1;
    b_film(b, &(b_movie){.track = t, .tracks = 1, .media = media ? media->data : NULL,
                         .media_size = media ? media->size : 100});
}

/* A sample a millisecond for 49 days, in 100 bytes; no sync sample but the first. */
static void claims(b_buf *b)
{
    static const b_run stts[] = {{UINT32_MAX, 1}};
    one_track(b, &(b_track){.stts = stts, .stts_n = 1, .samples = UINT32_MAX, .uniform_size = 1, .stss = first_sync,
                            .stss_n = 1}, NULL);
}

/* Each of the tracks has 8 million samples: a walk through one is a moment. */
static void tracks(b_buf *b)
{
    enum { N = 512, SAMPLES = 8000000 };
    static const b_run stts[] = {{SAMPLES, 1}};
    b_track *all = calloc(N, sizeof *all);
    if (!all)
        abort();
    for (uint32_t i = 0; i < N; i++)
        all[i] = (b_track){.stts = stts, .stts_n = 1, .stsc = whole, .stsc_n = 1, .chunks = first_chunk, .chunk_n = 1,
                           .samples = SAMPLES, .uniform_size = 1};
    b_film(b, &(b_movie){.track = all, .tracks = N, .media_size = 100});
    free(all);
}

/* A run of 4 billion samples without a byte. */
static void empty_run(b_buf *b)
{
    static const b_track empty = {0};
    static const b_trun run = {.count = UINT32_MAX};
    static const b_traf traf = {.flags = 0x20000, .has_tfdt = true, .runs = &run, .run_n = 1};
    b_film(b, &(b_movie){.track = &empty, .tracks = 1, .fragmented = true});
    b_fragment(b, 1, &traf, 1, 0);
}

/* n samples of a size that all lie on the same bytes, one a chunk. */
static void overlap(b_buf *b, b_track *t, uint32_t n, const b_buf *media)
{
    static const b_chunks ones[] = {{1, 1, 1}};
    const b_run stts = {n, 1};
    uint64_t *chunks = calloc(n, sizeof *chunks);
    if (!chunks)
        abort();
    t->stts = &stts;
    t->stts_n = 1;
    t->stsc = ones;
    t->chunks = chunks;
    t->chunk_n = t->samples = n;
    t->uniform_size = (uint32_t)media->size;
    one_track(b, t, media);
    free(chunks);
}

static void raw_overlap(b_buf *b)
{
    b_buf media = {0};
    b_fill(&media, 'x', 100000);
    overlap(b, &(b_track){0}, 1000, &media);
    b_free(&media);
}

/* The same in a fragment: each run begins where the media does. */
static void fragment_overlap(b_buf *b)
{
    enum { RUNS = 1000, SIZE = 100000 };
    static const b_track empty = {0};
    static const b_entry entry = {.size = SIZE};
    b_trun *runs = calloc(RUNS, sizeof *runs);
    if (!runs)
        abort();
    for (int i = 0; i < RUNS; i++)
        runs[i] = (b_trun){.flags = B_DATA | B_SIZE, .entries = &entry, .count = 1};
    const b_traf traf = {.flags = 0x20008, .duration = 40, .has_tfdt = true, .runs = runs, .run_n = RUNS};
    b_film(b, &(b_movie){.track = &empty, .tracks = 1, .fragmented = true});
    b_fragment(b, 1, &traf, 1, SIZE);
    free(runs);
}

static void put_entry(b_buf *b, const char *type, size_t body)
{
    b_box(b, type);
    b_fill(b, 0, 6);
    b_u16(b, 1);
    b_fill(b, 0, body);
    b_end(b);
}

static void cues(b_buf *b)
{
    b_buf media = {0}, entry = {0};
    for (int i = 0; i < 4000; i++) {
        b_box(&media, "vttc");
        b_box(&media, "payl");
        b_u8(&media, 'a' + i % 26);
        b_end(&media);
        b_end(&media);
    }
    put_entry(&entry, "wvtt", 0);
    overlap(b, &(b_track){.handler = "text", .entries = &entry}, 10000, &media);
    b_free(&media);
    b_free(&entry);
}

/* Texts of 3 bytes, and edits: all but the last two last no time, or show what is nowhere. */
static void edits(b_buf *b)
{
    enum { SAMPLES = 50000, EDITS = 20000 };
    static const b_run stts[] = {{SAMPLES, 1}};
    b_edit *list = calloc(EDITS, sizeof *list);
    b_buf media = {0}, entry = {0};
    if (!list)
        abort();
    for (int i = 0; i < EDITS; i++)
        list[i] = (b_edit){i % 16 == 0, 1 << 30, 0x10000};
    list[EDITS - 2] = (b_edit){3, 5, 0x10000};
    list[EDITS - 1] = (b_edit){2, 2, 0x10000};
    for (int i = 0; i < SAMPLES; i++) {
        b_u16(&media, 1);
        b_u8(&media, 'a' + i % 26);
    }
    put_entry(&entry, "tx3g", 38);
    one_track(b, &(b_track){.handler = "sbtl", .entries = &entry, .stts = stts, .stts_n = 1, .samples = SAMPLES,
                            .uniform_size = 3, .edits = list, .edit_n = EDITS}, &media);
    b_free(&media);
    b_free(&entry);
    free(list);
}

/* Items of two ids, and of extents that take no bytes; properties of one without end. */
static void items(b_buf *b)
{
    enum { N = 4000, EXTENTS = 65535 };
    b_box(b, "ftyp");
    b_text(b, "mif1");
    b_u32(b, 0);
    b_text(b, "mif1heic");
    b_end(b);
    b_full(b, "meta", 0, 0);
    b_full(b, "hdlr", 0, 0);
    b_u32(b, 0);
    b_text(b, "pict");
    b_fill(b, 0, 13);
    b_end(b);
    b_full(b, "iinf", 0, 0);
    b_u16(b, N);
    for (int i = 0; i < N; i++) {
        b_full(b, "infe", 2, 0);
        b_u16(b, 1 + i % 2);
        b_u16(b, 0);
        b_text(b, "hvc1");
        b_u8(b, 0);
        b_end(b);
    }
    b_end(b);
    b_full(b, "iloc", 0, 0);
    b_u16(b, 0x1000); /* offset_size 1 */
    b_u16(b, 2);
    for (int id = 1; id <= 2; id++) {
        b_u16(b, id);
        b_u16(b, 0);
        b_u16(b, id == 1 ? 3 : EXTENTS);
        b_fill(b, 1, id == 1 ? 3 : EXTENTS);
    }
    b_end(b);
    b_end(b);
}

/* As many chapters as a run claims. */
static void chapters(b_buf *b)
{
    static const b_trun run = {.count = UINT32_MAX};
    static const b_traf traf = {.flags = 0x20000, .has_tfdt = true, .runs = &run, .run_n = 1};
    b_buf chap = {0}, entry = {0};
    put_entry(&entry, "text", 43);
    b_box(&chap, "tref");
    b_box(&chap, "chap");
    b_u32(&chap, 1);
    b_end(&chap);
    b_end(&chap);
    const b_track both[2] = {{.handler = "text", .entries = &entry}, {.trak_more = &chap}};
    b_film(b, &(b_movie){.track = both, .tracks = 2, .fragmented = true});
    b_fragment(b, 1, &traf, 1, 0);
    b_free(&chap);
    b_free(&entry);
}

/* A picture of 40000 units, which are more than a list is made for. */
static void units(b_buf *b)
{
    static const b_run stts[] = {{1, 40}};
    static uint32_t size;
    b_buf media = {0};
    for (uint32_t i = 0; i < 40000; i++) {
        b_u32(&media, 2);
        b_u8(&media, 0x65);
        b_u8(&media, i);
    }
    size = (uint32_t)media.size;
    one_track(b, &(b_track){.stts = stts, .stts_n = 1, .sizes = &size, .samples = 1}, &media);
    b_free(&media);
}

/* A name with the ends of lines and paragraphs, and with marks that turn the writing direction round. */
static void marks(b_buf *b)
{
    static const char name[] = "a\xe2\x80\xa8" "b\xe2\x80\xa9" "c\xe2\x80\xae" "d\xe2\x81\xa6" "e\xe2\x81\xa9" "f";
    b_buf tags = {0};
    b_box(&tags, "udta");
    b_full(&tags, "meta", 0, 0);
    b_full(&tags, "hdlr", 0, 0);
    b_u32(&tags, 0);
    b_text(&tags, "mdir");
    b_fill(&tags, 0, 13);
    b_end(&tags);
    b_box(&tags, "ilst");
    b_box(&tags, "\xa9nam");
    b_box(&tags, "data");
    b_u32(&tags, 1);
    b_u32(&tags, 0);
    b_text(&tags, name);
    for (int i = 0; i < 5; i++)
        b_end(&tags);
    b_film(b, &(b_movie){.media_size = 1, .more = &tags});
    b_free(&tags);
}

/* Two gigabytes of samples, of which a test adds the bytes. */
static void big(b_buf *b)
{
    static const b_run stts[] = {{2000, 40}};
    one_track(b, &(b_track){.stts = stts, .stts_n = 1, .samples = 2000, .uniform_size = 1 << 20}, NULL);
}

const struct film_to_write hostile_films[] = {
    {"hostile/claims.mp4", claims},      {"hostile/tracks.mp4", tracks},     {"hostile/empty-run.mp4", empty_run},
    {"hostile/overlap.mp4", raw_overlap}, {"hostile/cues.mp4", cues},        {"hostile/edits.mp4", edits},
    {"hostile/items.heic", items},       {"hostile/chapters.mp4", chapters}, {"hostile/units.mp4", units},
    {"hostile/marks.mp4", marks},        {"hostile/big.mp4", big},           {"hostile/runs.mp4", fragment_overlap},
    {NULL, NULL},
};
