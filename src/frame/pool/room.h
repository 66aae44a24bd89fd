/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool between its files.
 *
 *      take                                             give
 *        |    +------- ring: 4 stripes ---------------+   |
 *        +<---| head = tag | flags | count | top      |<--+     one compare-and-swap each
 *        |    +---------------------------------------+   |
 *   empty|                                                |full
 *        |    +------- shelf: 4 stripes more, --------+   |
 *        +<---| with room for all, and the time       |<--+     one compare-and-swap each
 *        |    +-------------------|-------------------+   |
 *   empty|                        |sort out               |somebody waits, or closed
 *        |    +-------------------v-- under the lock -+   |
 *        +<---| idle, doomed ---- trim ----> bare     |<--+
 *        |    +---------------------------------------+
 *        +<--- grow: a slab of 1 to 64 buffers, up to max
 *
 * A stripe is a stack: what came back last is taken first, while it is still in the cache. A thread begins at its own
 * stripes and goes on to the others', so threads that take and give each for themselves do not meet, and yet all of the
 * ring serves each of them.
 *
 * What the ring has no room for lies on the shelf, with the time it came. Whoever looks for what lay there too long
 * takes whole stripes off, under the lock, puts the young ones back before he opens it, and the old ones among the
 * doomed, from where a take may still save them. A take that comes meanwhile finds nothing, comes to the lock, and looks
 * again there: whoever gets the lock finds all that is home in a stripe or on a list, but for what is just being trimmed.
 *
 * Buffers are numbered; their headers lie in one array that lives as long as the pool, so a thread that looks at the
 * ring with old eyes reads a header that is still one. Top is a number + 1, 0 for none. The tag counts what was taken
 * from the stripe: only a take can be fooled by a head that looks the same and is not (its next is another), and for
 * that the tag would have to go round exactly, 2^30 takes, while one thread sleeps between two instructions.
 *
 * Who gives back touches nothing of the pool after the compare-and-swap that makes the buffer the ring's: the pool may
 * be gone by then. That is why a wish to be woken (WAIT) and the end (CLOSED) are bits of the same word: they fail the
 * swap, and the giver goes to the lock with a buffer that still keeps the pool alive.
 *
 * Invariant, under the lock: mapped = idle + bare + trimming + away;  away = in a stripe + held by somebody.
 * Away grows only by a take that found all stripes empty, so the most that were ever out is the most that away ever was
 * after one of these: the stripes need not count for it. That is why nothing goes from the lists to a stripe but by a
 * take and a give.
 */
#ifndef REEL_FRAME_POOL_ROOM_H
#define REEL_FRAME_POOL_ROOM_H

#include <pthread.h>
#include <stdatomic.h>

#include <reel/pool.h>

enum { REEL__LINE = 64, REEL__STRIPES = 4, REEL__MOST_BUFFERS = 65534, REEL__MOST_HOT = 4094, REEL__SLAB_BUFFERS = 64 };

/* A deadline that means: what the options say. */
#define REEL__BY_OPTIONS (INT64_MIN + 1)

typedef struct reel__frame {
    reel_frame pub; /* first: a reel_frame is one of these */
    atomic_uint holders; /* 0: not in use */
    bool own_memory;     /* else it is its buffer's */
} reel__frame;

struct reel_buffer {
    atomic_uint next; /* in the ring: number + 1 of the one below; read by threads that no longer own it */
    atomic_uint holders;
    uint8_t *data;
    size_t size;
    reel_pool *pool;       /* NULL: somebody else's memory */
    _Atomic uint64_t hits; /* how often it was taken from the ring; only its holder adds, to this and the other */
    uint32_t index;
    atomic_bool out; /* REEL_POOL_TRACK: somebody has it */
    bool filled;     /* REEL_POOL_FILL: all its bytes are the pattern */
    _Atomic(const char *) label;
    reel__frame frame; /* the first over this buffer */
    _Atomic uint64_t thread;
    union {
        struct { /* of a pool */
            int64_t since;         /* when it came to the shelf or a list */
            _Atomic uint64_t hits; /* how often it was taken from there */
            atomic_uint *lent;     /* of the decoder whose codec has it: it is counted there; else of no meaning */
        } home;
        struct { /* somebody else's */
            void (*free_data)(void *user, void *data);
            void *user;
            reel_allocator alloc;
        } foreign;
        uint8_t line[REEL__LINE]; /* on 64 bits the whole is four lines, and neighbours share none */
    } u;
};

typedef struct reel__pool_stripe { /* two lines for itself: processors fetch lines in pairs */
    _Alignas(2 * REEL__LINE) _Atomic uint64_t head;
    uint32_t room; /* so many at most */
} reel__pool_stripe;

struct reel_pool {
    reel__pool_stripe stripe[REEL__STRIPES], shelf[REEL__STRIPES];
    /* What the hot path reads, and hardly anybody writes. */
    _Alignas(2 * REEL__LINE) reel_buffer *buffers;
    size_t size;         /* of a buffer, as asked for */
    uint32_t flags;
    bool watched;        /* REEL_POOL_TRACK, REEL_POOL_FILL or AddressSanitizer */
    int64_t idle_ns;
    _Alignas(2 * REEL__LINE) pthread_mutex_t lock;
    pthread_cond_t changed;
    uint32_t idle_list, doomed_list, bare_list, spare_list; /* stacks by next: number + 1 of the top. Doomed: idle for
                                       too long. Spare: numbers of slabs for which there was no memory */
    uint32_t waiting, trimming;
    bool closed;
    atomic_uint made;               /* numbers given out; the headers below it may be looked at */
    atomic_uint mapped, idle, doomed, bare, away, high_water; /* read without the lock too, as are these; idle counts
                                       both lists: */
    _Atomic int64_t next_sort;      /* before that nothing on the shelf is older than idle_ns */
    _Atomic uint64_t misses, waits, refusals, failures, trims;
    atomic_uint refs; /* of users; buffers that are out keep the memory besides */
    /* Never changed. */
    size_t each;      /* bytes from buffer to buffer */
    uint32_t per_slab, max;
    int64_t wait_ns;
    reel_pool_report_fn *report;
    void *report_user;
    reel_allocator alloc;
    bool own_alloc;   /* alloc is the caller's: pages come from it too */
    size_t block_size; /* of this and the headers behind it */
};

/* ---- counting holders ---- */

/*
 * One less; true for the last. Who is alone needs no locked instruction: nobody else is there who could come to hold it
 * meanwhile. Acquire, because what others did before they let go must be done before the memory is used anew.
 */
static inline bool reel__let_go(atomic_uint *holders)
{
    if (atomic_load_explicit(holders, memory_order_acquire) == 1) {
        atomic_store_explicit(holders, 0, memory_order_release);
        return true;
    }
    return atomic_fetch_sub_explicit(holders, 1, memory_order_acq_rel) == 1;
}

/* Plus one, by the only thread that adds at this moment. */
#define REEL__COUNT(counter)                                                                                  \
    atomic_store_explicit(&(counter), atomic_load_explicit(&(counter), memory_order_relaxed) + 1,             \
                          memory_order_relaxed)
#define REEL__ADD(counter, n)                                                                                 \
    atomic_store_explicit(&(counter), atomic_load_explicit(&(counter), memory_order_relaxed) + (n),           \
                          memory_order_relaxed)
#define REEL__READ(counter) atomic_load_explicit(&(counter), memory_order_relaxed)

/* ---- pool.c ---- */

/* In the library's own block of the thread, which costs one instruction; 0: not counted yet. */
extern _Thread_local uint32_t reel__thread_number __attribute__((tls_model("initial-exec")));
uint32_t reel__thread_count(void);

int reel__pool_take(reel_pool *pool, int64_t deadline, const char *label, reel_buffer **out);
void reel__pool_give(reel_pool *pool, reel_buffer *buffer);
/* Memory of an allocator at a multiple of align, a power of two; not zeroed. free takes NULL. */
void *reel__memory_get(const reel_allocator *a, size_t bytes, size_t align);
void reel__memory_free(const reel_allocator *a, void *p);

/* ---- frame.c ---- */

void reel__frame_fill(reel_frame *f, reel_buffer *buffer, const reel_layout *layout);

/* ---- overflow.c ---- */

int reel__overflow_take(reel_pool *pool, int64_t deadline, reel_buffer **out);
void reel__overflow_give(reel_pool *pool, reel_buffer *buffer);
/* Make so many buffers and touch their pages. */
int reel__overflow_prepare(reel_pool *pool, uint32_t n);
/* Trim the one that has lain the longest, if that is too long; a step of what the options' idle_ns asks for. */
void reel__overflow_tidy(reel_pool *pool);
/* No more is taken; the pool goes now, or with the last buffer that is out. */
void reel__overflow_close(reel_pool *pool);
/* The locks and the block. In pool.c, like what made them. */
void reel__pool_free(reel_pool *pool);

/* ---- watch.c: what finds the bugs of others ---- */

void reel__watch_taken(reel_pool *pool, reel_buffer *buffer, const char *label);
void reel__watch_given(reel_pool *pool, reel_buffer *buffer);
/* The memory of a slab is the pool's: nobody may look into it; or it goes back to where it came from. */
void reel__watch_hide(void *p, size_t bytes);
void reel__watch_show(void *p, size_t bytes);
bool reel__watch_is_on(void); /* AddressSanitizer is there */

#endif
