/* SPDX-License-Identifier: BSD-2-Clause */
/* Between our files: filling errors, taking memory, counting references. */
#ifndef REEL_BASE_BASE_H
#define REEL_BASE_BASE_H

#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#include <reel/base.h>

/*
 * Fill err (may be NULL) and give code back, so that `return reel__fail(err, REEL_E_TABLE, at, path, "...")` reads
 * as one sentence. path may be NULL.
 */
int reel__fail(reel_error *err, int code, uint64_t offset, const char *path, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
int reel__failv(reel_error *err, int code, uint64_t offset, const char *path, const char *format, va_list args);

/* Memory through the owner's allocator. Sizes are checked against overflow. free takes NULL. */
void *reel__alloc(const reel_allocator *a, size_t n);
void *reel__alloc_zero(const reel_allocator *a, size_t n);
void *reel__alloc_array(const reel_allocator *a, size_t n, size_t each);
void *reel__realloc_array(const reel_allocator *a, void *p, size_t n, size_t each);
void reel__free(const reel_allocator *a, void *p);
extern const reel_allocator reel__malloc;

/*
 * A block of memory that is built on first need by whoever comes first, published whole, and immutable after. Everything
 * that grows in something that threads share is one of these. `once_get` gives NULL while there is none; `once_publish`
 * gives what is there after it: made, or what another thread published before, and then made is freed. made NULL, as
 * when there was no memory: NULL. What holds a slot frees it with once_get and reel__free.
 */
typedef _Atomic(void *) reel__once;
void *reel__once_publish(const reel__once *slot, void *made, const reel_allocator *a);
static inline void *reel__once_get(const reel__once *slot) { return atomic_load_explicit(slot, memory_order_acquire); }

/* The one refcount. Embed it; `gone` runs when the last holder lets go. */
struct reel_ref {
    atomic_uint count;
    void (*gone)(reel_ref *ref);
};

static inline void reel__ref_init(reel_ref *ref, void (*gone)(reel_ref *))
{
    atomic_init(&ref->count, 1u);
    ref->gone = gone;
}

#define REEL__CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr) - offsetof(type, member)))

#endif
