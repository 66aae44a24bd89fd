/* SPDX-License-Identifier: BSD-2-Clause */
/* films FOLDER: writes the films that tests/cli.py shows to the command. No test; the same bytes on every machine. */
#include "../small.h"
#include "films.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void put_hex(b_buf *b, const char *s)
{
    for (; *s; s += 2) {
        char digits[3] = {s[0], s[1], 0};
        b_u8(b, strtoul(digits, NULL, 16));
    }
}

static void put_nal(b_buf *b, uint8_t head, uint32_t size)
{
    b_u32(b, size);
    b_u8(b, head);
    for (uint32_t i = 1; i < size; i++)
        b_u8(b, 0x80 + i);
}

/* ---- plain: H.264 with B frames and AAC, interleaved, the media from its first picture on ------------------ */

enum { PICTURES = 10, GOP = 5, FRAMES = 17, FRAME_BYTES = 16 };
static const b_run forty[] = {{PICTURES, 40}};
static const b_run reordered[] = {{1, 40}, {1, 80}, {1, 0}, {1, 80}, {1, 0}, {1, 40}, {1, 80}, {1, 0}, {1, 80}, {1, 0}};
static const b_chunks fives[] = {{1, 5, 1}}, whole[] = {{1, 65535, 1}}; /* whole: one chunk, whatever there is */
static const uint32_t syncs[] = {1, 6};
static const uint64_t first_chunk[] = {0};

/* A length, IDR, P or B, and bytes that count up. */
static void put_gop(b_buf *media, uint32_t sizes[GOP])
{
    static const uint8_t heads[GOP] = {0x65, 0x41, 0x01, 0x41, 0x01};
    static const uint8_t lengths[GOP] = {20, 12, 6, 12, 6};
    for (int i = 0; i < GOP; i++) {
        put_nal(media, heads[i], lengths[i]);
        sizes[i] = lengths[i] + 4u;
    }
}

static void put_esds(b_buf *b)
{
    b_full(b, "esds", 0, 0);
    put_hex(b, "03160001000411401500000000" "01f4000001f40005021210");
    b_end(b);
}

static void plain(b_buf *b)
{
    static const b_run sound_stts[] = {{FRAMES, 1024}};
    static const b_chunks sound_stsc[] = {{1, 9, 1}, {2, 8, 1}};
    static const b_edit edit = {400, 40, 0x10000};
    uint32_t sizes[PICTURES];
    uint64_t chunks[2], sound_chunks[2];
    b_buf media = {0}, entries = {0};
    for (int i = 0; i < 2; i++) {
        chunks[i] = media.size;
        put_gop(&media, sizes + i * GOP);
        sound_chunks[i] = media.size;
        b_fill(&media, (uint8_t)(0x21 + i), (i ? 8 : 9) * FRAME_BYTES);
    }
    b_audio(&entries, "mp4a", 2, 44100);
    put_esds(&entries);
    b_end(&entries);
    const b_track tracks[2] = {
        {.stts = forty, .stts_n = 1, .ctts = reordered, .ctts_n = PICTURES, .stsc = fives, .stsc_n = 1, .sizes = sizes,
         .samples = PICTURES, .chunks = chunks, .chunk_n = 2, .stss = syncs, .stss_n = 2, .edits = &edit, .edit_n = 1},
        {.handler = "soun", .timescale = 44100, .entries = &entries, .stts = sound_stts, .stts_n = 1,
         .stsc = sound_stsc, .stsc_n = 2, .uniform_size = FRAME_BYTES, .samples = FRAMES, .chunks = sound_chunks,
         .chunk_n = 2}};
    b_film(b, &(b_movie){.track = tracks, .tracks = 2, .media = media.data, .media_size = media.size});
    b_free(&media);
    b_free(&entries);
}

/* ---- fragments and segments --------------------------------------------------------------------------------- */

/* The first byte of the nth of the fragments that small_fragmented writes; n 2: their end. */
static size_t fragment_at(const b_buf *b, int n)
{
    return n == 0 ? b_find(b, "moof") : n == 1 ? b_find(b, "moof[2]") : b->size;
}

static void fragmented(b_buf *b)
{
    b_buf small = {0};
    b_reference refs[2];
    small_fragmented(&small);
    for (int i = 0; i < 2; i++)
        refs[i] = (b_reference){(uint32_t)(fragment_at(&small, i + 1) - fragment_at(&small, i)), 200, false};
    size_t head = fragment_at(&small, 0);
    b_bytes(b, small.data, head);
    b_sidx(b, 1, 1000, 0, 0, refs, 2);
    b_bytes(b, small.data + head, small.size - head);
    b_free(&small);
}

static void piece(b_buf *b, int from, int to)
{
    b_buf small = {0};
    small_fragmented(&small);
    size_t at = from < 0 ? 0 : fragment_at(&small, from);
    b_bytes(b, small.data + at, fragment_at(&small, to) - at);
    b_free(&small);
}

/* Open GOPs in fragments without tfdt: the sync sample is shown behind the one that follows it, which comes early. */
static void leading(b_buf *b)
{
    static const b_track empty = {0};
    static const b_entry entries[] = {
        {40, 10, 0, 40}, {40, 10, 0, -40}, {40, 10, 0, 0}, {40, 10, 0, 0}, {40, 10, 0, 0}};
    static const b_trun run = {.flags = B_DATA | B_FIRST_FLAGS | B_DURATION | B_SIZE | B_OFFSET, .first_flags = B_SYNC,
                               .entries = entries, .count = 5};
    static const b_traf traf = {.flags = 0x20000 | 0x20, .sample_flags = B_NON_SYNC, .runs = &run, .run_n = 1};
    b_film(b, &(b_movie){.track = &empty, .tracks = 1, .fragmented = true});
    for (uint32_t i = 0; i < 2; i++)
        b_fragment(b, i + 1, &traf, 1, 50);
}

static void init_segment(b_buf *b) { piece(b, -1, 0); }
static void first_segment(b_buf *b) { piece(b, 0, 1); }
static void second_segment(b_buf *b) { piece(b, 1, 2); }

/* ---- edit lists --------------------------------------------------------------------------------------------- */

/* Nothing for 200 ms, 160 ms from the middle, 80 ms of one picture, the whole at half speed. */
static void edits(b_buf *b)
{
    static const b_edit list[] = {{200, -1, 0x10000}, {160, 200, 0x10000}, {80, 120, 0}, {800, 0, 0x8000}};
    b_track track = small_track;
    track.edits = list;
    track.edit_n = 4;
    b_film(b, &(b_movie){.track = &track, .tracks = 1, .media_size = 100});
}

/* ---- text, chapters and tags -------------------------------------------------------------------------------- */

static void put_chunk_of_text(b_buf *b, const char *type, const char *text)
{
    b_box(b, type);
    b_text(b, text);
    b_end(b);
}

static void put_cue(b_buf *b, const char *id, const char *settings, const char *text)
{
    b_box(b, "vttc");
    if (id)
        put_chunk_of_text(b, "iden", id);
    if (settings)
        put_chunk_of_text(b, "sttg", settings);
    put_chunk_of_text(b, "payl", text);
    b_end(b);
}

/* One cue that goes on in the second sample, where another begins; then none; then one with markup. */
static void put_webvtt(b_buf *media, uint32_t sizes[4])
{
    size_t at[5] = {media->size};
    put_cue(media, "one", "line:10%", "A cue that\ngoes on");
    at[1] = media->size;
    put_cue(media, "one", "line:10%", "A cue that\ngoes on");
    put_cue(media, NULL, NULL, "<i>another</i> &amp; more");
    at[2] = media->size;
    put_chunk_of_text(media, "vtte", "");
    at[3] = media->size;
    put_cue(media, NULL, NULL, "first\n\n\x1b[2Jthird --> line");
    at[4] = media->size;
    for (int i = 0; i < 4; i++)
        sizes[i] = (uint32_t)(at[i + 1] - at[i]);
}

static void put_lines(b_buf *media, uint32_t *sizes, const char *const *lines, int n)
{
    for (int i = 0; i < n; i++) {
        b_u16(media, strlen(lines[i]));
        b_text(media, lines[i]);
        sizes[i] = (uint32_t)strlen(lines[i]) + 2;
    }
}

static void put_tag(b_buf *b, const char *type, uint32_t kind, const char *value, size_t n)
{
    b_box(b, type);
    b_box(b, "data");
    b_u32(b, kind);
    b_u32(b, 0);
    b_bytes(b, value, n);
    b_end(b);
    b_end(b);
}

/* An escape sequence, a C1 control, half a character and a quote: what a file may say and a terminal may not see. */
static const char nasty[] = "red\x1b[31m \xc2\x9b" "5m half\xe2\x82 \"quoted\" back\\slash\nnew line";

static void put_tags(b_buf *b)
{
    b_box(b, "udta");
    b_full(b, "meta", 0, 0);
    b_full(b, "hdlr", 0, 0);
    b_u32(b, 0);
    b_text(b, "mdir");
    b_fill(b, 0, 13);
    b_end(b);
    b_box(b, "ilst");
    put_tag(b, "\xa9nam", 1, "A film", 6);
    put_tag(b, "\xa9" "cmt", 1, nasty, sizeof nasty - 1);
    put_tag(b, "trkn", 0, "\0\0\0\3\0\11\0\0", 8);
    put_tag(b, "covr", 13, "\xff\xd8\xff\xe0" "cover", 9);
    b_end(b);
    b_end(b);
    b_end(b);
}

static void put_plain_entry(b_buf *b, const char *type, const char *body)
{
    b_box(b, type);
    b_fill(b, 0, 6);
    b_u16(b, 1);
    put_hex(b, body);
    b_end(b);
}

static void put_wvtt_entry(b_buf *b)
{
    b_box(b, "wvtt");
    b_fill(b, 0, 6);
    b_u16(b, 1);
    put_chunk_of_text(b, "vttC", "WEBVTT - made for a test");
    b_end(b);
}

/* The movie's tags, and three text tracks: tx3g, wvtt and, named by the first, chapters. */
static void text(b_buf *b)
{
    static const char *const lines[] = {"Two\nlines", "", "Tom & <Jerry>\r\n\r\nend"};
    static const char *const titles[] = {"Opening", "Clear \x1b[2J screen"};
    static const b_run three[] = {{3, 1000}}, four[] = {{4, 750}}, two[] = {{2, 1500}};
    uint32_t sizes[9];
    b_buf media = {0}, entry[3] = {{0}}, chap = {0}, tags = {0};
    put_lines(&media, sizes, lines, 3);
    uint64_t wvtt_at = media.size;
    put_webvtt(&media, sizes + 3);
    uint64_t chapters_at = media.size;
    put_lines(&media, sizes + 7, titles, 2);
    put_plain_entry(&entry[0], "tx3g", "000000000000000000000000000000000000000000000001" "0012ffffffff");
    put_wvtt_entry(&entry[1]);
    put_plain_entry(&entry[2], "text", "00000000000000000000000000000000000000000000000000000000000000000000"
                                       "0000000000000000000000");
    b_box(&chap, "tref");
    b_box(&chap, "chap");
    b_u32(&chap, 3);
    b_end(&chap);
    b_end(&chap);
    put_tags(&tags);
    const b_track tracks[3] = {
        {.handler = "sbtl", .entries = &entry[0], .stts = three, .stts_n = 1, .stsc = whole, .stsc_n = 1,
         .sizes = sizes, .samples = 3, .chunks = first_chunk, .chunk_n = 1, .trak_more = &chap},
        {.handler = "text", .entries = &entry[1], .stts = four, .stts_n = 1, .stsc = whole, .stsc_n = 1,
         .sizes = sizes + 3, .samples = 4, .chunks = &wvtt_at, .chunk_n = 1},
        {.handler = "text", .entries = &entry[2], .stts = two, .stts_n = 1, .stsc = whole, .stsc_n = 1,
         .sizes = sizes + 7, .samples = 2, .chunks = &chapters_at, .chunk_n = 1}};
    b_film(b, &(b_movie){.track = tracks, .tracks = 3, .media = media.data, .media_size = media.size, .more = &tags});
    for (int i = 0; i < 3; i++)
        b_free(&entry[i]);
    b_free(&media);
    b_free(&chap);
    b_free(&tags);
}

/* ---- text with markup: classes, voices and entities of WebVTT, style records of tx3g ------------------------- */

static void put_style(b_buf *b, uint32_t from, uint32_t to, uint32_t face)
{
    b_u16(b, from);
    b_u16(b, to);
    b_u16(b, 1);
    b_u8(b, face);
    b_u8(b, 18);
    b_u32(b, 0xffffffff);
}

/* A length, the text, and a style box: bold; bold and underlined on two lines; plain; italic to the end. */
static uint32_t put_styled(b_buf *b)
{
    static const char words[] = "B\xc3\xb6ld <both\nlines> plain italic";
    size_t at = b->size;
    b_u16(b, sizeof words - 1);
    b_text(b, words);
    b_box(b, "styl");
    b_u16(b, 3);
    put_style(b, 0, 5, 1);
    put_style(b, 5, 17, 5);
    put_style(b, 23, 99, 2);
    b_end(b);
    return (uint32_t)(b->size - at);
}

static const char marked[] =
    "<c.magenta>What</c> <b.loud>is</b> <v Bob>this &lt;thing&gt; <00:00:01.500><lang en>&#8211; &#x26; 1 < 2\n"
    "<i>over\n</i>&quot;<u>three</u> <ruby>lines<rt>!</rt></ruby> &unknown; <3";

/* The default style of the tx3g entry is italic. */
static void styled(b_buf *b)
{
    static const b_run two[] = {{2, 1000}}, one[] = {{1, 2000}};
    uint32_t sizes[3];
    b_buf media = {0}, entry[2] = {{0}};
    sizes[0] = put_styled(&media);
    put_lines(&media, sizes + 1, (const char *const[]){"as by default"}, 1);
    uint64_t wvtt_at = media.size;
    put_cue(&media, NULL, NULL, marked);
    sizes[2] = (uint32_t)(media.size - wvtt_at);
    put_plain_entry(&entry[0], "tx3g", "000000000000000000000000000000000000000000000001" "0212ffffffff");
    put_wvtt_entry(&entry[1]);
    const b_track tracks[2] = {
        {.handler = "sbtl", .entries = &entry[0], .stts = two, .stts_n = 1, .stsc = whole, .stsc_n = 1,
         .sizes = sizes, .samples = 2, .chunks = first_chunk, .chunk_n = 1},
        {.handler = "text", .entries = &entry[1], .stts = one, .stts_n = 1, .stsc = whole, .stsc_n = 1,
         .sizes = sizes + 2, .samples = 1, .chunks = &wvtt_at, .chunk_n = 1}};
    b_film(b, &(b_movie){.track = tracks, .tracks = 2, .media = media.data, .media_size = media.size});
    b_free(&entry[0]);
    b_free(&entry[1]);
    b_free(&media);
}

/* ---- one track, one chunk, samples of a size ---------------------------------------------------------------- */

static void simple(b_buf *b, b_track *t, const b_buf *media, const b_buf *more)
{
    t->stsc = whole;
    t->stsc_n = t->chunk_n = 1;
    t->chunks = first_chunk;
    b_film(b, &(b_movie){.track = t, .tracks = 1, .media = media ? media->data : NULL,
                         .media_size = media ? media->size : (size_t)t->samples * t->uniform_size, .more = more});
}

static void put_sinf(b_buf *b)
{
    b_box(b, "sinf");
    put_chunk_of_text(b, "frma", "avc1");
    b_full(b, "schm", 0, 0);
    b_text(b, "cenc");
    b_u32(b, 0x10000);
    b_end(b);
    b_box(b, "schi");
    b_full(b, "tenc", 0, 0);
    put_hex(b, "00000108" "000102030405060708090a0b0c0d0e0f");
    b_end(b);
    b_end(b);
    b_end(b);
}

static void encrypted(b_buf *b)
{
    b_buf entries = {0}, pssh = {0};
    b_visual_entry(&entries);
    memcpy(entries.data + 4, "encv", 4);
    put_sinf(&entries);
    b_set32(&entries, 0, (uint32_t)entries.size);
    b_full(&pssh, "pssh", 1, 0);
    put_hex(&pssh, "1077efecc0b24d02ace33c1e52e2fb4b" "00000001" "000102030405060708090a0b0c0d0e0f" "00000000");
    b_end(&pssh);
    simple(b, &(b_track){.entries = &entries, .stts = forty, .stts_n = 1, .samples = PICTURES, .uniform_size = 10},
           NULL, &pssh);
    b_free(&entries);
    b_free(&pssh);
}

/* A temporal unit: sequence header and a frame without a size, which is what MP4 likes to hold. */
static void av1(b_buf *b)
{
    static const b_run stts[] = {{4, 40}};
    static const uint32_t sizes[] = {8, 5, 5, 5}, sync[] = {1};
    b_buf entries = {0}, media = {0};
    b_video(&entries, "av01", 64, 48);
    b_box(&entries, "av1C");
    put_hex(&entries, "81040c00");
    b_end(&entries);
    b_end(&entries);
    put_hex(&media, "0a0155" "3011223344");
    for (uint8_t i = 1; i < 4; i++) {
        put_hex(&media, "30aabbcc");
        b_u8(&media, i);
    }
    simple(b, &(b_track){.entries = &entries, .stts = stts, .stts_n = 1, .samples = 4, .sizes = sizes, .stss = sync,
                         .stss_n = 1}, &media, NULL);
    b_free(&entries);
    b_free(&media);
}

static void pcm(b_buf *b)
{
    enum { N = 480 };
    static const b_run stts[] = {{N, 1}};
    b_buf entries = {0};
    b_audio(&entries, "sowt", 2, 48000);
    b_end(&entries);
    simple(b, &(b_track){.handler = "soun", .timescale = 48000, .entries = &entries, .stts = stts, .stts_n = 1,
                         .samples = N, .uniform_size = 4}, NULL, NULL);
    b_free(&entries);
}

/* esds: the object type and the AudioSpecificConfig in hexadecimal. */
static void put_config(b_buf *b, const char *config)
{
    uint32_t n = (uint32_t)strlen(config) / 2;
    b_full(b, "esds", 0, 0);
    b_u8(b, 3);
    b_u8(b, 20 + n);
    put_hex(b, "000100" "04");
    b_u8(b, 15 + n);
    put_hex(b, "4015000000" "000001f4" "000001f4" "05");
    b_u8(b, n);
    put_hex(b, config);
    put_hex(b, "060102");
    b_end(b);
}

static void put_opus_head(b_buf *b)
{
    b_box(b, "dOps");
    put_hex(b, "00020138" "0000bb80" "000000");
    b_end(b);
}

/* Opus; xHE-AAC; AAC whose channels only a program configuration tells: of none of them can a bare stream be made. */
static void formless(b_buf *b)
{
    static const char *const formats[3] = {"Opus", "mp4a", "mp4a"}, *const configs[3] = {NULL, "f94a38", "1180"};
    static const b_run stts[] = {{3, 1024}};
    static const uint32_t sizes[] = {6, 6, 7};
    b_buf entries[3] = {{0}}, media = {0};
    b_track tracks[3];
    b_text(&media, "first second third\n");
    for (int i = 0; i < 3; i++) {
        b_audio(&entries[i], formats[i], 2, 48000);
        if (configs[i])
            put_config(&entries[i], configs[i]);
        else
            put_opus_head(&entries[i]);
        b_end(&entries[i]);
        tracks[i] = (b_track){.handler = "soun", .timescale = 48000, .entries = &entries[i], .stts = stts, .stts_n = 1,
                              .stsc = whole, .stsc_n = 1, .sizes = sizes, .samples = 3, .chunks = first_chunk,
                              .chunk_n = 1};
    }
    b_film(b, &(b_movie){.track = tracks, .tracks = 3, .media = media.data, .media_size = media.size});
    for (int i = 0; i < 3; i++)
        b_free(&entries[i]);
    b_free(&media);
}

/* ---- what info has words for ---------------------------------------------------------------------------------- */

/* HDR10 whose sample entry leaves the size to the track header; the same light without a word about the display. */
static void put_bright(b_buf *b, const char *clli)
{
    b_video(b, "jpeg", 0, 0);
    b_box(b, "colr");
    b_text(b, "nclx");
    put_hex(b, "00090010000900");
    b_end(b);
    if (clli) {
        b_box(b, "clli");
        put_hex(b, clli);
        b_end(b);
    }
    b_end(b);
}

/* Sold by iTunes: there is no tenc, and so neither a key id nor an initialization vector. */
static void put_bought(b_buf *b)
{
    b_audio(b, "drms", 2, 44100);
    put_esds(b);
    b_box(b, "sinf");
    put_chunk_of_text(b, "frma", "mp4a");
    b_full(b, "schm", 0, 0);
    b_text(b, "itun");
    b_u32(b, 0);
    b_end(b);
    b_end(b);
    b_end(b);
}

/* Five frames of AMR in a sample. */
static void put_amr(b_buf *b)
{
    b_audio(b, "samr", 0, 8000);
    b_box(b, "damr");
    put_hex(b, "7265656c" "00" "0000" "00" "05");
    b_end(b);
    b_end(b);
}

/* Late by 95 ms; plays whole; nothing to say about its edit. */
static void words(b_buf *b)
{
    static const b_run video[] = {{5, 40}}, sound[] = {{5, 1024}}, speech[] = {{5, 800}};
    static const b_edit late[] = {{95, -1, 0x10000}, {200, 0, 0x10000}}, whole_edit = {116, 0, 0x10000};
    b_buf entries[4] = {{0}};
    b_track tracks[4];
    put_bright(&entries[0], "03e80190");
    put_bright(&entries[1], NULL);
    put_bought(&entries[2]);
    put_amr(&entries[3]);
    for (int i = 0; i < 4; i++)
        tracks[i] = (b_track){.entries = &entries[i], .stts = i < 2 ? video : i == 2 ? sound : speech, .stts_n = 1,
                              .stsc = whole, .stsc_n = 1, .uniform_size = 10, .samples = 5, .chunks = first_chunk,
                              .chunk_n = 1, .handler = i < 2 ? "vide" : "soun",
                              .timescale = i < 2 ? 1000 : i == 2 ? 44100 : 8000};
    tracks[0].edits = late;
    tracks[0].edit_n = 2;
    tracks[2].edits = &whole_edit;
    tracks[2].edit_n = 1;
    b_film(b, &(b_movie){.track = tracks, .tracks = 4, .media_size = 50});
    memcpy(b->data + b_find(b, "ftyp") + 8, "qt  ", 4);
    for (int i = 0; i < 4; i++)
        b_free(&entries[i]);
}

/* A picture with its colours and light, its opacity, and something of which nobody knows what it is. */
static void put_picture_items(b_buf *b)
{
    b_full(b, "pitm", 0, 0);
    b_u16(b, 1);
    b_end(b);
    b_full(b, "iinf", 0, 0);
    b_u16(b, 3);
    for (uint16_t id = 1; id <= 3; id++) {
        b_full(b, "infe", 2, 0);
        b_u16(b, id);
        b_u16(b, 0);
        b_text(b, "jpeg");
        b_u8(b, 0);
        b_end(b);
    }
    b_end(b);
}

static void put_auxiliary(b_buf *b, const char *type)
{
    b_full(b, "auxC", 0, 0);
    b_bytes(b, type, strlen(type) + 1);
    b_end(b);
}

static void put_picture_properties(b_buf *b)
{
    b_box(b, "iprp");
    b_box(b, "ipco");
    b_full(b, "ispe", 0, 0);
    put_hex(b, "0000001000000010");
    b_end(b);
    b_box(b, "colr");
    b_text(b, "nclx");
    put_hex(b, "00090010000980");
    b_end(b);
    b_box(b, "clli");
    put_hex(b, "03e80190");
    b_end(b);
    put_auxiliary(b, "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha");
    put_auxiliary(b, "urn:example:\x1b[31m");
    b_full(b, "pixi", 0, 0);
    put_hex(b, "0108");
    b_end(b);
    b_end(b);
    b_full(b, "ipma", 0, 0);
    put_hex(b, "00000003" "000103010203" "000203010486" "00030105");
    b_end(b);
    b_end(b);
}

static void alpha(b_buf *b)
{
    b_box(b, "ftyp");
    b_text(b, "mif1");
    b_u32(b, 0);
    b_text(b, "mif1");
    b_end(b);
    b_full(b, "meta", 0, 0);
    b_full(b, "hdlr", 0, 0);
    b_u32(b, 0);
    b_text(b, "pict");
    b_fill(b, 0, 13);
    b_end(b);
    put_picture_items(b);
    put_picture_properties(b);
    b_full(b, "iref", 0, 0);
    b_box(b, "auxl");
    put_hex(b, "000200010001");
    b_end(b);
    b_end(b);
    b_end(b);
}

/* More lines than a pipe holds. */
static void many(b_buf *b)
{
    enum { N = 5000 };
    static const b_run stts[] = {{N, 40}};
    simple(b, &(b_track){.stts = stts, .stts_n = 1, .samples = N, .uniform_size = 1}, NULL, NULL);
}

/* ---- what is wrong ------------------------------------------------------------------------------------------ */

/* The movie box behind the media, as cameras write it. */
static void late(b_buf *b) { b_film(b, &(b_movie){.track = &small_track, .tracks = 1, .media_size = 100, .moov_last = true}); }

static void cut(b_buf *b, size_t size) { b->size = size; }

static void cut_in_media(b_buf *b)
{
    plain(b);
    cut(b, b->size - 100);
}

static void cut_in_tables(b_buf *b)
{
    plain(b);
    cut(b, b_find(b, "moov/trak[2]/mdia/minf/stbl/stts") + 4);
}

/* The times end before the samples do: nobody sees it who does not read the tables. */
static void short_times(b_buf *b)
{
    static const b_run four[] = {{4, 40}};
    simple(b, &(b_track){.stts = four, .stts_n = 1, .samples = PICTURES, .uniform_size = 10, .stss = syncs,
                         .stss_n = 2}, NULL, NULL);
}

/* The first chunk lies where no file is; the second track is whole. */
static void damaged(b_buf *b)
{
    plain(b);
    b_set32(b, b_body(b, "moov/trak/mdia/minf/stbl/stco") + 4, 0x7fffff00);
}

static void without_tables(b_buf *b)
{
    plain(b);
    b_hide(b, "moov/trak/mdia/minf/stbl/stsz");
}

/* A codec, a box and a handler that are named to do harm. */
static void nasty_names(b_buf *b)
{
    b_buf entries = {0};
    b_video(&entries, "\x1b[2J", 64, 48);
    b_end(&entries);
    simple(b, &(b_track){.entries = &entries, .stts = forty, .stts_n = 1, .samples = PICTURES, .uniform_size = 10},
           NULL, NULL);
    b_insert(b, "moov/trak/mdia/hdlr", b_body(b, "moov/trak/mdia/hdlr") + 20, nasty, sizeof nasty - 1);
    b_box(b, "\r\n\xff\x9b");
    b_end(b);
    b_box(b, "uuid");
    b_fill(b, 0x9b, 16);
    b_end(b);
    b_free(&entries);
}

static void nothing(b_buf *b) { b_clear(b); }
static void no_film(b_buf *b) { b_text(b, "This is a note, and no film at all.\n"); }

/* ---- files -------------------------------------------------------------------------------------------------- */

static const struct film_to_write films[] = {
    {"plain.mp4", plain}, {"late.mp4", late}, {"fragmented.mp4", fragmented}, {"init.mp4", init_segment}, {"1.m4s", first_segment},
    {"2.m4s", second_segment}, {"leading.mp4", leading}, {"edits.mp4", edits}, {"text.mp4", text},
    {"styled.mp4", styled}, {"encrypted.mp4", encrypted}, {"av1.mp4", av1}, {"pcm.mov", pcm},
    {"formless.mp4", formless}, {"many.mp4", many}, {"still.heic", small_heif}, {"words.mov", words},
    {"alpha.heic", alpha}, {"cut.mp4", cut_in_media}, {"cut-short.mp4", cut_in_tables}, {"damaged.mp4", damaged},
    {"no-sizes.mp4", without_tables}, {"short-times.mp4", short_times}, {"nasty.mp4", nasty_names},
    {"empty.mp4", nothing}, {"note.txt", no_film}, {"two words.mp4", small_plain},
    {"escape\x1b[31m.mp4", small_plain}, {"new\nline.mp4", small_plain}, {"bytes\xff\xc2\x9b.mp4", small_plain},
    {"note\x1b[31m\xff\xc2\x9b.txt", no_film}, {"-dash.mp4", small_plain},
};

static int write_film(const char *name, void (*make)(b_buf *))
{
    b_buf b = {0};
    make(&b);
    FILE *f = fopen(name, "wb");
    int failed = !f || fwrite(b.data ? b.data : (const uint8_t *)"", 1, b.size, f) != b.size;
    if (f && fclose(f))
        failed = 1;
    if (failed)
        perror(name);
    b_free(&b);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = argc != 2 || chdir(argv[1]) != 0;
    if (failed)
        fputs("films FOLDER\n", stderr);
    for (size_t i = 0; !failed && i < sizeof films / sizeof *films; i++)
        failed = write_film(films[i].name, films[i].make);
    if (!failed)
        (void)mkdir("hostile", 0777);
    for (size_t i = 0; !failed && hostile_films[i].name; i++)
        failed = write_film(hostile_films[i].name, hostile_films[i].make);
    return failed;
}
