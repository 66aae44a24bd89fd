/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include <reel/item.h>
#include <reel/write.h>

#include "base/checked.h"
#include "doctor/exam.h"
#include "movie/movie.h"
#include "movie/runs.h"

typedef int (*found_fn)(void *user, const reel_finding *f);

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

static int tell(const reel__exam *x, found_fn found, void *user)
{
    for (uint32_t i = 0; i < x->found; i++) {
        const struct reel__finding *k = &x->finding[i];
        reel_finding f = {k->id, k->severity, k->track_id, k->what, k->why, k->fix, k->command};
        int stop = found(user, &f);
        if (stop)
            return stop;
    }
    return REEL_OK;
}

void reel__exam_end(reel__exam *x)
{
    if (!x)
        return;
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
        reel__exam_end(x);
        return NULL;
    }
    x->count = count;
    return x;
}

int reel__examine(const reel_movie *movie, reel__exam **out, reel_error *err)
{
    reel__exam *x = *out = begin(movie);
    if (!x)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    int code = reel__survey(x, err);
    if (code == REEL_OK) {
        reel_movie_get_info(movie, &x->info);
        reel__check_all(x);
    }
    return code;
}

int reel_doctor(const reel_movie *movie, found_fn found, void *user, reel_error *err)
{
    if (!movie || !found)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no movie, or nobody to tell");
    reel__exam *x;
    int code = reel__examine(movie, &x, err);
    if (code == REEL_OK) {
        reel__advise(x);
        qsort(x->finding, x->found, sizeof *x->finding, by_place);
        code = tell(x, found, user);
    }
    reel__exam_end(x);
    return code;
}

/* ---- what does not open ---- */

/* What can be had of it: tried. Gives whether it is anything. */
static bool advise_repair(reel_source *source, reel_finding *f, char *fix, size_t room)
{
    reel_repair report = {0};
    reel_plan *plan = NULL;
    reel_error err;
    int code = reel_write_repair(source, NULL, NULL, &report, &plan, &err);
    reel_plan_close(&plan);
    if (code == REEL_OK) {
        snprintf(fix, room, "get what is whole of it");
        f->command = "reel repair -o out.mp4 in.mp4";
    } else if (code == REEL_E_BOX_MISSING && report.fragments) {
        snprintf(fix, room, "give its init segment with it, if it is a media segment; else GOOD_FILE, any film of the same "
                            "recorder or encoder with the same settings, has the movie box that it lost");
        f->command = "reel repair --like GOOD_FILE -o out.mp4 in.mp4";
    } else {
        snprintf(fix, room, "get the file again, or make it again from its source; nothing of it can be had: %s", err.text);
        return false;
    }
    return true;
}

int reel_doctor_source(reel_source *source, found_fn found, void *user, reel_error *err)
{
    reel_movie *movie = NULL;
    reel_error why;
    char what[288], fix[512];
    if (!source || !found)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no source, or nobody to tell");
    int code = reel_open(source, NULL, &movie, &why);
    if (code == REEL_OK && (movie->track_count || reel_movie_item_count(movie))) {
        code = reel_doctor(movie, found, user, err);
        reel_close(&movie);
        return code;
    }
    reel_close(&movie);
    if (code == REEL_OK)
        reel__fail(&why, code = REEL_E_BOX_MISSING, REEL_NO_OFFSET, NULL, "it has no tracks");
    reel_finding f = {"unreadable", REEL_PROBLEM, 0, what, "no player can open it", fix, ""};
    reel_error_format(&why, what, sizeof what);
    if (reel__passing(code) || (!advise_repair(source, &f, fix, sizeof fix) && code == REEL_E_NOT_MP4)) {
        if (err)
            *err = why;
        return code;
    }
    return found(user, &f);
}
