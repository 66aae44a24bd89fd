/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "movie/top.h"

enum { MOST_REFERENCES = 4096 };

static const struct {
    uint32_t handler, type;
} handlers[] = {
    {REEL_4CC('v', 'i', 'd', 'e'), REEL_TRACK_VIDEO}, {REEL_4CC('p', 'i', 'c', 't'), REEL_TRACK_VIDEO},
    {REEL_4CC('a', 'u', 'x', 'v'), REEL_TRACK_VIDEO}, {REEL_4CC('s', 'o', 'u', 'n'), REEL_TRACK_AUDIO},
    {REEL_4CC('t', 'e', 'x', 't'), REEL_TRACK_TEXT},  {REEL_4CC('s', 'b', 't', 'l'), REEL_TRACK_TEXT},
    {REEL_4CC('s', 'u', 'b', 't'), REEL_TRACK_TEXT},  {REEL_4CC('c', 'l', 'c', 'p'), REEL_TRACK_TEXT},
    {REEL_4CC('s', 'u', 'b', 'p'), REEL_TRACK_TEXT},  {REEL_4CC('t', 'm', 'c', 'd'), REEL_TRACK_TIMECODE},
    {REEL_4CC('m', 'e', 't', 'a'), REEL_TRACK_META},  {REEL_4CC('h', 'i', 'n', 't'), REEL_TRACK_HINT},
};

const char *reel_track_type_name(uint32_t type)
{
    static const char *const names[] = {"other", "video", "audio", "text", "timecode", "metadata", "hint"};
    return type < sizeof names / sizeof *names ? names[type] : "other";
}

static uint32_t type_of(uint32_t handler)
{
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++)
        if (handlers[i].handler == handler)
            return handlers[i].type;
    return REEL_TRACK_OTHER;
}

/* ISO/IEC 14496-12:2022 8.2.2 */
static int read_mvhd(reel_movie *m, reel_error *err)
{
    const reel__part *part = reel__movie_part(m, REEL__MVHD);
    if (!part->body)
        return reel__warn(m, err, REEL_E_BOX_MISSING, m->moov.offset, "moov", "it has no mvhd");
    reel__reader r = reel__part_reader(part);
    bool wide = part->version == 1;
    reel__skip(&r, wide ? 16 : 8);
    m->timescale = reel__u32(&r);
    m->duration = reel__u32_or_64(&r, wide);
    if (m->duration == (wide ? UINT64_MAX : UINT32_MAX))
        m->duration = 0;
    if (m->timescale == 0)
        return reel__warn(m, err, REEL_E_BOX_FIELD, part->offset, "moov/mvhd", "timescale is 0");
    return REEL_OK;
}

/* ISO/IEC 14496-12:2022 8.3.2: the track's number */
static int read_tkhd(reel_track *t, reel_error *err)
{
    const reel__part *part = &t->part[REEL__TKHD];
    if (!part->body)
        return reel__track_warn(t, REEL__TRAK, err, REEL_E_BOX_MISSING, "it has no tkhd");
    reel__reader r = reel__part_reader(part);
    reel__skip(&r, part->version == 1 ? 16 : 8);
    t->id = reel__u32(&r);
    if (t->id == 0)
        return reel__track_warn(t, REEL__TKHD, err, REEL_E_BOX_FIELD, "track_ID is 0");
    return REEL_OK;
}

/* ISO/IEC 14496-12:2022 8.4.2 */
static int read_mdhd(reel_track *t, reel_error *err)
{
    const reel__part *part = &t->part[REEL__MDHD];
    reel__reader r = reel__part_reader(part);
    reel__skip(&r, part->version == 1 ? 16 : 8);
    t->timescale = reel__u32(&r);
    if (t->timescale)
        return REEL_OK;
    t->timescale = t->movie->timescale ? t->movie->timescale : 1;
    if (!part->body)
        return reel__track_warn(t, REEL__TRAK, err, REEL_E_BOX_MISSING, "it has no mdhd");
    return reel__track_warn(t, REEL__MDHD, err, REEL_E_BOX_FIELD, "timescale is 0, taken as %u", t->timescale);
}

/* ISO/IEC 14496-12:2022 8.4.3 */
static void read_handler(reel_track *t)
{
    reel__reader r = reel__part_reader(&t->part[REEL__HDLR]);
    reel__skip(&r, 4);
    t->handler = reel__u32(&r);
    t->type = type_of(t->handler);
}

/* ISO/IEC 14496-12:2022 8.5.2: the entries that are there, as far as they are said to be */
static int count_descriptions(reel_track *t, reel_error *err)
{
    reel__reader r = reel__part_reader(&t->part[REEL__STSD]);
    uint32_t said = reel__u32(&r), n = 0;
    reel__children c = reel__children_of(r.p, reel__left(&r), 0, NULL);
    reel__part part;
    while (n < said && n < REEL__DESCRIPTIONS && reel__children_next(&c, &part, NULL))
        n++;
    t->description_count = n;
    if (said > n && n == REEL__DESCRIPTIONS)
        return reel__track_warn(t, REEL__STSD, err, REEL_E_BOX_LIMIT, "it has %u entries; those behind %u are not read", said,
                                n);
    if (said > n)
        return reel__track_warn(t, REEL__STSD, err, REEL_E_TABLE, "it says %u entries and holds %u", said, n);
    return REEL_OK;
}

/* ISO/IEC 14496-12:2022 8.7.2: flag 1 of an entry says that the data lie in this file */
static void read_dref(reel_track *t)
{
    const reel__part *dref = &t->part[REEL__DREF];
    reel__children c = reel__children_of(dref->body, dref->size, dref->offset,
                                         &reel__dref_children);
    c.p += REEL__MIN((size_t)4, (size_t)(c.end - c.p));
    reel__part part;
    while (reel__children_next(&c, &part, NULL))
        t->external |= part.header >= 12 && !(part.flags & 1) && part.size > 0;
}

static int check_id(const reel_track *t, reel_error *err)
{
    for (uint32_t i = 0; i + 1 < t->number; i++)
        if (t->movie->track[i]->id == t->id)
            return reel__track_warn(t, REEL__TKHD, err, REEL_E_BOX_FIELD, "track_ID %u is that of trak[%u] too",
                                    t->id, i + 1);
    return REEL_OK;
}

static int open_track(reel_track *t, reel_error *err)
{
    int code = read_tkhd(t, err);
    if (code == REEL_OK)
        code = check_id(t, err);
    if (code == REEL_OK)
        code = read_mdhd(t, err);
    if (code == REEL_OK)
        code = reel__time_check(t, err);
    if (code != REEL_OK)
        return code;
    read_handler(t);
    code = count_descriptions(t, err);
    if (code != REEL_OK)
        return code;
    read_dref(t);
    if (!t->part[REEL__STBL].body)
        return reel__track_warn(t, REEL__TRAK, err, REEL_E_BOX_MISSING, "it has no sample table");
    return reel__index_init(t, err);
}

/* ISO/IEC 14496-12:2022 8.8.3. At most as many trex as a film can have tracks are looked at. */
static void find_trex(reel_movie *m)
{
    const reel__part *mvex = reel__movie_part(m, REEL__MVEX);
    m->has_mvex = mvex->body != NULL;
    reel__children c = reel__children_of(mvex->body, mvex->size, mvex->offset + mvex->header,
                                         &reel__mvex_children);
    reel__part part;
    for (int n = 0; n < REEL__TRACKS && reel__children_next(&c, &part, NULL); n++) {
        if (part.type != REEL_4CC('t', 'r', 'e', 'x') || part.size < 4)
            continue;
        for (size_t i = 0; i < m->track_count; i++)
            if (m->track[i]->id == reel__be32(part.body) && !m->track[i]->trex.body)
                m->track[i]->trex = part;
    }
}

static int check_trex(const reel_movie *m, reel_error *err)
{
    int code = REEL_OK;
    for (size_t i = 0; m->has_mvex && i < m->track_count && code == REEL_OK; i++)
        if (!m->track[i]->trex.body)
            code = reel__warn(m, err, REEL_E_BOX_MISSING, reel__movie_part(m, REEL__MVEX)->offset, "moov/mvex",
                              "it has no trex for track %u", m->track[i]->id);
    return code;
}

int reel__tracks_open(reel_movie *m, reel_error *err)
{
    int code = read_mvhd(m, err);
    for (size_t i = 0; i < m->track_count && code == REEL_OK; i++)
        code = open_track(m->track[i], err);
    find_trex(m);
    return code == REEL_OK ? check_trex(m, err) : code;
}

int reel__strict_check(reel_movie *m, reel_error *err)
{
    for (size_t i = 0; i < m->track_count; i++) {
        int code = reel__table_prepare(m->track[i], err);
        if (code != REEL_OK)
            return code;
    }
    reel_error first;
    if (reel_movie_warning(m, 0, &first) != REEL_OK)
        return REEL_OK;
    if (err)
        *err = first;
    return first.code;
}

uint32_t reel_track_id(const reel_track *track) { return track ? track->id : 0; }

uint32_t reel_track_timescale(const reel_track *track) { return track ? track->timescale : 1; }

reel_movie *reel_track_movie(const reel_track *track) { return track ? track->movie : NULL; }

/* The 3 x 3 matrix of tkhd as degrees clockwise; false for one that is neither a rotation nor a mirrored one. */
static bool rotation_of(const int32_t m[9], uint16_t *degrees, uint16_t *mirrored)
{
    static const struct {
        int8_t a, b, c, d;
        uint16_t degrees, mirrored;
    } known[] = {
        {1, 0, 0, 1, 0, 0},  {0, 1, -1, 0, 90, 0},  {-1, 0, 0, -1, 180, 0},  {0, -1, 1, 0, 270, 0},
        {-1, 0, 0, 1, 0, 1}, {0, 1, 1, 0, 270, 1}, {1, 0, 0, -1, 180, 1}, {0, -1, -1, 0, 90, 1},
    };
    int sign[4];
    const int32_t cells[4] = {m[0], m[1], m[3], m[4]};
    for (int i = 0; i < 4; i++)
        sign[i] = cells[i] > 0 ? 1 : cells[i] < 0 ? -1 : 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sign[0] == known[i].a && sign[1] == known[i].b && sign[2] == known[i].c && sign[3] == known[i].d) {
            *degrees = known[i].degrees;
            *mirrored = known[i].mirrored;
            return true;
        }
    return false;
}

static void fill_tkhd(const reel_track *t, reel_track_info *out)
{
    const reel__part *part = &t->part[REEL__TKHD];
    reel__reader r = reel__part_reader(part);
    bool wide = part->version == 1;
    out->flags = part->flags & 7;
    out->creation_time = reel__u32_or_64(&r, wide);
    out->modification_time = reel__u32_or_64(&r, wide);
    reel__skip(&r, 8);
    out->duration = reel__u32_or_64(&r, wide);
    if (out->duration == (wide ? UINT64_MAX : UINT32_MAX))
        out->duration = 0;
    reel__skip(&r, 8);
    out->layer = (int16_t)reel__u16(&r);
    out->alternate_group = (int16_t)reel__u16(&r);
    out->volume = (int16_t)reel__u16(&r);
    reel__skip(&r, 2);
    for (int i = 0; i < 9; i++)
        out->matrix[i] = (int32_t)reel__u32(&r);
    out->width = reel__u32(&r);
    out->height = reel__u32(&r);
    if (!rotation_of(out->matrix, &out->rotation, &out->mirrored))
        out->rotation = out->mirrored = 0;
}

/* Old QuickTime language codes, as far as films carry them (QTFF, Language Code Values). */
static const char *const macintosh[] = {"eng", "fra", "deu", "ita", "nld", "swe", "spa", "dan", "por", "nor",
                                        "heb", "jpn", "ara", "fin", "ell", "isl", "mlt", "tur", "hrv", "zho",
                                        "urd", "hin", "tha", "kor"};

static bool is_quicktime(const reel_movie *m)
{
    return m->ftyp.size < 4 || reel__be32(m->ftyp.body) == REEL_4CC('q', 't', ' ', ' ');
}

static void fill_language(const reel_track *t, reel_track_info *out)
{
    const reel__part *part = &t->part[REEL__MDHD];
    reel__reader r = reel__part_reader(part);
    bool wide = part->version == 1;
    reel__skip(&r, wide ? 20 : 12);
    out->media_duration = reel__u32_or_64(&r, wide);
    if (out->media_duration == (wide ? UINT64_MAX : UINT32_MAX))
        out->media_duration = 0;
    uint16_t packed = reel__u16(&r);
    memcpy(out->language, "und", 4);
    if (packed >= 0x400 && packed != 0x7fff)
        for (int i = 0; i < 3; i++)
            out->language[i] = (char)(0x60 + (packed >> (10 - 5 * i) & 31));
    else if (packed < sizeof macintosh / sizeof *macintosh && !r.bad && is_quicktime(t->movie))
        memcpy(out->language, macintosh[packed], 4);
    reel__reader e = reel__part_reader(&t->part[REEL__ELNG]);
    reel_span tag = reel__rest(&e);
    size_t n = tag.size ? strnlen((const char *)tag.data, REEL__MIN(tag.size, sizeof out->language - 1)) : 0;
    if (n) {
        memset(out->language, 0, sizeof out->language);
        memcpy(out->language, tag.data, n);
    }
    for (char *c = out->language; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '-')) {
            memcpy(out->language, "und", 4);
            break;
        }
}

/* hdlr: a string that ends with NUL, or in QuickTime begins with its length. udta/name goes before it. */
static reel_span name_of(const reel_track *t)
{
    reel__part name;
    const reel__part *udta = &t->part[REEL__UDTA];
    if (udta->body && reel__child_of(udta->body, udta->size, udta->offset, NULL, REEL_4CC('n', 'a', 'm', 'e'), &name) &&
        name.size && name.body[0])
        return (reel_span){name.body, strnlen((const char *)name.body, name.size)};
    reel__reader r = reel__part_reader(&t->part[REEL__HDLR]);
    reel__skip(&r, 20);
    reel_span s = reel__rest(&r);
    if (s.size && s.data[0] && (size_t)s.data[0] == s.size - 1) {
        s.data++;
        s.size--;
    }
    s.size = s.size ? strnlen((const char *)s.data, s.size) : 0;
    return s;
}

void reel_track_get_info(const reel_track *track, reel_track_info *out)
{
    memset(out, 0, sizeof *out);
    out->id = track->id;
    out->type = track->type;
    out->handler = track->handler;
    out->timescale = track->timescale;
    out->description_count = track->description_count;
    fill_tkhd(track, out);
    fill_language(track, out);
    out->name = name_of(track);
}

/* ISO/IEC 14496-12:2022 8.3.3: each child of tref is a list of track numbers */
int reel_track_reference(const reel_track *track, size_t i, uint32_t *type, uint32_t *track_id)
{
    if (!track)
        return REEL_E_ARG;
    const reel__part *tref = &track->part[REEL__TREF];
    reel__children c = reel__children_of(tref->body, tref->size, tref->offset, NULL);
    reel__part part;
    for (int boxes = 0; boxes < MOST_REFERENCES && i < MOST_REFERENCES && reel__children_next(&c, &part, NULL); boxes++) {
        size_t n = part.size / 4;
        if (i < n) {
            *type = part.type;
            *track_id = reel__be32(part.body + 4 * i);
            return REEL_OK;
        }
        i -= n;
    }
    return REEL_END;
}
