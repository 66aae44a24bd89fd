/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether decoding may begin with a sample: what its first picture says of itself, in its first bits. */
#include <reel/bitstream.h>

#include "codec/codec.h"

typedef uint32_t verdict; /* reel_entry, or: */
enum { PENDING = 3 /* the unit does not say it */ };

static verdict yes_if(bool intra) { return intra ? REEL_ENTRY_YES : REEL_ENTRY_NO; }

static verdict said(const reel__bits *b, bool intra) { return b->bad ? REEL_ENTRY_UNKNOWN : yes_if(intra); }

/* ---- start codes: MPEG-1, -2, -4; H.263 ---- */

/* Behind 00 00 01 code, within the first 64 KiB; bad where there is none. */
static reel__bits behind_start_code(reel_span s, uint8_t code)
{
    size_t end = REEL__MIN(s.size, (size_t)65536);
    for (size_t i = 0; i + 3 < end; i++)
        if (s.data[i] == 0 && s.data[i + 1] == 0 && s.data[i + 2] == 1 && s.data[i + 3] == code)
            return reel__bits_of((reel_span){s.data + i + 4, s.size - i - 4});
    return (reel__bits){.bad = true};
}

/* ISO/IEC 13818-2 6.2.3: temporal_reference, picture_coding_type */
static verdict mpeg2(reel_span s)
{
    reel__bits b = behind_start_code(s, 0);
    reel__bits_skip(&b, 10);
    return said(&b, reel__bits_get(&b, 3) == 1);
}

/* ITU-T H.263 5.1: the type of the picture lies in PTYPE, or in MPPTYPE behind its own updates. */
static verdict h263(reel_span s)
{
    reel__bits b = reel__bits_of(s);
    if (reel__bits_get(&b, 22) != 0x20)
        return REEL_ENTRY_UNKNOWN;
    reel__bits_skip(&b, 8 + 5);
    if (reel__bits_get(&b, 3) != 7)
        return said(&b, reel__bits_get(&b, 1) == 0);
    if (reel__bits_get(&b, 3) == 1)
        reel__bits_skip(&b, 18);
    return said(&b, reel__bits_get(&b, 3) == 0);
}

/* ISO/IEC 14496-2 6.2.5: vop_coding_type. With a short header it is H.263. */
static verdict mpeg4(reel_span s)
{
    reel__bits b = behind_start_code(s, 0xb6);
    return b.bad ? h263(s) : said(&b, reel__bits_get(&b, 2) == 0);
}

static verdict by_object_type(const reel_description *d, reel_span s)
{
    uint32_t type = d->object_type_indication;
    if (type == 0x20)
        return mpeg4(s);
    return (type >= 0x60 && type <= 0x65) || type == 0x6a ? mpeg2(s) : REEL_ENTRY_UNKNOWN;
}

/* ---- VP8, VP9 ---- */

/* RFC 6386 9.1 */
static verdict vp8(reel_span s) { return s.size ? yes_if(!(s.data[0] & 1)) : REEL_ENTRY_UNKNOWN; }

/* VP9 bitstream specification 6.2. A frame that is shown again (show_existing_frame) came before. */
static verdict vp9(reel_span s)
{
    reel__bits b = reel__bits_of(s);
    uint32_t marker = reel__bits_get(&b, 2), profile = reel__bits_get(&b, 2);
    if (profile == 3)
        reel__bits_skip(&b, 1);
    return marker == 2 ? said(&b, reel__bits_get(&b, 2) == 0) : REEL_ENTRY_UNKNOWN;
}

/* ---- units ---- */

/*
 * AV1 specification 5.9.2: show_existing_frame, frame_type. A still picture's sequence header leaves them out: all its
 * frames are key frames.
 */
static verdict av1_frame(reel_span payload, bool still)
{
    reel__bits b = reel__bits_of(payload);
    if (still)
        return REEL_ENTRY_YES;
    return said(&b, reel__bits_get(&b, 3) == 0);
}

/*
 * ISO/IEC 14496-10 7.3.3. A picture of I slices behind which all can be decoded need not be an IDR picture. A
 * picture whose first slice is not there says nothing.
 */
static verdict avc_slice(reel_span nal, bool recovers)
{
    uint8_t room[REEL__NAL_BYTES];
    reel__bits b = reel__nal_bits((reel_span){nal.data, REEL__MIN(nal.size, (size_t)32)}, 1, room);
    uint32_t first = reel__bits_ue(&b), type = reel__bits_ue(&b) % 5;
    return b.bad || first || recovers || type == 2 || type == 4 ? REEL_ENTRY_UNKNOWN : REEL_ENTRY_NO;
}

/* Is there a recovery point among these SEI messages? ISO/IEC 14496-10 7.3.2.3.1, ISO/IEC 23008-2 7.3.5 */
static bool recovery_point(reel_span payload)
{
    reel__reader r = reel__read(payload.data, payload.size);
    while (reel__left(&r) > 2) {
        uint32_t n[2] = {0, 0};
        for (int i = 0; i < 2; i++) {
            uint8_t byte;
            do
                n[i] += byte = reel__u8(&r);
            while (byte == 255 && !r.bad);
        }
        if (n[0] == 6 || r.bad || !reel__take(&r, n[1]))
            return n[0] == 6 && !r.bad;
    }
    return false;
}

typedef struct so_far {
    bool recovers, still;
} so_far;

static verdict avc(const reel_unit *u, so_far *f)
{
    f->recovers = f->recovers || (u->type == 6 && recovery_point(u->payload));
    if (u->type == 5)
        return REEL_ENTRY_YES;
    return u->type == 1 || u->type == 2 ? avc_slice(u->span, f->recovers) : PENDING;
}

static verdict hevc(const reel_unit *u, so_far *f)
{
    f->recovers = f->recovers || (u->type == 39 && recovery_point(u->payload));
    if (u->layer_id || u->type >= 32)
        return PENDING;
    bool first = u->payload.size && u->payload.data[0] & 0x80; /* first_slice_segment_in_pic_flag */
    return !first || (u->type < 16 && f->recovers) ? REEL_ENTRY_UNKNOWN : yes_if(u->type >= 16 && u->type < 24);
}

/* ISO/IEC 23090-3 table 5; 10 is the beginning of a gradual refresh. */
static verdict vvc(const reel_unit *u)
{
    if (u->layer_id || u->type >= 12)
        return PENDING;
    return u->type == 10 ? REEL_ENTRY_UNKNOWN : yes_if(u->type >= 7 && u->type < 10);
}

static verdict av1(const reel_unit *u, so_far *f)
{
    if (u->type == 1 && u->payload.size)
        f->still = u->payload.data[0] >> 3 & 1; /* reduced_still_picture_header */
    return u->type == 3 || u->type == 6 ? av1_frame(u->payload, f->still) : PENDING;
}

/* The first unit that is of a picture says it. */
static verdict by_units(const reel_description *d, uint32_t family, reel_span s)
{
    reel_unit_iter it;
    reel_unit u;
    so_far f = {false, false};
    verdict v = PENDING;
    int code = reel_unit_iter_init(&it, d, s);
    while (v == PENDING && code == REEL_OK) {
        code = reel_unit_next(&it, d, &u, NULL);
        if (code == REEL_END || u.payload.size == 0 || (code != REEL_OK && s.size < REEL_ENTRY_HEAD))
            continue;
        v = family == REEL__AVC    ? avc(&u, &f)
            : family == REEL__HEVC ? hevc(&u, &f)
            : family == REEL__VVC  ? vvc(&u)
                                   : av1(&u, &f);
    }
    return v == PENDING ? REEL_ENTRY_UNKNOWN : v;
}

/* ---- */

typedef struct reader {
    uint32_t format;
    verdict (*look)(reel_span s);
} reader;

static const reader readers[] = {
    {REEL_4CC('v', 'p', '0', '8'), vp8},   {REEL_4CC('v', 'p', '0', '9'), vp9},   {REEL_4CC('s', '2', '6', '3'), h263},
    {REEL_4CC('h', '2', '6', '3'), h263},  {REEL_4CC('H', '2', '6', '3'), h263},  {REEL_4CC('X', 'V', 'I', 'D'), mpeg4},
    {REEL_4CC('D', 'I', 'V', 'X'), mpeg4}, {REEL_4CC('3', 'I', 'V', '2'), mpeg4}, {REEL_4CC('m', '1', 'v', ' '), mpeg2},
    {REEL_4CC('m', '1', 'v', '1'), mpeg2}, {REEL_4CC('m', 'p', '1', 'v'), mpeg2}, {REEL_4CC('m', '2', 'v', '1'), mpeg2},
    {REEL_4CC('m', 'p', '2', 'v'), mpeg2}, {REEL_4CC('m', 'p', 'g', '1'), mpeg2}, {REEL_4CC('m', 'p', 'g', '2'), mpeg2},
    {REEL_4CC('h', 'd', 'v', '1'), mpeg2}, {REEL_4CC('h', 'd', 'v', '2'), mpeg2}, {REEL_4CC('h', 'd', 'v', '3'), mpeg2},
    {REEL_4CC('x', 'd', 'v', '2'), mpeg2}, {REEL_4CC('x', 'd', 'v', '3'), mpeg2}, {REEL_4CC('x', 'd', 'v', 'b'), mpeg2},
    {REEL_4CC('x', 'd', '5', 'b'), mpeg2}, {REEL_4CC('m', 'x', '5', 'p'), mpeg2},
};

uint32_t reel_sample_entry(const reel_description *d, reel_span data)
{
    if (!d || !data.data || d->type != REEL_TRACK_VIDEO || d->protection.scheme)
        return REEL_ENTRY_UNKNOWN;
    const reel__format *f = reel__format_find(d->codec_format, d->type);
    uint32_t family = f ? f->family : REEL__PLAIN;
    if (family == REEL__MP4V)
        return by_object_type(d, data);
    if (family == REEL__AVC || family == REEL__HEVC || family == REEL__VVC || family == REEL__AV1)
        return by_units(d, family, data);
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (readers[i].format == d->codec_format)
            return readers[i].look(data);
    return REEL_ENTRY_UNKNOWN;
}
