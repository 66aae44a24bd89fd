/* SPDX-License-Identifier: BSD-2-Clause */
/* The sequence header of AV1 (AV1 specification 5.5), read as far as its size and colour. */
#include "codec/codec.h"

enum { SEQUENCE_HEADER = 1 };

reel_span reel__next_obu(reel__reader *r, uint8_t *type)
{
    uint8_t header = reel__u8(r);
    if (header & 4)
        reel__skip(r, 1);
    size_t size = header & 2 ? reel__leb128(r) : reel__left(r);
    *type = header >> 3 & 15;
    return (reel_span){r->bad ? NULL : reel__take(r, size), size};
}

/* The payload of the first sequence header among obus. */
static reel_span find_sequence(reel_span obus)
{
    reel__reader r = reel__read(obus.data, obus.size);
    while (reel__left(&r)) {
        uint8_t type;
        reel_span obu = reel__next_obu(&r, &type);
        if (!obu.data)
            break;
        if (type == SEQUENCE_HEADER)
            return obu;
    }
    return (reel_span){NULL, 0};
}

bool reel__obus_fit(reel_span obus)
{
    reel__reader r = reel__read(obus.data, obus.size);
    uint8_t type;
    while (reel__left(&r))
        if (!reel__next_obu(&r, &type).data)
            return false;
    return true;
}

static uint32_t uvlc(reel__bits *b)
{
    unsigned zeros = 0;
    while (reel__bits_left(b) && !reel__bits_get(b, 1))
        zeros++;
    return zeros >= 32 ? UINT32_MAX : (1u << zeros) - 1 + reel__bits_get(b, zeros);
}

/* timing_info and decoder_model_info, 5.5.3 and 5.5.4; gives buffer_delay_length, 0 without a model */
static uint32_t timing(reel__bits *b)
{
    if (!reel__bits_get(b, 1))
        return 0;
    reel__bits_skip(b, 64);
    if (reel__bits_get(b, 1))
        uvlc(b);
    if (!reel__bits_get(b, 1))
        return 0;
    uint32_t delay = reel__bits_get(b, 5) + 1;
    reel__bits_skip(b, 32 + 5 + 5);
    return delay;
}

static void operating_points(reel__bits *b)
{
    uint32_t delay = timing(b), display = reel__bits_get(b, 1), n = reel__bits_get(b, 5) + 1;
    for (; n; n--) {
        reel__bits_skip(b, 12);
        if (reel__bits_get(b, 5) > 7)
            reel__bits_skip(b, 1);
        if (delay && reel__bits_get(b, 1))
            reel__bits_skip(b, 2 * (size_t)delay + 1);
        if (display && reel__bits_get(b, 1))
            reel__bits_skip(b, 4);
    }
}

/* From use_128x128_superblock to enable_restoration, 5.5.1 */
static void skip_tools(reel__bits *b, bool reduced)
{
    reel__bits_skip(b, 3);
    if (!reduced) {
        reel__bits_skip(b, 4);
        uint32_t order_hint = reel__bits_get(b, 1);
        reel__bits_skip(b, 2 * order_hint);
        uint32_t screen = reel__bits_get(b, 1) ? 2 : reel__bits_get(b, 1);
        if (screen && !reel__bits_get(b, 1)) /* seq_choose_integer_mv */
            reel__bits_skip(b, 1);
        reel__bits_skip(b, 3 * order_hint);
    }
    reel__bits_skip(b, 3);
}

/* color_config, 5.5.2 */
static void read_colour(reel__bits *b, uint32_t profile, reel__picture *p)
{
    bool high = reel__bits_get(b, 1), twelve = profile == 2 && high && reel__bits_get(b, 1);
    bool mono = profile != 1 && reel__bits_get(b, 1), told = reel__bits_get(b, 1);
    uint32_t primaries = told ? reel__bits_get(b, 8) : 2, transfer = told ? reel__bits_get(b, 8) : 2;
    uint32_t matrix = told ? reel__bits_get(b, 8) : 2;
    bool srgb = !mono && primaries == 1 && transfer == 13 && matrix == 0;
    bool full = srgb || reel__bits_get(b, 1);
    if (b->bad)
        return;
    p->primaries = (uint16_t)primaries;
    p->transfer = (uint16_t)transfer;
    p->matrix = (uint16_t)matrix;
    p->full_range = full;
    p->told = told || full;
    p->depth = twelve ? 12 : high ? 10 : 8;
}

bool reel__av1_sequence(reel_span obus, reel__picture *p)
{
    reel__bits b = reel__bits_of(find_sequence(obus));
    uint32_t profile = reel__bits_get(&b, 3);
    reel__bits_skip(&b, 1);
    bool reduced = reel__bits_get(&b, 1);
    if (reduced)
        reel__bits_skip(&b, 5);
    else
        operating_points(&b);
    uint32_t width_bits = reel__bits_get(&b, 4) + 1, height_bits = reel__bits_get(&b, 4) + 1;
    uint32_t width = reel__bits_get(&b, width_bits) + 1, height = reel__bits_get(&b, height_bits) + 1;
    if (!reduced && reel__bits_get(&b, 1)) /* frame ids */
        reel__bits_skip(&b, 7);
    skip_tools(&b, reduced);
    read_colour(&b, profile, p);
    p->width = b.bad ? 0 : width;
    p->height = b.bad ? 0 : height;
    return !b.bad;
}
