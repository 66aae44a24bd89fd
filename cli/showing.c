/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * showing.c: an edit list turned round. Asked for one sample the list is walked; a film may have a hundred thousand
 * samples and tens of thousands of edits, so for a whole track they are put in the order of media time once.
 */
#include "showing.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_EDITS = 4096, NORMAL_SPEED = 0x10000 };

static int64_t later(int64_t t, uint64_t ticks)
{
    return ticks > (uint64_t)INT64_MAX - (uint64_t)t ? INT64_MAX : (int64_t)((uint64_t)t + ticks);
}

/* How far media goes in so many ticks of presentation, down to a whole tick. */
static uint64_t at_rate(uint64_t ticks, uint32_t rate)
{
    uint64_t whole = ticks >> 16, rest = (ticks & 0xffff) * rate >> 16;
    return whole > (uint64_t)INT64_MAX / rate ? INT64_MAX : whole * rate + rest;
}

/* When media time is shown: the first tick at which the edit has come that far. */
static int64_t shown_from(const struct showing *s, int64_t media)
{
    uint64_t into = (uint64_t)media - (uint64_t)s->origin, whole = into / s->rate, rest = into % s->rate << 16;
    if (whole > (uint64_t)INT64_MAX >> 17)
        return INT64_MAX;
    return later(s->start, (whole << 16) + rest / s->rate + (rest % s->rate != 0));
}

/* The first that ends behind media. */
static size_t find_end(const struct showings *s, int64_t media)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->all[middle].end > media)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static bool insert(struct showings *s, size_t at, const struct showing *one)
{
    if (s->n == s->room) {
        size_t room = s->room ? 2 * s->room : 16;
        struct showing *all = realloc(s->all, room * sizeof *all);
        if (!all)
            return false;
        s->all = all;
        s->room = room;
    }
    memmove(s->all + at + 1, s->all + at, (s->n - at) * sizeof *s->all);
    s->all[at] = *one;
    s->n++;
    return true;
}

/* Of one what no edit before it has shown. */
static bool add(struct showings *s, struct showing one)
{
    size_t i = find_end(s, one.media);
    while (one.media < one.end) {
        if (i < s->n && s->all[i].media <= one.media) {
            one.media = s->all[i++].end;
            continue;
        }
        struct showing part = one;
        if (i < s->n && s->all[i].media < part.end)
            part.end = s->all[i].media;
        if (!insert(s, i++, &part))
            return false;
        one.media = part.end;
    }
    return true;
}

static struct showing turn_round(const reel_edit *edit)
{
    uint32_t rate = edit->media_rate > 0 ? (uint32_t)edit->media_rate : NORMAL_SPEED;
    uint64_t ticks = (uint64_t)edit->end - (uint64_t)edit->start;
    uint64_t media = edit->kind == REEL_EDIT_DWELL ? 1 : at_rate(ticks - 1, rate) + 1;
    return (struct showing){edit->media_time, later(edit->media_time, media), edit->media_time, edit->start, rate};
}

bool showings_make(struct showings *s, const reel_track *track, bool *more)
{
    reel_edit edit;
    size_t i = 0, taken = 0, n = reel_track_edit_count(track);
    *s = (struct showings){.whole = true};
    for (; i < n && taken < MOST_EDITS && reel_track_edit(track, i, &edit) == REEL_OK; i++) {
        s->whole &= edit.segment_duration == 0 && edit.end != REEL_TIME_FOREVER;
        if (edit.kind == REEL_EDIT_EMPTY || edit.start >= edit.end)
            continue;
        if (!add(s, turn_round(&edit))) {
            showings_free(s);
            return false;
        }
        taken++;
    }
    *more = i < n;
    return true;
}

bool showings_find(const struct showings *s, const reel_track *track, const reel_sample *sample, int64_t *start,
                   int64_t *end)
{
    int64_t media = sample->pts;
    uint64_t length = sample->duration;
    reel_moment moment;
    size_t i = find_end(s, media);
    *start = media;
    if (!s->whole) {
        if (i == s->n)
            return false;
        int64_t from = s->all[i].media > media ? s->all[i].media : media;
        uint64_t skipped = (uint64_t)from - (uint64_t)media;
        if (skipped && skipped >= length)
            return false;
        *start = shown_from(&s->all[i], from);
        length -= skipped;
    }
    if (reel_track_media_time(track, *start, &moment) == REEL_OK && (uint64_t)moment.left < length)
        length = (uint64_t)moment.left;
    *end = later(*start, length);
    return length > 0;
}

void showings_free(struct showings *s)
{
    free(s->all);
    *s = (struct showings){.all = NULL};
}
