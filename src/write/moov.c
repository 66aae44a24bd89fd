/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The movie box of a new film: the boxes of the old one, as they are where they stay true, and made anew where they do
 * not.
 *
 *     moov  mvhd*  [other boxes]                                             * duration, timescale
 *       trak  tkhd*  edts+  [other boxes]                                    + from the edits
 *         mdia  mdhd*  [other boxes]
 *           minf  [other boxes]
 *             stbl  stsd sgpd  + sbgp, tables, senc saiz saio
 */
#include "write/copy.h"
#include "write/film.h"

#define BOX(a, b, c, d) REEL_4CC(a, b, c, d)

enum { MVHD_REST = 80, TKHD_REST = 60, MOST_TIMESCALE = INT32_MAX, MOST_REFERENCES = 4096, MOST_GROUPINGS = 64 };

/* ---- the movie's timescale ---- */

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a ? a : 1;
}

/* Is ticks of the one timescale a whole number in the other? */
static bool whole(int64_t ticks, uint32_t from, uint32_t to)
{
    return reel_time_compare(ticks, from, reel_rescale(ticks, from, to), to) == 0;
}

static bool edits_are_whole(const reel__film *film, uint32_t timescale)
{
    for (size_t i = 0; i < film->strands; i++) {
        const reel__strand *s = &film->strand[i];
        int64_t total = 0;
        for (size_t k = 0; k < s->edits && !s->plain; k++) {
            total = reel__time_plus(total, (uint64_t)s->edit[k].ticks);
            if (!whole(total, s->like->timescale, timescale))
                return false;
        }
    }
    return true;
}

void reel__film_choose_timescale(reel__film *film)
{
    uint64_t fine = film->like->timescale ? film->like->timescale : 1000;
    film->timescale = (uint32_t)fine;
    if (edits_are_whole(film, film->timescale))
        return;
    for (size_t i = 0; i < film->strands; i++) {
        uint64_t mine = film->strand[i].like->timescale;
        if (!film->strand[i].plain && mine && fine <= MOST_TIMESCALE)
            fine = fine / common_divisor(fine, mine) * mine;
    }
    if (fine <= MOST_TIMESCALE)
        film->timescale = (uint32_t)fine;
}

/* ---- durations ---- */

/* How long the strand is shown, in its timescale. */
static int64_t shown(const reel__strand *s)
{
    int64_t total = 0;
    for (size_t i = 0; i < s->edits; i++)
        total = reel__time_plus(total, (uint64_t)s->edit[i].ticks);
    return s->plain ? (int64_t)REEL__MIN(reel__tables_length(&s->tables), (uint64_t)INT64_MAX) : total;
}

static uint64_t in_movie(const reel__film *film, const reel__strand *s, int64_t ticks)
{
    return (uint64_t)reel_rescale(ticks, s->like->timescale, film->timescale);
}

static uint64_t longest(const reel__film *film)
{
    uint64_t most = 0;
    for (size_t i = 0; i < film->strands; i++) {
        uint64_t mine = in_movie(film, &film->strand[i], shown(&film->strand[i]));
        most = REEL__MAX(most, mine);
    }
    return most;
}

/* ---- boxes with times ---- */

static void put_time(reel__out *o, bool wide, uint64_t v)
{
    if (wide)
        reel__out_64(o, v);
    else
        reel__out_32(o, (uint32_t)v);
}

/* What is left of r, made n bytes long. */
static void put_rest(reel__out *o, reel__reader *r, size_t n)
{
    size_t there = REEL__MIN(reel__left(r), n);
    reel__out_bytes(o, r->p, there);
    reel__out_zeros(o, n - there);
}

/* Version, flags and the two dates of mvhd, tkhd, mdhd; gives whether times are 64 bits wide. */
static bool put_dates(reel__out *o, uint32_t type, reel__reader *r, uint64_t duration)
{
    uint32_t head = reel__u32(r);
    bool was_wide = head >> 24 == 1, wide = was_wide || duration > UINT32_MAX;
    uint64_t created = reel__u32_or_64(r, was_wide), modified = reel__u32_or_64(r, was_wide);
    reel__out_full(o, type, wide, head & 0xffffff);
    put_time(o, wide, created);
    put_time(o, wide, modified);
    return wide;
}

/* ISO/IEC 14496-12:2022 8.2.2 */
static void put_mvhd(const reel__film *film, reel__out *o)
{
    static const uint8_t usual[MVHD_REST] = {0, 1, 0, 0, 1, [16] = 0, 1, [32] = 0, 1, [48] = 0x40};
    const reel__part *part = reel__movie_part(film->like, REEL__MVHD);
    reel_span s = reel__payload_of(part);
    reel__reader r = reel__read(s.data, s.size);
    uint64_t duration = longest(film);
    bool was_wide = part->body && part->version == 1, wide = put_dates(o, part->body ?
                                                                       part->type : BOX('m', 'v', 'h', 'd'),
                                                                       &r, duration);
    reel__out_32(o, film->timescale);
    put_time(o, wide, duration);
    reel__skip(&r, was_wide ? 12 : 8);
    if (reel__left(&r) < MVHD_REST)
        r = reel__read(usual, sizeof usual);
    size_t at = o->size;
    put_rest(o, &r, MVHD_REST);
    uint32_t next = 1;
    for (size_t i = 0; i < film->strands; i++)
        next = REEL__MAX(next, film->strand[i].id == UINT32_MAX ? UINT32_MAX : film->strand[i].id + 1);
    reel__out_set_32(o, at + MVHD_REST - 4, next);
    reel__out_end(o);
}

/* ISO/IEC 14496-12:2022 8.3.2 */
static void put_tkhd(const reel__film *film, const reel__strand *s, reel__out *o)
{
    const reel__part *part = &s->like->part[REEL__TKHD];
    reel_span span = reel__payload_of(part);
    static const uint8_t none[4] = {0, 0, 0, 7};
    reel__reader r = span.size ? reel__read(span.data, span.size) : reel__read(none, sizeof none);
    bool was_wide = part->body && part->version == 1;
    uint64_t duration = in_movie(film, s, shown(s));
    bool wide = put_dates(o, BOX('t', 'k', 'h', 'd'), &r, duration);
    reel__out_32(o, s->id);
    reel__out_32(o, 0);
    put_time(o, wide, duration);
    reel__skip(&r, was_wide ? 16 : 12);
    put_rest(o, &r, TKHD_REST);
    reel__out_end(o);
}

/* ISO/IEC 14496-12:2022 8.4.2 */
static void put_mdhd(const reel__strand *s, reel__out *o)
{
    const reel__part *part = &s->like->part[REEL__MDHD];
    reel_span span = reel__payload_of(part);
    reel__reader r = reel__read(span.data, span.size);
    bool was_wide = part->body && part->version == 1;
    uint64_t duration = reel__tables_length(&s->tables);
    bool wide = put_dates(o, BOX('m', 'd', 'h', 'd'), &r, duration);
    reel__out_32(o, s->like->timescale);
    put_time(o, wide, duration);
    reel__skip(&r, was_wide ? 12 : 8);
    put_rest(o, &r, 4);
    reel__out_end(o);
}

/* ---- the edit list ---- */

/* ISO/IEC 14496-12:2022 8.6.6. Durations are steps between rounded sums: rounding never adds up. */
static void put_edits(const reel__film *film, const reel__strand *s, reel__out *o)
{
    bool wide = in_movie(film, s, shown(s)) > UINT32_MAX;
    for (size_t i = 0; i < s->edits; i++)
        wide |= !s->edit[i].empty && s->edit[i].media_time > INT32_MAX;
    reel__out_box(o, BOX('e', 'd', 't', 's'));
    reel__out_full(o, BOX('e', 'l', 's', 't'), wide, 0);
    size_t count_at = o->size;
    uint32_t count = 0;
    int64_t total = 0;
    reel__out_32(o, 0);
    for (size_t i = 0; i < s->edits; i++) {
        const reel__showing *e = &s->edit[i];
        uint64_t before = in_movie(film, s, total);
        total = reel__time_plus(total, (uint64_t)e->ticks);
        uint64_t duration = in_movie(film, s, total) - before;
        if (duration == 0) /* in the last edit it would mean "to the end" */
            continue;
        put_time(o, wide, duration);
        put_time(o, wide, e->empty ? UINT64_MAX : (uint64_t)e->media_time);
        reel__out_32(o, e->empty ? 0x10000 : (uint32_t)e->rate);
        count++;
    }
    reel__out_set_32(o, count_at, count);
    reel__out_end(o);
    reel__out_end(o);
}

/* ---- references ---- */

static uint32_t new_id(const reel__film *film, uint32_t id)
{
    for (size_t i = 0; i < film->strands; i++)
        if (film->strand[i].like->id == id)
            return film->strand[i].id;
    return 0;
}

/* ISO/IEC 14496-12:2022 8.3.3, without what names tracks that are not in the new film */
static void put_references(const reel__film *film, const reel__part *tref, reel__out *o)
{
    reel__children c = reel__bare_children(tref, 0);
    reel__part part;
    size_t begin = o->size, inside, left = MOST_REFERENCES; /* no more are read either */
    reel__out_box(o, tref->type);
    inside = o->size;
    while (left > 0 && reel__children_next(&c, &part, NULL)) {
        size_t at = o->size;
        bool some = false;
        reel__out_box(o, part.type);
        for (size_t i = 0; i + 4 <= part.size && left > 0; i += 4, left--) {
            uint32_t id = new_id(film, reel__be32(part.body + i));
            if (id)
                reel__out_32(o, id);
            some |= id != 0;
        }
        reel__out_end(o);
        if (!some && o->code == REEL_OK)
            o->size = at;
    }
    reel__out_end(o);
    if (o->size == inside && o->code == REEL_OK)
        o->size = begin;
}

/* ---- sample groups ---- */

typedef struct group_runs {
    reel__out *o;
    uint32_t count, group, entries;
} group_runs;

static void add_group(group_runs *g, uint64_t count, uint32_t group)
{
    while (count) {
        if (g->count && (g->group != group || g->count == UINT32_MAX)) {
            reel__out_32(g->o, g->count);
            reel__out_32(g->o, g->group);
            g->entries++;
            g->count = 0;
        }
        uint32_t n = (uint32_t)REEL__MIN(count, (uint64_t)(UINT32_MAX - g->count));
        g->group = group;
        g->count += n;
        count -= n;
    }
}

/* The box of that type for that grouping in stbl: an sbgp or an sgpd. */
static bool find_group(const reel_track *t, uint32_t type, uint32_t grouping, reel__part *out)
{
    reel__children c = reel__bare_children(&t->part[REEL__STBL], 0);
    while (reel__children_next(&c, out, NULL))
        if (out->type == type && out->size >= 8 && reel__be32(out->body + 4) == grouping)
            return true;
    return false;
}

/* The runs of one stretch, clipped to it; what sbgp does not mention is in no group. */
static void add_stretch_groups(const reel__stretch *k, uint64_t samples, uint32_t grouping, group_runs *g)
{
    reel__part sbgp;
    uint64_t at = 0, end = k->first + samples, done = k->first;
    if (find_group(k->track, BOX('s', 'b', 'g', 'p'), grouping, &sbgp)) {
        reel__reader r = reel__part_reader(&sbgp);
        uint32_t head = reel__u32(&r);
        reel__skip(&r, head >> 24 == 1 ? 8 : 4);
        for (uint32_t n = reel__u32(&r); n && reel__left(&r) >= 8 && done < end; n--) {
            uint64_t run_end = at + reel__u32(&r), to = REEL__MIN(run_end, end);
            uint32_t group = reel__u32(&r);
            if (to > done) {
                add_group(g, to - done, group);
                done = to;
            }
            at = run_end;
        }
    }
    add_group(g, end - done, 0);
}

/* How many samples of each stretch came out: all but what a lenient film lost at the end. */
static uint64_t samples_of(const reel__strand *s, size_t k, uint64_t left)
{
    const reel__stretch *x = &s->stretch[k];
    uint64_t mine = x->end == UINT64_MAX ? left : x->end - x->first;
    return REEL__MIN(mine, left);
}

/* Do all stretches have the same descriptions of that grouping? */
static bool groups_agree(const reel__strand *s, const reel__part *sgpd, uint32_t grouping)
{
    for (size_t i = 0; i < s->stretches; i++) {
        reel__part other;
        if (s->stretch[i].track == s->like)
            continue;
        if (!find_group(s->stretch[i].track, BOX('s', 'g', 'p', 'd'), grouping, &other) || other.size != sgpd->size ||
            memcmp(other.body, sgpd->body, sgpd->size) != 0)
            return false;
    }
    return true;
}

/* ISO/IEC 14496-12:2022 8.9: sgpd as it is, and an sbgp for the samples that are left. */
static void put_groups(const reel__strand *s, const reel__part *sgpd, reel__out *o)
{
    uint32_t grouping = sgpd->size >= 8 ? reel__be32(sgpd->body + 4) : 0;
    reel__part sbgp;
    if (!grouping || !groups_agree(s, sgpd, grouping))
        return;
    reel__copy_box(o, sgpd);
    if (!find_group(s->like, BOX('s', 'b', 'g', 'p'), grouping, &sbgp))
        return;
    bool parameter = sbgp.body[0] == 1 && sbgp.size >= 12;
    reel__out_full(o, BOX('s', 'b', 'g', 'p'), parameter, 0);
    reel__out_32(o, grouping);
    if (parameter)
        reel__out_bytes(o, sbgp.body + 8, 4);
    size_t count_at = o->size;
    reel__out_32(o, 0);
    group_runs g = {.o = o};
    uint64_t left = s->tables.samples;
    for (size_t i = 0; i < s->stretches && left; i++) {
        uint64_t n = samples_of(s, i, left);
        add_stretch_groups(&s->stretch[i], n, grouping, &g);
        left -= n;
    }
    if (g.count) {
        reel__out_32(o, g.count);
        reel__out_32(o, g.group);
        g.entries++;
    }
    reel__out_set_32(o, count_at, g.entries);
    reel__out_end(o);
}

/* ---- containers ---- */

typedef struct moov {
    const reel__film *film;
    const reel__strand *strand;
    bool wide;
    uint64_t media_at;
} moov;

/* stsd and groups; every table is made anew, and what speaks of samples in other ways is left out. */
static void put_stbl(const moov *m, const reel__part *stbl, reel__out *o)
{
    reel__children c = reel__bare_children(stbl, 0);
    reel__part part;
    bool described = false;
    reel__out_box(o, stbl->type);
    while (reel__children_next(&c, &part, NULL)) {
        if (part.type == BOX('s', 't', 's', 'd') && !described) {
            reel__copy_box(o, &part);
            described = true;
        }
    }
    reel__tables_write(&m->strand->tables, o, m->wide, m->media_at);
    reel__secrets_write(&m->strand->secrets, o);
    c = reel__bare_children(stbl, 0);
    int left = MOST_GROUPINGS;
    while (left > 0 && reel__children_next(&c, &part, NULL))
        if (part.type == BOX('s', 'g', 'p', 'd')) {
            put_groups(m->strand, &part, o);
            left--;
        }
    reel__out_end(o);
}

static void put_minf(const moov *m, const reel__part *minf, reel__out *o)
{
    reel__children c = reel__bare_children(minf, 0);
    reel__part part;
    bool tables = false;
    reel__out_box(o, minf->type);
    while (reel__children_next(&c, &part, NULL)) {
        if (part.type != BOX('s', 't', 'b', 'l'))
            reel__copy_box(o, &part);
        else if (!tables)
            put_stbl(m, &part, o);
        tables |= part.type == BOX('s', 't', 'b', 'l');
    }
    reel__out_end(o);
}

static void put_mdia(const moov *m, const reel__part *mdia, reel__out *o)
{
    reel__children c = reel__bare_children(mdia, 0);
    reel__part part;
    bool inside = false;
    reel__out_box(o, mdia->type);
    put_mdhd(m->strand, o);
    while (reel__children_next(&c, &part, NULL)) {
        if (part.type == BOX('m', 'i', 'n', 'f') && !inside) {
            put_minf(m, &part, o);
            inside = true;
        } else if (part.type != BOX('m', 'd', 'h', 'd') && part.type != BOX('m', 'i', 'n', 'f')) {
            reel__copy_box(o, &part);
        }
    }
    reel__out_end(o);
}

static void put_trak(const moov *m, reel__out *o)
{
    static const uint32_t made[] = {BOX('t', 'k', 'h', 'd'), BOX('e', 'd', 't', 's')};
    reel__children c = reel__bare_children(&m->strand->like->part[REEL__TRAK], 0);
    reel__part part;
    bool media = false, references = false;
    reel__out_box(o, BOX('t', 'r', 'a', 'k'));
    put_tkhd(m->film, m->strand, o);
    if (!m->strand->plain)
        put_edits(m->film, m->strand, o);
    while (reel__children_next(&c, &part, NULL)) {
        if (reel__type_in(part.type, made, sizeof made / sizeof *made))
            continue;
        if (part.type == BOX('m', 'd', 'i', 'a') && !media) {
            put_mdia(m, &part, o);
            media = true;
        } else if (part.type == BOX('t', 'r', 'e', 'f') && !references) {
            put_references(m->film, &part, o);
            references = true;
        } else if (part.type != BOX('m', 'd', 'i', 'a') && part.type != BOX('t', 'r', 'e', 'f')) {
            reel__copy_box(o, &part);
        }
    }
    reel__out_end(o);
}

/* ---- chapters ---- */

typedef struct chapter {
    uint64_t start;
    reel_span title;
} chapter;

static chapter read_chapter(reel__reader *r)
{
    chapter c = {.start = reel__u64(r)};
    c.title.size = reel__u8(r);
    c.title.data = reel__take(r, c.title.size);
    if (r->bad)
        c.title.data = NULL; /* behind the end: a title of no bytes could be had there as well */
    return c;
}

/*
 * Nero's chpl: those that are shown in the part, and the one that it begins in. Times from the beginning of the part
 * on.
 */
static void put_chapters(const reel__film *film, const reel__part *chpl, reel__out *o)
{
    reel__reader r = reel__part_reader(chpl);
    uint8_t version = reel__u8(&r);
    reel__skip(&r, version ? 4 : 3);
    uint32_t count = version ? reel__u32(&r) : reel__u8(&r), kept = 0;
    size_t box_at = o->size;
    reel__out_full(o, chpl->type, version, 0);
    if (version)
        reel__out_8(o, 0);
    size_t count_at = o->size;
    reel__out_zeros(o, version ? 4 : 1);
    uint64_t from = (uint64_t)REEL__MAX(film->from, 0), to = (uint64_t)film->to;
    chapter c = read_chapter(&r);
    for (uint32_t i = 0; i < count && c.title.data; i++) {
        chapter next = read_chapter(&r);
        bool over = i + 1 < count && next.title.data && next.start <= from;
        if (!over && c.start < to) {
            reel__out_64(o, c.start > from ? c.start - from : 0);
            reel__out_8(o, (uint8_t)c.title.size);
            reel__out_bytes(o, c.title.data, c.title.size);
            kept++;
        }
        c = next;
    }
    if (version)
        reel__out_set_32(o, count_at, kept);
    else if (o->code == REEL_OK)
        o->data[count_at] = (uint8_t)kept;
    reel__out_end(o);
    if (kept == 0 && o->code == REEL_OK)
        o->size = box_at;
}

static void put_udta(const reel__film *film, const reel__part *udta, reel__out *o)
{
    reel__children c = reel__bare_children(udta, 0);
    reel__part part;
    c.zero_end = true;
    reel__out_box(o, udta->type);
    while (reel__children_next(&c, &part, NULL))
        if (part.type == BOX('c', 'h', 'p', 'l'))
            put_chapters(film, &part, o);
        else
            reel__copy_box(o, &part);
    reel__out_end(o);
}

void reel__film_moov(const reel__film *film, reel__out *o, bool wide, uint64_t media_at)
{
    static const uint32_t made[] = {BOX('m', 'v', 'h', 'd'), BOX('t', 'r', 'a', 'k'), BOX('m', 'v', 'e', 'x'),
                                    BOX('c', 'm', 'o', 'v'), BOX('f', 'r', 'e', 'e'), BOX('s', 'k', 'i', 'p')};
    reel__children c = reel__bare_children(&film->like->boxes, 0);
    reel__part part;
    moov m = {film, NULL, wide, media_at};
    reel__out_box(o, BOX('m', 'o', 'o', 'v'));
    put_mvhd(film, o);
    for (size_t i = 0; i < film->strands; i++) {
        m.strand = &film->strand[i];
        put_trak(&m, o);
    }
    while (reel__children_next(&c, &part, NULL))
        if (part.type == BOX('u', 'd', 't', 'a') && film->to)
            put_udta(film, &part, o);
        else if (!reel__type_in(part.type, made, sizeof made / sizeof *made))
            reel__copy_box(o, &part);
    reel__out_end(o);
}

/* ---- ftyp ---- */

/* ISO/IEC 14496-12:2022 4.3. These say that fragments follow, or segments; iso5 to iso9 and the like do not. */
static bool promises_fragments(uint32_t brand)
{
    static const uint32_t brands[] = {BOX('c', 'm', 'f', 'c'), BOX('c', 'm', 'f', '2'), BOX('c', 'm', 'f', 'f'),
                                      BOX('c', 'm', 'f', 's'), BOX('c', 'm', 'f', 'l'), BOX('d', 'a', 's', 'h'),
                                      BOX('m', 's', 'd', 'h'), BOX('m', 's', 'i', 'x'), BOX('l', 'm', 's', 'g'),
                                      BOX('h', 'l', 's', 'f'), BOX('p', 'i', 'f', 'f'), BOX('i', 's', 'm', 'l')};
    return reel__type_in(brand, brands, sizeof brands / sizeof *brands);
}

void reel__film_ftyp(const reel__film *film, reel__out *o)
{
    const reel__part *ftyp = &film->like->ftyp;
    reel__reader r = reel__part_reader(ftyp);
    if (!ftyp->body)
        return;
    uint32_t major = reel__u32(&r);
    reel__out_box(o, ftyp->type);
    reel__out_32(o, promises_fragments(major) ? BOX('i', 's', 'o', '6') : major);
    reel__out_32(o, reel__u32(&r));
    bool some = false;
    while (reel__left(&r) >= 4) {
        uint32_t brand = reel__u32(&r);
        if (promises_fragments(brand))
            continue;
        reel__out_32(o, brand);
        some = true;
    }
    if (!some)
        reel__out_32(o, BOX('i', 's', 'o', '6'));
    reel__out_end(o);
}

/* ---- places in the file that moov names beside the chunks ---- */

/* ISO/IEC 14496-12:2022 8.11.3: does an item lie at a place of the file (construction_method 0)? Damaged: it may. */
static bool names_places(const reel__part *iloc)
{
    reel__reader r = reel__part_reader(iloc);
    uint32_t version = reel__u32(&r) >> 24, sizes = reel__u16(&r);
    size_t offset = sizes >> 12, length = sizes >> 8 & 15, base = sizes >> 4 & 15, index = version ? sizes & 15 : 0;
    uint32_t items = version < 2 ? reel__u16(&r) : reel__u32(&r);
    for (; items && !r.bad; items--) {
        reel__skip(&r, version < 2 ? 2 : 4);
        uint32_t method = version ? reel__u16(&r) & 15 : 0;
        reel__skip(&r, 2 + base);
        uint32_t extents = reel__u16(&r);
        if (method == 0 && extents)
            return true;
        reel__skip(&r, extents * (index + offset + length));
    }
    return r.bad;
}

bool reel__meta_names_places(const reel__part *meta)
{
    reel_span s = reel__payload_of(meta);
    reel__children c = reel__bare_children(meta, reel__meta_plain(s.data, s.size) ? 0 : 4);
    reel__part part;
    while (s.size && reel__children_next(&c, &part, NULL))
        if (part.type == BOX('i', 'l', 'o', 'c') && names_places(&part))
            return true;
    return false;
}

int reel__film_check_moov(const reel_movie *movie, reel_error *err)
{
    const reel__part *meta = reel__movie_part(movie, REEL__MOVIE_META);
    if (meta->body && reel__meta_names_places(meta))
        return reel__fail(err, REEL_E_UNSUPPORTED, meta->offset, "moov/meta",
                          "its items lie at places of the file, which would move");
    for (size_t i = 0; i < movie->track_count; i++) {
        const reel_track *t = movie->track[i];
        if (t->part[REEL__META].body && reel__meta_names_places(&t->part[REEL__META]))
            return reel__track_fail(t, REEL__META, err, REEL_E_UNSUPPORTED,
                                    "its items lie at places of the file, which would move");
    }
    return REEL_OK;
}
