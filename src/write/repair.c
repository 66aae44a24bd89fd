/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be had of a damaged film. First the boxes at the top, as far as they are whole:
 *
 *     moov moof mdat moof mdat moof mda         a recording that was torn: kept up to the last whole mdat
 *     ftyp moov mdat....                        a download that was torn: samples that are not there are left out
 *     ftyp mdat(no size)............... moov    a camera that lost power: moov is found, mdat gets its size
 *     ftyp moov mdat ??                         something behind the film: left out
 */
#include <stdio.h>

#include "write/copy.h"
#include "write/cut.h"

#define BOX(a, b, c, d) REEL_4CC(a, b, c, d)

enum { BLOCK = 1 << 16, MOST_BOXES = 1 << 24 };

typedef struct top {
    uint64_t size;           /* of the file */
    uint64_t end;            /* of the last whole box */
    uint64_t media_end;      /* of the last mdat that belongs to a moof, or of moov */
    uint64_t moov, mdat;     /* where moov and the last mdat begin; UINT64_MAX: nowhere */
    uint64_t mdat_header;    /* bytes */
    bool fragments, moov_cut, mdat_cut, torn; /* torn: the file ends within a box, or what stands there is none */
} top;

typedef struct repair {
    reel_source *source;
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

static void meet(top *t, const reel__part *part, uint64_t next, bool *moof)
{
    if (part->type == BOX('m', 'o', 'o', 'v') && t->moov == UINT64_MAX) {
        t->moov = part->offset;
        t->moov_cut = part->cut;
        t->media_end = next;
    }
    if (part->type == BOX('m', 'd', 'a', 't')) {
        t->mdat = part->offset;
        t->mdat_header = part->header;
        t->mdat_cut = part->cut;
    }
    if (part->type == BOX('m', 'd', 'a', 't') && *moof && !part->cut)
        t->media_end = next;
    *moof = part->type == BOX('m', 'o', 'o', 'f') || (*moof && part->type != BOX('m', 'd', 'a', 't'));
    t->fragments |= part->type == BOX('m', 'o', 'o', 'f') && t->moov != UINT64_MAX;
}

/* Could that be the name of a box that nobody told us of? */
static bool is_name(uint32_t type)
{
    for (int i = 0; i < 32; i += 8)
        if ((type >> i & 0xff) < ' ' || (type >> i & 0xff) > '~')
            return false;
    return true;
}

/* The boxes at the top, to the end or to what is none. */
static int look(repair *r)
{
    top *t = &r->top;
    bool moof = false;
    reel__glance g;
    g.n = 0;
    *t = (top){.size = reel_source_size(r->source), .moov = UINT64_MAX, .mdat = UINT64_MAX};
    uint64_t next = 0;
    for (uint32_t n = 0; n < MOST_BOXES; n++) {
        reel__part part;
        int code = reel__box_at(r->source, &g, t->end, t->size, &part, &next, r->err);
        if (code != REEL_OK && code != REEL_END && code != REEL_E_BOX_SIZE)
            return code;
        bool box = code == REEL_OK && (reel__row_find(&reel__top, part.type) || (!part.cut && is_name(part.type)));
        if (!box) {
            t->torn = t->end < t->size || moof; /* a fragment whose media never came */
            return REEL_OK;
        }
        meet(t, &part, next, &moof);
        t->torn = part.cut;
        if (part.cut)
            return REEL_OK;
        t->end = next;
    }
    return reel__fail(r->err, REEL_E_BOX_LIMIT, t->end, NULL, "more boxes at the top than any film has");
}

/* ---- a moov that nobody points at ---- */

/* moov, whole, with the box that it begins with: mvhd. */
static bool is_moov(const repair *r, uint64_t at)
{
    uint8_t head[16];
    if (at + sizeof head > r->top.size || reel_source_read(r->source, at, head, sizeof head, NULL) != REEL_OK)
        return false;
    uint64_t size = reel__be32(head), inner = reel__be32(head + 8);
    return reel__be32(head + 4) == BOX('m', 'o', 'o',
                                       'v') && reel__be32(head + 12) == BOX('m', 'v', 'h', 'd') && inner >= 100 &&
           inner <= 200 && size >= inner + 8 && size <= r->top.size - at;
}

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
            if (i + 8 <= n && !memcmp(buf + i + 4, "moov", 4) && is_moov(r, begin + i)) {
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

static int without_moov(repair *r, reel_plan *plan)
{
    uint64_t moov = 0;
    int code = r->top.mdat == UINT64_MAX ? REEL_END : find_moov(r, r->top.mdat + r->top.mdat_header, &moov);
    if (code == REEL_END)
        return reel__fail(r->err, REEL_E_BOX_MISSING, REEL_NO_OFFSET, NULL,
                          "there is no movie box in it, whole: nothing says where its samples are");
    if (code != REEL_OK)
        return code;
    say(r, "the size of the media box was never written: it gets it, and the movie box behind it is found again");
    return close_mdat(r, moov, plan);
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
    if (code == REEL_OK && kept == 0)
        code = reel__fail(r->err, REEL_E_TRUNCATED, r->top.end, NULL, "not one of its samples is there");
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

static int keep_fragments(repair *r, reel_plan *plan)
{
    const top *t = &r->top;
    return keep_front(r, plan, t->torn || t->media_end < t->moov ? t->media_end : t->end,
                      "its last fragment is not whole: the film ends with the one before it");
}

/* As reel_open sees it. *made: a new film, where one is needed. */
static int with_movie(repair *r, reel_plan *plan, reel_plan **made)
{
    const top *t = &r->top;
    const reel_open_options open = {.sizeof_options = sizeof open, .allocator = &r->alloc};
    reel_movie *m = NULL;
    int code = reel_open(r->source, &open, &m, r->err);
    if (code != REEL_OK)
        return code;
    if (m->has_mvex && samples_in(m) == 0)
        code = keep_fragments(r, plan);
    else
        code = without_lost(r, m, made);
    if (code == REEL_OK && !*made && reel_plan_size(plan) == 0)
        code = keep_front(r, plan, t->torn ? t->end : t->size, "what stands behind the last box is left out");
    reel_close(&m);
    return code;
}

static int with_moov(repair *r, reel_plan **plan)
{
    reel_plan *made = NULL;
    int code = r->top.fragments ? keep_fragments(r, *plan) : with_movie(r, *plan, &made);
    if (code == REEL_OK && made) {
        reel_plan_close(plan);
        *plan = made;
    }
    return code;
}

int reel_write_repair(reel_source *source, const reel_write_options *options, reel_repair *report, reel_plan **out,
                      reel_error *err)
{
    if (!source || !out || (options && (options->sizeof_options < sizeof *options || options->tracks)))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL,
                          "no source, no place for the plan, or tracks that are named");
    repair r = {.source = source, .alloc = options && options->alloc ? *options->alloc : reel__malloc, .err = err};
    reel_plan *plan = NULL;
    int code = look(&r);
    if (code == REEL_OK && r.top.end == 0 && r.top.mdat == UINT64_MAX && r.top.moov == UINT64_MAX)
        code = reel__fail(err, REEL_E_NOT_MP4, 0, NULL, "%s", reel_code_text(REEL_E_NOT_MP4));
    if (code == REEL_OK)
        code = reel_plan_new(&r.alloc, &plan, err);
    if (code == REEL_OK)
        code = r.top.moov == UINT64_MAX ? without_moov(&r, plan) : with_moov(&r, &plan);
    if (code == REEL_OK && report)
        *report = r.report;
    if (code == REEL_OK)
        *out = plan;
    else
        reel_plan_close(&plan);
    return code;
}
