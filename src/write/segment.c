/* SPDX-License-Identifier: BSD-2-Clause */
/* Media segments: which samples, where their bytes lie, and the plan of it. ISO/IEC 14496-12:2022 8.16.2 */
#include "base/checked.h"
#include "write/moof.h"

enum { BATCH = 64, MOST_HOLES = 64 /* each costs a traf; behind the last of them nothing is sent any more */ };

void reel__fragment_init(reel__write_fragment *f, const reel_allocator *alloc)
{
    *f = (reel__write_fragment){.alloc = alloc ? *alloc : reel__malloc};
}

void reel__fragment_free(reel__write_fragment *f)
{
    reel__free(&f->alloc, f->traf);
    reel__free(&f->alloc, f->run);
    reel__free(&f->alloc, f->entry);
}

static int no_memory(reel_error *err) { return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory"); }

/* 8.8.3.1 */
static uint32_t flags_of(const reel_sample *s)
{
    bool sync = s->flags & REEL_SAMPLE_SYNC;
    uint32_t depends = sync || s->flags & REEL_SAMPLE_INDEPENDENT ? 2 : 1;
    return (s->flags & REEL_SAMPLE_LEADING ? 1u << 26 : 0) | depends << 24 |
           (s->flags & REEL_SAMPLE_DISPOSABLE ? 2u << 22 : 0) | (s->flags & REEL_SAMPLE_REDUNDANT ? 1u << 20 : 0) |
           (sync ? 0 : 1u << 16);
}

/* Has one of its sample entries another name for being encrypted? ISO/IEC 14496-12:2022 8.12 */
static bool is_encrypted(const reel_track *t)
{
    const reel__part *stsd = &t->part[REEL__STSD];
    reel__part entry;
    if (stsd->size < 4)
        return false;
    reel__children c = reel__children_of(stsd->body + 4, stsd->size - 4, 0, NULL);
    while (reel__children_next(&c, &entry, NULL))
        if (entry.type >> 8 == REEL_4CC('e', 'n', 'c', 0) >> 8)
            return true;
    return false;
}

static reel__write_traf *new_traf(reel__write_fragment *f, const reel_track *track, const reel_sample *s)
{
    if (f->trafs == f->traf_room) {
        size_t room = f->traf_room ? f->traf_room * 2 : 4;
        reel__write_traf *more = reel__realloc_array(&f->alloc, f->traf, room, sizeof *more);
        if (!more)
            return NULL;
        f->traf = more;
        f->traf_room = room;
    }
    reel__write_traf *t = &f->traf[f->trafs++];
    *t = (reel__write_traf){.track = track, .first = s->index, .dts = s->dts, .description = s->description,
                            .duration = s->duration, .size = s->size, .first_flags = flags_of(s),
                            .same_duration = true, .same_size = true, .same_flags = true, .run = f->runs,
                            .encrypted = is_encrypted(track)};
    t->flags = t->first_flags;
    return t;
}

static reel__write_run *new_run(reel__write_fragment *f, reel__write_traf *t, const reel_sample *s)
{
    if (f->runs == f->run_room) {
        size_t room = f->run_room ? f->run_room * 2 : 32;
        reel__write_run *more = reel__realloc_array(&f->alloc, f->run, room, sizeof *more);
        if (!more)
            return NULL;
        f->run = more;
        f->run_room = room;
    }
    t->runs++;
    reel__write_run *r = &f->run[f->runs++];
    *r = (reel__write_run){.offset = s->offset};
    return r;
}

static reel__write_entry *room_for_entries(reel__write_fragment *f, uint64_t n)
{
    size_t room = f->entry_room ? f->entry_room : 1024;
    while (room - f->entries < n)
        room *= 2; /* samples of a segment are few enough */
    if (room > f->entry_room) {
        reel__write_entry *more = reel__realloc_array(&f->alloc, f->entry, room, sizeof *more);
        if (!more)
            return NULL;
        f->entry = more;
        f->entry_room = room;
    }
    return f->entry + f->entries;
}

/* The first sample that is unlike those before it: from now on they are listed. */
static bool list_all(reel__write_fragment *f, reel__write_traf *t)
{
    reel__write_entry *e = room_for_entries(f, t->count + 1);
    if (!e)
        return false;
    t->listed = true;
    t->entry = f->entries;
    f->entries += t->count;
    for (uint64_t i = 0; i < t->count; i++)
        e[i] = (reel__write_entry){t->duration, t->size, i ? t->flags : t->first_flags, 0};
    return true;
}

/* What a sample has in common with those of its traf before it. */
static bool survey(reel__write_fragment *f, reel__write_traf *t, const reel_sample *s)
{
    reel__write_entry e = {s->duration, s->size, flags_of(s), (int32_t)(s->pts - s->dts)}, *to;
    if (t->count == 1)
        t->flags = e.flags;
    t->same_flags &= t->count == 0 || e.flags == t->flags;
    t->same_duration &= e.duration == t->duration;
    t->same_size &= e.size == t->size;
    t->has_offsets |= e.offset != 0;
    if (!t->listed && t->same_flags && t->same_duration && t->same_size && !t->has_offsets) {
        t->count++;
        return true;
    }
    if ((!t->listed && !list_all(f, t)) || !(to = room_for_entries(f, 1)))
        return false;
    *to = e;
    f->entries++;
    t->count++;
    return true;
}

typedef struct adding {
    reel__write_traf *traf;
    reel__write_run *run;
    int64_t dts; /* where the next sample goes on */
    bool encrypted;
    reel__crypto_walk walk;
    uint32_t holes;
} adding;

static int add_sample(reel__write_fragment *f, const reel_track *track, adding *a, const reel_sample *s, reel_error *err)
{
    if (!a->traf || s->description != a->traf->description || s->dts != a->dts) {
        a->traf = new_traf(f, track, s);
        a->run = NULL;
    }
    if (a->traf && (!a->run || s->offset != a->run->offset + a->run->size))
        a->run = new_run(f, a->traf, s);
    if (!a->traf || !a->run || !survey(f, a->traf, s))
        return no_memory(err);
    a->run->size += s->size;
    a->run->count++;
    a->dts = s->dts + s->duration;
    return reel__add(f->media, (uint64_t)s->size, &f->media)
               ? REEL_OK
               : reel__fail(err, REEL_E_RANGE, s->offset, NULL, "the segment is longer than any file");
}

/* Without one that cannot be had the next begins a traf: its time is not where the one before ends. */
static int add_readable(reel__write_fragment *f, const reel_track *track, adding *a, const reel_sample *s,
                        reel_error *err)
{
    bool there = a->holes <= MOST_HOLES && reel__sample_is_there(track, s, a->encrypted ? &a->walk : NULL) &&
                 s->size <= reel_source_size(track->movie->source) - f->media;
    if (there)
        return add_sample(f, track, a, s, err);
    a->holes += a->traf != NULL;
    a->traf = NULL;
    f->left_out++;
    return REEL_OK;
}

int reel__fragment_add(reel__write_fragment *f, const reel_track *track, uint64_t first, uint64_t end, reel_error *err)
{
    reel_sample batch[BATCH];
    reel_cursor c;
    adding a = {.encrypted = false};
    if (end - first > REEL__MOST_SAMPLES)
        return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "%llu samples are too many for a segment",
                          (unsigned long long)(end - first));
    a.encrypted = f->readable && reel__crypto_begin(&a.walk, track);
    int code = reel_cursor_init(&c, track);
    if (code == REEL_OK)
        code = reel_cursor_seek(&c, first, err);
    for (size_t got; code == REEL_OK && first < end; first += got) {
        code = reel_cursor_batch(&c, batch, (size_t)REEL__MIN(end - first, (uint64_t)BATCH), &got, err);
        for (size_t i = 0; i < got && code == REEL_OK; i++)
            code = (f->readable ? add_readable : add_sample)(f, track, &a, &batch[i], err);
    }
    return code == REEL_END ? reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "the track ends before") : code;
}

int reel__traf_walk_begin(reel__traf_walk *w, const reel__write_traf *t, reel_error *err)
{
    w->left = t->count;
    w->at = w->got = 0;
    int code = reel_cursor_init(&w->c, t->track);
    return code == REEL_OK ? reel_cursor_seek(&w->c, t->first, err) : code;
}

const reel_sample *reel__traf_walk_next(reel__traf_walk *w, int *code, reel_error *err)
{
    if (*code == REEL_OK && w->at == w->got && w->left) {
        w->at = w->got = 0;
        *code = reel_cursor_batch(&w->c, w->batch, (size_t)REEL__MIN(w->left, (uint64_t)REEL__TRAF_BATCH), &w->got, err);
        w->left -= w->got;
    }
    /* Bytes may change while they are read: then there may be fewer samples than there were. */
    if (*code == REEL_END || (*code == REEL_OK && w->at == w->got))
        *code = reel__fail(err, REEL_E_TABLE, REEL_NO_OFFSET, NULL, "the samples changed while they were read");
    return *code == REEL_OK ? &w->batch[w->at++] : NULL;
}

/*
 * Which run comes next. Of the next runs of all trafs it is the one that lies first in the film: a heap, since a film whose
 * times jump has as many trafs as samples. Encrypted tracks come one behind the other instead: then each has one trun,
 * and readers that count the records of senc by truns (FFmpeg's) find them.
 */
typedef struct merging {
    const reel__write_fragment *f;
    size_t *next; /* of each traf */
    size_t *heap; /* trafs that have one */
    size_t n;
} merging;

static bool lies_first(const merging *m, size_t a, size_t b)
{
    uint64_t x = m->f->run[m->next[a]].offset, y = m->f->run[m->next[b]].offset;
    return x != y ? x < y : a < b;
}

static void sink(merging *m, size_t i)
{
    size_t traf = m->heap[i];
    for (size_t child; (child = 2 * i + 1) < m->n; i = child) {
        if (child + 1 < m->n && lies_first(m, m->heap[child + 1], m->heap[child]))
            child++;
        if (!lies_first(m, m->heap[child], traf))
            break;
        m->heap[i] = m->heap[child];
    }
    m->heap[i] = traf;
}

static void begin_merge(merging *m)
{
    for (size_t i = 0; i < m->f->trafs; i++) {
        m->next[i] = m->f->traf[i].run;
        if (m->f->traf[i].runs)
            m->heap[m->n++] = i;
    }
    for (size_t i = m->n / 2; i-- > 0;)
        sink(m, i);
}

static size_t next_run(merging *m)
{
    size_t traf = m->heap[0], run = m->next[traf]++;
    if (m->next[traf] == m->f->traf[traf].run + m->f->traf[traf].runs)
        m->heap[0] = m->heap[--m->n];
    if (m->n)
        sink(m, 0);
    return run;
}

int reel__fragment_lay_out(reel__write_fragment *f, const reel_movie *movie, size_t **order, reel_error *err)
{
    uint64_t at = 0;
    if (f->media > reel_source_size(movie->source))
        return reel__fail(err, REEL_E_TABLE, REEL_NO_OFFSET, NULL,
                          "%llu bytes of samples in a file of %llu: it is cut short, or they lie on each other", (unsigned long long)f->media,
                          (unsigned long long)reel_source_size(movie->source));
    /* the order, and behind it what the merge needs */
    size_t *list = reel__alloc_array(&f->alloc, f->runs + 2 * f->trafs, sizeof *list);
    if (!list)
        return no_memory(err);
    merging m = {.f = f, .next = list + f->runs, .heap = list + f->runs + f->trafs};
    bool encrypted = false;
    for (size_t i = 0; i < f->trafs; i++)
        encrypted |= f->traf[i].encrypted;
    begin_merge(&m);
    for (size_t k = 0; k < f->runs; k++) {
        list[k] = encrypted ? k : next_run(&m);
        f->run[list[k]].at = at;
        at += f->run[list[k]].size;
    }
    *order = list;
    return REEL_OK;
}

/* The header that is written goes into the plan, then the runs in their order. */
static int put_together(reel__write_fragment *f, reel__out *o, const reel_movie *movie, const size_t *order,
                        reel_plan **out, reel_error *err)
{
    reel_plan *plan = NULL;
    int code = reel__plan_of_out(o, &plan, err);
    for (size_t k = 0; k < f->runs && code == REEL_OK; k++)
        code = reel_plan_add_source(plan, movie->source, f->run[order[k]].offset, f->run[order[k]].size, err);
    if (code == REEL_OK)
        *out = plan;
    else
        reel_plan_close(&plan);
    return code;
}

/* About as much as the header takes, so that nothing grows. */
static size_t room_for(const reel__write_fragment *f)
{
    size_t room = 128 + 160 * f->trafs + 24 * f->runs;
    for (size_t i = 0; i < f->trafs; i++) {
        const reel__write_traf *t = &f->traf[i];
        size_t each = (t->same_duration ? 0 : 4) + (t->same_size ? 0 : 4) + (t->same_flags ? 0 : 4) + (t->has_offsets ? 4 : 0);
        room += REEL__MIN((size_t)t->count, (size_t)1 << 20) * each;
    }
    return room;
}

static int finish(reel__write_fragment *f, const reel_movie *movie, uint32_t sequence, bool styp, reel_plan **out,
                  reel_error *err)
{
    reel__out o;
    size_t *order = NULL;
    int code = reel__fragment_lay_out(f, movie, &order, err);
    if (code != REEL_OK || !order)
        return code;
    reel__out_init(&o, &f->alloc, room_for(f));
    if (styp)
        reel__write_brands(&o, REEL_4CC('s', 't', 'y', 'p'), f->trafs == 1 ? "msdhmsixcmfs" : "msdhmsix");
    code = reel__fragment_write(f, &o, sequence, err);
    if (code == REEL_OK)
        code = put_together(f, &o, movie, order, out, err);
    else
        reel__out_free(&o);
    reel__free(&f->alloc, order);
    return code;
}

/* Of several tracks one that claims too much does not take the others along. */
static int add_portion(reel__write_fragment *f, const reel_track *track, const reel_portion *p, size_t tracks,
                       reel_error *err)
{
    uint64_t count = p->end - p->first;
    if (!f->readable || tracks == 1 || count <= REEL__MOST_SAMPLES)
        return reel__fragment_add(f, track, p->first, p->end, err);
    f->left_out += count;
    return REEL_OK;
}

static int nothing(const reel__write_fragment *f, reel_error *err)
{
    return f->left_out ? reel__fail(err, REEL_E_TRUNCATED, REEL_NO_OFFSET, NULL,
                                    "none of the %llu samples of this segment lies in the file",
                                    (unsigned long long)f->left_out)
                       : REEL_END;
}

int reel_stream_segment(const reel_segmenter *s, const reel_segment *segment, const reel_track *const *tracks, size_t n,
                        const reel_allocator *alloc, reel_plan **out, reel_error *err)
{
    reel__write_fragment f;
    reel_portion p;
    int code = reel__check_tracks(tracks, n, err);
    if (code != REEL_OK)
        return code;
    if (!s || !segment || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no segment");
    reel__fragment_init(&f, alloc);
    f.readable = s->flags & REEL_SEGMENTER_READABLE;
    for (size_t i = 0; i < n && code == REEL_OK; i++) {
        code = reel_segment_portion(s, segment, tracks[i], &p, err);
        if (code == REEL_OK)
            code = add_portion(&f, tracks[i], &p, n, err);
        else if (code == REEL_END)
            code = REEL_OK;
    }
    if (code == REEL_OK && f.trafs)
        code = finish(&f, s->movie, (uint32_t)segment->number + 1, true, out, err);
    else if (code == REEL_OK)
        code = nothing(&f, err);
    reel__fragment_free(&f);
    return code;
}

int reel_stream_picture(const reel_track *track, int64_t time, const reel_allocator *alloc, reel_plan **out,
                        reel_error *err)
{
    uint64_t i;
    int64_t pts;
    int code = reel__check_tracks(&track, 1, err);
    if (code != REEL_OK)
        return code;
    if (!reel__sub(time, reel_track_stream_shift(track), &pts))
        pts = INT64_MIN;
    reel_sample s = {.flags = 0};
    code = reel_track_find_pts(track, pts, &i, err);
    /* another picture may say that it is shown at the same time */
    if (code == REEL_OK)
        code = reel_track_find_sync(track, i, REEL_SEEK_PREVIOUS, &i, err);
    if (code == REEL_OK)
        code = reel_track_sample(track, i, &s, err);
    if (code >= 0 && (code == REEL_END || s.pts != pts || !(s.flags & REEL_SAMPLE_SYNC)))
        return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "no I picture of track %u is shown at %lld",
                          track->id, (long long)time);
    return code == REEL_OK ? reel_stream_samples(track, i, i + 1, (uint32_t)(i + 1), alloc, out, err) : code;
}

int reel_stream_samples(const reel_track *track, uint64_t first, uint64_t end, uint32_t sequence,
                        const reel_allocator *alloc, reel_plan **out, reel_error *err)
{
    reel__write_fragment f;
    if (!track || !out || first > end)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no track, or no samples");
    if (first == end)
        return REEL_END;
    reel__fragment_init(&f, alloc);
    int code = reel__fragment_add(&f, track, first, end, err);
    if (code == REEL_OK)
        code = finish(&f, track->movie, sequence, true, out, err);
    reel__fragment_free(&f);
    return code;
}
