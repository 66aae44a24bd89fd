/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/plan.h: what is to be written, before a byte of it is. A plan is an ordered list of pieces, each a few bytes in
 * memory or a range of a source. It knows its length, can be entered at any byte, and is executed by whoever holds it:
 * sendfile in a server, copy_file_range on disk, iovecs in memory. Media never passes through the plan.
 *
 *     plan      0          812                      700812   700828                 1400828
 *     piece     | memory   | source 0, from 48      | memory | source 0, from 912004 |
 *
 * A plan is built by one thread and then only read: any number of threads may execute it at once.
 */
#ifndef REEL_PLAN_H
#define REEL_PLAN_H

#include <reel/source.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct reel_plan reel_plan;

/*
 * An empty plan. All its memory comes from alloc (NULL: malloc), which is copied; a pool that only gives back all at once
 * is fine: lists double when they grow. Close it with reel_plan_close; where alloc is a pool, before that goes.
 */
REEL_API int reel_plan_new(const reel_allocator *alloc, reel_plan **out, reel_error *err);
/* Gives back the memory and the references on the sources. */
REEL_API void reel_plan_close(reel_plan **plan);

/*
 * Put a piece at the end. Pieces of size 0 are left out; a range that goes on where the one before it ended becomes one
 * with it. On failure (REEL_E_NOMEM; REEL_E_TRUNCATED when the range is not inside the source) the plan is as before.
 *   memory   borrowed: it has to outlive the plan
 *   copy     the plan's own copy
 *   source   takes a reference on a source that the plan does not have yet
 */
REEL_API int reel_plan_add_memory(reel_plan *plan, const void *data, size_t size, reel_error *err);
REEL_API int reel_plan_add_copy(reel_plan *plan, const void *data, size_t size, reel_error *err);
REEL_API int reel_plan_add_source(reel_plan *plan, reel_source *source, uint64_t offset, uint64_t size,
                                  reel_error *err);

/*
 * All that more says, at the end: its ranges, and copies of what it has in memory, so that it may be closed. NULL more:
 * REEL_E_ARG. On failure the plan has a part of it, and is good for nothing but to be closed.
 */
REEL_API int reel_plan_add_plan(reel_plan *plan, const reel_plan *more, reel_error *err);

/* The length in bytes; NULL: 0. */
REEL_API uint64_t reel_plan_size(const reel_plan *plan);
/* The i-th source that pieces name, in the order in which they came; NULL past the last. Borrowed. */
REEL_API reel_source *reel_plan_source(const reel_plan *plan, size_t i);

typedef struct reel_piece {
    uint64_t at;         /* where it begins in the plan */
    uint64_t size;       /* never 0 */
    const uint8_t *data; /* bytes in memory, good while the plan lives; NULL: a range of a source */
    uint64_t offset;     /* where the range begins in its source */
    size_t source;       /* which one: reel_plan_source */
} reel_piece;

/*
 * What stands at byte `at`, up to the end of its piece, but not past end. REEL_END when at is not before end or the end
 * of the plan. O(log pieces). A slice is gone through with
 *     for (at = from; reel_plan_piece(plan, at, end, &p) == REEL_OK; at += p.size)
 */
REEL_API int reel_plan_piece(const reel_plan *plan, uint64_t at, uint64_t end, reel_piece *out);
/* How many pieces there are. */
REEL_API size_t reel_plan_count(const reel_plan *plan);

/* ---- executing ---- */

/*
 * n bytes from byte at on, copied into buf. REEL_E_TRUNCATED when the plan ends before; else what reading the source
 * gives (reel_source_read).
 */
REEL_API int reel_plan_read(const reel_plan *plan, uint64_t at, void *buf, size_t n, reel_error *err);

struct iovec;
/*
 * Up to *n iovecs for bytes [at, end): pieces in memory, and ranges of sources that lie in memory (mapped files). *n gets
 * how many were filled, *covered how many bytes they have; it stops before the first range that has no memory: 0 covered
 * and REEL_OK then, and reel_plan_read is the way. Pointers are good while the plan lives. REEL_END: nothing is left.
 */
REEL_API int reel_plan_iovecs(const reel_plan *plan, uint64_t at, uint64_t end, struct iovec *out, size_t *n,
                              uint64_t *covered);

/*
 * The plan to a function, piece by piece, at most 1 MiB each. take gives REEL_OK to go on; anything else ends the run
 * and is what it gives.
 */
typedef int (*reel_plan_take)(void *user, const uint8_t *data, size_t size);
REEL_API int reel_plan_run(const reel_plan *plan, uint64_t at, uint64_t end, reel_plan_take take, void *user,
                           reel_error *err);

/*
 * The plan to a file descriptor, from where that stands (a file, a pipe, a socket that blocks). fds[i] is a descriptor of
 * reel_plan_source(plan, i), or -1; NULL: all -1. Ranges of those go through the kernel (copy_file_range, which shares
 * extents where the file system can, then sendfile); where that is refused, and without descriptor, they are written from
 * memory. progress (may be NULL) is told how many bytes are out, now and then; another answer than REEL_OK ends it.
 * REEL_E_IO when writing fails: errno then says why. What is out already stays out.
 */
typedef int (*reel_plan_progress)(void *user, uint64_t done);
REEL_API int reel_plan_write(const reel_plan *plan, uint64_t at, uint64_t end, int fd, const int *fds,
                             reel_plan_progress progress, void *user, reel_error *err);

#ifdef __cplusplus
}
#endif
#endif
