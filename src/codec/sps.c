/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sequence parameter sets of AVC (ISO/IEC 14496-10 7.3.2.1) and HEVC (ISO/IEC 23008-2 7.3.2.2), read as far as
 * size and bit depth and, where the way there is short, the colour description of the VUI.
 */
#include "codec/codec.h"

reel__bits reel__nal_bits(reel_span nal, size_t header, uint8_t room[REEL__NAL_BYTES])
{
    size_t n = 0;
    unsigned zeros = 0;
    for (size_t i = header; i < nal.size && n < REEL__NAL_BYTES; i++) {
        uint8_t b = nal.data[i];
        if (zeros >= 2 && b == 3) {
            zeros = 0;
            continue;
        }
        zeros = b ? 0 : zeros + 1;
        room[n++] = b;
    }
    return reel__bits_of((reel_span){room, n});
}

static int32_t se(reel__bits *b)
{
    uint32_t v = reel__bits_ue(b);
    return v & 1 ? (int32_t)(v / 2 + 1) : -(int32_t)(v / 2);
}

/* The beginning of vui_parameters, which both have alike: E.1.1 there, E.2.1 here */
static void vui(reel__bits *b, reel__picture *p)
{
    if (reel__bits_get(b, 1) && reel__bits_get(b, 8) == 255) /* aspect_ratio_idc: Extended_SAR */
        reel__bits_skip(b, 32);
    if (reel__bits_get(b, 1)) /* overscan */
        reel__bits_skip(b, 1);
    if (!reel__bits_get(b, 1))
        return;
    reel__bits_skip(b, 3);
    bool range = reel__bits_get(b, 1) && !b->bad;
    p->primaries = p->transfer = p->matrix = 2;
    p->full_range = p->told = range;
    if (!reel__bits_get(b, 1))
        return;
    uint32_t primaries = reel__bits_get(b, 8), transfer = reel__bits_get(b, 8), matrix = reel__bits_get(b, 8);
    if (b->bad)
        return;
    p->primaries = (uint16_t)primaries;
    p->transfer = (uint16_t)transfer;
    p->matrix = (uint16_t)matrix;
    p->told = 1;
}

static bool has_chroma_format(uint32_t profile)
{
    static const uint8_t profiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    return memchr(profiles, (int)profile, sizeof profiles) != NULL;
}

/* scaling_list, 7.3.2.1.1.1 */
static void skip_scaling_list(reel__bits *b, int size)
{
    int32_t last = 8, next = 8;
    for (int i = 0; i < size && !b->bad; i++) {
        if (next)
            next = (int32_t)((uint32_t)last + (uint32_t)se(b)) & 255;
        last = next ? next : last;
    }
}

/* Gives chroma_format_idc, 0 for separate planes. */
static uint32_t avc_high(reel__bits *b, reel__picture *p)
{
    uint32_t chroma = reel__bits_ue(b);
    bool planes = chroma == 3 && reel__bits_get(b, 1);
    uint32_t depth = reel__bits_ue(b) + 8;
    reel__bits_ue(b);
    if (depth <= 16)
        p->depth = (uint8_t)depth;
    reel__bits_skip(b, 1);
    if (reel__bits_get(b, 1))
        for (int i = 0; i < (chroma == 3 ? 12 : 8); i++)
            if (reel__bits_get(b, 1))
                skip_scaling_list(b, i < 6 ? 16 : 64);
    return planes ? 0 : chroma;
}

static void avc_order_count(reel__bits *b)
{
    uint32_t type = reel__bits_ue(b);
    if (type == 0)
        reel__bits_ue(b);
    if (type != 1)
        return;
    reel__bits_skip(b, 1);
    se(b);
    se(b);
    uint32_t n = reel__bits_ue(b); /* num_ref_frames_in_pic_order_cnt_cycle */
    b->bad = b->bad || n > 255;
    for (; n && !b->bad; n--)
        se(b);
}

/*
 * The cropping or conformance window, in units that depend on chroma_format_idc, taken off width and height. rows: 2
 * where a unit is a row of both fields.
 */
static void take_window(reel__bits *b, uint64_t width, uint64_t height, uint32_t chroma, uint32_t rows,
                        reel__picture *p)
{
    uint64_t off[4] = {0};
    if (reel__bits_get(b, 1))
        for (int i = 0; i < 4; i++)
            off[i] = reel__bits_ue(b);
    uint64_t x = (off[0] + off[1]) * (chroma == 1 || chroma == 2 ? 2 : 1);
    uint64_t y = (off[2] + off[3]) * (chroma == 1 ? 2 : 1) * rows;
    if (b->bad || width > UINT16_MAX || height > UINT16_MAX || x >= width || y >= height)
        return;
    p->width = (uint32_t)(width - x);
    p->height = (uint32_t)(height - y);
}

bool reel__avc_sps(reel_span nal, reel__picture *p)
{
    uint8_t room[REEL__NAL_BYTES];
    if (nal.size < 4 || (nal.data[0] & 31) != 7)
        return false;
    reel__bits b = reel__nal_bits(nal, 1, room);
    uint32_t profile = reel__bits_get(&b, 8);
    reel__bits_skip(&b, 16);
    reel__bits_ue(&b);
    p->depth = 8;
    uint32_t chroma = has_chroma_format(profile) ? avc_high(&b, p) : 1;
    reel__bits_ue(&b);
    avc_order_count(&b);
    reel__bits_ue(&b);
    reel__bits_skip(&b, 1);
    uint64_t width = ((uint64_t)reel__bits_ue(&b) + 1) * 16, height = ((uint64_t)reel__bits_ue(&b) + 1) * 16;
    uint32_t rows = reel__bits_get(&b, 1) ? 1 : 2; /* frame_mbs_only_flag */
    if (rows == 2)
        reel__bits_skip(&b, 1);
    reel__bits_skip(&b, 1);
    take_window(&b, width, height * rows, chroma, rows, p);
    if (reel__bits_get(&b, 1))
        vui(&b, p);
    return true;
}

/* profile_tier_level, 7.3.3 */
static void skip_profile_tier_level(reel__bits *b, uint32_t more)
{
    uint32_t present[8] = {0};
    reel__bits_skip(b, 88 + 8);
    for (uint32_t i = 0; i < more; i++)
        present[i] = reel__bits_get(b, 2);
    if (more)
        reel__bits_skip(b, 2 * (size_t)(8 - more));
    for (uint32_t i = 0; i < more; i++)
        reel__bits_skip(b, (present[i] & 2 ? 88u : 0u) + (present[i] & 1 ? 8u : 0u));
}

/* scaling_list_data, 7.3.4 */
static void skip_scaling_lists(reel__bits *b)
{
    for (int size = 0; size < 4; size++)
        for (int matrix = 0; matrix < 6 && !b->bad; matrix += size == 3 ? 3 : 1) {
            if (!reel__bits_get(b, 1)) {
                reel__bits_ue(b);
                continue;
            }
            if (size > 1)
                se(b);
            for (int i = 0; i < REEL__MIN(64, 16 << 2 * size) && !b->bad; i++)
                se(b);
        }
}

/* st_ref_pic_set, 7.3.7: n is its number, sizes the NumDeltaPocs of those before it */
static void skip_reference_set(reel__bits *b, uint32_t n, uint8_t sizes[64])
{
    if (n && reel__bits_get(b, 1)) {
        reel__bits_skip(b, 1);
        reel__bits_ue(b);
        sizes[n] = 0;
        for (uint32_t i = 0; i <= sizes[n - 1]; i++) {
            bool used = reel__bits_get(b, 1);
            if (used || reel__bits_get(b, 1))
                sizes[n]++;
        }
        return;
    }
    uint32_t before = reel__bits_ue(b), after = reel__bits_ue(b);
    if (before > 16 || after > 16) {
        b->bad = true;
        return;
    }
    sizes[n] = (uint8_t)(before + after);
    for (uint32_t i = 0; i < before + after; i++) {
        reel__bits_ue(b);
        reel__bits_skip(b, 1);
    }
}

/* From sps_sub_layer_ordering_info_present_flag to pcm_loop_filter_disabled_flag */
static void hevc_tools(reel__bits *b, uint32_t sublayers)
{
    for (uint32_t i = reel__bits_get(b, 1) ? 0 : sublayers; i <= sublayers; i++) {
        reel__bits_ue(b);
        reel__bits_ue(b);
        reel__bits_ue(b);
    }
    for (int i = 0; i < 6; i++)
        reel__bits_ue(b);
    if (reel__bits_get(b, 1) && reel__bits_get(b, 1))
        skip_scaling_lists(b);
    reel__bits_skip(b, 2);
    if (reel__bits_get(b, 1)) { /* pcm */
        reel__bits_skip(b, 8);
        reel__bits_ue(b);
        reel__bits_ue(b);
        reel__bits_skip(b, 1);
    }
}

static void hevc_references(reel__bits *b, uint32_t order_bits)
{
    uint8_t sizes[64] = {0};
    uint32_t sets = reel__bits_ue(b);
    b->bad = b->bad || sets > 64;
    for (uint32_t n = 0; n < sets && !b->bad; n++)
        skip_reference_set(b, n, sizes);
    if (!reel__bits_get(b, 1))
        return;
    uint32_t pictures = reel__bits_ue(b);
    b->bad = b->bad || pictures > 32;
    for (uint32_t i = 0; i < pictures && !b->bad; i++)
        reel__bits_skip(b, order_bits + 1);
}

bool reel__hevc_sps(reel_span nal, reel__picture *p)
{
    uint8_t room[REEL__NAL_BYTES];
    if (nal.size < 16 || (nal.data[0] >> 1 & 63) != 33 || (nal.data[0] & 1) || nal.data[1] >> 3)
        return false; /* layers above the base are told otherwise */
    reel__bits b = reel__nal_bits(nal, 2, room);
    reel__bits_skip(&b, 4);
    uint32_t sublayers = reel__bits_get(&b, 3);
    reel__bits_skip(&b, 1);
    if (sublayers > 6)
        return false;
    skip_profile_tier_level(&b, sublayers);
    reel__bits_ue(&b);
    uint32_t chroma = reel__bits_ue(&b);
    if (chroma == 3 && reel__bits_get(&b, 1))
        chroma = 0;
    uint32_t width = reel__bits_ue(&b), height = reel__bits_ue(&b);
    take_window(&b, width, height, chroma, 1, p);
    uint32_t depth = reel__bits_ue(&b) + 8;
    reel__bits_ue(&b);
    if (b.bad || depth > 16)
        return false;
    p->depth = (uint8_t)depth;
    uint32_t order_bits = reel__bits_ue(&b) + 4;
    hevc_tools(&b, sublayers);
    hevc_references(&b, REEL__MIN(order_bits, 16u));
    reel__bits_skip(&b, 2);
    if (reel__bits_get(&b, 1) && !b.bad)
        vui(&b, p);
    return true;
}
