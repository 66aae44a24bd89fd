/* SPDX-License-Identifier: BSD-2-Clause */
/* Cursors in the runs: a copy of the run they are in, and their place in it. */
#include "movie/fragment.h"
#include "movie/runs.h"

static void enter(reel_cursor *c, uint64_t n)
{
    c->run = reel__run_at(c->track, n)->run;
    c->run_number = n;
    c->run_at = 0;
    c->entry = c->run.entries;
    c->dts = c->run.dts;
    c->offset = c->run.offset;
    c->in_run = 1;
}

static inline void step(reel_cursor *c, const reel__entry *e)
{
    c->dts = reel__dts_add(c->dts, e->duration);
    c->offset += e->size;
    if (c->entry)
        c->entry += reel__entry_size(c->run.trun_flags);
    c->run_at++;
    c->index += c->index != REEL_NO_INDEX;
}

/* Place the cursor before sample at of the run it has entered. */
static void place(reel_cursor *c, uint32_t at)
{
    c->index = c->run.first;
    if (!c->run.entries) {
        c->dts = reel__dts_after(c->dts, at, c->run.duration);
        c->offset += (uint64_t)at * c->run.size;
        c->run_at = at;
        c->index += at;
        return;
    }
    while (c->run_at < at) {
        reel__entry e = reel__run_entry(&c->run, c->entry, c->run_at);
        step(c, &e);
    }
}

/*
 * Behind the last of the runs that are known: where the next one, should one come, begins. REEL_OK when it has
 * come since the caller looked, and *came says so.
 */
static int wait_behind(reel_cursor *c, uint64_t index, bool *came, reel_error *err)
{
    const reel_track *t = c->track;
    uint64_t known = reel__runs_known(t), end;
    int code = reel__table_count(t, &end, err);
    if (code != REEL_OK)
        return code;
    if (known)
        end = reel__run_at(t, known - 1)->run.first + reel__run_at(t, known - 1)->run.count;
    *came = index < end;
    if (*came)
        return REEL_OK;
    if (index > end)
        return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "there is no sample %llu", (unsigned long long)index);
    memset(&c->run, 0, sizeof c->run);
    c->run_at = 0;
    c->run_number = known - 1; /* wraps to "none" when there is none */
    c->in_run = 1;
    c->index = index;
    return REEL_OK;
}

int reel__runs_cursor_seek(reel_cursor *c, uint64_t index, reel_error *err)
{
    bool came = true;
    uint64_t first;
    int code = reel__table_count(c->track, &first, err);
    if (code != REEL_OK)
        return code;
    /* Tables that changed meanwhile may have ended before their count; runs begin behind it all the same. */
    index = REEL__MAX(index, first);
    code = REEL_END;
    while (code == REEL_END && came) {
        uint64_t n;
        uint32_t at;
        code = reel__runs_locate(c->track, index, &n, &at, err);
        if (code == REEL_OK) {
            enter(c, n);
            place(c, at);
        } else if (code == REEL_END) {
            int waits = wait_behind(c, index, &came, err);
            if (waits != REEL_OK || !came)
                return waits;
        }
    }
    return code;
}

static int next_run(reel_cursor *c, reel_error *err)
{
    if (c->in_run == 2)
        return reel__direct_next_run(c, err);
    uint64_t n = c->run_number + 1;
    int code = reel__fragments_need(c->track, n + 1, err);
    if (code != REEL_OK)
        return code;
    enter(c, n);
    c->index = c->run.first;
    return REEL_OK;
}

int reel__runs_cursor_next(reel_cursor *c, reel_sample *out, reel_error *err)
{
    while (c->run_at >= c->run.count) {
        int code = next_run(c, err);
        if (code != REEL_OK)
            return code;
    }
    reel__entry e = reel__run_entry(&c->run, c->entry, c->run_at);
    reel__run_fill(c->track, &c->run, c->run_at, e, c->dts, c->offset, out);
    step(c, &e);
    return REEL_OK;
}

int reel__runs_cursor_batch(reel_cursor *c, reel_sample *out, size_t n, size_t *got, reel_error *err)
{
    *got = 0;
    while (*got < n) {
        if (c->run_at >= c->run.count) {
            int code = next_run(c, err);
            if (code != REEL_OK)
                return *got ? REEL_OK : code;
            continue;
        }
        uint32_t m = (uint32_t)REEL__MIN((size_t)(c->run.count - c->run_at), n - *got);
        for (uint32_t i = 0; i < m; i++) {
            reel__entry e = reel__run_entry(&c->run, c->entry, c->run_at);
            reel__run_fill(c->track, &c->run, c->run_at, e, c->dts, c->offset, &out[*got + i]);
            step(c, &e);
        }
        *got += m;
    }
    return *got ? REEL_OK : REEL_END;
}
