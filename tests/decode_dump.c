/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decode-dump FILE [threads N] [kind any|frame|slice] [keep] [seeks N] [damage N] [discard LEVEL] [push] [sound TO]
 * [near X] [track ID]: what the decoder makes of the first picture track, or of sound, whose samples then go into the file TO; for
 * tests/decode_films.py and decode_sounds.py. A line a frame, "pts duration index flags md5" (of the pixels as libavutil
 * packs them), then "# name value" for the statistics. With seeks, N samples are then
 * sought and must come out as they did before, with what follows them. With damage, N times some samples between two
 * sync samples are spoilt: what is before them and from the next sync sample on must be as it was, and what is missing
 * must be counted.
 */
#include <inttypes.h>
#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reel/decode.h>
#include <reel/reel.h>

#include "decode_help.h"

typedef struct options {
    reel_decoder_options dec;
    const char *path;
    unsigned seeks, damage;
    bool push;
    uint32_t track;
} options;

typedef struct shown {
    int64_t pts;
    uint64_t index;
    uint64_t key;
    char md5[33];
    float *samples; /* of sound */
    size_t n;
} shown;

static shown *all;
static size_t count, room;
static double near; /* sound that is sought may be so far from what it was; 0: not at all */
static double farthest;
static FILE *sound;
static reel_frame last_sound; /* for what it says only */

static float number(const uint8_t *p, size_t n)
{
    int16_t s16;
    int32_t s32;
    float f32;
    double f64;
    switch (last_sound.format) {
    case REEL_SOUND_S16:
    case REEL_SOUND_S16P: memcpy(&s16, p, n); return (float)s16 / 32768;
    case REEL_SOUND_S32:
    case REEL_SOUND_S32P: memcpy(&s32, p, n); return (float)s32 / 2147483648.f;
    case REEL_SOUND_F32:
    case REEL_SOUND_F32P: memcpy(&f32, p, n); return f32;
    case REEL_SOUND_F64:
    case REEL_SOUND_F64P: memcpy(&f64, p, n); return (float)f64;
    default: return (float)(*p - 128) / 128;
    }
}

static void keep_sample(void *user, const uint8_t *sample, size_t n)
{
    shown *to = user;
    to->samples[to->n++] = number(sample, n);
}

static void keep_samples(shown *to, const reel_frame *f)
{
    last_sound = *f;
    to->n = 0;
    to->samples = malloc((size_t)f->width * f->height * sizeof *to->samples);
    if (!to->samples)
        exit(2);
    frame_each_sample(f, keep_sample, to);
}

/* How far apart at most; 9: not even as long. */
static double distance(const shown *a, const reel_frame *f)
{
    shown b = {.pts = f->pts};
    keep_samples(&b, f);
    double most = a->n == b.n ? 0 : 9;
    for (size_t i = 0; i < a->n && i < b.n; i++)
        most = fabs((double)a->samples[i] - b.samples[i]) > most ? fabs((double)a->samples[i] - b.samples[i]) : most;
    free(b.samples);
    return most;
}

static void write_sample(void *user, const uint8_t *sample, size_t n) { fwrite(sample, 1, n, user); }

static void remember(reel_decoder *dec, const reel_frame *f)
{
    reel_sample s = {.index = UINT64_MAX};
    if (count == room)
        all = realloc(all, (room = room ? 2 * room : 64) * sizeof *all);
    if (!all)
        exit(2);
    shown *at = &all[count++];
    at->samples = NULL;
    reel_decoder_sample(dec, &s);
    at->pts = f->pts;
    at->index = s.index;
    frame_md5(dec, f, at->md5);
    if (sound) {
        frame_each_sample(f, write_sample, sound);
        keep_samples(at, f);
    }
    printf("%" PRId64 " %" PRId64 " %" PRIu64 " %u %s\n", f->pts, f->duration, s.index, f->flags, at->md5);
}

static int failed(const char *what, const reel_error *err)
{
    char line[300];
    reel_error_format(err, line, sizeof line);
    printf("! %s: %s: %s\n", what, reel_code_name(err->code), line);
    return 1;
}

static void told(void *user, const reel_error *what)
{
    char line[300];
    (void)user;
    reel_error_format(what, line, sizeof line);
    printf("~ %s\n", line);
}

static int pull_all(reel_decoder *dec)
{
    reel_frame *f;
    reel_error err;
    for (int rc; (rc = reel_decoder_next(dec, &f, &err)) != REEL_END;) {
        if (rc != REEL_OK)
            return failed("next", &err);
        remember(dec, f);
        reel_frame_unref(&f);
    }
    return 0;
}

static int receive_all(reel_decoder *dec, int until)
{
    reel_frame *f;
    reel_error err;
    int rc;
    while ((rc = reel_decoder_receive(dec, &f, &err)) == REEL_OK) {
        remember(dec, f);
        reel_frame_unref(&f);
    }
    return rc == until ? 0 : failed("receive", &err);
}

static int push_all(reel_decoder *dec, const reel_track *track)
{
    reel_cursor c;
    reel_sample s;
    reel_packet p;
    reel_error err;
    int rc;
    reel_cursor_init(&c, track);
    while (reel_cursor_next(&c, &s, &err) == REEL_OK) {
        if (reel_packet_get(track, &s, &p, &err) != REEL_OK)
            return failed("packet", &err);
        while ((rc = reel_decoder_send(dec, &p, &err)) == REEL_E_AGAIN)
            if (receive_all(dec, REEL_E_AGAIN))
                return 1;
        reel_packet_unref(&p);
        if (rc != REEL_OK)
            return failed("send", &err);
        if (receive_all(dec, REEL_E_AGAIN))
            return 1;
    }
    return reel_decoder_send(dec, NULL, &err) != REEL_OK ? failed("drain", &err) : receive_all(dec, REEL_END);
}

/* From the place of a frame, it and three more. */
static int seek_to(reel_decoder *dec, size_t at)
{
    reel_frame *f;
    reel_error err;
    char md5[33];
    if (reel_decoder_seek(dec, all[at].index, &err) != REEL_OK)
        return failed("seek", &err);
    for (size_t i = at; i < count && i < at + 4; i++) {
        if (reel_decoder_next(dec, &f, &err) != REEL_OK)
            return failed("next after a seek", &err);
        frame_md5(dec, f, md5);
        double far = near > 0 ? distance(&all[i], f) : 0;
        farthest = far > farthest ? far : farthest;
        bool same = f->pts == all[i].pts && (near > 0 ? far < near : strcmp(md5, all[i].md5) == 0);
        if (!same)
            printf("! seek to sample %" PRIu64 ", frame %zu behind it: pts %" PRId64 " %u %s, was %" PRId64 " %s\n",
                   all[at].index, i - at, f->pts, f->flags, md5, all[i].pts, all[i].md5);
        reel_frame_unref(&f);
        if (!same)
            return 1;
    }
    return 0;
}

static uint64_t chance(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static int seek_around(reel_decoder *dec, unsigned n)
{
    uint64_t state = 88172645463325252u;
    for (unsigned i = 0; i < n && count; i++)
        if (seek_to(dec, chance(&state) % count))
            return 1;
    return 0;
}

/* ---- damage ---- */

enum { SILENT = 4 };

typedef struct hurt { /* samples: those from first on are spoilt, the sync sample at healed is whole again */
    uint64_t first, healed, samples;
    int64_t healed_pts;
} hurt;

static void spoil(uint8_t *data, uint32_t size, uint64_t *state)
{
    unsigned flips = 1 + chance(state) % 8;
    if (size > 0 && chance(state) % 4 == 0)
        for (uint32_t i = (uint32_t)(chance(state) % size), n = 0; i < size && n < 40; i++, n++)
            data[i] = (uint8_t)chance(state);
    for (unsigned i = 0; size > 0 && i < flips; i++)
        data[chance(state) % size] ^= (uint8_t)(1u << (chance(state) % 8));
}

/* Up to three samples of one group: the tables stay as they are. */
static hurt spoil_some(const film *f, const reel_track *track, bool threads, uint64_t *state)
{
    hurt h = {.first = UINT64_MAX};
    uint64_t from;
    reel_sample s;
    reel_track_sample_count(track, &h.samples, NULL);
    uint64_t at = chance(state) % h.samples;
    if (reel_track_find_sync(track, at, REEL_SEEK_PREVIOUS, &from, NULL) != REEL_OK)
        from = 0;
    if (reel_track_find_sync(track, at + 1, REEL_SEEK_NEXT, &h.healed, NULL) != REEL_OK)
        h.healed = h.samples;
    for (int i = 0; i < 3; i++) {
        uint64_t n = from + chance(state) % (h.healed - from);
        if (reel_track_sample(track, n, &s, NULL) != REEL_OK || s.offset + s.size > f->size)
            continue;
        spoil(f->data + s.offset, s.size, state);
        h.first = n < h.first ? n : h.first;
    }
    /* With frame threads an error that the codec hides is seen when the next sync sample is on its way. */
    if (threads && reel_track_find_sync(track, h.healed + 1, REEL_SEEK_NEXT, &h.healed, NULL) != REEL_OK)
        h.healed = h.samples;
    if (h.healed < h.samples && reel_track_sample(track, h.healed, &s, NULL) == REEL_OK)
        h.healed_pts = s.pts;
    return h;
}

static bool must_be_whole(const hurt *h, const shown *was)
{
    return was->index < h->first || (was->index >= h->healed && was->pts >= h->healed_pts);
}

/* The frames of the spoilt film; each of the whole one that has to be there is ticked off. */
static int compare_hurt(reel_decoder *dec, const hurt *h, bool *there)
{
    reel_frame *f;
    reel_sample s = {.index = UINT64_MAX};
    reel_error err;
    char md5[33];
    int rc, bad = 0;
    while ((rc = reel_decoder_next(dec, &f, &err)) == REEL_OK) {
        reel_decoder_sample(dec, &s);
        frame_md5(dec, f, md5);
        for (size_t i = 0; i < count; i++)
            if (all[i].index == s.index) {
                bool same = !must_be_whole(h, &all[i]) || strcmp(all[i].md5, md5) == 0;
                if (!same)
                    printf("! sample %" PRIu64 ", flags %u, is not as it was\n", s.index, f->flags);
                bad |= !same;
                there[i] = true;
            }
        reel_frame_unref(&f);
    }
    return rc == REEL_END ? bad : failed("next of a spoilt film", &err);
}

static int is_all_there(reel_decoder *dec, const hurt *h, const bool *there)
{
    reel_decoder_stats s;
    uint64_t missing = 0;
    reel_decoder_get_stats(dec, &s);
    for (size_t i = 0; i < count; i++) {
        missing += !there[i];
        if (!there[i] && must_be_whole(h, &all[i])) {
            printf("! sample %" PRIu64 " did not come out\n", all[i].index);
            return 1;
        }
    }
    /* A codec may pass over some in silence: mpeg4 a picture whose header is gone, and the B pictures beside it. */
    if (missing > s.lost + SILENT) {
        printf("! %" PRIu64 " pictures are missing, %" PRIu64 " are counted as lost\n", missing, s.lost);
        return 1;
    }
    return 0;
}

static int hurt_once(const options *o, const film *whole, uint64_t seed)
{
    film f = {malloc(whole->size), whole->size};
    bool *there = calloc(count, sizeof *there);
    reel_decoder_options d = o->dec;
    reel_decoder *dec = NULL;
    if (!f.data || !there)
        exit(2);
    memcpy(f.data, whole->data, f.size);
    reel_movie *movie = film_open(&f);
    const reel_track *track = film_pictures(movie);
    hurt h = spoil_some(&f, track, d.threads != 1, &seed);
    d.report = NULL;
    int bad = reel_decoder_open(track, &d, &dec, NULL) != REEL_OK || compare_hurt(dec, &h, there) ||
              is_all_there(dec, &h, there);
    if (bad)
        printf("! from sample %" PRIu64 " on spoilt, whole again at %" PRIu64 " of %" PRIu64 "\n", h.first, h.healed,
               h.samples);
    reel_decoder_close(&dec);
    reel_close(&movie);
    film_free(&f);
    free(there);
    return bad;
}

static int hurt_around(const options *o)
{
    film whole;
    int bad = 0;
    if (!film_read(&whole, o->path))
        return 1;
    for (unsigned i = 0; i < o->damage && !bad; i++) {
        bad = hurt_once(o, &whole, 0x9e3779b97f4a7c15u * (i + 1));
        if (bad)
            printf("! at attempt %u\n", i);
    }
    film_free(&whole);
    return bad;
}

static void say_stats(reel_decoder *dec)
{
    reel_decoder_stats s;
    reel_decoder_get_stats(dec, &s);
#define SAY(name) printf("# " #name " %" PRIu64 "\n", s.name);
    SAY(packets) SAY(bytes) SAY(copies) SAY(frames) SAY(wrapped) SAY(damaged) SAY(dropped) SAY(skipped)
    SAY(errors) SAY(lost) SAY(resyncs) SAY(seeks) SAY(waits) SAY(refused) SAY(unfit) SAY(pools) SAY(switches)
#undef SAY
    if (near > 0)
        printf("# farthest %.4f\n", farthest);
    if (sound)
        printf("# rate %u\n# channels %u\n# mask %" PRIu64 "\n# format %s\n", last_sound.sample_rate,
               last_sound.height, last_sound.channel_mask, reel_decoder_format_name(last_sound.format));
    printf("# codec %s\n", reel_decoder_codec(dec));
}

static int run(const options *o)
{
    reel_movie *movie = NULL;
    reel_decoder *dec = NULL;
    reel_error err;
    if (reel_open_file(o->path, 0, NULL, &movie, &err) != REEL_OK)
        return failed("open", &err);
    const reel_track *track = o->track ? reel_movie_track_by_id(movie, o->track)
                                       : reel_movie_default_track(movie, sound ? REEL_TRACK_AUDIO : REEL_TRACK_VIDEO);
    err = (reel_error){.code = REEL_E_NOT_FOUND, .offset = REEL_NO_OFFSET, .text = "there is no such track"};
    int bad = !track || reel_decoder_open(track, &o->dec, &dec, &err) != REEL_OK;
    if (bad)
        failed("decoder", &err);
    else
        bad = o->push ? push_all(dec, track) : pull_all(dec);
    if (!bad && o->seeks)
        bad = seek_around(dec, o->seeks);
    if (!bad && o->damage)
        bad = hurt_around(o);
    say_stats(dec);
    reel_decoder_close(&dec);
    reel_close(&movie);
    for (size_t i = 0; i < count; i++)
        free(all[i].samples);
    free(all);
    if (sound)
        fclose(sound);
    return bad;
}

static bool option(options *o, const char *name, const char *value)
{
    if (strcmp(name, "threads") == 0)
        o->dec.threads = (uint32_t)atoi(value);
    else if (strcmp(name, "kind") == 0)
        o->dec.thread_kind = *value == 'f'   ? REEL_DECODER_THREADS_FRAME
                             : *value == 's' ? REEL_DECODER_THREADS_SLICE
                                             : REEL_DECODER_THREADS_ANY;
    else if (strcmp(name, "seeks") == 0)
        o->seeks = (unsigned)atoi(value);
    else if (strcmp(name, "damage") == 0)
        o->damage = (unsigned)atoi(value);
    else if (strcmp(name, "sound") == 0)
        sound = fopen(value, "wb");
    else if (strcmp(name, "near") == 0)
        near = atof(value);
    else if (strcmp(name, "track") == 0)
        o->track = (uint32_t)atoi(value);
    else if (strcmp(name, "discard") == 0)
        o->dec.discard = (uint32_t)atoi(value);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    options o = {.dec = {.sizeof_options = sizeof o.dec, .threads = 1, .report = told}};
    if (argc < 2)
        return 2;
    o.path = argv[1];
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], "push") == 0)
            o.push = true;
        else if (strcmp(argv[i], "keep") == 0)
            o.dec.flags |= REEL_DECODER_KEEP_DAMAGED;
        else if (i + 1 == argc || !option(&o, argv[i], argv[i + 1]))
            return 2;
        else
            i++;
    return run(&o);
}
