/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of playlists, and the bit rates that come of them. */
#include "write/playlist.h"

#include "base/checked.h"

bool reel__playlist_options(const reel_playlist_options *options, reel_playlist_options *out)
{
    *out = (reel_playlist_options){.sizeof_options = sizeof *out};
    if (!options)
        return true;
    if (options->sizeof_options < offsetof(reel_playlist_options, files))
        return false;
    memcpy(out, options, REEL__MIN(options->sizeof_options, sizeof *out));
    out->sizeof_options = sizeof *out;
    if (out->file_count && (!out->files || out->flags & REEL_STREAM_LIVE))
        return false;
    return out->sidecars || !out->sidecar_count;
}

/* ---- segments ---- */

static bool is_text(const reel__entries *e) { return e->by_segment && e->n == 1; }

/* Text without a cue is there while the film is: it comes behind the reference. */
static size_t looked_at(const reel__entries *e) { return e->n + is_text(e); }
static const reel_track *track_at(const reel__entries *e, size_t i)
{
    return !is_text(e) ? e->tracks[i] : i ? e->tracks[0] : e->s->reference;
}

void reel__entries_init(reel__entries *e, const reel_segmenter *s, const reel_track *const *tracks, size_t n, bool live)
{
    *e = (reel__entries){.s = s, .tracks = tracks, .n = n, .live = live, .code = REEL_OK};
    e->by_segment = n != 1 || reel__streams_as(tracks[0]) == REEL__STREAMS_TEXT;
    e->timescale = e->by_segment ? s->timescale : reel_track_timescale(tracks[0]);
    e->readable = s->flags & REEL_SEGMENTER_READABLE;
    if (!e->readable && !live)
        return;
    for (size_t i = 0; i < looked_at(e); i++) {
        if (i < REEL__MOST_WALKS)
            e->encrypted[i] = reel__crypto_begin(&e->walk[i], track_at(e, i));
        e->check_names |= e->readable && reel__times_go_back(track_at(e, i));
    }
    e->check_names |= e->readable && reel__times_go_back(s->reference);
}

/* REEL_END: it has nothing of the track, or nothing that could be had. */
static int find_portion(reel__entries *e, size_t i, reel_portion *p, reel_error *err)
{
    const reel_track *track = track_at(e, i);
    reel__crypto_walk *walk = i < REEL__MOST_WALKS && e->encrypted[i] ? &e->walk[i] : NULL;
    int code = reel_segment_portion(e->s, &e->segment, track, p, err);
    if (code != REEL_OK || (!e->readable && !e->live))
        return code;
    bool whole, there = reel__portion_is_there(track, p, walk, &whole);
    e->torn |= !whole;
    return there ? REEL_OK : REEL_END;
}

/* Does the name lead back to this segment? */
static bool is_named(const reel__entries *e, int64_t time)
{
    reel_segment found;
    const reel_track *namer = e->by_segment ? e->s->reference : e->tracks[0];
    return reel_segment_named(e->s, namer, time, &found, NULL) == REEL_OK && found.first == e->segment.first;
}

/* Has the segment something of any of them? Of what grows all has to be there, of text's film something, where it has any. */
static int look_at_tracks(reel__entries *e, reel_portion *p, reel_error *err)
{
    int code = REEL_END;
    e->torn = false;
    for (size_t i = 0; i < looked_at(e) && (code == REEL_END || e->live) && code >= 0; i++) {
        reel_portion portion;
        int found = find_portion(e, i, &portion, err);
        if (found == REEL_OK)
            *p = portion;
        if (is_text(e) && i == 0 && !e->live)
            e->met |= found == REEL_OK;
        if (e->met && found == REEL_END) /* what is behind the film is not shown */
            return REEL_END;
        code = found == REEL_END ? code : found;
    }
    return code == REEL_OK && e->live && e->torn ? REEL_END : code;
}

static int look(reel__entries *e, reel__entry *out, reel_error *err)
{
    reel_portion p = {0};
    int code = look_at_tracks(e, &p, err);
    if (code != REEL_OK)
        return code;
    *out = (reel__entry){.time = e->segment.time};
    int64_t duration = e->segment.duration;
    if (!e->by_segment) {
        *out = (reel__entry){.time = p.time, .first = p.first, .stop = p.end};
        duration = p.duration;
    }
    if (!reel__add(out->time, duration, &out->end))
        out->end = INT64_MAX;
    return e->check_names && !is_named(e, out->time) ? REEL_END : REEL_OK;
}

static int find(reel__entries *e, reel__entry *out, reel_error *err)
{
    int code;
    do {
        code = e->begun ? reel_segmenter_next(e->s, &e->segment, &e->segment, err)
                        : reel_segmenter_at(e->s, INT64_MIN, &e->segment, err);
        e->begun = true;
        if (code != REEL_OK)
            return code;
        code = look(e, out, err);
    } while (code == REEL_END && !(e->live && e->torn) && (!e->readable || ++e->lost < REEL__MOST_LOST));
    return code;
}

/* When what can be had of the segment is over, on the time line of entries. A cue may be shown longer than the film. */
static int64_t end_of(const reel__entries *e, const reel_segment *segment)
{
    int64_t end = INT64_MIN;
    for (size_t i = 0; i < looked_at(e) && (!is_text(e) || end == INT64_MIN); i++) {
        reel_portion p;
        const reel_track *t = track_at(e, i);
        if (reel_segment_portion(e->s, segment, t, &p, NULL) != REEL_OK)
            continue;
        int64_t over = reel__portion_end(t, p.first, p.end);
        if (over > INT64_MIN)
            end = REEL__MAX(end, reel_rescale(over, t->timescale, e->timescale));
    }
    return end > INT64_MIN ? end : INT64_MAX;
}

int reel__entries_next(reel__entries *e, reel__entry *out, reel_error *err)
{
    if (!e->begun)
        e->code = find(e, &e->ahead, err);
    if (e->code != REEL_OK)
        return e->code;
    if (e->count++ == REEL__MOST_ENTRIES)
        return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "more than %d segments: too many for a playlist",
                          REEL__MOST_ENTRIES);
    *out = e->ahead;
    const bool torn = e->torn;
    const reel_segment segment = e->segment;
    do {
        e->code = find(e, &e->ahead, err);
    } while (e->code == REEL_OK && e->ahead.time <= out->time && ++e->idle < REEL__MOST_IDLE);
    if (e->idle >= REEL__MOST_IDLE)
        return reel__fail(err, REEL_E_TIME, REEL_NO_OFFSET, NULL, "%d segments that last no time", REEL__MOST_IDLE);
    if (e->code == REEL_OK)
        out->end = e->ahead.time;
    else if (torn && e->readable)
        out->end = REEL__MIN(out->end, end_of(e, &segment));
    if (out->end < out->time)
        out->end = out->time;
    /* Behind one that is not there yet more was said to come: then this one does not grow. */
    return e->code < 0 || (e->code == REEL_END && e->live && !e->torn) ? e->code : REEL_OK;
}

int64_t reel__end_of_film(const reel_segmenter *s, const reel_track *track)
{
    reel__entries e;
    reel__entry entry = {.end = 0};
    reel__entries_init(&e, s, &track, 1, false);
    if (!e.readable && reel_segmenter_at(s, INT64_MAX, &e.segment, NULL) == REEL_OK && look(&e, &entry, NULL) == REEL_OK)
        return entry.end;
    while (reel__entries_next(&e, &entry, NULL) == REEL_OK)
        ;
    return entry.end;
}

uint64_t reel__micros(int64_t time, int64_t end, uint32_t timescale)
{
    int64_t from = reel_rescale(time, timescale, 1000000), to = reel_rescale(end, timescale, 1000000);
    return to > from ? (uint64_t)to - (uint64_t)from : 0;
}

/* ---- I pictures ---- */

int reel__keys_init(reel__keys *k, const reel_segmenter *s, const reel_track *track, bool live, reel_error *err)
{
    *k = (reel__keys){.s = s, .track = track, .live = live, .lookups = REEL__MOST_LOOKUPS};
    k->shift = reel_track_stream_shift(track);
    k->gap = reel_track_timescale(track) / 4;
    k->readable = s->flags & REEL_SEGMENTER_READABLE;
    k->encrypted = (k->readable || live) && reel__crypto_begin(&k->walk, track);
    k->check_names = k->readable && reel__times_go_back(track);
    reel__stretch stretch;
    int code = reel__stretch_of(track, &stretch, err);
    k->next = stretch.first;
    k->count = stretch.end;
    return code;
}

static bool key_is_there(reel__keys *k, const reel_sample *s)
{
    uint64_t i = s->index;
    bool named = !k->check_names || (reel_track_find_pts(k->track, s->pts, &i, NULL) == REEL_OK &&
                                     reel_track_find_sync(k->track, i, REEL_SEEK_PREVIOUS, &i, NULL) == REEL_OK);
    if (!named || i != s->index)
        return false;
    return (!k->readable && !k->live) || reel__sample_is_there(k->track, s, k->encrypted ? &k->walk : NULL);
}

/*
 * The next one that is shown a gap after time, or later; any at the beginning. Where all pictures are I pictures, a step by
 * decode time passes over those between.
 */
static int find_key(reel__keys *k, int64_t time, reel_sample *out, reel_error *err)
{
    for (uint32_t idle = 0; k->next < k->count && k->lookups > 0 && idle < REEL__MOST_IDLE; idle++) {
        uint64_t i, on;
        int64_t shown, short_by = 0;
        k->lookups--;
        int code = reel_track_find_sync(k->track, k->next, REEL_SEEK_NEXT, &i, err);
        if (code == REEL_OK)
            code = i < k->count ? reel_track_sample(k->track, i, out, err) : REEL_END;
        if (code != REEL_OK)
            return code;
        k->next = i + 1;
        if (!reel__add(out->pts, k->shift, &shown) || shown < INT64_MIN / 2 || shown > INT64_MAX / 2)
            return REEL_END; /* no time that a film has */
        if ((!k->begun || shown - k->gap >= time) && key_is_there(k, out))
            return REEL_OK;
        if ((!k->begun || shown - k->gap >= time) && k->live)
            return REEL_END; /* not yet */
        if (!k->begun || shown - k->gap >= time) {
            k->lost = REEL__MIN(k->lost, shown);
            continue;
        }
        if (reel__sub(time, shown - k->gap, &short_by) && reel__add(out->dts, short_by, &short_by) &&
            reel_track_find_dts(k->track, short_by, &on, NULL) == REEL_OK)
            k->next = REEL__MAX(k->next, on);
    }
    return REEL_END;
}

int reel__keys_next(reel__keys *k, reel__key *out, reel_error *err)
{
    if (!k->begun)
        k->code = find_key(k, 0, &k->ahead, err);
    k->begun = true;
    if (k->code != REEL_OK)
        return k->code;
    reel_sample at = k->ahead;
    *out = (reel__key){.time = at.pts + k->shift, .size = at.size};
    k->lost = INT64_MAX;
    k->code = find_key(k, out->time, &k->ahead, err);
    if (k->code < 0 || (k->code == REEL_END && k->live))
        return k->code;
    out->end = k->code == REEL_OK ? k->ahead.pts + k->shift : REEL__MIN(reel__end_of_film(k->s, k->track), k->lost);
    out->end = REEL__MAX(out->end, out->time);
    return REEL_OK;
}

/* ---- bit rates ---- */

struct piece {
    uint64_t bytes, micros;
};

struct pieces {
    const reel_allocator *alloc;
    struct piece *piece;
    size_t n, room;
};

static int add(struct pieces *p, uint64_t bytes, uint64_t micros, reel_error *err)
{
    if (p->n == p->room) {
        size_t room = p->room ? p->room * 2 : 256;
        struct piece *grown = reel__realloc_array(p->alloc, p->piece, room, sizeof *grown);
        if (!grown)
            return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
        p->piece = grown;
        p->room = room;
    }
    p->piece[p->n++] = (struct piece){bytes, micros};
    return REEL_OK;
}

static uint64_t bits_a_second(uint64_t bytes, uint64_t micros)
{
    double rate = micros ? (double)bytes * 8e6 / (double)micros : 0;
    return rate < 1 ? 1 : rate > 1e15 ? (uint64_t)1000000000000000 : (uint64_t)rate + 1;
}

/* RFC 8216 4.3.3.1: every EXTINF, rounded to the nearest second, is at most the target duration. */
static uint64_t longest_of(const struct pieces *p)
{
    uint64_t longest = 0;
    for (size_t i = 0; i < p->n; i++)
        longest = REEL__MAX(longest, p->piece[i].micros);
    return REEL__MAX((longest + 500000) / 1000000, 1) * 1000000;
}

/*
 * RFC 8216 4.3.4.2: the peak is that of any run of segments which lasts between 0.5 and 1.5 times the target duration.
 * Nothing made by people has more than a few segments in that time.
 */
static void rate_of(const struct pieces *p, reel__rate *out)
{
    enum { MOST_TOGETHER = 64 };
    uint64_t target = longest_of(p), bytes = 0;
    *out = (reel__rate){.peak = 0};
    for (size_t i = 0; i < p->n; i++) {
        uint64_t sum = 0, time = 0;
        bytes += p->piece[i].bytes;
        out->micros += p->piece[i].micros;
        for (size_t k = i; k < p->n && k < i + MOST_TOGETHER; k++) {
            sum += p->piece[k].bytes;
            time += p->piece[k].micros;
            if (time > target / 2 * 3)
                break;
            if (time >= target / 2)
                out->peak = REEL__MAX(out->peak, bits_a_second(sum, time));
        }
    }
    out->average = bits_a_second(bytes, out->micros);
    out->peak = REEL__MAX(out->peak, out->average);
}

/* What a segment has beyond its samples: boxes for each segment and each sample; markup and times of cues. */
static uint64_t beside(const reel_track_info *info, bool text, bool encrypted, uint64_t samples)
{
    uint64_t each = text ? 48 : info->type == REEL_TRACK_VIDEO ? 16 : 8;
    return (text ? 64 : 160) + samples * (each + (encrypted ? 32 : 0));
}

/* In fragments sizes are added up sample by sample, and a few bytes may claim billions of them. */
int reel__measure(const reel_segmenter *s, const reel_track *track, const reel_allocator *alloc, uint32_t *lookups,
                  reel__rate *out, reel_error *err)
{
    enum { WALKED = 32 }; /* samples that cost what a lookup does */
    struct pieces p = {.alloc = alloc};
    const bool text = reel__streams_as(track) == REEL__STREAMS_TEXT;
    reel_protection protection;
    const bool encrypted = reel__protection_of(track, &protection);
    reel_track_info info;
    reel_movie_info movie;
    reel__entries e;
    reel__entry entry = {.time = 0};
    uint64_t bytes = 0;
    int code = REEL_OK;
    reel_track_get_info(track, &info);
    reel_movie_get_info(s->movie, &movie);
    const bool fragmented = movie.fragmented;
    reel__entries_init(&e, s, &track, 1, false);
    e.by_segment = false;
    e.timescale = info.timescale;
    while (*lookups > 0 && (code = reel__entries_next(&e, &entry, err)) == REEL_OK) {
        uint64_t cost = fragmented ? 1 + (entry.stop - entry.first) / WALKED : 1;
        if (cost > *lookups)
            break;
        *lookups -= (uint32_t)cost;
        code = reel_track_bytes(track, entry.first, entry.stop, &bytes, err);
        if (code == REEL_OK)
            code = add(&p, bytes + beside(&info, text, encrypted, entry.stop - entry.first),
                       reel__micros(entry.time, entry.end, info.timescale), err);
        if (code != REEL_OK)
            break;
    }
    if (code >= 0)
        rate_of(&p, out);
    out->nothing = code == REEL_END && p.n == 0;
    reel__free(alloc, p.piece);
    return code < 0 ? code : REEL_OK;
}

int reel__measure_keys(const reel_segmenter *s, const reel_track *track, const reel_allocator *alloc, uint32_t *lookups,
                       reel__rate *out, reel_error *err)
{
    enum { BOXES = 200 };
    struct pieces p = {.alloc = alloc};
    reel__keys k;
    reel__key key;
    int code = reel__keys_init(&k, s, track, false, err);
    for (; code == REEL_OK && *lookups > 0; --*lookups) {
        code = reel__keys_next(&k, &key, err);
        if (code == REEL_OK)
            code = add(&p, (uint64_t)key.size + BOXES, reel__micros(key.time, key.end, reel_track_timescale(track)), err);
    }
    if (code >= 0)
        rate_of(&p, out);
    reel__free(alloc, p.piece);
    return code < 0 ? code : REEL_OK;
}
