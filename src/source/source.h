/* SPDX-License-Identifier: BSD-2-Clause */
/* The interface that every kind of source fills. */
#ifndef REEL_SOURCE_SOURCE_H
#define REEL_SOURCE_SOURCE_H

#include <reel/source.h>

#include "base/base.h"

typedef struct reel__source_ops {
    /*
     * A pointer to [offset, offset + n) that stays good while the source lives, or NULL when this kind has none
     * (then read is used). The range has been checked against the size. NULL: never.
     */
    const uint8_t *(*map)(reel_source *s, uint64_t offset, size_t n);
    /* Up to n bytes; how many, or a negative code. The range begins inside the size. */
    int64_t (*read)(reel_source *s, uint64_t offset, void *buf, size_t n);
    /* The size now. REEL_OK or a negative code. NULL: it never changes. */
    int (*refresh)(reel_source *s, uint64_t *size);
    /* How many bytes behind end a pointer from map may be read on. NULL: to the end of the source. */
    uint64_t (*readable)(const reel_source *s, uint64_t end);
    void (*will_read)(reel_source *s, uint64_t offset, size_t n); /* NULL: nothing to do */
    bool glances; /* reading a few bytes costs less than touching a page of the mapping for the first time */
    void (*gone)(reel_source *s);
    bool (*shrunk)(const reel_source *s);
} reel__source_ops;

/* Kinds embed this first. */
struct reel_source {
    reel_ref ref;
    const reel__source_ops *ops;
    _Atomic uint64_t size;
};

void reel__source_init(reel_source *s, const reel__source_ops *ops, uint64_t size);

/* A direct pointer, or NULL when the kind has none or the range is not inside the source. */
const uint8_t *reel__source_map(reel_source *s, uint64_t offset, uint64_t n);

/* How many bytes behind end (which is inside) belong to the same memory. */
uint64_t reel__source_readable(const reel_source *s, uint64_t end);

/* [offset, offset + n) is about to be read from end to end: let the mapping bring it in at once. Only a hint. */
void reel__source_will_read(reel_source *s, uint64_t offset, uint64_t n);

/*
 * Looking at headers that lie far apart. A page that a mapping shows for the first time costs a fault, a page table and
 * their undoing, some 3 us; a small read of what is in memory anyway costs a tenth of that. What was read is kept for
 * the next look. Give NULL for a glance, and mappings are looked at directly.
 */
typedef struct reel__glance {
    uint64_t at;
    size_t n;
    uint8_t bytes[1024];
} reel__glance;

enum { REEL__GLANCE = 64 }; /* the most that may be asked for */

/*
 * n bytes at offset, at most REEL__GLANCE and inside the source, good until the next look; without a glance, room for n
 * bytes at buf is used where nothing is mapped. REEL_E_SHRUNK when the file ends before its own end.
 */
int reel__source_look(reel_source *s, reel__glance *g, uint64_t offset, size_t n, uint8_t *buf, const uint8_t **data,
                      reel_error *err);

/* Is it mapped, and a look costs less than a touch? */
bool reel__source_glances(reel_source *s);
/* n bytes at offset into buf, as with a look. */
int reel__source_fetch(reel_source *s, uint64_t offset, uint8_t *buf, size_t n, reel_error *err);

/* Has a guarded mapping lost bytes? */
bool reel__source_shrunk(const reel_source *s);

/*
 * [offset, offset + n) as memory: the mapping where there is one, else a buffer from a, filled piece by piece so
 * that no more is taken than the source really has. *owned is the buffer, or NULL. n beyond the size_t range or
 * the source is REEL_E_TRUNCATED.
 */
int reel__source_view(reel_source *s, uint64_t offset, uint64_t n, const reel_allocator *a, const uint8_t **data,
                      void **owned, reel_error *err);

#endif
