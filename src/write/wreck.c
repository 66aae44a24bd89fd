/* SPDX-License-Identifier: BSD-2-Clause */
#include "write/wreck.h"

#define BOX(a, b, c, d) REEL_4CC(a, b, c, d)

enum { NEAR = 512, FAR = 1 << 16, OVERLAP = 8, MOST_STEPS = 1 << 24, MFHD = 16, TRAF = 24 };

typedef struct search {
    reel__wreck *w;
    uint8_t *buf;
    reel__glance glance;
    uint64_t at, last;    /* the next box; the one before it */
    uint64_t whole;       /* where the last thing ended that is whole: nothing open stands before it */
    uint64_t lead;        /* where styp, prft or emsg began that stand in front of at; UINT64_MAX: none */
    reel__shard open;     /* what the last moof began; end 0: its mdat is still to come */
    bool is_open;
    bool last_is_mdat;
    bool in_moof;         /* the file ends within one */
    reel_error *err;
} search;

bool reel__wreck_is_name(uint32_t type)
{
    for (int i = 0; i < 32; i += 8)
        if ((type >> i & 0xff) < ' ' || (type >> i & 0xff) > '~')
            return false;
    return true;
}

bool reel__wreck_is_moov(reel_source *source, uint64_t at)
{
    uint8_t head[16];
    uint64_t end = reel_source_size(source);
    if (at > end || end - at < sizeof head || reel_source_read(source, at, head, sizeof head, NULL) != REEL_OK)
        return false;
    uint64_t size = reel__be32(head), inner = reel__be32(head + 8);
    return reel__be32(head + 4) == BOX('m', 'o', 'o', 'v') && reel__be32(head + 12) == BOX('m', 'v', 'h', 'd') &&
           inner >= 100 && inner <= 200 && size >= inner + 8 && size <= end - at;
}

/* ISO/IEC 14496-12:2022 8.8.4, 8.8.5: a moof begins with mfhd, and some box follows. */
static bool is_moof(reel_source *source, uint64_t at)
{
    uint8_t head[TRAF + 8];
    uint64_t end = reel_source_size(source);
    if (at > end || end - at < sizeof head || reel_source_read(source, at, head, sizeof head, NULL) != REEL_OK)
        return false;
    uint64_t size = reel__be32(head), next = reel__be32(head + TRAF);
    return reel__be32(head + 4) == BOX('m', 'o', 'o', 'f') && reel__be32(head + 8) == MFHD &&
           reel__be32(head + 12) == BOX('m', 'f', 'h', 'd') && size >= sizeof head && size <= end - at && next >= 8 &&
           next <= size - TRAF && reel__wreck_is_name(reel__be32(head + TRAF + 4));
}

/* ---- what was met ---- */

/* From here on things are put together anew; what was whole before stays as it is. */
static void freeze(search *s, uint64_t at)
{
    reel__wreck *w = s->w;
    if (!w->gap)
        w->clean = at;
    w->gap = true;
}

static int keep(search *s)
{
    reel__wreck *w = s->w;
    if (w->shards == w->room) {
        size_t room = w->room ? w->room * 2 : 16;
        reel__shard *more = reel__realloc_array(&w->alloc, w->shard, room, sizeof *more);
        if (!more)
            return reel__fail(s->err, REEL_E_NOMEM, s->open.moof, NULL, "out of memory");
        w->shard = more;
        w->room = room;
    }
    w->shard[w->shards++] = s->open;
    return REEL_OK;
}

/* Nothing more belongs to the open one; without media it is nothing. */
static int close_shard(search *s)
{
    int code = REEL_OK;
    if (s->is_open && s->open.end)
        code = keep(s);
    else if (s->is_open)
        freeze(s, s->open.begin);
    s->is_open = false;
    return code;
}

static void meet_once(search *s, const reel__part *part, uint64_t next)
{
    reel__wreck *w = s->w;
    bool moov = part->type == BOX('m', 'o', 'o', 'v');
    if (moov ? w->moovs > 0 : w->ftyp.size > 0)
        freeze(s, part->offset);
    if (moov && w->moovs < REEL__WRECK_MOOVS)
        w->moov[w->moovs++] = (reel_range){part->offset, next - part->offset};
    if (!moov && !w->ftyp.size)
        w->ftyp = (reel_range){part->offset, next - part->offset};
}

static void meet_media(search *s, const reel__part *part, uint64_t next)
{
    if (!s->is_open)
        return;
    if (!s->open.end) {
        s->open.mdat = part->offset;
        s->open.mdat_header = part->header;
    }
    s->open.end = next;
}

static bool leads(uint32_t type)
{
    return type == BOX('s', 't', 'y', 'p') || type == BOX('p', 'r', 'f', 't') || type == BOX('e', 'm', 's', 'g');
}

static int meet(search *s, const reel__part *part, uint64_t next)
{
    int code = REEL_OK;
    bool media = part->type == BOX('m', 'd', 'a', 't'), led = leads(part->type);
    /* Between a moof and its media stands whatever wants to; behind the media a new thing begins. */
    if (part->type == BOX('m', 'o', 'o', 'f') || (!media && s->is_open && s->open.end))
        code = close_shard(s);
    if (part->type == BOX('f', 't', 'y', 'p') || part->type == BOX('m', 'o', 'o', 'v'))
        meet_once(s, part, next);
    if (media)
        meet_media(s, part, next);
    if (part->type == BOX('s', 'i', 'd', 'x') && !s->w->sidx.size)
        s->w->sidx = (reel_range){part->offset, next - part->offset};
    if (led && s->lead == UINT64_MAX)
        s->lead = part->offset;
    if (part->type == BOX('m', 'o', 'o', 'f')) {
        uint64_t begin = s->lead != UINT64_MAX ? s->lead : part->offset;
        s->open = (reel__shard){.begin = begin, .moof = part->offset, .behind = next};
        s->is_open = true;
    }
    if (!led)
        s->lead = UINT64_MAX;
    if ((!s->is_open || s->open.end) && !led)
        s->whole = next;
    s->last_is_mdat = media;
    s->last = part->offset;
    s->at = next;
    return code;
}

/* ---- where boxes lead nowhere ---- */

/* In n bytes that stand at begin. */
static bool find_in(const search *s, uint64_t begin, size_t n, uint64_t *found)
{
    for (size_t i = 4; i + 4 <= n; i++) {
        const uint8_t *p = memchr(s->buf + i, 'm', n - i - 3);
        if (!p)
            return false;
        i = (size_t)(p - s->buf);
        *found = begin + i - 4;
        if (!memcmp(p, "moof", 4) && is_moof(s->w->source, *found))
            return true;
        if (!memcmp(p, "moov", 4) && reel__wreck_is_moov(s->w->source, *found))
            return true;
    }
    return false;
}

/* The next moof or moov from there on; REEL_END: none. Small steps first: mostly it is near, where there is any. */
static int find(search *s, uint64_t from, uint64_t *found)
{
    uint64_t size = s->w->size;
    size_t step = NEAR;
    while (from < size) {
        size_t n = (size_t)REEL__MIN(size - from, (uint64_t)step + OVERLAP - 1);
        int code = reel_source_read(s->w->source, from, s->buf, n, s->err);
        if (code != REEL_OK)
            return code;
        if (find_in(s, from, n, found))
            return REEL_OK;
        from += step;
        step = REEL__MIN(step * 2, (size_t)FAR);
    }
    return REEL_END;
}

/* The media of the open one ends there at the latest, whatever its one mdat says; it may as well go as far as that. */
static void end_media_at(search *s, uint64_t at)
{
    if (!s->last_is_mdat || !s->is_open || s->open.mdat != s->last)
        return;
    if (!s->open.end || s->open.end > at) {
        freeze(s, s->open.begin);
        s->open.end = at;
        s->open.resized = true;
    }
    s->open.reach = at;
}

/* There is no box at s->at, or the last one swallowed others. REEL_END: nothing more is found. */
static int resume(search *s)
{
    uint64_t found = 0, from = s->last == UINT64_MAX ? s->at : s->last + 8;
    int code = find(s, from, &found);
    if (code != REEL_OK)
        return code;
    end_media_at(s, found);
    code = close_shard(s);
    freeze(s, found < s->at ? s->last : REEL__MIN(s->whole, found));
    s->lead = UINT64_MAX;
    s->last_is_mdat = false;
    s->at = found;
    return code;
}

/* The file is over: what is open is whole or not. */
static int finish(search *s, bool junk)
{
    reel__wreck *w = s->w;
    bool whole = !s->is_open || s->open.end, in_mdat = !whole && s->last_is_mdat && s->open.mdat == s->last;
    if (in_mdat) {
        s->open.end = w->size;
        s->open.torn = s->open.resized = true;
    }
    int code = whole ? close_shard(s) : in_mdat ? keep(s) : REEL_OK;
    w->torn = !whole || s->in_moof;
    if (!w->gap)
        w->clean = whole && !junk ? s->at : s->whole;
    return code;
}

static int step(search *s)
{
    reel__part part;
    uint64_t next = 0, size = s->w->size;
    int code = reel__box_at(s->w->source, &s->glance, s->at, size, &part, &next, s->err);
    if (code != REEL_OK && code != REEL_END && code != REEL_E_BOX_SIZE)
        return code;
    bool box = code == REEL_OK && !part.cut &&
               (reel__row_find(&reel__top, part.type) || reel__wreck_is_name(part.type));
    if (box)
        return meet(s, &part, next);
    /* A box that is cut is the last one, unless its size is what is wrong: then others stand in it. */
    if (code == REEL_OK && part.cut && part.type == BOX('m', 'd', 'a', 't') && s->is_open && !s->open.end) {
        s->open.mdat = s->last = part.offset;
        s->open.mdat_header = part.header;
        s->last_is_mdat = true;
    }
    s->in_moof = code == REEL_OK && part.cut && part.type == BOX('m', 'o', 'o', 'f');
    code = resume(s);
    if (code != REEL_END)
        return code;
    code = finish(s, s->at < size);
    return code == REEL_OK ? REEL_END : code;
}

int reel__wreck_look(reel__wreck *w, reel_source *source, const reel_allocator *alloc, reel_error *err)
{
    *w = (reel__wreck){.source = source, .alloc = *alloc, .size = reel_source_size(source)};
    search s = {.w = w, .last = UINT64_MAX, .lead = UINT64_MAX, .err = err};
    s.buf = reel__alloc(alloc, FAR + OVERLAP);
    if (!s.buf)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    int code = REEL_OK;
    for (uint32_t n = 0; n < MOST_STEPS && code == REEL_OK; n++)
        code = step(&s);
    reel__free(alloc, s.buf);
    if (code == REEL_OK)
        return reel__fail(err, REEL_E_BOX_LIMIT, s.at, NULL, "more boxes at the top than any film has");
    return code == REEL_END ? REEL_OK : code;
}

void reel__wreck_free(reel__wreck *w)
{
    reel__free(&w->alloc, w->shard);
    w->shard = NULL;
    w->shards = 0;
}
