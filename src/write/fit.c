/* SPDX-License-Identifier: BSD-2-Clause */
#include "write/fit.h"

#include <reel/cursor.h>

#include "codec/codec.h"
#include "movie/runs.h"
#include "movie/time_.h"

enum { HEAD = 16, BATCH = 64, EMPTY_SAMPLES = 1 << 20 };

typedef struct fitting {
    reel_source *source;
    reel_description d; /* of the sample; number tells which */
    uint32_t number, family;
    bool described;
    uint64_t left; /* bytes that samples may still have: what is more lies over each other */
    reel_error *err;
} fitting;

/*
 * ISO/IEC 14496-10 7.3.1, 23008-2 7.3.1.2, 23090-3 7.3.1.2: a bit that is 0, types that films have (of H.264 no data
 * partitions), a temporal layer that is never 0, and of the scalable layers of HEVC those below 32: so the one is not
 * taken for the other.
 */
static bool is_nal_header(uint32_t family, const uint8_t *p, uint64_t size)
{
    const uint32_t avc_types = 1u << 1 | 0x7ffu << 5 | 7u << 19;
    if (family == REEL__AVC)
        return size >= 1 && !(p[0] & 0x80) && (avc_types >> (p[0] & 31) & 1);
    return size >= 2 && !(p[0] & 0x80) && (p[1] & 7) && (family != REEL__HEVC || !(p[0] & 1));
}

/* AV1 specification 5.3.2: a bit that is 0, and a type that is not reserved. */
static bool is_obu_header(uint8_t p)
{
    uint32_t type = p >> 3 & 15;
    return !(p & 0x80) && type != 0 && (type < 9 || type == 15);
}

/* The unit whose head that is, of which n bytes are there; *size is that of all of it, with its length. */
static bool next_nal(const fitting *f, const uint8_t *head, size_t n, uint64_t *size)
{
    size_t length = f->d.nal_length_size;
    uint64_t body = 0;
    if (length < 1 || length > 4 || n < length + 2)
        return false;
    for (size_t i = 0; i < length; i++)
        body = body << 8 | head[i];
    *size = length + body;
    return is_nal_header(f->family, head + length, body);
}

static bool next_obu(const uint8_t *head, size_t n, uint64_t left, uint64_t *size)
{
    reel__reader r = reel__read(head, n);
    uint8_t first = reel__u8(&r);
    if (first & 4)
        reel__u8(&r);
    uint64_t body = first & 2 ? reel__leb128(&r) : left - (uint64_t)(r.p - head);
    *size = (uint64_t)(r.p - head) + body;
    return !r.bad && is_obu_header(first);
}

/* REEL_OK: *fits says; else the source could not be read. */
static int fit_units(const fitting *f, const reel_sample *s, bool *fits)
{
    uint8_t head[HEAD];
    uint64_t at = 0, size = 0;
    *fits = true;
    while (*fits && at < s->size) {
        size_t n = (size_t)REEL__MIN(s->size - at, (uint64_t)HEAD);
        int code = reel_source_read(f->source, s->offset + at, head, n, f->err);
        if (code != REEL_OK)
            return code;
        *fits = f->d.framing == REEL_FRAMING_NAL ? next_nal(f, head, n, &size) : next_obu(head, n, s->size - at, &size);
        *fits &= size <= s->size - at;
        at += size;
    }
    return REEL_OK;
}

/* The word that a frame begins with, as far as the mask says; mask 0: no word is known. */
static uint32_t word_of(const fitting *f, uint32_t *mask)
{
    *mask = 0xffff;
    switch (f->family) {
    case REEL__AC3:
    case REEL__EC3:
        return 0x0b77;
    case REEL__FLAC:
        *mask = 0xfffe;
        return 0xfff8;
    default:
        return *mask = 0;
    }
}

static int fit_word(const fitting *f, const reel_sample *s, uint32_t word, uint32_t mask, bool *fits)
{
    uint8_t head[2] = {0};
    int code = s->size < 2 ? REEL_OK : reel_source_read(f->source, s->offset, head, 2, f->err);
    *fits = (((uint32_t)head[0] << 8 | head[1]) & mask) == word;
    return code;
}

/* *known: it can be told. */
static int fit_sample(const fitting *f, const reel_sample *s, bool *known, bool *fits)
{
    uint32_t mask, word = word_of(f, &mask), frame = f->d.channels * f->d.bits_per_sample / 8;
    *known = true;
    if (f->d.framing == REEL_FRAMING_NAL || f->d.framing == REEL_FRAMING_OBU)
        return fit_units(f, s, fits);
    if (mask)
        return fit_word(f, s, word, mask, fits);
    *known = f->family == REEL__PCM && frame;
    *fits = !*known || s->size % frame == 0;
    return REEL_OK;
}

/* Of another codec: would it pass as H.264 or HEVC? Hardly anything does by chance. */
static int look_for_units(const fitting *f, const reel_sample *s, bool *found)
{
    fitting other = *f;
    other.d.framing = REEL_FRAMING_NAL;
    other.d.nal_length_size = 4;
    other.family = REEL__AVC;
    int code = fit_units(&other, s, found);
    other.family = REEL__HEVC;
    return code == REEL_OK && !*found ? fit_units(&other, s, found) : code;
}

static void describe(fitting *f, const reel_track *t, uint32_t number)
{
    if (f->number == number)
        return;
    f->number = number;
    f->described = reel_track_description(t, number, &f->d, NULL) == REEL_OK && f->d.format == f->d.codec_format &&
                   f->d.self_contained;
    const reel__format *format = f->described ? reel__format_find(f->d.codec_format, f->d.type) : NULL;
    f->family = format ? format->family : REEL__PLAIN;
}

static int meet(fitting *f, const reel_track *t, const reel_sample *s, reel__fit *out)
{
    bool known = false, fits = true, units = false;
    int code = REEL_OK;
    out->samples++;
    out->duration = reel__time_plus(out->duration, s->duration);
    describe(f, t, s->description);
    if (f->described && s->size && s->size <= f->left) {
        f->left -= s->size;
        code = fit_sample(f, s, &known, &fits);
        if (code == REEL_OK && !known)
            code = look_for_units(f, s, &units);
    }
    out->units += units;
    out->checked += known;
    out->foreign += known && !fits;
    return code;
}

int reel__fit_track(const reel_track *t, reel__fit *out, reel_error *err)
{
    uint64_t size = reel_source_size(t->movie->source);
    fitting f = {.source = t->movie->source, .left = size, .err = err};
    reel_cursor c;
    *out = (reel__fit){0};
    int code = reel_cursor_init(&c, t);
    while (code == REEL_OK && out->samples <= size + EMPTY_SAMPLES) {
        reel_sample s[BATCH];
        size_t n = 0;
        code = reel_cursor_batch(&c, s, BATCH, &n, err);
        for (size_t i = 0; i < n && code == REEL_OK; i++)
            code = meet(&f, t, &s[i], out);
    }
    return code == REEL_END ? REEL_OK : code;
}
