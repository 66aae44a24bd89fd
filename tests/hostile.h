/* SPDX-License-Identifier: BSD-2-Clause */
/* What every test of broken films does: open, look at all there is, and read what was said about it. */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include <reel/reel.h>

#include "small.h"

/* Every call there is on the film in these bytes, bounded. Gives the code of reel_open. No crash, no code above END. */
int hostile_walk(const uint8_t *data, size_t size, uint32_t flags);
void hostile_walk_movie(const reel_movie *movie);

/* The film opens, and among its warnings (after every total is built) is one of that code whose line is like that. */
void hostile_warns(const b_buf *b, int code, const char *line);
/* Opening in strict mode fails with this code and line. */
void hostile_strict(const b_buf *b, int code, const char *line);
/* Both. */
void hostile_both(const b_buf *b, int code, const char *line);
/* Opening fails in both modes. */
void hostile_fails(const b_buf *b, int code, const char *line);
/* The film opens in both modes without a word. */
void hostile_silent(const b_buf *b);

/* The first track of the film in b. Close it with hostile_close. */
typedef struct hostile_film {
    reel_source *source;
    reel_movie *movie;
    const reel_track *track;
} hostile_film;
hostile_film hostile_open(const b_buf *b);
void hostile_close(hostile_film *f);
uint64_t hostile_count(const hostile_film *f);

#endif
