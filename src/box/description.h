/* SPDX-License-Identifier: BSD-2-Clause */
/* A description of fields that is being followed: the place in it, and the values that later words ask for. */
#ifndef REEL_BOX_DESCRIPTION_H
#define REEL_BOX_DESCRIPTION_H

#include <string.h>

#include <reel/box.h>

enum { REEL__VALUES = 48 };

/* A piece of the description. */
typedef struct reel__word {
    const char *p;
    size_t n;
} reel__word;

typedef struct reel__description {
    const char *p;
    const reel_box *box;
    struct {
        reel__word name;
        uint64_t value;
    } values[REEL__VALUES];
    size_t value_count;
} reel__description;

static inline bool reel__same(reel__word a, reel__word b) { return a.n == b.n && memcmp(a.p, b.p, a.n) == 0; }
static inline bool reel__is(reel__word w, const char *text) { return reel__same(w, (reel__word){text, strlen(text)}); }

/* Decimal, 0x and hexadecimal, or the four characters of a fourcc. */
uint64_t reel__word_number(reel__word w);

/* The letters, digits and underscores at the place, which goes behind them. */
reel__word reel__description_name(reel__description *d);

/* Keep a value for the words behind. */
void reel__description_keep(reel__description *d, reel__word name, uint64_t value);

/* A number or the name of a field, and what is done to it. False: the field was not read, or it overflows. */
bool reel__description_value(reel__description *d, uint64_t *out);

/* ?F: !F: @N: @=N: @<N: ^N: ^=N: <E=N: <E>N:   Does it hold? The place is then behind the colon. */
bool reel__description_holds(reel__description *d);

/* Behind the word or the bracket that begins at p. */
const char *reel__description_behind(const char *p);

#endif
