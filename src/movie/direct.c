/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Seeking in fragments that nobody has counted: an index says where to begin, the moofs from there on are read until the
 * time is passed. What was found is believed only if it covers the time; else the caller counts.
 */
#include "movie/fragment.h"
#include "movie/runs.h"

enum {
    MOOF = REEL_4CC('m', 'o', 'o', 'f'),
    MOST_SAMPLES = 200000,
    REORDER = 16, /* no codec keeps more pictures than that to be shown later: ITU-T H.264 A.3.1, H.265 A.4.2 */
};

uint64_t reel__run_known(const reel_track *t, const reel_run *run)
{
    uint64_t low = 0, high = reel__runs_known(t);
    while (low < high) {
        uint64_t mid = low + (high - low) / 2;
        const reel_run *k = &reel__run_at(t, mid)->run;
        bool before = k->moof != run->moof ? k->moof < run->moof
                      : k->trun != run->trun ? k->trun < run->trun
                                             : k->trun_done < run->trun_done;
        if (before)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == reel__runs_known(t))
        return UINT64_MAX;
    const reel_run *k = &reel__run_at(t, low)->run;
    return k->moof == run->moof && k->trun == run->trun && k->trun_done == run->trun_done ? low : UINT64_MAX;
}

/* Begin the first moof at or behind offset at. */
static int next_moof(reel_cursor *c, uint64_t at, reel_error *err)
{
    const reel_movie *m = c->track->movie;
    uint64_t size = reel_source_size(m->source), next;
    reel__part box;
    for (int n = 0; n < REEL__TOP_BOXES; n++, at = next) {
        int code = reel__box_at(m->source, NULL, at, size, &box, &next, err);
        if (code != REEL_OK)
            return code;
        if (box.cut)
            return REEL_END;
        if (box.type == MOOF)
            return reel__moof_begin(&c->moof, m, at, (uint64_t)box.header + box.size, NULL, err);
    }
    return reel__fail(err, REEL_E_BOX_LIMIT, at, NULL, "more than %d boxes at the top", REEL__TOP_BOXES);
}

/* Over as many moofs as have nothing of the track: each step goes forward in the file. */
int reel__direct_next_run(reel_cursor *c, reel_error *err)
{
    const reel_track *owner;
    reel_run run;
    for (;;) {
        int code = reel__moof_next(&c->moof, c->track->movie, &owner, &run, err);
        if (code == REEL_END) {
            reel_moof before = c->moof;
            code = next_moof(c, before.offset + before.size, err);
            if (code != REEL_OK)
                c->moof = before; /* to be asked again, when the file has grown or the bytes are here */
        } else if (code == REEL_OK && owner == c->track) {
            break;
        }
        if (code != REEL_OK)
            return code;
    }
    if (run.tfdt < 0) {
        if (run.traf_done == 0)
            c->moof_base = c->dts;
        run.dts = reel__dts_add(run.dts, (uint64_t)c->moof_base);
    }
    uint64_t known = reel__run_known(c->track, &run);
    if (known != UINT64_MAX)
        run.first = reel__run_at(c->track, known)->run.first;
    c->run = run;
    c->run_at = 0;
    c->entry = run.entries;
    c->dts = run.dts;
    c->offset = run.offset;
    c->index = run.first;
    return REEL_OK;
}

int reel__direct_begin(reel_cursor *c, const reel_track *t, uint64_t at, reel_error *err)
{
    memset(c, 0, sizeof *c);
    c->track = t;
    c->in_run = 2;
    int code = next_moof(c, at, err);
    if (code == REEL_OK)
        code = reel__direct_next_run(c, err);
    /* Without tfdt nobody knows when this is. */
    return code == REEL_OK && c->run.tfdt < 0 ? REEL_E_NOT_FOUND : code;
}

/* A sample that may be the answer, and the cursor before it. */
typedef struct candidate {
    reel_sample sample;
    reel_cursor cursor;
    bool found;
} candidate;

typedef struct search {
    int64_t pts, ahead; /* ahead: how much earlier than decoded a sample is shown, as far as seen */
    bool want_next, from_start;
    candidate first, target, sync, previous, next;
} search;

static void keep(candidate *k, const reel_sample *s, const reel_cursor *c)
{
    k->sample = *s;
    k->cursor = *c;
    k->found = true;
}

static void consider(search *f, const reel_sample *s, const reel_cursor *before)
{
    f->ahead = REEL__MAX(f->ahead, s->dts - s->pts);
    if (!f->first.found)
        keep(&f->first, s, before);
    if ((s->flags & REEL_SAMPLE_SYNC) && s->pts <= f->pts)
        keep(&f->sync, s, before);
    if ((s->flags & REEL_SAMPLE_SYNC) && s->pts >= f->pts && !f->next.found)
        keep(&f->next, s, before);
    if (s->pts <= f->pts && (!f->target.found || s->pts >= f->target.sample.pts)) {
        keep(&f->target, s, before);
        f->previous = f->sync;
    }
}

/*
 * Until no later sample can be shown by the time, and the next sync sample is found if it is wanted. How much earlier than
 * decoded one can be shown is learnt on the way, from as many samples as a codec can reorder.
 */
static int walk(search *f, reel_cursor *c, reel_error *err)
{
    int n;
    for (n = 0; n < MOST_SAMPLES; n++) {
        reel_cursor before = *c;
        reel_sample s;
        int code = reel__runs_cursor_next(c, &s, err);
        if (code == REEL_END)
            return REEL_OK;
        if (code != REEL_OK)
            return code;
        consider(f, &s, &before);
        if (n >= REORDER && s.dts - f->ahead > f->pts && (!f->want_next || f->next.found))
            return REEL_OK;
    }
    return REEL_E_NOT_FOUND;
}

static const candidate *choose(const search *f, reel_seek_mode mode)
{
    switch (mode) {
    case REEL_SEEK_EXACT:
        return &f->target;
    case REEL_SEEK_PREVIOUS:
        return f->previous.found ? &f->previous : &f->first;
    case REEL_SEEK_NEXT:
        return &f->next;
    default:
        break;
    }
    if (!f->next.found || !f->previous.found)
        return f->previous.found ? &f->previous : &f->next;
    return f->next.sample.pts - f->pts < f->pts - f->previous.sample.pts ? &f->next : &f->previous;
}

/* From the entry that is so many before the one the index gives. REEL_E_NOT_FOUND: it does not cover the time. */
static int attempt(const reel_track *t, search *f, uint32_t back, reel_error *err)
{
    uint64_t at;
    reel_cursor c;
    int code = reel__mfra_find(t, f->pts, back, &at, err);
    if (code == REEL_E_NOT_FOUND)
        code = reel__sidx_find(t, f->pts, back, &at, err);
    if (code == REEL_OK)
        code = reel__direct_begin(&c, t, at, err);
    if (code == REEL_OK)
        code = walk(f, &c, err);
    /* At the very start nothing may be shown yet, or nothing be a sync sample: then it is the first, as ever. */
    f->from_start = code == REEL_OK && at <= t->movie->first_moof && f->first.found;
    if (f->from_start && !f->target.found)
        f->target = f->first;
    if (code == REEL_OK && f->target.found && (f->previous.found || f->from_start))
        return REEL_OK;
    return reel__passing(code) ? code : REEL_E_NOT_FOUND;
}

int reel__runs_seek_direct(const reel_track *t, int64_t pts, reel_seek_mode mode, reel_sample *entry,
                           reel_sample *target, reel_cursor *cursor, reel_error *err)
{
    if (reel__fragments_all_known(t->movie) || mode > REEL_SEEK_NEAREST)
        return REEL_E_NOT_FOUND;
    search f;
    reel_error why; /* an index that is of no use leaves no trace in err */
    int code = REEL_E_NOT_FOUND;
    for (uint32_t back = 0; back < 3 && code == REEL_E_NOT_FOUND; back++) {
        f = (search){.pts = pts, .want_next = mode == REEL_SEEK_NEXT || mode == REEL_SEEK_NEAREST};
        code = attempt(t, &f, back, &why);
    }
    if (reel__passing(code) && err)
        *err = why;
    if (code != REEL_OK)
        return code;
    const candidate *chosen = choose(&f, mode);
    if (target)
        *target = f.target.sample;
    if (!chosen->found)
        return REEL_END;
    if (entry)
        *entry = chosen->sample;
    if (cursor)
        *cursor = chosen->cursor;
    return REEL_OK;
}

/* Backwards there is no walk: count, and go on as a cursor that knows its number. */
int reel__runs_cursor_prev(reel_cursor *c, reel_sample *out, reel_error *err)
{
    uint32_t at = c->run_at;
    int code = reel__fragments_scan_all(c->track->movie, err);
    if (code != REEL_OK)
        return code;
    uint64_t n = reel__run_known(c->track, &c->run);
    if (n == UINT64_MAX)
        return reel__fail(err, REEL_E_NOT_FOUND, c->run.trun, NULL, "the fragment of the cursor is not in the file's order");
    code = reel_cursor_seek(c, reel__run_at(c->track, n)->run.first + at, err);
    return code == REEL_OK ? reel_cursor_prev(c, out, err) : code;
}
