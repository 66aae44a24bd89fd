/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "base/checked.h"
#include "doctor/exam.h"
#include "movie/movie.h"

/* The file's findings first, the worst of them foremost; then track by track in the same way. */
static int by_place(const void *a, const void *b)
{
    const struct reel__finding *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

static int tell(const reel__exam *x, int (*found)(void *user, const reel_finding *f), void *user)
{
    for (uint32_t i = 0; i < x->found; i++) {
        const struct reel__finding *k = &x->finding[i];
        reel_finding f = {k->id, k->severity, k->track_id, k->what, k->why, k->fix};
        int stop = found(user, &f);
        if (stop)
            return stop;
    }
    return REEL_OK;
}

static void end(reel__exam *x)
{
    const reel_allocator *a = &x->movie->alloc;
    for (size_t i = 0; x->tracks && i < x->count; i++)
        reel__free(a, x->tracks[i].place);
    reel__free(a, x->tracks);
    reel__free(a, x);
}

static reel__exam *begin(const reel_movie *movie)
{
    reel__exam *x = reel__alloc_zero(&movie->alloc, sizeof *x);
    if (!x)
        return NULL;
    x->movie = movie;
    x->size = reel_source_size(reel_movie_source(movie));
    size_t count = REEL__MIN(reel_movie_track_count(movie), (size_t)REEL__EXAM_TRACKS);
    x->tracks = reel__alloc_zero(&movie->alloc, (count + 1) * sizeof *x->tracks);
    if (!x->tracks) {
        end(x);
        return NULL;
    }
    x->count = count;
    return x;
}

int reel_doctor(const reel_movie *movie, int (*found)(void *user, const reel_finding *f), void *user, reel_error *err)
{
    if (!movie || !found)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no movie, or nobody to tell");
    reel__exam *x = begin(movie);
    if (!x)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    int code = reel__survey(x, err);
    if (code == REEL_OK) {
        reel_movie_get_info(movie, &x->info);
        reel__check_all(x);
        qsort(x->finding, x->found, sizeof *x->finding, by_place);
        code = tell(x, found, user);
    }
    end(x);
    return code;
}
