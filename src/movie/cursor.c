/* SPDX-License-Identifier: BSD-2-Clause */
#include <reel/cursor.h>

#include "movie/fragment.h"
#include "movie/marks.h"

static int no_track(reel_error *err)
{
    return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "the cursor has no track");
}

static int wrong_call(const reel_cursor *cursor, reel_error *err)
{
    if (!cursor || !cursor->track)
        return no_track(err);
    return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no place for the sample");
}

int reel_cursor_init(reel_cursor *cursor, const reel_track *track)
{
    if (!cursor || !track)
        return REEL_E_ARG;
    memset(cursor, 0, sizeof *cursor);
    cursor->track = track;
    return reel__table_cursor_init(cursor, NULL);
}

int reel_cursor_seek(reel_cursor *cursor, uint64_t index, reel_error *err)
{
    if (!cursor || !cursor->track)
        return no_track(err);
    uint64_t tables;
    int code = reel__table_count(cursor->track, &tables, err);
    if (code != REEL_OK)
        return code;
    if (index < tables || !cursor->track->runs) {
        if (index > tables)
            return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "there is no sample %llu",
                              (unsigned long long)index);
        cursor->in_run = 0;
        return reel__table_cursor_seek(cursor, index, err);
    }
    return reel__runs_cursor_seek(cursor, index, err);
}

int reel_cursor_seek_pts(reel_cursor *cursor, int64_t pts, reel_seek_mode mode, reel_error *err)
{
    if (!cursor || !cursor->track)
        return no_track(err);
    if (mode > REEL_SEEK_NEAREST)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "there is no seek mode %d", (int)mode);
    const reel_track *t = cursor->track;
    reel_sample entry;
    if (t->runs && !t->index.sample_count) {
        int code = reel__runs_seek_direct(t, pts, mode, &entry, NULL, cursor, err);
        if (code != REEL_E_NOT_FOUND)
            return code;
    }
    int code = reel_track_seek(t, pts, mode, &entry, NULL, err);
    return code == REEL_OK ? reel_cursor_seek(cursor, entry.index, err) : code;
}

/* From the end of the tables into the fragments. */
static int enter_runs(reel_cursor *c, reel_error *err)
{
    return c->track->runs ? reel__runs_cursor_seek(c, c->index, err) : REEL_END;
}

int reel_cursor_next(reel_cursor *cursor, reel_sample *out, reel_error *err)
{
    if (!cursor || !cursor->track || !out)
        return wrong_call(cursor, err);
    if (!cursor->in_run) {
        int code = reel__table_cursor_next(cursor, out, err);
        if (code != REEL_END)
            return code;
        code = enter_runs(cursor, err);
        if (code != REEL_OK)
            return code;
    }
    return reel__runs_cursor_next(cursor, out, err);
}

/* The cursor moves only when the sample has been read: where bytes come late, the call is made again. */
int reel_cursor_prev(reel_cursor *cursor, reel_sample *out, reel_error *err)
{
    if (!cursor || !cursor->track || !out)
        return wrong_call(cursor, err);
    if (cursor->in_run == 2)
        return reel__runs_cursor_prev(cursor, out, err);
    if (cursor->index == 0)
        return REEL_END;
    reel_cursor back = *cursor;
    int code = reel_cursor_seek(&back, cursor->index - 1, err);
    if (code != REEL_OK)
        return code;
    reel_cursor ahead = back;
    code = reel_cursor_next(&ahead, out, err);
    if (code == REEL_OK)
        *cursor = back;
    return code;
}

int reel_cursor_batch(reel_cursor *cursor, reel_sample *out, size_t n, size_t *got, reel_error *err)
{
    if (!cursor || !cursor->track || !got || (n && !out))
        return wrong_call(cursor, err);
    *got = 0;
    if (n == 0)
        return REEL_OK;
    if (!cursor->in_run) {
        int code = reel__table_cursor_batch(cursor, out, n, got, err);
        if (code != REEL_END)
            return code;
        code = enter_runs(cursor, err);
        if (code != REEL_OK)
            return code;
    }
    return reel__runs_cursor_batch(cursor, out, n, got, err);
}

uint64_t reel__cursor_alike(const reel_cursor *c)
{
    const reel__index *x = &c->track->index;
    if (c->in_run)
        return c->run.entries || c->run_at == 0 ? 0 : c->run.count - c->run_at;
    if (x->sizes || c->index < x->sdtp_count)
        return 0;
    uint64_t n = REEL__MIN(REEL__MIN(c->stts_left, c->ctts_left), c->chunk_left);
    uint64_t sync = REEL__MIN(c->next_sync, c->next_partial);
    if (x->has_stss)
        n = REEL__MIN(n, sync > c->index ? sync - c->index : 0);
    return n;
}

void reel__cursor_skip(reel_cursor *c, const reel_sample *s, uint64_t n)
{
    c->index += n;
    c->offset += n * s->size;
    c->dts = reel__dts_after(c->dts, n, s->duration);
    if (c->in_run) {
        c->run_at += (uint32_t)n;
        return;
    }
    c->stts_left -= (uint32_t)n;
    c->ctts_left -= (uint32_t)n;
    c->chunk_left -= (uint32_t)n;
}
