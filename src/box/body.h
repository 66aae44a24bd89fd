/* SPDX-License-Identifier: BSD-2-Clause */
/* The body of a box, read bit by bit from a source through a window, so that a table of any length costs none. */
#ifndef REEL_BOX_BODY_H
#define REEL_BOX_BODY_H

#include <reel/box.h>

enum { REEL__WINDOW = 4096 };

typedef struct reel__body {
    reel_source *source;
    uint64_t at, end;
    unsigned bit;         /* of the byte at `at`, from the highest */
    const uint8_t *window;
    uint64_t window_at;
    size_t window_size;
    reel_error *err;
    uint8_t buf[REEL__WINDOW];
} reel__body;

void reel__body_init(reel__body *b, reel_source *source, uint64_t at, uint64_t end, reel_error *err);

static inline uint64_t reel__body_left(const reel__body *b) { return b->end - b->at; }

/* n bytes (at most REEL__WINDOW, and no more than are left) at `at`, not taken. REEL_OK or what the source says. */
int reel__body_peek(reel__body *b, size_t n, const uint8_t **data);

/* The next `bits` bits, 0 to 64. REEL_END when the body has fewer: nothing is taken then. */
int reel__body_bits(reel__body *b, unsigned bits, uint64_t *value);

/* How many bytes stand before the next NUL, or to the end when there is none. Nothing is taken. */
int reel__body_text(reel__body *b, uint64_t *length);

/* To the next whole byte; then n bytes on, no further than the end. */
void reel__body_align(reel__body *b);
void reel__body_skip(reel__body *b, uint64_t n);

#endif
