/* SPDX-License-Identifier: BSD-2-Clause */
/* Media playlists of HLS: RFC 8216 4.3.2, 4.3.3. The multivariant one is in multivariant.c. */
#include <reel/meta.h>

#include "base/checked.h"
#include "write/playlist.h"

enum { VERSION = 7 };

/* Entries first, since what stands above them depends on the longest. */
struct playlist {
    reel__out head, body;
    uint64_t longest; /* microseconds */
    bool live;
};

static void begin(struct playlist *p, const reel_playlist_options *o)
{
    reel__out_init(&p->head, o->alloc, 0);
    reel__out_init(&p->body, o->alloc, 0);
    p->longest = 0;
    p->live = o->flags & REEL_STREAM_LIVE;
}

static void give_up(struct playlist *p)
{
    reel__out_free(&p->head);
    reel__out_free(&p->body);
}

static void put_duration(struct playlist *p, uint64_t micros)
{
    p->longest = REEL__MAX(p->longest, micros);
    reel__out_format(&p->body, "#EXTINF:%llu.%06llu,\n", (unsigned long long)(micros / 1000000),
                     (unsigned long long)(micros % 1000000));
}

/*
 * RFC 8216 4.3.3.1: each EXTINF rounded to the nearest second is at most the target duration. That of a playlist which
 * grows must not change (6.2.1): what could still come is twice the segment length, while pictures one can begin at are
 * not further apart than that.
 */
static uint64_t target_of(const struct playlist *p, const reel_segmenter *s)
{
    uint64_t target = (p->longest + 500000) / 1000000, length = reel__micros(0, s->target, s->timescale);
    if (p->live)
        target = REEL__MAX(target, (2 * length + 999999) / 1000000);
    return REEL__MAX(target, 1);
}

static void put_head(struct playlist *p, const reel_segmenter *s, const char *more)
{
    reel__out_format(&p->head,
                     "#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-TARGETDURATION:%llu\n#EXT-X-MEDIA-SEQUENCE:0\n"
                     "#EXT-X-PLAYLIST-TYPE:%s\n%s",
                     VERSION, (unsigned long long)target_of(p, s), p->live ? "EVENT" : "VOD", more);
}

static int finish(struct playlist *p, reel_plan **out, reel_error *err)
{
    reel_plan *plan = NULL;
    if (!p->live)
        reel__out_text(&p->body, "#EXT-X-ENDLIST\n");
    int code = reel__plan_of_out(&p->head, &plan, err);
    if (code != REEL_OK) {
        reel__out_free(&p->body);
        return code;
    }
    code = reel__plan_add_out(plan, &p->body, err);
    if (code != REEL_OK)
        reel_plan_close(&plan);
    else
        *out = plan;
    return code;
}

/* A film without a pssh gets no tag; what its init segment says (tenc) is left to the player. */
static void put_keys(reel__out *o, const reel_segmenter *s, const reel_track *track)
{
    reel_protection p;
    reel_pssh pssh;
    const char *method = reel__protection_of(track, &p) ? reel__key_method(&p) : NULL;
    for (size_t i = 0; method && reel__next_pssh(s->movie, &p, &i, &pssh) == REEL_OK;)
        reel__put_key(o, "EXT-X-KEY", method, &p, &pssh);
}

/* ---- ranges of one file ---- */

/* The file of a track, if there is one: *file may be NULL. */
static int find_file(const reel_segmenter *s, const reel_playlist_options *o, const reel_track *track, unsigned flags,
                     const reel_stream_file **file, reel_error *err)
{
    *file = reel__file_of(o, track, flags);
    if (*file && (*file)->target != s->target)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "the file was made with another segment length");
    return REEL_OK;
}

/* RFC 8216 4.3.2.5; file NULL: the init segment is one of its own */
static void put_map(reel__out *o, const reel_stream_file *file)
{
    if (file)
        reel__out_format(o, "#EXT-X-MAP:URI=\"%s\",BYTERANGE=\"%llu@0\"\n", reel__file_name(file),
                         (unsigned long long)file->init);
    else
        reel__out_text(o, "#EXT-X-MAP:URI=\"init.mp4\"\n");
}

/* RFC 8216 4.3.2.2: where each begins is always said, though it is where the one before ended. */
static int put_range(reel__out *o, const reel_stream_file *file, size_t i, reel_error *err)
{
    reel_stream_range range;
    if (reel_stream_file_range(file, i, &range) != REEL_OK)
        return reel__fail(err, REEL_E_TABLE, REEL_NO_OFFSET, NULL, "the segments changed since the file was made");
    reel__out_format(o, "#EXT-X-BYTERANGE:%llu@%llu\n%s\n", (unsigned long long)range.size,
                     (unsigned long long)range.offset, reel__file_name(file));
    return REEL_OK;
}

/* ---- playlists ---- */

/* What is before 0, priming of sound mostly, is not heard: the edit list in the init segment takes it off. */
static int put_segments(struct playlist *p, reel__entries *e, const reel_stream_file *file, reel_error *err)
{
    const char *form = e->n == 1 && e->by_segment ? "vtt" : "m4s";
    reel__entry entry;
    int code;
    for (size_t i = 0; (code = reel__entries_next(e, &entry, err)) == REEL_OK; i++) {
        put_duration(p, reel__micros(REEL__MAX(entry.time, 0), REEL__MAX(entry.end, 0), e->timescale));
        if (!file)
            reel__out_format(&p->body, "%lld.%s\n", (long long)entry.time, form);
        else if ((code = put_range(&p->body, file, i, err)) != REEL_OK)
            return code;
    }
    return code == REEL_END ? REEL_OK : code;
}

static bool right_call(const reel_segmenter *s, const reel_track *const *tracks, size_t n)
{
    bool right = s && s->reference && tracks && n > 0;
    for (size_t i = 0; right && i < n; i++)
        right = tracks[i] && reel_track_movie(tracks[i]) == s->movie &&
                (n == 1 || reel__streams_as(tracks[i]) == REEL__STREAMS_MEDIA);
    return right;
}

int reel_hls_media(const reel_segmenter *s, const reel_track *const *tracks, size_t n, const reel_playlist_options *options,
                   reel_plan **out, reel_error *err)
{
    reel_playlist_options o;
    if (!right_call(s, tracks, n) || !out || !reel__playlist_options(options, &o))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL,
                          "no segmenter, no tracks of its film, or no place for the plan");
    struct playlist p;
    reel__entries e;
    const reel_stream_file *file = NULL;
    int code = n == 1 ? find_file(s, &o, tracks[0], 0, &file, err) : REEL_OK;
    if (code != REEL_OK)
        return code;
    begin(&p, &o);
    reel__entries_init(&e, s, tracks, n, p.live);
    const bool text = n == 1 && e.by_segment;
    if (!text)
        put_map(&p.body, file);
    for (size_t i = 0; !text && i < n; i++)
        put_keys(&p.body, s, tracks[i]);
    code = put_segments(&p, &e, file, err);
    if (code == REEL_OK && e.readable && !e.live && !e.count)
        code = reel__fail(err, REEL_E_TRUNCATED, REEL_NO_OFFSET, NULL,
                          "track %u: none of its segments can be had: the film is damaged, or cut short", tracks[0]->id);
    if (code != REEL_OK) {
        give_up(&p);
        return code;
    }
    put_head(&p, s, text ? "" : "#EXT-X-INDEPENDENT-SEGMENTS\n");
    return finish(&p, out, err);
}

static int put_pictures(struct playlist *p, reel__keys *k, const reel_stream_file *file, reel_error *err)
{
    reel__key key;
    int code = REEL_OK;
    for (size_t i = 0; i < REEL__MOST_ENTRIES && (code = reel__keys_next(k, &key, err)) == REEL_OK; i++) {
        put_duration(p, reel__micros(REEL__MAX(key.time, 0), REEL__MAX(key.end, 0), reel_track_timescale(k->track)));
        if (!file)
            reel__out_format(&p->body, "i%lld.m4s\n", (long long)key.time);
        else if ((code = put_range(&p->body, file, i, err)) != REEL_OK)
            return code;
    }
    return code;
}

int reel_hls_iframes(const reel_segmenter *s, const reel_track *track, const reel_playlist_options *options,
                     reel_plan **out, reel_error *err)
{
    reel_playlist_options o;
    if (!right_call(s, &track, 1) || !out || !reel__playlist_options(options, &o))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL,
                          "no segmenter, no track of its film, or no place for the plan");
    struct playlist p;
    reel__keys k;
    const reel_stream_file *file;
    int code = find_file(s, &o, track, REEL_STREAM_FILE_PICTURES, &file, err);
    if (code != REEL_OK)
        return code;
    begin(&p, &o);
    put_map(&p.body, file);
    put_keys(&p.body, s, track);
    code = reel__keys_init(&k, s, track, p.live, err);
    if (code == REEL_OK)
        code = put_pictures(&p, &k, file, err);
    if (code < 0) {
        give_up(&p);
        return code;
    }
    put_head(&p, s, "#EXT-X-I-FRAMES-ONLY\n");
    return finish(&p, out, err);
}

int reel_hls_sidecar(const reel_segmenter *s, const char *file, const reel_playlist_options *options, reel_plan **out,
                     reel_error *err)
{
    reel_playlist_options o;
    if (!s || !s->reference || !file || !out || !reel__playlist_options(options, &o))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no segmenter, no file, or no place for the plan");
    struct playlist p;
    begin(&p, &o);
    p.live = false; /* the one segment is all there will be */
    put_duration(&p, reel__micros(0, reel__end_of_film(s, s->reference), s->timescale));
    reel__put_uri(&p.body, file);
    reel__out_8(&p.body, '\n');
    put_head(&p, s, "");
    return finish(&p, out, err);
}
