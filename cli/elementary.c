/* SPDX-License-Identifier: BSD-2-Clause */
/* elementary.c: samples as elementary streams: lists of places in the mapping with a few bytes in between. */
#include "extract.h"

#include <stdlib.h>
#include <string.h>

static int add_span(struct extract *x, const void *data, size_t n)
{
    reel_span *last = x->span_count ? &x->spans[x->span_count - 1] : NULL;
    if (last && n && last->data + last->size == (const uint8_t *)data) {
        last->size += n;
        return REEL_OK;
    }
    if (x->span_count == x->span_room) {
        size_t room = x->span_room ? 2 * x->span_room : 64;
        reel_span *spans = realloc(x->spans, room * sizeof *spans);
        if (!spans)
            return REEL_E_NOMEM;
        x->spans = spans;
        x->span_room = room;
    }
    x->spans[x->span_count++] = (reel_span){data, n};
    return REEL_OK;
}

/* At most 4 times a sample, and at most 32 bytes. */
static int add_made(struct extract *x, const void *data, size_t n)
{
    memcpy(x->made[x->made_count].bytes, data, n);
    return add_span(x, x->made[x->made_count++].bytes, n);
}

static bool is_made(const struct extract *x, const uint8_t *data)
{
    uintptr_t at = (uintptr_t)data;
    return at >= (uintptr_t)x->made && at < (uintptr_t)x->made + sizeof x->made;
}

static void clear_spans(struct extract *x)
{
    x->span_count = x->made_count = 0;
}

static void put_spans(struct extract *x)
{
    for (size_t i = 0; i < x->span_count; i++)
        if (is_made(x, x->spans[i].data))
            save_small(x->save, x->spans[i].data, x->spans[i].size);
        else
            save_span(x->save, x->spans[i]);
}

static int out_of_memory(reel_error *err)
{
    *err = (reel_error){.code = REEL_E_NOMEM, .offset = REEL_NO_OFFSET};
    return REEL_E_NOMEM;
}

/* ---- Annex B ---- */

enum { SLICE_UNITS = 1 << 14, SLICE_BYTES = 1 << 16 };

static bool annexb_fits(const reel_description *d)
{
    return d->framing == REEL_FRAMING_NAL;
}

/* Bytes at the head of units that make a slice, so that a sample of millions of units needs no list of all of them. */
static size_t slice_of(const reel_description *d, reel_span units)
{
    reel_unit_iter iter;
    reel_unit unit = {.offset = 0};
    if (units.size <= SLICE_BYTES || reel_unit_iter_init(&iter, d, units) != REEL_OK)
        return units.size;
    for (size_t i = 0; i < SLICE_UNITS; i++)
        if (reel_unit_next(&iter, d, &unit, NULL) != REEL_OK)
            return units.size;
    return unit.offset + unit.span.size;
}

static int annexb_slice(struct extract *x, reel_span units, bool sync, reel_error *err)
{
    size_t n = 0;
    int result = reel_annexb_spans(&x->description, units, sync, x->spans, x->span_room, &n, err);
    if (result == REEL_OK && n > x->span_room) {
        clear_spans(x);
        while (x->span_count < n && result == REEL_OK)
            result = add_span(x, NULL, 0);
        if (result != REEL_OK)
            return out_of_memory(err);
        result = reel_annexb_spans(&x->description, units, sync, x->spans, x->span_room, &n, err);
    }
    x->span_count = result == REEL_OK ? n : 0;
    put_spans(x);
    return result;
}

static int annexb_sample(struct extract *x, reel_packet *packet, reel_error *err)
{
    reel_span left = {packet->data, packet->sample.size};
    bool sync = packet->sample.flags & REEL_SAMPLE_SYNC;
    if (!annexb_fits(&x->description))
        return extract_refuse(x, "its samples are no NAL units", err);
    for (bool first = true; first || left.size > 0; first = false) {
        size_t n = slice_of(&x->description, left);
        int result = annexb_slice(x, (reel_span){left.data, n}, sync && first, err);
        if (result != REEL_OK)
            return result;
        left = (reel_span){left.data + n, left.size - n};
    }
    return REEL_OK;
}

const struct form form_annexb = {annexb_fits, NULL, annexb_sample, NULL};

/* ---- ADTS ---- */

static bool adts_fits(const reel_description *d)
{
    return d->framing == REEL_FRAMING_AAC;
}

static int adts_sample(struct extract *x, reel_packet *packet, reel_error *err)
{
    reel_span spans[8];
    reel_head head;
    size_t n = 0;
    if (!adts_fits(&x->description))
        return extract_refuse(x, "ADTS holds AAC (Main, LC, SSR, LTP, and HE-AAC on top of them) and nothing else",
                              err);
    int result = reel_adts_spans(&x->description, (reel_span){packet->data, packet->sample.size}, &head, spans,
                                 sizeof spans / sizeof *spans, &n, err);
    if (result == REEL_E_UNSUPPORTED)
        return extract_refuse(x, "its type, rate or channels have no place in the header of ADTS", err);
    for (size_t i = 0; result == REEL_OK && i < n; i++)
        if (spans[i].data >= head.bytes && spans[i].data < head.bytes + sizeof head.bytes)
            save_small(x->save, spans[i].data, spans[i].size);
        else
            save_span(x->save, spans[i]);
    return result;
}

const struct form form_adts = {adts_fits, NULL, adts_sample, NULL};

/* ---- AV1: ISO/IEC 14496-12 samples leave out temporal delimiters, and the size of the last OBU ---- */

enum { OBU_TEMPORAL_DELIMITER = 2, OBU_HAS_SIZE = 2, OBU_HAS_EXTENSION = 4 };

static bool obu_fits(const reel_description *d)
{
    return d->framing == REEL_FRAMING_OBU;
}

static size_t put_leb128(uint8_t *at, uint64_t v)
{
    size_t n = 0;
    do {
        at[n] = (uint8_t)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
        v >>= 7;
        n++;
    } while (v);
    return n;
}

static int add_obu(struct extract *x, const reel_unit *unit)
{
    uint8_t head[16];
    if (unit->type == OBU_TEMPORAL_DELIMITER || unit->span.size == 0)
        return REEL_OK;
    if (unit->span.data[0] & OBU_HAS_SIZE)
        return add_span(x, unit->span.data, unit->span.size);
    size_t n = unit->span.data[0] & OBU_HAS_EXTENSION && unit->span.size > 1 ? 2 : 1;
    memcpy(head, unit->span.data, n);
    head[0] |= OBU_HAS_SIZE;
    n += put_leb128(head + n, unit->payload.size);
    int result = add_made(x, head, n);
    return result == REEL_OK ? add_span(x, unit->payload.data, unit->payload.size) : result;
}

static int build_obus(struct extract *x, const reel_packet *packet, reel_error *err)
{
    static const uint8_t delimiter[] = {OBU_TEMPORAL_DELIMITER << 3 | OBU_HAS_SIZE, 0};
    reel_unit_iter iter;
    reel_unit unit;
    if (!obu_fits(&x->description))
        return extract_refuse(x, "its samples are no AV1", err);
    clear_spans(x);
    int result = reel_unit_iter_init(&iter, &x->description, (reel_span){packet->data, packet->sample.size});
    if (result == REEL_OK && add_span(x, delimiter, sizeof delimiter) != REEL_OK)
        return out_of_memory(err);
    while (result == REEL_OK) {
        result = reel_unit_next(&iter, &x->description, &unit, err);
        /* An OBU without a size is the last of its sample, so there is one at most. */
        if (result == REEL_OK && (x->made_count > 0 || add_obu(x, &unit) != REEL_OK))
            return out_of_memory(err);
    }
    return result == REEL_END ? REEL_OK : result;
}

static int obu_sample(struct extract *x, reel_packet *packet, reel_error *err)
{
    int result = build_obus(x, packet, err);
    if (result == REEL_OK)
        put_spans(x);
    return result;
}

const struct form form_obu = {obu_fits, NULL, obu_sample, NULL};

/* ---- IVF: AV1, VP8 and VP9 with times ---- */

static void put_le(uint8_t *at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

static const char *ivf_fourcc(const reel_description *d)
{
    switch (d->codec_format) {
    case REEL_4CC('a', 'v', '0', '1'):
        return "AV01";
    case REEL_4CC('v', 'p', '0', '8'):
        return "VP80";
    case REEL_4CC('v', 'p', '0', '9'):
        return "VP90";
    default:
        return NULL;
    }
}

static bool ivf_fits(const reel_description *d)
{
    return ivf_fourcc(d) != NULL;
}

static int ivf_begin(struct extract *x, reel_error *err)
{
    uint8_t head[32] = "DKIF";
    uint64_t count = 0;
    const char *fourcc = ivf_fourcc(&x->description);
    if (!fourcc)
        return extract_refuse(x, "IVF holds AV1, VP8 and VP9", err);
    bool whole = x->cli->set.from.kind == WHEN_UNSET && x->cli->set.to.kind == WHEN_UNSET;
    if (whole && reel_track_sample_count(x->track, &count, NULL) != REEL_OK)
        count = 0;
    put_le(head + 6, sizeof head, 2);
    memcpy(head + 8, fourcc, 4);
    put_le(head + 12, x->description.width, 2);
    put_le(head + 14, x->description.height, 2);
    put_le(head + 16, reel_track_timescale(x->track), 4);
    put_le(head + 20, 1, 4);
    put_le(head + 24, count <= UINT32_MAX ? count : 0, 4);
    save_small(x->save, head, sizeof head);
    return REEL_OK;
}

static int ivf_sample(struct extract *x, reel_packet *packet, reel_error *err)
{
    uint8_t head[12];
    uint64_t size = 0;
    int result = REEL_OK;
    clear_spans(x);
    if (x->description.framing == REEL_FRAMING_OBU)
        result = build_obus(x, packet, err);
    else if (add_span(x, packet->data, packet->sample.size) != REEL_OK)
        return out_of_memory(err);
    if (result != REEL_OK)
        return result;
    for (size_t i = 0; i < x->span_count; i++)
        size += x->spans[i].size;
    put_le(head, size, 4);
    put_le(head + 4, (uint64_t)packet->sample.pts, 8);
    save_small(x->save, head, sizeof head);
    put_spans(x);
    return REEL_OK;
}

const struct form form_ivf = {ivf_fits, ivf_begin, ivf_sample, NULL};

/* ---- raw: the samples one after the other, behind what a player of the bare stream needs ---- */

static int raw_begin(struct extract *x, reel_error *err)
{
    static const struct {
        uint32_t format;
        const char *magic;
        bool with_config;
        size_t skip; /* version and flags of a full box */
    } heads[] = {
        {REEL_4CC('m', 'p', '4', 'v'), "", true, 0},
        {REEL_4CC('f', 'L', 'a', 'C'), "fLaC", true, 4},
        {REEL_4CC('s', 'a', 'm', 'r'), "#!AMR\n", false, 0},
        {REEL_4CC('s', 'a', 'w', 'b'), "#!AMR-WB\n", false, 0},
    };
    const reel_description *d = &x->description;
    (void)err;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        if (heads[i].format != d->codec_format)
            continue;
        save_copy(x->save, heads[i].magic, strlen(heads[i].magic));
        reel_span config = heads[i].with_config ? d->decoder_specific : (reel_span){NULL, 0};
        if (config.size > heads[i].skip)
            save_span(x->save, (reel_span){config.data + heads[i].skip, config.size - heads[i].skip});
    }
    return REEL_OK;
}

static int raw_sample(struct extract *x, reel_packet *packet, reel_error *err)
{
    (void)err;
    save_span(x->save, (reel_span){packet->data, packet->sample.size});
    return REEL_OK;
}

const struct form form_raw = {NULL, raw_begin, raw_sample, NULL};
