/* SPDX-License-Identifier: BSD-2-Clause */
#include <reel/packet.h>

#include "movie/fragment.h"
#include "movie/top.h"

static void free_track(reel_track *t)
{
    reel__index_free(t);
    reel__free(&t->movie->alloc, reel__once_get(&t->edit_marks));
    reel__free(&t->movie->alloc, reel__once_get(&t->showings));
    reel__free(&t->movie->alloc, reel__once_get(&t->sidx_marks));
    reel__free(&t->movie->alloc, reel__once_get(&t->crypto_marks));
    reel__free(&t->movie->alloc, reel__once_get(&t->stretch));
    reel__free(&t->movie->alloc, t);
}

static void movie_gone(reel_ref *ref)
{
    reel_movie *m = REEL__CONTAINER(ref, reel_movie, ref);
    reel__fragments_free(m);
    for (size_t i = 0; i < m->track_count; i++)
        free_track(m->track[i]);
    reel__free(&m->alloc, m->track);
    reel__free(&m->alloc, m->inflated);
    reel__free(&m->alloc, reel__once_get(&m->items));
    for (int i = 0; i < REEL__WARNINGS; i++)
        reel__free(&m->alloc, atomic_load_explicit(&m->warning[i], memory_order_acquire));
    reel__views_free(m);
    pthread_mutex_destroy(&m->lock);
    pthread_mutex_destroy(&m->view_lock);
    reel_source_unref(&m->source);
    reel_allocator alloc = m->alloc;
    reel__free(&alloc, m);
}

static int nothing_found(const reel_movie *m, reel_error *err)
{
    if (m->first_moof_seen || m->first_sidx)
        return reel__fail(err, REEL_E_BOX_MISSING, REEL_NO_OFFSET, NULL,
                          "there is no moov: this is a media segment, open it together with its init segment");
    if (m->mdat_count || m->ftyp.body)
        return reel__fail(err, REEL_E_BOX_MISSING, REEL_NO_OFFSET, NULL,
                          "there is no moov: the recording was not finished, or the file is cut");
    return reel__fail(err, REEL_E_NOT_MP4, 0, NULL, "%s", reel_code_text(REEL_E_NOT_MP4));
}

static int read_all(reel_movie *m, reel_error *err)
{
    int code = reel__top_scan(m, err);
    if (code != REEL_OK)
        return code;
    if (!m->moov.body && !m->meta.body)
        return nothing_found(m, err);
    if (!m->moov.body)
        return REEL_OK;
    code = reel__skeleton(m, err);
    if (code == REEL_OK)
        code = reel__tracks_open(m, err);
    if (code == REEL_OK)
        code = reel__fragments_open(m, err);
    if (code == REEL_OK && reel__strict(m))
        code = reel__strict_check(m, err);
    return code;
}

static reel_movie *new_movie(reel_source *source, const reel_open_options *options)
{
    const reel_allocator *a = options && options->allocator ? options->allocator : &reel__malloc;
    reel_movie *m = reel__alloc_zero(a, sizeof *m);
    if (!m)
        return NULL;
    reel__ref_init(&m->ref, movie_gone);
    m->alloc = *a;
    m->flags = options ? options->flags : 0;
    m->source = reel_source_ref(source);
    pthread_mutex_init(&m->lock, NULL);
    pthread_mutex_init(&m->view_lock, NULL);
    return m;
}

int reel_open(reel_source *source, const reel_open_options *options, reel_movie **out, reel_error *err)
{
    if (out)
        *out = NULL;
    if (!source || !out || (options && options->sizeof_options < sizeof *options))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "reel_open needs a source and a place for the movie");
    reel_movie *m = new_movie(source, options);
    if (!m)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    int code = read_all(m, err);
    /* Zeros under a fault may have been read as if they were the film. */
    if (code == REEL_OK && reel__source_shrunk(source))
        code = reel__fail(err, REEL_E_SHRUNK, REEL_NO_OFFSET, NULL, "%s", reel_code_text(REEL_E_SHRUNK));
    if (code != REEL_OK) {
        reel_close(&m);
        return code;
    }
    *out = m;
    return REEL_OK;
}

int reel_open_file(const char *path, unsigned source_flags, const reel_open_options *options, reel_movie **out,
                   reel_error *err)
{
    if (out)
        *out = NULL;
    reel_source *source;
    int code = reel_source_file(path, source_flags, &source, err);
    if (code != REEL_OK)
        return code;
    code = reel_open(source, options, out, err);
    reel_source_unref(&source);
    return code;
}

reel_movie *reel_movie_ref(reel_movie *movie)
{
    if (movie)
        reel_ref_get(&movie->ref);
    return movie;
}

void reel_close(reel_movie **movie)
{
    if (!movie || !*movie)
        return;
    reel_ref_drop(&(*movie)->ref);
    *movie = NULL;
}

reel_source *reel_movie_source(const reel_movie *movie) { return movie ? movie->source : NULL; }

bool reel_movie_shrunk(const reel_movie *movie) { return movie && reel__source_shrunk(movie->source); }

static int refresh(reel_movie *m, reel_error *err)
{
    uint64_t before = reel_source_size(m->source), now = before;
    int code = m->source->ops->refresh ? m->source->ops->refresh(m->source, &now) : REEL_OK;
    if (code != REEL_OK)
        return reel__fail(err, code, REEL_NO_OFFSET, NULL, "the size of the source is not known");
    if (now < before)
        return reel__fail(err, REEL_E_SHRUNK, now, NULL, "the file became shorter while it was open");
    /* Another movie on the same source may have seen more of it meanwhile: the size only grows. */
    while (before < now && !atomic_compare_exchange_weak_explicit(&m->source->size, &before, now, memory_order_release,
                                                                  memory_order_acquire))
        ;
    return reel__fragments_refresh(m, err);
}

int reel_movie_refresh(reel_movie *movie, reel_error *err)
{
    if (!movie)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no movie");
    pthread_mutex_lock(&movie->lock);
    int code = refresh(movie, err);
    pthread_mutex_unlock(&movie->lock);
    return code;
}

size_t reel_movie_track_count(const reel_movie *movie) { return movie ? movie->track_count : 0; }

const reel_track *reel_movie_track(const reel_movie *movie, size_t i)
{
    return movie && i < movie->track_count ? movie->track[i] : NULL;
}

const reel_track *reel_movie_track_by_id(const reel_movie *movie, uint32_t track_id)
{
    for (size_t i = 0; movie && i < movie->track_count; i++)
        if (movie->track[i]->id == track_id)
            return movie->track[i];
    return NULL;
}

const reel_track *reel_movie_default_track(const reel_movie *movie, uint32_t type)
{
    const reel_track *first = NULL;
    for (size_t i = 0; movie && i < movie->track_count; i++) {
        const reel_track *t = movie->track[i];
        if (t->type != type)
            continue;
        if (t->part[REEL__TKHD].flags & REEL_TRACK_ENABLED)
            return t;
        if (!first)
            first = t;
    }
    return first;
}
