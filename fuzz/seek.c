/* SPDX-License-Identifier: BSD-2-Clause */
/* Lookups of every kind, held against a plain walk over the same samples. */
#include "harness.h"

const bool fuzz_opens_itself = false;

typedef struct list {
    reel_sample *at;
    size_t n;
    bool all; /* there are no more */
} list;

static list gather(const reel_track *t)
{
    list l = {malloc(FUZZ_SAMPLES * sizeof *l.at), 0, false};
    reel_cursor c;
    size_t got;
    if (!l.at || reel_cursor_init(&c, t) != REEL_OK)
        return l;
    int code = REEL_OK;
    while (l.n < FUZZ_SAMPLES && (code = reel_cursor_batch(&c, l.at + l.n, FUZZ_SAMPLES - l.n, &got, NULL)) == REEL_OK)
        l.n += got;
    l.all = code == REEL_END;
    return l;
}

static void same(const reel_sample *a, const reel_sample *b)
{
    FUZZ_EXPECT(a->index == b->index && a->dts == b->dts && a->pts == b->pts && a->offset == b->offset);
    FUZZ_EXPECT(a->size == b->size && a->duration == b->duration && a->flags == b->flags);
    FUZZ_EXPECT(a->description == b->description && a->chunk == b->chunk && a->track_id == b->track_id);
}

static void by_number(const reel_track *t, const list *l, size_t i)
{
    reel_sample s;
    reel_explanation e;
    reel_cursor c;
    int code = reel_track_sample(t, i, &s, NULL);
    FUZZ_EXPECT(code == REEL_OK);
    if (code == REEL_OK)
        same(&s, &l->at[i]);
    if (reel_track_explain(t, i, &e, NULL) == REEL_OK)
        same(&e.sample, &l->at[i]);
    if (reel_cursor_init(&c, t) == REEL_OK && reel_cursor_seek(&c, i, NULL) == REEL_OK &&
        reel_cursor_next(&c, &s, NULL) == REEL_OK)
        same(&s, &l->at[i]);
}

/* Decode times only grow, but for a tfdt that goes backwards: the last of all that are not after the time. */
static void by_dts(const reel_track *t, const list *l, int64_t dts)
{
    uint64_t index, want = 0;
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].dts <= dts)
            want = i;
    int code = reel_track_find_dts(t, dts, &index, NULL);
    FUZZ_EXPECT(code == REEL_OK && index == want);
}

static void by_pts(const reel_track *t, const list *l, int64_t pts)
{
    uint64_t index, want = 0;
    bool found = false;
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].pts <= pts && (!found || l->at[i].pts >= l->at[want].pts)) {
            want = i;
            found = true;
        }
    int code = reel_track_find_pts(t, pts, &index, NULL);
    FUZZ_EXPECT(code == REEL_OK);
    FUZZ_EXPECT(index == want);
}

static void by_sync(const reel_track *t, const list *l, size_t i)
{
    uint64_t sync;
    size_t a = i, b = i;
    while (a != SIZE_MAX && !(l->at[a].flags & REEL_SAMPLE_SYNC))
        a--;
    while (b < l->n && !(l->at[b].flags & REEL_SAMPLE_SYNC))
        b++;
    int code = reel_track_find_sync(t, i, REEL_SEEK_PREVIOUS, &sync, NULL);
    FUZZ_EXPECT(a == SIZE_MAX ? code == REEL_END : code == REEL_OK && sync == a);
    code = reel_track_find_sync(t, i, REEL_SEEK_NEXT, &sync, NULL);
    FUZZ_EXPECT(b == l->n ? code == REEL_END : code == REEL_OK && sync == b);
    reel_track_find_sync(t, i, REEL_SEEK_NEAREST, &sync, NULL);
}

static void wild(const reel_track *t, uint64_t *state)
{
    reel_sample entry, target;
    reel_moment moment;
    reel_cursor c;
    int64_t time = (int64_t)(fuzz_random(state) >> fuzz_random(state) % 64), back, forth;
    uint64_t index;
    reel_seek_mode mode = (reel_seek_mode)(fuzz_random(state) % 4);
    if (fuzz_random(state) & 1)
        time = -time;
    reel_track_seek(t, time, mode, &entry, &target, NULL);
    if (reel_cursor_init(&c, t) == REEL_OK && reel_cursor_seek_pts(&c, time, mode, NULL) == REEL_OK) {
        reel_cursor_next(&c, &entry, NULL);
        reel_cursor_prev(&c, &entry, NULL);
        reel_cursor_prev(&c, &entry, NULL);
    }
    reel_track_find_dts(t, time, &index, NULL);
    reel_track_find_pts(t, time, &index, NULL);
    reel_track_sample(t, (uint64_t)time, &entry, NULL);
    reel_track_media_time(t, time, &moment);
    reel_track_presentation_time(t, time, fuzz_random(state) % 3, &back);
    reel_track_presentation_span(t, time, fuzz_random(state) % 5000, &back, &forth);
}

static void check_track(const reel_track *t, uint64_t *state)
{
    for (int i = 0; i < 4; i++) /* while nothing is counted: through sidx and mfra */
        wild(t, state);
    list l = gather(t);
    uint64_t count;
    if (l.all) {
        int code = reel_track_sample_count(t, &count, NULL);
        FUZZ_EXPECT(code == REEL_OK && count == l.n);
    }
    for (int i = 0; i < 40 && l.n; i++) {
        size_t at = fuzz_random(state) % l.n;
        int64_t near = (int64_t)(fuzz_random(state) % 5) - 2;
        by_number(t, &l, at);
        if (l.all) {
            by_dts(t, &l, l.at[at].dts + near);
            by_pts(t, &l, l.at[at].pts + near);
            by_sync(t, &l, at);
        }
    }
    for (int i = 0; i < 8; i++)
        wild(t, state);
    free(l.at);
}

void fuzz_target(const fuzz_input *in, reel_movie *movie)
{
    uint64_t state = in->seed;
    for (size_t i = 0; i < FUZZ_TRACKS && reel_movie_track(movie, i); i++)
        check_track(reel_movie_track(movie, i), &state);
}
