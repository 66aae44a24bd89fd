/* SPDX-License-Identifier: BSD-2-Clause */
#include "small.h"

static const b_run stts[] = {{10, 40}};
static const b_chunks stsc[] = {{1, 5, 1}};
static const uint64_t chunks[] = {0, 50};
static const uint32_t stss[] = {1, 6};
static const uint32_t sizes[] = {10, 10, 10, 10, 10, 10, 10, 10, 10, 10};
const b_track small_track = {.stts = stts, .stts_n = 1, .stsc = stsc, .stsc_n = 1, .sizes = sizes, .samples = 10,
                             .chunks = chunks, .chunk_n = 2, .stss = stss, .stss_n = 2};

void small_plain(b_buf *b) { b_film(b, &(b_movie){.track = &small_track, .tracks = 1, .media_size = 100}); }

void small_fragmented(b_buf *b)
{
    static const b_track empty = {0};
    static const b_entry entries[] = {{40, 10, 0, 0}, {40, 10, 0, 0}, {40, 10, 0, 0}, {40, 10, 0, 0}, {40, 10, 0, 0}};
    static const b_trun run = {.flags = B_DATA | B_FIRST_FLAGS | B_DURATION | B_SIZE, .first_flags = B_SYNC,
                               .entries = entries, .count = 5};
    b_film(b, &(b_movie){.track = &empty, .tracks = 1, .fragmented = true});
    for (uint32_t i = 0; i < 2; i++) {
        b_traf traf = {.flags = 0x20000 | 0x20, .sample_flags = B_NON_SYNC, .has_tfdt = true, .tfdt = i * 200,
                       .runs = &run, .run_n = 1};
        b_fragment(b, i + 1, &traf, 1, 50);
        b_units(b, 50);
    }
}

static void put_item(b_buf *b)
{
    b_full(b, "pitm", 0, 0);
    b_u16(b, 1);
    b_end(b);
    b_full(b, "iinf", 0, 0);
    b_u16(b, 1);
    b_full(b, "infe", 2, 0);
    b_u16(b, 1);
    b_u16(b, 0);
    b_text(b, "jpeg");
    b_u8(b, 0);
    b_end(b);
    b_end(b);
    b_box(b, "iprp");
    b_box(b, "ipco");
    b_full(b, "ispe", 0, 0);
    b_u32(b, 16);
    b_u32(b, 16);
    b_end(b);
    b_end(b);
    b_full(b, "ipma", 0, 0);
    b_u32(b, 1);
    b_u16(b, 1);
    b_u16(b, 0x0101);
    b_end(b);
    b_end(b);
}

void small_heif(b_buf *b)
{
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
    put_item(b);
    b_full(b, "iloc", 0, 0);
    b_u16(b, 0x4400); /* offset_size 4, length_size 4 */
    b_u16(b, 1);
    b_u16(b, 1);
    b_u16(b, 0);
    b_u16(b, 1);
    size_t where = b->size;
    b_u32(b, 0);
    b_u32(b, 16);
    b_end(b);
    b_end(b);
    b_box(b, "mdat");
    b_set32(b, where, (uint32_t)b->size);
    b_fill(b, 7, 16);
    b_end(b);
}
