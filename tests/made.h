/* SPDX-License-Identifier: BSD-2-Clause */
/* Films in memory, what plans make of them, and memory that runs out: what tests of src/write/ share. */
#ifndef TESTS_MADE_H
#define TESTS_MADE_H

#include <reel/reel.h>

reel_movie *open_memory(const void *data, size_t size);

typedef struct made {
    uint8_t *data;
    size_t size;
    reel_movie *movie;
} made;

/* Runs the plan and opens what comes out, with these flags. Closes the plan. */
made made_with(reel_plan *plan, unsigned flags);
made made_of(reel_plan *plan);
void made_done(made *m);
/* What a plan makes, when it is text; to be freed. Closes the plan. */
char *text_of(reel_plan *plan);

uint64_t count_of(const reel_track *t);
reel_sample sample_of(const reel_track *t, uint64_t i);
/* Fails the test unless the two are of the same bytes. */
void same_bytes(const reel_track *a, const reel_sample *x, const reel_track *b, const reel_sample *y);

/* So many allocations work; out: blocks that are not back. */
typedef struct purse {
    long left, out;
} purse;

reel_allocator purse_of(purse *u);

#endif
