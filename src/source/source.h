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
    void (*scattered)(reel_source *s, bool scattered);
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

/* Many small pieces far apart are about to be read (scattered), or that is over. Only a hint. */
void reel__source_scattered(reel_source *s, bool scattered);

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
