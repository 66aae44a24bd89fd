/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside longfile: a buffer that boxes are written into, and what a track's samples are. */
#ifndef BENCH_LONGTABLES_H
#define BENCH_LONGTABLES_H

#include <stddef.h>

#include "longfile.h"

typedef struct buffer {
    uint8_t *data;
    size_t size, room;
    bool failed; /* out of memory; sticky */
} buffer;

void put(buffer *b, const void *data, size_t n);
void put8(buffer *b, uint8_t v);
void put16(buffer *b, uint16_t v);
void put32(buffer *b, uint32_t v);
void put64(buffer *b, uint64_t v);
void put_zeros(buffer *b, size_t n);
/* Overwrite what was put before. */
void set32(buffer *b, size_t at, uint32_t v);
void set64(buffer *b, size_t at, uint64_t v);
/* A box is open from begin until end, which fills in its size. */
size_t box_begin(buffer *b, const char *type);
size_t full_box_begin(buffer *b, const char *type, uint8_t version, uint32_t flags);
void box_end(buffer *b, size_t begin);

typedef struct layout {
    const longfile_options *o;
    bool audio;
    uint64_t samples;
    uint64_t chunks;
    size_t offsets_at; /* in the moov buffer: the first co64 entry */
} layout;

layout layout_make(const longfile_options *o, bool audio);
uint32_t layout_size(const layout *l, uint64_t sample);
uint32_t layout_delta(const layout *l, uint64_t sample);
uint32_t layout_composition(const layout *l, uint64_t sample);
bool layout_sync(const layout *l, uint64_t sample);
uint32_t layout_chunk_samples(const layout *l, uint64_t chunk);
uint64_t layout_duration(const layout *l); /* in its timescale */
uint32_t layout_timescale(const layout *l);

/* The whole stbl; stsd comes from the caller's function, tables are empty when the film is fragmented. */
void put_tables(buffer *b, layout *l, void (*put_stsd)(buffer *b));

/* moov and what is before it: ftyp, and sidx if asked for. longmoof.c has the fragments behind. */
void put_mvex(buffer *b, bool with_audio);
int write_fragments(int fd, const longfile_options *o, uint64_t at, buffer *sidx, uint64_t *end);

#endif
