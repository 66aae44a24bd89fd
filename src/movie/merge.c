/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several cursors as one stream: a binary heap of their next samples, in the caller's slots. The top is handed out
 * at once and moved on at the next call, so that nothing is read before somebody wants it.
 */
#include <reel/cursor.h>
#include <reel/time.h>

#include "movie/movie.h"

static bool before(const reel_merge *m, const reel_merge_slot *a, const reel_merge_slot *b)
{
    int order;
    if (m->order == REEL_ORDER_FILE)
        order = a->sample.offset < b->sample.offset ? -1 : a->sample.offset > b->sample.offset;
    else
        order = reel_time_compare(a->sample.dts, a->timescale, b->sample.dts, b->timescale);
    if (order == 0)
        order = a->rank < b->rank ? -1 : 1;
    return m->backwards ? order > 0 : order < 0;
}

static void sink(reel_merge *m, size_t i)
{
    for (;;) {
        size_t first = i, left = 2 * i + 1, right = left + 1;
        if (left < m->n && before(m, &m->heap[left], &m->heap[first]))
            first = left;
        if (right < m->n && before(m, &m->heap[right], &m->heap[first]))
            first = right;
        if (first == i)
            return;
        reel_merge_slot moved = m->heap[i];
        m->heap[i] = m->heap[first];
        m->heap[first] = moved;
        i = first;
    }
}

static int advance(const reel_merge *m, reel_cursor *cursor, reel_sample *out, reel_error *err)
{
    return m->backwards ? reel_cursor_prev(cursor, out, err) : reel_cursor_next(cursor, out, err);
}

/*
 * Can every cursor be advanced? Asked of copies before one is: where bytes come late, reel_merge_init is called again,
 * and no cursor may have moved by then.
 */
static int rehearse(const reel_merge *m, const reel_cursor *cursors, size_t n, reel_error *err)
{
    int code = REEL_OK;
    for (size_t i = 0; i < n && code >= 0; i++) {
        reel_cursor cursor = cursors[i];
        reel_sample sample;
        code = advance(m, &cursor, &sample, err);
    }
    return code < 0 ? code : REEL_OK;
}

int reel_merge_init(reel_merge *merge, reel_cursor *cursors, reel_merge_slot *slots, size_t n, reel_order order,
                    bool backwards, reel_error *err)
{
    if (!merge || (n && (!cursors || !slots)))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "a merge needs cursors and as many slots");
    if (order > REEL_ORDER_FILE)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "there is no order %d", (int)order);
    *merge = (reel_merge){.heap = slots, .order = order, .backwards = backwards};
    int code = rehearse(merge, cursors, n, err);
    for (size_t i = 0; i < n && code >= 0; i++) {
        reel_merge_slot *slot = &slots[merge->n];
        *slot = (reel_merge_slot){
            .cursor = &cursors[i], .timescale = cursors[i].track->timescale, .rank = (uint32_t)i};
        code = advance(merge, slot->cursor, &slot->sample, err);
        merge->n += code == REEL_OK;
    }
    for (size_t i = merge->n / 2; i-- > 0;)
        sink(merge, i);
    return code < 0 ? code : REEL_OK;
}

int reel_merge_next(reel_merge *merge, reel_sample *out, reel_error *err)
{
    if (!merge || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no merge, or no place for the sample");
    if (merge->pending) {
        int code = advance(merge, merge->heap[0].cursor, &merge->heap[0].sample, err);
        if (code == REEL_END)
            merge->heap[0] = merge->heap[--merge->n];
        else if (code != REEL_OK)
            return code;
        merge->pending = 0;
        sink(merge, 0);
    }
    if (merge->n == 0)
        return REEL_END;
    *out = merge->heap[0].sample;
    merge->pending = 1;
    return REEL_OK;
}
