/* SPDX-License-Identifier: BSD-2-Clause */
/* One pass over the samples of each track. */
#include "base/checked.h"
#include "doctor/exam.h"

typedef struct pass {
    reel__figures *f;
    uint64_t file_size;
    int64_t gop_start;
    int64_t second;
    uint64_t in_second;
    uint32_t delta;
} pass;

static void end_gop(pass *p, int64_t dts)
{
    if (p->f->syncs)
        p->f->longest_gop = REEL__MAX(p->f->longest_gop, dts - p->gop_start);
    p->gop_start = dts;
}

static void count_sync(pass *p, const reel_sample *s)
{
    reel__figures *f = p->f;
    end_gop(p, s->dts);
    if (f->first_sync == REEL_NO_INDEX)
        f->first_sync = s->index;
    f->syncs++;
    f->partial += (s->flags & REEL_SAMPLE_PARTIAL) != 0;
}

/* Room for one more second; where there is no memory, the interleave is not looked at from there on. */
static bool make_room(reel__figures *f, uint32_t second)
{
    if (second < f->room)
        return true;
    uint32_t room = REEL__MIN(REEL__MAX(second + 1, f->room * 2 + 64), (uint32_t)REEL__SECONDS);
    uint64_t *more = reel__realloc_array(&reel__malloc, f->place, room, sizeof *more);
    if (!more)
        return false;
    memset(more + f->room, 0, (room - f->room) * sizeof *more);
    f->place = more;
    f->room = room;
    return true;
}

static void count_second(pass *p, const reel_sample *s)
{
    reel__figures *f = p->f;
    int64_t second = s->dts / f->info.timescale;
    if (second != p->second) {
        f->peak_second = REEL__MAX(f->peak_second, p->in_second);
        p->in_second = 0;
        p->second = second;
    }
    p->in_second += s->size;
    if (second >= 0 && second < REEL__SECONDS && make_room(f, (uint32_t)second)) {
        f->seconds = REEL__MAX(f->seconds, (uint32_t)second + 1);
        if (!f->place[second])
            f->place[second] = s->offset;
    }
}

static void count(pass *p, const reel_sample *s)
{
    reel__figures *f = p->f;
    if (f->samples == 0)
        f->first_pts = s->pts;
    if (s->flags & REEL_SAMPLE_SYNC)
        count_sync(p, s);
    count_second(p, s);
    f->samples++;
    f->bytes += s->size;
    f->zero_sized += s->size == 0;
    f->negative += s->pts < s->dts;
    f->past_end += s->offset > p->file_size || s->size > p->file_size - s->offset;
    /* The last duration of a track is often made up. */
    if (f->samples > 1) {
        f->least_delta = REEL__MIN(f->least_delta, p->delta);
        f->greatest_delta = REEL__MAX(f->greatest_delta, p->delta);
        f->changes += p->delta != s->duration;
    }
    p->delta = s->duration;
    f->end_dts = s->dts + s->duration;
}

static int survey_track(reel__exam *x, reel__figures *f, reel_error *err)
{
    reel_cursor c;
    reel_sample batch[256];
    size_t got;
    pass p = {.f = f, .file_size = x->size, .second = -1};
    f->first_sync = REEL_NO_INDEX;
    f->least_delta = UINT32_MAX;
    reel_track_get_info(f->track, &f->info);
    f->described = reel_track_description(f->track, 1, &f->description, NULL) == REEL_OK;
    int code = reel_cursor_init(&c, f->track);
    while (code == REEL_OK && f->samples < REEL__EXAM_SAMPLES) {
        code = reel_cursor_batch(&c, batch, 256, &got, err);
        for (size_t i = 0; code == REEL_OK && i < got; i++)
            count(&p, &batch[i]);
    }
    end_gop(&p, f->end_dts);
    f->peak_second = REEL__MAX(f->peak_second, p.in_second);
    f->ended = code == REEL_END;
    return code == REEL_END ? REEL_OK : code;
}

int reel__survey(reel__exam *x, reel_error *err)
{
    int code = REEL_OK;
    for (size_t i = 0; i < x->count && code == REEL_OK; i++) {
        x->tracks[i].track = reel_movie_track(x->movie, i);
        code = survey_track(x, &x->tracks[i], err);
    }
    return code;
}
