/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "movie/movie.h"

static const char *const slot_path[] = {
    "",
#define PATH(name, path) path,
    REEL__TRACK_SLOTS(PATH)
#undef PATH
};

void reel__track_path(const reel_track *t, reel__slot slot, char *buf, size_t size)
{
    snprintf(buf, size, "moov/trak[%u]%s%s", t->number, slot == REEL__TRAK ? "" : "/", slot_path[slot]);
}

/* Is that what warning i says already? */
static bool same(const reel_error *a, const reel_error *b)
{
    return a->code == b->code && a->offset == b->offset && !strcmp(a->path, b->path) && !strcmp(a->text, b->text);
}

/*
 * Slots fill from the front, each by one compare-and-swap; two threads that find the same fault at once may meet in
 * the same slot, and the second then sees the first's warning there.
 */
static void keep(reel_movie *m, const reel_error *w)
{
    reel_error *copy = NULL;
    for (int i = 0; i < REEL__WARNINGS; i++) {
        reel_error *there = atomic_load_explicit(&m->warning[i], memory_order_acquire);
        if (!there) {
            if (!copy && !(copy = reel__alloc(&m->alloc, sizeof *copy)))
                return;
            *copy = *w;
            if (atomic_compare_exchange_strong(&m->warning[i], &there, copy))
                return;
        }
        if (same(there, w))
            break;
    }
    reel__free(&m->alloc, copy);
}

static int warnv(const reel_movie *m, reel_error *err, int code, uint64_t offset, const char *path,
                 const char *format, va_list args)
{
    /* Without an err the caller cannot fail (totals that are built in the middle of a lookup): reel_open in strict
     * mode builds them all and looks whether a warning was kept. */
    if (reel__strict(m) && err)
        return reel__failv(err, code, offset, path, format, args);
    reel_error w;
    reel__failv(&w, code, offset, path, format, args);
    /* The list of warnings is the one thing about a movie that grows: the slots are atomic. */
    keep((reel_movie *)(uintptr_t)m, &w);
    return REEL_OK;
}

int reel__warn(const reel_movie *m, reel_error *err, int code, uint64_t offset, const char *path,
               const char *format, ...)
{
    va_list args;
    va_start(args, format);
    code = warnv(m, err, code, offset, path, format, args);
    va_end(args);
    return code;
}

int reel__track_warn(const reel_track *t, reel__slot slot, reel_error *err, int code, const char *format, ...)
{
    char path[96];
    va_list args;
    reel__track_path(t, slot, path, sizeof path);
    va_start(args, format);
    code = warnv(t->movie, err, code, t->part[slot].body ? t->part[slot].offset : REEL_NO_OFFSET, path, format, args);
    va_end(args);
    return code;
}

int reel__track_fail(const reel_track *t, reel__slot slot, reel_error *err, int code, const char *format, ...)
{
    char path[96];
    va_list args;
    reel__track_path(t, slot, path, sizeof path);
    va_start(args, format);
    reel__failv(err, code, t->part[slot].body ? t->part[slot].offset : REEL_NO_OFFSET, path, format, args);
    va_end(args);
    return code;
}

int reel_movie_warning(const reel_movie *movie, size_t i, reel_error *out)
{
    if (!movie || i >= REEL__WARNINGS)
        return REEL_END;
    const reel_error *w = atomic_load_explicit(&movie->warning[i], memory_order_acquire);
    if (!w)
        return REEL_END;
    if (out)
        *out = *w;
    return REEL_OK;
}
