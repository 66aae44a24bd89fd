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
    c->dts += e->duration;
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
        c->dts += (int64_t)((uint64_t)at * c->run.duration);
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

int reel__runs_cursor_seek(reel_cursor *c, uint64_t index, reel_error *err)
{
    const reel_track *t = c->track;
    reel_run run;
    uint32_t at;
    int code = reel__runs_locate(t, index, &run, &at, err);
    if (code == REEL_OK) {
        uint64_t low = 0, high = reel__runs_known(t);
        while (high - low > 1) {
            uint64_t mid = low + (high - low) / 2;
            if (reel__run_at(t, mid)->run.first <= index)
                low = mid;
            else
                high = mid;
        }
        enter(c, low);
        place(c, at);
        return REEL_OK;
    }
    if (code != REEL_END)
        return code;
    /* Behind the last: where the next run, should one come, begins. */
    uint64_t known = reel__runs_known(t), end;
    code = reel__table_count(t, &end, err);
    if (code == REEL_OK && known)
        end = reel__run_at(t, known - 1)->run.first + reel__run_at(t, known - 1)->run.count;
    if (code == REEL_OK && index > end)
        return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "there is no sample %llu", (unsigned long long)index);
    memset(&c->run, 0, sizeof c->run);
    c->run_at = 0;
    c->run_number = known - 1; /* wraps to "none" when there is none */
    c->in_run = 1;
    c->index = index;
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
