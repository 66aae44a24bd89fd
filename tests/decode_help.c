/* SPDX-License-Identifier: BSD-2-Clause */
#include "decode_help.h"

#include <libavcodec/avcodec.h>
#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <reel/codec.h>
#include <reel/cursor.h>

#include "build.h"

/* libavcodec is not built for ThreadSanitizer, which therefore does not see its atomics and reports races. */
__attribute__((visibility("default"))) const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) { return "race:libavcodec.so\nrace:libavutil.so\n"; }

static void add_plane(struct AVMD5 *md5, const reel_frame *f, const reel_format *format, uint32_t i)
{
    const reel_plane *p = &format->plane[i];
    uint32_t w = (f->width + (1u << p->shift_x) - 1) >> p->shift_x;
    uint32_t h = (f->height + (1u << p->shift_y) - 1) >> p->shift_y;
    for (uint32_t y = 0; y < h; y++)
        av_md5_update(md5, f->data[i] + (ptrdiff_t)y * f->stride[i], (size_t)w * p->step);
}

void frame_each_sample(const reel_frame *f, void (*put)(void *user, const uint8_t *sample, size_t n), void *user)
{
    reel_sound_format format;
    if (reel_sound_format_get(f->format, &format) != REEL_OK)
        return;
    for (uint32_t i = 0; i < f->width; i++)
        for (uint32_t c = 0; c < f->height; c++)
            put(user,
                format.planar ? f->data[0] + (ptrdiff_t)c * f->stride[0] + (size_t)i * format.bytes
                              : f->data[0] + (ptrdiff_t)i * f->stride[0] + (size_t)c * format.bytes,
                format.bytes);
}

static void add_sample(void *user, const uint8_t *sample, size_t n) { av_md5_update(user, sample, n); }

void frame_md5(const reel_decoder *dec, const reel_frame *f, char out[33])
{
    struct AVMD5 *md5 = av_md5_alloc();
    reel_format format;
    uint8_t sum[16];
    strcpy(out, "-");
    if (!md5)
        exit(2);
    av_md5_init(md5);
    if (f->sample_rate || reel_decoder_format(dec, &format) == REEL_OK) {
        for (uint32_t i = 0; !f->sample_rate && i < format.planes; i++)
            add_plane(md5, f, &format, i);
        if (f->sample_rate)
            frame_each_sample(f, add_sample, md5);
        av_md5_final(md5, sum);
        for (int i = 0; i < 16; i++)
            snprintf(out + 2 * (size_t)i, 3, "%02x", sum[i]);
    }
    av_free(md5);
}

bool film_read(film *f, const char *path)
{
    *f = (film){NULL, 0};
    FILE *in = fopen(path, "rb");
    long size = -1;
    if (in && fseek(in, 0, SEEK_END) == 0)
        size = ftell(in);
    if (size > 0 && (f->data = malloc((size_t)size)) != NULL) {
        rewind(in);
        f->size = fread(f->data, 1, (size_t)size, in);
    }
    if (in)
        fclose(in);
    return size > 0 && f->size == (size_t)size;
}

bool decoder_exists(const char *name) { return avcodec_find_decoder_by_name(name) != NULL; }

static bool make(film *f, const char *ending, const char *input, const char *arguments)
{
    char path[64], command[1024];
    snprintf(path, sizeof path, "/tmp/reel-decode-XXXXXX.%s", ending);
    int fd = mkstemps(path, (int)strlen(ending) + 1);
    *f = (film){NULL, 0};
    if (fd < 0)
        return false;
    close(fd);
    snprintf(command, sizeof command, "ffmpeg -nostdin -v error -y -f lavfi -i %s %s -threads 1 -strict -2 %s >/dev/null 2>&1",
             input, arguments, path);
    bool done = system(command) == 0 && film_read(f, path);
    unlink(path);
    return done;
}

bool film_make(film *f, const char *size, int frames, const char *arguments)
{
    char input[256], more[512];
    snprintf(input, sizeof input, "testsrc2=size=%s:rate=25", size);
    snprintf(more, sizeof more, "-frames:v %d -pix_fmt yuv420p %s", frames, arguments);
    return make(f, "mp4", input, more);
}

bool film_make_sound(film *f, const char *ending, const char *arguments)
{
    return make(f, ending, "\"aevalsrc=0.5*sin(440*2*PI*t)*sin(t*3)+0.1*(random(0)-0.5)|0.4*sin(700*2*PI*t):s=48000:d=2\"",
                arguments);
}

void film_free(film *f)
{
    free(f->data);
    *f = (film){NULL, 0};
}

reel_movie *film_open(const film *f)
{
    reel_source *source = NULL;
    reel_movie *movie = NULL;
    if (reel_source_memory(f->data, f->size, NULL, NULL, &source) != REEL_OK ||
        reel_open(source, NULL, &movie, NULL) != REEL_OK)
        exit(3);
    reel_source_unref(&source);
    return movie;
}

film film_copy(const film *f)
{
    film c = {malloc(f->size), f->size};
    if (!c.data)
        exit(2);
    memcpy(c.data, f->data, f->size);
    return c;
}

uint8_t *film_box(const film *f, const char *type)
{
    for (size_t i = 4; i + 4 < f->size; i++)
        if (memcmp(f->data + i, type, 4) == 0)
            return f->data + i;
    return NULL;
}

uint8_t *film_elst(const film *f)
{
    uint8_t *box = film_box(f, "elst");
    return box ? box + 4 : NULL;
}

void film_put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

uint32_t film_get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void film_put_edit(uint8_t *elst, int i, uint32_t duration, int32_t media, uint16_t rate)
{
    uint8_t *p = elst + 8 + 12 * i;
    film_put32(p, duration);
    film_put32(p + 4, (uint32_t)media);
    film_put32(p + 8, (uint32_t)rate << 16);
}

const reel_track *film_pictures(const reel_movie *movie) { return reel_movie_default_track(movie, REEL_TRACK_VIDEO); }
const reel_track *film_sound(const reel_movie *movie) { return reel_movie_default_track(movie, REEL_TRACK_AUDIO); }

enum { JOINED = 1024 };

typedef struct joining { /* a film of the samples of two, in chunks of one */
    b_buf entries, media;
    b_run stts[JOINED], ctts[JOINED];
    uint32_t sizes[JOINED], sync[JOINED], n, syncs;
    uint64_t chunks[JOINED];
} joining;

static void join_film(joining *j, const film *f)
{
    reel_movie *movie = film_open(f);
    const reel_track *track = film_pictures(movie);
    reel_description d;
    reel_sample s;
    reel_cursor c;
    if (reel_track_description(track, 1, &d, NULL) != REEL_OK)
        abort();
    b_bytes(&j->entries, d.entry.data, d.entry.size);
    reel_cursor_init(&c, track);
    while (j->n < JOINED && reel_cursor_next(&c, &s, NULL) == REEL_OK) {
        j->stts[j->n] = (b_run){1, s.duration};
        j->ctts[j->n] = (b_run){1, (uint32_t)(s.pts - s.dts)};
        j->sizes[j->n] = s.size;
        j->chunks[j->n++] = j->media.size;
        if (s.flags & REEL_SAMPLE_SYNC)
            j->sync[j->syncs++] = j->n;
        b_bytes(&j->media, f->data + s.offset, s.size);
    }
    reel_close(&movie);
}

film film_joined(const film *a, const film *b)
{
    joining *j = calloc(1, sizeof *j);
    b_buf out = {0};
    join_film(j, a);
    const b_chunks stsc[] = {{1, 1, 1}, {j->n + 1, 1, 2}};
    join_film(j, b);
    const b_track track = {.timescale = 12800, .entries = &j->entries, .entry_count = 2, .stts = j->stts,
                           .stts_n = j->n,
                           .ctts = j->ctts, .ctts_n = j->n, .stsc = stsc, .stsc_n = 2, .sizes = j->sizes,
                           .samples = j->n, .chunks = j->chunks, .chunk_n = j->n, .stss = j->sync, .stss_n = j->syncs};
    b_film(&out, &(b_movie){.track = &track, .tracks = 1, .media = j->media.data, .media_size = j->media.size});
    b_free(&j->entries);
    b_free(&j->media);
    free(j);
    return (film){out.data, out.size};
}
