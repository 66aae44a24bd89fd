/* SPDX-License-Identifier: BSD-2-Clause */
/* Open, and walk every track: one by one, in batches, merged, backwards, with packets and the units inside. */
#include "harness.h"

const bool fuzz_opens_itself = false;

static void look_into(const reel_track *t, const reel_packet *p)
{
    reel_description d;
    reel_unit_iter it;
    reel_unit unit;
    reel_span spans[16];
    reel_head head;
    size_t count;
    reel_span data = {p->data, p->sample.size};
    if (p->sample.size > 1 << 16 || reel_track_description(t, p->sample.description, &d, NULL) != REEL_OK)
        return;
    fuzz_touch(data);
    FUZZ_EXPECT(reel_sample_entry(&d, data) <= REEL_ENTRY_NO);
    if (reel_unit_iter_init(&it, &d, data) == REEL_OK)
        while (reel_unit_next(&it, &d, &unit, NULL) == REEL_OK) {
            fuzz_touch(unit.span);
            fuzz_touch(unit.payload);
        }
    if (reel_annexb_spans(&d, data, true, spans, 16, &count, NULL) == REEL_OK)
        for (size_t i = 0; i < count && i < 16; i++)
            fuzz_touch(spans[i]);
    if (reel_adts_spans(&d, data, &head, spans, 16, &count, NULL) == REEL_OK)
        for (size_t i = 0; i < count; i++)
            fuzz_touch(spans[i]);
}

static void packets(const reel_track *t, const reel_sample *s)
{
    reel_packet p, other;
    if (reel_packet_get(t, s, &p, NULL) != REEL_OK)
        return;
    FUZZ_EXPECT(p.data != NULL);
    reel_packet_ref(&other, &p);
    reel_packet_unref(&p);
    look_into(t, &other);
    reel_packet_unref(&other);
}

static void same(const reel_sample *a, const reel_sample *b)
{
    FUZZ_EXPECT(a->index == b->index && a->dts == b->dts && a->pts == b->pts && a->offset == b->offset);
    FUZZ_EXPECT(a->size == b->size && a->duration == b->duration && a->flags == b->flags);
    FUZZ_EXPECT(a->description == b->description && a->chunk == b->chunk && a->track_id == b->track_id);
}

static void walk_track(const reel_track *t, uint64_t *state)
{
    reel_cursor one, many;
    reel_sample batch[37], s, back;
    size_t got, seen = 0;
    int code = REEL_OK;
    if (reel_cursor_init(&one, t) != REEL_OK || reel_cursor_init(&many, t) != REEL_OK)
        return;
    while (seen < FUZZ_SAMPLES && reel_cursor_batch(&many, batch, 1 + fuzz_random(state) % 37, &got, NULL) == REEL_OK)
        for (size_t i = 0; i < got; i++, seen++) {
            code = reel_cursor_next(&one, &s, NULL);
            FUZZ_EXPECT(code == REEL_OK);
            if (code != REEL_OK)
                return;
            same(&s, &batch[i]);
            if (seen < 64)
                packets(t, &s);
        }
    for (int i = 0; i < 20 && seen && reel_cursor_prev(&one, &back, NULL) == REEL_OK; i++) {
        if (i == 0)
            same(&s, &back);
    }
}

static void walk_merged(reel_movie *m, reel_order order, bool backwards)
{
    reel_cursor cursors[FUZZ_TRACKS];
    reel_merge_slot slots[FUZZ_TRACKS];
    reel_merge merge;
    reel_sample s;
    size_t n = 0;
    for (; n < FUZZ_TRACKS && reel_movie_track(m, n); n++) {
        if (reel_cursor_init(&cursors[n], reel_movie_track(m, n)) != REEL_OK)
            return;
        for (int i = 0; backwards && i < 50; i++)
            if (reel_cursor_next(&cursors[n], &s, NULL) != REEL_OK)
                break;
    }
    if (reel_merge_init(&merge, cursors, slots, n, order, backwards, NULL) != REEL_OK)
        return;
    for (int i = 0; i < FUZZ_SAMPLES && reel_merge_next(&merge, &s, NULL) == REEL_OK; i++)
        ;
}

void fuzz_target(const fuzz_input *in, reel_movie *movie)
{
    uint64_t state = in->seed;
    for (size_t i = 0; i < FUZZ_TRACKS && reel_movie_track(movie, i); i++)
        walk_track(reel_movie_track(movie, i), &state);
    walk_merged(movie, REEL_ORDER_DTS, false);
    walk_merged(movie, REEL_ORDER_FILE, false);
    walk_merged(movie, REEL_ORDER_DTS, true);
}
