/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tags: ilst with data atoms (iTunes), ilst with keys (QuickTime metadata), texts in udta (QuickTime, 3GPP). One walk over
 * all of them, whose state the caller owns:
 *
 *   udta ─┬─ meta ── ilst ── item ── data      a level of the stack is a container, and where in it the walk stands
 *         ├─ ilst ── item ── data
 *         ├─ (c)xyz ── strings
 *         └─ titl, dscp, ...
 */
#include <stdio.h>

#include <reel/meta.h>

#include "movie/movie.h"

enum { LIMIT = 4096, MOST_KEYS = 1024, MOST_NAMES = 16 /* boxes of an item that are looked at for its name */ };

#define F(a, b, c, d) REEL_4CC(a, b, c, d)
enum {
    ILST = F('i', 'l', 's', 't'),
    KEYS = F('k', 'e', 'y', 's'),
    DATA = F('d', 'a', 't', 'a'),
    MEAN = F('m', 'e', 'a', 'n'),
    NAME = F('n', 'a', 'm', 'e'),
    META = F('m', 'e', 't', 'a'),
    FREE_FORM = F('-', '-', '-', '-'),
};

static const struct {
    uint32_t fourcc;
    uint8_t kind; /* what its bytes are when the data atom does not say */
    const char *key;
} names[] = {
    {F(0xa9, 'n', 'a', 'm'), REEL_VALUE_TEXT, "title"},
    {F(0xa9, 'A', 'R', 'T'), REEL_VALUE_TEXT, "artist"},
    {F('a', 'A', 'R', 'T'), REEL_VALUE_TEXT, "album_artist"},
    {F(0xa9, 'a', 'l', 'b'), REEL_VALUE_TEXT, "album"},
    {F(0xa9, 'w', 'r', 't'), REEL_VALUE_TEXT, "composer"},
    {F(0xa9, 'd', 'a', 'y'), REEL_VALUE_TEXT, "date"},
    {F(0xa9, 'g', 'e', 'n'), REEL_VALUE_TEXT, "genre"},
    {F('g', 'n', 'r', 'e'), REEL_VALUE_INT, "genre_id"},
    {F(0xa9, 'c', 'm', 't'), REEL_VALUE_TEXT, "comment"},
    {F(0xa9, 't', 'o', 'o'), REEL_VALUE_TEXT, "encoder"},
    {F(0xa9, 'e', 'n', 'c'), REEL_VALUE_TEXT, "encoded_by"},
    {F(0xa9, 's', 'w', 'r'), REEL_VALUE_TEXT, "encoder"},
    {F(0xa9, 'g', 'r', 'p'), REEL_VALUE_TEXT, "grouping"},
    {F(0xa9, 'l', 'y', 'r'), REEL_VALUE_TEXT, "lyrics"},
    {F(0xa9, 'd', 'e', 's'), REEL_VALUE_TEXT, "description"},
    {F(0xa9, 'c', 'p', 'y'), REEL_VALUE_TEXT, "copyright"},
    {F(0xa9, 'm', 'a', 'k'), REEL_VALUE_TEXT, "make"},
    {F(0xa9, 'm', 'o', 'd'), REEL_VALUE_TEXT, "model"},
    {F(0xa9, 'x', 'y', 'z'), REEL_VALUE_TEXT, "location"},
    {F(0xa9, 'i', 'n', 'f'), REEL_VALUE_TEXT, "information"},
    {F(0xa9, 'd', 'i', 'r'), REEL_VALUE_TEXT, "director"},
    {F(0xa9, 'p', 'r', 'd'), REEL_VALUE_TEXT, "producer"},
    {F(0xa9, 'p', 'r', 'f'), REEL_VALUE_TEXT, "performers"},
    {F(0xa9, 'm', 'v', 'n'), REEL_VALUE_TEXT, "movement"},
    {F(0xa9, 'w', 'r', 'k'), REEL_VALUE_TEXT, "work"},
    {F('c', 'p', 'r', 't'), REEL_VALUE_TEXT, "copyright"},
    {F('d', 'e', 's', 'c'), REEL_VALUE_TEXT, "description"},
    {F('l', 'd', 'e', 's'), REEL_VALUE_TEXT, "synopsis"},
    {F('t', 'v', 's', 'h'), REEL_VALUE_TEXT, "show"},
    {F('t', 'v', 'e', 'n'), REEL_VALUE_TEXT, "episode_id"},
    {F('t', 'v', 'n', 'n'), REEL_VALUE_TEXT, "network"},
    {F('t', 'v', 's', 'n'), REEL_VALUE_INT, "season_number"},
    {F('t', 'v', 'e', 's'), REEL_VALUE_INT, "episode_sort"},
    {F('t', 'r', 'k', 'n'), REEL_VALUE_PAIR, "track"},
    {F('d', 'i', 's', 'k'), REEL_VALUE_PAIR, "disc"},
    {F('t', 'm', 'p', 'o'), REEL_VALUE_INT, "tempo"},
    {F('c', 'p', 'i', 'l'), REEL_VALUE_INT, "compilation"},
    {F('p', 'g', 'a', 'p'), REEL_VALUE_INT, "gapless_playback"},
    {F('p', 'c', 's', 't'), REEL_VALUE_INT, "podcast"},
    {F('h', 'd', 'v', 'd'), REEL_VALUE_INT, "hd_video"},
    {F('s', 't', 'i', 'k'), REEL_VALUE_INT, "media_type"},
    {F('r', 't', 'n', 'g'), REEL_VALUE_INT, "rating"},
    {F('r', 'a', 't', 'e'), REEL_VALUE_TEXT, "rate"},
    {F('c', 'o', 'v', 'r'), REEL_VALUE_IMAGE, "cover"},
    {F('s', 'o', 'n', 'm'), REEL_VALUE_TEXT, "sort_title"},
    {F('s', 'o', 'a', 'r'), REEL_VALUE_TEXT, "sort_artist"},
    {F('s', 'o', 'a', 'a'), REEL_VALUE_TEXT, "sort_album_artist"},
    {F('s', 'o', 'a', 'l'), REEL_VALUE_TEXT, "sort_album"},
    {F('s', 'o', 'c', 'o'), REEL_VALUE_TEXT, "sort_composer"},
    {F('k', 'e', 'y', 'w'), REEL_VALUE_TEXT, "keywords"},
    {F('c', 'a', 't', 'g'), REEL_VALUE_TEXT, "category"},
    {F('p', 'u', 'r', 'd'), REEL_VALUE_TEXT, "purchase_date"},
    {F('x', 'i', 'd', ' '), REEL_VALUE_TEXT, "xid"},
};

/* 3GPP TS 26.244 8: full boxes with a packed language and a string */
static const struct {
    uint32_t fourcc;
    const char *key;
} texts_3gpp[] = {
    {F('t', 'i', 't', 'l'), "title"},  {F('d', 's', 'c', 'p'), "description"}, {F('c', 'p', 'r', 't'), "copyright"},
    {F('p', 'e', 'r', 'f'), "artist"}, {F('a', 'u', 't', 'h'), "author"},      {F('g', 'n', 'r', 'e'), "genre"},
    {F('a', 'l', 'b', 'm'), "album"},
};

static void set_key(reel_tag *tag, const char *key, size_t n)
{
    n = REEL__MIN(n, sizeof tag->key - 1);
    memcpy(tag->key, key, n);
    tag->key[n] = 0;
}

static void name_tag(reel_tag *tag, uint32_t fourcc)
{
    char text[17];
    tag->fourcc = fourcc;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].fourcc == fourcc) {
            tag->kind = names[i].kind;
            set_key(tag, names[i].key, strlen(names[i].key));
            return;
        }
    reel_4cc_text(fourcc, text);
    set_key(tag, text, strlen(text));
}

static void unpack_language(uint16_t packed, char out[16])
{
    memset(out, 0, 16);
    if (packed < 0x400 || packed == 0x7fff)
        return;
    for (int i = 0; i < 3; i++)
        out[i] = (char)(0x60 + (packed >> (10 - 5 * i) & 31));
}

/* JPEG, PNG, BMP by their first bytes: writers say the wrong type, or none. */
static uint32_t image_type(reel_span s, uint32_t said)
{
    if (s.size >= 3 && !memcmp(s.data, "\xff\xd8\xff", 3))
        return 13;
    if (s.size >= 8 && !memcmp(s.data, "\x89PNG\r\n\x1a\n", 8))
        return 14;
    if (s.size >= 2 && !memcmp(s.data, "BM", 2))
        return 27;
    return said;
}

static int64_t integer(reel_span s, bool is_signed)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s.size; i++)
        v = v << 8 | s.data[i];
    if (is_signed && s.size && s.size < 8 && (s.data[0] & 128))
        v |= ~(uint64_t)0 << (8 * s.size);
    return (int64_t)v;
}

static double real(reel_span s)
{
    if (s.size == 4) {
        uint32_t bits = reel__be32(s.data);
        float f;
        memcpy(&f, &bits, 4);
        return f;
    }
    uint64_t bits = reel__be64(s.data);
    double d;
    memcpy(&d, &bits, 8);
    return d;
}

/* QTFF, Well-known types */
static void set_value(reel_tag *tag, uint32_t type, reel_span s)
{
    tag->type = type;
    tag->value = s;
    if (type == 1 || type == 2 || type == 4 || type == 5) {
        tag->kind = REEL_VALUE_TEXT;
        tag->encoding = type == 2 || type == 5;
    } else if (type == 13 || type == 14 || type == 27 || tag->kind == REEL_VALUE_IMAGE) {
        tag->kind = REEL_VALUE_IMAGE;
        tag->type = image_type(s, type);
    } else if ((type == 23 && s.size == 4) || (type == 24 && s.size == 8)) {
        tag->kind = REEL_VALUE_FLOAT;
        tag->real = real(s);
    } else if (((type >= 21 && type <= 22) || (type >= 65 && type <= 78)) && s.size <= 8) {
        tag->kind = REEL_VALUE_INT;
        tag->number = integer(s, type != 22 && type < 75);
    } else if (tag->kind == REEL_VALUE_PAIR && s.size >= 4) {
        tag->number = reel__be16(s.data + 2);
        tag->total = s.size >= 6 ? reel__be16(s.data + 4) : 0;
    } else if (tag->kind == REEL_VALUE_INT && s.size <= 8) {
        tag->number = integer(s, false);
    } else if (tag->kind != REEL_VALUE_TEXT) {
        tag->kind = REEL_VALUE_BYTES;
    }
}

/* The name of a keys entry, from 1: QTFF, Metadata Item Keys Atom */
static bool key_of(reel_span keys, uint32_t index, reel_tag *tag)
{
    reel__reader r = reel__read(keys.data, keys.size);
    reel__skip(&r, 8);
    for (uint32_t i = 1; i <= index && index <= MOST_KEYS && reel__left(&r) >= 8; i++) {
        uint32_t size = reel__u32(&r);
        reel__skip(&r, 4);
        const uint8_t *p = size >= 8 ? reel__take(&r, size - 8) : NULL;
        if (!p)
            return false;
        if (i == index) {
            set_key(tag, (const char *)p, size - 8);
            return true;
        }
    }
    return false;
}

/* "mean:name" of a ---- item */
static void free_form_key(const reel__part *item, reel_tag *tag)
{
    reel__part mean = {0}, name = {0}, part;
    reel__children c = reel__children_of(item->body, item->size, 0, NULL);
    for (int i = 0; i < MOST_NAMES && reel__children_next(&c, &part, NULL); i++) {
        if (part.type == MEAN && !mean.body)
            mean = part;
        if (part.type == NAME && !name.body)
            name = part;
    }
    bool has_mean = mean.size > 4, has_name = name.size > 4;
    snprintf(tag->key, sizeof tag->key, "%.*s%s%.*s", has_mean ? (int)REEL__MIN(mean.size - 4, (size_t)60) : 0,
             has_mean ? (const char *)mean.body + 4 : "", has_mean && has_name ? ":" : "",
             has_name ? (int)REEL__MIN(name.size - 4, (size_t)80) : 0, has_name ? (const char *)name.body + 4 : "");
}

static void fill_item(const reel_tag_iter *it, const reel__part *item, const reel__part *data, reel_tag *tag)
{
    memset(tag, 0, sizeof *tag);
    tag->offset = item->offset;
    if (!it->keys.data || !key_of(it->keys, item->type, tag))
        name_tag(tag, item->type);
    if (item->type == FREE_FORM)
        free_form_key(item, tag);
    set_value(tag, reel__be32(data->body) & 0xffffff, (reel_span){data->body + 8, data->size - 8});
}

/* A copyright-sign text: one or more of 16-bit length, 16-bit language, string. QTFF, User Data Text Strings */
static void fill_text(uint32_t type, uint64_t offset, uint16_t language, reel_span text, reel_tag *tag)
{
    memset(tag, 0, sizeof *tag);
    name_tag(tag, type);
    tag->kind = REEL_VALUE_TEXT;
    tag->offset = offset;
    tag->value = text;
    tag->encoding = language < 0x400 && language != 0 ? 2 : 0;
    unpack_language(language, tag->language);
}

static bool fill_3gpp(const reel__part *part, const char *key, reel_tag *tag)
{
    reel__reader r = reel__part_reader(part);
    reel__skip(&r, 4);
    uint16_t language = reel__u16(&r);
    reel_span text = reel__rest(&r);
    if (r.bad)
        return false;
    memset(tag, 0, sizeof *tag);
    tag->fourcc = part->type;
    set_key(tag, key, strlen(key));
    tag->kind = REEL_VALUE_TEXT;
    tag->offset = part->offset;
    unpack_language(language, tag->language);
    if (text.size >= 2 && reel__be16(text.data) == 0xfeff) {
        tag->encoding = 1;
        text = (reel_span){text.data + 2, text.size - 2};
    } else {
        text.size = text.size ? strnlen((const char *)text.data, text.size) : 0;
    }
    tag->value = text;
    return true;
}

/* What the children of a level are. */
enum { UDTA, ITEMS, VALUES, STRINGS };

static void enter(reel_tag_iter *it, uint32_t what, const reel__part *part)
{
    if (part->body)
        it->level[it->depth++] = (struct reel_tag_level){part->body, part->body, part->body + part->size,
                                                         part->offset + part->header, part->offset, part->type, what};
}

static void enter_meta(reel_tag_iter *it, const reel__part *meta)
{
    reel__part keys, ilst;
    it->keys = (reel_span){NULL, 0};
    if (!meta->body)
        return;
    if (reel__child_of(meta->body, meta->size, 0, NULL, KEYS, &keys))
        it->keys = (reel_span){keys.body, keys.size};
    if (reel__child_of(meta->body, meta->size, meta->offset + meta->header, NULL, ILST, &ilst))
        enter(it, ITEMS, &ilst);
}

/* The next box of a level; its udta may end with zeros. */
static bool next_box(struct reel_tag_level *l, reel__part *part)
{
    reel__children c = reel__children_of(l->p, (size_t)(l->end - l->p), l->offset, NULL);
    c.zero_end = l->what == UDTA;
    if (!reel__children_next(&c, part, NULL))
        return false;
    l->p = c.p;
    l->offset = c.offset;
    return true;
}

static bool in_udta(reel_tag_iter *it, const reel__part *part, reel_tag *tag)
{
    reel__part full;
    /* meta may be a full box or not; the registry's reader finds out */
    if (part->type == META) {
        bool read = reel__child_of(part->body - part->header, part->size + part->header, part->offset, &reel__udta_children,
                                   META, &full);
        enter_meta(it, read ? &full : part);
    } else if (part->type == ILST) {
        it->keys = (reel_span){NULL, 0};
        enter(it, ITEMS, part);
    } else if (part->type >> 24 == 0xa9) {
        enter(it, STRINGS, part);
    }
    for (size_t i = 0; i < sizeof texts_3gpp / sizeof *texts_3gpp; i++)
        if (texts_3gpp[i].fourcc == part->type)
            return fill_3gpp(part, texts_3gpp[i].key, tag);
    return false;
}

/* One step in a box of boxes; true when it came upon a tag. */
static bool step_boxes(reel_tag_iter *it, struct reel_tag_level *l, reel_tag *tag)
{
    reel__part part;
    if (!next_box(l, &part)) {
        it->depth--;
        return false;
    }
    if (l->what == UDTA)
        return in_udta(it, &part, tag);
    if (l->what == ITEMS) {
        enter(it, VALUES, &part);
        return false;
    }
    if (part.type != DATA || part.size < 8)
        return false;
    const reel__part item = {.body = l->body, .size = (size_t)(l->end - l->body), .offset = l->box, .type = l->type};
    fill_item(it, &item, &part, tag);
    return true;
}

static bool step_strings(reel_tag_iter *it, struct reel_tag_level *l, reel_tag *tag)
{
    reel__reader r = {l->p, l->end, false};
    if (reel__left(&r) < 4) {
        it->depth--;
        return false;
    }
    uint16_t size = reel__u16(&r), language = reel__u16(&r);
    reel_span text = {r.p, REEL__MIN((size_t)size, reel__left(&r))};
    l->p = r.p + text.size;
    fill_text(l->type, l->box, language, text, tag);
    return true;
}

/* The boxes that tags may lie in, one after the other; false behind the last. */
static bool enter_root(reel_tag_iter *it)
{
    const reel_movie *m = it->movie;
    const reel_track *t = it->track;
    switch (it->root++) {
    case 0:
        enter(it, UDTA, t ? &t->part[REEL__UDTA] : reel__movie_part(m, REEL__MOVIE_UDTA));
        return true;
    case 1:
        enter_meta(it, t ? &t->part[REEL__META] : reel__movie_part(m, REEL__MOVIE_META));
        return true;
    case 2:
        if (!t)
            enter_meta(it, &m->meta);
        return !t;
    default:
        return false;
    }
}

int reel_tag_iter_init(reel_tag_iter *iter, const reel_movie *movie, const reel_track *track)
{
    if (!iter || (!movie && !track))
        return REEL_E_ARG;
    memset(iter, 0, sizeof *iter);
    iter->movie = track ? track->movie : movie;
    iter->track = track;
    return REEL_OK;
}

int reel_tag_next(reel_tag_iter *iter, reel_tag *out)
{
    if (!iter || !iter->movie || !out)
        return REEL_E_ARG;
    while (iter->given < LIMIT) {
        struct reel_tag_level *l = iter->depth ? &iter->level[iter->depth - 1] : NULL;
        bool found = false;
        if (!l && !enter_root(iter))
            break;
        if (l)
            found = l->what == STRINGS ? step_strings(iter, l, out) : step_boxes(iter, l, out);
        if (found) {
            iter->given++;
            return REEL_OK;
        }
    }
    return REEL_END;
}

static int nth(const reel_movie *movie, const reel_track *track, size_t i, reel_tag *out)
{
    reel_tag_iter it;
    int code = reel_tag_iter_init(&it, movie, track);
    do
        code = code == REEL_OK ? reel_tag_next(&it, out) : code;
    while (code == REEL_OK && i--);
    return code;
}

int reel_movie_tag(const reel_movie *movie, size_t i, reel_tag *out) { return nth(movie, NULL, i, out); }

int reel_track_tag(const reel_track *track, size_t i, reel_tag *out) { return nth(NULL, track, i, out); }
