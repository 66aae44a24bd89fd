/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pipeline: several streams of 1080p to RGB, each picture in a consumer's hands, beside the pipeline that this replaces
 * (pipeline_old.c says what that does). Here: one mapping a film, packets that point into it, pictures in a pool,
 * RGB in another, a strand a stream and a strand a consumer on as many threads as there are cores.
 *
 * Both decode with the same libavcodec, so the third number is that alone, from packets that lie ready: no pipeline is
 * faster. A codec that is cheap shows what is around it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <reel/decode.h>
#include <reel/picture.h>
#include <reel/sched.h>

#include "peer.h"
#include "pipeline.h"

enum { WIDTH = 1920, HEIGHT = 1080, FRAMES = 120, STREAMS = 6, PACED = 2, HELD = 3, ROUNDS = 3, HUNDREDS = 200 };
enum { FRAME = 16666667, BEGIN = 20000000 }; /* ns */

/* ---- what both do ---- */

uint64_t pipeline_luma(const uint8_t *y, ptrdiff_t stride, int width, int height, int stream, int n)
{
    uint64_t h = (uint64_t)stream * 1000003 + (uint64_t)n, v;
    for (int line = 0; line < height; line += 32)
        for (int x = 0; x + 8 <= width; x += 8) {
            memcpy(&v, y + line * stride + x, sizeof v);
            h = (h ^ v) * 0x9e3779b97f4a7c15u;
            h ^= h >> 29;
        }
    return h;
}

void pipeline_consume(pipeline_result *r, const uint8_t *rgb, ptrdiff_t stride, int stream, int n, int64_t late_ns,
                      int64_t period)
{
    uint64_t seen = 0;
    for (int y = 0; y < r->height; y++)
        seen += rgb[y * stride];
    r->seen += seen;
    r->late += period && late_ns > period;
    if (stream == 0 && n == PIPELINE_KEPT && (r->rgb = malloc((size_t)r->width * (size_t)r->height * 3)) != NULL)
        for (int y = 0; y < r->height; y++)
            memcpy(r->rgb + (size_t)y * (size_t)r->width * 3, rgb + y * stride, (size_t)r->width * 3);
    r->frames++;
}

/* ---- reel ---- */

typedef struct stream stream;

typedef struct handed { /* a picture on its way to a consumer */
    reel_task task;
    stream *from;
    reel_frame *rgb;
    int n;
    int64_t due;
    atomic_bool out; /* from the decoding task to the consumer's end */
} handed;

typedef struct run {
    const pipeline *p;
    pipeline_result *r;
    reel_sched *sched;
    reel_pool *pool; /* of RGB */
    reel_layout layout;
    reel_strand *consumers;
    atomic_uint next; /* consumer */
    atomic_int open;  /* streams */
} run;

struct stream {
    run *run;
    int number, n;
    int64_t begin;
    reel_strand strand;
    reel_task step;
    reel_movie *movie;
    reel_decoder *dec;
    reel_picture *picture;
    handed handed[HELD];
};

static void consume(reel_task *task, void *user)
{
    handed *h = user;
    stream *s = h->from;
    (void)task;
    pipeline_consume(s->run->r, h->rgb->data[0], h->rgb->stride[0], s->number, h->n, reel_clock_now() - h->due,
                     s->run->p->period);
    reel_frame_unref(&h->rgb);
    atomic_store(&h->out, false);
    reel_task_post(s->run->sched, &s->step, 0); /* where it is posted already, it stays as it is */
}

static void convert(stream *s, handed *h, const reel_frame *f)
{
    run *r = s->run;
    reel_error err = {0};
    if (!s->picture) {
        reel_picture_options o = {.sizeof_options = sizeof o};
        if (reel_picture_describe(f, &o) != REEL_OK || reel_picture_open(&o, &s->picture, &err) != REEL_OK)
            die("picture", &err);
    }
    if (reel_pool_take(r->pool, &r->layout, REEL_HERE, &h->rgb) != REEL_OK ||
        reel_picture_run(s->picture, f, h->rgb->data, h->rgb->stride, &err) != REEL_OK)
        die("picture", &err);
}

/* NULL: the consumers have all that may be out. */
static handed *room(stream *s)
{
    for (int i = 0; i < HELD; i++)
        if (!atomic_load(&s->handed[i].out))
            return &s->handed[i];
    return NULL;
}

static void hand_over(stream *s, handed *h, reel_frame *f)
{
    run *r = s->run;
    int64_t due = s->step.at;
    r->r->luma += pipeline_luma(f->data[0], f->stride[0], (int)f->width, (int)f->height, s->number, s->n);
    h->from = s;
    h->n = s->n;
    h->due = due;
    convert(s, h, f);
    reel_frame_unref(&f);
    s->n++;
    if (r->p->period)
        s->step.at = s->begin + s->n * r->p->period;
    unsigned consumer = atomic_fetch_add(&r->next, 1) % (unsigned)r->p->consumers;
    h->task = (reel_task){.run = consume, .user = h, .strand = &r->consumers[consumer], .deadline = due ? due + FRAME : 0};
    atomic_store(&h->out, true);
    reel_task_post(r->sched, &h->task, 0);
}

static void step(reel_task *task, void *user)
{
    stream *s = user;
    reel_frame *f;
    reel_error err;
    handed *h = room(s);
    if (!h || s->n < 0)
        return;
    int rc = reel_decoder_next(s->dec, &f, &err);
    if (rc == REEL_OK)
        hand_over(s, h, f);
    else if (rc == REEL_END) {
        s->n = -1;
        atomic_fetch_sub(&s->run->open, 1);
        return;
    } else if (rc != REEL_E_AGAIN)
        die("decode", &err);
    if (room(s))
        reel_task_post(s->run->sched, task, 0);
}

static void stream_open(stream *s, run *r, int number)
{
    const reel_decoder_options o = {.sizeof_options = sizeof o, .threads = 1, .most_packets = 1, .wait_ns = -1,
                                    .frames = 1};
    reel_error err;
    *s = (stream){.run = r, .number = number, .begin = reel_clock_now() + BEGIN};
    if (reel_open_file(r->p->path, 0, NULL, &s->movie, &err) != REEL_OK ||
        reel_decoder_open(reel_movie_default_track(s->movie, REEL_TRACK_VIDEO), &o, &s->dec, &err) != REEL_OK ||
        reel_strand_open(&s->strand, r->sched, NULL, &err) != REEL_OK)
        die(r->p->path, &err);
    s->step = (reel_task){.run = step, .user = s, .strand = &s->strand, .at = r->p->period ? s->begin : 0};
    reel_task_post(r->sched, &s->step, 0);
}

static void stream_close(stream *s)
{
    reel_strand_close(&s->strand, REEL_CLOSE_DRAIN);
    reel_picture_close(&s->picture);
    reel_decoder_close(&s->dec);
    reel_close(&s->movie);
}

static void run_open(run *r, const pipeline *p, pipeline_result *result)
{
    reel_format f;
    *r = (run){.p = p, .r = result, .open = p->streams};
    reel_pool_options o = {.sizeof_options = sizeof o, .flags = REEL_POOL_FAST};
    r->consumers = calloc((size_t)p->consumers, sizeof *r->consumers);
    if (!r->consumers || reel_format_get(REEL_PIXEL_RGB24, &f) != REEL_OK ||
        reel_layout_init(&r->layout, &f, WIDTH, HEIGHT, NULL, NULL) != REEL_OK)
        die("no layout", NULL);
    o.buffer_size = r->layout.size;
    if (reel_pool_open(&o, &r->pool, NULL) != REEL_OK || reel_sched_open(NULL, &r->sched, NULL) != REEL_OK)
        die("no pool, or no scheduler", NULL);
    for (int i = 0; i < p->consumers; i++)
        if (reel_strand_open(&r->consumers[i], r->sched, NULL, NULL) != REEL_OK)
            die("no strand", NULL);
}

static void with_reel(const pipeline *p, pipeline_result *result)
{
    static stream streams[PIPELINE_MOST_STREAMS];
    run r;
    uint64_t from = tick();
    result->cpu = cpu_ns();
    run_open(&r, p, result);
    for (int i = 0; i < p->streams; i++)
        stream_open(&streams[i], &r, i);
    while (atomic_load(&r.open) > 0)
        usleep(500);
    for (int i = 0; i < p->consumers; i++)
        reel_strand_close(&r.consumers[i], REEL_CLOSE_DRAIN);
    result->cpu = cpu_ns() - result->cpu;
    result->ns = tick_ns(tick() - from);
    for (int i = 0; i < p->streams; i++)
        stream_close(&streams[i]);
    reel_sched_close(&r.sched, REEL_CLOSE_DRAIN);
    reel_pool_close(&r.pool);
    free(r.consumers);
}

/* ---- side by side ---- */

/* Swscale takes the nearest chroma where reel lies between: pictures differ along edges, not on the whole. */
static bool alike(const pipeline_result *a, const pipeline_result *b)
{
    uint64_t sum = 0, n = (uint64_t)WIDTH * HEIGHT * 3;
    if (!a->rgb || !b->rgb)
        return false;
    for (uint64_t i = 0; i < n; i++)
        sum += (uint64_t)abs(a->rgb[i] - b->rgb[i]);
    return (double)sum / (double)n < 3;
}

static void right(pipeline_result *reel, pipeline_result *old, const pipeline *p)
{
    uint64_t all = (uint64_t)p->streams * FRAMES;
    report_check(reel->frames == all && old->frames == all, "each picture reaches a consumer");
    report_check(reel->luma == old->luma, "both decode the same pictures");
    report_check(alike(reel, old), "both make the same RGB");
    free(reel->rgb);
    free(old->rgb);
}

typedef struct figures {
    times rate, cpu; /* frames a second; ms a frame */
} figures;

static void add(figures *f, const pipeline_result *r)
{
    times_add(&f->rate, (double)r->frames * 1e9 / r->ns);
    times_add(&f->cpu, r->cpu / 1e6 / (double)r->frames);
}

static pipeline_result empty(void) { return (pipeline_result){.width = WIDTH, .height = HEIGHT}; }

static void free_figures(figures *f)
{
    times_free(&f->rate);
    times_free(&f->cpu);
}

static void rows(const char *codec, int consumers, figures *reel, figures *old, figures *bare)
{
    char what[64];
    double mine = times_at(&reel->cpu, 0.5), theirs = times_at(&old->cpu, 0.5), floor = times_at(&bare->cpu, 0.5);
    snprintf(what, sizeof what, "%s to RGB, %d streams, %d tasks", codec, STREAMS, consumers);
    report_row(&(row){.what = what, .unit = "frames/s", .reel = times_at(&reel->rate, 0.5), .peer = "old pipeline",
                      .peer_value = times_at(&old->rate, 0.5), .more_is_better = true, .least_ratio = 3.8});
    snprintf(what, sizeof what, "%s to RGB, CPU", codec);
    report_row(&(row){.what = what, .unit = "ms a frame", .reel = mine, .peer = "old pipeline", .peer_value = theirs});
    snprintf(what, sizeof what, "%s to RGB, CPU around libavcodec", codec);
    report_row(&(row){.what = what, .unit = "ms a frame", .reel = mine - floor, .peer = "old pipeline",
                      .peer_value = theirs - floor});
    snprintf(what, sizeof what, "%s to RGB, reel beside bare decode", codec);
    report_row(&(row){.what = what, .unit = "frames/s", .reel = times_at(&reel->rate, 0.5), .peer = "libavcodec",
                      .peer_value = times_at(&bare->rate, 0.5), .more_is_better = true});
    report_note("libavcodec alone: %.2f ms of CPU a frame, %.0f %% of reel's and %.0f %% of the old one's: nothing that "
                "decodes with it can be more than %.1f times as fast as the old one", floor, floor * 100 / mine,
                floor * 100 / theirs, theirs / floor);
}

static void at_once(const char *path, const char *codec, int consumers)
{
    figures f[3] = {{{0}, {0}}};
    pipeline p = {.path = path, .streams = STREAMS, .consumers = consumers};
    for (int i = 0; i < ROUNDS; i++) {
        pipeline_result r[3] = {empty(), empty(), empty()};
        with_reel(&p, &r[0]);
        pipeline_old(&p, &r[1]);
        pipeline_bare(&p, reel_sched_cores(), &r[2]);
        report_check(r[2].luma == r[0].luma, "libavcodec alone decodes the same pictures");
        right(&r[0], &r[1], &p);
        for (int k = 0; k < 3; k++)
            add(&f[k], &r[k]);
    }
    rows(codec, consumers, &f[0], &f[1], &f[2]);
    for (int k = 0; k < 3; k++)
        free_figures(&f[k]);
}

/* A picture is decoded when it is due, and late when the consumer gets it after the next one is. */
static void paced(const char *path, const char *codec)
{
    char what[64];
    pipeline p = {.path = path, .streams = PACED, .consumers = HUNDREDS, .period = FRAME};
    pipeline_result reel = empty(), old = empty();
    with_reel(&p, &reel);
    pipeline_old(&p, &old);
    right(&reel, &old, &p);
    snprintf(what, sizeof what, "%s, %d x 60 fps, later than 16.67 ms", codec, PACED);
    report_row(&(row){.what = what, .unit = "frames", .reel = (double)reel.late, .peer = "old pipeline",
                      .peer_value = (double)old.late});
    report_note("of %d pictures", PACED * FRAMES);
}

/* ---- the films ---- */

static bool write_h264(const char *path)
{
    char frames[16];
    snprintf(frames, sizeof frames, "%d", FRAMES);
    const char *const words[] = {"ffmpeg", "-nostdin", "-v", "quiet", "-y", "-f", "lavfi", "-i",
                                 "testsrc2=size=1920x1080:rate=60", "-frames:v", frames, "-pix_fmt", "yuv420p", "-c:v",
                                 "libx264", "-preset", "veryfast", "-bf", "2", "-g", "60", path, NULL};
    return command_ns(words) > 0;
}

static bool write_mjpeg(const char *path)
{
    char frames[16];
    snprintf(frames, sizeof frames, "%d", FRAMES);
    const char *const words[] = {"ffmpeg", "-nostdin", "-v", "quiet", "-y", "-f", "lavfi", "-i",
                                 "testsrc2=size=1920x1080:rate=60", "-frames:v", frames, "-pix_fmt", "yuvj420p", "-c:v",
                                 "mjpeg", "-q:v", "12", path, NULL};
    return command_ns(words) > 0;
}

static void measure(const char *codec, bool (*write)(const char *path))
{
    char path[] = "/tmp/reel-bench-pipeline-XXXXXX.mov";
    int fd = mkstemps(path, 4);
    if (fd < 0)
        die(path, NULL);
    close(fd);
    if (write(path)) {
        at_once(path, codec, 1);
        at_once(path, codec, HUNDREDS);
        paced(path, codec);
    } else {
        report_note("pipeline: ffmpeg is missing, or cannot write %s", codec);
    }
    unlink(path);
}

void topic_pipeline(void)
{
    reel_error err = {0};
    reel_decoder *none = NULL;
    if (reel_decoder_open(NULL, NULL, &none, &err) == REEL_E_UNSUPPORTED || !pipeline_old_here()) {
        report_note("pipeline: libavcodec or libswscale is missing");
        return;
    }
    report_note("pipeline: %d pictures of 1080p a stream, a test pattern, which decodes faster than most films", FRAMES);
    measure("H.264", write_h264);
    measure("MJPEG", write_mjpeg);
}
