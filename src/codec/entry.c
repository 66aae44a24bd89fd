/* SPDX-License-Identifier: BSD-2-Clause */
/* Sample entries: ISO/IEC 14496-12:2022 8.5.2, 12.1.3, 12.2.3; QTFF, Sound Sample Descriptions. */
#include "codec/codec.h"

/* The i-th entry of stsd; REEL_E_RANGE when there is none. */
static int find_entry(const reel_track *t, uint32_t i, reel__part *entry_box, reel_error *err)
{
    const reel__part *stsd = &t->part[REEL__STSD];
    size_t skip = REEL__MIN((size_t)4, stsd->size);
    reel__children c = reel__children_of(stsd->body ? stsd->body + skip : NULL, stsd->body ? stsd->size - skip : 0,
                                         stsd->offset + stsd->header + skip, NULL);
    for (uint32_t n = 1; reel__children_next(&c, entry_box, NULL); n++)
        if (n == i)
            return REEL_OK;
    return reel__track_fail(t, REEL__STSD, err, REEL_E_RANGE, "there is no sample description %u", i);
}

static bool looks_like_box(const reel__reader *r, size_t at)
{
    if (reel__left(r) < at + 8)
        return reel__left(r) == at;
    uint32_t size = reel__be32(r->p + at);
    const uint8_t *type = r->p + at + 4;
    for (int i = 0; i < 4; i++)
        if (type[i] < 32 || type[i] > 126)
            return false;
    return size >= 8 && size <= reel__left(r) - at;
}

static void read_video(entry *e, reel__reader *r)
{
    reel__skip(r, 16);
    e->d->width = reel__u16(r);
    e->d->height = reel__u16(r);
    reel__skip(r, 4 + 4 + 4 + 2 + 32);
    e->d->depth = reel__u16(r);
    reel__skip(r, 2);
}

/* QuickTime's version 2: the real numbers stand behind, the old fields hold constants. */
static void read_audio_v2(entry *e, reel__reader *r)
{
    reel__skip(r, 4);
    uint64_t bits = reel__u64(r);
    double rate;
    memcpy(&rate, &bits, 8);
    e->d->sample_rate = rate >= 1 && rate < 1e9 ? (uint32_t)rate : 0;
    e->d->channels = reel__u32(r);
    reel__skip(r, 4);
    e->d->bits_per_sample = reel__u32(r);
    uint32_t flags = reel__u32(r);
    e->d->bytes_per_packet = reel__u32(r);
    e->d->samples_per_frame = reel__u32(r);
    if (e->d->format == REEL_4CC('l', 'p', 'c', 'm'))
        e->d->pcm_flags = (flags & 1 ? REEL_PCM_FLOAT : 0) | (flags & 2 ? 0 : REEL_PCM_LITTLE_ENDIAN) |
                          (flags & 5 ? 0 : REEL_PCM_UNSIGNED);
}

static void read_audio(entry *e, reel__reader *r)
{
    uint16_t version = reel__u16(r);
    reel__skip(r, 6);
    e->d->channels = reel__u16(r);
    e->d->bits_per_sample = reel__u16(r);
    reel__skip(r, 4);
    e->d->sample_rate = reel__u32(r) >> 16;
    bool iso_v1 = e->track->part[REEL__STSD].version == 1;
    if (version == 1 && !iso_v1 && !looks_like_box(r, 0)) {
        e->d->samples_per_frame = reel__u32(r);
        e->d->bytes_per_packet = reel__u32(r);
        reel__skip(r, 8);
    } else if (version == 2 && !iso_v1) {
        read_audio_v2(e, r);
    }
    e->d->entry_channels = e->d->channels;
    e->d->entry_sample_rate = e->d->sample_rate;
}

/* Text and metadata entries have strings or fields before their boxes; where those end is the entry's own business. */
static const struct {
    uint32_t format;
    uint8_t strings, bytes;
} preludes[] = {
    {REEL_4CC('s', 't', 'p', 'p'), 3, 0},  {REEL_4CC('s', 'b', 't', 't'), 2, 0},
    {REEL_4CC('s', 't', 'x', 't'), 2, 0},  {REEL_4CC('m', 'e', 't', 't'), 2, 0},
    {REEL_4CC('m', 'e', 't', 'x'), 3, 0},  {REEL_4CC('t', 'x', '3', 'g'), 0, 30},
    {REEL_4CC('t', 'm', 'c', 'd'), 0, 26},
};

static void skip_prelude(const entry *e, reel__reader *r)
{
    for (size_t i = 0; i < sizeof preludes / sizeof *preludes; i++) {
        if (preludes[i].format != e->d->format)
            continue;
        for (int n = 0; n < preludes[i].strings; n++)
            while (reel__left(r) && reel__u8(r))
                ;
        reel__skip(r, preludes[i].bytes);
    }
}

/* The boxes of the entry; those of a QuickTime wave as if they stood beside it. */
static int read_boxes(entry *e, reel__reader *r, const uint8_t *start, bool in_wave)
{
    reel__children c = reel__children_of(r->p, reel__left(r), e->offset + (uint64_t)(r->p - start), NULL);
    reel__part box;
    for (int n = 0; n < 256 && reel__children_next(&c, &box, NULL); n++) {
        int code;
        if (box.type == REEL_4CC('w', 'a', 'v', 'e') && !in_wave) {
            reel__reader inner = reel__part_reader(&box);
            code = read_boxes(e, &inner, start, true); /* one level: in_wave stops the next */
        } else {
            code = reel__config_read(e, &box);
        }
        if (code != REEL_OK)
            return code;
    }
    return REEL_OK;
}

/* ISO/IEC 14496-12:2022 8.7.2 */
static bool self_contained(const reel_track *t, uint16_t index)
{
    const reel__part *dref = &t->part[REEL__DREF];
    if (!t->external)
        return true;
    reel__children c = reel__children_of(dref->body + 4, dref->size - 4, 0, reel__container_find(REEL_4CC('d', 'r', 'e', 'f')));
    reel__part part;
    for (uint16_t i = 1; reel__children_next(&c, &part, NULL); i++)
        if (i == index)
            return part.flags & 1;
    return true;
}

static bool is_protected(uint32_t f)
{
    return f == REEL_4CC('e', 'n', 'c', 'v') || f == REEL_4CC('e', 'n', 'c', 'a') || f == REEL_4CC('e', 'n', 'c', 't') ||
           f == REEL_4CC('e', 'n', 'c', 'u') || f == REEL_4CC('e', 'n', 'c', 's') || f == REEL_4CC('d', 'r', 'm', 's') ||
           f == REEL_4CC('d', 'r', 'm', 'i') || f == REEL_4CC('e', 'n', 'c', 'm');
}

static int finish(entry *e)
{
    reel_description *d = e->d;
    d->codec_format = is_protected(d->format) && d->protection.original_format ? d->protection.original_format : d->format;
    const reel__format *f = reel__format_find(d->codec_format);
    char text[17];
    memcpy(d->codec, reel_4cc_text(d->codec_format, text), 17);
    for (size_t n = strlen(d->codec); n && d->codec[n - 1] == ' '; n--)
        d->codec[n - 1] = 0;
    if (!f)
        return REEL_OK;
    if (d->type == REEL_TRACK_OTHER)
        d->type = f->type;
    d->framing = f->framing;
    if (f->finish)
        f->finish(e);
    if (f->config && !e->has_config)
        return reel__warn(e->track->movie, e->err, REEL_E_CONFIG, e->offset, "moov/trak/mdia/minf/stbl/stsd",
                          "%s has no %s: no decoder can start", d->codec, reel_4cc_text(f->config, text));
    return REEL_OK;
}

static uint32_t kind_of(const reel_track *t, uint32_t format)
{
    const reel__format *f = reel__format_find(format);
    if (t->type != REEL_TRACK_OTHER || !f)
        return t->type;
    return f->type;
}

int reel_track_description(const reel_track *track, uint32_t i, reel_description *out, reel_error *err)
{
    if (!track || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no track");
    reel__part box;
    int code = find_entry(track, i, &box, err);
    if (code != REEL_OK)
        return code;
    reel_description d = {.format = box.type, .colour_primaries = 2, .transfer = 2, .matrix = 2, .nal_length_size = 0};
    entry e = {.track = track, .d = &d, .err = err, .offset = box.offset};
    const uint8_t *start = box.body - box.header;
    d.entry = (reel_span){start, box.size + box.header};
    d.type = kind_of(track, box.type);
    reel__reader r = reel__part_reader(&box);
    reel__skip(&r, 6);
    d.data_reference_index = reel__u16(&r);
    d.self_contained = self_contained(track, d.data_reference_index);
    if (d.type == REEL_TRACK_VIDEO)
        read_video(&e, &r);
    else if (d.type == REEL_TRACK_AUDIO)
        read_audio(&e, &r);
    else
        skip_prelude(&e, &r);
    code = read_boxes(&e, &r, start, false);
    if (code == REEL_OK)
        code = finish(&e);
    if (code == REEL_OK)
        *out = d;
    return code;
}
