/* SPDX-License-Identifier: BSD-2-Clause */
/* Chapters: a text track that a 'chap' reference names, or Nero's chpl. */
#include <reel/meta.h>
#include <reel/packet.h>
#include <reel/time.h>

#include "movie/movie.h"

enum {
    CHAP = REEL_4CC('c', 'h', 'a', 'p'),
    CHPL = REEL_4CC('c', 'h', 'p', 'l'),
    MOST_CHAPTERS = 10000,
    MOST_REFERENCES = 64,
};

/* In reel_movie.chapter_track, beside the number: its first title has been read. */
#define READABLE 0x80000000u

/* The text track that a 'chap' reference of t names; pictures may be referenced too. */
static const reel_track *titles_of(const reel_track *t)
{
    const reel__part *tref = &t->part[REEL__TREF];
    reel__part chap;
    if (!reel__child_of(tref->body, tref->size, tref->offset, NULL, CHAP, &chap))
        return NULL;
    for (size_t i = 0; i < MOST_REFERENCES && i < chap.size / 4; i++) {
        const reel_track *named = reel_movie_track_by_id(t->movie, reel__be32(chap.body + 4 * i));
        if (named && named->type == REEL_TRACK_TEXT)
            return named;
    }
    return NULL;
}

static void remember(const reel_movie *m, uint32_t known)
{
    reel_movie *own = (reel_movie *)(uintptr_t)m;
    atomic_store_explicit(&own->chapter_track, known, memory_order_relaxed);
}

/* Looked for once: a film may have a thousand tracks, and as many chapters. */
static const reel_track *chapter_track(const reel_movie *m, bool *readable)
{
    reel_movie *own = (reel_movie *)(uintptr_t)m;
    uint32_t known = atomic_load_explicit(&own->chapter_track, memory_order_relaxed);
    if (!known) {
        const reel_track *t = NULL;
        for (size_t i = 0; i < m->track_count && !t; i++)
            t = titles_of(m->track[i]);
        known = t ? t->number : UINT32_MAX;
        remember(m, known);
    }
    *readable = known & READABLE;
    return known == UINT32_MAX ? NULL : m->track[(known & ~READABLE) - 1];
}

/* QTFF, Text Sample Data: 16-bit length, then the text */
static int from_track(const reel_track *t, size_t i, reel_chapter *out, reel_error *err)
{
    uint64_t count;
    reel_sample sample;
    reel_packet packet;
    int code = reel_track_sample_count(t, &count, err);
    if (code != REEL_OK || i >= count || i >= MOST_CHAPTERS)
        return code != REEL_OK ? code : REEL_END;
    code = reel_track_sample(t, i, &sample, err);
    if (code == REEL_OK)
        code = reel_packet_get(t, &sample, &packet, err);
    if (code != REEL_OK)
        return code;
    reel__reader r = reel__read(packet.data, sample.size);
    size_t size = reel__u16(&r);
    size = REEL__MIN(size, reel__left(&r));
    int64_t start;
    if (reel_track_presentation_time(t, sample.pts, 0, &start) != REEL_OK)
        start = sample.pts;
    *out = (reel_chapter){.start = start,
                          .duration = sample.duration,
                          .timescale = t->timescale,
                          .track_id = t->id,
                          .title = {r.p, size},
                          .ref = packet.ref};
    return REEL_OK;
}

/* Version 0 has an 8-bit count, version 1 a 32-bit one behind a reserved byte; times in 100 ns. */
static int from_chpl(const reel_movie *m, size_t i, reel_chapter *out)
{
    const reel__part *udta = reel__movie_part(m, REEL__MOVIE_UDTA);
    reel__part chpl;
    if (!udta->body || !reel__child_of(udta->body, udta->size, udta->offset, NULL, CHPL, &chpl))
        return REEL_END;
    reel__reader r = reel__part_reader(&chpl);
    uint8_t version = reel__u8(&r);
    reel__skip(&r, 3);
    if (version)
        reel__skip(&r, 1);
    uint32_t count = version ? reel__u32(&r) : reel__u8(&r);
    if (i >= count || i >= MOST_CHAPTERS)
        return REEL_END;
    for (size_t k = 0; !r.bad; k++) {
        uint64_t start = reel__u64(&r);
        size_t size = reel__u8(&r);
        const uint8_t *title = reel__take(&r, size);
        if (k < i)
            continue;
        if (r.bad)
            break;
        *out = (reel_chapter){.start = (int64_t)REEL__MIN(start, (uint64_t)INT64_MAX),
                              .duration = -1,
                              .timescale = 10000000,
                              .title = {title, size}};
        return REEL_OK;
    }
    return REEL_END;
}

/*
 * Books are written with both. A track without titles, or whose first one cannot be read, is as good as none, unless
 * there is nothing else: then what is wrong with it is the answer. Once a title was read the track stays.
 */
static int try_track(const reel_track *t, reel_error *err)
{
    reel_chapter first;
    int code = from_track(t, 0, &first, err);
    if (code == REEL_OK) {
        reel_ref_drop(first.ref);
        remember(t->movie, t->number | READABLE);
    }
    return code;
}

int reel_movie_chapter(const reel_movie *movie, size_t i, reel_chapter *out, reel_error *err)
{
    bool readable;
    reel_chapter other;
    if (!movie || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no movie");
    const reel_track *t = chapter_track(movie, &readable);
    if (!t)
        return from_chpl(movie, i, out);
    int code = readable ? REEL_OK : try_track(t, err);
    if (code == REEL_OK)
        return from_track(t, i, out, err);
    if (code == REEL_E_AGAIN || code == REEL_E_NOMEM || from_chpl(movie, 0, &other) != REEL_OK)
        return code;
    return from_chpl(movie, i, out);
}
