/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The skeleton of moov: a walk over box headers in memory that keeps where each box of interest lies. No table is
 * read. ISO/IEC 14496-12:2022 8.2.1, 8.3.1, 8.4.1, 8.4.4, 8.5.1.
 */
#include <stdio.h>

#include "movie/cmov.h"
#include "movie/top.h"

enum { DEPTH = 8 };

typedef struct walk {
    reel_movie *movie;
    reel_track *track; /* the trak we are in */
    reel_error *err;
    size_t depth;
    uint32_t boxes;
    bool far; /* what is mapped is not brought in for a hop over it */
    reel__glance glance;
    reel__children level[DEPTH];
    uint32_t type[DEPTH];
} walk;

static void path_of(const walk *w, uint32_t type, char *buf, size_t size)
{
    size_t at = 0;
    char name[17];
    for (size_t i = 0; i < w->depth && at < size; i++) {
        at += (size_t)snprintf(buf + at, size - at, "%s", reel_4cc_text(w->type[i], name));
        if (w->type[i] == REEL_4CC('t', 'r', 'a', 'k') && w->track && at < size)
            at += (size_t)snprintf(buf + at, size - at, "[%u]", w->track->number);
        if (at < size)
            at += (size_t)snprintf(buf + at, size - at, "/");
    }
    if (at < size)
        snprintf(buf + at, size - at, "%s", reel_4cc_text(type, name));
}

static int complain(const walk *w, int code, uint32_t type, uint64_t offset, const char *what)
{
    char path[96];
    path_of(w, type, path, sizeof path);
    return reel__warn(w->movie, w->err, code, offset, path, "%s", what);
}

static int add_track(walk *w)
{
    reel_movie *m = w->movie;
    if (m->track_count == REEL__TRACKS)
        return reel__fail(w->err, REEL_E_BOX_LIMIT, REEL_NO_OFFSET, "moov", "more than %d tracks", REEL__TRACKS);
    if ((m->track_count & (m->track_count - 1)) == 0) {
        size_t room = m->track_count ? m->track_count * 2 : 1;
        reel_track **more = reel__realloc_array(&m->alloc, m->track, room, sizeof *more);
        if (!more)
            return reel__fail(w->err, REEL_E_NOMEM, REEL_NO_OFFSET, "moov", "out of memory");
        m->track = more;
    }
    reel_track *t = reel__alloc_zero(&m->alloc, sizeof *t);
    if (!t)
        return reel__fail(w->err, REEL_E_NOMEM, REEL_NO_OFFSET, "moov", "out of memory");
    t->movie = m;
    m->track[m->track_count++] = w->track = t;
    t->number = (uint32_t)m->track_count;
    return REEL_OK;
}

static int keep(walk *w, const reel__row *row, const reel__part *part)
{
    reel__part *at;
    if (row->slot == REEL__TRAK) {
        int code = add_track(w);
        if (code != REEL_OK)
            return code;
    }
    if (row->slot < REEL__TRACK_SLOT_END)
        at = w->track ? &w->track->part[row->slot] : NULL;
    else
        at = &w->movie->part[row->slot - REEL__MOVIE_SLOT_BEGIN];
    if (!at)
        return REEL_OK;
    if (at->body)
        return complain(w, REEL_E_BOX_DUPLICATE, part->type, part->offset, "it is there already; the first counts");
    *at = *part;
    if (row->max_version >= 0 && part->version > row->max_version)
        return complain(w, REEL_E_BOX_VERSION, part->type, part->offset, "its version is higher than any known");
    return REEL_OK;
}

static int enter(walk *w, const reel__row *row, const reel__part *part)
{
    if (w->depth == DEPTH) /* the registry's tables nest less than that */
        return reel__fail(w->err, REEL_E_BOX_LIMIT, part->offset, "moov", "boxes lie too deep");
    w->level[w->depth] = reel__children_in(part, row);
    w->type[w->depth++] = part->type;
    return REEL_OK;
}

static int visit(walk *w, const reel__part *part)
{
    const reel__row *row = reel__row_find(w->level[w->depth - 1].table, part->type);
    int code = REEL_OK;
    if (part->cut)
        code = complain(w, REEL_E_TRUNCATED, part->type, part->offset, "it goes past the end of its parent");
    if (code == REEL_OK && row && row->slot)
        code = keep(w, row, part);
    if (code == REEL_OK && row && (row->form & REEL__OPEN))
        code = enter(w, row, part);
    return code;
}

/* The first bytes of the next child. Between headers lie tables. */
static int look(walk *w, const reel__children *c, const uint8_t **seen)
{
    size_t n = reel__children_head(c);
    *seen = c->p;
    return w->far && n >= 8 ? reel__source_look(w->movie->source, &w->glance, c->offset, n, NULL, seen, w->err) : REEL_OK;
}

static int walk_all(walk *w)
{
    while (w->depth) {
        reel__children *c = &w->level[w->depth - 1];
        reel__part part;
        const uint8_t *seen;
        uint64_t broken = REEL_NO_OFFSET;
        int code = look(w, c, &seen);
        if (code != REEL_OK)
            return code;
        if (reel__children_next_seen(c, seen, &part, &broken)) {
            if (++w->boxes > REEL__MOOV_BOXES)
                return reel__fail(w->err, REEL_E_BOX_LIMIT, part.offset, "moov", "more than %d boxes",
                                  REEL__MOOV_BOXES);
            code = visit(w, &part);
        } else {
            if (broken != REEL_NO_OFFSET)
                code = complain(w, REEL_E_BOX_SIZE, part.type, broken, "its size is less than its header");
            w->depth--;
        }
        if (code != REEL_OK)
            return code;
    }
    return REEL_OK;
}

static int walk_moov(reel_movie *m, const reel__part *moov, bool inflated, reel_error *err)
{
    m->boxes = *moov;
    walk w = {.movie = m, .err = err, .far = !inflated && reel__source_glances(m->source)};
    int code = enter(&w, reel__row_find(&reel__top, REEL_4CC('m', 'o', 'o', 'v')), moov);
    return code == REEL_OK ? walk_all(&w) : code;
}

/* QuickTime: the movie box may hold nothing but a deflated copy of itself. */
static int inflate_moov(reel_movie *m, reel_error *err)
{
    const reel__part *cmov = reel__movie_part(m, REEL__CMOV);
    uint8_t *out;
    size_t size;
    int code = reel__cmov_inflate(&m->alloc, cmov->body, cmov->size, cmov->offset, &out, &size, err);
    if (code != REEL_OK)
        return code;
    m->inflated = out;
    reel__part moov;
    if (!reel__child_of(out, size, 0, &reel__top, REEL_4CC('m', 'o', 'o', 'v'), &moov))
        return reel__fail(err, REEL_E_COMPRESSED, cmov->offset, "moov/cmov", "it does not hold a movie box");
    return walk_moov(m, &moov, true, err);
}

int reel__skeleton(reel_movie *m, reel_error *err)
{
    int code = walk_moov(m, &m->moov, false, err);
    if (code == REEL_OK && reel__movie_part(m, REEL__CMOV)->body && m->track_count == 0)
        code = inflate_moov(m, err);
    return code;
}
