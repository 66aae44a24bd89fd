/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory for sources that cannot be mapped: each stretch is read once and kept until the movie goes. The list is
 * sorted by offset; scans go forwards, so that a new one mostly goes to the end.
 */
#include "movie/movie.h"

/* The last view that begins at or before offset; its number, or -1. */
static ptrdiff_t at_or_before(const reel_movie *m, uint64_t offset)
{
    size_t low = 0, high = m->view_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (m->views[mid].offset <= offset)
            low = mid + 1;
        else
            high = mid;
    }
    return (ptrdiff_t)low - 1;
}

static int grow(reel_movie *m)
{
    if (m->view_count < m->view_room)
        return REEL_OK;
    size_t room = m->view_room ? m->view_room * 2 : 8;
    reel__view *more = reel__realloc_array(&m->alloc, m->views, room, sizeof *more);
    if (!more)
        return REEL_E_NOMEM;
    m->views = more;
    m->view_room = room;
    return REEL_OK;
}

static int load(reel_movie *m, uint64_t offset, uint64_t n, const uint8_t **data, reel_error *err)
{
    ptrdiff_t i = at_or_before(m, offset);
    if (i >= 0 && offset - m->views[i].offset <= m->views[i].size &&
        n <= m->views[i].size - (offset - m->views[i].offset)) {
        *data = m->views[i].data + (offset - m->views[i].offset);
        return REEL_OK;
    }
    if (grow(m) != REEL_OK)
        return reel__fail(err, REEL_E_NOMEM, offset, NULL, "out of memory");
    reel__view v = {.offset = offset, .size = n};
    int code = reel__source_view(m->source, offset, n, &m->alloc, &v.data, &v.owned, err);
    if (code != REEL_OK)
        return code;
    size_t at = (size_t)(i + 1);
    memmove(m->views + at + 1, m->views + at, (m->view_count - at) * sizeof v);
    m->views[at] = v;
    m->view_count++;
    *data = v.data;
    return REEL_OK;
}

int reel__movie_view(const reel_movie *m, uint64_t offset, uint64_t n, const uint8_t **data, reel_error *err)
{
    *data = reel__source_map(m->source, offset, n);
    if (*data)
        return reel__source_shrunk(m->source)
                   ? reel__fail(err, REEL_E_SHRUNK, offset, NULL, "%s", reel_code_text(REEL_E_SHRUNK))
                   : REEL_OK;
    /* The list of views only grows, under the lock. */
    reel_movie *own = (reel_movie *)(uintptr_t)m;
    pthread_mutex_lock(&own->view_lock);
    int code = load(own, offset, n, data, err);
    pthread_mutex_unlock(&own->view_lock);
    return code;
}

void reel__views_free(reel_movie *m)
{
    for (size_t i = 0; i < m->view_count; i++)
        reel__free(&m->alloc, m->views[i].owned);
    reel__free(&m->alloc, m->views);
}
