/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The multivariant playlist of HLS: RFC 8216 4.3.4.
 *
 *     members    what a listener chooses between: languages, commentary
 *     groups     the members in one codec family of one rendition
 *     variants   each video track of each rendition with each group of sound
 *
 * Groups that are encodings of the same have to have the same members (4.3.4.1.1): where one family has them all, it
 * lends the others what they lack. Where none has (English in AAC, German in AC-3), groups are no encodings of the same,
 * and keep to themselves: else a player that lacks one of the two codecs could play neither.
 */
#include <stdio.h>

#include <reel/meta.h>

#include "base/checked.h"
#include "write/playlist.h"

enum { NONE = -1, MOST_GROUPS = 16 };

struct member {
    size_t stream;        /* the first that is it */
    size_t ordinal;       /* of those alike in language, name and family */
    char name[112];       /* NAME: unique */
    bool is_default, autoselect;
};

struct group {
    size_t rendition;
    const char *family;
    char id[48];
    reel__rate rate;      /* of its dearest member */
    char codecs[192];
};

struct variant {
    const reel__stream *stream;
    int group;
    uint64_t peak, average;
};

struct writer {
    reel__out out;
    const reel_allocator *alloc;
    reel_playlist_options options;
    reel__stream *stream;
    size_t streams;
    size_t renditions;
    struct member *member;  /* of sound; room for REEL__MOST_STREAMS */
    size_t members;
    bool lends;             /* a family has all members */
    struct group group[MOST_GROUPS];
    int groups;
    struct variant *variant;
    size_t variants, room;
    size_t subtitles;       /* the rendition whose text tracks are listed */
    reel__rate text;
    char text_codecs[192];
    bool has_subtitles;
};

/* ---- members ---- */

static bool is_sound(const reel__stream *s, size_t rendition)
{
    return s->info.type == REEL_TRACK_AUDIO && s->rendition == rendition;
}

static bool alike(const reel__stream *a, const reel__stream *b)
{
    return !strcmp(a->language, b->language) && !strcmp(a->name, b->name);
}

/* Which of those alike is stream i in its family and rendition? */
static size_t ordinal_of(const struct writer *w, size_t i)
{
    size_t n = 0;
    const reel__stream *s = &w->stream[i];
    for (size_t k = 0; k < i; k++)
        n += is_sound(&w->stream[k], s->rendition) && !strcmp(w->stream[k].family, s->family) && alike(&w->stream[k], s);
    return n;
}

static size_t find_member(const struct writer *w, size_t i)
{
    size_t ordinal = ordinal_of(w, i), k = 0;
    while (k < w->members && (w->member[k].ordinal != ordinal || !alike(&w->stream[w->member[k].stream], &w->stream[i])))
        k++;
    return k;
}

static bool taken(const struct writer *w, const char *name)
{
    for (size_t i = 0; i < w->members; i++)
        if (!strcmp(w->member[i].name, name))
            return true;
    return false;
}

static void add_member(struct writer *w, size_t i)
{
    struct member *m = &w->member[w->members];
    *m = (struct member){.stream = i, .ordinal = ordinal_of(w, i)};
    snprintf(m->name, sizeof m->name, "%s", w->stream[i].name);
    for (unsigned n = 2; taken(w, m->name); n++)
        snprintf(m->name, sizeof m->name, "%s %u", w->stream[i].name, n);
    w->members++;
}

/* 4.3.4.1.1: one is the default; of those in one language a player chooses by itself at most one. */
static void choose_members(struct writer *w)
{
    size_t first = 0;
    for (size_t i = w->members; i-- > 0;)
        if (w->stream[w->member[i].stream].info.flags & REEL_TRACK_ENABLED)
            first = i;
    for (size_t n = 0; n < w->members; n++) {
        size_t i = n == 0 ? first : n <= first ? n - 1 : n;
        struct member *m = &w->member[i];
        m->is_default = i == first;
        m->autoselect = true;
        for (size_t k = 0; k < w->members; k++)
            if (k != i && w->member[k].autoselect &&
                !strcmp(w->stream[w->member[k].stream].language, w->stream[m->stream].language))
                m->autoselect = false;
    }
}

/* ---- groups ---- */

/* The stream that is member m in a group. */
static const reel__stream *in_group(const struct writer *w, const struct group *g, size_t m)
{
    const reel__stream *lent = NULL;
    for (size_t i = 0; i < w->streams; i++) {
        const reel__stream *s = &w->stream[i];
        if (!is_sound(s, g->rendition) || s->member != m)
            continue;
        if (!strcmp(s->family, g->family))
            return s;
        lent = lent ? lent : s;
    }
    return w->lends ? lent : NULL;
}

/* The member that is the default in a group. */
static size_t default_of(const struct writer *w, const struct group *g)
{
    size_t first = w->members;
    for (size_t m = w->members; m-- > 0;)
        if (in_group(w, g, m) && (first == w->members || !w->member[first].is_default))
            first = m;
    return first;
}

/* Has the family of stream i all members? */
static bool has_all(const struct writer *w, size_t i)
{
    size_t own = 0;
    for (size_t m = 0; m < w->members; m++)
        own += in_group(w, &(struct group){.rendition = w->stream[i].rendition, .family = w->stream[i].family}, m) != NULL;
    return own == w->members;
}

static void add_group(struct writer *w, const reel__stream *first)
{
    for (int i = 0; i < w->groups; i++)
        if (w->group[i].rendition == first->rendition && !strcmp(w->group[i].family, first->family))
            return;
    if (w->groups == MOST_GROUPS)
        return;
    struct group *g = &w->group[w->groups];
    *g = (struct group){.rendition = first->rendition, .family = first->family};
    if (first->rendition == w->group[0].rendition)
        snprintf(g->id, sizeof g->id, "audio-%s", first->family);
    else
        snprintf(g->id, sizeof g->id, "audio-%s-%u", first->family, (unsigned)first->rendition + 1);
    for (size_t m = 0; m < w->members; m++) {
        const reel__stream *s = in_group(w, g, m);
        if (!s)
            continue;
        g->rate.peak = REEL__MAX(g->rate.peak, s->rate.peak);
        g->rate.average = REEL__MAX(g->rate.average, s->rate.average);
        reel__add_codecs(g->codecs, sizeof g->codecs, s->codecs);
    }
    w->groups++;
}

static bool near(uint64_t a, uint64_t b) { return a <= b + b / 8 && b <= a + a / 8; }

/*
 * Does the sound of rendition r differ from that of the first one, and has it the same members, so that it can stand in
 * groups of its own? Gives its streams their members.
 */
static bool needs_groups(struct writer *w, size_t r)
{
    size_t all = 0, same = 0;
    for (size_t i = 0; i < w->streams; i++) {
        reel__stream *s = &w->stream[i];
        if (!is_sound(s, r))
            continue;
        s->member = find_member(w, i);
        if (s->member == w->members)
            return false;
        const struct group alike_first = {.rendition = w->group[0].rendition, .family = s->family};
        const reel__stream *first = in_group(w, &alike_first, s->member);
        all++;
        same += first && !strcmp(s->codecs, first->codecs) && s->d.channels == first->d.channels &&
                near(s->rate.average, first->rate.average);
    }
    size_t found = 0;
    for (size_t m = 0; m < w->members; m++)
        for (size_t i = 0; i < w->streams; i++)
            if (is_sound(&w->stream[i], r) && w->stream[i].member == m) {
                found++;
                break;
            }
    return same < all && found == w->members;
}

/* The first rendition that has sound: its members are those of all. Gives it; the count of renditions: none has. */
static size_t make_members(struct writer *w)
{
    size_t rendition = w->renditions;
    for (size_t i = 0; i < w->streams; i++) {
        reel__stream *s = &w->stream[i];
        if (s->info.type != REEL_TRACK_AUDIO || (rendition < w->renditions && s->rendition != rendition))
            continue;
        rendition = s->rendition;
        s->member = find_member(w, i);
        if (s->member == w->members)
            add_member(w, i);
    }
    choose_members(w);
    for (size_t i = 0; i < w->streams && !w->lends; i++)
        w->lends = is_sound(&w->stream[i], rendition) && has_all(w, i);
    return rendition;
}

static void add_groups(struct writer *w, size_t rendition)
{
    for (size_t i = 0; i < w->streams; i++)
        if (is_sound(&w->stream[i], rendition))
            add_group(w, &w->stream[i]);
}

static void make_groups(struct writer *w)
{
    size_t first = make_members(w);
    if (first == w->renditions)
        return;
    add_groups(w, first);
    for (size_t r = 0; r < w->renditions; r++)
        if (r != first && needs_groups(w, r))
            add_groups(w, r);
}

/* Are there groups of this rendition's own? Else it has those of the first. */
static size_t groups_of(const struct writer *w, size_t rendition)
{
    for (int i = 0; i < w->groups; i++)
        if (w->group[i].rendition == rendition)
            return rendition;
    return w->groups ? w->group[0].rendition : rendition;
}

/* ---- variants ---- */

static int add_variant(struct writer *w, const reel__stream *s, int group, reel_error *err)
{
    if (w->variants == w->room) {
        size_t room = w->room ? w->room * 2 : 8;
        struct variant *grown = reel__realloc_array(w->alloc, w->variant, room, sizeof *grown);
        if (!grown)
            return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
        w->variant = grown;
        w->room = room;
    }
    const bool video = s->info.type == REEL_TRACK_VIDEO;
    struct variant v = {s, group, w->text.peak, w->text.average};
    v.peak += (video ? s->rate.peak : 0) + (group == NONE ? 0 : w->group[group].rate.peak);
    v.average += (video ? s->rate.average : 0) + (group == NONE ? 0 : w->group[group].rate.average);
    size_t at = w->variants++;
    for (; at > 0 && w->variant[at - 1].peak > v.peak; at--) /* the cheapest first: playing begins with it */
        w->variant[at] = w->variant[at - 1];
    w->variant[at] = v;
    return REEL_OK;
}

static int add_video(struct writer *w, const reel__stream *s, reel_error *err)
{
    size_t rendition = groups_of(w, s->rendition);
    int code = w->groups ? REEL_OK : add_variant(w, s, NONE, err);
    for (int g = 0; code == REEL_OK && g < w->groups; g++)
        if (w->group[g].rendition == rendition)
            code = add_variant(w, s, g, err);
    return code;
}

static int make_variants(struct writer *w, reel_error *err)
{
    int code = REEL_OK;
    for (size_t i = 0; code == REEL_OK && i < w->streams; i++)
        if (w->stream[i].info.type == REEL_TRACK_VIDEO)
            code = add_video(w, &w->stream[i], err);
    const bool pictures = w->variants > 0;
    for (int g = 0; code == REEL_OK && !pictures && g < w->groups; g++)
        code = add_variant(w, in_group(w, &w->group[g], default_of(w, &w->group[g])), g, err);
    if (code == REEL_OK && !w->variants)
        return reel__fail(err, REEL_E_NOT_FOUND, REEL_NO_OFFSET, NULL, "the film has neither pictures nor sound");
    return code;
}

/* ---- writing ---- */

static void put_uri(struct writer *w, const reel__stream *s, const char *file)
{
    reel__put_uri(&w->out, s->prefix);
    reel__out_format(&w->out, "t%u/%s", s->info.id, file);
}

static void put_channels(struct writer *w, const reel_description *d)
{
    if (d->joint_objects)
        reel__out_format(&w->out, ",CHANNELS=\"%u/JOC\"", d->joint_objects);
    else if (d->channels)
        reel__out_format(&w->out, ",CHANNELS=\"%u\"", d->channels);
}

static void put_media(struct writer *w, const char *type, const char *group, const char *name, const char *language)
{
    reel__out_format(&w->out, "#EXT-X-MEDIA:TYPE=%s,GROUP-ID=\"%s\",NAME=\"%s\"", type, group, name);
    if (language[0])
        reel__out_format(&w->out, ",LANGUAGE=\"%s\"", language);
}

static void put_groups(struct writer *w)
{
    for (int g = 0; g < w->groups; g++) {
        const size_t chosen = default_of(w, &w->group[g]);
        for (size_t m = 0; m < w->members; m++) {
            const struct member *member = &w->member[m];
            const reel__stream *s = in_group(w, &w->group[g], m);
            if (!s)
                continue;
            put_media(w, "AUDIO", w->group[g].id, member->name, w->stream[member->stream].language);
            reel__out_format(&w->out, ",DEFAULT=%s,AUTOSELECT=%s", m == chosen ? "YES" : "NO",
                             m == chosen || member->autoselect ? "YES" : "NO");
            put_channels(w, &s->d);
            reel__out_text(&w->out, ",URI=\"");
            put_uri(w, s, "index.m3u8");
            reel__out_text(&w->out, "\"\n");
        }
    }
}

/* A subtitle file's or track's name and language, until it has a line: names are unique, so are languages chosen from. */
struct subtitle {
    char name[112], language[36];
    bool forced;
};

static void put_subtitle(struct writer *w, struct subtitle *list, size_t n, const char *language, const char *name,
                         bool forced)
{
    struct subtitle *s = &list[n];
    char base[96];
    bool autoselect = true, again = true;
    reel__language(language, s->language);
    reel__plain_text((reel_span){(const uint8_t *)name, strlen(name)}, base, sizeof base);
    if (!base[0] || !strcmp(base, language))
        snprintf(base, sizeof base, "%s", s->language[0] ? reel__language_name(s->language) : "Subtitles");
    snprintf(s->name, sizeof s->name, "%s", base);
    for (unsigned k = 2; again; k++) {
        again = false;
        for (size_t i = 0; i < n; i++)
            again |= !strcmp(list[i].name, s->name);
        if (again)
            snprintf(s->name, sizeof s->name, "%s %u", base, k);
    }
    for (size_t i = 0; i < n; i++)
        autoselect &= strcmp(list[i].language, s->language) != 0 || list[i].forced != forced;
    s->forced = forced;
    put_media(w, "SUBTITLES", "subs", s->name, s->language);
    reel__out_format(&w->out, ",DEFAULT=NO,AUTOSELECT=%s,FORCED=%s,URI=\"", autoselect ? "YES" : "NO",
                     forced ? "YES" : "NO");
}

static bool is_subtitle(const struct writer *w, const reel__stream *s)
{
    return s->info.type == REEL_TRACK_TEXT && s->rendition == w->subtitles;
}

static int put_subtitles(struct writer *w, reel_error *err)
{
    size_t n = 0, sidecars = REEL__MIN(w->options.sidecar_count, (size_t)REEL__MOST_STREAMS);
    if (!w->has_subtitles)
        return REEL_OK;
    struct subtitle *list = reel__alloc_array(w->alloc, REEL__MOST_STREAMS + sidecars, sizeof *list);
    if (!list)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    for (size_t i = 0; i < w->streams; i++)
        if (is_subtitle(w, &w->stream[i])) {
            put_subtitle(w, list, n++, w->stream[i].language, w->stream[i].name, w->stream[i].forced);
            put_uri(w, &w->stream[i], "index.m3u8");
            reel__out_text(&w->out, "\"\n");
        }
    for (size_t i = 0; i < sidecars; i++) {
        const reel_sidecar *s = &w->options.sidecars[i];
        put_subtitle(w, list, n++, s->language ? s->language : "", s->name ? s->name : "",
                     s->flags & REEL_SIDECAR_FORCED);
        reel__put_uri(&w->out, s->uri ? s->uri : "");
        reel__out_text(&w->out, "\"\n");
    }
    reel__free(w->alloc, list);
    return REEL_OK;
}

/* ITU-T H.273 transfer characteristics; the base layer decides, as a player without Dolby Vision shows it */
static const char *range_of(const reel_description *d)
{
    if (d->transfer == 16 || d->dovi_profile == 5)
        return "PQ";
    return d->transfer == 18 || d->preferred_transfer == 18 ? "HLG" : "SDR";
}

static void put_picture(struct writer *w, const reel__stream *s, bool frame_rate)
{
    if (s->width && s->height)
        reel__out_format(&w->out, ",RESOLUTION=%ux%u", s->width, s->height);
    if (frame_rate && s->fps.den) {
        uint64_t thousandths = ((uint64_t)s->fps.num * 1000 + s->fps.den / 2) / s->fps.den;
        reel__out_format(&w->out, ",FRAME-RATE=%llu.%03u", (unsigned long long)(thousandths / 1000),
                         (unsigned)(thousandths % 1000));
    }
    reel__out_format(&w->out, ",VIDEO-RANGE=%s", range_of(&s->d));
}

static void put_variant(struct writer *w, const struct variant *v)
{
    const reel__stream *s = v->stream;
    const bool video = s->info.type == REEL_TRACK_VIDEO;
    char codecs[512] = "";
    if (video)
        reel__add_codecs(codecs, sizeof codecs, s->codecs);
    if (v->group != NONE)
        reel__add_codecs(codecs, sizeof codecs, w->group[v->group].codecs);
    reel__add_codecs(codecs, sizeof codecs, w->text_codecs);
    reel__out_format(&w->out, "#EXT-X-STREAM-INF:BANDWIDTH=%llu,AVERAGE-BANDWIDTH=%llu,CODECS=\"%s\"",
                     (unsigned long long)v->peak, (unsigned long long)v->average, codecs);
    if (video)
        put_picture(w, s, true);
    if (v->group != NONE)
        reel__out_format(&w->out, ",AUDIO=\"%s\"", w->group[v->group].id);
    if (w->has_subtitles)
        reel__out_text(&w->out, ",SUBTITLES=\"subs\"");
    reel__out_text(&w->out, ",CLOSED-CAPTIONS=NONE\n");
    put_uri(w, s, "index.m3u8");
    reel__out_8(&w->out, '\n');
}

static void put_keys(struct writer *w, const reel__stream *s)
{
    if (s->info.type != REEL_TRACK_VIDEO || !s->keys.micros)
        return;
    reel__out_format(&w->out, "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=%llu,AVERAGE-BANDWIDTH=%llu,CODECS=\"%s\"",
                     (unsigned long long)s->keys.peak, (unsigned long long)s->keys.average, s->codecs);
    put_picture(w, s, false);
    reel__out_text(&w->out, ",URI=\"");
    put_uri(w, s, "iframes.m3u8");
    reel__out_text(&w->out, "\"\n");
}

/* ---- keys, so that a player may ask for them before it has a media playlist ---- */

enum { MOST_KEYS = 32, MOST_PSSH = 1 << 16 /* bytes */ };

typedef struct session_keys {
    const char *method[MOST_KEYS];
    reel_pssh pssh[MOST_KEYS];
    size_t n;
} session_keys;

/* RFC 8216 4.3.4.5: of the same method and URI there is one. */
static bool is_new_key(const session_keys *k, const char *method, const reel_pssh *pssh)
{
    for (size_t i = 0; i < k->n; i++) {
        const reel_span box = k->pssh[i].box;
        if (method == k->method[i] && box.size == pssh->box.size &&
            (box.data == pssh->box.data || !memcmp(box.data, pssh->box.data, box.size)))
            return false;
    }
    return k->n < MOST_KEYS && pssh->box.size <= MOST_PSSH;
}

static void put_session_keys(struct writer *w)
{
    session_keys k = {.n = 0};
    for (size_t s = 0; s < w->streams; s++) {
        const reel__stream *stream = &w->stream[s];
        const char *method = reel__key_method(&stream->protection);
        reel_pssh pssh;
        for (size_t i = 0; method && reel__next_pssh(stream->segmenter->movie, &stream->protection, &i, &pssh) == REEL_OK;) {
            if (!is_new_key(&k, method, &pssh))
                continue;
            k.method[k.n] = method;
            k.pssh[k.n++] = pssh;
            reel__put_key(&w->out, "EXT-X-SESSION-KEY", method, &stream->protection, &pssh);
        }
    }
}

/* ---- all of it ---- */

/* The text tracks of the first rendition that has some: those of the others are the same again. */
static void find_subtitles(struct writer *w)
{
    w->has_subtitles = w->options.sidecar_count > 0;
    for (size_t i = w->streams; i-- > 0;)
        if (w->stream[i].info.type == REEL_TRACK_TEXT) {
            w->has_subtitles = true;
            w->subtitles = w->stream[i].rendition;
        }
    for (size_t i = 0; i < w->streams; i++)
        if (is_subtitle(w, &w->stream[i])) {
            w->text.peak = REEL__MAX(w->text.peak, w->stream[i].rate.peak);
            w->text.average = REEL__MAX(w->text.average, w->stream[i].rate.average);
            reel__add_codecs(w->text_codecs, sizeof w->text_codecs, w->stream[i].codecs);
        }
}

static int write_all(struct writer *w, reel_error *err)
{
    w->member = reel__alloc_array(w->alloc, REEL__MOST_STREAMS, sizeof *w->member);
    if (!w->member)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    find_subtitles(w);
    make_groups(w);
    int code = make_variants(w, err);
    if (code != REEL_OK)
        return code;
    reel__out_text(&w->out, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    put_session_keys(w);
    put_groups(w);
    code = put_subtitles(w, err);
    for (size_t i = 0; i < w->variants; i++)
        put_variant(w, &w->variant[i]);
    for (size_t i = 0; i < w->streams && !(w->options.flags & REEL_STREAM_NO_PICTURES); i++)
        put_keys(w, &w->stream[i]);
    return code;
}

int reel_hls_multivariant(const reel_rendition *renditions, size_t n, const reel_playlist_options *options, reel_plan **out,
                          reel_error *err)
{
    struct writer w = {.renditions = n};
    if (!renditions || !n || !out || !reel__playlist_options(options, &w.options))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no renditions, or no place for the plan");
    w.alloc = w.options.alloc ? w.options.alloc : &reel__malloc;
    int code = reel__streams_of(renditions, n, true, w.alloc, &w.stream, &w.streams, err);
    if (code != REEL_OK)
        return code;
    reel__out_init(&w.out, w.alloc, 0);
    code = write_all(&w, err);
    reel__free(w.alloc, w.member);
    reel__free(w.alloc, w.variant);
    reel__free(w.alloc, w.stream);
    if (code == REEL_OK)
        return reel__plan_of_out(&w.out, out, err);
    reel__out_free(&w.out);
    return code;
}
