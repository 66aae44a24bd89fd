/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scan over moof boxes at the top of the file: it goes on from where it stopped, when somebody asks for a run that
 * is not known yet. Only the scan takes the lock.
 */
#include "movie/fragment.h"
#include "movie/runs.h"
#include "movie/top.h"

enum { COPIED = 1 << 20 };

typedef struct offsets {
    uint64_t *at;
    size_t count, room;
} offsets;

struct reel__fragments {
    uint64_t at;          /* where the next top-level box begins */
    uint64_t boxes;
    offsets moofs, pssh;  /* pssh: those in moofs */
    reel_moof in;         /* the moof that the scan is in the middle of */
    bool inside;
    uint8_t *copy;        /* of that moof */
    size_t copy_room;
    reel__glance glance;
    bool done;            /* nothing more up to the size that the source had then */
    uint64_t done_at;
};

int reel__fragments_open(reel_movie *m, reel_error *err)
{
    if (!m->has_mvex && !m->first_moof_seen)
        return REEL_OK;
    m->fragments = reel__alloc_zero(&m->alloc, sizeof *m->fragments);
    if (!m->fragments)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    m->fragments->at = m->scanned_to;
    for (size_t i = 0; i < m->track_count; i++) {
        reel__runs *l = m->track[i]->runs = reel__alloc_zero(&m->alloc, sizeof *l);
        if (!l)
            return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    }
    return REEL_OK;
}

static void free_runs(const reel_movie *m, reel__runs *l)
{
    for (int k = 0; l && k < REEL__RUN_CHUNKS; k++)
        reel__free(&m->alloc, atomic_load_explicit(&l->chunk[k], memory_order_relaxed));
    reel__free(&m->alloc, l);
}

void reel__fragments_free(reel_movie *m)
{
    for (size_t i = 0; i < m->track_count; i++)
        free_runs(m, m->track[i]->runs);
    if (m->fragments) {
        reel__free(&m->alloc, m->fragments->moofs.at);
        reel__free(&m->alloc, m->fragments->pssh.at);
        reel__free(&m->alloc, m->fragments->copy);
    }
    reel__free(&m->alloc, m->fragments);
}

static int remember(reel_movie *m, offsets *list, uint64_t offset, reel_error *err)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 16;
        uint64_t *more = reel__realloc_array(&m->alloc, list->at, room, sizeof *more);
        if (!more)
            return reel__fail(err, REEL_E_NOMEM, offset, NULL, "out of memory");
        list->at = more;
        list->room = room;
    }
    list->at[list->count++] = offset;
    return REEL_OK;
}

/* All or nothing: what fails is made again. */
static int remember_moof(reel_movie *m, reel_error *err)
{
    reel__fragments *f = m->fragments;
    reel__children c = reel__children_of(f->in.data, (size_t)f->in.size, f->in.offset, NULL);
    const size_t before = f->pssh.count;
    reel__part part;
    int code = reel__children_next(&c, &part, NULL) ? REEL_OK : REEL_END;
    c = reel__children_of(part.body, part.size, part.offset + part.header, NULL);
    while (code == REEL_OK && reel__children_next(&c, &part, NULL))
        if (part.type == REEL_4CC('p', 's', 's', 'h'))
            code = remember(m, &f->pssh, part.offset, err);
    if (code == REEL_OK)
        code = remember(m, &f->moofs, f->in.offset, err);
    if (code != REEL_OK)
        f->pssh.count = before;
    return code;
}

/* Where the numbers of fragment samples begin is known only when the tables are counted; once, before the first run. */
static int begin_numbers(reel_movie *m, reel_error *err)
{
    int code = REEL_OK;
    for (size_t i = 0; i < m->track_count && code == REEL_OK && m->fragments->moofs.count == 0; i++) {
        reel__runs *l = m->track[i]->runs;
        code = reel__table_count(m->track[i], &l->next, err);
        if (code == REEL_OK)
            code = reel__table_end_dts(m->track[i], &l->end, err);
    }
    return code;
}

static int add_run(reel_moof *f, const reel_movie *m, reel_error *err)
{
    reel_run run;
    const reel_track *t;
    int code = reel__moof_next(f, m, &t, &run, err);
    if (code != REEL_OK || !t)
        return code;
    int64_t ticks = f->dts - run.dts; /* before append moves a run without tfdt */
    code = reel__runs_append(t, &run, run.entries ? f->data + (run.entries - f->home) : NULL, err);
    if (code == REEL_OK)
        t->runs->end = reel__dts_add(run.dts, (uint64_t)ticks);
    return code;
}

/*
 * The moof as a copy, where that is cheaper than to let the mapping show pages that nobody may ever look at again; NULL
 * where it is not.
 */
static int copy_moof(reel_movie *m, uint64_t offset, uint64_t size, const uint8_t **copy, reel_error *err)
{
    reel__fragments *f = m->fragments;
    *copy = NULL;
    if (size > COPIED || !reel__source_glances(m->source))
        return REEL_OK;
    if (size > f->copy_room) {
        size_t room = REEL__MAX((size_t)size, f->copy_room * 2);
        uint8_t *more = reel__realloc_array(&m->alloc, f->copy, room, 1);
        if (!more)
            return reel__fail(err, REEL_E_NOMEM, offset, NULL, "out of memory");
        f->copy = more;
        f->copy_room = room;
    }
    *copy = f->copy;
    return reel__source_fetch(m->source, offset, f->copy, (size_t)size, err);
}

static int begin_moof(reel_movie *m, uint64_t offset, uint64_t size, reel_error *err)
{
    const uint8_t *copy;
    int code = begin_numbers(m, err);
    if (code == REEL_OK)
        code = copy_moof(m, offset, size, &copy, err);
    return code == REEL_OK ? reel__moof_begin(&m->fragments->in, m, offset, size, copy, err) : code;
}

/* When memory runs out in the middle, the next scan goes on with the run that it ran out at. */
static int scan_moof(reel_movie *m, const reel__part *part, reel_error *err)
{
    reel__fragments *f = m->fragments;
    int code = REEL_OK;
    if (!f->inside) {
        code = begin_moof(m, part->offset, (uint64_t)part->header + part->size, err);
        f->inside = code == REEL_OK;
    }
    while (code == REEL_OK) {
        reel_moof before = f->in;
        code = add_run(&f->in, m, err);
        if (code < 0)
            f->in = before;
    }
    if (code == REEL_END)
        code = remember_moof(m, err);
    f->inside &= code != REEL_OK;
    return code;
}

/* One box at the top. REEL_END: there are no more, for now. */
static int scan_box(reel_movie *m, reel_error *err)
{
    reel__fragments *f = m->fragments;
    uint64_t size = reel_source_size(m->source), next;
    reel__part part;
    if (f->done)
        return REEL_END;
    if (f->boxes == REEL__TOP_BOXES)
        return reel__fail(err, REEL_E_BOX_LIMIT, f->at, NULL, "more than %d boxes at the top", REEL__TOP_BOXES);
    int code = reel__box_at(m->source, &f->glance, f->at, size, &part, &next, err);
    if (code == REEL_E_BOX_SIZE)
        code = reel__warn(m, err, code, f->at, "", "what stands here is not a box; the rest is not read") == REEL_OK
                   ? REEL_END
                   : code;
    if (code == REEL_OK && part.cut) {
        /* It is still being written, or the file is cut: look again when the file has grown. */
        code = reel__top_cut(m, &part, err);
        if (code == REEL_OK)
            code = REEL_END;
    } else if (code == REEL_OK && part.type == REEL_4CC('m', 'o', 'o', 'f')) {
        code = scan_moof(m, &part, err);
    }
    if (code == REEL_OK) {
        f->at = next;
        f->boxes++;
    }
    f->done = code == REEL_END;
    f->done_at = size;
    return code;
}

int reel__fragments_need(const reel_track *t, uint64_t n, reel_error *err)
{
    reel_movie *m = t->movie;
    int code = REEL_OK;
    if (reel__runs_known(t) >= n)
        return REEL_OK;
    pthread_mutex_lock(&m->lock);
    m->fragments->glance.n = 0; /* a recording may have gone back to what was looked at before */
    while (reel__runs_known(t) < n && (code = scan_box(m, err)) == REEL_OK)
        ;
    pthread_mutex_unlock(&m->lock);
    return code;
}

int reel__fragments_scan_all(const reel_movie *m, reel_error *err)
{
    int code = m->track_count && m->fragments ? reel__fragments_need(m->track[0], UINT64_MAX, err) : REEL_OK;
    return code == REEL_END ? REEL_OK : code;
}

int reel__fragments_refresh(reel_movie *m, reel_error *err)
{
    reel__fragments *f = m->fragments;
    if (!f || (f->done && f->done_at == reel_source_size(m->source)))
        return REEL_END;
    size_t before = f->moofs.count;
    int code;
    f->done = false;
    f->glance.n = 0;
    while ((code = scan_box(m, err)) == REEL_OK)
        ;
    if (code < 0)
        return code;
    return f->moofs.count > before ? REEL_OK : REEL_END;
}

bool reel__fragments_all_known(const reel_movie *m)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&m->lock;
    pthread_mutex_lock(lock);
    bool done = !m->fragments || m->fragments->done;
    pthread_mutex_unlock(lock);
    return done;
}

bool reel__fragments_has_sidx(const reel_movie *m) { return m->first_sidx != 0; }

static int nth(const reel_movie *m, const offsets *list, size_t i, uint64_t *offset)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&m->lock;
    pthread_mutex_lock(lock);
    int code = i < list->count ? REEL_OK : REEL_END;
    if (code == REEL_OK)
        *offset = list->at[i];
    pthread_mutex_unlock(lock);
    return code;
}

int reel__fragments_moof(const reel_movie *m, size_t i, uint64_t *offset)
{
    return m->fragments ? nth(m, &m->fragments->moofs, i, offset) : REEL_END;
}

int reel__fragments_pssh(const reel_movie *m, size_t i, uint64_t *offset)
{
    return m->fragments ? nth(m, &m->fragments->pssh, i, offset) : REEL_END;
}
