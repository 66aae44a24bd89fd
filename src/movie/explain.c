/* SPDX-License-Identifier: BSD-2-Clause */
#include "movie/marks.h"

/* Behind the last entry its delta goes on: that is then the entry to show. */
static int explain_tail(const reel_cursor *c, reel_explanation *out, reel_error *err)
{
    const reel__index *x = &c->track->index;
    const reel__time_marks *m = reel__time_marks_get(c->track, err);
    if (!m)
        return REEL_E_NOMEM;
    uint32_t entry = x->stts.n;
    while (entry && reel__stts_count(x, entry - 1) == 0)
        entry--;
    if (entry-- == 0)
        return REEL_OK;
    struct reel__time_mark at = m->at[entry / REEL__STEP];
    for (uint32_t i = entry - entry % REEL__STEP; i < entry; i++)
        at.sample += reel__stts_count(x, i);
    out->stts_entry = (uint64_t)entry + 1;
    out->stts_count = reel__stts_count(x, entry);
    out->stts_delta = reel__stts_delta(x, entry);
    out->stts_first_sample = at.sample;
    return reel__table_dts(c->track, at.sample, &out->stts_first_dts, err);
}

/* Where the run of the entry that the cursor is in began: the entry's count less what is left. */
static int explain_time(const reel_cursor *c, reel_explanation *out, reel_error *err)
{
    const reel__index *x = &c->track->index;
    if (c->stts_entry >= x->stts.n)
        return explain_tail(c, out, err);
    out->stts_entry = (uint64_t)c->stts_entry + 1;
    out->stts_count = reel__stts_count(x, c->stts_entry);
    out->stts_delta = c->stts_delta;
    uint64_t before = out->stts_count - c->stts_left;
    out->stts_first_sample = c->index - before;
    return reel__table_dts(c->track, out->stts_first_sample, &out->stts_first_dts, err);
}

static void explain_comp(const reel_cursor *c, reel_explanation *out)
{
    const reel__index *x = &c->track->index;
    if (c->ctts_entry >= x->ctts.n)
        return;
    out->ctts_entry = (uint64_t)c->ctts_entry + 1;
    out->ctts_offset = c->ctts_offset;
    out->ctts_count = reel__ctts_count(x, c->ctts_entry);
}

static void explain_chunk(const reel_cursor *c, reel_explanation *out)
{
    const reel__index *x = &c->track->index;
    const uint8_t *entry = reel__stsc_entry(x, c->stsc_entry);
    out->stsc_entry = (uint64_t)c->stsc_entry + 1;
    out->stsc_first_chunk = reel__be32(entry);
    out->stsc_samples_per_chunk = c->samples_per_chunk;
    /* The last chunk may be cut by the sample count; its first sample is what lies before it. */
    out->chunk_offset = reel__chunk_offset(x, c->chunk);
    out->bytes_before = c->offset - out->chunk_offset;
}

/* The chunk's first sample: go back over its sizes. */
static int explain_first(const reel_cursor *c, reel_explanation *out, reel_error *err)
{
    uint64_t low = c->index >= c->samples_per_chunk ? c->index - c->samples_per_chunk + 1 : 0, high = c->index;
    while (low < high) {
        reel_cursor probe = {.track = c->track};
        uint64_t mid = low + (high - low) / 2;
        int code = reel__table_cursor_seek(&probe, mid, err);
        if (code != REEL_OK)
            return code;
        if (probe.chunk == c->chunk)
            high = mid;
        else
            low = mid + 1;
    }
    out->chunk_first_sample = low;
    return REEL_OK;
}

static int explain_sync(const reel_track *t, uint64_t index, reel_explanation *out, reel_error *err)
{
    out->sync_sample = REEL_NO_INDEX;
    int code = reel__table_find_sync(t, index, false, &out->sync_sample, err);
    if (code == REEL_END)
        return REEL_OK;
    if (code != REEL_OK || !t->index.has_stss || !t->index.stss.n)
        return code;
    const reel__sync_list *list = reel__sync_list_get(t, false, err);
    if (!list)
        return REEL_E_NOMEM;
    out->stss_entry = reel__sync_find(list, index + 1);
    return REEL_OK;
}

int reel__table_explain(const reel_track *t, uint64_t index, reel_explanation *out, reel_error *err)
{
    reel_cursor c = {.track = t};
    int code = reel__table_cursor_seek(&c, index, err);
    if (code != REEL_OK)
        return code;
    code = explain_time(&c, out, err);
    if (code != REEL_OK)
        return code;
    explain_comp(&c, out);
    explain_chunk(&c, out);
    code = explain_first(&c, out, err);
    if (code == REEL_OK)
        code = explain_sync(t, index, out, err);
    return code == REEL_OK ? reel__table_cursor_next(&c, &out->sample, err) : code;
}
