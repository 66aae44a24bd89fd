/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole fragments of a damaged film (write/wreck.h), put together again: behind the movie box that the file has, wherever
 * it stands in it, or one made of the tracks of a film that is like it.
 *
 *     file     ????? moof mdat ??? moov moof mdat moof md        like    ftyp moov ...
 *     plan     ftyp moov moof mdat moof mdat
 *
 * Places in moof count from itself, mostly; where they count from the start of the file they move along. What is to be
 * kept is tried first: laid out, opened, and each moof gone through as a strict reader would; what does not pass is left out.
 */
#include "write/salvage.h"

#include <stdio.h>

#include "movie/moof.h"
#include "movie/runs.h"
#include "write/copy.h"
#include "write/plan.h"
#include "write/stream.h"
#include "write/trim.h"
#include "write/wreck.h"

enum {
    MOOF = REEL_4CC('m', 'o', 'o', 'f'),
    TRAF = REEL_4CC('t', 'r', 'a', 'f'),
    TFHD = REEL_4CC('t', 'f', 'h', 'd'),
    BASE_HERE = 1,        /* flags of tfhd: base-data-offset-present, */
    DESCRIPTION_HERE = 2, /* sample-description-index-present, */
    BASE_IS_MOOF = 1 << 17 /* default-base-is-moof */
};

typedef struct job {
    reel__wreck w;
    reel_allocator alloc;
    const reel_movie *like;
    reel_movie *own;     /* the film's movie box, opened alone */
    reel_range moov;     /* where it stands */
    bool with_tables;    /* it has samples of its own, in front of the fragments */
    reel_plan *alone;    /* what own is opened from */
    reel_plan *head;     /* what comes first in the new film; may be alone */
    uint8_t *buf;        /* for a moof */
    size_t room;
    uint64_t samples;    /* in fragments that are good */
    size_t good;
    reel__trim trim;     /* of the fragment that is torn, once it was looked into */
    bool trimmed;
    reel_repair *report;
    reel_error *err;
} job;

static const reel_movie *known(const job *j) { return j->like ? j->like : j->own; }

static int pass_on(const job *j, const reel_error *err)
{
    if (j->err)
        *j->err = *err;
    return err->code;
}

static int no_memory(const job *j) { return reel__fail(j->err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory"); }

/* ---- a plan, opened ---- */

static int64_t read_plan(void *user, uint64_t offset, void *buf, size_t n)
{
    const reel_plan *plan = user;
    uint64_t size = reel_plan_size(plan);
    n = (size_t)REEL__MIN((uint64_t)n, offset < size ? size - offset : 0);
    int code = reel_plan_read(plan, offset, buf, n, NULL);
    return code == REEL_OK ? (int64_t)n : code;
}

static int size_of_plan(void *user, uint64_t *size)
{
    *size = reel_plan_size(user);
    return REEL_OK;
}

int reel__plan_as_source(reel_plan *plan, reel_source **out, reel_error *err)
{
    const reel_source_io io = {.sizeof_io = sizeof io, .read = read_plan, .size = size_of_plan, .user = plan};
    return reel_source_callback(&io, out, err);
}

static int open_plan(const job *j, reel_plan *plan, reel_movie **out, reel_error *err)
{
    const reel_open_options options = {.sizeof_options = sizeof options, .allocator = &j->alloc};
    reel_source *source;
    int code = reel__plan_as_source(plan, &source, err);
    if (code == REEL_OK) {
        code = reel_open(source, &options, out, err);
        reel_source_unref(&source);
    }
    return code;
}

/* ---- trafs of a moof in memory ---- */

typedef struct traf {
    size_t at; /* in the moof */
    reel__part tfhd;
    uint32_t track_id;
} traf;

static reel__children trafs_of(const uint8_t *moof, size_t n)
{
    reel__part part;
    reel__children c = reel__children_of(moof, n, 0, NULL);
    if (!reel__children_next(&c, &part, NULL))
        return reel__children_of(moof, 0, 0, NULL);
    return reel__children_of(part.body, part.size, part.header, &reel__moof_children);
}

static bool next_traf(reel__children *c, traf *out)
{
    reel__part part;
    while (reel__children_next(c, &part, NULL))
        if (part.type == TRAF && reel__child_of(part.body, part.size, part.offset + part.header, &reel__traf_children, TFHD,
                                                &out->tfhd)) {
            reel__reader r = reel__part_reader(&out->tfhd);
            out->at = (size_t)part.offset;
            out->track_id = reel__u32(&r);
            return true;
        }
    return false;
}

/* The moof into j->buf. */
static int fetch(job *j, const reel__shard *s)
{
    uint64_t n = s->behind - s->moof;
    if (n > SIZE_MAX)
        return no_memory(j);
    if (n > j->room) {
        size_t room = REEL__MAX((size_t)n, j->room < SIZE_MAX / 2 ? j->room * 2 : 0);
        uint8_t *more = reel__realloc_array(&j->alloc, j->buf, room, 1);
        if (!more)
            return no_memory(j);
        j->buf = more;
        j->room = room;
    }
    return reel_source_read(j->w.source, s->moof, j->buf, (size_t)n, j->err);
}

/* ---- what comes first ---- */

static int add_range(const job *j, reel_plan *plan, uint64_t from, uint64_t end)
{
    return reel_plan_add_source(plan, j->w.source, from, end - from, j->err);
}

static int add_box(const job *j, reel_plan *plan, reel_range box)
{
    return add_range(j, plan, box.offset, box.offset + box.size);
}

/* ftyp and that moov. */
static int put_alone(job *j, reel_range moov)
{
    reel_plan_close(&j->alone);
    int code = reel_plan_new(&j->alloc, &j->alone, j->err);
    if (code == REEL_OK)
        code = add_box(j, j->alone, j->w.ftyp);
    return code == REEL_OK ? add_box(j, j->alone, moov) : code;
}

static int count_tables(job *j)
{
    uint64_t n;
    int code = REEL_OK;
    for (size_t i = 0; i < j->own->track_count && code == REEL_OK; i++) {
        code = reel_track_sample_count(j->own->track[i], &n, j->err);
        j->with_tables |= code == REEL_OK && n > 0;
    }
    return code;
}

/* The first of the movie boxes that has tracks. */
static int open_own(job *j)
{
    reel_error err;
    int code = REEL_OK;
    for (size_t i = 0; i < j->w.moovs && !j->own && code == REEL_OK; i++) {
        j->moov = j->w.moov[i];
        code = put_alone(j, j->moov);
        if (code != REEL_OK)
            return code;
        code = open_plan(j, j->alone, &j->own, &err);
        if (reel__passing(code))
            return pass_on(j, &err);
        code = REEL_OK; /* then it is another one, or none */
        if (j->own && j->own->track_count == 0)
            reel_close(&j->own);
    }
    return j->own ? count_tables(j) : code;
}

static bool stands_first(const job *j) { return j->w.shards && j->moov.offset < j->w.shard[0].begin; }

static int own_head(job *j)
{
    if (!j->with_tables)
        return REEL_OK;
    /* Its tables name places in the file: what stands in front of the fragments stays where it is. */
    uint64_t end = j->w.shard[0].begin;
    if (!stands_first(j) || end > j->w.clean)
        return reel__fail(j->err, REEL_E_UNSUPPORTED, j->moov.offset, "moov",
                          "it has samples of its own beside the fragments, and does not stand in front of them");
    int code = reel_plan_new(&j->alloc, &j->head, j->err);
    return code == REEL_OK ? add_range(j, j->head, 0, end) : code;
}

static int not_alike(const job *j, const char *why, unsigned long long a, unsigned long long b, unsigned long long c)
{
    char text[160];
    snprintf(text, sizeof text, why, a, b, c);
    return reel__fail(j->err, REEL_E_CONFIG, REEL_NO_OFFSET, NULL, "the film that it is said to be like is another: %s", text);
}

/* ISO/IEC 14496-12:2022 8.16.3: an index says in which timescale it counts. */
static int check_index(const job *j)
{
    uint8_t head[20];
    if (j->w.sidx.size < sizeof head)
        return REEL_OK;
    int code = reel_source_read(j->w.source, j->w.sidx.offset, head, sizeof head, j->err);
    uint32_t id = reel__be32(head + 12), timescale = reel__be32(head + 16);
    const reel_track *t = code == REEL_OK ? reel_movie_track_by_id(j->like, id) : NULL;
    if (t && timescale && t->timescale != timescale)
        return not_alike(j, "track %llu counts in 1/%llu s in the index of this one, and in 1/%llu s there", id, timescale,
                         t->timescale);
    return code;
}

/* 8.8.7: it names a description that the other film may not have. */
static int check_description(const job *j, const reel_track *track, const traf *t)
{
    size_t at = t->tfhd.flags & BASE_HERE ? 12 : 4;
    if (!(t->tfhd.flags & DESCRIPTION_HERE) || t->tfhd.size < at + 4)
        return REEL_OK;
    uint32_t number = reel__be32(t->tfhd.body + at);
    if (number == 0 || number <= track->description_count)
        return REEL_OK;
    return not_alike(j, "fragments of track %llu name sample description %llu, and there are %llu there", track->id, number,
                     track->description_count);
}

static int find_used(job *j, bool *used, uint32_t *stranger)
{
    int code = check_index(j);
    for (size_t i = 0; i < j->w.shards && code == REEL_OK; i++) {
        const reel__shard *s = &j->w.shard[i];
        traf t;
        code = fetch(j, s);
        reel__children c = trafs_of(j->buf, code == REEL_OK ? (size_t)(s->behind - s->moof) : 0);
        while (code == REEL_OK && next_traf(&c, &t)) {
            const reel_track *track = reel_movie_track_by_id(j->like, t.track_id);
            if (track)
                used[track->number - 1] = true, code = check_description(j, track, &t);
            else
                *stranger = t.track_id;
        }
    }
    return code;
}

/* A movie box for the tracks of the other film that the fragments name. */
static int like_head(job *j)
{
    size_t n = 0, all = j->like->track_count;
    uint32_t stranger = 0;
    bool *used = reel__alloc_zero(&j->alloc, all + 1);
    const reel_track **tracks = reel__alloc_array(&j->alloc, all + 1, sizeof *tracks);
    int code = used && tracks ? find_used(j, used, &stranger) : no_memory(j);
    for (size_t i = 0; used && tracks && i < all && code == REEL_OK; i++)
        if (used[i])
            tracks[n++] = j->like->track[i];
    if (code == REEL_OK && n == 0)
        code = reel__fail(j->err, REEL_E_CONFIG, REEL_NO_OFFSET, NULL,
                          "its fragments are of track %u, and the film that it is said to be like has no such track",
                          stranger);
    if (code == REEL_OK && stranger)
        snprintf(j->report->doubt, sizeof j->report->doubt,
                 "its fragments have a track %u too, which the other film has not; it is left out", stranger);
    if (code == REEL_OK)
        code = reel__stream_init(tracks, n, true, &j->alloc, &j->head, j->err);
    reel__free(&j->alloc, used);
    reel__free(&j->alloc, tracks);
    return code;
}

static int find_head(job *j)
{
    if (j->like)
        return like_head(j);
    int code = open_own(j);
    if (code == REEL_OK && !j->own)
        code = reel__fail(j->err, REEL_E_BOX_MISSING, REEL_NO_OFFSET, NULL,
                          "it has %zu whole fragment%s and no whole movie box, which would say what codecs they are of; "
                          "a film of the same recorder or encoder would do",
                          j->w.shards, j->w.shards == 1 ? "" : "s");
    return code == REEL_OK ? own_head(j) : code;
}

/* ---- laying it out ---- */

/* Where data counts from when its fragment goes from s->moof to `to`. A place outside of it is no good: the moof then. */
static uint64_t base_at(const reel__shard *s, uint64_t base, uint64_t to)
{
    return base >= s->moof && base < s->end ? base - s->moof + to : to;
}

static void put_64(uint8_t *p, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> 8 * (7 - i));
}

/* The moof in j->buf, to stand at `to`. Trafs of tracks that nobody knows become free boxes. */
static bool edit(const job *j, reel__shard *s, uint64_t to)
{
    bool edited = false, hidden = false;
    traf t;
    reel__children c = trafs_of(j->buf, (size_t)(s->behind - s->moof));
    while (next_traf(&c, &t)) {
        if (!reel_movie_track_by_id(known(j), t.track_id)) {
            memcpy(j->buf + t.at + 4, "free", 4);
            hidden = edited = true;
        } else if (t.tfhd.flags & BASE_HERE && t.tfhd.size >= 12) {
            uint8_t *p = j->buf + (t.tfhd.body + 4 - j->buf);
            put_64(p, base_at(s, reel__be64(p), to) + s->shift);
            edited = s->has_base = true;
        } else if (hidden && !(t.tfhd.flags & BASE_IS_MOOF)) {
            s->bad = true; /* its data would follow that of a traf which is not there any more */
        }
    }
    return edited;
}

/* mdat with the size that it has, in a header as long as the one it had. */
static int put_resized(const job *j, reel_plan *plan, const reel__shard *s)
{
    uint8_t head[16] = {0, 0, 0, 1, 'm', 'd', 'a', 't'};
    uint64_t size = s->end - s->mdat;
    size_t n = s->mdat_header;
    put_64(head + 8, size);
    if (n == 8)
        memcpy(head, head + 12, 4);
    int code = reel_plan_add_copy(plan, head, n, j->err);
    return code == REEL_OK ? add_range(j, plan, s->mdat + n, s->end) : code;
}

static int put_shard(job *j, reel_plan *plan, reel__shard *s)
{
    s->at = reel_plan_size(plan) + (s->moof - s->begin);
    int code = fetch(j, s);
    if (code != REEL_OK)
        return code;
    bool edited = edit(j, s, s->at);
    if (s->torn && j->trimmed) {
        s->bad |= !reel__trim_apply(&j->trim, j->buf, (size_t)(s->behind - s->moof));
        edited = true;
    }
    s->bad |= s->resized && (s->end - s->mdat < s->mdat_header || (s->mdat_header == 8 && s->end - s->mdat > UINT32_MAX));
    if (s->bad)
        return REEL_OK;
    code = add_range(j, plan, s->begin, s->moof);
    if (code == REEL_OK)
        code = edited ? reel_plan_add_copy(plan, j->buf, (size_t)(s->behind - s->moof), j->err)
                      : add_range(j, plan, s->moof, s->behind);
    if (code == REEL_OK)
        code = add_range(j, plan, s->behind, s->mdat);
    if (code == REEL_OK)
        code = s->resized ? put_resized(j, plan, s) : add_range(j, plan, s->mdat, s->end);
    return code;
}

static int lay(job *j, reel_plan **out)
{
    reel_plan *plan = NULL;
    int code = reel_plan_new(&j->alloc, &plan, j->err);
    if (code == REEL_OK)
        code = reel_plan_add_plan(plan, j->head ? j->head : j->alone, j->err);
    for (size_t i = 0; i < j->w.shards && code == REEL_OK; i++)
        if (!j->w.shard[i].bad)
            code = put_shard(j, plan, &j->w.shard[i]);
    if (code == REEL_OK)
        *out = plan;
    else
        reel_plan_close(&plan);
    return code;
}

static reel__shard *torn_of(const job *j)
{
    reel__shard *last = j->w.shards ? &j->w.shard[j->w.shards - 1] : NULL;
    return last && last->torn && !last->bad ? last : NULL;
}

/* The film as it is, up to where it is whole, and what is there of the last fragment. */
static int lay_front(job *j, reel_plan **out)
{
    reel_plan *plan = NULL;
    int code = reel_plan_new(&j->alloc, &plan, j->err);
    if (code == REEL_OK)
        code = add_range(j, plan, 0, j->w.clean);
    for (size_t i = 0; i < j->w.shards; i++)
        j->w.shard[i].at = j->w.shard[i].moof;
    if (code == REEL_OK && torn_of(j))
        code = put_shard(j, plan, torn_of(j));
    if (code == REEL_OK)
        *out = plan;
    else
        reel_plan_close(&plan);
    return code;
}

/* ---- does it pass? ---- */

/* REEL_OK or REEL_END: all its runs; else what a strict reader says. *low, *high: where their data lies. */
static int walk(const reel_movie *m, const reel__shard *s, uint64_t *low, uint64_t *high, uint64_t *samples,
                reel_error *err)
{
    reel_moof f;
    reel_run run;
    const reel_track *t;
    int code = reel__moof_begin(&f, m, s->at, s->behind - s->moof, NULL, err);
    *low = UINT64_MAX;
    *high = *samples = 0;
    while (code == REEL_OK && (code = reel__moof_next(&f, m, &t, &run, err)) == REEL_OK) {
        *low = REEL__MIN(*low, run.offset);
        *high = REEL__MAX(*high, f.data_at);
        *samples += t ? run.count : 0;
    }
    return code;
}

/* Where the data of a fragment lies, and where it may. */
typedef struct place {
    uint64_t low, high, from, end;
} place;

static bool within(const place *p) { return p->low >= p->from && p->high <= p->end; }

/*
 * May it be put right? Its mdat is longer than it says; or the file has lost bytes in front of it, so that what counts from
 * the start of the file is wrong by as many: data begins where the mdat does.
 */
static bool mend(reel__shard *s, const place *p)
{
    uint64_t longest = s->at + (REEL__MAX(s->reach, s->end) - s->moof);
    place moved = *p;
    if (s->has_base && p->high - p->low <= longest - p->from && (p->low < p->from || p->high > longest)) {
        s->shift += p->from - p->low;
        moved.low += p->from - p->low;
        moved.high += p->from - p->low;
    }
    if (moved.low < p->from || moved.high > longest)
        return false;
    if (moved.high > p->end) {
        s->end = s->reach;
        s->resized = true;
    }
    return true;
}

/* The torn one keeps what is there of it; with nothing there it is none. *again: it has to be laid out once more. */
static int check_torn(job *j, const reel_movie *m, reel__shard *s, bool *again)
{
    reel_error err;
    uint64_t end = s->at + (s->end - s->moof);
    int code = reel__trim_look(&j->trim, m, s->at, s->behind - s->moof, end, &j->alloc, &err);
    if (reel__passing(code))
        return pass_on(j, &err);
    *again = j->trimmed = true;
    if (code == REEL_OK && j->trim.kept && j->trim.high >= s->at + (s->mdat - s->moof) + s->mdat_header)
        s->end = s->moof + (j->trim.high - s->at);
    else
        j->w.shards--;
    if (code != REEL_OK)
        j->trim.samples = j->trim.kept = 0;
    j->samples += j->trim.kept;
    return REEL_OK;
}

/* *again: something is left out or put right, so that it has to be laid out once more. */
static int check_shard(job *j, const reel_movie *m, reel__shard *s, bool moved, bool *again)
{
    uint64_t samples;
    reel_error err;
    if (s->torn && !j->trimmed)
        return check_torn(j, m, s, again);
    place p = {.from = 0, .end = reel_source_size(m->source)};
    int code = walk(m, s, &p.low, &p.high, &samples, &err);
    if (reel__passing(code))
        return pass_on(j, &err);
    if (moved) { /* nothing but its own media is there for it */
        p.from = s->at + (s->mdat - s->moof) + s->mdat_header;
        p.end = s->at + (s->end - s->moof);
    }
    bool there = samples == 0 || within(&p);
    if (code == REEL_END && !there && moved && mend(s, &p))
        there = *again = true;
    s->bad = code != REEL_END || !there;
    *again |= s->bad;
    j->good += !s->bad && !s->torn;
    j->samples += s->bad ? 0 : samples;
    return REEL_OK;
}

static int check(job *j, reel_plan *plan, bool strict, bool moved, bool *again)
{
    reel_movie *m = NULL;
    int code = open_plan(j, plan, &m, j->err);
    if (code != REEL_OK)
        return code;
    m->flags |= strict ? REEL_OPEN_STRICT : 0;
    j->samples = j->good = 0;
    *again = false;
    for (size_t i = 0; i < j->w.shards && code == REEL_OK; i++) {
        reel__shard *s = &j->w.shard[i];
        if (s->bad)
            *again = true;
        else
            code = check_shard(j, m, s, moved, again);
    }
    reel_close(&m);
    return code;
}

/* As it stands in the file. *fine: nothing has to be moved. */
static int as_it_is(job *j, reel_plan **out, bool *fine)
{
    bool again = true;
    *fine = false;
    if (j->like || j->w.gap || !stands_first(j))
        return REEL_OK;
    int code = REEL_OK;
    for (int pass = torn_of(j) ? 0 : 1; pass < 2 && code == REEL_OK; pass++) {
        reel_plan_close(out);
        code = lay_front(j, out);
        if (code == REEL_OK)
            code = check(j, *out, true, false, &again);
    }
    *fine = code == REEL_OK && !again;
    if (!*fine)
        reel_plan_close(out);
    return code;
}

static int anew(job *j, reel_plan **out)
{
    int code = REEL_OK;
    bool again = false;
    /* Where nothing would pass with a strict reader, a lenient one may still have use for it. */
    for (int strict = 1; strict >= 0 && code == REEL_OK; strict--) {
        for (size_t i = 0; i < j->w.shards; i++)
            j->w.shard[i].bad = false, j->w.shard[i].shift = 0;
        reel_plan_close(out);
        code = lay(j, out);
        if (code == REEL_OK)
            code = check(j, *out, strict, true, &again);
        if (code == REEL_OK && j->good)
            break;
    }
    if (code == REEL_OK && again) {
        reel_plan_close(out);
        code = lay(j, out);
    }
    return code;
}

/* ---- what it came to ---- */

/* Bytes of the file that are in the new film, as they are or as a moof that was edited. */
static uint64_t taken(const job *j)
{
    uint64_t n = j->like ? 0 : j->with_tables ? j->w.shard[0].begin : j->w.ftyp.size + j->moov.size;
    for (size_t i = 0; i < j->w.shards; i++)
        n += j->w.shard[i].bad ? 0 : j->w.shard[i].end - j->w.shard[i].begin;
    return n;
}

static const char *say_torn(const job *j, char *buf, size_t n)
{
    const reel__trim *t = &j->trim;
    if (!torn_of(j))
        return "its last fragment is not whole: the film ends with the one before it";
    if (t->kept == t->samples)
        return "its last media box claims bytes that are not there, and no sample needs: its size is put right";
    snprintf(buf, n, "the file ends within its last fragment: %llu of its %llu samples are there, the film ends %.2f s sooner",
             (unsigned long long)t->kept, (unsigned long long)t->samples, t->seconds);
    return buf;
}

static void tell(job *j, bool as_is)
{
    reel_repair *r = j->report;
    char *what = r->what, buf[sizeof r->what];
    const reel__shard *torn = torn_of(j);
    uint64_t kept = as_is ? j->w.clean + (torn ? torn->end - torn->begin : 0) : taken(j);
    r->changed = !as_is || j->w.clean < j->w.size;
    r->fragments = j->good;
    r->lost_bytes = j->w.size - REEL__MIN(j->w.size, kept);
    r->lost_samples = j->trim.samples - (torn ? j->trim.kept : 0);
    if (as_is)
        snprintf(what, sizeof r->what, "%s",
                 !r->changed ? "" : j->w.torn ? say_torn(j, buf, sizeof buf) : "what stands behind the last box is left out");
    else
        snprintf(what, sizeof r->what, "%zu whole fragment%s put behind %s", j->good, j->good == 1 ? " is" : "s are",
                 j->like ? "a movie box like that of the other film" : "its movie box; what stands between them is left out");
}

static int put_together(job *j, reel_plan **out)
{
    bool as_is = false;
    int code = find_head(j);
    if (code == REEL_OK)
        code = as_it_is(j, out, &as_is);
    if (code == REEL_OK && !as_is)
        code = anew(j, out);
    if (code == REEL_OK && j->samples == 0 && !j->with_tables)
        code = reel__fail(j->err, REEL_E_TRUNCATED, REEL_NO_OFFSET, NULL, "not one of its samples is there");
    if (code == REEL_OK)
        tell(j, as_is);
    return code;
}

int reel__salvage(reel_source *source, const reel_movie *like, const reel_allocator *alloc, reel_repair *report,
                  reel_plan **out, reel_error *err)
{
    job j = {.like = like, .alloc = *alloc, .report = report, .err = err};
    reel_plan *plan = NULL;
    int code = reel__wreck_look(&j.w, source, alloc, err);
    if (code == REEL_OK)
        code = j.w.shards ? REEL_OK : REEL_END;
    report->fragments = j.w.shards;
    if (code == REEL_OK)
        code = put_together(&j, &plan);
    if (code == REEL_OK)
        *out = plan;
    else
        reel_plan_close(&plan);
    reel_plan_close(&j.head);
    reel_close(&j.own);
    reel_plan_close(&j.alone);
    reel__free(alloc, j.buf);
    reel__free(alloc, j.trim.run);
    reel__wreck_free(&j.w);
    return code;
}
