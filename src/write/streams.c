/* SPDX-License-Identifier: BSD-2-Clause */
/* What playlists say of a track: codecs, sizes, frame rate, language and name. */
#include "write/playlist.h"

#include <stdio.h>

#include "base/checked.h"
#include "base/utf.h"

enum { MOST_DESCRIPTIONS = 16 };

/* ---- text ---- */

void reel__plain_text(reel_span span, char *out, size_t size)
{
    reel_text text = reel__text_of(span);
    uint32_t point;
    size_t n = 0;
    char buf[4];
    while (reel_text_next(&text, &point)) {
        if (reel_text_is_command(point) || (point & 0xfffe) == 0xfffe || (point == ' ' && n == 0))
            continue;
        size_t bytes = reel_text_utf8(point == '"' ? '\'' : point, buf);
        if (n + bytes >= size)
            break;
        memcpy(out + n, buf, bytes);
        n += bytes;
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = 0;
}

void reel__put_uri(reel__out *o, const char *uri)
{
    for (const char *p = uri; *p; p++) {
        uint8_t c = (uint8_t)*p;
        if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}", c))
            reel__out_format(o, "%%%02X", c);
        else
            reel__out_8(o, c);
    }
}

/* A codec string is made of a sample entry's four bytes, which may be any. */
static void clean_codec(const char *codec, char *out, size_t size)
{
    size_t n = 0;
    for (; *codec && n + 1 < size; codec++) {
        char c = *codec;
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        out[n++] = (char)(plain || strchr(".-_+", c) ? c : '-');
    }
    while (n > 0 && out[n - 1] == '-')
        n--;
    out[n] = 0;
}

static bool has_codec(const char *list, const char *codec, size_t n)
{
    for (const char *at = list; at && *at; at = strchr(at, ',')) {
        at += *at == ',';
        size_t length = strcspn(at, ",");
        if (length == n && !memcmp(at, codec, n))
            return true;
    }
    return false;
}

void reel__add_codecs(char *to, size_t size, const char *codecs)
{
    while (*codecs) {
        size_t n = strcspn(codecs, ","), have = strlen(to);
        if (n && have + n + 2 <= size && !has_codec(to, codecs, n))
            snprintf(to + have, size - have, "%s%.*s", have ? "," : "", (int)n, codecs);
        codecs += n + (codecs[n] == ',');
    }
}

/* ---- languages: ISO 639-2 as films have it, BCP 47 as playlists want it ---- */

static const struct {
    char old[2][4]; /* both codes where ISO 639-2 has two */
    char tag[3];
    const char *name;
} languages[] = {
    {{"ara", ""}, "ar", "Arabic"},       {{"ben", ""}, "bn", "Bengali"},     {{"bul", ""}, "bg", "Bulgarian"},
    {{"cat", ""}, "ca", "Catalan"},      {{"ces", "cze"}, "cs", "Czech"},    {{"dan", ""}, "da", "Danish"},
    {{"deu", "ger"}, "de", "German"},    {{"ell", "gre"}, "el", "Greek"},    {{"eng", ""}, "en", "English"},
    {{"spa", ""}, "es", "Spanish"},      {{"est", ""}, "et", "Estonian"},    {{"eus", "baq"}, "eu", "Basque"},
    {{"fas", "per"}, "fa", "Persian"},   {{"fin", ""}, "fi", "Finnish"},     {{"fra", "fre"}, "fr", "French"},
    {{"gle", ""}, "ga", "Irish"},        {{"glg", ""}, "gl", "Galician"},    {{"heb", ""}, "he", "Hebrew"},
    {{"hin", ""}, "hi", "Hindi"},        {{"hrv", ""}, "hr", "Croatian"},    {{"hun", ""}, "hu", "Hungarian"},
    {{"ind", ""}, "id", "Indonesian"},   {{"isl", "ice"}, "is", "Icelandic"}, {{"ita", ""}, "it", "Italian"},
    {{"jpn", ""}, "ja", "Japanese"},     {{"kor", ""}, "ko", "Korean"},      {{"lav", ""}, "lv", "Latvian"},
    {{"lit", ""}, "lt", "Lithuanian"},   {{"msa", "may"}, "ms", "Malay"},    {{"nld", "dut"}, "nl", "Dutch"},
    {{"nob", ""}, "nb", "Norwegian"},    {{"nor", ""}, "no", "Norwegian"},   {{"pol", ""}, "pl", "Polish"},
    {{"por", ""}, "pt", "Portuguese"},   {{"ron", "rum"}, "ro", "Romanian"}, {{"rus", ""}, "ru", "Russian"},
    {{"slk", "slo"}, "sk", "Slovak"},    {{"slv", ""}, "sl", "Slovenian"},   {{"srp", ""}, "sr", "Serbian"},
    {{"swe", ""}, "sv", "Swedish"},      {{"tam", ""}, "ta", "Tamil"},       {{"tel", ""}, "te", "Telugu"},
    {{"tha", ""}, "th", "Thai"},         {{"tur", ""}, "tr", "Turkish"},     {{"ukr", ""}, "uk", "Ukrainian"},
    {{"urd", ""}, "ur", "Urdu"},         {{"vie", ""}, "vi", "Vietnamese"},  {{"zho", "chi"}, "zh", "Chinese"},
};

enum { LANGUAGES = sizeof languages / sizeof *languages };

void reel__language(const char *said, char out[36])
{
    size_t n = said ? strlen(said) : 0;
    out[0] = 0;
    if (n < 2 || n > 35 || said[0] == '-' || said[n - 1] == '-' || !strcmp(said, "und") || strstr(said, "--"))
        return;
    for (size_t i = 0; i < n; i++)
        if (!((said[i] | 0x20) >= 'a' && (said[i] | 0x20) <= 'z') && !(said[i] >= '0' && said[i] <= '9') && said[i] != '-')
            return;
    memcpy(out, said, n + 1);
    for (size_t i = 0; i < LANGUAGES; i++)
        if (!strcmp(said, languages[i].old[0]) || !strcmp(said, languages[i].old[1]))
            memcpy(out, languages[i].tag, sizeof languages[i].tag);
}

const char *reel__language_name(const char *tag)
{
    for (size_t i = 0; i < LANGUAGES; i++)
        if (!strcmp(tag, languages[i].tag))
            return languages[i].name;
    return tag;
}

/* What programs write when nobody named the track. */
static bool is_a_handlers_name(const char *name)
{
    static const char *const marks[] = {"handler", "core media", "gpac", "l-smash", "bento4", "mainconcept", "iso media",
                                        "apple", "stereo track", "mp4box"};
    char low[96];
    size_t n = 0;
    for (; name[n] && n + 1 < sizeof low; n++)
        low[n] = name[n] >= 'A' && name[n] <= 'Z' ? (char)(name[n] + 32) : name[n];
    low[n] = 0;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strstr(low, marks[i]))
            return true;
    return n == 0;
}

static void name(reel__stream *s)
{
    static const char *const types[] = {[REEL_TRACK_VIDEO] = "Video", [REEL_TRACK_AUDIO] = "Audio",
                                        [REEL_TRACK_TEXT] = "Subtitles"};
    reel__plain_text(s->info.name, s->name, sizeof s->name);
    if (is_a_handlers_name(s->name))
        snprintf(s->name, sizeof s->name, "%s", s->language[0] ? reel__language_name(s->language) : types[s->info.type]);
}

/* ---- codecs ---- */

static void read_codecs(reel__stream *s)
{
    reel_description d;
    char codec[64];
    uint32_t n = REEL__MIN(s->info.description_count, (uint32_t)MOST_DESCRIPTIONS);
    for (uint32_t i = 1; i <= n && !s->text; i++)
        if (reel_track_description(s->track, i, &d, NULL) == REEL_OK) {
            clean_codec(d.codec, codec, sizeof codec);
            reel__add_codecs(s->codecs, sizeof s->codecs, codec);
        }
}

/* Players choose a group by what they can decode: mp4a alone says nothing, its object type does. */
static void find_family(reel__stream *s)
{
    size_t n = strcspn(s->codecs, ",."), all = strcspn(s->codecs, ",");
    if (!strncmp(s->codecs, "mp4a.40", 7))
        snprintf(s->family, sizeof s->family, "aac");
    else if (!strncmp(s->codecs, "mp4a", 4))
        snprintf(s->family, sizeof s->family, "%.*s", (int)REEL__MIN(all, 14), s->codecs);
    else
        snprintf(s->family, sizeof s->family, "%.*s", (int)REEL__MIN(n, 14), s->codecs);
}

/* ---- pictures ---- */

static uint32_t scaled(uint64_t v, uint64_t num, uint64_t den)
{
    uint64_t out = den ? (v * num + den / 2) / den : v;
    return (uint32_t)REEL__MIN(REEL__MAX(out, 1), 0xffff);
}

/* How large a player shows it, upright. Without pasp some writers say the shape in tkhd alone. */
static void find_size(reel__stream *s)
{
    const reel_description *d = &s->d;
    uint32_t width = d->width, height = d->height;
    if (d->clap[1] && d->clap[3] && d->clap[0] / d->clap[1] > 0 && d->clap[0] / d->clap[1] <= width &&
        d->clap[2] / d->clap[3] > 0 && d->clap[2] / d->clap[3] <= height) {
        width = d->clap[0] / d->clap[1];
        height = d->clap[2] / d->clap[3];
    }
    if (d->pixel_aspect.num && d->pixel_aspect.den)
        width = scaled(width, d->pixel_aspect.num, d->pixel_aspect.den);
    else if (s->info.height >> 16 == height && s->info.width >> 16 > 0)
        width = s->info.width >> 16;
    if (!width || !height) {
        width = s->info.width >> 16;
        height = s->info.height >> 16;
    }
    bool turned = s->info.rotation == 90 || s->info.rotation == 270;
    s->width = turned ? height : width;
    s->height = turned ? width : height;
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    while (b) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The duration that most of a few samples from all over the track have; 0: they have none in common. */
static uint32_t usual_duration(const reel_track *track, uint64_t count)
{
    enum { PROBES = 9 };
    uint32_t duration[PROBES] = {0};
    reel_sample s;
    for (uint64_t i = 0; i < PROBES; i++)
        if (reel_track_sample(track, (count - 1) / PROBES * i + REEL__MIN(i, (count - 1) % PROBES), &s, NULL) == REEL_OK)
            duration[i] = s.duration;
    for (size_t i = 0; i < PROBES; i++) {
        size_t same = 0;
        for (size_t k = 0; k < PROBES; k++)
            same += duration[k] == duration[i];
        if (same > PROBES / 2)
            return duration[i];
    }
    return 0;
}

/* A steady rate as the timescale has it; else the average, in thousandths. */
static void find_frame_rate(reel__stream *s)
{
    uint64_t count;
    reel_sample first, last;
    if (reel_track_sample_count(s->track, &count, NULL) != REEL_OK || count < 2)
        return;
    uint32_t usual = usual_duration(s->track, count), by;
    if (usual) {
        by = common_divisor(s->info.timescale, usual);
        s->fps = (reel_rational){s->info.timescale / by, usual / by};
    } else if (reel_track_sample(s->track, 0, &first, NULL) == REEL_OK &&
               reel_track_sample(s->track, count - 1, &last, NULL) == REEL_OK && last.dts > first.dts) {
        double rate = (double)(count - 1) * s->info.timescale / (double)reel__distance(last.dts, first.dts);
        if (rate < 1e6)
            s->fps = (reel_rational){(uint32_t)(rate * 1000 + 0.5), 1000};
    }
    if (s->fps.num == 0)
        s->fps.den = 0;
}

/* 3GPP TS 26.245 5.16: all of its samples are forced */
static bool is_forced(const reel_description *d)
{
    enum { DISPLAY_FLAGS = 16 };
    return d->codec_format == REEL_4CC('t', 'x', '3', 'g') && d->entry.size > DISPLAY_FLAGS &&
           d->entry.data[DISPLAY_FLAGS] & 0x80;
}

/* ---- all of them ---- */

struct collect {
    const reel_allocator *alloc;
    reel__stream *list;
    size_t n, room;
    uint32_t lookups;
    bool keys;
    bool played, lost; /* is there something else than text; was some of that left out */
};

static reel__stream *new_stream(struct collect *c)
{
    if (c->n == c->room) {
        size_t room = c->room ? c->room * 2 : 4;
        reel__stream *grown = reel__realloc_array(c->alloc, c->list, room, sizeof *grown);
        if (!grown)
            return NULL;
        c->list = grown;
        c->room = room;
    }
    memset(&c->list[c->n], 0, sizeof *c->list);
    return &c->list[c->n];
}

static int add_stream(struct collect *c, const reel_rendition *r, size_t rendition, const reel_track *track,
                      reel_error *err)
{
    reel__stream *s = new_stream(c);
    if (!s)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    s->track = track;
    s->segmenter = r->segmenter;
    s->prefix = r->prefix ? r->prefix : "";
    s->rendition = rendition;
    s->text = reel__streams_as(track) == REEL__STREAMS_TEXT;
    reel_track_get_info(track, &s->info);
    int code = reel_track_description(track, 1, &s->d, err);
    if (code == REEL_OK)
        code = reel__measure(r->segmenter, track, c->alloc, &c->lookups, &s->rate, err);
    if (code == REEL_OK && c->keys && s->info.type == REEL_TRACK_VIDEO)
        code = reel__measure_keys(r->segmenter, track, c->alloc, &c->lookups, &s->keys, err);
    if (code != REEL_OK)
        return code;
    if (s->rate.nothing && r->segmenter->flags & REEL_SEGMENTER_READABLE) {
        c->lost = true; /* its playlist would be empty: it is not named */
        return REEL_OK;
    }
    reel__protection_of(track, &s->protection);
    reel__language(s->info.language, s->language);
    name(s);
    read_codecs(s);
    find_family(s);
    s->forced = is_forced(&s->d);
    if (s->info.type == REEL_TRACK_VIDEO) {
        find_size(s);
        find_frame_rate(s);
    }
    c->played |= s->info.type != REEL_TRACK_TEXT;
    c->n++;
    return REEL_OK;
}

static int add_rendition(struct collect *c, const reel_rendition *r, size_t rendition, uint32_t type, reel_error *err)
{
    int code = REEL_OK;
    const reel_movie *m = r->segmenter->movie;
    size_t before = c->n;
    for (size_t i = 0; code == REEL_OK && i < reel_movie_track_count(m) && c->n - before < REEL__MOST_STREAMS; i++) {
        const reel_track *t = reel_movie_track(m, i);
        if (t->type == type && t->handler != REEL_4CC('a', 'u', 'x', 'v') && reel_track_streams(t))
            code = add_stream(c, r, rendition, t, err);
    }
    return code;
}

int reel__streams_of(const reel_rendition *renditions, size_t n, bool keys, const reel_allocator *alloc,
                     reel__stream **out, size_t *count, reel_error *err)
{
    static const uint32_t types[] = {REEL_TRACK_VIDEO, REEL_TRACK_AUDIO, REEL_TRACK_TEXT};
    struct collect c = {.alloc = alloc, .lookups = REEL__MOST_LOOKUPS, .keys = keys};
    int code = REEL_OK;
    for (size_t k = 0; k < sizeof types / sizeof *types; k++)
        for (size_t i = 0; code == REEL_OK && i < n; i++)
            code = renditions[i].segmenter && renditions[i].segmenter->movie
                       ? add_rendition(&c, &renditions[i], i, types[k], err)
                       : reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "a rendition without segmenter");
    if (code == REEL_OK && c.lost && !c.played)
        code = reel__fail(err, REEL_E_TRUNCATED, REEL_NO_OFFSET, NULL,
                          "no segment of any track can be had: the film is damaged, or cut short");
    if (code != REEL_OK) {
        reel__free(alloc, c.list);
        return code;
    }
    *out = c.list;
    *count = c.n;
    return REEL_OK;
}
