/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is behind the ring and the shelf, under the pool's lock: growth up to the ceiling, those who wait at it, and
 * giving memory back. Nothing that asks the system for memory or gives it back is done while the lock is held.
 */
#include <stddef.h>

#include "frame/pool/os.h"
#include "frame/pool/ring.h"

/* ---- stacks of buffers, by number ---- */

static reel_buffer *numbered(const reel_pool *p, uint32_t number) { return number ? &p->buffers[number - 1] : NULL; }

static reel_buffer *below(const reel_pool *p, const reel_buffer *b) { return numbered(p, REEL__READ(b->next)); }

/* next by atomic stores: a take with old eyes may read it. */
static void list_push(uint32_t *list, reel_buffer *b)
{
    atomic_store_explicit(&b->next, *list, memory_order_relaxed);
    *list = b->index + 1;
}

static reel_buffer *list_pop(const reel_pool *p, uint32_t *list)
{
    reel_buffer *b = numbered(p, *list);
    if (b)
        *list = REEL__READ(b->next);
    return b;
}

static void make_idle(reel_pool *p, reel_buffer *b)
{
    b->u.home.since = reel__os_now_coarse();
    list_push(&p->idle_list, b);
    REEL__ADD(p->idle, 1u);
}

static void make_doomed(reel_pool *p, reel_buffer *b)
{
    list_push(&p->doomed_list, b);
    REEL__ADD(p->doomed, 1u);
    REEL__ADD(p->idle, 1u);
}

static reel_buffer *pop_doomed(reel_pool *p)
{
    reel_buffer *b = list_pop(p, &p->doomed_list);
    if (b) {
        REEL__ADD(p->doomed, -1u);
        REEL__ADD(p->idle, -1u);
    }
    return b;
}

static reel_buffer *pop_idle(reel_pool *p)
{
    reel_buffer *b = list_pop(p, &p->idle_list);
    if (!b)
        return pop_doomed(p);
    REEL__ADD(p->idle, -1u);
    return b;
}

static void make_bare(reel_pool *p, reel_buffer *b)
{
    list_push(&p->bare_list, b);
    REEL__ADD(p->bare, 1u);
}

static reel_buffer *pop_bare(reel_pool *p)
{
    reel_buffer *b = list_pop(p, &p->bare_list);
    if (b)
        REEL__ADD(p->bare, -1u);
    return b;
}

/* ---- growth ---- */

/* The last slab holds what is left below the ceiling. */
static uint32_t buffers_in_slab(const reel_pool *p, const reel_buffer *first)
{
    uint32_t left = p->max - first->index;
    return left < p->per_slab ? left : p->per_slab;
}

static size_t slab_size(const reel_pool *p, const reel_buffer *first)
{
    return buffers_in_slab(p, first) * p->each; /* many are small, and a large one is alone */
}

static void *slab_get(const reel_pool *p, size_t bytes)
{
    void *mem;
    if (p->own_alloc)
        mem = reel__memory_get(&p->alloc, bytes, p->each >= reel__os_page() ? reel__os_page() : REEL__LINE);
    else
        mem = reel__os_map(bytes, !(p->flags & REEL_POOL_SMALL_PAGES));
    if (mem)
        reel__watch_hide(mem, bytes);
    return mem;
}

static void slab_put(const reel_pool *p, reel_buffer *first)
{
    size_t bytes = slab_size(p, first);
    if (!first->data)
        return;
    reel__watch_show(first->data, bytes);
    if (p->own_alloc)
        reel__memory_free(&p->alloc, first->data);
    else
        reel__os_unmap(first->data, bytes);
    first->data = NULL;
}

/* Numbers for a slab: those for which there was no memory last time, or new ones. NULL: at the ceiling. */
static reel_buffer *slab_reserve(reel_pool *p)
{
    reel_buffer *first = list_pop(p, &p->spare_list);
    unsigned made = REEL__READ(p->made);
    if (first || made >= p->max)
        return first;
    first = &p->buffers[made];
    first->index = made;
    atomic_store_explicit(&p->made, made + buffers_in_slab(p, first), memory_order_release);
    return first;
}

static void slab_cut(reel_pool *p, reel_buffer *first, uint8_t *mem)
{
    uint32_t n = buffers_in_slab(p, first);
    for (uint32_t i = n; i-- > 0;) {
        reel_buffer *b = first + i;
        b->index = first->index + i;
        b->pool = p;
        b->data = mem + i * p->each;
        b->size = p->size;
        make_bare(p, b);
    }
    REEL__ADD(p->mapped, n);
}

/* Lets go of the lock meanwhile. REEL_E_AGAIN: at the ceiling. */
static int grow(reel_pool *p)
{
    reel_buffer *first = slab_reserve(p);
    if (!first)
        return REEL_E_AGAIN;
    pthread_mutex_unlock(&p->lock);
    uint8_t *mem = slab_get(p, slab_size(p, first));
    pthread_mutex_lock(&p->lock);
    if (!mem) {
        list_push(&p->spare_list, first);
        REEL__COUNT(p->failures);
        return REEL_E_NOMEM;
    }
    slab_cut(p, first, mem);
    if (p->waiting)
        pthread_cond_broadcast(&p->changed);
    return REEL_OK;
}

/* ---- take ---- */

static reel_buffer *take_home(reel_pool *p)
{
    reel_buffer *b = pop_idle(p);
    if (b)
        REEL__COUNT(b->u.home.hits);
    else if ((b = pop_bare(p)) != NULL)
        REEL__COUNT(p->misses);
    if (!b)
        return NULL;
    unsigned away = REEL__READ(p->away) + 1;
    atomic_store_explicit(&p->away, away, memory_order_relaxed);
    if (away > REEL__READ(p->high_water))
        atomic_store_explicit(&p->high_water, away, memory_order_relaxed);
    return b;
}

static int take_any(reel_pool *p, reel_buffer **out)
{
    uint64_t after;
    if ((*out = reel__ring_take(p, &after)) != NULL || (*out = take_home(p)) != NULL)
        return REEL_OK;
    int code = grow(p);
    if (code == REEL_OK)
        *out = take_home(p); /* still under the lock that grow came back with */
    return code;
}

/* Until something has changed; false when the deadline is past. */
static bool wait_for_change(reel_pool *p, int64_t deadline)
{
    if (!reel__ring_await(p))
        return true;
    p->waiting++;
    bool in_time = reel__os_cond_until(&p->changed, &p->lock, deadline);
    if (--p->waiting == 0)
        reel__ring_awaited(p);
    return in_time;
}

static int take_or_wait(reel_pool *p, int64_t deadline, reel_buffer **out)
{
    bool waited = false, in_time = deadline != REEL_POOL_NEVER;
    for (;;) {
        int code = take_any(p, out);
        if (code != REEL_E_AGAIN)
            return code;
        if (p->trimming) { /* one that is on its way to being bare is no reason to refuse */
            pthread_cond_wait(&p->changed, &p->lock);
            continue;
        }
        if (!in_time) {
            REEL__COUNT(p->refusals);
            return code;
        }
        if (!waited)
            REEL__COUNT(p->waits);
        waited = true;
        in_time = wait_for_change(p, deadline);
    }
}

int reel__overflow_take(reel_pool *p, int64_t deadline, reel_buffer **out)
{
    pthread_mutex_lock(&p->lock);
    int code = take_or_wait(p, deadline, out);
    pthread_mutex_unlock(&p->lock);
    return code;
}

static int grow_to(reel_pool *p, uint32_t n)
{
    int code = REEL_OK;
    while (code == REEL_OK && REEL__READ(p->mapped) < n)
        code = grow(p);
    return code;
}

int reel__overflow_prepare(reel_pool *p, uint32_t n)
{
    pthread_mutex_lock(&p->lock);
    int code = grow_to(p, n);
    for (uint32_t i = 0; code == REEL_OK && i < n; i++) {
        reel_buffer *b = pop_bare(p);
        reel__watch_show(b->data, b->size);
        reel__os_touch(b->data, b->size);
        reel__watch_hide(b->data, b->size);
        make_idle(p, b);
    }
    pthread_mutex_unlock(&p->lock);
    return code;
}

/* ---- give ---- */

/* All slabs, and the pool. Nobody else knows of it any more. */
static void end(reel_pool *p)
{
    for (uint32_t i = 0, made = REEL__READ(p->made); i < made; i += p->per_slab)
        slab_put(p, &p->buffers[i]);
    reel__pool_free(p);
}

/* After the close: a large buffer's memory goes at once, a slab's with the pool. */
static void send_away(reel_pool *p, reel_buffer *b)
{
    if (p->per_slab == 1)
        slab_put(p, b);
}

void reel__overflow_give(reel_pool *p, reel_buffer *b)
{
    pthread_mutex_lock(&p->lock);
    REEL__ADD(p->away, -1u);
    if (p->closed)
        send_away(p, b);
    else
        make_idle(p, b);
    if (p->waiting)
        pthread_cond_signal(&p->changed);
    bool last = p->closed && REEL__READ(p->away) == 0;
    pthread_mutex_unlock(&p->lock);
    if (last)
        end(p);
}

/* Empty these stripes into the idle list. */
static void bring_home(reel_pool *p, reel__pool_stripe *s, uint64_t flags)
{
    for (uint32_t i = 0; i < REEL__STRIPES; i++)
        for (reel_buffer *b = numbered(p, reel__stripe_drain(&s[i], flags)), *next; b; b = next) {
            next = below(p, b);
            REEL__ADD(p->away, -1u);
            make_idle(p, b);
        }
}

void reel__overflow_close(reel_pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    bring_home(p, p->stripe, REEL__RING_CLOSED);
    bring_home(p, p->shelf, REEL__RING_CLOSED);
    for (reel_buffer *b; (b = pop_idle(p)) != NULL || (b = pop_bare(p)) != NULL;)
        send_away(p, b);
    bool last = REEL__READ(p->away) == 0;
    pthread_mutex_unlock(&p->lock);
    if (last)
        end(p);
}

/* ---- giving memory back ---- */

/* Looking through what is home for what lay there since before the limit; oldest: of the others. */
typedef struct sorting {
    int64_t limit, oldest;
} sorting;

static bool is_old(sorting *sort, const reel_buffer *b)
{
    if (b->u.home.since <= sort->limit)
        return true;
    if (b->u.home.since < sort->oldest)
        sort->oldest = b->u.home.since;
    return false;
}

/* The young ones go back in their order, newest on top. */
static void sort_stripe(reel_pool *p, reel__pool_stripe *s, sorting *sort)
{
    reel_buffer *first = NULL, *last = NULL;
    uint32_t kept = 0;
    for (reel_buffer *b = numbered(p, reel__stripe_drain(s, 0)), *next; b; b = next) {
        next = below(p, b);
        if (is_old(sort, b)) {
            REEL__ADD(p->away, -1u);
            make_doomed(p, b);
            continue;
        }
        if (last)
            atomic_store_explicit(&last->next, b->index + 1, memory_order_relaxed);
        else
            first = b;
        last = b;
        kept++;
    }
    if (last)
        reel__stripe_put_back(s, first, last, kept);
}

static void sort_lists(reel_pool *p, sorting *sort)
{
    uint32_t young = 0;
    for (reel_buffer *b; (b = pop_idle(p)) != NULL;)
        list_push(&young, b);
    for (reel_buffer *b; (b = list_pop(p, &young)) != NULL;)
        if (is_old(sort, b)) {
            make_doomed(p, b);
        } else {
            list_push(&p->idle_list, b);
            REEL__ADD(p->idle, 1u);
        }
}

/* Have all that lay since before the limit among the doomed, and nothing else. */
static void sort_out(reel_pool *p, int64_t limit)
{
    sorting sort = {limit, reel__os_now_coarse()};
    sort_lists(p, &sort);
    for (uint32_t i = 0; i < REEL__STRIPES; i++)
        sort_stripe(p, &p->shelf[i], &sort);
    int64_t next = p->idle_ns < INT64_MAX - sort.oldest ? sort.oldest + p->idle_ns : INT64_MAX;
    atomic_store_explicit(&p->next_sort, next, memory_order_relaxed);
}

/* The lock is open while the system works. 0: nothing is doomed, or the system would not. */
static uint64_t trim_one(reel_pool *p)
{
    reel_buffer *b = pop_doomed(p);
    if (!b)
        return 0;
    p->trimming++;
    pthread_mutex_unlock(&p->lock);
    bool gone = reel__os_forget(b->data, p->each, p->flags & REEL_POOL_LAZY_TRIM);
    pthread_mutex_lock(&p->lock);
    p->trimming--;
    if (gone) {
        b->filled = false;
        make_bare(p, b);
        REEL__COUNT(p->trims);
    } else {
        make_idle(p, b);
    }
    pthread_cond_broadcast(&p->changed);
    return gone ? p->each : 0;
}

/* Only whole pages of the system's own can be given back. */
static bool can_trim(const reel_pool *p) { return !p->own_alloc && p->each >= reel__os_page(); }

void reel__overflow_tidy(reel_pool *p)
{
    int64_t now = reel__os_now_coarse();
    if (!can_trim(p) || (!REEL__READ(p->doomed) && now < REEL__READ(p->next_sort)) || pthread_mutex_trylock(&p->lock))
        return;
    if (!REEL__READ(p->doomed))
        sort_out(p, now - p->idle_ns);
    trim_one(p);
    pthread_mutex_unlock(&p->lock);
}

uint64_t reel_pool_trim(reel_pool *p, int64_t idle_ns)
{
    uint64_t bytes = 0;
    if (!p || !can_trim(p))
        return 0;
    pthread_mutex_lock(&p->lock);
    if (idle_ns <= 0)
        bring_home(p, p->stripe, 0);
    sort_out(p, idle_ns > 0 ? reel__os_now_coarse() - idle_ns : INT64_MAX);
    /* So many and no more: others may go on giving back all the time. */
    for (uint32_t n = REEL__READ(p->doomed); n > 0; n--)
        bytes += trim_one(p);
    pthread_mutex_unlock(&p->lock);
    return bytes;
}
