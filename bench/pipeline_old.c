/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pipeline that reel is meant to replace, rebuilt: what a service grows that reads MP4s by itself and decodes with
 * libavcodec. Its sins are the following, each of them usual, and no others:
 *
 *   reading    atoms are walked with buffered reads of 4 KB; where sample n lies is found by going through stsc and stsz
 *              from the first sample on, for each sample anew; then the file is sought, and the sample is read into
 *              memory of malloc
 *   packets    that memory is copied into an AVPacket's, and freed
 *   decoding   a thread and a context for each stream; libavcodec's defaults, which is one thread
 *   frames     each picture is copied into memory of malloc, so that the codec's can be let go of
 *   RGB        sws_scale into memory of malloc, new for each picture
 *   handing    a node of malloc in one queue of all streams, under one mutex, with a condition for each direction; the
 *              consumers are threads that wait there, hundreds of them where the topic says so; who has looked at a
 *              picture frees it
 *
 * What it does not do wrong: nothing is polled, locks are held for a few instructions, swscale's context and libavcodec's
 * are made once a stream, malloc is glibc's with its defaults, and a condition wakes one.
 */
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <reel/sched.h>

#include "engine.h"
#include "pipeline.h"

enum { BUFFER = 4096, ROOM = 32 };

static void *memory(size_t n)
{
    void *p = malloc(n);
    if (!p)
        die("out of memory", NULL);
    return p;
}

/* ---- the file ---- */

typedef struct old_film {
    FILE *file;
    enum AVCodecID codec;
    uint8_t *config; /* what the codec is told; with the zeros libavcodec wants behind it */
    size_t config_size;
    uint32_t *sizes, *runs; /* runs: first chunk (from 1) and samples in each from there on */
    uint64_t *chunks;
    uint32_t samples, run_count, chunk_count;
} old_film;

static uint64_t get(FILE *f, int bytes)
{
    uint64_t v = 0;
    while (bytes-- > 0)
        v = v << 8 | (uint64_t)(uint8_t)fgetc(f);
    return v;
}

static uint32_t word(FILE *f) { return (uint32_t)get(f, 4); }

static void read_entry(old_film *o, long end)
{
    get(o->file, 8);
    long entry = ftell(o->file);
    uint32_t size = word(o->file), name = word(o->file);
    o->codec = name == 0x61766331 ? AV_CODEC_ID_H264 : AV_CODEC_ID_MJPEG; /* avc1 */
    long stop = entry + (long)size < end ? entry + (long)size : end;
    for (long at = entry + 86; at + 8 <= stop;) {
        fseek(o->file, at, SEEK_SET);
        size = word(o->file);
        name = word(o->file);
        if (name == 0x61766343 && size > 8) { /* avcC */
            o->config_size = size - 8;
            o->config = calloc(1, o->config_size + AV_INPUT_BUFFER_PADDING_SIZE);
            if (!o->config || fread(o->config, 1, o->config_size, o->file) != o->config_size)
                die("avcC", NULL);
        }
        at += size < 8 ? 8 : (long)size;
    }
}

static void read_sizes(old_film *o)
{
    get(o->file, 4);
    uint32_t all = word(o->file);
    o->samples = word(o->file);
    o->sizes = memory(o->samples * sizeof *o->sizes);
    for (uint32_t i = 0; i < o->samples; i++)
        o->sizes[i] = all ? all : word(o->file);
}

static void read_runs(old_film *o)
{
    get(o->file, 4);
    o->run_count = word(o->file);
    o->runs = memory((size_t)o->run_count * 2 * sizeof *o->runs);
    for (uint32_t i = 0; i < o->run_count; i++) {
        o->runs[2 * i] = word(o->file);
        o->runs[2 * i + 1] = word(o->file);
        word(o->file);
    }
}

static void read_chunks(old_film *o, int bytes)
{
    get(o->file, 4);
    o->chunk_count = word(o->file);
    o->chunks = memory(o->chunk_count * sizeof *o->chunks);
    for (uint32_t i = 0; i < o->chunk_count; i++)
        o->chunks[i] = get(o->file, bytes);
}

static bool read_table(old_film *o, uint32_t name, long end)
{
    switch (name) {
    case 0x73747364: read_entry(o, end); return true;     /* stsd */
    case 0x7374737a: read_sizes(o); return true;          /* stsz */
    case 0x73747363: read_runs(o); return true;           /* stsc */
    case 0x7374636f: read_chunks(o, 4); return true;      /* stco */
    case 0x636f3634: read_chunks(o, 8); return true;      /* co64 */
    default: return false;
    }
}

/* moov, trak, mdia, minf and stbl follow each other inward: a loop that enters them sees all there is. One track. */
static void walk(old_film *o, long end)
{
    for (long at = 0; at + 8 <= end;) {
        fseek(o->file, at, SEEK_SET);
        uint64_t size = word(o->file);
        uint32_t name = word(o->file), head = 8;
        if (size == 1) {
            size = get(o->file, 8);
            head = 16;
        }
        if (size < head)
            return;
        bool inside = name == 0x6d6f6f76 || name == 0x7472616b || name == 0x6d646961 || name == 0x6d696e66 ||
                      name == 0x7374626c;
        if (!inside)
            read_table(o, name, at + (long)size);
        at += inside ? (long)head : (long)size;
    }
}

static old_film old_open(const char *path)
{
    old_film o = {.file = fopen(path, "rb")};
    if (!o.file || setvbuf(o.file, NULL, _IOFBF, BUFFER) != 0 || fseek(o.file, 0, SEEK_END) != 0)
        die(path, NULL);
    walk(&o, ftell(o.file));
    if (!o.sizes || !o.runs || !o.chunks)
        die("no tables", NULL);
    return o;
}

static void old_close(old_film *o)
{
    fclose(o->file);
    free(o->config);
    free(o->sizes);
    free(o->runs);
    free(o->chunks);
}

/* From the first sample on, each time. */
static uint64_t find(const old_film *o, uint32_t n)
{
    uint32_t first = 0, run = 0;
    for (uint32_t chunk = 0; chunk < o->chunk_count; chunk++) {
        while (run + 1 < o->run_count && o->runs[2 * (run + 1)] <= chunk + 1)
            run++;
        uint32_t each = o->runs[2 * run + 1];
        if (n - first < each) {
            uint64_t at = o->chunks[chunk];
            while (first < n)
                at += o->sizes[first++];
            return at;
        }
        first += each;
    }
    die("a sample in no chunk", NULL);
}

static AVPacket *read_packet(old_film *o, uint32_t n)
{
    uint8_t *sample = memory(o->sizes[n]);
    AVPacket *packet = av_packet_alloc();
    if (fseek(o->file, (long)find(o, n), SEEK_SET) != 0 || fread(sample, 1, o->sizes[n], o->file) != o->sizes[n] ||
        !packet || av_new_packet(packet, (int)o->sizes[n]) != 0)
        die("a sample cannot be read", NULL);
    memcpy(packet->data, sample, o->sizes[n]);
    free(sample);
    return packet;
}

static AVCodecContext *codec_of(const old_film *o)
{
    const AVCodec *codec = avcodec_find_decoder(o->codec);
    AVCodecContext *c = avcodec_alloc_context3(codec);
    if (!c)
        die("no codec", NULL);
    if (o->config && (c->extradata = av_mallocz(o->config_size + AV_INPUT_BUFFER_PADDING_SIZE)) != NULL) {
        memcpy(c->extradata, o->config, o->config_size);
        c->extradata_size = (int)o->config_size;
    }
    if (avcodec_open2(c, codec, NULL) != 0)
        die("the codec does not open", NULL);
    return c;
}

/* ---- the queue ---- */

typedef struct node {
    struct node *next;
    uint8_t *rgb;
    int width, height, stream, n;
    int64_t due;
} node;

typedef struct queue {
    pthread_mutex_t lock;
    pthread_cond_t some, room;
    node *head, *tail;
    int length;
    bool end;
    const pipeline *p;
    pipeline_result *r;
} queue;

static void put(queue *q, node *n)
{
    pthread_mutex_lock(&q->lock);
    while (q->length == ROOM)
        pthread_cond_wait(&q->room, &q->lock);
    if (q->head)
        q->tail->next = n;
    else
        q->head = n;
    q->tail = n;
    q->length++;
    pthread_cond_signal(&q->some);
    pthread_mutex_unlock(&q->lock);
}

static node *take(queue *q)
{
    pthread_mutex_lock(&q->lock);
    while (!q->head && !q->end)
        pthread_cond_wait(&q->some, &q->lock);
    node *n = q->head;
    if (n) {
        q->head = n->next;
        q->length--;
        pthread_cond_signal(&q->room);
    }
    pthread_mutex_unlock(&q->lock);
    return n;
}

static void *consumer(void *user)
{
    queue *q = user;
    for (node *n; (n = take(q)) != NULL;) {
        pipeline_consume(q->r, n->rgb, (ptrdiff_t)n->width * 3, n->stream, n->n, reel_clock_now() - n->due,
                         q->p->period);
        free(n->rgb);
        free(n);
    }
    return NULL;
}

/* ---- a stream ---- */

typedef struct stream {
    queue *queue;
    int number;
    int64_t begin;
    old_film film;
    uint32_t sample;
    AVCodecContext *codec;
    struct SwsContext *sws;
    AVFrame *frame;
    pthread_t thread;
} stream;

static bool next_frame(stream *s)
{
    for (int rc; (rc = avcodec_receive_frame(s->codec, s->frame)) != 0;) {
        if (rc != AVERROR(EAGAIN))
            return false;
        AVPacket *packet = s->sample < s->film.samples ? read_packet(&s->film, s->sample++) : NULL;
        if (avcodec_send_packet(s->codec, packet) != 0)
            die("decode", NULL);
        av_packet_free(&packet);
    }
    return true;
}

static struct SwsContext *sws_of(struct SwsContext *old, const AVFrame *f)
{
    if (old)
        return old;
    struct SwsContext *sws = sws_getContext(f->width, f->height, (enum AVPixelFormat)f->format, f->width, f->height,
                                            AV_PIX_FMT_RGB24, SWS_BILINEAR, NULL, NULL, NULL);
    bool sd = f->colorspace == AVCOL_SPC_BT470BG || f->colorspace == AVCOL_SPC_SMPTE170M;
    const int *c = sws_getCoefficients(sd ? SWS_CS_ITU601 : SWS_CS_ITU709);
    if (!sws)
        die("no swscale context", NULL);
    sws_setColorspaceDetails(sws, c, f->color_range == AVCOL_RANGE_JPEG, c, 1, 0, 1 << 16, 1 << 16);
    return sws;
}

static uint8_t *to_rgb(stream *s, const uint8_t *copy)
{
    const AVFrame *f = s->frame;
    uint8_t *rgb = memory((size_t)f->width * (size_t)f->height * 3), *from[4], *to[4] = {rgb};
    int stride[4], to_stride[4] = {f->width * 3};
    av_image_fill_arrays(from, stride, copy, (enum AVPixelFormat)f->format, f->width, f->height, 1);
    s->sws = sws_of(s->sws, f);
    sws_scale(s->sws, (const uint8_t *const *)from, stride, 0, f->height, to, to_stride);
    return rgb;
}

static void frame_out(stream *s, int n, int64_t due)
{
    AVFrame *f = s->frame;
    int size = av_image_get_buffer_size((enum AVPixelFormat)f->format, f->width, f->height, 1);
    uint8_t *copy = memory((size_t)size);
    av_image_copy_to_buffer(copy, size, (const uint8_t *const *)f->data, f->linesize, (enum AVPixelFormat)f->format,
                            f->width, f->height, 1);
    s->queue->r->luma += pipeline_luma(copy, f->width, f->width, f->height, s->number, n);
    node *out = memory(sizeof *out);
    *out = (node){.rgb = to_rgb(s, copy), .width = f->width, .height = f->height, .stream = s->number, .n = n,
                  .due = due};
    av_frame_unref(f);
    free(copy);
    put(s->queue, out);
}

static void *stream_main(void *user)
{
    stream *s = user;
    const int64_t period = s->queue->p->period;
    for (int n = 0;; n++) {
        int64_t due = s->begin + n * period;
        struct timespec t = {(time_t)(due / 1000000000), (long)(due % 1000000000)};
        while (period && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0)
            ;
        if (!next_frame(s))
            break;
        frame_out(s, n, due);
    }
    return NULL;
}

static void stream_open(stream *s, queue *q, int number)
{
    *s = (stream){.queue = q, .number = number, .film = old_open(q->p->path), .frame = av_frame_alloc()};
    s->codec = codec_of(&s->film);
    if (!s->frame)
        die("out of memory", NULL);
    s->begin = reel_clock_now() + (int64_t)20000000;
    if (pthread_create(&s->thread, NULL, stream_main, s) != 0)
        die("no thread", NULL);
}

static void stream_close(stream *s)
{
    av_frame_free(&s->frame);
    avcodec_free_context(&s->codec);
    sws_freeContext(s->sws);
    old_close(&s->film);
}

/* ---- all of it ---- */

bool pipeline_old_here(void) { return true; }

void pipeline_old(const pipeline *p, pipeline_result *r)
{
    av_log_set_level(AV_LOG_QUIET);
    queue q = {.lock = PTHREAD_MUTEX_INITIALIZER, .some = PTHREAD_COND_INITIALIZER, .room = PTHREAD_COND_INITIALIZER,
               .p = p, .r = r};
    stream streams[PIPELINE_MOST_STREAMS] = {{0}};
    pthread_t *consumers = calloc((size_t)p->consumers, sizeof *consumers);
    if (!consumers)
        die("out of memory", NULL);
    for (int i = 0; i < p->consumers; i++)
        if (pthread_create(&consumers[i], NULL, consumer, &q) != 0)
            die("no thread", NULL);
    uint64_t from = tick();
    r->cpu = cpu_ns();
    for (int i = 0; i < p->streams; i++)
        stream_open(&streams[i], &q, i);
    for (int i = 0; i < p->streams; i++)
        pthread_join(streams[i].thread, NULL);
    pthread_mutex_lock(&q.lock);
    q.end = true;
    pthread_cond_broadcast(&q.some);
    pthread_mutex_unlock(&q.lock);
    for (int i = 0; i < p->consumers; i++)
        pthread_join(consumers[i], NULL);
    r->cpu = cpu_ns() - r->cpu;
    r->ns = tick_ns(tick() - from);
    for (int i = 0; i < p->streams; i++)
        stream_close(&streams[i]);
    free(consumers);
}

/* ---- libavcodec alone ---- */

typedef struct bare {
    const old_film *film;
    AVPacket **packets;
    atomic_int *next;
    int streams;
    pipeline_result *r;
    pthread_t thread;
} bare;

static void bare_film(const bare *b, int number)
{
    AVCodecContext *c = codec_of(b->film);
    AVFrame *f = av_frame_alloc();
    int n = 0;
    for (uint32_t i = 0; i <= b->film->samples; i++) {
        if (!f || avcodec_send_packet(c, i < b->film->samples ? b->packets[i] : NULL) != 0)
            die("decode", NULL);
        while (avcodec_receive_frame(c, f) == 0) {
            b->r->luma += pipeline_luma(f->data[0], f->linesize[0], f->width, f->height, number, n++);
            b->r->frames++;
        }
    }
    av_frame_free(&f);
    avcodec_free_context(&c);
}

static void *bare_main(void *user)
{
    const bare *b = user;
    for (int i; (i = atomic_fetch_add(b->next, 1)) < b->streams;)
        bare_film(b, i);
    return NULL;
}

void pipeline_bare(const pipeline *p, unsigned threads, pipeline_result *r)
{
    old_film from_disk = old_open(p->path);
    AVPacket **packets = memory(from_disk.samples * sizeof *packets);
    atomic_int next = 0;
    bare b[PIPELINE_MOST_STREAMS] = {{0}};
    for (uint32_t i = 0; i < from_disk.samples; i++)
        packets[i] = read_packet(&from_disk, i);
    if (threads > PIPELINE_MOST_STREAMS)
        threads = PIPELINE_MOST_STREAMS;
    uint64_t from = tick();
    r->cpu = cpu_ns();
    for (unsigned i = 0; i < threads; i++) {
        b[i] = (bare){.film = &from_disk, .packets = packets, .next = &next, .streams = p->streams, .r = r};
        if (pthread_create(&b[i].thread, NULL, bare_main, &b[i]) != 0)
            die("no thread", NULL);
    }
    for (unsigned i = 0; i < threads; i++)
        pthread_join(b[i].thread, NULL);
    r->cpu = cpu_ns() - r->cpu;
    r->ns = tick_ns(tick() - from);
    for (uint32_t i = 0; i < from_disk.samples; i++)
        av_packet_free(&packets[i]);
    free(packets);
    old_close(&from_disk);
}
