/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader: from the edit list and the decoder's frames to items. Only the decode task, or whoever polls, is in here.
 *
 *   presentation   |--- edit 0: media ---|- 1: empty -|-- 2: dwell --|--- 3: media ---|
 *   items          | f0 | f1 | f2 | f3   |  (nothing) |      f9      | f10 | f11 | f12|
 */
#include <string.h>

#include "frame/play/room.h"
#include "frame/base/fail.h"

enum { NS = 1000000000, CONTINUE = 2 /* not an answer yet; no code of reel has this number */ };

static int64_t to_ns(const reel_player *p, int64_t ticks) { return reel_rescale(ticks, p->timescale, NS); }

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t sooner(int64_t a, int64_t b) { return a < b ? a : b; }

void reel__reader_forget(reel_player *p) { reel_frame_unref(&p->reader.pending); }

/* ---- edits ---- */

/* A list whose edits all last no time counts as none. */
static size_t edits_of(const reel_track *track)
{
    reel_moment m;
    int rc = reel_track_media_time(track, 0, &m);
    return rc == REEL_OK && m.edit == 0 ? 0 : reel_track_edit_count(track);
}

static void load_edit(reel_player *p)
{
    reel__reader *r = &p->reader;
    if (!r->edits || reel_track_edit(p->track, r->edit, &r->e) != REEL_OK)
        r->e = (reel_edit){.kind = REEL_EDIT_MEDIA, .end = REEL_TIME_FOREVER};
    r->media_end = r->e.end == REEL_TIME_FOREVER ? INT64_MAX : r->e.media_time + (r->e.end - r->e.start);
}

static bool past_last(const reel__reader *r) { return r->edit >= (r->edits ? r->edits : 1); }

static void next_edit(reel__reader *r)
{
    r->edit++;
    r->entered = false;
}

/* Where the edit begins, for us. Without edits there may be pictures before 0. */
static int64_t begin_of(const reel__reader *r) { return r->edits ? later(r->from, r->e.start) : r->from; }

/* Let the decoder stand where the edit begins, unless the frame that is there already is the one. */
static int enter_media(reel_player *p, reel_error *err)
{
    reel__reader *r = &p->reader;
    int64_t begin = begin_of(r);
    uint64_t index = 0;
    int64_t media = begin; /* without edits: also of pictures before 0 */
    if (r->edits)
        media = r->e.media_time + (r->e.kind == REEL_EDIT_DWELL ? 0 : begin - r->e.start);
    int rc = reel_track_find_pts(p->track, media, &index, err);
    if (rc != REEL_OK)
        return rc;
    if (r->pending && r->pending_sample == index)
        return REEL_OK;
    reel_frame_unref(&r->pending);
    return reel_decoder_seek(p->decoder, index, err);
}

static int enter(reel_player *p, reel_error *err)
{
    reel__reader *r = &p->reader;
    int rc = REEL_OK;
    load_edit(p);
    if (r->edits && r->e.end <= begin_of(r)) {
        next_edit(r);
        return CONTINUE;
    }
    if (r->e.kind != REEL_EDIT_EMPTY)
        rc = enter_media(p, err);
    r->entered = rc == REEL_OK;
    r->last_pts = REEL__NO_TIME;
    return rc;
}

static int64_t clamp_time(const reel_player *p, int64_t t)
{
    int64_t duration = 0;
    if (reel_track_presentation_duration(p->track, &duration, NULL) == REEL_OK && duration > 0 && t >= duration)
        return duration - 1;
    return t;
}

int reel__reader_seek(reel_player *p, int64_t time, reel_error *err)
{
    reel__reader *r = &p->reader;
    reel_moment m = {.edit = 0};
    reel_frame_unref(&r->pending);
    memset(r, 0, sizeof *r);
    r->edits = edits_of(p->track);
    r->from = time <= 0 ? INT64_MIN : clamp_time(p, reel_rescale(time, NS, p->timescale));
    if (r->edits && r->from > 0 && reel_track_media_time(p->track, r->from, &m) == REEL_OK && m.edit)
        r->edit = m.edit - 1;
    r->first = true;
    r->last_start = INT64_MIN;
    r->end = r->began = INT64_MIN;
    int rc = REEL_OK;
    do { /* the decoder learns of the seek even when the source is late: it ends the interruption */
        reel_decoder_flush(p->decoder);
        rc = past_last(r) ? REEL_OK : enter(p, err);
    } while (rc == CONTINUE);
    return rc;
}

/* ---- items ---- */

/* Presentation ticks to play time, both ends; what loops is joined to what was before. */
static void place(reel_player *p, reel__item *out, int64_t start, int64_t end)
{
    reel__reader *r = &p->reader;
    int64_t begin = to_ns(p, start), stop = to_ns(p, later(start, end));
    out->time = begin;
    if (p->interval) {
        out->start = r->count_at;
        out->end = r->count_at = reel__plus(r->count_at, p->interval);
    } else {
        if (r->join)
            r->shift = reel__minus(r->end, begin);
        out->start = later(reel__plus(begin, r->shift), r->last_start); /* tables whose times go back */
        out->end = later(reel__plus(stop, r->shift), out->start);
    }
    r->join = false;
    r->last_start = out->start;
    r->end = later(r->end, out->end);
    out->first = r->first;
    out->loop = r->loop;
    r->first = false;
    r->any = true;
}

static int gap(reel_player *p, reel__item *out)
{
    reel__reader *r = &p->reader;
    int64_t begin = begin_of(r), end = r->e.end;
    next_edit(r);
    if (p->interval || end == REEL_TIME_FOREVER)
        return CONTINUE;
    *out = (reel__item){.sample = REEL_NO_INDEX};
    place(p, out, begin, end);
    return REEL_OK;
}

static int get_frame(reel_player *p, reel_frame **out, uint64_t *sample, reel_error *err)
{
    reel__reader *r = &p->reader;
    reel_sample s = {.index = REEL_NO_INDEX};
    if (r->pending) {
        *out = r->pending;
        *sample = r->pending_sample;
        r->pending = NULL;
        return REEL_OK;
    }
    int rc = reel_decoder_next(p->decoder, out, err);
    if (rc == REEL_OK)
        reel_decoder_sample(p->decoder, &s);
    *sample = s.index;
    return rc;
}

/* Pictures that the codec left out, by the time that they would have lasted. With fps they count as times. */
static void count_left_out(reel_player *p, const reel_frame *f)
{
    reel__reader *r = &p->reader;
    bool may = r->level != REEL_DISCARD_NONE || r->level_before != REEL_DISCARD_NONE;
    int64_t n = may && r->last_pts != REEL__NO_TIME && f->duration > 0 && f->pts > r->last_end
                    ? (f->pts - r->last_end + f->duration / 2) / f->duration
                    : 0;
    r->left_out += (uint64_t)n;
    r->count_at = reel__plus(r->count_at, reel__whole((double)n * (double)p->interval));
    r->last_pts = f->pts;
    r->last_end = f->pts + f->duration;
    r->level_before = r->level;
}

static int media(reel_player *p, reel__item *out, reel_error *err)
{
    reel__reader *r = &p->reader;
    reel_frame *f = NULL;
    uint64_t sample;
    int rc = get_frame(p, &f, &sample, err);
    if (rc == REEL_END) { /* the last picture stands until the edit ends */
        if (r->e.end != REEL_TIME_FOREVER && !p->interval && r->any)
            r->end = later(r->end, reel__plus(to_ns(p, r->e.end), r->shift));
        next_edit(r);
        return CONTINUE;
    }
    if (rc != REEL_OK)
        return rc;
    if (f->pts >= r->media_end) {
        r->pending = f;
        r->pending_sample = sample;
        next_edit(r);
        return CONTINUE;
    }
    count_left_out(p, f);
    *out = (reel__item){.frame = f, .sample = sample};
    int64_t start = r->e.start + (f->pts - r->e.media_time), end = start + f->duration;
    place(p, out, later(start, begin_of(r)), sooner(end, r->e.end));
    r->last_sample = sample;
    return REEL_OK;
}

static int dwell(reel_player *p, reel__item *out, reel_error *err)
{
    reel__reader *r = &p->reader;
    reel_frame *f = NULL;
    uint64_t sample;
    int64_t begin = begin_of(r);
    int rc = get_frame(p, &f, &sample, err);
    if (rc == REEL_OK) {
        *out = (reel__item){.frame = f, .sample = sample};
        place(p, out, begin, r->e.end == REEL_TIME_FOREVER ? begin + f->duration : r->e.end);
    }
    if (rc == REEL_OK || rc == REEL_END)
        next_edit(r);
    return rc == REEL_END ? CONTINUE : rc;
}

/* Behind the last edit. A film that shows nothing, or in no time, does not begin anew. */
static int finish(reel_player *p, bool loop)
{
    reel__reader *r = &p->reader;
    reel_frame_unref(&r->pending);
    if (!loop || !r->any || r->end <= r->began) {
        r->at_end = true;
        return REEL_END;
    }
    r->began = r->end;
    r->loop++;
    r->at_end = false;
    r->edit = 0;
    r->entered = r->any = false;
    r->from = INT64_MIN;
    r->join = true;
    return CONTINUE;
}

static int read_on(reel_player *p, bool loop, reel__item *out, reel_error *err)
{
    reel__reader *r = &p->reader;
    if (past_last(r))
        return finish(p, loop);
    if (!r->entered) {
        int rc = enter(p, err);
        return rc == REEL_OK ? CONTINUE : rc;
    }
    if (r->e.kind == REEL_EDIT_EMPTY)
        return gap(p, out);
    return r->e.kind == REEL_EDIT_DWELL ? dwell(p, out, err) : media(p, out, err);
}

int reel__reader_next(reel_player *p, bool loop, reel__item *out)
{
    reel__reader *r = &p->reader;
    reel_error err = {.code = REEL_OK};
    int rc = r->at_end && (!loop || r->code) ? REEL_END : CONTINUE;
    while (rc == CONTINUE)
        rc = read_on(p, loop, out, &err);
    if (rc == REEL_OK || rc == REEL_END || rc == REEL_E_AGAIN || rc == REEL_E_NOMEM || rc == REEL_E_CANCELLED)
        return rc;
    r->at_end = true; /* the tables themselves cannot be read any more, or nobody can decode what follows */
    r->code = rc;
    if (p->options.report)
        p->options.report(p->options.user, p, &err);
    return REEL_END;
}

/* ---- catching up ---- */

bool reel__reader_skip(reel_player *p, int64_t until)
{
    reel__reader *r = &p->reader;
    reel_sample s;
    uint64_t sync;
    if (!r->entered || r->at_end || r->e.kind != REEL_EDIT_MEDIA || r->last_pts == REEL__NO_TIME ||
        r->last_sample == REEL_NO_INDEX ||
        reel_track_find_sync(p->track, r->last_sample + 1, REEL_SEEK_NEXT, &sync, NULL) != REEL_OK ||
        reel_track_sample(p->track, sync, &s, NULL) != REEL_OK || s.pts >= r->media_end || s.pts <= r->last_pts)
        return false;
    int64_t each = r->last_end - r->last_pts;
    uint64_t n = each > 0 ? (uint64_t)((s.pts - r->last_end + each / 2) / each) : sync - r->last_sample - 1;
    int64_t start = p->interval ? reel__plus(r->count_at, reel__whole((double)n * (double)p->interval))
                                : to_ns(p, r->e.start + (s.pts - r->e.media_time)) + r->shift;
    if (n == 0 || s.pts < r->last_end || start > until || reel_decoder_seek(p->decoder, sync, NULL) != REEL_OK)
        return false;
    reel_frame_unref(&r->pending);
    r->left_out += n;
    r->last_pts = REEL__NO_TIME;
    r->count_at = start;
    return true;
}
