/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Init segments: what a decoder has to know, and no samples. Written anew from what was read, so that QuickTime's films
 * come out as ISO files; sample entries are the film's own bytes wherever they are ISO's already.
 * ISO/IEC 14496-12:2022 8.2 - 8.8, ISO/IEC 23000-19 7.2
 */
#include <reel/codec.h>
#include <reel/meta.h>

#include "base/checked.h"
#include "write/stream.h"

#define F(a, b, c, d) REEL_4CC(a, b, c, d)

enum { MOST_PSSH = 256, ENTRY = 16 /* header, reserved, data_reference_index */ };

void reel__write_brands(reel__out *o, uint32_t type, const char *brands)
{
    reel__out_box(o, type);
    reel__out_bytes(o, brands, 4);
    reel__out_32(o, 0);
    reel__out_text(o, brands);
    reel__out_end(o);
}

static void matrix(reel__out *o, const int32_t m[9])
{
    for (int i = 0; i < 9; i++)
        reel__out_32(o, (uint32_t)m[i]);
}

/* 8.2.2 */
static void movie_header(reel__out *o, uint32_t timescale, uint32_t next_id)
{
    static const int32_t unity[9] = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};
    reel__out_full(o, F('m', 'v', 'h', 'd'), 0, 0);
    reel__out_zeros(o, 8);
    reel__out_32(o, timescale);
    reel__out_32(o, 0);
    reel__out_32(o, 0x10000);
    reel__out_16(o, 0x100);
    reel__out_zeros(o, 10);
    matrix(o, unity);
    reel__out_zeros(o, 24);
    reel__out_32(o, next_id);
    reel__out_end(o);
}

/* 8.3.2 */
static void track_header(reel__out *o, const reel_track_info *i)
{
    reel__out_full(o, F('t', 'k', 'h', 'd'), 0, 7);
    reel__out_zeros(o, 8);
    reel__out_32(o, i->id);
    reel__out_zeros(o, 4 + 4 + 8);
    reel__out_16(o, (uint16_t)i->layer);
    reel__out_16(o, (uint16_t)i->alternate_group);
    reel__out_16(o, i->type == REEL_TRACK_AUDIO && !i->volume ? 0x100 : (uint16_t)i->volume);
    reel__out_16(o, 0);
    matrix(o, i->matrix);
    reel__out_32(o, i->width);
    reel__out_32(o, i->height);
    reel__out_end(o);
}

/* 8.6.6: what is nothing before the media, and where in the media it begins. The track's first media edit. */
static void edit_list(reel__out *o, const reel_track *t, uint32_t timescale)
{
    int64_t shift = reel_track_stream_shift(t), late = 0, start = 0;
    if (shift == 0)
        return;
    if (shift > 0) { /* what movie time is too coarse for is put right in media time */
        late = reel_rescale(shift, t->timescale, timescale);
        late += reel_rescale(late, timescale, t->timescale) < shift;
        start = reel_rescale(late, timescale, t->timescale);
    }
    uint64_t media = (uint64_t)start - (uint64_t)shift;
    reel__out_box(o, F('e', 'd', 't', 's'));
    reel__out_full(o, F('e', 'l', 's', 't'), 1, 0);
    reel__out_32(o, late ? 2 : 1);
    if (late) {
        reel__out_64(o, (uint64_t)late);
        reel__out_64(o, UINT64_MAX);
        reel__out_32(o, 0x10000);
    }
    reel__out_64(o, 0);
    reel__out_64(o, media);
    reel__out_32(o, 0x10000);
    reel__out_end(o);
    reel__out_end(o);
}

/* Three letters of ISO 639-2 in 15 bits; "und" for anything else. */
static uint16_t packed_language(const char *language)
{
    const char *l = strlen(language) == 3 ? language : "und";
    uint16_t packed = 0;
    for (int i = 0; i < 3; i++) {
        if (l[i] < 'a' || l[i] > 'z')
            return packed_language("und");
        packed = (uint16_t)(packed << 5 | (l[i] - 0x60));
    }
    return packed;
}

/* 8.4.2, 8.4.6 */
static void media_header(reel__out *o, const reel_track_info *i)
{
    reel__out_full(o, F('m', 'd', 'h', 'd'), 0, 0);
    reel__out_zeros(o, 8);
    reel__out_32(o, i->timescale);
    reel__out_32(o, 0);
    reel__out_16(o, packed_language(i->language));
    reel__out_16(o, 0);
    reel__out_end(o);
    if (strlen(i->language) == 3 || !strcmp(i->language, "und"))
        return;
    reel__out_full(o, F('e', 'l', 'n', 'g'), 0, 0);
    reel__out_bytes(o, i->language, strlen(i->language) + 1);
    reel__out_end(o);
}

/* 8.4.3 */
static void handler(reel__out *o, const reel_track_info *i)
{
    uint32_t type = i->type == REEL_TRACK_VIDEO ? F('v', 'i', 'd', 'e') : i->type == REEL_TRACK_AUDIO ? F('s', 'o', 'u', 'n') : i->handler;
    reel__out_full(o, F('h', 'd', 'l', 'r'), 0, 0);
    reel__out_32(o, 0);
    reel__out_32(o, type);
    reel__out_zeros(o, 12);
    if (!memchr(i->name.data ? i->name.data : (const uint8_t *)"", 0, i->name.size))
        reel__out_bytes(o, i->name.data, i->name.size);
    reel__out_8(o, 0);
    reel__out_end(o);
}

/* 12.1.2, 12.2.2, 12.6.2, 8.4.5.2 */
static void kind_header(reel__out *o, const reel_track_info *i)
{
    if (i->type == REEL_TRACK_VIDEO) {
        reel__out_full(o, F('v', 'm', 'h', 'd'), 0, 1);
        reel__out_zeros(o, 8);
    } else if (i->type == REEL_TRACK_AUDIO) {
        reel__out_full(o, F('s', 'm', 'h', 'd'), 0, 0);
        reel__out_zeros(o, 4);
    } else {
        reel__out_full(o, i->handler == F('s', 'u', 'b', 't') ? F('s', 't', 'h', 'd') : F('n', 'm', 'h', 'd'), 0, 0);
    }
    reel__out_end(o);
}

/* 8.7.2: the samples lie in the same file */
static void data_information(reel__out *o)
{
    reel__out_box(o, F('d', 'i', 'n', 'f'));
    reel__out_full(o, F('d', 'r', 'e', 'f'), 0, 0);
    reel__out_32(o, 1);
    reel__out_full(o, F('u', 'r', 'l', ' '), 0, 1);
    reel__out_end(o);
    reel__out_end(o);
    reel__out_end(o);
}

/* ---- sample entries ---- */

/* QuickTime's sound description of version 1 or 2: its boxes may hide in a wave. QTFF, Sound Sample Descriptions */
static bool is_quicktime_sound(const reel_description *d)
{
    return d->type == REEL_TRACK_AUDIO && d->entry.size >= 20 && reel__be16(d->entry.data + ENTRY) != 0 &&
           d->config_type && d->config.size;
}

/* Boxes that ISO's entries have beside their configuration. */
static void copy_children(reel__out *o, const reel_description *d)
{
    static const uint32_t kept[] = {F('b', 't', 'r', 't'), F('c', 'h', 'n', 'l'), F('s', 'i', 'n', 'f')};
    if (d->entry.size < 36)
        return;
    reel__part part;
    size_t more = reel__be16(d->entry.data + ENTRY) == 1 ? 16 : 36; /* what versions 1 and 2 have more than 0 */
    if (d->entry.size < 36 + more)
        return;
    reel__children c = reel__children_of(d->entry.data + 36 + more, d->entry.size - 36 - more, 0, NULL);
    while (reel__children_next(&c, &part, NULL))
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
            if (part.type == kept[i])
                reel__out_bytes(o, part.body - part.header, part.header + part.size);
}

static void iso_sound(reel__out *o, const reel_description *d)
{
    reel__out_box(o, d->format);
    reel__out_zeros(o, 6);
    reel__out_16(o, 1);
    reel__out_zeros(o, 8);
    reel__out_16(o, (uint16_t)REEL__MIN(d->entry_channels ? d->entry_channels : 2, UINT32_C(65535)));
    reel__out_16(o, (uint16_t)(d->bits_per_sample && d->bits_per_sample < 65536 ? d->bits_per_sample : 16));
    reel__out_32(o, 0);
    reel__out_32(o, d->entry_sample_rate < 65536 ? d->entry_sample_rate << 16 : 0);
    reel__out_box(o, d->config_type);
    reel__out_bytes(o, d->config.data, d->config.size);
    reel__out_end(o);
    copy_children(o, d);
    reel__out_end(o);
}

static void sample_entry(reel__out *o, const reel_description *d)
{
    if (is_quicktime_sound(d)) {
        iso_sound(o, d);
        return;
    }
    size_t at = o->size;
    reel__out_bytes(o, d->entry.data, d->entry.size);
    reel__out_set_32(o, at, (uint32_t)d->entry.size);
    if (o->code == REEL_OK) { /* the only data reference that is left */
        o->data[at + ENTRY - 2] = 0;
        o->data[at + ENTRY - 1] = 1;
    }
}

/* 8.5.2 and the tables that have nothing in them */
static int sample_table(reel__out *o, const reel_track *t, uint32_t descriptions, reel_error *err)
{
    static const uint32_t empty[] = {F('s', 't', 't', 's'), F('s', 't', 's', 'c'), F('s', 't', 's', 'z'), F('s', 't', 'c', 'o')};
    reel__out_box(o, F('s', 't', 'b', 'l'));
    reel__out_full(o, F('s', 't', 's', 'd'), 0, 0);
    reel__out_32(o, descriptions);
    for (uint32_t i = 1; i <= descriptions; i++) {
        reel_description d;
        int code = reel_track_description(t, i, &d, err);
        if (code != REEL_OK)
            return code;
        if (d.entry.size < ENTRY)
            return reel__track_fail(t, REEL__STSD, err, REEL_E_CONFIG, "entry %u is too short", i);
        sample_entry(o, &d);
    }
    reel__out_end(o);
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        reel__out_full(o, empty[i], 0, 0);
        reel__out_zeros(o, empty[i] == F('s', 't', 's', 'z') ? 8 : 4);
        reel__out_end(o);
    }
    reel__out_end(o);
    return REEL_OK;
}

static int track_box(reel__out *o, const reel_track *t, uint32_t timescale, reel_error *err)
{
    reel_track_info info;
    reel_track_get_info(t, &info);
    reel__out_box(o, F('t', 'r', 'a', 'k'));
    track_header(o, &info);
    edit_list(o, t, timescale);
    reel__out_box(o, F('m', 'd', 'i', 'a'));
    media_header(o, &info);
    handler(o, &info);
    reel__out_box(o, F('m', 'i', 'n', 'f'));
    kind_header(o, &info);
    data_information(o);
    int code = sample_table(o, t, info.description_count, err);
    reel__out_end(o);
    reel__out_end(o);
    reel__out_end(o);
    return code;
}

/* 8.8.3: nothing is left to defaults but the sample description; or what the film leaves to them. */
static void track_extends(reel__out *o, const reel_track *t, bool defaults)
{
    reel__reader r = reel__part_reader(&t->trex);
    reel__skip(&r, 4);
    const uint8_t *own = defaults ? reel__take(&r, 16) : NULL;
    reel__out_full(o, F('t', 'r', 'e', 'x'), 0, 0);
    reel__out_32(o, t->id);
    if (own) {
        reel__out_bytes(o, own, 16);
    } else {
        reel__out_32(o, 1);
        reel__out_zeros(o, 12);
    }
    reel__out_end(o);
}

static void protection_headers(reel__out *o, const reel_movie *m)
{
    reel_pssh p;
    for (size_t i = 0; i < MOST_PSSH; i++) {
        int code = reel_movie_pssh(m, i, &p);
        if (code == REEL_END)
            return;
        if (code == REEL_OK)
            reel__out_bytes(o, p.box.data, p.box.size);
    }
}

static int movie_box(reel__out *o, const reel_track *const *tracks, size_t n, bool defaults, reel_error *err)
{
    const reel_movie *m = tracks[0]->movie;
    uint32_t timescale = m->timescale ? m->timescale : tracks[0]->timescale, next = 1;
    int code = REEL_OK;
    for (size_t i = 0; i < n; i++)
        next = REEL__MAX(next, tracks[i]->id < UINT32_MAX ? tracks[i]->id + 1 : UINT32_MAX);
    reel__out_box(o, F('m', 'o', 'o', 'v'));
    movie_header(o, timescale, next);
    for (size_t i = 0; i < n && code == REEL_OK; i++)
        code = track_box(o, tracks[i], timescale, err);
    reel__out_box(o, F('m', 'v', 'e', 'x'));
    for (size_t i = 0; i < n; i++)
        track_extends(o, tracks[i], defaults);
    reel__out_end(o);
    protection_headers(o, m);
    reel__out_end(o);
    return code;
}

int reel__check_tracks(const reel_track *const *tracks, size_t n, reel_error *err)
{
    if (!tracks || n == 0)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no tracks");
    for (size_t i = 0; i < n; i++)
        if (!tracks[i] || tracks[i]->movie != tracks[0]->movie)
            return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no track, or tracks of several films");
    return REEL_OK;
}

int reel__stream_init(const reel_track *const *tracks, size_t n, bool defaults, const reel_allocator *alloc,
                      reel_plan **out, reel_error *err)
{
    reel__out o;
    int code = reel__check_tracks(tracks, n, err);
    if (code != REEL_OK || !out)
        return code != REEL_OK ? code : REEL_E_ARG;
    reel__out_init(&o, alloc, 4096);
    reel__write_brands(&o, F('f', 't', 'y', 'p'), n == 1 ? "iso6cmfcdashmp41" : "iso6dashmp41");
    code = movie_box(&o, tracks, n, defaults, err);
    if (code == REEL_OK)
        return reel__plan_of_out(&o, out, err);
    reel__out_free(&o);
    return code;
}

int reel_stream_init(const reel_track *const *tracks, size_t n, const reel_allocator *alloc, reel_plan **out,
                     reel_error *err)
{
    return reel__stream_init(tracks, n, false, alloc, out, err);
}
