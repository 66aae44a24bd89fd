/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be had of a damaged film. Fragments are put together again (write/salvage.h). Else, by the boxes at the top,
 * as far as they are whole:
 *
 *     ftyp moov mdat....                        a download that was torn: samples that are not there are left out
 *     ftyp mdat(no size)............... moov    a camera that lost power: moov is found, mdat gets its size
 *     ftyp moov mdat ??                         something behind the film: left out
 */
#include <stdio.h>

#include <reel/codec.h>

#include "movie/runs.h"
#include "write/copy.h"
#include "write/cut.h"
#include "write/fit.h"
#include "write/salvage.h"
#include "write/wreck.h"

#define BOX(a, b, c, d) REEL_4CC(a, b, c, d)

enum { BLOCK = 1 << 16, MOST_BOXES = 1 << 24 };

typedef struct top {
    uint64_t size;           /* of the file */
    uint64_t end;            /* of the last whole box */
    uint64_t moov, mdat;     /* where moov and the last mdat begin; UINT64_MAX: nowhere */
    uint64_t mdat_header;    /* bytes */
    bool fragments, moov_cut, mdat_cut, torn; /* torn: the file ends within a box, or what stands there is none */
} top;

typedef struct repair {
    reel_source *source;
    const reel_movie *like;
    reel_allocator alloc;
    top top;
    reel_repair report;
    reel_error *err;
} repair;

static void say(repair *r, const char *what)
{
    r->report.changed = 1;
    snprintf(r->report.what, sizeof r->report.what, "%s", what);
}

static void meet(top *t, const reel__part *part)
{
    if (part->type == BOX('m', 'o', 'o', 'v') && t->moov == UINT64_MAX) {
        t->moov = part->offset;
        t->moov_cut = part->cut;
    }
    if (part->type == BOX('m', 'd', 'a', 't')) {
        t->mdat = part->offset;
        t->mdat_header = part->header;
        t->mdat_cut = part->cut;
    }
    t->fragments |= part->type == BOX('m', 'o', 'o', 'f');
}

/* The boxes at the top, to the end or to what is none. */
static int look(repair *r)
{
    top *t = &r->top;
    reel__glance g;
    g.n = 0;
    *t = (top){.size = reel_source_size(r->source), .moov = UINT64_MAX, .mdat = UINT64_MAX};
    uint64_t next = 0;
    for (uint32_t n = 0; n < MOST_BOXES; n++) {
        reel__part part;
        int code = reel__box_at(r->source, &g, t->end, t->size, &part, &next, r->err);
        if (code != REEL_OK && code != REEL_END && code != REEL_E_BOX_SIZE)
            return code;
        bool box = code == REEL_OK && (reel__row_find(&reel__top, part.type) || (!part.cut && reel__wreck_is_name(part.type)));
        if (!box) {
            t->torn = t->end < t->size;
            return REEL_OK;
        }
        meet(t, &part);
        t->torn = part.cut;
        if (part.cut)
            return REEL_OK;
        t->end = next;
    }
    return reel__fail(r->err, REEL_E_BOX_LIMIT, t->end, NULL, "more boxes at the top than any film has");
}

/* ---- what is torn ---- */

static int keep_front(repair *r, reel_plan *plan, uint64_t end, const char *what)
{
    if (end < r->top.size)
        say(r, what);
    r->report.lost_bytes = r->top.size - end;
    return reel_plan_add_source(plan, r->source, 0, end, r->err);
}

static uint64_t samples_in(const reel_movie *m)
{
    uint64_t all = 0, n;
    for (size_t i = 0; i < m->track_count; i++)
        if (reel_track_sample_count(m->track[i], &n, NULL) == REEL_OK)
            all += n;
    return all;
}

static int none_there(const repair *r)
{
    return reel__fail(r->err, REEL_E_TRUNCATED, r->top.end, NULL, "not one of its samples is there");
}

/* The samples that are there, in a new film; none is made when all are there. */
static int without_lost(repair *r, const reel_movie *m, reel_plan **out)
{
    reel__film film = {0};
    const reel_write_options options = {.sizeof_options = sizeof options, .alloc = &r->alloc};
    uint64_t kept = 0;
    reel_plan *plan = NULL;
    int code = reel__whole_film(m, &options, REEL__FILM_LENIENT, &film, r->err);
    if (code == REEL_OK)
        code = reel__film_plan(&film, &plan, r->err);
    for (size_t i = 0; i < film.strands; i++)
        kept += film.strand[i].tables.samples;
    /* Without a media box what a table points at is something else. */
    if (code == REEL_OK && (film.overlaid || kept) && (kept == 0 || (film.lost && r->top.mdat == UINT64_MAX)))
        code = reel__fail(r->err, REEL_E_TRUNCATED, r->top.end, NULL,
                          "not one of its samples is there: at the places that are within the file stands something else");
    else if (code == REEL_OK && kept == 0)
        code = none_there(r);
    if (code == REEL_OK && (film.lost || r->top.mdat_cut || r->top.moov_cut)) {
        r->report.lost_samples = samples_in(m) - kept;
        say(r, film.lost ?
            "the file ends before its media does: samples that are not there are left out, the movie box is made anew"
                         : "the last box goes past the end of the file: the movie box is made anew");
        *out = plan;
        plan = NULL;
    }
    reel_plan_close(&plan);
    reel__film_free(&film);
    return code;
}

/* ---- a moov that nobody points at ---- */

/* The last one behind from. Block by block from the end: there it is, mostly. */
static int find_moov(repair *r, uint64_t from, uint64_t *at)
{
    uint8_t *buf = reel__alloc(&r->alloc, BLOCK + 8);
    int code = REEL_END;
    if (!buf)
        return reel__fail(r->err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    for (uint64_t end = r->top.size; code == REEL_END && end > from;) {
        uint64_t begin = end - from > BLOCK ? end - BLOCK : from;
        size_t n = (size_t)REEL__MIN(r->top.size - begin, (uint64_t)BLOCK + 8);
        int got = reel_source_read(r->source, begin, buf, n, r->err);
        if (got != REEL_OK)
            code = got;
        for (size_t i = n; code == REEL_END && i-- > 0;)
            if (i + 8 <= n && !memcmp(buf + i + 4, "moov", 4) && reel__wreck_is_moov(r->source, begin + i)) {
                *at = begin + i;
                code = REEL_OK;
            }
        end = begin;
    }
    reel__free(&r->alloc, buf);
    return code;
}

/* The film with a header for its mdat that says where moov begins. */
static int close_mdat(repair *r, uint64_t moov, reel_plan *plan)
{
    const top *t = &r->top;
    uint64_t size = moov - t->mdat;
    uint8_t head[16] = {0, 0, 0, 1, 'm', 'd', 'a', 't'};
    size_t n = t->mdat_header == 16 ? 16 : 8;
    for (size_t i = 0; i < 8; i++)
        head[8 + i] = (uint8_t)(size >> 8 * (7 - i));
    if (n == 8)
        memcpy(head, head + 12, 4);
    if (n == 8 && size > UINT32_MAX)
        return reel__fail(r->err, REEL_E_UNSUPPORTED, t->mdat, "mdat", "it has more than 4 GiB, and no room to say so");
    int code = reel_plan_add_source(plan, r->source, 0, t->mdat, r->err);
    if (code == REEL_OK)
        code = reel_plan_add_copy(plan, head, n, r->err);
    return code == REEL_OK ? reel_plan_add_source(plan, r->source, t->mdat + n, t->size - t->mdat - n, r->err) : code;
}

/* closed is the film with its mdat closed. Pieces of made that name it become pieces of what it is made of. */
static int flatten(repair *r, const reel_plan *made, const reel_plan *closed, reel_plan *out)
{
    reel_piece p, q;
    int code = REEL_OK;
    for (uint64_t at = 0; code == REEL_OK && reel_plan_piece(made, at, UINT64_MAX, &p) == REEL_OK; at += p.size) {
        if (p.data)
            code = reel_plan_add_copy(out, p.data, (size_t)p.size, r->err);
        for (uint64_t b = p.offset; !p.data && code == REEL_OK && reel_plan_piece(closed, b, p.offset + p.size, &q) == REEL_OK;
             b += q.size)
            code = q.data ? reel_plan_add_copy(out, q.data, (size_t)q.size, r->err)
                          : reel_plan_add_source(out, r->source, q.offset, q.size, r->err);
    }
    return code;
}

/* Not all of its samples need be there either. */
static int without_lost_of_closed(repair *r, reel_plan **plan)
{
    const reel_open_options open = {.sizeof_options = sizeof open, .allocator = &r->alloc};
    reel_source *source = NULL;
    reel_movie *m = NULL;
    reel_plan *made = NULL, *out = NULL;
    int code = reel__plan_as_source(*plan, &source, r->err);
    if (code == REEL_OK)
        code = reel_open(source, &open, &m, r->err);
    if (code == REEL_OK && samples_in(m))
        code = without_lost(r, m, &made);
    if (code == REEL_OK && made)
        code = reel_plan_new(&r->alloc, &out, r->err);
    if (code == REEL_OK && made)
        code = flatten(r, made, *plan, out);
    reel_plan_close(&made);
    reel_close(&m);
    reel_source_unref(&source);
    if (code == REEL_OK && out) {
        reel_plan_close(plan);
        *plan = out;
        out = NULL;
    }
    reel_plan_close(&out);
    return code;
}

static int without_moov(repair *r, reel_plan **plan)
{
    uint64_t moov = 0;
    int code = r->top.mdat == UINT64_MAX ? REEL_END : find_moov(r, r->top.mdat + r->top.mdat_header, &moov);
    if (code == REEL_END)
        return reel__fail(r->err, REEL_E_BOX_MISSING, REEL_NO_OFFSET, NULL,
                          "it has no whole movie box and no fragments: where a sample begins was written nowhere else; "
                          "the recorder may have kept an index beside it");
    if (code != REEL_OK)
        return code;
    say(r, "the size of the media box was never written: it gets it, and the movie box behind it is found again");
    code = close_mdat(r, moov, *plan);
    r->top.mdat_cut = r->top.moov_cut = false;
    return code == REEL_OK ? without_lost_of_closed(r, plan) : code;
}

/* As reel_open sees it. *made: a new film, where one is needed. */
static int with_movie(repair *r, const reel_movie *m, reel_plan *plan, reel_plan **made)
{
    const top *t = &r->top;
    bool holds_none = m->has_mvex && samples_in(m) == 0;
    if (holds_none && t->torn)
        return none_there(r);
    int code = holds_none ? REEL_OK : without_lost(r, m, made);
    if (code == REEL_OK && !*made)
        code = keep_front(r, plan, t->torn ? t->end : t->size, "what stands behind the last box is left out");
    return code;
}

static int with_moov(repair *r, reel_plan **plan)
{
    const reel_open_options open = {.sizeof_options = sizeof open, .allocator = &r->alloc};
    reel_movie *m = NULL;
    reel_plan *made = NULL;
    int code = reel_open(r->source, &open, &m, r->err);
    if (code == REEL_OK)
        code = with_movie(r, m, *plan, &made);
    reel_close(&m);
    if (code == REEL_OK && made) {
        reel_plan_close(plan);
        *plan = made;
    }
    return code;
}

/* May there be fragments in it, where look() saw none? Not in a film with a movie box that says so. */
static bool may_have_fragments(const repair *r)
{
    const reel_open_options open = {.sizeof_options = sizeof open, .allocator = &r->alloc};
    reel_movie *m = NULL;
    if (r->top.fragments || r->top.moov == UINT64_MAX || r->like || reel_open(r->source, &open, &m, NULL) != REEL_OK)
        return true;
    bool may = m->has_mvex;
    reel_close(&m);
    return may;
}

static int without_fragments(repair *r, reel_plan **out)
{
    const top *t = &r->top;
    reel_plan *plan = NULL;
    if (t->end == 0 && t->mdat == UINT64_MAX && t->moov == UINT64_MAX)
        return reel__fail(r->err, REEL_E_NOT_MP4, 0, NULL, "%s", reel_code_text(REEL_E_NOT_MP4));
    int code = reel_plan_new(&r->alloc, &plan, r->err);
    if (code == REEL_OK)
        code = t->moov == UINT64_MAX ? without_moov(r, &plan) : with_moov(r, &plan);
    if (code == REEL_OK)
        *out = plan;
    else
        reel_plan_close(&plan);
    return code;
}

/* ---- what came of it ---- */

static int not_alike(const repair *r, const reel_track *t, const char *why)
{
    return reel__fail(r->err, REEL_E_CONFIG, REEL_NO_OFFSET, NULL, "the film that it is said to be like is another: %s "
                      "(track %u)", why, t->id);
}

static int inspect_track(repair *r, const reel_track *t, reel__fit *fit)
{
    int code = reel__fit_track(t, fit, r->err);
    if (code != REEL_OK)
        return code;
    r->report.checked_samples += fit->checked;
    r->report.foreign_samples += fit->foreign;
    if (r->like && fit->checked && fit->foreign == fit->checked)
        return not_alike(r, t, "not one sample is of the codec that it has there");
    if (r->like && fit->units > 2 && fit->units == fit->samples)
        return not_alike(r, t, "all samples are H.264 or HEVC, and there they are not");
    if (r->like && fit->samples > 1 && fit->duration == 0)
        return not_alike(r, t, "samples last as long as the movie box says, and it does not say it there");
    return REEL_OK;
}

static double seconds_each(const reel_track *t, double duration, uint64_t samples)
{
    return samples && t->timescale ? duration / t->timescale / (double)samples : 0;
}

/* How long a sample of the other film lasts on average; 0: it has none. */
static double usual(const reel_movie *like, uint32_t id)
{
    uint64_t n = 0;
    reel_sample first, last;
    const reel_track *t = reel_movie_track_by_id(like, id);
    if (!t || reel_track_sample_count(t, &n, NULL) != REEL_OK || n == 0 ||
        reel_track_sample(t, 0, &first, NULL) != REEL_OK || reel_track_sample(t, n - 1, &last, NULL) != REEL_OK)
        return 0;
    return seconds_each(t, (double)last.dts + last.duration - (double)first.dts, n);
}

/* ISO/IEC 14496-3: a sample of AAC is a frame of a known number of samples of sound. */
static double exact(const reel_track *t)
{
    reel_description d;
    if (reel_track_description(t, 1, &d, NULL) != REEL_OK || !d.samples_per_frame || !d.sample_rate)
        return 0;
    return (double)d.samples_per_frame / d.sample_rate;
}

static void doubt(repair *r, const reel_track *t, double each, double want, const char *whose)
{
    if (each <= 0 || want <= 0 || (each < want * 1.5 && each > want / 1.5) || r->report.doubt[0])
        return;
    snprintf(r->report.doubt, sizeof r->report.doubt,
             "a sample of track %u lasts %.4f s, %s %.4f s: its timescale may be another", t->id, each, whose, want);
}

/* Recorded together, tracks are about as long as each other. */
static void doubt_lengths(repair *r, double shortest, double longest)
{
    if (longest - shortest > 1 && longest > shortest * 1.05 && !r->report.doubt[0])
        snprintf(r->report.doubt, sizeof r->report.doubt,
                 "one of its tracks lasts %.1f s, another %.1f s: the timescale of one may be another", shortest, longest);
}

static int inspect_tracks(repair *r, const reel_movie *m)
{
    int code = REEL_OK;
    double shortest = 1e18, longest = 0;
    for (size_t i = 0; i < m->track_count && code == REEL_OK; i++) {
        const reel_track *t = m->track[i];
        reel__fit fit;
        code = inspect_track(r, t, &fit);
        if (code != REEL_OK || !r->like || (t->type != REEL_TRACK_VIDEO && t->type != REEL_TRACK_AUDIO) || !fit.samples)
            continue;
        double each = seconds_each(t, (double)fit.duration, fit.samples);
        doubt(r, t, each, exact(t), "its codec says");
        doubt(r, t, each, usual(r->like, t->id), "and in the other film");
        shortest = REEL__MIN(shortest, each * (double)fit.samples);
        longest = REEL__MAX(longest, each * (double)fit.samples);
    }
    if (code == REEL_OK)
        doubt_lengths(r, shortest, longest);
    return code;
}

/* What cannot be opened or walked has no samples that could be told from others. */
static int inspect(repair *r, reel_plan *plan)
{
    const reel_open_options open = {.sizeof_options = sizeof open, .allocator = &r->alloc};
    reel_source *source = NULL;
    reel_movie *m = NULL;
    reel_error err;
    int code = reel__plan_as_source(plan, &source, &err);
    if (code == REEL_OK)
        code = reel_open(source, &open, &m, &err);
    if (code == REEL_OK)
        code = inspect_tracks(r, m);
    else if (reel__passing(code) && r->err)
        *r->err = err;
    reel_close(&m);
    reel_source_unref(&source);
    return reel__passing(code) || code == REEL_E_CONFIG ? code : REEL_OK;
}

int reel_write_repair(reel_source *source, const reel_movie *like, const reel_write_options *options,
                      reel_repair *report, reel_plan **out, reel_error *err)
{
    if (!source || !out || (options && (options->sizeof_options < sizeof *options || options->tracks)))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL,
                          "no source, no place for the plan, or tracks that are named");
    repair r = {.source = source, .like = like, .alloc = options && options->alloc ? *options->alloc : reel__malloc,
                .err = err};
    reel_plan *plan = NULL;
    int code = look(&r);
    if (code == REEL_OK)
        code = may_have_fragments(&r) ? reel__salvage(source, like, &r.alloc, &r.report, &plan, err) : REEL_END;
    if (code == REEL_END)
        code = without_fragments(&r, &plan);
    if (code == REEL_OK && (report || like))
        code = inspect(&r, plan);
    if (code == REEL_OK)
        *out = plan;
    else
        reel_plan_close(&plan);
    if (report)
        *report = r.report;
    return code;
}
