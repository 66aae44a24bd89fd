/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Playlists and manifests, read by somebody strict: each MUST of RFC 8216 that applies to what is written here, and XML by
 * its rules. What they name is there under that name, durations add up to the film, and bit rates are those of the segments
 * that come. Faces src/write/hls.c, multivariant.c, dash.c, playlist.c, streams.c, protection.c, stream_file.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <reel/stream.h>

#include "made.h"
#include "random.h"

/* ---- films ------------------------------------------------------------------------------------------------------ */

enum { MOST = 12, SAMPLE = 400 };

/* A track of ten seconds. */
typedef struct part {
    const char *codec;    /* avc1, mp4a, ac-3, tx3g */
    const char *language; /* ISO 639-2; NULL: und */
    const char *name;
    uint32_t size;        /* of a sample; 0: SAMPLE */
    bool off;             /* not enabled */
} part;

typedef struct film {
    b_buf b;
    reel_source *source;
    reel_movie *movie;
    reel_segmenter s;
} film;

static bool is(const char *a, const char *b) { return !strcmp(a, b); }

static void put_entry(b_buf *e, const char *codec)
{
    static const uint8_t esds[] = {3,    25,   0, 1, 0, 4, 17, 0x40, 0x15, 0, 0, 0, 0,   0,
                                   0,    0,    0, 0, 0, 0, 5,  2,    0x11, 0x90, 6, 1, 2};
    if (is(codec, "avc1")) {
        b_visual_entry(e);
    } else if (is(codec, "tx3g")) {
        b_box(e, "tx3g");
        b_fill(e, 0, 6);
        b_u16(e, 1);
        b_fill(e, 0, 30);
        b_end(e);
    } else {
        b_audio(e, codec, 2, 48000);
        if (is(codec, "mp4a")) {
            b_full(e, "esds", 0, 0);
            b_bytes(e, esds, sizeof esds);
            b_end(e);
        }
        b_end(e);
    }
}

static void put_track(const part *p, b_track *t, b_buf *entry, b_buf *more)
{
    static const b_run video[] = {{250, 512}}, sound[] = {{468, 1024}}, text[] = {{5, 2000}};
    static const b_chunks one[] = {{1, 1000, 1}};
    static const uint64_t chunk[] = {0};
    static const uint32_t keys[] = {1, 26, 51, 76, 101, 126, 151, 176, 201, 226};
    static const b_edit priming[] = {{9963, 1024, 0x10000}};
    const bool is_video = is(p->codec, "avc1"), is_text = is(p->codec, "tx3g");
    put_entry(entry, p->codec);
    if (p->name) {
        b_box(more, "udta");
        b_box(more, "name");
        b_text(more, p->name);
        b_end(more);
        b_end(more);
    }
    *t = (b_track){.handler = is_video ? "vide" : is_text ? "sbtl" : "soun", .timescale = is_video ? 12800 : is_text ? 1000 : 48000,
                   .entries = entry, .stts = is_video ? video : is_text ? text : sound, .stts_n = 1, .stsc = one, .stsc_n = 1,
                   .samples = is_video ? 250 : is_text ? 5 : 468, .uniform_size = p->size ? p->size : SAMPLE, .chunks = chunk,
                   .chunk_n = 1, .trak_more = more};
    if (is_video) {
        t->stss = keys;
        t->stss_n = sizeof keys / sizeof *keys;
    } else if (!is_text) {
        t->edits = priming;
        t->edit_n = 1;
    }
}

static film make(const part *parts, uint32_t n, uint32_t ms, const b_buf *moov_more)
{
    b_track track[MOST];
    b_buf entry[MOST] = {{0}}, more[MOST] = {{0}};
    film f = {.movie = NULL};
    for (uint32_t i = 0; i < n; i++)
        put_track(&parts[i], &track[i], &entry[i], &more[i]);
    b_film(&f.b, &(b_movie){.track = track, .tracks = n, .media_size = 600000, .more = moov_more});
    for (uint32_t i = 0; i < n; i++) {
        char path[64];
        const char *l = parts[i].language;
        snprintf(path, sizeof path, "moov/trak[%u]/mdia/mdhd", i + 1);
        size_t at = b_body(&f.b, path) + 16;
        unsigned code = l ? (unsigned)((l[0] - 96) << 10 | (l[1] - 96) << 5 | (l[2] - 96)) : 0x55c4;
        b_set8(&f.b, at, (uint8_t)(code >> 8));
        b_set8(&f.b, at + 1, (uint8_t)code);
        snprintf(path, sizeof path, "moov/trak[%u]/tkhd", i + 1);
        b_set8(&f.b, b_body(&f.b, path) - 1, parts[i].off ? 6 : 7);
        b_free(&entry[i]);
        b_free(&more[i]);
    }
    assert_int_equal(reel_source_memory(f.b.data, f.b.size, NULL, NULL, &f.source), REEL_OK);
    assert_int_equal(reel_open(f.source, NULL, &f.movie, NULL), REEL_OK);
    assert_int_equal(reel_segmenter_init(&f.s, f.movie, ms, NULL), REEL_OK);
    return f;
}

static void done(film *f)
{
    reel_close(&f->movie);
    reel_source_unref(&f->source);
    b_free(&f->b);
}

static char *made_text(int code, reel_plan **plan, const reel_error *err)
{
    if (code != REEL_OK)
        fail_msg("%s: %s", reel_code_name(code), err->text);
    char *text = text_of(*plan);
    *plan = NULL;
    return text;
}

static char *multivariant(const reel_rendition *r, size_t n, const reel_playlist_options *o)
{
    reel_plan *plan = NULL;
    reel_error err;
    return made_text(reel_hls_multivariant(r, n, o, &plan, &err), &plan, &err);
}

static char *media(const film *f, size_t i, const reel_playlist_options *o)
{
    reel_plan *plan = NULL;
    reel_error err;
    const reel_track *t = reel_movie_track(f->movie, i);
    return made_text(reel_hls_media(&f->s, &t, 1, o, &plan, &err), &plan, &err);
}

static char *manifest(const reel_rendition *r, size_t n, const reel_playlist_options *o)
{
    reel_plan *plan = NULL;
    reel_error err;
    return made_text(reel_dash_manifest(r, n, o, &plan, &err), &plan, &err);
}

/* ---- attribute lists: RFC 8216 4.2 ------------------------------------------------------------------------------ */

enum { ATTRIBUTES = 24, LINES = 4096 };

typedef struct attributes {
    struct {
        char name[40], value[600];
        bool quoted;
    } of[ATTRIBUTES];
    size_t n;
} attributes;

static const char *get(const attributes *a, const char *name, bool quoted)
{
    for (size_t i = 0; i < a->n; i++)
        if (is(a->of[i].name, name)) {
            assert_int_equal(a->of[i].quoted, quoted);
            return a->of[i].value;
        }
    return NULL;
}

static const char *need(const attributes *a, const char *name, bool quoted)
{
    const char *value = get(a, name, quoted);
    if (!value)
        fail_msg("no %s", name);
    return value;
}

static attributes read_attributes(const char *at)
{
    attributes a = {.n = 0};
    for (;;) {
        size_t n = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
        assert_true(n > 0 && n < sizeof a.of[0].name && at[n] == '=' && a.n < ATTRIBUTES);
        memcpy(a.of[a.n].name, at, n);
        for (size_t i = 0; i < a.n; i++)
            assert_string_not_equal(a.of[i].name, a.of[a.n].name);
        at += n + 1;
        a.of[a.n].quoted = *at == '"';
        if (*at == '"') {
            n = strcspn(++at, "\"");
            assert_true(at[n] == '"');
        } else {
            n = strcspn(at, ",");
            assert_true(n > 0);
            for (size_t i = 0; i < n; i++)
                assert_true(at[i] > ' ' && at[i] < 0x7f && at[i] != '"');
        }
        for (size_t i = 0; i < n; i++)
            assert_true((unsigned char)at[i] >= 0x20 && at[i] != 0x7f);
        assert_true(n < sizeof a.of[0].value);
        memcpy(a.of[a.n].value, at, n);
        at += n + a.of[a.n++].quoted;
        if (!*at)
            return a;
        assert_int_equal(*at++, ',');
        assert_true(*at != 0);
    }
}

static uint64_t integer(const char *s)
{
    size_t n = strspn(s, "0123456789");
    assert_true(n > 0 && n <= 20 && !s[n]);
    return strtoull(s, NULL, 10);
}

/* The lines of a playlist, in place. UTF-8 without a mark, each line ends with LF. */
static size_t split(char *text, char **line)
{
    size_t n = 0, size = strlen(text);
    assert_true(size && text[size - 1] == '\n' && (unsigned char)text[0] == '#');
    for (char *at = text; *at; n++) {
        assert_true(n < LINES);
        line[n] = at;
        at = strchr(at, '\n');
        *at++ = 0;
        assert_null(strchr(line[n], '\r'));
    }
    return n;
}

static const char *after(const char *line, const char *tag)
{
    size_t n = strlen(tag);
    return strncmp(line, tag, n) ? NULL : line + n;
}

/* ---- multivariant: 4.3.4 ---------------------------------------------------------------------------------------- */

enum { MOST_MEDIA = 64 };

typedef struct master {
    attributes media[MOST_MEDIA], variant[MOST_MEDIA], keys[MOST_MEDIA];
    char uri[MOST_MEDIA][200];
    size_t medias, variants, key_n, session_keys;
} master;

static bool one_of(const char *s, const char *a, const char *b, const char *c)
{
    return is(s, a) || is(s, b) || (c && is(s, c));
}

/* 4.3.2.4 */
static void check_key(const char *said)
{
    attributes key = read_attributes(said);
    assert_true(one_of(need(&key, "METHOD", false), "SAMPLE-AES", "SAMPLE-AES-CTR", NULL));
    need(&key, "URI", true);
    need(&key, "KEYFORMAT", true);
    need(&key, "KEYFORMATVERSIONS", true);
}

/* 4.3.4.1 */
static void check_media(const attributes *a)
{
    const char *type = need(a, "TYPE", false), *channels = get(a, "CHANNELS", true), *language = get(a, "LANGUAGE", true);
    const char *by_default = get(a, "DEFAULT", false), *autoselect = get(a, "AUTOSELECT", false);
    assert_true(one_of(type, "AUDIO", "SUBTITLES", NULL));
    assert_true(strlen(need(a, "GROUP-ID", true)) > 0);
    assert_true(strlen(need(a, "NAME", true)) > 0);
    assert_true(strlen(need(a, "URI", true)) > 0);
    assert_true(!by_default || one_of(by_default, "YES", "NO", NULL));
    assert_true(!autoselect || one_of(autoselect, "YES", "NO", NULL));
    if (by_default && is(by_default, "YES") && autoselect)
        assert_string_equal(autoselect, "YES");
    if (get(a, "FORCED", false))
        assert_string_equal(type, "SUBTITLES");
    assert_true(!channels || integer(channels) > 0);
    for (; language && *language; language++)
        assert_true((*language >= 'a' && *language <= 'z') || (*language >= 'A' && *language <= 'Z') ||
                    (*language >= '0' && *language <= '9') || *language == '-');
    assert_null(get(a, "INSTREAM-ID", true));
}

static bool same_group(const attributes *a, const attributes *b)
{
    return is(need(a, "TYPE", false), need(b, "TYPE", false)) && is(need(a, "GROUP-ID", true), need(b, "GROUP-ID", true));
}

static const char *or_empty(const char *s) { return s ? s : ""; }

/* 4.3.4.1.1 */
static void check_groups(const master *m)
{
    for (size_t i = 0; i < m->medias; i++)
        for (size_t k = 0; k < i; k++) {
            const attributes *a = &m->media[i], *b = &m->media[k];
            if (!same_group(a, b))
                continue;
            assert_string_not_equal(need(a, "NAME", true), need(b, "NAME", true));
            assert_false(is(or_empty(get(a, "DEFAULT", false)), "YES") && is(or_empty(get(b, "DEFAULT", false)), "YES"));
            assert_false(is(or_empty(get(a, "AUTOSELECT", false)), "YES") && is(or_empty(get(b, "AUTOSELECT", false)), "YES") &&
                         is(or_empty(get(a, "LANGUAGE", true)), or_empty(get(b, "LANGUAGE", true))) &&
                         is(or_empty(get(a, "FORCED", false)), or_empty(get(b, "FORCED", false))));
        }
}

static void check_picture(const attributes *a)
{
    unsigned w, h;
    char end;
    const char *range = get(a, "VIDEO-RANGE", false), *size = get(a, "RESOLUTION", false), *rate = get(a, "FRAME-RATE", false);
    assert_true(!range || one_of(range, "SDR", "HLG", "PQ"));
    assert_true(!size || (sscanf(size, "%ux%u%c", &w, &h, &end) == 2 && w && h));
    if (rate) {
        size_t n = strspn(rate, "0123456789");
        assert_true(n > 0 && rate[n] == '.' && strspn(rate + n + 1, "0123456789") == 3 && !rate[n + 4]);
    }
    for (const char *c = need(a, "CODECS", true); *c; c++)
        assert_true((*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || strchr(".-_+,", *c));
    assert_true(get(a, "AVERAGE-BANDWIDTH", false) &&
                integer(get(a, "AVERAGE-BANDWIDTH", false)) <= integer(need(a, "BANDWIDTH", false)));
}

/* 4.3.4.2 */
static void check_variant(const master *m, const attributes *a)
{
    static const char *const kinds[] = {"AUDIO", "SUBTITLES"};
    check_picture(a);
    assert_true(integer(need(a, "BANDWIDTH", false)) > 0);
    assert_string_equal(need(a, "CLOSED-CAPTIONS", false), "NONE");
    for (size_t k = 0; k < 2; k++) {
        const char *group = get(a, kinds[k], true);
        bool found = !group;
        for (size_t i = 0; group && i < m->medias; i++)
            found |= is(need(&m->media[i], "TYPE", false), kinds[k]) && is(need(&m->media[i], "GROUP-ID", true), group);
        assert_true(found);
    }
}

static void check_order(const master *m)
{
    for (size_t i = 1; i < m->variants; i++)
        assert_true(integer(need(&m->variant[i - 1], "BANDWIDTH", false)) <= integer(need(&m->variant[i], "BANDWIDTH", false)));
}

/* Reads and checks; text is taken apart and freed. */
static master *read_master(char *text)
{
    static char *line[LINES];
    master *m = calloc(1, sizeof *m);
    assert_non_null(m);
    size_t n = split(text, line), versions = 0;
    assert_string_equal(line[0], "#EXTM3U");
    for (size_t i = 1; i < n; i++) {
        const char *a;
        if ((a = after(line[i], "#EXT-X-VERSION:"))) {
            versions++;
            assert_true(integer(a) >= 4);
        } else if ((a = after(line[i], "#EXT-X-MEDIA:"))) {
            assert_true(m->medias < MOST_MEDIA);
            m->media[m->medias] = read_attributes(a);
            check_media(&m->media[m->medias++]);
        } else if ((a = after(line[i], "#EXT-X-STREAM-INF:"))) {
            assert_true(m->variants < MOST_MEDIA && i + 1 < n && line[i + 1][0] != '#' && line[i + 1][0]);
            snprintf(m->uri[m->variants], sizeof m->uri[0], "%s", line[++i]);
            m->variant[m->variants++] = read_attributes(a);
        } else if ((a = after(line[i], "#EXT-X-I-FRAME-STREAM-INF:"))) {
            m->keys[m->key_n] = read_attributes(a);
            need(&m->keys[m->key_n], "URI", true);
            assert_null(get(&m->keys[m->key_n], "AUDIO", true));
            assert_null(get(&m->keys[m->key_n], "FRAME-RATE", false));
            check_picture(&m->keys[m->key_n++]);
        } else if ((a = after(line[i], "#EXT-X-SESSION-KEY:"))) {
            check_key(a);
            for (size_t k = i + 1; k < n; k++)
                assert_string_not_equal(line[i], line[k]);
            m->session_keys++;
        } else {
            assert_string_equal(line[i], "#EXT-X-INDEPENDENT-SEGMENTS");
        }
    }
    assert_int_equal(versions, 1);
    assert_true(m->variants > 0);
    check_groups(m);
    for (size_t i = 0; i < m->variants; i++)
        check_variant(m, &m->variant[i]);
    check_order(m);
    free(text);
    return m;
}

/* ---- media playlists: 4.3.2, 4.3.3 ------------------------------------------------------------------------------ */

typedef struct entries {
    uint64_t micros[LINES], total, target;
    char uri[LINES][64];
    uint64_t offset[LINES], size[LINES], init; /* of ranges; size 0: the URI is all of it */
    size_t n;
    bool ended, keys_only, map;
    int keys;
} entries;

static uint64_t read_duration(const char *s)
{
    size_t n = strspn(s, "0123456789");
    assert_true(n > 0 && s[n] == '.' && strspn(s + n + 1, "0123456789") == 6 && is(s + n + 7, ","));
    return strtoull(s, NULL, 10) * 1000000 + strtoull(s + n + 1, NULL, 10);
}

/* 4.3.2.2: <n>[@<o>]. NULL: there is none. Here all say where they begin. */
static uint64_t read_range(const char *s, uint64_t *offset)
{
    char copy[64], *at;
    if (!s)
        return 0;
    snprintf(copy, sizeof copy, "%s", s);
    at = strchr(copy, '@');
    assert_non_null(at);
    *at = 0;
    *offset = integer(at + 1);
    assert_true(integer(copy) > 0);
    return integer(copy);
}

/* A range, or a whole file, is there once, and ranges of one file do not lie over each other. */
static void check_apart(const entries *e)
{
    for (size_t k = 0; k < e->n; k++) {
        assert_true((e->size[k] > 0) == (e->size[e->n] > 0));
        if (is(e->uri[k], e->uri[e->n]))
            assert_true(e->size[k] > 0 && e->offset[e->n] >= e->offset[k] + e->size[k]);
    }
}

static void read_head(entries *e, const char *line, const char *type, unsigned *seen)
{
    const char *a;
    if ((a = after(line, "#EXT-X-VERSION:"))) {
        assert_true(integer(a) >= 6); /* EXT-X-MAP */
        *seen += 1;
    } else if ((a = after(line, "#EXT-X-TARGETDURATION:"))) {
        e->target = integer(a);
        *seen += 16;
    } else if ((a = after(line, "#EXT-X-MEDIA-SEQUENCE:"))) {
        assert_int_equal(integer(a), 0);
        *seen += 256;
    } else if ((a = after(line, "#EXT-X-PLAYLIST-TYPE:"))) {
        assert_string_equal(a, type);
        *seen += 4096;
    } else if (is(line, "#EXT-X-I-FRAMES-ONLY")) {
        e->keys_only = true;
    } else if ((a = after(line, "#EXT-X-MAP:"))) {
        attributes map = read_attributes(a);
        need(&map, "URI", true);
        e->map = true;
        e->init = read_range(get(&map, "BYTERANGE", true), &(uint64_t){0});
    } else if ((a = after(line, "#EXT-X-KEY:"))) {
        check_key(a);
        e->keys++;
    } else {
        assert_string_equal(line, "#EXT-X-INDEPENDENT-SEGMENTS");
    }
}

static entries *read_media(char *text, bool live)
{
    static char *line[LINES];
    entries *e = calloc(1, sizeof *e);
    assert_non_null(e);
    size_t n = split(text, line);
    unsigned seen = 0;
    assert_string_equal(line[0], "#EXTM3U");
    for (size_t i = 1; i < n; i++) {
        const char *a = after(line[i], "#EXTINF:");
        if (a) {
            e->micros[e->n] = read_duration(a);
            e->total += e->micros[e->n];
            if (i + 1 < n && (a = after(line[i + 1], "#EXT-X-BYTERANGE:")))
                i++, e->size[e->n] = read_range(a, &e->offset[e->n]);
            assert_true(i + 1 < n && line[i + 1][0] && line[i + 1][0] != '#');
            snprintf(e->uri[e->n], sizeof e->uri[0], "%s", line[++i]);
            check_apart(e);
            e->n++;
        } else if (is(line[i], "#EXT-X-ENDLIST")) {
            assert_int_equal(i, n - 1);
            e->ended = true;
        } else {
            assert_int_equal(e->n, 0); /* all of the rest is about the segments below */
            read_head(e, line[i], live ? "EVENT" : "VOD", &seen);
        }
    }
    assert_int_equal(seen, 0x1111); /* each once */
    assert_true(e->target > 0);
    for (size_t i = 0; i < e->n; i++)
        assert_true((e->micros[i] + 500000) / 1000000 <= e->target); /* 4.3.3.1 */
    assert_int_equal(e->ended, !live);
    free(text);
    return e;
}

/* ---- XML -------------------------------------------------------------------------------------------------------- */

static void check_references(const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_true((unsigned char)at[i] >= 0x20 || at[i] == '\n' || at[i] == '\t');
        assert_true(at[i] != '<');
        if (at[i] == '&')
            assert_true(!strncmp(at + i, "&amp;", 5) || !strncmp(at + i, "&lt;", 4) || !strncmp(at + i, "&gt;", 4) ||
                        !strncmp(at + i, "&quot;", 6));
    }
}

/* The attributes of a tag; gives where it ends. */
static const char *check_tag(const char *at)
{
    char names[16][40];
    size_t count = 0;
    for (at += strcspn(at, " />\n"); *at == ' ' || *at == '\n'; at++) {
        at += strspn(at, " \n") - 1;
        const char *name = at + 1;
        size_t n = strcspn(name, "= />");
        assert_true(n > 0 && n < sizeof names[0] && name[n] == '=' && name[n + 1] == '"' && count < 16);
        snprintf(names[count], sizeof names[0], "%.*s", (int)n, name);
        for (size_t i = 0; i < count; i++)
            assert_string_not_equal(names[i], names[count]);
        count++;
        size_t value = strcspn(name + n + 2, "\"");
        check_references(name + n + 2, value);
        at = name + n + 2 + value;
        assert_true(*at == '"');
    }
    return at;
}

static void check_xml(const char *at)
{
    char open[16][64];
    size_t depth = 0;
    const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    assert_memory_equal(at, head, sizeof head - 1);
    at += sizeof head - 1;
    while (*at) {
        size_t n = strcspn(at, "<");
        check_references(at, n);
        at += n;
        if (!*at)
            break;
        bool closing = at[1] == '/';
        const char *name = at + 1 + closing;
        n = strcspn(name, " />\n");
        assert_true(n > 0 && n < 64);
        if (closing) {
            assert_true(depth > 0 && strlen(open[depth - 1]) == n && !strncmp(open[depth - 1], name, n) && name[n] == '>');
            depth--;
            at = name + n + 1;
            continue;
        }
        assert_true(depth < 16);
        snprintf(open[depth++], 64, "%.*s", (int)n, name);
        at = check_tag(name);
        if (*at == '/') {
            depth--;
            at++;
        }
        assert_int_equal(*at++, '>');
    }
    assert_int_equal(depth, 0);
}

/* Each $Time$ of a manifest with one rendition is the name of a segment. */
static void check_names(const char *xml, const reel_segmenter *s)
{
    const reel_track *track = NULL;
    uint64_t time = 0;
    for (const char *at = xml; (at = strchr(at, '<')); at++) {
        unsigned rendition, id;
        unsigned long long t, d, r = 0;
        if (sscanf(at, "<Representation id=\"%u-t%u\"", &rendition, &id) == 2)
            track = reel_movie_track_by_id(s->movie, id);
        if (strncmp(at, "<S ", 3))
            continue;
        const char *on = at;
        if (sscanf(at, "<S t=\"%llu\"", &t) == 1) {
            time = t;
            on = strchr(at, 'd') - 3;
        }
        assert_int_equal(sscanf(on + 3, "d=\"%llu\" r=\"%llu\"", &d, &r) > 0, 1);
        assert_true(d > 0);
        for (unsigned long long i = 0; i <= r; i++, time += d) {
            reel_segment x;
            if (reel_segment_named(s, track, (int64_t)time, &x, NULL) != REEL_OK)
                fail_msg("no segment of track %u at %llu in\n%s", reel_track_id(track), (unsigned long long)time, xml);
        }
    }
}

/* ---- tests ------------------------------------------------------------------------------------------------------ */

static const part simple[] = {{.codec = "avc1"}, {.codec = "mp4a", .language = "eng"}, {.codec = "tx3g", .language = "fra"}};

static void test_multivariant(void **state)
{
    (void)state;
    film f = make(simple, 3, 2000, NULL);
    reel_rendition r = {&f.s, ""};
    master *m = read_master(multivariant(&r, 1, NULL));
    assert_int_equal(m->variants, 1);
    assert_int_equal(m->medias, 2);
    assert_int_equal(m->key_n, 1);
    const attributes *v = &m->variant[0];
    assert_string_equal(m->uri[0], "t1/index.m3u8");
    assert_string_equal(need(v, "CODECS", true), "avc1.64000a,mp4a.40.2");
    assert_string_equal(need(v, "RESOLUTION", false), "64x48");
    assert_string_equal(need(v, "FRAME-RATE", false), "25.000");
    assert_string_equal(need(v, "VIDEO-RANGE", false), "SDR");
    assert_string_equal(need(v, "AUDIO", true), "audio-aac");
    assert_string_equal(need(v, "SUBTITLES", true), "subs");
    assert_string_equal(need(&m->media[0], "LANGUAGE", true), "en");
    assert_string_equal(need(&m->media[0], "NAME", true), "English");
    assert_string_equal(need(&m->media[0], "CHANNELS", true), "2");
    assert_string_equal(need(&m->media[0], "DEFAULT", false), "YES");
    assert_string_equal(need(&m->media[1], "LANGUAGE", true), "fr");
    assert_string_equal(need(&m->media[1], "URI", true), "t3/index.m3u8");
    assert_string_equal(need(&m->keys[0], "URI", true), "t1/iframes.m3u8");
    free(m);
    done(&f);
}

static void test_media(void **state)
{
    (void)state;
    film f = make(simple, 3, 2000, NULL);
    entries *e = read_media(media(&f, 0, NULL), false);
    assert_int_equal(e->n, 5);
    assert_int_equal(e->total, 10000000);
    assert_true(e->map);
    assert_string_equal(e->uri[1], "25600.m4s");
    free(e);
    e = read_media(media(&f, 1, NULL), false);
    assert_int_equal(e->n, 5);
    assert_string_equal(e->uri[0], "-1024.m4s");
    assert_int_equal(e->total, (467ull * 1024 * 1000000 + 24000) / 48000);
    free(e);
    e = read_media(media(&f, 2, NULL), false);
    assert_int_equal(e->n, 5);
    assert_false(e->map);
    assert_string_equal(e->uri[1], "25600.vtt"); /* the reference's time */
    free(e);
    done(&f);
}

static void test_muxed(void **state)
{
    (void)state;
    film f = make(simple, 2, 2000, NULL);
    const reel_track *t[] = {reel_movie_track(f.movie, 0), reel_movie_track(f.movie, 1)};
    reel_plan *plan = NULL;
    reel_error err;
    entries *e = read_media(made_text(reel_hls_media(&f.s, t, 2, NULL, &plan, &err), &plan, &err), false);
    assert_int_equal(e->n, 5);
    assert_string_equal(e->uri[4], "102400.m4s");
    free(e);
    done(&f);
}

static void test_iframes(void **state)
{
    (void)state;
    film f = make(simple, 1, 4000, NULL);
    reel_plan *plan = NULL;
    reel_error err;
    entries *e = read_media(made_text(reel_hls_iframes(&f.s, reel_movie_track(f.movie, 0), NULL, &plan, &err), &plan, &err), false);
    assert_true(e->keys_only && e->map);
    assert_int_equal(e->n, 10);
    assert_int_equal(e->total, 10000000);
    assert_string_equal(e->uri[9], "i115200.m4s");
    free(e);
    done(&f);
}

static void test_live(void **state)
{
    (void)state;
    film f = make(simple, 2, 2000, NULL);
    reel_playlist_options o = {.sizeof_options = sizeof o, .flags = REEL_STREAM_LIVE};
    reel_rendition r = {&f.s, ""};
    for (size_t i = 0; i < 2; i++) {
        entries *e = read_media(media(&f, i, &o), true);
        assert_int_equal(e->n, 4); /* the last one is held back */
        assert_int_equal(e->target, 4);
        free(e);
    }
    char *xml = manifest(&r, 1, &o);
    check_xml(xml);
    check_names(xml, &f.s);
    assert_non_null(strstr(xml, "type=\"dynamic\""));
    assert_non_null(strstr(xml, "availabilityStartTime=\"1970-01-01T00:00:00Z\""));
    assert_non_null(strstr(xml, "minimumUpdatePeriod=\"PT2.000000S\""));
    assert_null(strstr(xml, "mediaPresentationDuration"));
    free(xml);
    done(&f);
}

static void test_groups_of_codecs(void **state)
{
    (void)state;
    static const part parts[] = {{.codec = "avc1"},
                                 {.codec = "mp4a", .language = "eng", .off = true},
                                 {.codec = "mp4a", .language = "deu"},
                                 {.codec = "mp4a", .language = "deu", .name = "Commentary"},
                                 {.codec = "ac-3", .language = "eng"},
                                 {.codec = "ac-3", .language = "deu"}};
    film f = make(parts, 6, 2000, NULL);
    reel_rendition r = {&f.s, ""};
    master *m = read_master(multivariant(&r, 1, NULL));
    /* AAC has all, and lends AC-3 the commentary: both groups have the same members, 4.3.4.1.1 */
    assert_int_equal(m->medias, 6);
    assert_int_equal(m->variants, 2);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(need(&m->media[i], "NAME", true), need(&m->media[i + 3], "NAME", true));
        assert_string_equal(need(&m->media[i], "LANGUAGE", true), need(&m->media[i + 3], "LANGUAGE", true));
        assert_string_equal(need(&m->media[i], "DEFAULT", false), i == 1 ? "YES" : "NO"); /* the first that is enabled */
        assert_string_equal(need(&m->media[i], "AUTOSELECT", false), i == 2 ? "NO" : "YES");
    }
    assert_string_equal(need(&m->media[3], "URI", true), "t5/index.m3u8");
    assert_string_equal(need(&m->media[5], "URI", true), "t4/index.m3u8");
    free(m);
    done(&f);
}

static void test_groups_apart(void **state)
{
    (void)state;
    static const part parts[] = {{.codec = "avc1"}, {.codec = "mp4a", .language = "eng"}, {.codec = "ac-3", .language = "deu"}};
    film f = make(parts, 3, 2000, NULL);
    reel_rendition r = {&f.s, ""};
    master *m = read_master(multivariant(&r, 1, NULL));
    assert_int_equal(m->medias, 2);
    assert_int_equal(m->variants, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(need(&m->media[i], "DEFAULT", false), "YES");
        assert_null(strchr(strchr(need(&m->variant[i], "CODECS", true), ',') + 1, ','));
    }
    free(m);
    done(&f);
}

static void test_names_alike(void **state)
{
    (void)state;
    static const part parts[] = {{.codec = "avc1"}, {.codec = "mp4a", .language = "eng"}, {.codec = "mp4a", .language = "eng"},
                                 {.codec = "mp4a", .name = "English"}, {.codec = "tx3g"}, {.codec = "tx3g"}};
    const reel_sidecar side[] = {{.uri = "sub/a/index.m3u8", .file_uri = "sub/a/file.vtt", .language = "und", .name = "Subtitles"},
                                 {.uri = "sub/b/index.m3u8", .file_uri = "sub/b/file.vtt", .language = "en", .name = ""},
                                 {.uri = "sub/c/index.m3u8", .file_uri = "sub/c/file.vtt", .language = "en", .name = "Signs",
                                  .flags = REEL_SIDECAR_FORCED}};
    film f = make(parts, 6, 2000, NULL);
    reel_rendition r = {&f.s, ""};
    reel_playlist_options o = {.sizeof_options = sizeof o, .sidecars = side, .sidecar_count = 3};
    master *m = read_master(multivariant(&r, 1, &o)); /* checks that they differ */
    assert_int_equal(m->medias, 8);
    assert_string_equal(need(&m->media[1], "NAME", true), "English 2");
    assert_string_equal(need(&m->media[5], "NAME", true), "Subtitles 3");
    assert_string_equal(need(&m->media[7], "FORCED", false), "YES");
    assert_string_equal(need(&m->media[7], "AUTOSELECT", false), "YES");
    free(m);
    char *xml = manifest(&r, 1, &o);
    check_xml(xml);
    assert_non_null(strstr(xml, "sub/c/file.vtt"));
    assert_non_null(strstr(xml, "t5/file.vtt"));
    free(xml);
    done(&f);
}

static void test_hostile_names(void **state)
{
    (void)state;
    static const char *const names[] = {"a\"b,URI=\"x", "a\nb#EXT-X-ENDLIST\r\n", "<script>&amp;]]>", "\xff\xfe\x80", "\"",
                                        "\xe2\x80\xae rtl", "\x01\x02", "   ", "'&<>\"'"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        part parts[] = {{.codec = "avc1", .name = names[i]}, {.codec = "mp4a", .name = names[i]}, {.codec = "tx3g", .name = names[i]}};
        film f = make(parts, 3, 2000, NULL);
        reel_sidecar side = {.uri = "a\" \n<b>", .file_uri = "&<>\"\n", .language = "en\"\n", .name = names[i]};
        reel_playlist_options o = {.sizeof_options = sizeof o, .sidecars = &side, .sidecar_count = 1};
        reel_rendition r = {&f.s, "../x&y\"<\n>$.mp4/"};
        free(read_master(multivariant(&r, 1, &o)));
        char *xml = manifest(&r, 1, &o);
        check_xml(xml);
        free(xml);
        done(&f);
    }
}

static void test_renditions(void **state)
{
    (void)state;
    static const part big[] = {{.codec = "avc1", .size = 2000}, {.codec = "mp4a", .language = "eng"}};
    static const part small[] = {{.codec = "avc1", .size = 500}, {.codec = "mp4a", .language = "eng"}};
    static const part thin[] = {{.codec = "avc1", .size = 200}, {.codec = "mp4a", .language = "eng", .size = 100}};
    static const part other[] = {{.codec = "avc1", .size = 100}, {.codec = "mp4a", .language = "spa"}};
    film f[] = {make(big, 2, 2000, NULL), make(small, 2, 2000, NULL), make(thin, 2, 2000, NULL), make(other, 2, 2000, NULL)};
    const reel_rendition r[] = {{&f[0].s, ""}, {&f[1].s, "../small.mp4/"}, {&f[2].s, "../thin.mp4/"}, {&f[3].s, "../other.mp4/"}};
    master *m = read_master(multivariant(r, 4, NULL));
    assert_int_equal(m->variants, 4);
    assert_string_equal(m->uri[3], "t1/index.m3u8"); /* by bandwidth */
    assert_string_equal(m->uri[2], "../small.mp4/t1/index.m3u8");
    assert_string_equal(need(&m->variant[2], "AUDIO", true), "audio-aac");   /* the same sound once */
    assert_string_equal(need(&m->variant[0], "AUDIO", true), "audio-aac-3"); /* thinner: its own */
    assert_string_equal(need(&m->variant[1], "AUDIO", true), "audio-aac");   /* other members: none of its own */
    assert_int_equal(m->medias, 2);
    assert_string_equal(need(&m->media[1], "URI", true), "../thin.mp4/t2/index.m3u8");
    free(m);
    char *xml = manifest(r, 4, NULL);
    check_xml(xml);
    assert_non_null(strstr(xml, "<BaseURL>../small.mp4/t1/</BaseURL>"));
    free(xml);
    for (size_t i = 0; i < 4; i++)
        done(&f[i]);
}

static void test_sound_alone(void **state)
{
    (void)state;
    static const part parts[] = {{.codec = "mp4a", .language = "eng"}};
    film f = make(parts, 1, 2000, NULL);
    reel_rendition r = {&f.s, ""};
    master *m = read_master(multivariant(&r, 1, NULL));
    assert_int_equal(m->variants, 1);
    assert_int_equal(m->key_n, 0);
    assert_null(get(&m->variant[0], "RESOLUTION", false));
    assert_string_equal(need(&m->variant[0], "CODECS", true), "mp4a.40.2");
    free(m);
    done(&f);
    static const part text[] = {{.codec = "tx3g"}};
    reel_plan *plan = NULL;
    f = make(text, 1, 2000, NULL);
    r.segmenter = &f.s;
    assert_int_equal(reel_hls_multivariant(&r, 1, NULL, &plan, NULL), REEL_E_NOT_FOUND);
    done(&f);
}

static void test_sidecar(void **state)
{
    (void)state;
    film f = make(simple, 2, 2000, NULL);
    reel_plan *plan = NULL;
    reel_error err;
    entries *e = read_media(made_text(reel_hls_sidecar(&f.s, "file.vtt", NULL, &plan, &err), &plan, &err), false);
    assert_int_equal(e->n, 1);
    assert_int_equal(e->total, 10000000);
    assert_string_equal(e->uri[0], "file.vtt");
    free(e);
    done(&f);
}

/* What is said of a bit rate is true of the segments that are sent: not below, and not far above. */
static uint64_t true_peak(const film *f, const reel_track *t, uint64_t *sum)
{
    reel_segment x;
    double peak = 0;
    for (int c = reel_segmenter_at(&f->s, INT64_MIN, &x, NULL); c == REEL_OK; c = reel_segmenter_next(&f->s, &x, &x, NULL)) {
        reel_plan *plan = NULL;
        reel_portion p;
        assert_int_equal(reel_stream_segment(&f->s, &x, &t, 1, NULL, &plan, NULL), REEL_OK);
        assert_int_equal(reel_segment_portion(&f->s, &x, t, &p, NULL), REEL_OK);
        double rate = (double)reel_plan_size(plan) * 8 * reel_track_timescale(t) / (double)p.duration;
        peak = rate > peak ? rate : peak;
        *sum += reel_plan_size(plan);
        reel_plan_close(&plan);
    }
    return (uint64_t)peak;
}

static void test_bandwidth(void **state)
{
    (void)state;
    film f = make(simple, 2, 2000, NULL);
    reel_rendition r = {&f.s, ""};
    master *m = read_master(multivariant(&r, 1, NULL));
    uint64_t sum = 0;
    uint64_t peak = true_peak(&f, reel_movie_track(f.movie, 0), &sum) + true_peak(&f, reel_movie_track(f.movie, 1), &sum);
    uint64_t said = integer(need(&m->variant[0], "BANDWIDTH", false));
    uint64_t average = integer(need(&m->variant[0], "AVERAGE-BANDWIDTH", false));
    assert_true(said >= peak && said <= peak + peak / 10);
    assert_true(average >= sum * 8 / 10 && average <= sum * 8 / 10 * 11 / 10);
    free(m);
    done(&f);
}

static void put_pssh(b_buf *b, unsigned version, uint8_t system, uint8_t kid)
{
    b_full(b, "pssh", version, 0);
    b_fill(b, system, 16);
    if (version) {
        b_u32(b, 1);
        b_fill(b, kid, 16);
    }
    b_u32(b, 4);
    b_text(b, "data");
    b_end(b);
}

/* The video's entry becomes encv with cbcs or cenc and key 0x33... */
static film make_encrypted(const char *scheme)
{
    static const uint8_t avcc[] = {1, 0x64, 0, 0x0a, 0xff, 0xe0, 0};
    static const b_run stts[] = {{250, 512}};
    static const b_chunks one[] = {{1, 1000, 1}};
    static const uint64_t chunk[] = {0};
    b_buf e = {0}, more = {0};
    b_video(&e, "encv", 64, 48);
    b_box(&e, "avcC");
    b_bytes(&e, avcc, sizeof avcc);
    b_end(&e);
    b_box(&e, "sinf");
    b_box(&e, "frma");
    b_text(&e, "avc1");
    b_end(&e);
    b_full(&e, "schm", 0, 0);
    b_text(&e, scheme);
    b_u32(&e, 0x10000);
    b_end(&e);
    b_box(&e, "schi");
    b_full(&e, "tenc", 0, 0);
    b_u24(&e, 1);
    b_u8(&e, 8);
    b_fill(&e, 0x33, 16);
    b_end(&e);
    b_end(&e);
    b_end(&e);
    b_end(&e);
    put_pssh(&more, 0, 0x11, 0);
    put_pssh(&more, 1, 0x22, 0x33);
    put_pssh(&more, 1, 0x44, 0x55); /* for another key */
    film f = {.movie = NULL};
    b_track t = {.timescale = 12800, .entries = &e, .stts = stts, .stts_n = 1, .stsc = one, .stsc_n = 1, .samples = 250,
                 .uniform_size = 100, .chunks = chunk, .chunk_n = 1};
    b_film(&f.b, &(b_movie){.track = &t, .tracks = 1, .media_size = 30000, .more = &more});
    assert_int_equal(reel_source_memory(f.b.data, f.b.size, NULL, NULL, &f.source), REEL_OK);
    assert_int_equal(reel_open(f.source, NULL, &f.movie, NULL), REEL_OK);
    assert_int_equal(reel_segmenter_init(&f.s, f.movie, 2000, NULL), REEL_OK);
    b_free(&e);
    b_free(&more);
    return f;
}

static void test_keys(void **state)
{
    (void)state;
    static const char *const schemes[] = {"cenc", "cbcs"};
    for (int i = 0; i < 2; i++) {
        film f = make_encrypted(schemes[i]);
        reel_rendition r = {&f.s, ""};
        char *text = media(&f, 0, NULL);
        assert_non_null(strstr(text, i ? "METHOD=SAMPLE-AES,URI=\"data:text/plain;base64,AAAAJHBzc2gA" :
                                         "METHOD=SAMPLE-AES-CTR,URI=\"data:text/plain;base64,AAAAJHBzc2gA"));
        assert_non_null(strstr(text, "KEYID=0x33333333333333333333333333333333,KEYFORMAT=\"urn:uuid:22222222-2222-2222-2222-222222222222\""));
        assert_null(strstr(text, "44444444"));
        entries *e = read_media(text, false);
        assert_int_equal(e->keys, 2);
        free(e);
        const reel_rendition twice[] = {r, {&f.s, "../b/"}}; /* each key once */
        master *m = read_master(multivariant(twice, 2, NULL));
        assert_int_equal(m->session_keys, 2);
        free(m);
        text = manifest(&r, 1, NULL);
        check_xml(text);
        assert_non_null(strstr(text, "cenc:default_KID=\"33333333-3333-3333-3333-333333333333\""));
        assert_non_null(strstr(text, "<cenc:pssh>AAAAJHBzc2gA"));
        free(text);
        done(&f);
    }
}

/* ---- random films ----------------------------------------------------------------------------------------------- */

/* Entries name segments, and durations are what lies between their times: added up they are off by a microsecond at most. */
static void check_entries(const reel_segmenter *s, const reel_track *t)
{
    reel_plan *plan = NULL;
    reel_error err;
    entries *e = read_media(made_text(reel_hls_media(s, &t, 1, NULL, &plan, &err), &plan, &err), false);
    int64_t before = INT64_MIN, from = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < e->n; i++) {
        reel_segment x;
        int64_t time = strtoll(e->uri[i], NULL, 10);
        assert_int_equal(reel_segment_named(s, t, time, &x, NULL), REEL_OK);
        assert_true(time > before);
        from = i == 0 ? (time > 0 ? time : 0) : from;
        if (i > 0 && time >= 0)
            assert_true(llabs((long long)sum - (long long)reel_rescale(time, reel_track_timescale(t), 1000000) +
                              (long long)reel_rescale(from, reel_track_timescale(t), 1000000)) <= 1);
        before = time;
        sum += e->micros[i];
    }
    free(e);
}

/* What is decoded before a sync sample is shown before it: anything else is no video. */
static bool in_order(const truth_track *t)
{
    int64_t pts = INT64_MIN, dts = INT64_MIN;
    for (size_t i = 0; i < t->count; i++) {
        const reel_sample *s = &t->sample[i];
        if (s->dts < dts || (s->flags & REEL_SAMPLE_SYNC && s->pts <= pts))
            return false;
        dts = s->dts;
        pts = s->pts > pts ? s->pts : pts;
    }
    return true;
}

static void test_random(void **state)
{
    (void)state;
    static const unsigned kinds[] = {RANDOM_TABLES, RANDOM_FRAGMENTS, RANDOM_TABLES | RANDOM_FRAGMENTS};
    size_t checked = 0;
    for (uint64_t seed = 1; seed < 1500; seed++) {
        film f = {.movie = NULL};
        truth t;
        random_film(&f.b, &t, seed, kinds[seed % 3]);
        assert_int_equal(reel_source_memory(f.b.data, f.b.size, NULL, NULL, &f.source), REEL_OK);
        assert_int_equal(reel_open(f.source, NULL, &f.movie, NULL), REEL_OK);
        if (reel_segmenter_init(&f.s, f.movie, 1 + (uint32_t)(seed * 37 % 900), NULL) == REEL_OK) {
            reel_rendition r = {&f.s, ""};
            reel_plan *plan = NULL;
            bool sane = true;
            for (uint32_t i = 0; i < t.tracks; i++)
                sane &= in_order(&t.track[i]);
            int code = reel_hls_multivariant(&r, 1, NULL, &plan, NULL);
            reel_plan_close(&plan);
            if (sane)
                assert_int_equal(code, REEL_OK);
            code = reel_dash_manifest(&r, 1, NULL, &plan, NULL);
            if (code == REEL_OK) {
                char *xml = made_text(code, &plan, NULL);
                check_xml(xml);
                if (sane)
                    check_names(xml, &f.s);
                free(xml);
            }
            for (uint32_t i = 0; sane && i < t.tracks; i++)
                if (reel_track_streams(reel_movie_track(f.movie, i)) && ++checked)
                    check_entries(&f.s, reel_movie_track(f.movie, i));
        }
        truth_free(&t);
        done(&f);
    }
    assert_true(checked > 100);
}

/* ---- a track as one file: stream_file.c ------------------------------------------------------------------------- */

static reel_stream_file *file_of(const film *f, size_t i, unsigned flags)
{
    reel_stream_file *file = NULL;
    reel_error err;
    if (reel_stream_file_new(&f->s, reel_movie_track(f->movie, i), flags, NULL, &file, &err) != REEL_OK)
        fail_msg("%s", err.text);
    return file;
}

static uint8_t *bytes_of(const reel_plan *plan, size_t *n)
{
    *n = (size_t)reel_plan_size(plan);
    uint8_t *data = malloc(*n);
    assert_non_null(data);
    assert_int_equal(reel_plan_read(plan, 0, data, *n, NULL), REEL_OK);
    return data;
}

static void reads_as(const uint8_t *data, size_t n, reel_plan **plan)
{
    size_t size;
    uint8_t *own = bytes_of(*plan, &size);
    assert_int_equal(size, n);
    assert_memory_equal(own, data, n);
    free(own);
    reel_plan_close(plan);
}

static uint64_t number(const uint8_t *p, int n)
{
    uint64_t v = 0;
    for (int i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

/* ISO/IEC 14496-12 8.16.3: the index says of each segment what the playlist says. */
static void check_index(const uint8_t *p, const entries *e, const reel_track *t)
{
    const uint32_t timescale = reel_track_timescale(t);
    assert_int_equal(number(p, 4), 40 + 12 * e->n);
    assert_memory_equal(p + 4, "sidx\1\0\0", 8);
    assert_int_equal(number(p + 12, 4), reel_track_id(t));
    assert_int_equal(number(p + 16, 4), timescale);
    assert_int_equal(number(p + 20, 8), 0); /* when the first is shown, without its priming */
    assert_int_equal(number(p + 28, 8), 0);
    assert_int_equal(number(p + 36, 4), e->n);
    uint64_t ticks = 0;
    for (size_t i = 0; i < e->n; i++) {
        assert_int_equal(number(p + 40 + 12 * i, 4), e->size[i]);
        ticks += number(p + 44 + 12 * i, 4);
        assert_int_equal(number(p + 48 + 12 * i, 4), 0x90000000);
    }
    assert_int_equal((ticks * 1000000 + timescale / 2) / timescale, e->total);
}

/* The ranges begin behind the index and fill the file. */
static void check_file(const uint8_t *data, size_t n, const entries *e, const reel_track *t, const char *name)
{
    reel_plan *plan = NULL;
    uint64_t at = e->init + 40 + 12 * e->n;
    assert_true(e->init && e->n);
    for (size_t i = 0; i < e->n; at += e->size[i++]) {
        assert_string_equal(e->uri[i], name);
        assert_int_equal(e->offset[i], at);
    }
    assert_int_equal(at, n);
    assert_int_equal(reel_stream_init(&t, 1, NULL, &plan, NULL), REEL_OK);
    reads_as(data, (size_t)e->init, &plan);
    check_index(data + e->init, e, t);
}

static void test_ranges(void **state)
{
    (void)state;
    film f = make(simple, 3, 2000, NULL);
    reel_stream_file *files[] = {file_of(&f, 0, 0), file_of(&f, 1, 0)};
    reel_playlist_options o = {.sizeof_options = sizeof o, .files = (const reel_stream_file *const *)files, .file_count = 2};
    for (size_t i = 0; i < 2; i++) {
        const reel_track *t = reel_movie_track(f.movie, i);
        entries *e = read_media(media(&f, i, &o), false), *whole = read_media(media(&f, i, NULL), false);
        size_t n;
        uint8_t *data = bytes_of(reel_stream_file_plan(files[i]), &n);
        assert_ptr_equal(reel_stream_file_track(files[i]), t);
        assert_int_equal(e->n, whole->n);
        check_file(data, n, e, t, "media.mp4");
        for (size_t k = 0; k < e->n; k++) {
            reel_segment segment;
            reel_plan *plan = NULL;
            assert_int_equal(e->micros[k], whole->micros[k]);
            assert_int_equal(reel_segment_named(&f.s, t, strtoll(whole->uri[k], NULL, 10), &segment, NULL), REEL_OK);
            assert_int_equal(reel_stream_segment(&f.s, &segment, &t, 1, NULL, &plan, NULL), REEL_OK);
            reads_as(data + e->offset[k], (size_t)e->size[k], &plan);
        }
        free(data);
        free(e);
        free(whole);
        reel_stream_file_close(&files[i]);
        assert_null(files[i]);
    }
    done(&f);
}

static void test_ranges_of_pictures(void **state)
{
    (void)state;
    film f = make(simple, 1, 4000, NULL);
    const reel_track *t = reel_movie_track(f.movie, 0);
    reel_stream_file *file = file_of(&f, 0, REEL_STREAM_FILE_PICTURES);
    const reel_stream_file *const files[] = {file};
    reel_playlist_options o = {.sizeof_options = sizeof o, .files = files, .file_count = 1};
    reel_plan *plan = NULL;
    reel_error err;
    entries *e = read_media(made_text(reel_hls_iframes(&f.s, t, &o, &plan, &err), &plan, &err), false);
    size_t n;
    uint8_t *data = bytes_of(reel_stream_file_plan(file), &n);
    assert_true(e->keys_only);
    assert_int_equal(e->n, 10);
    check_file(data, n, e, t, "iframes.mp4");
    for (size_t k = 0; k < e->n; k++) {
        assert_int_equal(reel_stream_samples(t, 25 * k, 25 * k + 1, (uint32_t)(25 * k + 1), NULL, &plan, NULL), REEL_OK);
        reads_as(data + e->offset[k], (size_t)e->size[k], &plan);
    }
    free(data);
    free(e);
    e = read_media(media(&f, 0, &o), false); /* it is no file of segments */
    assert_int_equal(e->init, 0);
    free(e);
    reel_stream_file_close(&file);
    done(&f);
}

/* By itself it is a film, with every sample of the track. */
static void test_file_is_a_film(void **state)
{
    (void)state;
    film f = make(simple, 2, 1500, NULL);
    for (size_t i = 0; i < 2; i++) {
        reel_stream_file *file = file_of(&f, i, 0);
        reel_source *source = NULL;
        reel_movie *movie = NULL;
        reel_open_options strict = {.sizeof_options = sizeof strict, .flags = REEL_OPEN_STRICT};
        uint64_t had, has;
        size_t n;
        uint8_t *data = bytes_of(reel_stream_file_plan(file), &n);
        assert_int_equal(reel_source_memory(data, n, NULL, NULL, &source), REEL_OK);
        assert_int_equal(reel_open(source, &strict, &movie, NULL), REEL_OK);
        assert_int_equal(reel_movie_track_count(movie), 1);
        assert_int_equal(reel_track_sample_count(reel_movie_track(f.movie, i), &had, NULL), REEL_OK);
        assert_int_equal(reel_track_sample_count(reel_movie_track(movie, 0), &has, NULL), REEL_OK);
        assert_int_equal(had, has);
        reel_close(&movie);
        reel_source_unref(&source);
        reel_stream_file_close(&file);
        free(data);
    }
    done(&f);
}

static void test_manifest_of_files(void **state)
{
    (void)state;
    film f = make(simple, 3, 2000, NULL);
    const reel_rendition r = {&f.s, "a b/"};
    reel_stream_file *files[] = {file_of(&f, 0, 0), file_of(&f, 1, 0)};
    reel_playlist_options o = {.sizeof_options = sizeof o, .files = (const reel_stream_file *const *)files, .file_count = 2};
    char *xml = manifest(&r, 1, &o), say[160];
    check_xml(xml);
    assert_non_null(strstr(xml, "profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\""));
    assert_non_null(strstr(xml, " subsegmentAlignment=\"true\" subsegmentStartsWithSAP=\"1\""));
    assert_null(strstr(xml, "SegmentTemplate"));
    for (size_t i = 0; i < 2; i++) {
        reel_stream_range first;
        reel_plan *init = NULL;
        const reel_track *t = reel_movie_track(f.movie, i);
        assert_int_equal(reel_stream_file_range(files[i], 0, &first), REEL_OK);
        assert_int_equal(reel_stream_init(&t, 1, NULL, &init, NULL), REEL_OK);
        unsigned end = (unsigned)reel_plan_size(init);
        reel_plan_close(&init);
        snprintf(say, sizeof say, "<BaseURL>a%%20b/t%zu/media.mp4</BaseURL>", i + 1);
        assert_non_null(strstr(xml, say));
        snprintf(say, sizeof say, " indexRange=\"%u-%u\"", end, (unsigned)first.offset - 1);
        assert_non_null(strstr(xml, say));
        snprintf(say, sizeof say, "<Initialization range=\"0-%u\"/>", end - 1);
        assert_non_null(strstr(xml, say));
    }
    free(xml);
    o.file_count = 1; /* the sound is not one file: then it is no on-demand manifest */
    xml = manifest(&r, 1, &o);
    check_xml(xml);
    assert_non_null(strstr(xml, "isoff-live"));
    assert_non_null(strstr(xml, "SegmentTemplate"));
    free(xml);
    reel_stream_file_close(&files[0]);
    reel_stream_file_close(&files[1]);
    done(&f);
}

static void test_bad_files(void **state)
{
    (void)state;
    film f = make(simple, 3, 1000, NULL), other = make(simple, 1, 5000, NULL);
    reel_stream_file *file = NULL;
    reel_stream_range range;
    reel_plan *plan = NULL;
    reel_error err;
    const reel_track *t = reel_movie_track(f.movie, 0), *stranger = reel_movie_track(other.movie, 0);
    assert_int_equal(reel_stream_file_new(NULL, t, 0, NULL, &file, NULL), REEL_E_ARG);
    assert_int_equal(reel_stream_file_new(&f.s, NULL, 0, NULL, &file, NULL), REEL_E_ARG);
    assert_int_equal(reel_stream_file_new(&f.s, stranger, 0, NULL, &file, NULL), REEL_E_ARG);
    assert_int_equal(reel_stream_file_new(&f.s, t, 0, NULL, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_stream_file_new(&f.s, t, 8, NULL, &file, NULL), REEL_E_ARG);
    assert_int_equal(reel_stream_file_new(&f.s, reel_movie_track(f.movie, 2), 0, NULL, &file, NULL), REEL_E_UNSUPPORTED);
    assert_null(file);
    reel_stream_file_close(NULL);
    reel_stream_file_close(&file);
    assert_null(reel_stream_file_plan(NULL));
    assert_null(reel_stream_file_track(NULL));
    assert_int_equal(reel_stream_file_range(NULL, 0, &range), REEL_END);
    reel_segmenter coarse;
    assert_int_equal(reel_segmenter_init(&coarse, f.movie, 5000, NULL), REEL_OK);
    assert_int_equal(reel_stream_file_new(&coarse, t, 0, NULL, &file, NULL), REEL_OK);
    assert_int_equal(reel_stream_file_range(file, 2, &range), REEL_END);
    const reel_stream_file *files[] = {file, NULL};
    reel_playlist_options o = {.sizeof_options = sizeof o, .files = files, .file_count = 2};
    assert_int_equal(reel_hls_media(&f.s, &t, 1, &o, &plan, &err), REEL_E_ARG); /* segments of another length */
    assert_string_equal(err.text, "the file was made with another segment length");
    o.flags = REEL_STREAM_LIVE;
    assert_int_equal(reel_hls_media(&coarse, &t, 1, &o, &plan, NULL), REEL_E_ARG);
    o = (reel_playlist_options){.sizeof_options = sizeof o, .file_count = 1};
    assert_int_equal(reel_hls_media(&coarse, &t, 1, &o, &plan, NULL), REEL_E_ARG);
    o = (reel_playlist_options){.sizeof_options = offsetof(reel_playlist_options, files), .file_count = 7};
    free(media(&f, 0, &o)); /* a caller that knows nothing of files */
    reel_stream_file_close(&file);
    done(&f);
    done(&other);
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static int call(int what, const film *f, const reel_playlist_options *o, reel_plan **plan)
{
    const reel_rendition r[] = {{&f->s, ""}, {&f->s, "../b/"}};
    const reel_track *t[] = {reel_movie_track(f->movie, 0), reel_movie_track(f->movie, 1)};
    switch (what) {
    case 0: return reel_hls_multivariant(r, 2, o, plan, NULL);
    case 1: return reel_hls_media(&f->s, t, 1, o, plan, NULL);
    case 2: return reel_hls_media(&f->s, t, 2, o, plan, NULL);
    case 3: return reel_hls_iframes(&f->s, t[0], o, plan, NULL);
    case 4: return reel_hls_sidecar(&f->s, "file.vtt", o, plan, NULL);
    default: return reel_dash_manifest(r, 2, o, plan, NULL);
    }
}

static void test_memory(void **state)
{
    (void)state;
    film f = make(simple, 3, 1000, NULL);
    const reel_sidecar side = {.uri = "a", .file_uri = "b", .language = "en", .name = "c"};
    for (int what = 0; what < 6; what++) {
        int code = REEL_E_NOMEM, n = 0;
        for (; code != REEL_OK && n < 1000; n++) {
            purse u = {n, 0};
            reel_allocator a = purse_of(&u);
            reel_playlist_options o = {.sizeof_options = sizeof o, .sidecars = &side, .sidecar_count = 1, .alloc = &a};
            reel_plan *plan = NULL;
            code = call(what, &f, &o, &plan);
            assert_true(code == REEL_OK || code == REEL_E_NOMEM);
            assert_int_equal(plan != NULL, code == REEL_OK);
            reel_plan_close(&plan);
            assert_int_equal(u.out, 0);
        }
        assert_int_equal(code, REEL_OK);
        assert_true(n > 2);
    }
    done(&f);
}

static void test_memory_of_files(void **state)
{
    (void)state;
    film f = make(simple, 3, 1000, NULL);
    for (unsigned flags = 0; flags < 2; flags++) {
        int code = REEL_E_NOMEM, n = 0;
        for (; code != REEL_OK && n < 1000; n++) {
            purse u = {n, 0};
            reel_allocator a = purse_of(&u);
            reel_stream_file *file = NULL;
            code = reel_stream_file_new(&f.s, reel_movie_track(f.movie, 0), flags, &a, &file, NULL);
            assert_true(code == REEL_OK || code == REEL_E_NOMEM);
            assert_int_equal(file != NULL, code == REEL_OK);
            reel_stream_file_close(&file);
            assert_int_equal(u.out, 0);
        }
        assert_int_equal(code, REEL_OK);
        assert_true(n > 10);
    }
    done(&f);
}

/* The film again, of its bytes only those up to so many of the media. */
static void cut_short(film *f, size_t media)
{
    reel_close(&f->movie);
    reel_source_unref(&f->source);
    assert_int_equal(reel_source_memory(f->b.data, b_media_at(&f->b) + media, NULL, NULL, &f->source), REEL_OK);
    assert_int_equal(reel_open(f->source, NULL, &f->movie, NULL), REEL_OK);
    assert_int_equal(reel_segmenter_init(&f->s, f->movie, 2000, NULL), REEL_OK);
    f->s.flags = REEL_SEGMENTER_READABLE;
}

/* How many a playlist names; each can be had. */
static size_t check_named(const film *f, size_t i)
{
    size_t n = 0;
    char *text = media(f, i, NULL), *line[256];
    const reel_track *t = reel_movie_track(f->movie, i);
    size_t lines = split(text, line);
    for (size_t k = 0; k < lines; k++) {
        reel_segment x;
        reel_plan *plan = NULL;
        if (line[k][0] == '#' || !line[k][0])
            continue;
        assert_int_equal(reel_segment_named(&f->s, t, strtoll(line[k], NULL, 10), &x, NULL), REEL_OK);
        assert_int_equal(reel_stream_segment(&f->s, &x, &t, 1, NULL, &plan, NULL), REEL_OK);
        reel_plan_close(&plan);
        n++;
    }
    free(text);
    return n;
}

/* Of a film that was cut short half of what playlists named was an error. */
static void test_cut_short(void **state)
{
    (void)state;
    reel_error err;
    reel_plan *plan = NULL;
    film f = make(simple, 2, 2000, NULL);
    reel_rendition r = {.segmenter = &f.s, .prefix = ""};
    cut_short(&f, 45 * SAMPLE * 2); /* 3.6 seconds of pictures, less than 2 of sound */
    assert_int_equal(check_named(&f, 0), 2);
    assert_int_equal(check_named(&f, 1), 1);
    char *text = multivariant(&r, 1, NULL);
    assert_non_null(strstr(text, "t2/index.m3u8"));
    free(text);
    cut_short(&f, SAMPLE / 2);
    const reel_track *video = reel_movie_track(f.movie, 0);
    assert_int_equal(reel_hls_media(&f.s, &video, 1, NULL, &plan, &err), REEL_E_TRUNCATED);
    assert_non_null(strstr(err.text, "track 1: none of its segments can be had"));
    assert_int_equal(reel_hls_multivariant(&r, 1, NULL, &plan, &err), REEL_E_TRUNCATED);
    assert_int_equal(reel_dash_manifest(&r, 1, NULL, &plan, &err), REEL_E_TRUNCATED);
    f.s.flags = 0;
    text = media(&f, 0, NULL);
    assert_non_null(strstr(text, "\n102400.m4s")); /* without the flag all is named */
    free(text);
    done(&f);
}

/* A sample entry without a name was carried into init segments, and CODECS had what it is not called. */
static void test_entries_without_a_name(void **state)
{
    (void)state;
    static const uint32_t types[] = {0, 0x61766331, 0x6d730055, 0x61766380};
    for (size_t i = 0; i < 4; i++) {
        film f = make(simple, 2, 2000, NULL);
        reel_rendition r = {&f.s, ""};
        b_set32(&f.b, b_find(&f.b, "moov/trak[1]/mdia/minf/stbl/stsd/avc1") + 4, types[i]);
        cut_short(&f, 600000);
        const reel_track *t = reel_movie_track(f.movie, 0);
        assert_int_equal(reel_track_streams(t), i == 1);
        char *text = multivariant(&r, 1, NULL);
        assert_int_equal(strstr(text, "t1/index.m3u8") != NULL, i == 1);
        assert_non_null(strstr(text, "t2/index.m3u8"));
        for (const char *p = text; *p; p++)
            assert_true(*p == '\n' || (*p >= ' ' && *p <= '~'));
        free(text);
        done(&f);
    }
}

/*
 * A telephone trims a film by its edit list. Playlists had all of the media, that in front of the piece in a first segment
 * which could be as long as the film, and that behind it.
 */
static void test_trimmed(void **state)
{
    (void)state;
    static const b_run stts[] = {{250, 512}}, ctts[] = {{1, 1024}, {249, 512}};
    static const b_chunks one[] = {{1, 250, 1}};
    static const uint64_t chunk[] = {0};
    static const uint32_t keys[] = {1, 26, 51, 76, 101, 126, 151, 176, 201, 226};
    static const b_edit edits[][2] = {
        {{3300, 4 * 12800 + 2560, 0x10000}, {0, 0, 0}},       /* [4.2, 7.5) of ten seconds */
        {{3300, 4 * 12800 + 2560, 0x10000}, {500, 0, 0x10000}}, /* and something else behind it */
    };
    for (size_t i = 0; i < 2; i++) {
        film f = {.movie = NULL};
        b_track t = {.timescale = 12800, .stts = stts, .stts_n = 1, .ctts = ctts, .ctts_n = 2, .stsc = one, .stsc_n = 1,
                     .samples = 250, .uniform_size = 100, .chunks = chunk, .chunk_n = 1, .stss = keys, .stss_n = 10,
                     .edits = edits[i], .edit_n = (uint32_t)i + 1};
        b_film(&f.b, &(b_movie){.track = &t, .tracks = 1, .media_size = 25000});
        cut_short(&f, 25000);
        const reel_track *video = reel_movie_track(f.movie, 0);
        reel_error err;
        reel_plan *plan = NULL;
        uint64_t samples = 0, first = UINT64_MAX;
        reel_segment x;
        reel_portion p;
        for (int c = reel_segmenter_at(&f.s, INT64_MIN, &x, NULL); c == REEL_OK; c = reel_segmenter_next(&f.s, &x, &x, NULL)) {
            reel_segment again;
            assert_int_equal(reel_segment_portion(&f.s, &x, video, &p, NULL), REEL_OK);
            assert_int_equal(reel_segment_named(&f.s, video, p.time, &again, NULL), REEL_OK);
            assert_int_equal(again.first, x.first);
            first = first < p.first ? first : p.first;
            samples += p.end - p.first;
        }
        assert_int_equal(reel_segmenter_at(&f.s, INT64_MAX, &x, NULL), REEL_OK);
        assert_int_equal(x.end, i ? 250 : f.s.samples);
        assert_int_equal(first, i ? 0 : 100);
        assert_in_range(samples, i ? 250 : 86, i ? 250 : 87);
        entries *e = read_media(media(&f, 0, NULL), false);
        assert_in_range(e->total, i ? 5700000 : 3300000, i ? 5900000 : 3300000);
        free(e);
        e = read_media(made_text(reel_hls_iframes(&f.s, video, NULL, &plan, &err), &plan, &err), false);
        assert_int_equal(e->n, i ? 10 : 4);
        assert_in_range(e->total, i ? 5700000 : 3300000, i ? 5900000 : 3300000);
        free(e);
        const reel_rendition r = {&f.s, ""};
        char *xml = manifest(&r, 1, NULL);
        assert_int_equal(strstr(xml, "mediaPresentationDuration=\"PT3.3") != NULL, i == 0);
        free(xml);
        done(&f);
    }
}

/*
 * Of a film that was cut short the last segment comes in part, and playlists said that it lasts as long as the whole one;
 * the I pictures and the subtitles beside it as long as the film that it was.
 */
static void test_ends_where_samples_do(void **state)
{
    (void)state;
    reel_error err;
    reel_plan *plan = NULL;
    film f = make(simple, 3, 2000, NULL);
    reel_rendition r = {.segmenter = &f.s, .prefix = ""};
    const reel_track *t[] = {reel_movie_track(f.movie, 0), reel_movie_track(f.movie, 1)};
    cut_short(&f, 45 * SAMPLE * 2);
    t[0] = reel_movie_track(f.movie, 0);
    t[1] = reel_movie_track(f.movie, 1);
    entries *e[] = {
        read_media(media(&f, 0, NULL), false),
        read_media(made_text(reel_hls_media(&f.s, t, 2, NULL, &plan, &err), &plan, &err), false),
        read_media(made_text(reel_hls_iframes(&f.s, t[0], NULL, &plan, &err), &plan, &err), false),
        read_media(made_text(reel_hls_sidecar(&f.s, "file.vtt", NULL, &plan, &err), &plan, &err), false),
    };
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        assert_int_equal(e[i]->total, 3600000);
        free(e[i]);
    }
    e[0] = read_media(media(&f, 1, NULL), false);
    assert_in_range(e[0]->total, 1890000, 1900000); /* 90 frames, without the priming */
    free(e[0]);
    e[0] = read_media(media(&f, 2, NULL), false); /* text, by the segments of the film */
    assert_int_equal(e[0]->total, 3600000);
    free(e[0]);
    char *xml = manifest(&r, 1, NULL);
    assert_non_null(strstr(xml, "mediaPresentationDuration=\"PT3.6"));
    free(xml);
    done(&f);
}

/* In the minute after it was written a film that was cut short counts as one that grows: all was named. */
static void test_live_and_cut_short(void **state)
{
    (void)state;
    film f = make(simple, 2, 2000, NULL);
    reel_playlist_options o = {.sizeof_options = sizeof o, .flags = REEL_STREAM_LIVE};
    static const size_t frames[] = {250, 125, 90, 40}, named[] = {4, 2, 1, 0};
    for (size_t i = 0; i < 4; i++) {
        reel_plan *plan = NULL;
        reel_error err;
        cut_short(&f, frames[i] * SAMPLE);
        f.s.flags = 0;
        const reel_track *video = reel_movie_track(f.movie, 0);
        entries *e = read_media(media(&f, 0, &o), true);
        assert_int_equal(e->n, named[i]);
        for (size_t k = 0; k < e->n; k++) {
            reel_segment x;
            assert_int_equal(reel_segment_named(&f.s, video, strtoll(e->uri[k], NULL, 10), &x, NULL), REEL_OK);
            assert_int_equal(reel_stream_segment(&f.s, &x, &video, 1, NULL, &plan, NULL), REEL_OK);
            reel_plan_close(&plan);
        }
        free(e);
        e = read_media(made_text(reel_hls_iframes(&f.s, video, &o, &plan, &err), &plan, &err), true);
        for (size_t k = 0; k < e->n; k++) {
            assert_int_equal(reel_stream_picture(video, strtoll(e->uri[k] + 1, NULL, 10), NULL, &plan, NULL), REEL_OK);
            reel_plan_close(&plan);
        }
        free(e);
    }
    done(&f);
}

static void test_bad_calls(void **state)
{
    (void)state;
    film f = make(simple, 3, 1000, NULL), other = make(simple, 1, 1000, NULL);
    reel_plan *plan = NULL;
    const reel_track *t[] = {reel_movie_track(f.movie, 0), reel_movie_track(f.movie, 2)};
    const reel_track *stranger = reel_movie_track(other.movie, 0);
    const reel_rendition none = {NULL, ""};
    const reel_playlist_options small = {.sizeof_options = 8};
    assert_int_equal(reel_hls_multivariant(NULL, 1, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_hls_multivariant(&none, 1, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_dash_manifest(&none, 1, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_hls_media(&f.s, t, 0, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_hls_media(&f.s, t, 2, NULL, &plan, NULL), REEL_E_ARG); /* text is not muxed */
    assert_int_equal(reel_hls_media(&f.s, &stranger, 1, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_hls_media(&f.s, t, 1, &small, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_hls_iframes(&f.s, NULL, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_hls_sidecar(&f.s, NULL, NULL, &plan, NULL), REEL_E_ARG);
    done(&f);
    done(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_multivariant), cmocka_unit_test(test_media),          cmocka_unit_test(test_muxed),
        cmocka_unit_test(test_iframes),      cmocka_unit_test(test_live),           cmocka_unit_test(test_groups_of_codecs),
        cmocka_unit_test(test_groups_apart), cmocka_unit_test(test_names_alike),    cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_renditions),   cmocka_unit_test(test_sound_alone),    cmocka_unit_test(test_sidecar),
        cmocka_unit_test(test_bandwidth),    cmocka_unit_test(test_keys),           cmocka_unit_test(test_random),
        cmocka_unit_test(test_cut_short),    cmocka_unit_test(test_ends_where_samples_do),
        cmocka_unit_test(test_entries_without_a_name), cmocka_unit_test(test_trimmed),
        cmocka_unit_test(test_live_and_cut_short), cmocka_unit_test(test_memory),       cmocka_unit_test(test_bad_calls),      cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_ranges_of_pictures), cmocka_unit_test(test_file_is_a_film),
        cmocka_unit_test(test_manifest_of_files), cmocka_unit_test(test_bad_files), cmocka_unit_test(test_memory_of_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
