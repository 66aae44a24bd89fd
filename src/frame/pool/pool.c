/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool: opened, taken from and given to while the ring can serve, counted, closed. */
#include <stdlib.h>
#include <string.h>

#include "frame/base/fail.h"
#include "frame/base/memory.h"
#include "frame/pool/os.h"
#include "frame/pool/ring.h"

enum {
    HOT = 16,
    SMALL = 64 << 10,     /* below this, buffers share a slab */
    SLAB = 1 << 20,       /* of about this size */
    TIDY_EVERY = 1 << 10, /* takes, a power of two */
};
static const uint64_t DEFAULT_BYTES = (uint64_t)1 << 30;

/* ---- memory ---- */

/* What the allocator gave lies in the word before what the caller gets. */
void *reel__memory_get(const reel_allocator *a, size_t bytes, size_t align)
{
    size_t all;
    if (__builtin_add_overflow(bytes, align + sizeof(void *), &all))
        return NULL;
    char *raw = a->resize(a->user, NULL, all);
    if (!raw)
        return NULL;
    char *p = raw + sizeof(void *);
    p += (align - ((uintptr_t)p & (align - 1))) & (align - 1);
    memcpy(p - sizeof raw, &raw, sizeof raw);
    return p;
}

void reel__memory_free(const reel_allocator *a, void *p)
{
    char *raw;
    if (!p)
        return;
    memcpy(&raw, (char *)p - sizeof raw, sizeof raw);
    a->resize(a->user, raw, 0);
}

/* ---- open ---- */

/* What a buffer costs: whole pages, or below a page whole lines. Under AddressSanitizer some of it is never shown. */
static bool cost_of(size_t size, size_t *each)
{
    size_t page = reel__os_page(), unit = size >= page ? page : REEL__LINE;
    if (size > PTRDIFF_MAX - 2 * page)
        return false;
    *each = (size + (reel__watch_is_on() ? REEL__LINE : 0) + unit - 1) & ~(unit - 1);
    return true;
}

static uint32_t buffers_under(const reel_pool_options *o, size_t each)
{
    uint64_t max = o->max_buffers ? o->max_buffers : REEL__MOST_BUFFERS, bytes = o->max_bytes;
    if (!bytes && !o->max_buffers)
        bytes = DEFAULT_BYTES;
    if (bytes && bytes / each < max)
        max = bytes / each;
    return (uint32_t)max;
}

static uint32_t flags_of(uint32_t flags)
{
#ifdef REEL__POOL_WATCH
    flags |= REEL_POOL_TRACK | REEL_POOL_FILL;
#endif
    return flags & REEL_POOL_FAST ? flags & ~(REEL_POOL_TRACK | REEL_POOL_FILL) : flags;
}

/* The pool and the headers of all buffers that it may ever have, as zeros; pages not touched yet cost nothing. */
static reel_pool *block_new(const reel_allocator *alloc, uint32_t max)
{
    size_t headers, all;
    if (__builtin_mul_overflow((size_t)max, sizeof(reel_buffer), &headers) ||
        __builtin_add_overflow(sizeof(reel_pool), headers, &all))
        return NULL;
    reel_pool *p = alloc ? reel__memory_get(alloc, all, _Alignof(reel_pool)) : reel__os_map(all, false);
    if (!p)
        return NULL;
    memset(p, 0, alloc ? all : sizeof *p);
    p->block_size = all;
    p->buffers = (reel_buffer *)(p + 1);
    p->own_alloc = alloc != NULL;
    p->alloc = alloc ? *alloc : reel__frame_malloc;
    return p;
}

static void block_free(reel_pool *p)
{
    reel_allocator a = p->alloc;
    if (p->own_alloc)
        reel__memory_free(&a, p);
    else
        reel__os_unmap(p, p->block_size);
}

static void set_up_ring(reel_pool *p, uint32_t hot)
{
    for (uint32_t i = 0; i < REEL__STRIPES; i++) {
        p->stripe[i].room = hot / REEL__STRIPES + (i < hot % REEL__STRIPES);
        p->shelf[i].room = UINT32_MAX;
    }
}

static void set_up(reel_pool *p, const reel_pool_options *o, size_t each, uint32_t max)
{
    p->size = o->buffer_size;
    p->each = each;
    p->max = max;
    p->per_slab = 1;
    if (each < SMALL)
        p->per_slab = SLAB / each < REEL__SLAB_BUFFERS ? (uint32_t)(SLAB / each) : REEL__SLAB_BUFFERS;
    set_up_ring(p, o->hot == REEL_POOL_NO_RING ? 0 : o->hot ? o->hot : HOT);
    p->flags = flags_of(o->flags);
    p->watched = (p->flags & (REEL_POOL_TRACK | REEL_POOL_FILL)) || reel__watch_is_on();
    p->idle_ns = o->idle_ns;
    p->wait_ns = o->wait_ns;
    p->report = o->report;
    p->report_user = o->report_user;
    atomic_init(&p->refs, 1);
}

static bool locks_init(reel_pool *p)
{
    if (pthread_mutex_init(&p->lock, NULL))
        return false;
    if (!reel__os_cond_init(&p->changed))
        return true;
    pthread_mutex_destroy(&p->lock);
    return false;
}

void reel__pool_free(reel_pool *p)
{
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    block_free(p);
}

static int pool_new(const reel_pool_options *o, reel_pool **out, reel_error *err)
{
    size_t each;
    uint32_t max;
    if (!o->buffer_size || !cost_of(o->buffer_size, &each))
        return reel__frame_fail(err, REEL_E_ARG, "buffers of %zu bytes", o->buffer_size);
    if (o->max_buffers > REEL__MOST_BUFFERS || (o->hot > REEL__MOST_HOT && o->hot != REEL_POOL_NO_RING))
        return reel__frame_fail(err, REEL_E_ARG, "at most %d buffers, of which %d are hot", REEL__MOST_BUFFERS,
                                REEL__MOST_HOT);
    max = buffers_under(o, each);
    if (!max || o->ready > max)
        return reel__frame_fail(err, REEL_E_ARG, "the ceiling is %u buffers of %zu bytes", max, each);
    reel_pool *p = block_new(o->alloc, max);
    if (!p)
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for the headers of %u buffers", max);
    set_up(p, o, each, max);
    if (!locks_init(p)) {
        block_free(p);
        return reel__frame_fail(err, REEL_E_NOMEM, "no lock to be had");
    }
    *out = p;
    return REEL_OK;
}

int reel_pool_open(const reel_pool_options *options, reel_pool **out, reel_error *err)
{
    reel_pool_options o = {0};
    reel_pool *p = NULL;
    if (!options || !out || options->sizeof_options < offsetof(reel_pool_options, hot))
        return reel__frame_fail(err, REEL_E_ARG, "a pool needs options, with their size, and a place for the result");
    memcpy(&o, options, options->sizeof_options < sizeof o ? options->sizeof_options : sizeof o);
    int code = pool_new(&o, &p, err);
    if (code != REEL_OK)
        return code;
    if (reel__overflow_prepare(p, o.ready) != REEL_OK) {
        reel_pool_close(&p);
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for %u buffers of %zu bytes", o.ready, o.buffer_size);
    }
    *out = p;
    return REEL_OK;
}

reel_pool *reel_pool_ref(reel_pool *pool)
{
    if (pool)
        atomic_fetch_add_explicit(&pool->refs, 1, memory_order_relaxed);
    return pool;
}

void reel_pool_close(reel_pool **pool)
{
    reel_pool *p = pool ? *pool : NULL;
    if (!p)
        return;
    *pool = NULL;
    if (!reel__let_go(&p->refs))
        return;
    if (p->report)
        reel_pool_held(p, p->report, p->report_user);
    reel__overflow_close(p);
}

/* ---- the hot path ---- */

_Thread_local uint32_t reel__thread_number;

uint32_t reel__thread_count(void)
{
    static atomic_uint threads;
    uint32_t n = atomic_fetch_add_explicit(&threads, 1, memory_order_relaxed) + 1;
    return reel__thread_number = n ? n : 1; /* after four thousand million threads some share one */
}

int64_t reel_pool_now(void) { return reel__os_now(); }

int64_t reel_pool_deadline(const reel_pool *pool)
{
    int64_t end;
    if (!pool || !(pool->flags & REEL_POOL_WAIT))
        return REEL_POOL_NEVER;
    if (pool->wait_ns <= 0 || __builtin_add_overflow(reel__os_now(), pool->wait_ns, &end))
        return REEL_POOL_FOREVER;
    return end;
}

int reel__pool_take(reel_pool *p, int64_t deadline, const char *label, reel_buffer **out)
{
    uint64_t after;
    reel_buffer *b = reel__ring_take(p, &after);
    if (b) {
        if ((REEL__RING_TAG(after) & (TIDY_EVERY - 1)) == 0 && p->idle_ns > 0)
            reel__overflow_tidy(p);
    } else {
        int code = reel__overflow_take(p, deadline == REEL__BY_OPTIONS ? reel_pool_deadline(p) : deadline, &b);
        if (code != REEL_OK)
            return code;
    }
    atomic_store_explicit(&b->holders, 1, memory_order_relaxed);
    if (p->watched)
        reel__watch_taken(p, b, label);
    *out = b;
    return REEL_OK;
}

void reel__pool_give(reel_pool *p, reel_buffer *b)
{
    if (p->watched)
        reel__watch_given(p, b);
    if (!reel__ring_give(p, b))
        reel__overflow_give(p, b);
}

static inline int take_frame(reel_pool *p, const reel_layout *l, int64_t deadline, const char *label, reel_frame **out)
{
    reel_buffer *b;
    if (out)
        *out = NULL;
    if (!p || !l || !out)
        return REEL_E_ARG;
    if (l->size > p->size)
        return REEL_E_RANGE;
    int code = reel__pool_take(p, deadline, label, &b);
    if (code != REEL_OK)
        return code;
    atomic_store_explicit(&b->frame.holders, 1, memory_order_relaxed);
    reel__frame_fill(&b->frame.pub, b, l);
    *out = &b->frame.pub;
    return REEL_OK;
}

int reel_pool_take(reel_pool *pool, const reel_layout *layout, const char *label, reel_frame **out)
{
    return take_frame(pool, layout, REEL__BY_OPTIONS, label, out);
}

int reel_pool_take_until(reel_pool *pool, const reel_layout *layout, int64_t deadline, const char *label,
                         reel_frame **out)
{
    return take_frame(pool, layout, deadline, label, out);
}

int reel_pool_take_buffer(reel_pool *pool, int64_t deadline, const char *label, reel_buffer **out)
{
    if (out)
        *out = NULL;
    return pool && out ? reel__pool_take(pool, deadline, label, out) : REEL_E_ARG;
}

/* ---- numbers ---- */

static void count_hits(const reel_pool *p, reel_pool_stats *out)
{
    for (uint32_t i = 0, made = atomic_load_explicit(&p->made, memory_order_acquire); i < made; i++) {
        out->hits += REEL__READ(p->buffers[i].hits);
        out->overflow_hits += REEL__READ(p->buffers[i].u.home.hits);
    }
}

void reel_pool_get_stats(const reel_pool *p, reel_pool_stats *out)
{
    if (!out)
        return;
    memset(out, 0, sizeof *out);
    if (!p)
        return;
    unsigned away = REEL__READ(p->away), hot = reel__stripes_count(p->stripe), shelf = reel__stripes_count(p->shelf);
    unsigned mapped = REEL__READ(p->mapped);
    out->bare = REEL__READ(p->bare);
    *out = (reel_pool_stats){
        .misses = REEL__READ(p->misses),
        .waits = REEL__READ(p->waits),
        .refusals = REEL__READ(p->refusals),
        .failures = REEL__READ(p->failures),
        .trims = REEL__READ(p->trims),
        .bytes_held = (uint64_t)(mapped > out->bare ? mapped - out->bare : 0) * p->each,
        .bytes_ceiling = (uint64_t)p->max * p->each,
        .buffer_bytes = p->each,
        .outstanding = away > hot + shelf ? away - hot - shelf : 0,
        .high_water = REEL__READ(p->high_water),
        .hot = hot,
        .idle = shelf + REEL__READ(p->idle),
        .bare = out->bare,
        .max_buffers = p->max,
    };
    count_hits(p, out);
}
