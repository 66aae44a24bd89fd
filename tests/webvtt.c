/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * WebVTT: cues of text tracks in all forms, cut by segments, and subtitle files as people have them. Whatever goes in, what
 * comes out is read by somebody strict. Faces src/write/webvtt.c, webvtt_file.c, vtt.c, src/base/utf.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <reel/stream.h>

#include "build.h"
#include "made.h"

#define MAP "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"

/* ---- somebody strict -------------------------------------------------------------------------------------------- */

static uint64_t clock_of(const char *s)
{
    unsigned h, m, sec, ms;
    assert_int_equal(sscanf(s, "%u:%2u:%2u.%3u", &h, &m, &sec, &ms), 4);
    assert_true(m < 60 && sec < 60);
    return ((h * 60ull + m) * 60 + sec) * 1000 + ms;
}

static void check_utf8(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        unsigned n = *p < 0x80 ? 0 : *p >= 0xf0 && *p < 0xf8 ? 3 : *p >= 0xe0 ? 2 : *p >= 0xc2 ? 1 : 9;
        assert_true(n < 9 && (*p >= 0x20 || *p == '\n' || *p == '\t') && *p != 0x7f);
        for (p++; n > 0; n--)
            assert_int_equal(*p++ & 0xc0, 0x80);
    }
}

/* Gives how many cues there are. An arrow is on lines of times only, these are in order, and each lasts. */
static size_t check_vtt(const char *text)
{
    size_t cues = 0;
    uint64_t before = 0;
    check_utf8(text);
    assert_memory_equal(text, "WEBVTT", 6);
    assert_true(text[6] == '\n' || text[6] == ' ');
    for (const char *line = text; *line;) {
        const char *end = strchr(line, '\n');
        assert_non_null(end);
        const char *arrow = strstr(line, "-->");
        if (arrow && arrow < end) {
            uint64_t start = clock_of(line), stop = clock_of(arrow + 4);
            assert_true(arrow - line >= 13 && stop > start && start >= before);
            assert_null(strstr(arrow + 3, "-->") && strstr(arrow + 3, "-->") < end ? text : NULL);
            before = start;
            cues++;
        }
        line = end + 1;
    }
    return cues;
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

static char *convert_bytes(const void *data, size_t size)
{
    reel_plan *plan = NULL;
    reel_error err;
    int code = reel_webvtt_from_file(data, size, NULL, &plan, &err);
    if (code != REEL_OK)
        fail_msg("%s: %s", reel_code_name(code), err.text);
    char *text = text_of(plan);
    check_vtt(text);
    return text;
}

static void becomes(const char *from, const char *to)
{
    char *text = convert_bytes(from, strlen(from));
    char head[] = "WEBVTT\n" MAP "\n";
    assert_memory_equal(text, head, sizeof head - 1);
    assert_string_equal(text + sizeof head - 1, to);
    free(text);
}

static void test_srt(void **state)
{
    (void)state;
    becomes("1\n00:00:01,000 --> 00:00:02,500\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\ntwo\nlines\n",
            "00:00:01.000 --> 00:00:02.500\nHello\n\n00:00:03.000 --> 00:00:04.000\ntwo\nlines\n\n");
    becomes("1\r\n00:00:01,000 --> 00:00:02,500\r\nHello\r\n\r\n", "00:00:01.000 --> 00:00:02.500\nHello\n\n");
    becomes("1\r00:00:01,000 --> 00:00:02,500\rHello", "00:00:01.000 --> 00:00:02.500\nHello\n\n");
    becomes("0:1:2.5 --> 0:1:3,25 X1:10 Y1:20\n<font color=red>r</font> <i>i <b>b</b></i> a < b & c",
            "00:01:02.500 --> 00:01:03.250\nr <i>i </i><b><i>b</i></b> a &lt; b &amp; c\n\n");
    becomes("1\n00:00:01,0 --> 00:00:02,0\n{\\an8}top\n", "00:00:01.000 --> 00:00:02.000 line:0\ntop\n\n");
}

static void test_srt_that_is_odd(void **state)
{
    (void)state;
    /* an empty line in the middle of a cue; a cue that ends with a number; no number; numbers without a break */
    becomes("1\n00:00:01,000 --> 00:00:02,000\na\n\nb\n\n2\n00:00:03,000 --> 00:00:04,000\n42\n00:00:05,000 --> 00:00:06,000\nc\n",
            "00:00:01.000 --> 00:00:02.000\na\nb\n\n00:00:05.000 --> 00:00:06.000\nc\n\n");
    /* out of order, backwards, of no length, without text */
    becomes("00:00:09,000 --> 00:00:10,000\nlast\n\n00:00:01,000 --> 00:00:02,000\nfirst\n\n00:00:05,000 --> 00:00:04,000\nx\n\n"
            "00:00:05,000 --> 00:00:05,000\nx\n\n00:00:05,000 --> 00:00:06,000\n \n",
            "00:00:01.000 --> 00:00:02.000\nfirst\n\n00:00:09.000 --> 00:00:10.000\nlast\n\n");
    becomes("00:00:01,000 --> 00:00:02,000\na --> b\n-->\n", "00:00:01.000 --> 00:00:02.000\na --&gt; b\n--&gt;\n\n");
}

static void test_vtt(void **state)
{
    (void)state;
    becomes("WEBVTT", "");
    becomes("WEBVTT - title\nKind: captions\n\nNOTE no\n00 --> x\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:a\n\nintro\n"
            "00:01.000 --> 00:02.000 align:left\n<v Bob>Hi & <i>you</i>\n\n00:03.000 --> 00:04.000\nb\n",
            "STYLE\n::cue { color: red }\n\nREGION\nid:a\n\nintro\n00:00:01.000 --> 00:00:02.000 align:left\n"
            "<v Bob>Hi & <i>you</i>\n\n00:00:03.000 --> 00:00:04.000\nb\n\n");
    becomes("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:01.000 --> 00:02.000\na\n",
            "00:00:01.000 --> 00:00:02.000\na\n\n");
    becomes("WEBVTT\n\n00:01.000 --> 00:02.000\na\n00:02.000 --> 00:03.000 --> x\nb\n",
            "00:00:01.000 --> 00:00:02.000\na\n\n00:00:02.000 --> 00:00:03.000 -- x\nb\n\n");
}

static void test_encodings(void **state)
{
    (void)state;
    static const char utf8[] = "\xef\xbb\xbfWEBVTT\n\n00:01.000 --> 00:02.000\n\xc3\xa9\xe2\x82\xac\n";
    static const char windows[] = "1\n00:00:01,000 --> 00:00:02,000\n\xe9\x80\n";
    static const char want[] = "WEBVTT\n" MAP "\n00:00:01.000 --> 00:00:02.000\n\xc3\xa9\xe2\x82\xac\n\n";
    static const uint16_t plain[] = {'0', '0', ':', '0', '1', ',', '0', ' ', '-', '-', '>', ' ', '0', '0', ':', '0', '2', '\n',
                                     0xe9, 0x20ac, '\r', '\n'};
    char *text = convert_bytes(utf8, sizeof utf8 - 1);
    assert_string_equal(text, want);
    free(text);
    text = convert_bytes(windows, sizeof windows - 1);
    assert_string_equal(text, want);
    free(text);
    for (int little = 0; little < 2; little++) {
        b_buf b = {0};
        b_u16(&b, little ? 0xfffe : 0xfeff);
        for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
            b_u16(&b, little ? (uint16_t)(plain[i] << 8 | plain[i] >> 8) : plain[i]);
        text = convert_bytes(b.data, b.size);
        assert_string_equal(text, want);
        free(text);
        b_u8(&b, 0xd8); /* half a character */
        free(convert_bytes(b.data, b.size));
        b_free(&b);
    }
}

static void test_no_subtitles(void **state)
{
    (void)state;
    reel_plan *plan = NULL;
    assert_int_equal(reel_webvtt_from_file("no cue", 6, NULL, &plan, NULL), REEL_E_UNSUPPORTED);
    assert_int_equal(reel_webvtt_from_file(NULL, 1, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_webvtt_from_file("", (size_t)17 << 20, NULL, &plan, NULL), REEL_E_RANGE);
    free(convert_bytes("", 0));
    assert_null(plan);
}

/* Any bytes; mostly those that mean something. */
static void test_hostile_files(void **state)
{
    (void)state;
    static const char *const words[] = {"WEBVTT", "\n", "\n\n", "\r\n", "-->", " --> ", "00:00:01.000", "00:02,5", "1", "<i>", "</i>",
                                        "<", ">", "&", "{\\an8}", "STYLE\n", "NOTE ", "\xff", "\xc3", "\x01", "--", "99:99:99",
                                        "999999999:00:00.000", "\xe2\x80\xa8", "\xef\xbb\xbf", "x"};
    uint64_t dice = 7;
    for (int n = 0; n < 20000; n++) {
        b_buf b = {0};
        if (b_below(&dice, 2))
            b_text(&b, b_below(&dice, 2) ? "WEBVTT\n\n" : "00:01.000 --> 00:02.000\n");
        for (uint32_t i = b_below(&dice, 40); i > 0; i--)
            b_text(&b, words[b_below(&dice, sizeof words / sizeof *words)]);
        if (b_below(&dice, 10) == 0)
            b_u8(&b, 0);
        reel_plan *plan = NULL;
        if (reel_webvtt_from_file(b.data ? b.data : (const uint8_t *)"", b.size, NULL, &plan, NULL) == REEL_OK) {
            char *text = text_of(plan);
            check_vtt(text);
            free(text);
        }
        b_free(&b);
    }
}

/* ---- tracks ----------------------------------------------------------------------------------------------------- */

enum { MOST_SAMPLES = 40 };

/* A film of ten seconds of pictures, one a second and all I pictures, and a text track in thousandths. */
typedef struct film {
    b_buf b, samples, entry;
    uint32_t sizes[MOST_SAMPLES];
    b_run stts[MOST_SAMPLES];
    uint32_t n;
    reel_source *source;
    reel_movie *movie;
    const reel_track *text;
    reel_segmenter s;
} film;

static void sample(film *f, uint32_t duration, const b_buf *bytes)
{
    b_append(&f->samples, bytes);
    f->sizes[f->n] = (uint32_t)bytes->size;
    f->stts[f->n++] = (b_run){1, duration};
}

static void tx3g(film *f, uint32_t duration, const char *text, uint8_t face, uint16_t from, uint16_t to)
{
    b_buf b = {0};
    b_u16(&b, strlen(text));
    b_text(&b, text);
    if (face) {
        b_box(&b, "styl");
        b_u16(&b, 1);
        b_u16(&b, from);
        b_u16(&b, to);
        b_u16(&b, 1);
        b_u8(&b, face);
        b_u8(&b, 18);
        b_u32(&b, 0xffffffff);
        b_end(&b);
    }
    sample(f, duration, &b);
    b_free(&b);
}

static void vttc(b_buf *b, const char *id, const char *settings, const char *text)
{
    b_box(b, "vttc");
    b_box(b, "iden");
    b_text(b, id);
    b_end(b);
    b_box(b, "sttg");
    b_text(b, settings);
    b_end(b);
    b_box(b, "payl");
    b_text(b, text);
    b_end(b);
    b_end(b);
}

static void entry(film *f, const char *type, const char *config)
{
    b_box(&f->entry, type);
    b_fill(&f->entry, 0, 6);
    b_u16(&f->entry, 1);
    if (config) {
        b_box(&f->entry, "vttC");
        b_text(&f->entry, config);
        b_end(&f->entry);
    } else {
        b_fill(&f->entry, 0, 34);
    }
    b_end(&f->entry);
}

static void finish(film *f, const b_edit *edits, uint32_t edit_n)
{
    static const b_run video[] = {{10, 1000}};
    static const b_chunks one[] = {{1, 1000, 1}};
    static const uint64_t chunk[] = {0};
    b_track tracks[] = {{.stts = video, .stts_n = 1, .stsc = one, .stsc_n = 1, .samples = 10, .uniform_size = 1, .chunks = chunk,
                         .chunk_n = 1},
                        {.handler = "sbtl", .entries = &f->entry, .stts = f->stts, .stts_n = f->n, .stsc = one, .stsc_n = 1,
                         .samples = f->n, .sizes = f->sizes, .chunks = chunk, .chunk_n = 1, .edits = edits, .edit_n = edit_n}};
    b_film(&f->b, &(b_movie){.track = tracks, .tracks = 2, .media = f->samples.data, .media_size = f->samples.size});
    assert_int_equal(reel_source_memory(f->b.data, f->b.size, NULL, NULL, &f->source), REEL_OK);
    assert_int_equal(reel_open(f->source, NULL, &f->movie, NULL), REEL_OK);
    assert_int_equal(reel_segmenter_init(&f->s, f->movie, 2000, NULL), REEL_OK);
    f->text = reel_movie_track(f->movie, 1);
}

static void done(film *f)
{
    reel_close(&f->movie);
    reel_source_unref(&f->source);
    b_free(&f->b);
    b_free(&f->samples);
    b_free(&f->entry);
}

static void shows(const film *f, int64_t time, const char *want)
{
    reel_segment x;
    reel_plan *plan = NULL;
    reel_error err;
    if (time >= 0)
        assert_int_equal(reel_segmenter_at(&f->s, time, &x, NULL), REEL_OK);
    int code = reel_stream_webvtt(&f->s, time >= 0 ? &x : NULL, f->text, false, NULL, &plan, &err);
    if (code != REEL_OK)
        fail_msg("%s: %s", reel_code_name(code), err.text);
    char *text = text_of(plan);
    check_vtt(text);
    assert_string_equal(text, want);
    free(text);
}

static void is_file(const reel_track *track, uint64_t first, uint64_t last, uint32_t form, const char *want)
{
    reel_plan *plan = NULL;
    reel_error err;
    if (reel_stream_text(track, first, last, form, NULL, &plan, &err) != REEL_OK)
        fail_msg("%s", err.text);
    char *text = text_of(plan);
    assert_string_equal(text, want);
    free(text);
}

/* SubRip has three of the tags, and characters for entities; of what looks like either and is none nothing is lost. */
static void test_markup_as_subrip(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"<c.red>a</c> <b.loud>b</b> <v Bob>c <00:00:01.500>d", "a <b>b</b> c d"},
        {"&amp;&lt;&gt;&nbsp;&#65;&#x42; &quot;&apos;", "&<>\u00a0AB \"'"},
        {"&unknown; &#; &#x110000; &#55296; <3 1 < 2 <", "&unknown; &#; &#x110000; &#55296; <3 1 < 2 <"},
        {"a\n\n\nb\n", "a\nb"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        film f = {.n = 0};
        b_buf a = {0};
        char want[256];
        entry(&f, "wvtt", NULL);
        vttc(&a, "", "", pairs[i][0]);
        sample(&f, 1000, &a);
        finish(&f, NULL, 0);
        snprintf(want, sizeof want, "1\n00:00:00,000 --> 00:00:01,000\n%s\n\n", pairs[i][1]);
        is_file(f.text, 0, UINT64_MAX, REEL_TEXT_SUBRIP, want);
        b_free(&a);
        done(&f);
    }
}

static void test_bad_text_calls(void **state)
{
    (void)state;
    film f = {.n = 0};
    reel_plan *plan = NULL;
    entry(&f, "tx3g", NULL);
    tx3g(&f, 100, "a < b", 1, 0, 1);
    finish(&f, NULL, 0);
    is_file(f.text, 0, 1, REEL_TEXT_SUBRIP, "1\n00:00:00,000 --> 00:00:00,100\n<b>a</b> < b\n\n");
    assert_int_equal(reel_stream_text(NULL, 0, 1, 0, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_stream_text(f.text, 0, 1, 2, NULL, &plan, NULL), REEL_E_ARG);
    assert_int_equal(reel_stream_text(f.text, 0, 1, 0, NULL, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_stream_text(f.text, 5, 6, 0, NULL, &plan, NULL), REEL_E_RANGE);
    assert_int_equal(reel_stream_text(reel_movie_track(f.movie, 0), 0, 1, 0, NULL, &plan, NULL), REEL_E_UNSUPPORTED);
    assert_null(plan);
    done(&f);
}

static void test_tx3g(void **state)
{
    (void)state;
    film f = {.n = 0};
    entry(&f, "tx3g", NULL);
    tx3g(&f, 1000, "", 0, 0, 0);
    tx3g(&f, 2000, "a<b>&\r\n\nc --> d", 2, 0, 1); /* from 1 to 3: over a boundary */
    tx3g(&f, 500, "", 0, 0, 0);
    tx3g(&f, 1000, "x", 0, 0, 0); /* 3.5 to 4.5 */
    finish(&f, NULL, 0);
    const char first[] = "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\n<i>a</i>&lt;b&gt;&amp;\nc --&gt; d\n\n";
    shows(&f, 0, first);
    shows(&f, 2000, "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\n<i>a</i>&lt;b&gt;&amp;\nc --&gt; d\n\n"
                    "00:00:03.500 --> 00:00:04.500\nx\n\n");
    shows(&f, 4000, "WEBVTT\n\n00:00:03.500 --> 00:00:04.500\nx\n\n");
    shows(&f, 6000, "WEBVTT\n\n");
    shows(&f, -1, "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\n<i>a</i>&lt;b&gt;&amp;\nc --&gt; d\n\n"
                  "00:00:03.500 --> 00:00:04.500\nx\n\n");
    done(&f);
}

/* A cue that a muxer cut into five is one, with its whole time, in each of the segments that show it. */
static void test_wvtt(void **state)
{
    (void)state;
    film f = {.n = 0};
    b_buf a = {0}, ab = {0}, none = {0};
    entry(&f, "wvtt", "WEBVTT - t\nX-TIMESTAMP-MAP=MPEGTS:9,LOCAL:00:00:00.000\n\nSTYLE\n::cue{color:red}\n");
    vttc(&a, "one", "line:0", "A");
    vttc(&ab, "one", "line:0", "A");
    vttc(&ab, "two\n", "", "B --> <i>b</i>");
    b_box(&none, "vtte");
    b_end(&none);
    sample(&f, 500, &none);
    sample(&f, 1000, &a);
    sample(&f, 1000, &ab);
    sample(&f, 1000, &a);
    sample(&f, 1000, &a);
    sample(&f, 1000, &a);
    sample(&f, 1000, &none);
    finish(&f, NULL, 0);
#define HEAD "WEBVTT\n\nSTYLE\n::cue{color:red}\n\n"
#define ONE "one\n00:00:00.500 --> 00:00:05.500 line:0\nA\n\n"
#define TWO "two\n00:00:01.500 --> 00:00:02.500\nB --&gt; <i>b</i>\n\n"
    shows(&f, 0, HEAD ONE TWO);
    shows(&f, 2000, HEAD ONE TWO);
    shows(&f, 4000, HEAD ONE);
    shows(&f, 6000, HEAD);
    shows(&f, -1, HEAD ONE TWO);
    is_file(f.text, 0, UINT64_MAX, REEL_TEXT_WEBVTT, "WEBVTT - t\n\nSTYLE\n::cue{color:red}\n\n" ONE TWO);
    is_file(f.text, 0, 2, REEL_TEXT_WEBVTT,
            "WEBVTT - t\n\nSTYLE\n::cue{color:red}\n\none\n00:00:00.500 --> 00:00:01.500 line:0\nA\n\n");
    is_file(f.text, 0, UINT64_MAX, REEL_TEXT_SUBRIP,
            "1\n00:00:00,500 --> 00:00:05,500\nA\n\n2\n00:00:01,500 --> 00:00:02,500\nB --> <i>b</i>\n\n");
    is_file(f.text, 5, 7, REEL_TEXT_SUBRIP, "1\n00:00:04,500 --> 00:00:05,500\nA\n\n");
    is_file(f.text, 6, 7, REEL_TEXT_SUBRIP, "");
    b_free(&a);
    b_free(&ab);
    b_free(&none);
    done(&f);
}

static void test_edits(void **state)
{
    (void)state;
    static const b_edit late[] = {{2500, -1, 0x10000}, {5000, 500, 0x10000}};
    film f = {.n = 0};
    entry(&f, "text", NULL);
    tx3g(&f, 1000, "a", 0, 0, 0); /* its second half is shown, from 2.5 on */
    tx3g(&f, 1000, "b", 0, 0, 0);
    finish(&f, late, 2);
    shows(&f, 0, "WEBVTT\n\n");
    shows(&f, 2000, "WEBVTT\n\n00:00:02.500 --> 00:00:03.000\na\n\n00:00:03.000 --> 00:00:04.000\nb\n\n");
    shows(&f, 4000, "WEBVTT\n\n");
    done(&f);
}

static void test_mapped(void **state)
{
    (void)state;
    film f = {.n = 0};
    reel_plan *plan = NULL;
    entry(&f, "tx3g", NULL);
    tx3g(&f, 1000, "a", 0, 0, 0);
    finish(&f, NULL, 0);
    assert_int_equal(reel_stream_webvtt(&f.s, NULL, f.text, true, NULL, &plan, NULL), REEL_OK);
    char *text = text_of(plan);
    assert_string_equal(text, "WEBVTT\n" MAP "\n00:00:00.000 --> 00:00:01.000\na\n\n");
    free(text);
    plan = NULL;
    assert_int_equal(reel_stream_webvtt(&f.s, NULL, reel_movie_track(f.movie, 0), true, NULL, &plan, NULL), REEL_E_UNSUPPORTED);
    assert_int_equal(reel_stream_webvtt(&f.s, NULL, NULL, true, NULL, &plan, NULL), REEL_E_ARG);
    done(&f);
}

/* Samples of any bytes: boxes that lie about their size, half a character, arrows everywhere. */
static void test_hostile_samples(void **state)
{
    (void)state;
    static const char *const words[] = {"vttc", "payl", "sttg", "iden", "styl", "\n", "-->", "--", ">", "<", "&", "\xff\xfe", "\xfe\xff",
                                        "text", "\r", "\x80"};
    uint64_t dice = 11;
    for (int n = 0; n < 600; n++) {
        film f = {.n = 0};
        entry(&f, n % 2 ? "wvtt" : "tx3g", n % 2 ? "WEBVTT\n--> \n\n00:00:00.000 --> x\n" : NULL);
        for (uint32_t i = 0; i < 8; i++) {
            b_buf b = {0};
            for (uint32_t k = b_below(&dice, 8); k > 0; k--) {
                if (n % 2 || b_below(&dice, 3) == 0)
                    b_u32(&b, b_below(&dice, 4) ? 8 + b_below(&dice, 60) : b_random(&dice));
                b_text(&b, words[b_below(&dice, sizeof words / sizeof *words)]);
            }
            sample(&f, 1 + b_below(&dice, 2000), &b);
            b_free(&b);
        }
        if (f.samples.size == 0)
            b_u8(&f.samples, 0);
        finish(&f, NULL, 0);
        for (int64_t t = -1; t < 10000; t += t < 0 ? 1 : 2000) {
            reel_segment x;
            reel_plan *plan = NULL;
            reel_segmenter_at(&f.s, t, &x, NULL);
            assert_int_equal(reel_stream_webvtt(&f.s, t < 0 ? NULL : &x, f.text, true, NULL, &plan, NULL), REEL_OK);
            char *text = text_of(plan);
            check_vtt(text);
            free(text);
        }
        done(&f);
    }
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static void test_memory(void **state)
{
    (void)state;
    film f = {.n = 0};
    b_buf file = {0};
    entry(&f, "tx3g", NULL);
    for (int i = 0; i < 30; i++)
        tx3g(&f, 100, "some text that makes the buffer grow", 0, 0, 0);
    finish(&f, NULL, 0);
    for (int i = 0; i < 200; i++)
        b_text(&file, "00:01.000 --> 00:02.000\n&&&&&&&&&&&&&&&&&&&&&&&&&&&\n\n");
    for (int what = 0; what < 3; what++) {
        int code = REEL_E_NOMEM;
        for (int n = 0; code != REEL_OK && n < 200; n++) {
            purse u = {n, 0};
            reel_allocator a = purse_of(&u);
            reel_plan *plan = NULL;
            code = what == 2 ? reel_stream_text(f.text, 0, UINT64_MAX, REEL_TEXT_SUBRIP, &a, &plan, NULL)
                   : what ? reel_stream_webvtt(&f.s, NULL, f.text, true, &a, &plan, NULL)
                        : reel_webvtt_from_file(file.data, file.size, &a, &plan, NULL);
            assert_true(code == REEL_OK || code == REEL_E_NOMEM);
            assert_int_equal(plan != NULL, code == REEL_OK);
            reel_plan_close(&plan);
            assert_int_equal(u.out, 0);
        }
        assert_int_equal(code, REEL_OK);
    }
    b_free(&file);
    done(&f);
}

/* ---- names of files ---- */

static void test_names(void **state)
{
    static const struct {
        const char *film, *file, *language, *name;
        unsigned flags;
    } cases[] = {
        {"film", "film", "und", "Subtitles", 0},
        {"film", "film.", "und", "Subtitles", 0},
        {"film", "film.en", "en", "en", 0},
        {"film", "film.pt-BR.forced", "pt-BR", "pt-BR (forced)", REEL_SIDECAR_FORCED},
        {"film", "film.commentary", "und", "commentary", 0},
        {"film-720p", "film.de", "de", "de", 0},
        {"film-720p", "film-720p.de", "de", "de", 0},
        {"film", "film2.en", NULL, NULL, 0},
        {"film-720p", "film-480p.de", NULL, NULL, 0},
        {"film", "fil", NULL, NULL, 0},
    };
    reel_subtitle_name says;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool is = reel_subtitle_of(cases[i].film, strlen(cases[i].film), cases[i].file, strlen(cases[i].file), &says);
        assert_int_equal(is, cases[i].name != NULL);
        if (!is)
            continue;
        assert_string_equal(says.language, cases[i].language);
        assert_string_equal(says.name, cases[i].name);
        assert_int_equal(says.flags, cases[i].flags);
    }
    assert_false(reel_subtitle_of(NULL, 0, "a", 1, &says));
    uint64_t high, low, rate, none;
    assert_int_equal(reel_rendition_title("film-1080p", 10, &high), 4);
    assert_int_equal(reel_rendition_title("film.480P", 9, &low), 4);
    assert_int_equal(reel_rendition_title("film_800k", 9, &rate), 4);
    assert_int_equal(reel_rendition_title("film-p", 6, &none), 6);
    assert_int_equal(reel_rendition_title("-720p", 5, NULL), 5);
    assert_true(high > low && low > rate && rate > 0 && none == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_srt),          cmocka_unit_test(test_srt_that_is_odd), cmocka_unit_test(test_vtt),
        cmocka_unit_test(test_encodings),    cmocka_unit_test(test_no_subtitles),    cmocka_unit_test(test_hostile_files),
        cmocka_unit_test(test_tx3g),         cmocka_unit_test(test_wvtt),            cmocka_unit_test(test_edits),
        cmocka_unit_test(test_mapped),       cmocka_unit_test(test_hostile_samples), cmocka_unit_test(test_memory),
        cmocka_unit_test(test_markup_as_subrip), cmocka_unit_test(test_bad_text_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
