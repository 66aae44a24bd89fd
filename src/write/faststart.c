/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * moov in front of the media.
 *
 *     before     ftyp  free  mdat ........................  moov  tail        zones of the old file:
 *                     |front|          media               |moov |behind |
 *     after      ftyp  moov'  pad  free  mdat ......................... tail
 *
 * What moov says about the place of media changes by the zone that the place lies in: media by the size of moov' and
 * of a free box behind it, which keeps it where it was within its pages; behind by how much these two are longer than
 * moov. Only such numbers are made anew; they are patches on the bytes of moov.
 */
#include <stdlib.h>

#include "write/copy.h"
#include "write/film.h"

#define BOX(a, b, c, d) REEL_4CC(a, b, c, d)

enum { MOST_PLACES = 4 * REEL__TRACKS }; /* tables; no film has more, and settling goes through them again and again */

typedef struct patch {
    uint64_t at, size; /* bytes of the old moov that go */
    size_t from, n;    /* bytes of faststart.bytes that come instead */
} patch;

/* stco, co64 or saio of one track. */
typedef struct places {
    const reel_track *track;
    reel__part box;    /* bare */
    size_t head;       /* bytes of its body before the first place */
    uint32_t n;
    uint64_t most[2];  /* the greatest place in the media and behind moov; 0: none */
    bool wide, widens; /* 64 bits in the old film; only in the new one */
} places;

typedef struct faststart {
    const reel_movie *movie;
    reel_allocator alloc;
    const uint8_t *moov;   /* the bytes that the new moov is made of: the old one, or what its cmov held */
    uint64_t moov_size;    /* of these */
    uint64_t front, old, behind; /* where moov' goes; where the old moov begins and ends */
    uint64_t size, pad;    /* of moov', and of the free box behind it */
    places *place;
    size_t count, room;
    reel__out bytes, patches;
    reel_error *err;
} faststart;

/* ---- which way ---- */

typedef struct layout {
    uint64_t front, room; /* where moov may go, and how much free space there is */
    uint64_t mdat;        /* the first one; UINT64_MAX: none */
    bool sidx, moof;      /* in front of moov */
} layout;

/* The boxes in front of moov. */
static int look(const reel_movie *m, layout *l, reel_error *err)
{
    reel__glance g;
    g.n = 0;
    *l = (layout){.mdat = UINT64_MAX};
    uint64_t next = 0;
    for (uint64_t at = 0; at < m->moov.offset; at = next) {
        reel__part part;
        int code = reel__box_at(m->source, &g, at, reel_source_size(m->source), &part, &next, err);
        if (code != REEL_OK)
            return code == REEL_END ? REEL_OK : code;
        bool space = part.type == BOX('f', 'r', 'e', 'e') || part.type == BOX('s', 'k', 'i', 'p');
        if (part.type == BOX('f', 't', 'y', 'p') && at == 0)
            l->front = next;
        if (space && l->front + l->room == at && l->mdat == UINT64_MAX)
            l->room += next - at;
        if (part.type == BOX('m', 'd', 'a', 't') && l->mdat == UINT64_MAX)
            l->mdat = at;
        l->sidx |= part.type == BOX('s', 'i', 'd', 'x');
        l->moof |= part.type == BOX('m', 'o', 'o', 'f');
    }
    return REEL_OK;
}

static int refuse(const reel_movie *m, const char *what, reel_error *err)
{
    return reel__fail(err, REEL_E_UNSUPPORTED, m->moov.offset, "moov", "it cannot be moved to the front: %s", what);
}

static int check(const reel_movie *m, const layout *l, reel_error *err)
{
    if (m->moov.cut)
        return reel__fail(err, REEL_E_TRUNCATED, m->moov.offset, "moov", "it goes past the end of the file");
    if (l->moof)
        return refuse(m, "fragments lie in front of it", err);
    if (l->sidx)
        return refuse(m, "a segment index lies in front of it", err);
    if (m->meta.body && reel__meta_names_places(&m->meta))
        return refuse(m, "the items of a meta box lie at places of the file", err);
    return reel__film_check_moov(m, err);
}

static int whole(const reel_movie *m, reel_plan *plan, reel_error *err)
{
    return reel_plan_add_source(plan, m->source, 0, reel_source_size(m->source), err);
}

/* moov into free space in front of the media: nothing moves. */
static int into_space(const reel_movie *m, const layout *l, reel_plan *plan, reel_error *err)
{
    uint64_t size = (uint64_t)m->moov.header + m->moov.size, left = l->room - size, end = m->moov.offset + size;
    size_t n = left == 0 ? 0 : left > UINT32_MAX ? 16 : 8;
    int code = reel_plan_add_source(plan, m->source, 0, l->front, err);
    if (code == REEL_OK)
        code = reel_plan_add_source(plan, m->source, m->moov.offset, size, err);
    if (code == REEL_OK && left)
        code = reel__plan_add_header(plan, BOX('f', 'r', 'e', 'e'), left, err);
    if (code == REEL_OK)
        code = reel_plan_add_source(plan, m->source, l->front + size + n, m->moov.offset - (l->front + size + n), err);
    return code == REEL_OK ? reel_plan_add_source(plan, m->source, end, reel_source_size(m->source) - end, err) : code;
}

/* ---- places ---- */

static uint64_t place_at(const places *p, uint32_t i)
{
    const uint8_t *at = p->box.body + p->head + (p->wide ? 8 : 4) * (size_t)i;
    return p->wide ? reel__be64(at) : reel__be32(at);
}

static void survey(const faststart *f, places *p)
{
    for (uint32_t i = 0; i < p->n; i++) {
        uint64_t at = place_at(p, i);
        if (at >= f->front && at < f->behind)
            p->most[0] = REEL__MAX(p->most[0], at);
        else if (at >= f->behind)
            p->most[1] = REEL__MAX(p->most[1], at);
    }
}

static int add_places(faststart *f, const reel_track *t, const reel__part *box, size_t head, bool wide)
{
    if (f->count == MOST_PLACES)
        return reel__fail(f->err, REEL_E_BOX_LIMIT, box->offset, "moov", "more than %d tables of places", MOST_PLACES);
    if (f->count == f->room) {
        size_t room = f->room ? f->room * 2 : 8;
        places *more = reel__realloc_array(&f->alloc, f->place, room, sizeof *more);
        if (!more)
            return reel__fail(f->err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
        f->place = more;
        f->room = room;
    }
    places p = {.track = t, .box = *box, .head = head, .wide = wide};
    if (box->size < head)
        return REEL_OK;
    p.n = (uint32_t)REEL__MIN((size_t)reel__be32(box->body + head - 4), (box->size - head) / (wide ? 8 : 4));
    survey(f, &p);
    f->place[f->count++] = p;
    return REEL_OK;
}

/* ISO/IEC 14496-12:2022 8.7.5, 8.7.9 */
static int find_places(faststart *f)
{
    int code = REEL_OK;
    for (size_t i = 0; i < f->movie->track_count && code == REEL_OK; i++) {
        const reel_track *t = f->movie->track[i];
        reel__children c = reel__bare_children(&t->part[REEL__STBL], 0);
        reel__part part;
        if (t->external) /* its places are those of another file */
            continue;
        while (code == REEL_OK && reel__children_next(&c, &part, NULL)) {
            if (part.type == BOX('s', 't', 'c', 'o') || part.type == BOX('c', 'o', '6', '4'))
                code = add_places(f, t, &part, 8, part.type == BOX('c', 'o', '6', '4'));
            else if (part.type == BOX('s', 'a', 'i', 'o') && part.size >= 4)
                code = add_places(f, t, &part, part.body[3] & 1 ? 16 : 8, part.body[0] != 0);
        }
    }
    return code;
}

/* Where a place of the old file is in the new one. */
static uint64_t moved(const faststart *f, uint64_t at)
{
    if (at < f->front)
        return at;
    if (at < f->old)
        return at + f->size + f->pad;
    if (at < f->behind)
        return f->front + (at - f->old);
    return at + f->size + f->pad - (f->behind - f->old);
}

/* Does the table have to become wide now? */
static bool too_narrow(const faststart *f, const places *p)
{
    uint64_t media = p->most[0] ? moved(f, p->most[0]) : 0, behind = p->most[1] ? moved(f, p->most[1]) : 0;
    return !p->wide && !p->widens && REEL__MAX(media, behind) > UINT32_MAX;
}

/* The size of moov' settles: tables that become wide push others over 4 GiB. */
static void settle(faststart *f)
{
    bool again = true;
    f->size = f->moov_size;
    while (again) {
        again = false;
        if (!f->movie->first_moof_seen) /* fragments behind it stay where they are, or it is refused */
            f->pad = reel__plan_padding(f->front + f->size, f->front, f->old - f->front);
        for (size_t i = 0; i < f->count; i++) {
            if (!too_narrow(f, &f->place[i]))
                continue;
            f->place[i].widens = again = true;
            f->size += 4 * (uint64_t)f->place[i].n;
        }
    }
}

/* ---- patches ---- */

static void begin_patch(faststart *f, uint64_t at, uint64_t size)
{
    patch *p = (patch *)(void *)reel__out_take(&f->patches, sizeof *p);
    if (p)
        *p = (patch){at, size, f->bytes.size, 0};
}

static void end_patch(faststart *f)
{
    if (f->patches.code != REEL_OK)
        return;
    patch *p = (patch *)(void *)(f->patches.data + f->patches.size - sizeof *p);
    p->n = f->bytes.size - p->from;
}

static uint64_t in_moov(const faststart *f, const reel__part *part)
{
    return (uint64_t)(reel__payload_of(part).data - f->moov) - (part->header - part->header % 8);
}

/* A container gets longer. Its size field is 32 bits, or 64 behind a 1; 0 stays: to the end of its parent. */
static void patch_size(faststart *f, uint64_t at, uint64_t more)
{
    uint32_t size = reel__be32(f->moov + at);
    if (size == 0 || more == 0)
        return;
    begin_patch(f, size == 1 ? at + 8 : at, size == 1 ? 8 : 4);
    if (size == 1)
        reel__out_64(&f->bytes, reel__be64(f->moov + at + 8) + more);
    else
        reel__out_32(&f->bytes, (uint32_t)(size + more));
    if (size != 1 && size + more > UINT32_MAX)
        f->bytes.code = REEL_E_BOX_SIZE;
    end_patch(f);
}

static void patch_places(faststart *f, const places *p)
{
    uint64_t at = in_moov(f, &p->box), head = p->box.header, each = p->wide ? 8 : 4;
    bool chunks = p->box.type != BOX('s', 'a', 'i', 'o');
    if (p->widens) {
        patch_size(f, at, 4 * (uint64_t)p->n);
        if (chunks) {
            begin_patch(f, at + 4, 4);
            reel__out_32(&f->bytes, BOX('c', 'o', '6', '4'));
        } else {
            begin_patch(f, at + head, 1);
            reel__out_8(&f->bytes, 1);
        }
        end_patch(f);
    }
    begin_patch(f, at + head + p->head, each * p->n);
    uint8_t *out = reel__out_take(&f->bytes, (p->wide || p->widens ? 8 : 4) * (size_t)p->n);
    for (uint32_t i = 0; out && i < p->n; i++) {
        uint64_t to = moved(f, place_at(p, i));
        for (int shift = p->wide || p->widens ? 56 : 24; shift >= 0; shift -= 8)
            *out++ = (uint8_t)(to >> shift);
    }
    end_patch(f);
}

/* How much longer the track becomes. */
static uint64_t growth(const faststart *f, const reel_track *t)
{
    uint64_t more = 0;
    for (size_t i = 0; i < f->count; i++)
        if ((!t || f->place[i].track == t) && f->place[i].widens)
            more += 4 * (uint64_t)f->place[i].n;
    return more;
}

/* mdia, minf and stbl of the track: those of the skeleton, by the stbl that it found. */
static void patch_parents(faststart *f, const reel_track *t, uint64_t more)
{
    reel__part part = t->part[REEL__TRAK];
    static const uint32_t path[] = {BOX('m', 'd', 'i', 'a'), BOX('m', 'i', 'n', 'f'), BOX('s', 't', 'b', 'l')};
    const uint8_t *stbl = t->part[REEL__STBL].body;
    patch_size(f, in_moov(f, &part), more);
    for (size_t i = 0; i < sizeof path / sizeof *path; i++) {
        reel__children c = reel__bare_children(&part, 0);
        reel__part child;
        while (reel__children_next(&c, &child, NULL))
            if (child.type == path[i] && stbl >= child.body && stbl <= child.body + child.size) {
                patch_size(f, in_moov(f, &child), more);
                part = child;
                break;
            }
    }
}

static int by_place(const void *a, const void *b)
{
    uint64_t x = ((const patch *)a)->at, y = ((const patch *)b)->at;
    return x < y ? -1 : x > y;
}

static void make_patches(faststart *f)
{
    uint64_t all = growth(f, NULL);
    uint32_t was = reel__be32(f->moov);
    if (was == 1) {
        begin_patch(f, 8, 8);
        reel__out_64(&f->bytes, f->size);
        end_patch(f);
    } else if (was != f->size) { /* a 0 for "to the end of the file" is true no more */
        begin_patch(f, 0, 4);
        reel__out_32(&f->bytes, (uint32_t)f->size);
        end_patch(f);
    }
    for (size_t i = 0; all && i < f->movie->track_count; i++) {
        uint64_t more = growth(f, f->movie->track[i]);
        if (more)
            patch_parents(f, f->movie->track[i], more);
    }
    for (size_t i = 0; i < f->count; i++)
        patch_places(f, &f->place[i]);
    if (f->patches.code == REEL_OK && f->patches.size)
        qsort(f->patches.data, f->patches.size / sizeof(patch), sizeof(patch), by_place);
}

/* Bytes of the old moov: a range of the file, or memory that goes with the movie and is copied. */
static int put_old(const faststart *f, reel_plan *plan, uint64_t at, uint64_t n)
{
    if (f->movie->inflated)
        return reel_plan_add_copy(plan, f->moov + at, (size_t)n, f->err);
    return reel_plan_add_source(plan, f->movie->source, f->old + at, n, f->err);
}

static int put_moov(faststart *f, reel_plan *plan)
{
    uint64_t at = 0;
    int code = f->bytes.code != REEL_OK ? f->bytes.code : f->patches.code;
    if (code != REEL_OK)
        return reel__fail(f->err, code, f->old, "moov", "%s", reel_code_text(code));
    const patch *p = (const patch *)(const void *)f->patches.data;
    const uint8_t *bytes = f->bytes.data;
    /* The plan owns the bytes first, and then names pieces of them. */
    code = reel__plan_keep_out(plan, &f->bytes, f->err);
    for (size_t left = f->patches.size / sizeof *p; left && code == REEL_OK; left--, p++) {
        if (p->at < at || p->at + p->size > f->moov_size)
            return reel__fail(f->err, REEL_E_BOX_SIZE, f->old, "moov", "its boxes lie over each other");
        code = put_old(f, plan, at, p->at - at);
        if (code == REEL_OK)
            code = reel_plan_add_memory(plan, bytes ? bytes + p->from : NULL, p->n, f->err);
        at = p->at + p->size;
    }
    return code == REEL_OK ? put_old(f, plan, at, f->moov_size - at) : code;
}

static int move(faststart *f, reel_plan *plan)
{
    const reel_movie *m = f->movie;
    int code = find_places(f);
    if (code != REEL_OK)
        return code;
    settle(f);
    if (f->size != f->behind - f->old && m->first_moof_seen)
        return refuse(m, "it gets longer, and fragments behind it name places in the file", f->err);
    make_patches(f);
    code = reel_plan_add_source(plan, m->source, 0, f->front, f->err);
    if (code == REEL_OK)
        code = put_moov(f, plan);
    if (code == REEL_OK)
        code = reel__plan_add_padding(plan, f->pad, f->err);
    if (code == REEL_OK)
        code = reel_plan_add_source(plan, m->source, f->front, f->old - f->front, f->err);
    if (code == REEL_OK)
        code = reel_plan_add_source(plan, m->source, f->behind, reel_source_size(m->source) - f->behind, f->err);
    return code;
}

static int make(const reel_movie *m, const layout *l, reel_plan *plan, const reel_allocator *alloc, reel_error *err)
{
    uint64_t size = (uint64_t)m->moov.header + m->moov.size;
    faststart f = {.movie = m, .alloc = *alloc, .front = l->front, .old = m->moov.offset,
                   .behind = m->moov.offset + size,
                   .err = err};
    f.moov = m->boxes.body - m->boxes.header;
    f.moov_size = (uint64_t)m->boxes.header + m->boxes.size;
    reel__out_init(&f.bytes, alloc, 0);
    reel__out_init(&f.patches, alloc, 0);
    int code = move(&f, plan);
    reel__out_free(&f.bytes);
    reel__out_free(&f.patches);
    reel__free(alloc, f.place);
    return code;
}

int reel_write_faststart(const reel_movie *movie, const reel_write_options *options, reel_plan **out, reel_error *err)
{
    if (!movie || !out || (options && (options->sizeof_options < sizeof *options || options->tracks)))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL,
                          "no film, no place for the plan, or tracks that are named");
    const reel_allocator *alloc = options && options->alloc ? options->alloc : &reel__malloc;
    reel_plan *plan = NULL;
    layout l = {.mdat = UINT64_MAX};
    int code = movie->moov.body ? look(movie, &l, err) : REEL_OK;
    bool fast = l.mdat == UINT64_MAX && !l.moof;
    uint64_t size = (uint64_t)movie->moov.header + movie->moov.size;
    if (code == REEL_OK && !fast)
        code = check(movie, &l, err);
    if (code == REEL_OK)
        code = reel_plan_new(alloc, &plan, err);
    bool space = !movie->inflated && l.front + l.room <= l.mdat && (l.room == size || l.room >= size + 16) &&
                 movie->moov.body && reel__be32(movie->moov.body - movie->moov.header) != 0;
    if (code == REEL_OK)
        code = fast ? whole(movie, plan, err) : space ? into_space(movie, &l, plan,
                                                                   err) : make(movie, &l, plan, alloc, err);
    if (code == REEL_OK)
        *out = plan;
    else
        reel_plan_close(&plan);
    return code;
}
