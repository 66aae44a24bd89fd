/* SPDX-License-Identifier: BSD-2-Clause */
/* Exact frames (src/frame/frames.c): whatever is wanted, in whatever order, is what decoding all of the film gives. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <reel/frames.h>
#include <reel/reel.h>

#include <cmocka.h>

#include "decode_help.h"

enum { FRAMES = 90, WANTS = 60 };

static const struct kind {
    const char *name, *arguments;
} kinds[] = {
    {"closed", "-c:v libx264 -g 20 -bf 2 -preset ultrafast -f mp4 -movflags +faststart"},
    {"open", "-c:v libx264 -preset veryfast -x264-params keyint=15:min-keyint=15:scenecut=0:bframes=3:open-gop=1:b-pyramid=2 -f mp4"},
    {"one key", "-c:v libx264 -g 1000 -preset ultrafast -bf 3 -f mp4"},
    {"hevc", "-c:v libx265 -preset ultrafast -x265-params keyint=15:bframes=3:log-level=none -pix_fmt yuv420p10le -f mp4"},
    {"mpeg4", "-c:v mpeg4 -bf 2 -g 12 -f mp4"},
    {"jpeg", "-c:v mjpeg -pix_fmt yuvj420p -f mov"},
    {"vp9", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 30 -f mp4"},
    {"h263", "-c:v h263 -g 30 -f mov"},
    {"fragments", "-c:v libx264 -g 25 -bf 2 -preset ultrafast -f mp4 -movflags +frag_keyframe+empty_moov+default_base_moof"},
    {"mpeg2", "-c:v mpeg2video -bf 2 -g 12 -f mp4"},
    {"prores", "-c:v prores_ks -profile:v 3 -pix_fmt yuv422p10le -f mov"},
    {"444, 10 bits", "-c:v libx264 -preset ultrafast -bf 2 -g 20 -pix_fmt yuv444p10le -f mp4"},
    {"vp9, hidden pictures", "-c:v libvpx-vp9 -deadline good -cpu-used 5 -auto-alt-ref 1 -lag-in-frames 16 -g 40 -f mp4"},
    {"av1, grain", "-c:v libaom-av1 -cpu-used 8 -lag-in-frames 16 -g 30 -denoise-noise-level 20 -f mp4"},
    {"late", "-c:v libx264 -g 25 -bf 2 -preset ultrafast -output_ts_offset 1.5 -f mp4"},
};

/* What becomes of a film's stss. */
typedef enum stss { AS_IT_IS, LATER, LEFT_OUT } stss;

/* All of it, decoded in one go. */
typedef struct whole {
    film film;
    reel_movie *movie;
    const reel_track *track;
    uint64_t hash[FRAMES]; /* by sample */
    uint64_t order[FRAMES]; /* samples as they are shown */
    size_t n;
} whole;

static uint64_t dice(uint64_t *state, uint64_t n)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (*state >> 33) % n;
}

static uint64_t hash_rows(uint64_t h, const uint8_t *at, ptrdiff_t stride, uint32_t rows, size_t bytes)
{
    for (uint32_t y = 0; y < rows; y++, at += stride)
        for (size_t x = 0; x < bytes; x++)
            h = (h ^ at[x]) * 0x100000001b3u;
    return h;
}

/* Of the pixels, without what pads them. */
static uint64_t hash_of(const reel_frame *f)
{
    reel_format format;
    uint64_t h = 0xcbf29ce484222325u;
    assert_int_equal(reel_format_get(f->format, &format), REEL_OK);
    for (uint32_t i = 0; i < f->planes; i++) {
        const reel_plane *p = &format.plane[i];
        uint32_t w = (f->width + (1u << p->shift_x) - 1) >> p->shift_x, rows = (f->height + (1u << p->shift_y) - 1) >> p->shift_y;
        h = hash_rows(h, f->data[i], f->stride[i], rows, (size_t)w * p->step);
    }
    return h;
}

/* All sync samples but the first are said to be the third behind; or all samples are. */
static void make_lie(const film *f, stss how)
{
    uint8_t *box = film_box(f, "stss");
    if (!box || how == AS_IT_IS)
        return;
    for (uint32_t i = 1, n = film_get32(box + 8); i < n; i++)
        film_put32(box + 12 + 4 * (size_t)i, film_get32(box + 12 + 4 * (size_t)i) + 3);
    if (how == LEFT_OUT)
        memcpy(box, "free", 4);
}

/* H.263 knows five sizes. */
static const char *size_of(const struct kind *kind) { return strcmp(kind->name, "h263") == 0 ? "128x96" : "160x96"; }

static void decode_all(whole *w)
{
    const reel_decoder_options o = {.sizeof_options = sizeof o, .threads = 1};
    reel_decoder *dec;
    reel_frame *f;
    reel_sample s;
    w->movie = film_open(&w->film);
    w->track = film_pictures(w->movie);
    assert_int_equal(reel_decoder_open(w->track, &o, &dec, NULL), REEL_OK);
    while (reel_decoder_next(dec, &f, NULL) == REEL_OK) {
        assert_int_equal(reel_decoder_sample(dec, &s), REEL_OK);
        assert_true(s.index < FRAMES && w->n < FRAMES);
        w->hash[s.index] = hash_of(f);
        w->order[w->n++] = s.index;
        reel_frame_unref(&f);
    }
    reel_decoder_close(&dec);
    assert_int_equal(w->n, FRAMES);
}

static bool open_lying(whole *w, const struct kind *kind, stss how)
{
    *w = (whole){.n = 0};
    if (!film_make(&w->film, size_of(kind), FRAMES, kind->arguments))
        return false;
    make_lie(&w->film, how);
    decode_all(w);
    return true;
}

static bool open_whole(whole *w, const struct kind *kind) { return open_lying(w, kind, AS_IT_IS); }

static void close_whole(whole *w)
{
    reel_close(&w->movie);
    film_free(&w->film);
}

static reel_frames *open_frames(const reel_track *track, uint32_t workers)
{
    const reel_frames_options o = {.sizeof_options = sizeof o, .workers = workers};
    reel_frames *f = NULL;
    reel_error err = {0};
    if (reel_frames_open(track, &o, &f, &err) != REEL_OK)
        fail_msg("%s", err.text);
    return f;
}

typedef struct taken {
    uint64_t hash[WANTS];
    _Atomic(int) calls[WANTS];
} taken;

static int take(void *user, size_t i, const reel_frame *frame)
{
    taken *t = user;
    t->hash[i] = hash_of(frame);
    atomic_fetch_add(&t->calls[i], 1);
    return REEL_OK;
}

static void roll(reel_want *w, size_t n, uint64_t *state)
{
    for (size_t i = 0; i < n; i++)
        w[i] = (reel_want){.value = (int64_t)dice(state, FRAMES + 4), .kind = REEL_WANT_PICTURE + (uint32_t)dice(state, 2)};
    if (n > 5)
        w[5] = w[4];
}

static void check_wants(const whole *w, const reel_want *wants, size_t n, const taken *t, const int32_t *codes)
{
    for (size_t i = 0; i < n; i++) {
        bool there = wants[i].value < FRAMES;
        assert_int_equal(codes[i], there ? REEL_OK : REEL_E_RANGE);
        assert_int_equal(atomic_load(&t->calls[i]), there);
        if (!there)
            continue;
        uint64_t sample = wants[i].kind == REEL_WANT_PICTURE ? w->order[wants[i].value] : (uint64_t)wants[i].value;
        if (t->hash[i] != w->hash[sample])
            fail_msg("want %zu, sample %u is another picture", i, (unsigned)sample);
    }
}

static void test_every_kind(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        whole w;
        if (!open_whole(&w, &kinds[k]))
            continue; /* this ffmpeg has no such encoder */
        for (uint32_t workers = 1; workers <= 4; workers += 3) {
            reel_frames *f = open_frames(w.track, workers);
            for (size_t round = 0; round < 4; round++) {
                reel_want wants[WANTS];
                int32_t codes[WANTS];
                taken t = {.hash = {0}};
                size_t n = round == 0 ? 1 : WANTS / round;
                reel_frames_stats s;
                roll(wants, n, &seed);
                assert_int_equal(reel_frames_each(f, wants, n, take, &t, codes, NULL), REEL_OK);
                check_wants(&w, wants, n, &t, codes);
                reel_frames_get_stats(f, &s);
                assert_true(s.delivered <= n && s.failed == 0 && s.groups <= n);
                assert_true(s.groups <= s.decoded || s.delivered == 0);
            }
            reel_frames_close(&f);
            assert_null(f);
        }
        close_whole(&w);
    }
}

/* ---- tables that lie ---- */

/*
 * Samples that are marked as sync samples and are none. Decoding used to begin with them, and gave what the decoder made of
 * it: grey, or a mixture, without an error.
 */
static void test_false_entries(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (stss how = LATER; how <= LEFT_OUT; how++) {
            whole w;
            int32_t codes[WANTS];
            if (!open_lying(&w, &kinds[k], how))
                continue;
            reel_frames *f = open_frames(w.track, 1);
            for (int64_t i = FRAMES; i-- > 0;) {
                const reel_want want = {i, 0, REEL_WANT_SAMPLE};
                taken t = {.hash = {0}};
                assert_int_equal(reel_frames_each(f, &want, 1, take, &t, codes, NULL), REEL_OK);
                if (codes[0] != REEL_OK || t.hash[0] != w.hash[i])
                    fail_msg("%s, %s: sample %d is another picture (%d)", kinds[k].name,
                             how == LATER ? "marked later" : "all marked", (int)i, codes[0]);
            }
            reel_frames_close(&f);
            close_whole(&w);
        }
}

/*
 * Without key pictures but the first: decoding may begin where the refresh does, and what comes out until it is over the
 * decoder flags. Such a picture is decoded once more from further back.
 */
static void test_flagged(void **state)
{
    (void)state;
    static const struct kind refreshed = {"refreshed", "-c:v libx264 -preset veryfast -x264-params keyint=20:intra-refresh=1:bframes=0 -f mp4"};
    whole w;
    if (!open_whole(&w, &refreshed))
        skip();
    for (int64_t i = FRAMES; i-- > 0;) {
        const reel_want want = {i, 0, REEL_WANT_SAMPLE};
        int32_t code;
        taken t = {.hash = {0}};
        if (i % 20 > 5)
            continue; /* how good it is afterwards only the encoder knows */
        reel_frames *f = open_frames(w.track, 1);
        assert_int_equal(reel_frames_each(f, &want, 1, take, &t, &code, NULL), REEL_OK);
        check_wants(&w, &want, 1, &t, &code);
        reel_frames_close(&f);
    }
    close_whole(&w);
}

/* ---- without the loop filter ---- */

static size_t count_others(const whole *w, uint32_t flags, const uint64_t *samples, size_t n)
{
    const reel_frames_options o = {.sizeof_options = sizeof o, .workers = 1, .flags = flags};
    reel_want wants[WANTS];
    taken t = {.hash = {0}};
    reel_frames *f = NULL;
    size_t others = 0;
    assert_int_equal(reel_frames_open(w->track, &o, &f, NULL), REEL_OK);
    for (size_t i = 0; i < n; i++)
        wants[i] = (reel_want){(int64_t)samples[i], 0, REEL_WANT_SAMPLE};
    assert_int_equal(reel_frames_each(f, wants, n, take, &t, NULL, NULL), REEL_OK);
    for (size_t i = 0; i < n; i++)
        others += t.hash[i] != w->hash[samples[i]];
    reel_frames_close(&f);
    return others;
}

/* It is asked for, does something where there is such a filter, and nothing where there is none. */
static void test_rough(void **state)
{
    (void)state;
    static const struct kind of[] = {{"deblocked", "-c:v libx264 -preset veryfast -g 20 -crf 35 -f mp4"},
                                     {"not deblocked", "-c:v libx264 -preset veryfast -g 20 -crf 35 -x264-params no-deblock=1 -f mp4"},
                                     {"jpeg", "-c:v mjpeg -pix_fmt yuvj420p -f mov"}};
    static const uint64_t samples[] = {0, 20, 33, 40, 60, 89};
    for (size_t k = 0; k < sizeof of / sizeof *of; k++) {
        whole w;
        if (!open_whole(&w, &of[k]))
            continue;
        assert_int_equal(count_others(&w, 0, samples, 6), 0);
        assert_int_equal(count_others(&w, REEL_FRAMES_ROUGH, samples, 6), k == 0 ? 6 : 0);
        close_whole(&w);
    }
}

/* ---- several sample descriptions ---- */

/* By time, in a film whose size changes in the middle, and its codec. */
static void test_two_descriptions(void **state)
{
    (void)state;
    static const char *const others[] = {"-c:v libx264 -g 20 -bf 2 -preset ultrafast -f mp4", "-c:v mpeg4 -bf 2 -g 12 -f mp4"};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
        film a, b;
        if (!film_make(&a, "96x64", 45, others[0]) || !film_make(&b, "64x96", 45, others[k]))
            skip();
        whole w = {.film = film_joined(&a, &b)};
        film_free(&a);
        film_free(&b);
        decode_all(&w);
        for (uint32_t workers = 1; workers <= 3; workers += 2) {
            reel_frames *f = open_frames(w.track, workers);
            reel_want wants[WANTS];
            int32_t codes[WANTS];
            uint64_t seed = 21 + workers;
            taken t = {.hash = {0}};
            size_t at[WANTS];
            reel_sample s;
            for (size_t i = 0; i < WANTS; i++) { /* in the middle of each: no edit list, so the first is shown at its pts */
                at[i] = dice(&seed, FRAMES);
                assert_int_equal(reel_track_sample(w.track, w.order[at[i]], &s, NULL), REEL_OK);
                wants[i] = (reel_want){.value = s.pts + s.duration / 2, .timescale = reel_track_timescale(w.track)};
            }
            assert_int_equal(reel_frames_each(f, wants, WANTS, take, &t, codes, NULL), REEL_OK);
            for (size_t i = 0; i < WANTS; i++)
                if (codes[i] != REEL_OK || t.hash[i] != w.hash[w.order[at[i]]])
                    fail_msg("%zu: picture %zu is another one (%d)", k, at[i], codes[i]);
            reel_frames_close(&f);
        }
        close_whole(&w);
    }
}

/* ---- how little is decoded ---- */

/*
 * Groups of pictures of all shapes. Key pictures used to cost three samples each, for the codec was fed on until it gave
 * the picture out; and pictures that no other refers to were handed to it to be left out there.
 */
#define X264(more) "-c:v libx264 -preset veryfast -x264-params keyint=18:min-keyint=18:scenecut=0:b-adapt=0:" more
#define X265(more) "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=18:min-keyint=18:scenecut=0:b-adapt=0:" more
static const struct kind shapes[] = {
    {"IPPP", X264("bframes=0") " -f mp4"},
    {"closed", X264("bframes=2:b-pyramid=none:open-gop=0") " -f mp4"},
    {"closed, fragments", X264("bframes=2:b-pyramid=none") " -f mp4 -movflags +frag_keyframe+empty_moov"},
    {"open", X264("bframes=2:b-pyramid=none:open-gop=1") " -f mp4"},
    {"pyramid", X264("bframes=5:b-pyramid=normal:ref=4") " -f mp4"},
    {"pyramid, open, fragments", X264("bframes=5:b-pyramid=normal:open-gop=1") " -f mp4 -movflags +frag_keyframe+empty_moov"},
    {"parameter sets in band", X264("bframes=2:b-pyramid=none:repeat-headers=1") " -f mp4 -tag:v avc3"},
    {"interlaced", "-flags +ilme+ildct " X264("bframes=2:interlaced=1") " -f mp4"},
    {"hevc IPPP", X265("bframes=0") " -f mp4"},
    {"hevc closed", X265("bframes=3:b-pyramid=0:open-gop=0") " -f mp4"},
    {"hevc pyramid", X265("bframes=7:b-pyramid=1:open-gop=0") " -f mp4"},
    {"hevc open", X265("bframes=4:b-pyramid=1:open-gop=1") " -f mp4 -tag:v hvc1"},
    {"hevc open, fragments", X265("bframes=4:b-pyramid=1:open-gop=1") " -f mp4 -movflags +frag_keyframe+empty_moov"},
    {"hevc layers", X265("bframes=3:temporal-layers=1:b-pyramid=1:open-gop=0") " -f mp4"},
    {"mpeg4", "-c:v mpeg4 -bf 0 -g 12 -f mp4"},
    {"jpeg", "-c:v mjpeg -pix_fmt yuvj420p -f mov"},
    {"vp9", "-c:v libvpx-vp9 -deadline good -cpu-used 5 -lag-in-frames 16 -auto-alt-ref 1 -g 30 -f mp4"},
};

enum { LEADING = 1, REFERRED = 2, KEY = 4 };

typedef struct anatomy { /* of a film: of each sample */
    uint8_t what[FRAMES], layer[FRAMES];
    uint64_t entry[FRAMES];
} anatomy;

/* All that the test films have: lengths of four bytes, one picture a sample. */
static unsigned first_slice(const reel_packet *p, bool hevc)
{
    for (uint32_t at = 0; at + 6 < p->sample.size;) {
        const uint8_t *b = p->data + at;
        unsigned type = hevc ? b[4] >> 1 & 63 : b[4] & 31;
        if (hevc ? type < 32 : type == 1 || type == 5)
            return (unsigned)b[4] << 8 | b[5];
        at += 4 + ((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]);
    }
    return 0;
}

static void look_at(const whole *w, const reel_sample *s, uint32_t format, anatomy *a)
{
    reel_packet p;
    a->what[s->index] = REFERRED | (s->flags & REEL_SAMPLE_SYNC ? KEY : 0);
    a->layer[s->index] = 0;
    if (format != REEL_4CC('a', 'v', 'c', '1') && format != REEL_4CC('a', 'v', 'c', '3') &&
        format != REEL_4CC('h', 'v', 'c', '1') && format != REEL_4CC('h', 'e', 'v', '1'))
        return;
    bool hevc = (format >> 24) == 'h';
    assert_int_equal(reel_packet_get(w->track, s, &p, NULL), REEL_OK);
    unsigned head = first_slice(&p, hevc), type = head >> 9 & 63;
    reel_packet_unref(&p);
    if (hevc ? type <= 14 && type % 2 == 0 : (head >> 8 & 0x60) == 0)
        a->what[s->index] &= (uint8_t)~REFERRED;
    if (hevc && type >= 6 && type <= 9)
        a->what[s->index] |= LEADING;
    a->layer[s->index] = (uint8_t)(hevc ? (head & 7) - 1 : 0);
}

static void dissect(const whole *w, anatomy *a)
{
    reel_sample s[FRAMES];
    reel_description d;
    uint64_t key = 0, before = 0;
    assert_int_equal(reel_track_description(w->track, 1, &d, NULL), REEL_OK);
    for (uint64_t i = 0; i < FRAMES; i++) {
        assert_int_equal(reel_track_sample(w->track, i, &s[i], NULL), REEL_OK);
        look_at(w, &s[i], d.format, a);
        before = a->what[i] & KEY ? key : before;
        key = a->what[i] & KEY ? i : key;
        a->entry[i] = s[i].pts < s[key].pts ? before : key;
    }
}

/* Samples that no way leads around, when these are wanted. */
static uint64_t fewest(const anatomy *a, const bool wanted[FRAMES])
{
    uint64_t n = 0;
    for (uint64_t i = 0; i < FRAMES; i++) {
        uint64_t last = 0;
        unsigned layer = 0;
        bool inside = false, leads = false, first = true;
        for (uint64_t k = i; k < FRAMES; k++) { /* of the wants that decoding comes by here for */
            if (!wanted[k] || a->entry[k] > i)
                continue;
            leads = first ? a->what[k] & LEADING : leads;
            layer = a->layer[k] > layer ? a->layer[k] : layer;
            inside = true;
            first = false;
            last = k;
        }
        bool idle = a->layer[i] > layer || (a->layer[i] == layer && !(a->what[i] & REFERRED)) ||
                    (a->what[i] & LEADING && !leads);
        n += inside && i <= last && (wanted[i] || !idle);
    }
    return n;
}

static void ask(const whole *w, const anatomy *a, reel_frames *f, const uint64_t *samples, size_t n, const char *name, bool fresh)
{
    reel_want wants[WANTS];
    int32_t codes[WANTS];
    bool wanted[FRAMES] = {false};
    taken t = {.hash = {0}};
    reel_frames_stats s;
    for (size_t i = 0; i < n; i++) {
        wants[i] = (reel_want){(int64_t)samples[i], 0, REEL_WANT_SAMPLE};
        wanted[samples[i]] = true;
    }
    assert_int_equal(reel_frames_each(f, wants, n, take, &t, codes, NULL), REEL_OK);
    check_wants(w, wants, n, &t, codes);
    reel_frames_get_stats(f, &s);
    if (fresh && s.decoded != fewest(a, wanted))
        fail_msg("%s: %u samples were decoded for %u wants (sample %u first), %u suffice", name, (unsigned)s.decoded,
                 (unsigned)n, (unsigned)samples[0], (unsigned)fewest(a, wanted));
}

/* By who was there before (it may be half the way already), and by somebody new. */
static void check_fewest(const whole *w, const anatomy *a, reel_frames *f, const uint64_t *samples, size_t n, const char *name)
{
    reel_frames *fresh = open_frames(w->track, 1);
    ask(w, a, f, samples, n, name, false);
    ask(w, a, fresh, samples, n, name, true);
    reel_frames_close(&fresh);
}

static void test_fewest(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        whole w;
        anatomy a;
        uint64_t samples[WANTS], keys = 0;
        if (!open_whole(&w, &shapes[k]))
            continue;
        dissect(&w, &a);
        reel_frames *f = open_frames(w.track, 1);
        for (uint64_t i = FRAMES; i-- > 0;)
            check_fewest(&w, &a, f, &i, 1, shapes[k].name);
        for (uint64_t i = 0; i < FRAMES; i++)
            if (a.what[i] & KEY && keys < WANTS)
                samples[keys++] = i;
        check_fewest(&w, &a, f, samples, keys, shapes[k].name);
        for (int round = 0; round < 30; round++) {
            size_t n = 1 + dice(&seed, 8);
            for (size_t i = 0; i < n; i++)
                samples[i] = dice(&seed, FRAMES);
            check_fewest(&w, &a, f, samples, n, shapes[k].name);
        }
        reel_frames_close(&f);
        close_whole(&w);
    }
}

/* Call by call, one picture after the other: not from the key picture each time. */
static void test_reading_on(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        whole w;
        uint64_t decoded = 0;
        if (!open_whole(&w, &shapes[k]))
            continue;
        reel_frames *f = open_frames(w.track, 2);
        for (int64_t i = 0; i < FRAMES; i++) {
            const reel_want want = {i, 0, REEL_WANT_PICTURE};
            int32_t code;
            taken t = {.hash = {0}};
            reel_frames_stats s;
            assert_int_equal(reel_frames_each(f, &want, 1, take, &t, &code, NULL), REEL_OK);
            check_wants(&w, &want, 1, &t, &code);
            reel_frames_get_stats(f, &s);
            decoded += s.decoded;
        }
        if (decoded > 4 * FRAMES)
            fail_msg("%s: %u samples were decoded for %u pictures", shapes[k].name, (unsigned)decoded, FRAMES);
        reel_frames_close(&f);
        close_whole(&w);
    }
}

/* A batch is what reel_picture makes of each frame. */
typedef struct one_by_one {
    const reel_picture_options *options;
    uint8_t *batch;
    size_t size;
} one_by_one;

static int paint(void *user, size_t i, const reel_frame *frame)
{
    one_by_one *b = user;
    reel_picture_options o = *b->options;
    reel_picture *p;
    assert_int_equal(reel_picture_describe(frame, &o), REEL_OK);
    assert_int_equal(reel_picture_open(&o, &p, NULL), REEL_OK);
    assert_int_equal(reel_picture_run_into(p, frame, b->batch + i * b->size, NULL), REEL_OK);
    reel_picture_close(&p);
    return REEL_OK;
}

static void test_batch(void **state)
{
    (void)state;
    static const reel_picture_options outputs[] = {
        {.sizeof_options = sizeof *outputs, .pixel = REEL_PIXEL_I420},
        {.sizeof_options = sizeof *outputs, .width = 64, .height = 64, .fit = REEL_PICTURE_CONTAIN},
        {.sizeof_options = sizeof *outputs, .pixel = REEL_PIXEL_GRAY8, .width = 33, .filter = REEL_PICTURE_AREA}};
    whole w;
    if (!open_whole(&w, &kinds[0]))
        skip();
    for (size_t k = 0; k < 3; k++) {
        reel_frames *f = open_frames(w.track, 2);
        reel_want wants[WANTS];
        int32_t codes[WANTS];
        uint64_t seed = 7;
        reel_picture_shape shape;
        roll(wants, WANTS, &seed);
        wants[0].value = FRAMES; /* is not there, and stays as it was */
        assert_int_equal(reel_frames_shape(f, &outputs[k], &shape, NULL), REEL_OK);
        assert_int_equal(shape.width, k == 0 ? 160 : k == 1 ? 64 : 33);
        uint8_t *a = calloc(WANTS, shape.size), *b = calloc(WANTS, shape.size);
        one_by_one each = {&outputs[k], b, shape.size};
        assert_int_equal(reel_frames_batch(f, wants, WANTS, &outputs[k], a, shape.size, codes, NULL), REEL_OK);
        assert_int_equal(codes[0], REEL_E_RANGE);
        assert_int_equal(reel_frames_each(f, wants, WANTS, paint, &each, NULL, NULL), REEL_OK);
        assert_memory_equal(a, b, WANTS * shape.size);
        assert_int_equal(reel_frames_batch(f, wants, 1, &outputs[k], a, shape.size - 1, codes, NULL), REEL_OK);
        assert_int_equal(reel_frames_batch(f, wants + 1, 1, &outputs[k], a, shape.size - 1, codes, NULL), REEL_E_RANGE);
        free(a);
        free(b);
        reel_frames_close(&f);
    }
    close_whole(&w);
}

static void test_times(void **state)
{
    (void)state;
    whole w;
    if (!open_whole(&w, &kinds[sizeof kinds / sizeof *kinds - 1]))
        skip();
    reel_frames *f = open_frames(w.track, 2);
    /* It begins at 1.5 s: before that, what comes next; 25 pictures a second from there on. */
    const struct {
        int64_t ms;
        int picture;
    } cases[] = {{0, 0}, {1499, 0}, {1500, 0}, {1539, 0}, {1540, 1}, {2000, 12}, {5060, 89}, {5099, 89}, {5100, -1}, {-1, -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reel_want want = {.value = cases[i].ms, .timescale = 1000};
        int32_t code;
        taken t = {.hash = {0}};
        assert_int_equal(reel_frames_each(f, &want, 1, take, &t, &code, NULL), REEL_OK);
        assert_int_equal(code, cases[i].picture < 0 ? REEL_E_RANGE : REEL_OK);
        if (cases[i].picture >= 0)
            assert_true(t.hash[0] == w.hash[w.order[cases[i].picture]]);
    }
    reel_frames_close(&f);
    close_whole(&w);
}

/* ---- what goes wrong ---- */

static int refuse(void *user, size_t i, const reel_frame *frame)
{
    (void)i;
    (void)frame;
    ++*(int *)user;
    return REEL_E_IO;
}

static void *stop(void *user)
{
    reel_frames_stop(user);
    return NULL;
}

static void test_ends(void **state)
{
    (void)state;
    whole w;
    if (!open_whole(&w, &kinds[0]))
        skip();
    reel_frames *f = open_frames(w.track, 1);
    reel_want wants[WANTS];
    int32_t codes[WANTS];
    uint64_t seed = 3;
    int calls = 0;
    taken t = {.hash = {0}};
    pthread_t thread;
    roll(wants, WANTS, &seed);
    assert_int_equal(reel_frames_each(f, wants, WANTS, refuse, &calls, NULL, NULL), REEL_E_IO);
    assert_int_equal(calls, 1);
    reel_frames_stop(f);
    assert_int_equal(reel_frames_each(f, wants, WANTS, take, &t, codes, NULL), REEL_E_CANCELLED);
    assert_int_equal(reel_frames_each(f, wants, WANTS, take, &t, codes, NULL), REEL_OK);
    assert_int_equal(pthread_create(&thread, NULL, stop, f), 0);
    int code = reel_frames_each(f, wants, WANTS, take, &t, codes, NULL);
    assert_true(code == REEL_OK || code == REEL_E_CANCELLED);
    pthread_join(thread, NULL);
    assert_int_equal(reel_frames_each(NULL, wants, WANTS, take, &t, codes, NULL), REEL_E_ARG);
    assert_int_equal(reel_frames_each(f, wants, WANTS, NULL, &t, codes, NULL), REEL_E_ARG);
    assert_int_equal(reel_frames_batch(f, wants, WANTS, NULL, NULL, 0, codes, NULL), REEL_E_ARG);
    reel_frames_close(&f);
    reel_frames_close(&f);
    reel_frames_close(NULL);
    double wide = 0, high = 0;
    reel_frames_upright(w.track, NULL, NULL);
    reel_frames_upright(NULL, &wide, &high);
    assert_true(wide > 15 && high > 8);
    close_whole(&w);
}

static bool count_down(void *user)
{
    int *left = user;
    return (*left)-- <= 0;
}

/* A budget, somebody who is asked, and pictures that are too large. */
static void test_limits(void **state)
{
    (void)state;
    whole w;
    if (!open_whole(&w, &kinds[0]))
        skip();
    int left = 0;
    uint64_t seed = 5;
    reel_want wants[WANTS];
    int32_t codes[WANTS];
    taken t = {.hash = {0}};
    roll(wants, WANTS, &seed);
    reel_frames_options o = {.sizeof_options = sizeof o, .workers = 1, .budget_ns = 1};
    reel_frames *f = NULL;
    assert_int_equal(reel_frames_open(w.track, &o, &f, NULL), REEL_OK);
    assert_int_equal(reel_frames_each(f, wants, WANTS, take, &t, codes, NULL), REEL_E_AGAIN);
    reel_frames_close(&f);
    for (uint64_t more = 0; more < 3; more++) { /* as good as none */
        const reel_want first = {0, 0, REEL_WANT_SAMPLE};
        o.budget_ns = more < 2 ? (uint64_t)INT64_MAX - 1000 * more : UINT64_MAX;
        assert_int_equal(reel_frames_open(w.track, &o, &f, NULL), REEL_OK);
        assert_int_equal(reel_frames_each(f, &first, 1, take, &t, codes, NULL), REEL_OK);
        reel_frames_close(&f);
    }
    o.budget_ns = UINT64_C(60000000000);
    o.ended = count_down;
    o.ended_user = &left;
    assert_int_equal(reel_frames_open(w.track, &o, &f, NULL), REEL_OK);
    assert_int_equal(reel_frames_each(f, wants, WANTS, take, &t, codes, NULL), REEL_E_CANCELLED);
    left = 1000000;
    assert_int_equal(reel_frames_each(f, wants, WANTS, take, &t, codes, NULL), REEL_OK);
    reel_frames_close(&f);
    o.most_pixels = 1;
    reel_want first = {0, 0, REEL_WANT_SAMPLE}; /* some decoders say so at once, some when they see the picture */
    int code = reel_frames_open(w.track, &o, &f, NULL);
    if (code == REEL_OK)
        code = reel_frames_each(f, &first, 1, take, &t, codes, NULL);
    assert_true(code != REEL_OK || codes[0] != REEL_OK);
    reel_frames_close(&f);
    close_whole(&w);
}

/* The film is let go of while its frames are still wanted; and the codes of calls that cannot be. */
static void test_the_film_stays(void **state)
{
    (void)state;
    whole w;
    if (!open_whole(&w, &kinds[0]))
        skip();
    const reel_picture_options picture = {.sizeof_options = sizeof picture, .width = 16, .height = 16};
    const reel_want want = {3, 0, REEL_WANT_SAMPLE};
    reel_picture_shape shape;
    uint8_t batch[16 * 16 * 3];
    int32_t code = 0;
    reel_frames *f = open_frames(w.track, 2);
    reel_close(&w.movie);
    assert_int_equal(reel_frames_shape(f, &picture, &shape, NULL), REEL_OK);
    assert_int_equal(shape.size, sizeof batch);
    assert_int_equal(reel_frames_batch(f, &want, 1, &picture, batch, sizeof batch, &code, NULL), REEL_OK);
    assert_int_equal(code, REEL_OK);
    assert_int_equal(reel_frames_batch(f, &want, 1, &picture, batch, sizeof batch - 1, &code, NULL), REEL_E_RANGE);
    assert_int_equal(reel_frames_batch(f, &want, 1, NULL, batch, sizeof batch, &code, NULL), REEL_E_ARG);
    assert_int_equal(reel_frames_each(f, &want, 1, NULL, NULL, &code, NULL), REEL_E_ARG);
    assert_int_equal(reel_frames_shape(f, NULL, &shape, NULL), REEL_E_ARG);
    reel_frames_close(&f);
    close_whole(&w);
}

/* Bits flipped in the media: what comes is a picture or a code, and the others are what they were. */
static void test_damage(void **state)
{
    (void)state;
    for (size_t k = 0; k < 5; k++) {
        whole w;
        uint64_t seed = 11 + k;
        if (!open_whole(&w, &kinds[k]))
            continue;
        reel_movie_info info;
        reel_movie_get_info(w.movie, &info);
        for (int i = 0; i < 30; i++)
            w.film.data[info.mdat_offset + 8 + dice(&seed, info.mdat_size - 8)] ^= (uint8_t)(1 << dice(&seed, 8));
        reel_frames *f = open_frames(w.track, 3);
        for (int round = 0; round < 5; round++) {
            reel_want wants[WANTS];
            int32_t codes[WANTS];
            taken t = {.hash = {0}};
            roll(wants, WANTS, &seed);
            assert_int_equal(reel_frames_each(f, wants, WANTS, take, &t, codes, NULL), REEL_OK);
            for (size_t i = 0; i < WANTS; i++) {
                assert_int_equal(atomic_load(&t.calls[i]), codes[i] == REEL_OK);
                assert_true(codes[i] == REEL_OK || codes[i] == REEL_E_DECODE || codes[i] == REEL_E_RANGE);
            }
        }
        reel_frames_close(&f);
        close_whole(&w);
    }
}

/* ---- memory that runs out ---- */

typedef struct purse {
    _Atomic(int) left;
} purse;

static void *spend(void *user, void *p, size_t n)
{
    purse *own = user;
    if (n == 0) {
        free(p);
        return NULL;
    }
    return atomic_fetch_sub(&own->left, 1) > 0 ? realloc(p, n) : NULL;
}

static void test_no_memory(void **state)
{
    (void)state;
    whole w;
    if (!open_whole(&w, &kinds[0]))
        skip();
    bool done = false;
    for (int n = 0; n < 400 && !done; n++) {
        purse own = {n};
        const reel_allocator alloc = {spend, &own};
        const reel_frames_options o = {.sizeof_options = sizeof o, .workers = 2, .alloc = &alloc};
        const reel_want wants[] = {{3, 0, REEL_WANT_SAMPLE}, {50, 0, REEL_WANT_SAMPLE}, {70, 0, REEL_WANT_PICTURE}};
        const reel_picture_options p = {.sizeof_options = sizeof p, .width = 8, .height = 8};
        uint8_t batch[3][192];
        reel_frames *f = NULL;
        int code = reel_frames_open(w.track, &o, &f, NULL);
        if (code == REEL_OK)
            code = reel_frames_batch(f, wants, 3, &p, batch[0], sizeof batch[0], NULL, NULL);
        done = code == REEL_OK;
        assert_true(done || code == REEL_E_NOMEM);
        reel_frames_close(&f);
    }
    assert_true(done);
    close_whole(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind), cmocka_unit_test(test_false_entries), cmocka_unit_test(test_flagged),
        cmocka_unit_test(test_rough), cmocka_unit_test(test_two_descriptions), cmocka_unit_test(test_batch),  cmocka_unit_test(test_times),
        cmocka_unit_test(test_ends),       cmocka_unit_test(test_damage), cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_the_film_stays), cmocka_unit_test(test_limits),   cmocka_unit_test(test_fewest),
        cmocka_unit_test(test_reading_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
