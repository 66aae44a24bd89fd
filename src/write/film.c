/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Laying out the media: chunks of half a second, one track after the other by decode time, but as the media lies in the
 * film where that is about the same. Then few pieces make the plan, and the disk is read in order.
 */
#include "write/film.h"

#include "movie/time_.h"
#include "write/copy.h"

enum { FEW_SAMPLES = 65536, OUTPUT_FACTOR = 4, OUTPUT_SLACK = 64 << 20 };

static int no_memory(reel_error *err)
{
    return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
}

int reel__film_init(reel__film *film, const reel_allocator *alloc, const reel_movie *like, size_t strands,
                    reel_error *err)
{
    *film = (reel__film){.alloc = alloc ? *alloc : reel__malloc, .like = like};
    film->strand = reel__alloc_array(&film->alloc, strands, sizeof *film->strand);
    if (!film->strand)
        return no_memory(err);
    film->strands = strands;
    for (size_t i = 0; i < strands; i++) {
        memset(&film->strand[i], 0, sizeof film->strand[i]);
        reel__tables_init(&film->strand[i].tables, &film->alloc);
        reel__secrets_init(&film->strand[i].secrets, &film->alloc);
    }
    return REEL_OK;
}

void reel__film_free(reel__film *film)
{
    for (size_t i = 0; i < film->strands; i++) {
        reel__tables_free(&film->strand[i].tables);
        reel__secrets_free(&film->strand[i].secrets);
        reel__free(&film->alloc, film->strand[i].stretch);
        reel__free(&film->alloc, film->strand[i].edit);
    }
    reel__free(&film->alloc, film->strand);
    film->strand = NULL;
    film->strands = 0;
}

/* The list with room for one more, or NULL. */
static void *roomy(const reel__film *film, void *list, size_t count, size_t *room, size_t each)
{
    if (count < *room)
        return list;
    size_t more = *room ? *room * 2 : 4;
    void *grown = reel__realloc_array(&film->alloc, list, more, each);
    *room = grown ? more : *room;
    return grown;
}

int reel__strand_stretch(reel__film *film, reel__strand *s, reel__stretch stretch, reel_error *err)
{
    reel__stretch *list = roomy(film, s->stretch, s->stretches, &s->stretch_room, sizeof *list);
    if (!list)
        return no_memory(err);
    s->stretch = list;
    s->stretch[s->stretches++] = stretch;
    return REEL_OK;
}

static bool goes_on(const reel__showing *last, const reel__showing *edit)
{
    if (last->empty || edit->empty)
        return last->empty && edit->empty;
    if (last->rate != 0x10000 || edit->rate != 0x10000)
        return last->rate == 0 && edit->rate == 0 && last->media_time == edit->media_time;
    return last->media_time + last->ticks == edit->media_time;
}

int reel__strand_show(reel__film *film, reel__strand *s, reel__showing edit, reel_error *err)
{
    if (edit.ticks <= 0)
        return REEL_OK;
    if (s->edits && goes_on(&s->edit[s->edits - 1], &edit)) {
        s->edit[s->edits - 1].ticks = reel__time_plus(s->edit[s->edits - 1].ticks, (uint64_t)edit.ticks);
        return REEL_OK;
    }
    reel__showing *list = roomy(film, s->edit, s->edits, &s->edit_room, sizeof *list);
    if (!list)
        return no_memory(err);
    s->edit = list;
    s->edit[s->edits++] = edit;
    return REEL_OK;
}

/* ---- which tracks ---- */

/* Boxes of stbl that say something about each sample in a way that is not written anew. */
static int check_stbl(const reel_track *t, reel_error *err)
{
    static const uint32_t aux[] = {REEL_4CC('s', 'a', 'i', 'z'), REEL_4CC('s', 'a', 'i', 'o'),
                                   REEL_4CC('s', 'e', 'n', 'c')};
    reel__children c = reel__bare_children(&t->part[REEL__STBL], 0);
    reel__part part;
    while (reel__children_next(&c, &part, NULL))
        if (reel__type_in(part.type, aux, sizeof aux / sizeof *aux))
            return reel__track_fail(t, REEL__STBL, err, REEL_E_UNSUPPORTED,
                                    "track %u has data beside each sample (saiz, saio) that is not known", t->id);
    return REEL_OK;
}

int reel__film_can_hold(const reel_track *t, reel_error *err)
{
    if (t->external)
        return reel__track_fail(t, REEL__DREF, err, REEL_E_UNSUPPORTED, "the media of track %u lies in another file",
                                t->id);
    if (!t->part[REEL__STBL].body || !t->part[REEL__STSD].body)
        return reel__track_fail(t, REEL__TRAK, err, REEL_E_BOX_MISSING, "track %u has no sample descriptions", t->id);
    return reel__secrets_has(t) ? REEL_OK : check_stbl(t, err);
}

static int add_named(const reel_movie *movie, const reel_write_options *options, const reel_track **list, size_t *n,
                     reel_error *err)
{
    for (size_t i = 0; i < options->track_count; i++) {
        const reel_track *t = options->tracks[i];
        if (!t || t->movie != movie)
            return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "a track that is none of this film's");
        for (size_t k = 0; k < *n; k++)
            if (list[k] == t)
                return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "track %u is named twice", t->id);
        int code = reel__film_can_hold(t, err);
        if (code != REEL_OK)
            return code;
        list[(*n)++] = t;
    }
    return REEL_OK;
}

/*
 * What cannot be written is an error, not a film with a track less that nobody notices; what holds nothing is left out.
 */
static int add_all(const reel_movie *movie, const reel_track **list, size_t *n, reel_error *err)
{
    for (size_t i = 0; i < movie->track_count; i++) {
        uint64_t count = 0;
        const reel_track *t = movie->track[i];
        int code = reel_track_sample_count(t, &count, err);
        if (code == REEL_OK && count)
            code = reel__film_can_hold(t, err);
        if (code != REEL_OK)
            return code;
        if (count)
            list[(*n)++] = t;
    }
    return REEL_OK;
}

int reel__film_tracks(const reel_allocator *alloc, const reel_movie *movie, const reel_write_options *options,
                      const reel_track ***out, size_t *n, reel_error *err)
{
    bool named = options && options->tracks;
    size_t room = named ? options->track_count : movie->track_count;
    *n = 0;
    *out = NULL;
    if (room > REEL__TRACKS)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "more tracks than a film has");
    const reel_track **list = reel__alloc_array(alloc, room, sizeof *list);
    if (!list)
        return no_memory(err);
    int code = named ? add_named(movie, options, list, n, err) : add_all(movie, list, n, err);
    if (code == REEL_OK && *n == 0)
        code = reel__fail(err, REEL_E_NOT_FOUND, REEL_NO_OFFSET, NULL, "there is no track with samples in it");
    if (code == REEL_OK)
        *out = list;
    else
        reel__free(alloc, list);
    return code;
}

/* ---- walking the strands ---- */

typedef struct layout {
    reel__film *film;
    reel_plan *media;
    reel__strand **heap; /* those that have a next sample, but the one that is being written */
    size_t n;
    uint64_t left, writable; /* samples, bytes */
    const reel_source *source;
    uint64_t end; /* where the last sample ends in it */
    reel_error *err;
} layout;

/* A sample that is not in the file as a whole. */
static bool torn(const reel_sample *s, const reel_source *source)
{
    uint64_t size = reel_source_size(source);
    return s->size && (s->offset > size || s->size > size - s->offset);
}

/* What stands at its place is the movie box: the media is gone from in front of it. */
static bool in_moov(const reel_sample *s, const reel_movie *m)
{
    uint64_t begin = m->moov.offset, end = begin + m->moov.header + m->moov.size;
    return s->size && s->offset < end && s->offset + s->size > begin;
}

static void lose(reel__film *film, reel__strand *s, bool gone)
{
    film->overlaid |= !gone;
    if (film->lost++ == 0)
        film->lost_at = s->next;
    s->over = true;
}

/* Before the first sample of stretch s->at. */
static int enter(layout *l, reel__strand *s)
{
    const reel__stretch *k = &s->stretch[s->at];
    s->left = k->end == UINT64_MAX ? UINT64_MAX : k->end - k->first;
    int code = reel_cursor_init(&s->cursor, k->track);
    return code == REEL_OK && k->first ? reel_cursor_seek(&s->cursor, k->first, l->err) : code;
}

static int take(layout *l, reel__strand *s)
{
    const reel__stretch *k = &s->stretch[s->at];
    s->left--;
    if (!reel__add(s->next.dts, k->shift, &s->next.dts) || !reel__add(s->next.pts, k->shift, &s->next.pts))
        return reel__fail(l->err, REEL_E_TIME, REEL_NO_OFFSET, NULL, "%s", reel_code_text(REEL_E_TIME));
    bool gone = torn(&s->next, k->track->movie->source);
    if ((l->film->flags & REEL__FILM_LENIENT) && (gone || in_moov(&s->next, k->track->movie)))
        lose(l->film, s, gone);
    return REEL_OK;
}

/* The next sample of the strand into s->next; s->over: there is none. */
static int advance(layout *l, reel__strand *s)
{
    int code = REEL_OK;
    while (code == REEL_OK) {
        code = s->left ? reel_cursor_next(&s->cursor, &s->next, l->err) : REEL_END;
        if (code == REEL_OK)
            return take(l, s);
        if (code == REEL_END) {
            s->over = ++s->at == s->stretches;
            code = s->over ? REEL_END : enter(l, s);
        }
    }
    return code == REEL_END ? REEL_OK : code;
}

static int look_at_secrets(layout *l, reel__strand *s)
{
    int code = REEL_OK;
    for (size_t i = 0; i < s->stretches && code == REEL_OK; i++)
        if (reel__secrets_has(s->stretch[i].track))
            code = reel__secrets_look(&s->secrets, s->stretch[i].track, s->stretch[i].first, s->stretch[i].end, l->err);
    return code;
}

static int start(layout *l, reel__strand *s)
{
    s->over = s->stretches == 0;
    s->at = 0;
    if (s->over)
        return REEL_OK;
    int code = look_at_secrets(l, s);
    if (code == REEL_OK)
        code = enter(l, s);
    return code == REEL_OK ? advance(l, s) : code;
}

static bool earlier(const reel__strand *a, const reel__strand *b)
{
    int order = reel_time_compare(a->next.dts, a->like->timescale, b->next.dts, b->like->timescale);
    return order ? order < 0 : a < b;
}

static void push(layout *l, reel__strand *s)
{
    size_t i = l->n++;
    for (; i > 0 && earlier(s, l->heap[(i - 1) / 2]); i = (i - 1) / 2)
        l->heap[i] = l->heap[(i - 1) / 2];
    l->heap[i] = s;
}

/* There is one. */
static reel__strand *pop(layout *l)
{
    reel__strand *first = l->heap[0], *s = l->heap[--l->n];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < l->n && earlier(l->heap[child + 1], l->heap[child]))
            child++;
        if (child >= l->n || !earlier(l->heap[child], s))
            break;
        l->heap[i] = l->heap[child];
        i = child;
    }
    l->heap[i] = s;
    return first;
}

static const reel_source *source_of(const reel__strand *s) { return s->stretch[s->at].track->movie->source; }

static bool follows(const layout *l, const reel__strand *s)
{
    return s->next.offset == l->end && source_of(s) == l->source;
}

/* Is a by so many half seconds ahead of b? */
static bool ahead(const reel__strand *a, int64_t dts, uint32_t timescale, int64_t halves)
{
    int64_t back;
    if (!reel__sub(a->next.dts, halves * (int64_t)a->like->timescale / 2, &back))
        return false;
    return reel_time_compare(back, a->like->timescale, dts, timescale) >= 0;
}

/* What of sdtp is known of a sample: the very byte where the tables have it. */
static uint8_t dependence_of(const reel_track *t, const reel_sample *s)
{
    const reel__index *x = &t->index;
    if (!(s->flags & REEL_SAMPLE_FRAGMENT) && x->sdtp && s->index < x->sdtp_count)
        return x->sdtp[s->index];
    if (!(s->flags & REEL_SAMPLE_FRAGMENT))
        return 0;
    return (uint8_t)((s->flags & REEL_SAMPLE_LEADING ? 1 << 6 : 0) | (s->flags & REEL_SAMPLE_INDEPENDENT ? 2 << 4 : 0) |
                     (s->flags & REEL_SAMPLE_DISPOSABLE ? 2 << 2 : 0) | (s->flags & REEL_SAMPLE_REDUNDANT ? 1 : 0));
}

static int refuse(const layout *l, const reel_sample *s)
{
    if (l->left == 0)
        return reel__fail(l->err, REEL_E_TABLE, REEL_NO_OFFSET, NULL,
                          "track %u claims more samples than the file has bytes", s->track_id);
    return reel__fail(l->err, REEL_E_TABLE, s->offset, NULL,
                      "its samples lie over each other: written out they would be far more than the file");
}

static int put_sample(layout *l, reel__strand *s)
{
    const reel_track *t = s->stretch[s->at].track;
    if (torn(&s->next, t->movie->source))
        return reel__fail(l->err, REEL_E_TRUNCATED, s->next.offset, NULL,
                          "sample %llu of track %u goes past the end of the file",
                          (unsigned long long)s->next.index, t->id);
    if (l->left == 0 || s->next.size > l->writable)
        return refuse(l, &s->next);
    l->left--;
    l->writable -= s->next.size;
    int code = reel__tables_add(&s->tables, &s->next, dependence_of(t, &s->next), l->err);
    if (code == REEL_OK)
        code = reel__secrets_add(&s->secrets, t, &s->next, l->err);
    if (code == REEL_OK && s->next.size)
        code = reel_plan_add_source(l->media, t->movie->source, s->next.offset, s->next.size, l->err);
    l->source = t->movie->source;
    l->end = s->next.offset + s->next.size;
    return code;
}

/*
 * Does the media of a lie next in the file, and is it no more than a second ahead of b? Then the file's order is
 * followed.
 */
static bool lies_next(const layout *l, const reel__strand *a, const reel__strand *b)
{
    return follows(l, a) && !ahead(a, b->next.dts, b->like->timescale, 2);
}

/*
 * A chunk of s; *again: the next one is to be of s too. It ends after half a second, or where the media of the track
 * that waits longest lies next in the file.
 */
static int put_chunk(layout *l, reel__strand *s, bool *again)
{
    const reel__strand *other = l->n ? l->heap[0] : NULL;
    int64_t begin = s->next.dts;
    uint32_t description = s->next.description;
    reel__tables_chunk(&s->tables, reel_plan_size(l->media), description);
    for (;;) {
        int code = put_sample(l, s);
        if (code == REEL_OK)
            code = advance(l, s);
        if (code != REEL_OK || s->over)
            return code;
        bool full = ahead(s, begin, s->like->timescale, 1);
        *again = !other || lies_next(l, s, other) || (!full && !lies_next(l, other, s));
        if (!*again || full || s->next.description != description)
            return REEL_OK;
    }
}

/* Whose chunk comes behind one of s, which goes back among the others. */
static reel__strand *whose_next(layout *l, reel__strand *s)
{
    reel__strand *next = l->n && lies_next(l, l->heap[0], s) ? pop(l) : NULL;
    push(l, s);
    return next;
}

static int lay_out_from(layout *l)
{
    int code = REEL_OK;
    reel__strand *s = NULL;
    while (code == REEL_OK && (s || l->n)) {
        bool again = false;
        if (!s)
            s = pop(l);
        code = put_chunk(l, s, &again);
        if (s->over)
            s = NULL;
        else if (!again)
            s = whose_next(l, s);
    }
    return code;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX / 4 / b ? UINT64_MAX / 4 : a * b;
}

/* More than a film holds is not made of it. */
static void set_limits(layout *l)
{
    const reel_movie *last = NULL;
    for (size_t i = 0; i < l->film->strands; i++)
        for (size_t k = 0; k < l->film->strand[i].stretches; k++) {
            const reel_movie *m = l->film->strand[i].stretch[k].track->movie;
            if (i == 0 || m != last) {
                uint64_t size = reel_source_size(m->source);
                l->left = times(l->left + REEL__MAX(size, (uint64_t)FEW_SAMPLES), 1);
                l->writable = times(l->writable + times(size, OUTPUT_FACTOR) + OUTPUT_SLACK, 1);
            }
            last = m;
        }
}

static bool is_played(const reel__strand *s)
{
    return s->like->type == REEL_TRACK_VIDEO || s->like->type == REEL_TRACK_AUDIO;
}

static int64_t length(const reel__strand *s)
{
    return (int64_t)REEL__MIN(reel__tables_length(&s->tables), (uint64_t)INT64_MAX);
}

/* Where media was lost: one timecode for all of the film, and other data, last no longer than what plays of it. */
static void shorten_data(reel__film *film)
{
    const reel__strand *longest = NULL;
    for (size_t i = 0; i < film->strands; i++) {
        const reel__strand *s = &film->strand[i];
        if (is_played(s) && (!longest || reel_time_compare(length(s), s->like->timescale, length(longest),
                                                           longest->like->timescale) > 0))
            longest = s;
    }
    for (size_t i = 0; longest && i < film->strands; i++) {
        reel__strand *s = &film->strand[i];
        if (!is_played(s) && s->tables.samples)
            reel__tables_shorten(&s->tables, (uint64_t)reel_rescale(length(longest), longest->like->timescale,
                                                                    s->like->timescale));
    }
}

static int lay_out(reel__film *film, reel_plan *media, reel_error *err)
{
    layout l = {.film = film, .media = media, .err = err};
    set_limits(&l);
    l.heap = reel__alloc_array(&film->alloc, film->strands, sizeof(reel__strand *));
    int code = l.heap ? REEL_OK : no_memory(err);
    for (size_t i = 0; l.heap && i < film->strands && code == REEL_OK; i++) {
        code = start(&l, &film->strand[i]);
        if (code == REEL_OK && !film->strand[i].over)
            push(&l, &film->strand[i]);
    }
    if (l.heap && code == REEL_OK)
        code = lay_out_from(&l);
    reel__free(&film->alloc, l.heap);
    if (film->lost)
        shorten_data(film);
    for (size_t i = 0; i < film->strands && code == REEL_OK; i++)
        if (reel__tables_finish(&film->strand[i].tables) != REEL_OK)
            code = no_memory(err);
    return code;
}

/* ---- ftyp, moov, mdat ---- */

/* How much of an edit is over before its media begins with a sample that is shown. */
static int64_t idle(const reel__showing *e, int64_t first)
{
    if (e->empty || e->rate <= 0 || e->media_time >= first)
        return 0;
    uint64_t ticks = reel__ticks_for(reel__distance(first, e->media_time), (uint32_t)e->rate);
    return (int64_t)REEL__MIN(ticks, (uint64_t)e->ticks);
}

/* What comes before anything is shown becomes an empty edit. Of media that was lost nothing is shown. */
static int settle_edit(reel__film *film, reel__strand *s, reel__showing e, reel_error *err)
{
    if ((film->flags & REEL__FILM_LENIENT) && !e.empty && e.rate == 0x10000)
        e.ticks = REEL__MIN(e.ticks, s->tables.end > e.media_time ? s->tables.end - e.media_time : 0);
    int64_t before = idle(&e, s->tables.least);
    int code = reel__strand_show(film, s, (reel__showing){.ticks = before, .empty = true}, err);
    if (before)
        e.media_time = s->tables.least;
    e.ticks -= before;
    return code == REEL_OK ? reel__strand_show(film, s, e, err) : code;
}

/*
 * Media times count from the first sample's decoding; where one is before that, pictures are shown later, and it is 0.
 */
static int settle_times(reel__strand *s, reel_error *err)
{
    int64_t base = s->tables.base, first = base;
    for (size_t i = 0; i < s->edits; i++)
        if (!s->edit[i].empty)
            first = REEL__MIN(first, s->edit[i].media_time);
    int code = reel__tables_lift(&s->tables, reel__distance(base, first), err);
    for (size_t i = 0; i < s->edits && code == REEL_OK; i++)
        if (!s->edit[i].empty && !reel__sub(s->edit[i].media_time, first, &s->edit[i].media_time))
            code = reel__fail(err, REEL_E_TIME, REEL_NO_OFFSET, NULL, "%s", reel_code_text(REEL_E_TIME));
    return code;
}

static int settle_edits(reel__film *film, reel__strand *s, reel_error *err)
{
    size_t n = s->edits;
    reel__showing *old = s->edit;
    int code = REEL_OK;
    s->edit = NULL;
    s->edits = s->edit_room = 0;
    for (size_t i = 0; i < n && code == REEL_OK; i++)
        code = settle_edit(film, s, old[i], err);
    reel__free(&film->alloc, old);
    return code == REEL_OK ? settle_times(s, err) : code;
}

static int measure(const reel__film *film, bool wide, uint64_t *size, reel_error *err)
{
    reel__out o;
    reel__out_init(&o, &film->alloc, 0);
    reel__film_moov(film, &o, wide, 0);
    *size = o.size;
    int code = o.code;
    reel__out_free(&o);
    return code == REEL_OK ? REEL_OK : reel__fail(err, code, REEL_NO_OFFSET, "moov", "%s", reel_code_text(code));
}

/* The longest stretch of media, in size the largest piece of the plan. */
static reel_piece longest(const reel_plan *media)
{
    reel_piece p, most = {0};
    for (uint64_t at = 0; reel_plan_piece(media, at, UINT64_MAX, &p) == REEL_OK; at += p.size)
        if (p.size > most.size)
            most = p;
    return most;
}

/* ftyp, moov, and a free box that gives the media its place within a page. */
static int put_head(const reel__film *film, reel_plan *plan, const reel_plan *media, reel_error *err)
{
    reel__out o;
    reel_piece most = longest(media);
    uint64_t moov = 0, size = reel_plan_size(media);
    uint32_t mdat = size > UINT32_MAX - 8 ? 16 : 8;
    reel__out_init(&o, &film->alloc, 0);
    reel__film_ftyp(film, &o);
    int code = measure(film, false, &moov, err);
    bool wide = o.size + moov + REEL__MOST_PADDING + mdat + size > UINT32_MAX;
    if (code == REEL_OK && wide)
        code = measure(film, true, &moov, err);
    if (code != REEL_OK) {
        reel__out_free(&o);
        return code;
    }
    uint64_t at = o.size + moov + mdat, pad = reel__plan_padding(at + most.at, most.offset, most.size);
    reel__film_moov(film, &o, wide, at + pad);
    code = reel__plan_add_out(plan, &o, err);
    if (code == REEL_OK)
        code = reel__plan_add_padding(plan, pad, err);
    return code == REEL_OK ? reel__plan_add_header(plan, REEL_4CC('m', 'd', 'a', 't'), mdat + size, err) : code;
}

int reel__film_plan(reel__film *film, reel_plan **out, reel_error *err)
{
    reel_plan *media = NULL, *plan = NULL;
    int code = reel_plan_new(&film->alloc, &media, err);
    if (code == REEL_OK)
        code = lay_out(film, media, err);
    for (size_t i = 0; i < film->strands && code == REEL_OK; i++)
        code = settle_edits(film, &film->strand[i], err);
    if (code == REEL_OK)
        code = reel_plan_new(&film->alloc, &plan, err);
    if (code == REEL_OK) {
        reel__film_choose_timescale(film);
        code = put_head(film, plan, media, err);
    }
    if (code == REEL_OK)
        code = reel_plan_add_plan(plan, media, err);
    reel_plan_close(&media);
    if (code == REEL_OK)
        *out = plan;
    else
        reel_plan_close(&plan);
    return code;
}
