/* SPDX-License-Identifier: BSD-2-Clause */
/* Sample entries: ISO/IEC 14496-12:2022 8.5.2, 12.1.3, 12.2.3; QTFF, Sound Sample Descriptions. */
#include "codec/codec.h"

enum {
    MOST_BOXES = 256, /* in one entry */
    VIDEO_BYTES = 78,
    AUDIO_BYTES = 28,
    AUDIO_BYTES_1 = 44, /* QuickTime's versions */
    AUDIO_BYTES_2 = 64,
};

/* The i-th entry of stsd; REEL_E_RANGE when there is none. */
static int find_entry(const reel_track *t, uint32_t i, reel__part *box, reel_error *err)
{
    const reel__part *stsd = &t->part[REEL__STSD];
    size_t skip = REEL__MIN((size_t)4, stsd->size); /* entry_count */
    reel__children c = reel__children_of(stsd->body ? stsd->body + skip : NULL, stsd->size - skip,
                                         stsd->offset + stsd->header + skip, NULL);
    for (uint32_t n = 1; n <= i && i <= REEL__DESCRIPTIONS && reel__children_next(&c, box, NULL); n++)
        if (n == i)
            return REEL_OK;
    return reel__track_fail(t, REEL__STSD, err, REEL_E_RANGE, "there is no sample description %u", i);
}

/*
 * The registry's row for the entry, which says how its body is laid out. What kind of entry it is, the track
 * knows best: 'raw ' is sound in one and pictures in another, and an unknown fourcc is laid out as its handler
 * wants it.
 */
static const reel__row *row_of(const reel_track *t, uint32_t type)
{
    const reel__container *stsd = &reel__stsd_children;
    const reel__row *row = reel__row_find(stsd, type);
    unsigned want = t->type == REEL_TRACK_VIDEO   ? REEL__ENTRY_VIDEO
                    : t->type == REEL_TRACK_AUDIO ? REEL__ENTRY_AUDIO
                                                  : 0u;
    if (want && !(row && (row->form & (want | REEL__ENTRY_OTHER))))
        row = reel__row_find(stsd, want == REEL__ENTRY_VIDEO ? REEL_4CC('a', 'v', 'c', '1')
                                                             : REEL_4CC('m', 'p', '4', 'a'));
    return row;
}

/* ISO/IEC 14496-12:2022 12.1.3 */
static void read_video(reel_description *d, reel__reader r)
{
    reel__skip(&r, 8 + 16);
    d->width = reel__u16(&r);
    d->height = reel__u16(&r);
    reel__skip(&r, 4 + 4 + 4 + 2 + 32);
    d->depth = reel__u16(&r);
}

/* QTFF, Sound Sample Description (Version 2): the real numbers stand behind, the old fields hold constants. */
static void read_audio_2(reel_description *d, reel__reader *r)
{
    reel__skip(r, 4);
    uint64_t bits = reel__u64(r);
    double rate;
    memcpy(&rate, &bits, sizeof rate);
    d->sample_rate = rate >= 1 && rate <= UINT32_MAX ? (uint32_t)rate : 0;
    d->channels = reel__u32(r);
    reel__skip(r, 4);
    d->bits_per_sample = reel__u32(r);
    uint32_t flags = reel__u32(r);
    d->bytes_per_packet = reel__u32(r);
    d->samples_per_frame = reel__u32(r);
    if (d->format == REEL_4CC('l', 'p', 'c', 'm'))
        d->pcm_flags = (flags & 1 ? REEL_PCM_FLOAT : 0u) | (flags & 2 ? 0u : REEL_PCM_LITTLE_ENDIAN) |
                       (flags & 5 ? 0u : REEL_PCM_UNSIGNED);
}

/* QTFF, Sound Sample Description (Version 1): of one packet, of all channels; the first is often left 0 */
static void read_audio_1(reel_description *d, reel__reader *r)
{
    d->samples_per_frame = reel__u32(r);
    uint32_t per_channel = reel__u32(r), per_frame = reel__u32(r);
    d->bytes_per_packet = per_frame ? per_frame : per_channel;
}

/* ISO/IEC 14496-12:2022 12.2.3. skip tells which of QuickTime's versions it is, if any. */
static void read_audio(reel_description *d, reel__reader r, size_t skip)
{
    reel__skip(&r, 8 + 8);
    d->channels = reel__u16(&r);
    d->bits_per_sample = reel__u16(&r);
    reel__skip(&r, 4);
    uint32_t rate = reel__u32(&r);
    /* Dolby TrueHD writes the rate as it is, where all others have 16.16. */
    d->sample_rate = d->format == REEL_4CC('m', 'l', 'p', 'a') && rate < 1u << 20 ? rate : rate >> 16;
    if (skip == AUDIO_BYTES_1)
        read_audio_1(d, &r);
    else if (skip == AUDIO_BYTES_2)
        read_audio_2(d, &r);
    d->entry_channels = d->channels;
    d->entry_sample_rate = d->sample_rate;
}

/* Past the texts, each up to its NUL, that stand before the boxes of some entries. */
static size_t skip_texts(const reel__row *row, const reel__part *box, size_t at)
{
    int texts = row->form & REEL__TEXTS_2 ? 2 : row->form & REEL__TEXTS_3 ? 3 : 0;
    for (; texts && at < box->size; texts--) {
        const uint8_t *nul = memchr(box->body + at, 0, box->size - at);
        at = nul ? (size_t)(nul - box->body) + 1 : box->size;
    }
    return at;
}

/*
 * A protected entry keeps the layout that it had, and what that was stands in its boxes: they are looked for where they
 * may begin. No texts (wvtt, urim), two (sbtt, mett), three (stpp, metx), the 30 bytes of tx3g.
 */
static size_t skip_hidden(const reel__part *box)
{
    static const uint8_t places[] = {8, 38};
    for (size_t i = 0; i < sizeof places; i++)
        if (box->size >= places[i] + 8u && reel__box_plausible(box->body + places[i], box->size - places[i]))
            return places[i];
    size_t at = 8;
    for (int texts = 0; texts < 3 && at < box->size; texts++) {
        const uint8_t *nul = memchr(box->body + at, 0, box->size - at);
        at = nul ? (size_t)(nul - box->body) + 1 : box->size;
        if (box->size - at >= 8 && reel__box_plausible(box->body + at, box->size - at))
            return at;
    }
    return 8;
}

/* The fixed part; gives how many bytes of the body it takes. */
static size_t read_fixed(reel__reading *g)
{
    reel_description *d = g->d;
    const reel__part *box = g->entry;
    const reel__row *row = row_of(g->track, box->type);
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 6);
    d->data_reference_index = reel__u16(&r);
    r = reel__part_reader(box);
    if (row && (row->form & REEL__ENTRY_VIDEO)) {
        read_video(d, r);
        return VIDEO_BYTES;
    }
    if (row && (row->form & REEL__ENTRY_AUDIO)) {
        size_t skip = reel__entry_skip(row, box->body, box->size);
        if (g->track->part[REEL__STSD].version == 1) /* AudioSampleEntryV1 is as long as the old one */
            skip = AUDIO_BYTES;
        read_audio(d, r, skip);
        return skip;
    }
    if (reel__is_protected(box->type))
        return skip_hidden(box);
    return row && row->skip ? skip_texts(row, box, row->skip) : 8;
}

/* Boxes of the entry or of a wave. Where wave is not NULL it gets the first wave that is met. */
static int read_boxes(reel__reading *g, reel__children c, reel__part *wave)
{
    reel__part box;
    int code = REEL_OK;
    for (int n = 0; n < MOST_BOXES && code == REEL_OK && reel__children_next(&c, &box, NULL); n++)
        if (box.type != REEL_4CC('w', 'a', 'v', 'e'))
            code = reel__entry_box(g, &box);
        else if (wave && !wave->body)
            *wave = box;
    return code;
}

/* QTFF, siDecompressionParam: what stands in a wave counts as if it stood beside it. */
static int read_all_boxes(reel__reading *g, size_t skip)
{
    const reel__part *box = g->entry;
    reel__part wave = {0};
    skip = REEL__MIN(skip, box->size);
    int code = read_boxes(
        g, reel__children_of(box->body + skip, box->size - skip, box->offset + box->header + skip, NULL),
        &wave);
    if (code == REEL_OK && wave.body)
        code = read_boxes(g, reel__children_of(wave.body, wave.size, wave.offset + wave.header, NULL), NULL);
    return code;
}

/* ISO/IEC 14496-12:2022 8.7.2: flag 1 of a data entry says that the samples lie in this file. */
static bool self_contained(const reel_track *t, uint16_t index)
{
    const reel__part *dref = &t->part[REEL__DREF];
    if (!t->external || dref->size < 4)
        return true;
    reel__children c = reel__children_of(dref->body + 4, dref->size - 4, dref->offset + dref->header + 4,
                                         &reel__dref_children);
    reel__part part;
    for (uint32_t i = 1; i <= index && reel__children_next(&c, &part, NULL); i++)
        if (i == index)
            return part.flags & 1;
    return true;
}

static int check_entry(const reel__reading *g)
{
    const reel__part *box = g->entry;
    if (box->cut)
        return reel__config_damaged(g, NULL, "it goes past the end of stsd");
    if (box->size < 8)
        return reel__config_damaged(g, NULL, "%zu bytes are no sample entry", box->size);
    return REEL_OK;
}

/* A moov that was inflated lies nowhere in the source. */
static void drop_ranges(reel__reading *g)
{
    if (g->track->movie->inflated)
        g->d->config_range = (reel_range){0, 0};
}

static int read_entry(reel__reading *g)
{
    reel_description *d = g->d;
    const reel__part *box = g->entry;
    d->format = d->codec_format = box->type;
    d->entry = (reel_span){box->body - box->header, box->size + box->header};
    size_t skip = read_fixed(g);
    d->self_contained = self_contained(g->track, d->data_reference_index);
    int code = check_entry(g);
    if (code == REEL_OK)
        code = read_all_boxes(g, skip);
    if (code == REEL_OK)
        code = reel__entry_finish(g);
    drop_ranges(g);
    return code;
}

int reel_track_description(const reel_track *track, uint32_t i, reel_description *out, reel_error *err)
{
    if (!track || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no track or no description");
    reel__part box = {0};
    int code = find_entry(track, i, &box, err);
    if (code != REEL_OK)
        return code;
    reel_description d;
    memset(&d, 0, sizeof d);
    d.colour_primaries = d.transfer = d.matrix = 2;
    d.type = track->type;
    reel__reading g = {.track = track, .d = &d, .err = err, .entry = &box};
    code = read_entry(&g);
    if (code == REEL_OK)
        *out = d;
    return code;
}
