/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The box writer: bytes that grow, boxes inside each other. The first failure (no memory, a box above 4 GiB) stays and is
 * asked for once, at the end.
 */
#ifndef REEL_WRITE_OUT_H
#define REEL_WRITE_OUT_H

#include "base/base.h"

enum { REEL__OUT_DEPTH = 16 };

typedef struct reel__out {
    reel_allocator alloc;
    uint8_t *data;
    size_t size, room;
    size_t open[REEL__OUT_DEPTH]; /* where the boxes that are not closed yet begin */
    int depth;
    int code; /* REEL_OK, or the first failure */
} reel__out;

/* alloc NULL: malloc. room: how much is taken at once; 0: as it comes. */
void reel__out_init(reel__out *o, const reel_allocator *alloc, size_t room);
void reel__out_free(reel__out *o);

/* Room for n bytes more, to be filled by the caller; NULL when there is none. */
uint8_t *reel__out_take(reel__out *o, size_t n);

void reel__out_8(reel__out *o, uint8_t v);
void reel__out_16(reel__out *o, uint16_t v);
void reel__out_24(reel__out *o, uint32_t v);
void reel__out_32(reel__out *o, uint32_t v);
void reel__out_64(reel__out *o, uint64_t v);
void reel__out_bytes(reel__out *o, const void *data, size_t n);
void reel__out_zeros(reel__out *o, size_t n);
void reel__out_text(reel__out *o, const char *text); /* without its NUL */
void reel__out_format(reel__out *o, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A box from here to the end that belongs to it; full: with version and flags. */
void reel__out_box(reel__out *o, uint32_t type);
void reel__out_full(reel__out *o, uint32_t type, uint8_t version, uint32_t flags);
void reel__out_end(reel__out *o);

/* Put 32 bits where some stand. */
void reel__out_set_32(reel__out *o, size_t at, uint32_t v);
void reel__out_set_64(reel__out *o, size_t at, uint64_t v);

#endif
