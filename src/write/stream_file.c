/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A track as one file: what ranges in playlists point into. ISO/IEC 14496-12:2022 8.16.3 (sidx), ISO/IEC 23000-19 7.3.3.3.
 *
 * The segments are those that playlists list, so that the two cannot differ: the same walk counts them, which gives the
 * index its size, and then makes them one by one, which fills it.
 */
#include "base/checked.h"
#include "write/index.h"
#include "write/playlist.h"

enum { EMPTY_SAMPLES = 1 << 20 };

const reel_stream_file *reel__file_of(const reel_playlist_options *o, const reel_track *track, unsigned flags)
{
    for (size_t i = 0; i < o->file_count; i++)
        if (o->files[i] && o->files[i]->track == track && o->files[i]->flags == flags)
            return o->files[i];
    return NULL;
}

const char *reel__file_name(const reel_stream_file *file)
{
    return file->flags & REEL_STREAM_FILE_PICTURES ? "iframes.mp4" : "media.mp4";
}

/* ---- what is listed: segments, or I pictures ---- */

struct list {
    const reel_segmenter *s;
    const reel_track *track;
    const reel_allocator *alloc;
    bool pictures;
    reel__entries entries;
    reel__keys keys;
};

struct item {
    int64_t time, end; /* as playlists say it */
    uint64_t samples;
};

static int begin(struct list *l, reel_error *err)
{
    if (l->pictures)
        return reel__keys_init(&l->keys, l->s, l->track, false, err);
    reel__entries_init(&l->entries, l->s, &l->track, 1, false);
    return REEL_OK;
}

static int next(struct list *l, struct item *out, reel_error *err)
{
    reel__key key;
    reel__entry entry = {.time = 0};
    int code = l->pictures ? reel__keys_next(&l->keys, &key, err) : reel__entries_next(&l->entries, &entry, err);
    if (code == REEL_OK)
        *out = l->pictures ? (struct item){key.time, key.end, 1}
                           : (struct item){entry.time, entry.end, entry.stop - entry.first};
    return code;
}

/* All headers are made at once: samples without bytes, of which a file may claim any number, must not make them many. */
static int count(struct list *l, size_t *out, reel_error *err)
{
    struct item item;
    size_t n = 0;
    uint64_t left = reel_source_size(l->s->movie->source) + EMPTY_SAMPLES;
    int code = begin(l, err);
    for (; code == REEL_OK && n <= REEL__REFERENCES && (code = next(l, &item, err)) == REEL_OK; n++) {
        if (item.samples > left)
            return reel__fail(err, REEL_E_TABLE, REEL_NO_OFFSET, NULL, "there are more samples than the file has bytes");
        left -= item.samples;
    }
    if (code < 0)
        return code;
    if (n > REEL__REFERENCES)
        return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL,
                          "more than %d segments: too many for the index of one file", REEL__REFERENCES);
    *out = n;
    return n ? REEL_OK : reel__fail(err, REEL_E_NOT_FOUND, REEL_NO_OFFSET, NULL, "the track has nothing to list");
}

/* The same bytes that a URL with that time has. */
static int make(const struct list *l, int64_t time, reel_plan **out, reel_error *err)
{
    reel_segment segment;
    if (l->pictures)
        return reel_stream_picture(l->track, time, l->alloc, out, err);
    int code = reel_segment_named(l->s, l->track, time, &segment, err);
    return code == REEL_OK ? reel_stream_segment(l->s, &segment, &l->track, 1, l->alloc, out, err) : code;
}

/* ---- the file ---- */

static int put_segment(reel_stream_file *f, const struct list *l, const struct item *item, uint8_t *reference,
                       reel_error *err)
{
    reel_plan *plan = NULL;
    int code = make(l, item->time, &plan, err);
    if (code == REEL_END)
        return reel__fail(err, REEL_E_TABLE, REEL_NO_OFFSET, NULL, "a segment has no samples");
    if (code == REEL_OK)
        code = reel__index_reference(reference, item->time, item->end, reel_plan_size(plan), err);
    if (code == REEL_OK)
        code = reel_plan_add_plan(f->plan, plan, err);
    reel_plan_close(&plan);
    f->end[f->count++] = reel_plan_size(f->plan);
    return code;
}

static int fill(reel_stream_file *f, struct list *l, size_t n, reel_error *err)
{
    struct item item;
    uint8_t *references = NULL;
    int code = begin(l, err);
    for (size_t i = 0; i < n && code == REEL_OK; i++) {
        code = next(l, &item, err);
        if (code == REEL_END) /* bytes may change while they are read */
            return reel__fail(err, REEL_E_TABLE, REEL_NO_OFFSET, NULL, "the segments changed while they were read");
        if (code == REEL_OK && i == 0)
            code = reel__index_begin(f->plan, &f->alloc, f->track, n, item.time, &references, err);
        if (code == REEL_OK && i == 0)
            f->first = reel_plan_size(f->plan);
        if (code == REEL_OK)
            code = put_segment(f, l, &item, references + REEL__REFERENCE * i, err);
    }
    return code;
}

static int write_file(reel_stream_file *f, const reel_segmenter *s, reel_error *err)
{
    struct list l = {.s = s, .track = f->track, .alloc = &f->alloc, .pictures = f->flags & REEL_STREAM_FILE_PICTURES};
    size_t n = 0;
    int code = count(&l, &n, err);
    if (code == REEL_OK)
        code = reel_stream_init(&f->track, 1, &f->alloc, &f->plan, err);
    if (code != REEL_OK)
        return code;
    f->init = reel_plan_size(f->plan);
    f->end = reel__alloc_array(&f->alloc, n, sizeof *f->end);
    return f->end ? fill(f, &l, n, err) : reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
}

int reel_stream_file_new(const reel_segmenter *s, const reel_track *track, unsigned flags, const reel_allocator *alloc,
                         reel_stream_file **out, reel_error *err)
{
    const bool known = !(flags & ~(unsigned)REEL_STREAM_FILE_PICTURES);
    if (!s || !s->reference || !track || reel_track_movie(track) != s->movie || !out || !known)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL,
                          "no segmenter, no track of its film, or no place for the file");
    if (reel__streams_as(track) != REEL__STREAMS_MEDIA)
        return reel__fail(err, REEL_E_UNSUPPORTED, REEL_NO_OFFSET, NULL, "the track has no media segments");
    alloc = alloc ? alloc : &reel__malloc;
    reel_stream_file *f = reel__alloc_zero(alloc, sizeof *f);
    if (!f)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    f->alloc = *alloc;
    f->track = track;
    f->target = s->target;
    f->flags = flags;
    int code = write_file(f, s, err);
    if (code == REEL_OK)
        *out = f;
    else
        reel_stream_file_close(&f);
    return code;
}

void reel_stream_file_close(reel_stream_file **file)
{
    if (!file || !*file)
        return;
    const reel_allocator alloc = (*file)->alloc;
    reel_plan_close(&(*file)->plan);
    reel__free(&alloc, (*file)->end);
    reel__free(&alloc, *file);
    *file = NULL;
}

const reel_track *reel_stream_file_track(const reel_stream_file *file)
{
    return file ? file->track : NULL;
}

const reel_plan *reel_stream_file_plan(const reel_stream_file *file)
{
    return file ? file->plan : NULL;
}

int reel_stream_file_range(const reel_stream_file *file, size_t i, reel_stream_range *out)
{
    if (!file || !out || i >= file->count)
        return REEL_END;
    out->offset = i ? file->end[i - 1] : file->first;
    out->size = file->end[i] - out->offset;
    return REEL_OK;
}
