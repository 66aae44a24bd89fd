/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "longtables.h"

static uint8_t *room(buffer *b, size_t n)
{
    if (b->failed)
        return NULL;
    if (b->room - b->size < n) {
        size_t want = (b->size + n) * 2 + 4096;
        uint8_t *more = realloc(b->data, want);
        if (!more) {
            b->failed = true;
            return NULL;
        }
        b->data = more;
        b->room = want;
    }
    b->size += n;
    return b->data + b->size - n;
}

static void store(uint8_t *p, uint64_t v, int bytes)
{
    while (bytes--)
        *p++ = (uint8_t)(v >> 8 * bytes);
}

static void put_number(buffer *b, uint64_t v, int bytes)
{
    uint8_t *p = room(b, (size_t)bytes);
    if (p)
        store(p, v, bytes);
}

void put(buffer *b, const void *data, size_t n)
{
    uint8_t *p = room(b, n);
    if (p)
        memcpy(p, data, n);
}

void put_zeros(buffer *b, size_t n)
{
    uint8_t *p = room(b, n);
    if (p)
        memset(p, 0, n);
}

void put8(buffer *b, uint8_t v) { put_number(b, v, 1); }
void put16(buffer *b, uint16_t v) { put_number(b, v, 2); }
void put32(buffer *b, uint32_t v) { put_number(b, v, 4); }
void put64(buffer *b, uint64_t v) { put_number(b, v, 8); }

static void set_number(buffer *b, size_t at, uint64_t v, int bytes)
{
    if (!b->failed && b->data)
        store(b->data + at, v, bytes);
}

void set32(buffer *b, size_t at, uint32_t v) { set_number(b, at, v, 4); }
void set64(buffer *b, size_t at, uint64_t v) { set_number(b, at, v, 8); }

size_t box_begin(buffer *b, const char *type)
{
    size_t begin = b->size;
    put32(b, 0);
    put(b, type, 4);
    return begin;
}

size_t full_box_begin(buffer *b, const char *type, uint8_t version, uint32_t flags)
{
    size_t begin = box_begin(b, type);
    put32(b, (uint32_t)version << 24 | flags);
    return begin;
}

void box_end(buffer *b, size_t begin) { set32(b, begin, (uint32_t)(b->size - begin)); }

/* Any number, the same one each time for the same n. */
static uint32_t scatter(uint64_t n)
{
    n = (n ^ n >> 31) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(n >> 32);
}

static uint64_t half_seconds_of_audio(uint64_t chunk)
{
    return chunk * (LONGFILE_AUDIO_SCALE / 2) / LONGFILE_AUDIO_FRAME;
}

layout layout_make(const longfile_options *o, bool audio)
{
    layout l = {.o = o, .audio = audio};
    l.samples = audio ? longfile_audio_samples(o) : longfile_video_samples(o);
    switch (o->shape) {
    case LONGFILE_ONE_CHUNK:
        l.chunks = 1;
        break;
    case LONGFILE_CHUNK_PER_SAMPLE:
        l.chunks = l.samples;
        break;
    case LONGFILE_RUNS1:
    case LONGFILE_STSC_RUNS:
        l.chunks = l.samples / 3 * 2; /* the count is a multiple of 3: chunks of one and of two */
        break;
    default:
        l.chunks = (longfile_video_samples(o) + 29) / 30;
    }
    return l;
}

uint32_t layout_chunk_samples(const layout *l, uint64_t chunk)
{
    switch (l->o->shape) {
    case LONGFILE_ONE_CHUNK:
        return (uint32_t)l->samples;
    case LONGFILE_CHUNK_PER_SAMPLE:
        return 1;
    case LONGFILE_RUNS1:
    case LONGFILE_STSC_RUNS:
        return 1 + chunk % 2;
    default:
        break;
    }
    uint64_t from = l->audio ? half_seconds_of_audio(chunk) : chunk * 30;
    uint64_t to = l->audio ? half_seconds_of_audio(chunk + 1) : chunk * 30 + 30;
    if (to > l->samples || chunk + 1 == l->chunks)
        to = l->samples;
    return from < to ? (uint32_t)(to - from) : 0;
}

static uint32_t usual_size(const layout *l, uint64_t sample)
{
    uint32_t r = scatter(sample * 2 + l->audio);
    if (l->o->thin)
        return 1 + r % 32;
    if (l->audio)
        return 280 + r % 120;
    if (sample % LONGFILE_GOP == 0)
        return 40000 + r % 30000;
    return sample % LONGFILE_GOP % 4 == 1 ? 9000 + r % 6000 : 2000 + r % 3000;
}

uint32_t layout_size(const layout *l, uint64_t sample)
{
    uint32_t size = usual_size(l, sample);
    return l->audio || !l->o->percent ? size : 1 + (uint32_t)((uint64_t)size * l->o->percent / 100);
}

uint32_t layout_delta(const layout *l, uint64_t sample)
{
    if (l->audio)
        return LONGFILE_AUDIO_FRAME;
    return l->o->shape == LONGFILE_RUNS1 ? LONGFILE_FRAME - 1 + sample % 2 * 2 : LONGFILE_FRAME;
}

/*
 * One GOP, in decode order: I, then P B B B with the middle B shown second, so that no two neighbours share an
 * offset; a last group of three.
 */
uint32_t layout_composition(const layout *l, uint64_t sample)
{
    static const uint8_t group[4] = {5, 2, 0, 1};
    static const uint8_t last[3] = {4, 2, 0};
    uint64_t g = sample % LONGFILE_GOP;
    if (l->audio)
        return 0;
    if (g == 0)
        return LONGFILE_DELAY * LONGFILE_FRAME;
    return (g < 57 ? group[(g - 1) % 4] : last[g - 57]) * (uint32_t)LONGFILE_FRAME;
}

bool layout_sync(const layout *l, uint64_t sample) { return l->audio || sample % LONGFILE_GOP == 0; }

uint32_t layout_timescale(const layout *l) { return l->audio ? LONGFILE_AUDIO_SCALE : LONGFILE_VIDEO_SCALE; }

uint64_t layout_duration(const layout *l)
{
    return l->samples * (l->audio ? LONGFILE_AUDIO_FRAME : LONGFILE_FRAME);
}

/* A table of (count, value) for as long as value stays the same. */
static void put_runs(buffer *b, const char *type, const layout *l, uint32_t (*value)(const layout *, uint64_t))
{
    size_t box = full_box_begin(b, type, 0, 0), count_at = b->size;
    uint32_t entries = 0, run = 0;
    put32(b, 0);
    for (uint64_t i = 0; i < l->samples; i++) {
        run++;
        if (i + 1 < l->samples && value(l, i + 1) == value(l, i))
            continue;
        put32(b, run);
        put32(b, value(l, i));
        entries++;
        run = 0;
    }
    set32(b, count_at, entries);
    box_end(b, box);
}

static void put_chunk_runs(buffer *b, const layout *l)
{
    size_t box = full_box_begin(b, "stsc", 0, 0), count_at = b->size;
    uint32_t entries = 0, last = 0;
    put32(b, 0);
    for (uint64_t i = 0; i < l->chunks; i++) {
        uint32_t n = layout_chunk_samples(l, i);
        if (n == last)
            continue;
        put32(b, (uint32_t)i + 1);
        put32(b, n);
        put32(b, 1);
        entries++;
        last = n;
    }
    set32(b, count_at, entries);
    box_end(b, box);
}

static void put_sync(buffer *b, const layout *l)
{
    size_t box = full_box_begin(b, "stss", 0, 0);
    put32(b, (uint32_t)((l->samples + LONGFILE_GOP - 1) / LONGFILE_GOP));
    for (uint64_t i = 0; i < l->samples; i += LONGFILE_GOP)
        put32(b, (uint32_t)i + 1);
    box_end(b, box);
}

static void put_sizes(buffer *b, const layout *l)
{
    size_t box = full_box_begin(b, "stsz", 0, 0);
    put32(b, 0);
    put32(b, (uint32_t)l->samples);
    for (uint64_t i = 0; i < l->samples; i++)
        put32(b, layout_size(l, i));
    box_end(b, box);
}

static void put_empty(buffer *b, const char *type, size_t zeros)
{
    size_t box = full_box_begin(b, type, 0, 0);
    put_zeros(b, zeros);
    box_end(b, box);
}

void put_tables(buffer *b, layout *l, void (*put_stsd)(buffer *b))
{
    size_t stbl = box_begin(b, "stbl");
    put_stsd(b);
    if (l->o->fragmented) {
        put_empty(b, "stts", 4);
        put_empty(b, "stsc", 4);
        put_empty(b, "stsz", 8);
        put_empty(b, "stco", 4);
    } else {
        put_runs(b, "stts", l, layout_delta);
        if (!l->audio) {
            put_runs(b, "ctts", l, layout_composition);
            put_sync(b, l);
        }
        put_chunk_runs(b, l);
        put_sizes(b, l);
        size_t co64 = full_box_begin(b, "co64", 0, 0);
        put32(b, (uint32_t)l->chunks);
        l->offsets_at = b->size;
        put_zeros(b, l->chunks * 8);
        box_end(b, co64);
    }
    box_end(b, stbl);
}
