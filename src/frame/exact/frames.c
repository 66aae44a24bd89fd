/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exact frames by several workers. A call makes a job: groups of pictures, the dearest first, of which each worker takes
 * the next until there are none.
 */
#include <reel/frames.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <reel/decode.h>
#include <reel/sched.h>

#include "frame/base/fail.h"
#include "frame/exact/gops.h"
#include "frame/base/memory.h"
#include "frame/base/sum.h"
#include "frame/base/track.h"

enum { MOST_WORKERS = 256, SLICE = 50000000 }; /* ns between two looks at the time */

typedef struct job job;

typedef struct worker {
    reel_task task;
    reel_frames *home;
    _Atomic(reel_decoder *) decoder; /* made when the first group comes */
    reel_picture *picture; /* for frames as the last one was; batches only */
    reel_picture_options made; /* of picture */
    uint8_t *canvas;           /* what somebody takes who has no batch */
    size_t canvas_size;
    uint64_t entry, last;      /* of the group before; */
    int64_t pts;               /* its last picture */
    bool worked;               /* there was one */
    reel_error lost;           /* what the decoder told first about the picture it looks for; or REEL_OK */
} worker;

struct reel_frames {
    reel_allocator alloc;
    const reel_track *track;
    reel_frames_options options;
    reel_track_info info;
    reel_sched *sched;
    reel_group group;
    job *job;
    reel_frames_stats stats;
    _Atomic(bool) stopped;
    unsigned workers;
    worker worker[];
};

/* A group and the samples that it costs. */
typedef struct priced {
    uint64_t cost;
    size_t group;
} priced;

/* A want of a group, in the order in which pictures come out of a decoder. */
typedef struct due {
    int64_t pts;
    uint64_t sample;
    size_t want;
} due;

struct job {
    const reel_found *found;
    reel__gops gops;
    due *due;          /* as gops.wanted */
    uint64_t *samples; /* as gops.wanted */
    priced *order;     /* groups, the dearest first */
    reel_frames_take take;
    reel_frames_take_picture take_picture;
    void *user;
    const reel_picture_options *picture; /* batches, and pictures to take */
    uint8_t *batch;
    size_t frame_size;
    reel_picture_shape *shape; /* only this is asked for */
    int32_t *codes;
    int64_t until; /* 0: no limit */
    _Atomic(size_t) next;
    _Atomic(int) code; /* the first failure that ends all */
    _Atomic(uint64_t) delivered, failed, damaged;
    reel_error *err;
};

/* ---- lifetime ---- */

static void note_lost(void *user, const reel_error *what)
{
    worker *w = user;
    if (w->lost.code == REEL_OK)
        w->lost = *what;
}

static int open_decoder(worker *w, reel_error *err)
{
    const reel_frames *f = w->home;
    const reel_decoder_options o = {.sizeof_options = sizeof o, .threads = 1, .frames = 2,
                                    .flags = f->options.flags & REEL_FRAMES_ROUGH ? REEL_DECODER_ROUGH : 0,
                                    .budget_ns = f->options.budget_ns ? SLICE : 0,
                                    .most_pixels = f->options.most_pixels, .alloc = &f->alloc,
                                    .report = note_lost, .report_user = w};
    reel_decoder *made = NULL;
    int code = w->decoder ? REEL_OK : reel_decoder_open(f->track, &o, &made, err);
    if (made)
        w->decoder = made;
    return code;
}

int reel_frames_open(const reel_track *track, const reel_frames_options *options, reel_frames **out, reel_error *err)
{
    if (!track || !out || (options && options->sizeof_options < sizeof *options))
        return reel__frame_fail(err, REEL_E_ARG, "no track, no place for what is made, or options of another size");
    int code = reel__frame_need_pictures(track, err);
    if (code != REEL_OK)
        return code;
    reel_frames_options o = options ? *options : (reel_frames_options){0};
    unsigned n = o.workers ? o.workers : reel_sched_cores();
    n = n < MOST_WORKERS ? n : MOST_WORKERS;
    const reel_allocator *a = o.alloc ? o.alloc : &reel__frame_malloc;
    reel_frames *f = a->resize(a->user, NULL, sizeof *f + n * sizeof *f->worker);
    if (!f)
        return reel__frame_fail(err, REEL_E_NOMEM, "out of memory");
    memset(f, 0, sizeof *f + n * sizeof *f->worker);
    f->alloc = *a;
    f->track = track;
    f->options = o;
    f->workers = n;
    reel_track_get_info(track, &f->info);
    for (unsigned i = 0; i < n; i++)
        f->worker[i].home = f;
    code = open_decoder(&f->worker[0], err);
    /* The caller decodes too. */
    const reel_sched_options so = {.sizeof_options = sizeof so, .workers = n > 1 ? n - 1 : 1, .allocator = &f->alloc, .name = "frames"};
    if (code == REEL_OK)
        code = reel_sched_open(&so, &f->sched, err);
    if (code == REEL_OK)
        *out = f;
    else
        reel_frames_close(&f);
    return code;
}

void reel_frames_close(reel_frames **frames)
{
    if (!frames || !*frames)
        return;
    reel_frames *f = *frames;
    reel_allocator a = f->alloc;
    reel_sched_close(&f->sched, REEL_CLOSE_DROP);
    for (unsigned i = 0; i < f->workers; i++) {
        reel_decoder *decoder = f->worker[i].decoder;
        reel_decoder_close(&decoder);
        reel_picture_close(&f->worker[i].picture);
        reel__frame_drop(&a, f->worker[i].canvas);
    }
    *frames = NULL;
    a.resize(a.user, f, 0);
}

/* ---- a batch's pictures ---- */

static bool fits(const worker *w, const reel_frame *frame)
{
    const reel_picture_options *m = &w->made;
    return w->picture && m->format.id == frame->format && m->source_width == frame->width &&
           m->source_height == frame->height && m->sar_width == frame->sar_width && m->sar_height == frame->sar_height;
}

static int prepare(worker *w, const reel_picture_options *like, const reel_frame *frame, reel_error *err)
{
    if (fits(w, frame))
        return REEL_OK;
    reel_picture_close(&w->picture);
    w->made = *like;
    int code = reel_decoder_format(w->decoder, &w->made.format);
    w->made.source_width = frame->width;
    w->made.source_height = frame->height;
    w->made.sar_width = frame->sar_width;
    w->made.sar_height = frame->sar_height;
    w->made.rotation = w->home->info.rotation;
    w->made.mirrored = w->home->info.mirrored;
    return code == REEL_OK ? reel_picture_open(&w->made, &w->picture, err) : code;
}

static int show(worker *w, const job *j, size_t i, const reel_picture_shape *shape, const reel_frame *frame,
                reel_error *err)
{
    const reel_allocator *a = &w->home->alloc;
    if (shape->size > w->canvas_size) {
        reel__frame_drop(a, w->canvas);
        w->canvas = reel__frame_get(a, shape->size, 1);
        w->canvas_size = w->canvas ? shape->size : 0;
    }
    if (!w->canvas)
        return reel__frame_fail(err, REEL_E_NOMEM, "out of memory");
    int code = reel_picture_run_into(w->picture, frame, w->canvas, err);
    return code == REEL_OK ? j->take_picture(j->user, i, shape, w->canvas, frame) : code;
}

static int paint(worker *w, const job *j, size_t i, const reel_frame *frame, reel_error *err)
{
    reel_picture_shape shape;
    int code = prepare(w, j->picture, frame, err);
    if (code != REEL_OK)
        return code;
    reel_picture_get_shape(w->picture, &shape);
    if (j->shape) {
        *j->shape = shape;
        return REEL_OK;
    }
    if (j->take_picture)
        return show(w, j, i, &shape, frame, err);
    if (shape.size > j->frame_size)
        return reel__frame_fail(err, REEL_E_RANGE, "picture %zu is %ux%u, which is more than there is room for", i,
                                shape.width, shape.height);
    return reel_picture_run_into(w->picture, frame, j->batch + i * j->frame_size, err);
}

/* ---- a worker ---- */

/* The first failure is the call's. */
static void end_all(job *j, int code, const reel_error *err)
{
    int none = REEL_OK;
    if (atomic_compare_exchange_strong(&j->code, &none, code) && j->err)
        *j->err = *err;
}

static bool ended(const worker *w, job *j)
{
    const reel_frames_options *o = &w->home->options;
    if (atomic_load_explicit(&w->home->stopped, memory_order_relaxed) || (o->ended && o->ended(o->ended_user)))
        end_all(j, REEL_E_CANCELLED, &(reel_error){.code = REEL_E_CANCELLED, .offset = REEL_NO_OFFSET, .text = "stopped"});
    else if (j->until && reel_clock_now() > j->until)
        end_all(j, REEL_E_AGAIN, &(reel_error){.code = REEL_E_AGAIN, .offset = REEL_NO_OFFSET, .text = "the time for it is over"});
    return atomic_load_explicit(&j->code, memory_order_relaxed) != REEL_OK;
}

/* Slice by slice, as long as the budget lasts and nobody ends it. What waits for bytes is no slice that is over. */
static int next_frame(worker *w, job *j, reel_frame **frame, reel_error *err)
{
    int code;
    do
        code = reel_decoder_next(w->decoder, frame, err);
    while (code == REEL_E_AGAIN && j->until && err->length == 0 && !ended(w, j));
    return code;
}

/* Another frame came instead, or none: why, if the decoder told it. */
static int lose(const worker *w, uint64_t sample, reel_error *err)
{
    int code = w->lost.code;
    if (code == REEL_OK)
        return reel__frame_fail(err, REEL_E_DECODE, "sample %llu could not be decoded", (unsigned long long)sample);
    *err = w->lost;
    err->code = code == REEL_E_TRUNCATED || code == REEL_E_SHRUNK ? code : REEL_E_DECODE;
    return err->code;
}

/* The frame of a sample. */
static int decode(worker *w, job *j, uint64_t sample, reel_frame **frame, reel_error *err)
{
    reel_sample s;
    *frame = NULL;
    w->lost.code = REEL_OK;
    int code = reel_decoder_seek(w->decoder, sample, err);
    if (code == REEL_OK)
        code = next_frame(w, j, frame, err);
    if (code == REEL_OK && reel_decoder_sample(w->decoder, &s) == REEL_OK && s.index == sample)
        return REEL_OK;
    reel_frame_unref(frame);
    return code == REEL_OK || code == REEL_END ? lose(w, sample, err) : code;
}

static void deliver(worker *w, job *j, size_t want, const reel_frame *frame)
{
    reel_error err = {.offset = REEL_NO_OFFSET};
    int code = j->take ? j->take(j->user, want, frame) : paint(w, j, want, frame, &err);
    j->codes[want] = code;
    if (code == REEL_OK) {
        atomic_fetch_add(&j->delivered, 1);
        atomic_fetch_add(&j->damaged, frame->flags & REEL_FRAME_DAMAGED ? 1 : 0);
    } else {
        end_all(j, code, &err);
    }
}

static void miss(const worker *w, job *j, size_t want, int code, const reel_error *why)
{
    const reel_frames_options *o = &w->home->options;
    j->codes[want] = code;
    atomic_fetch_add(&j->failed, 1);
    if (o->lost)
        o->lost(o->lost_user, want, why);
}

static bool lost_only(int code) { return code == REEL_E_DECODE || code == REEL_E_TRUNCATED || code == REEL_E_SHRUNK; }

/*
 * No more is decoded than the group wants; but to somebody who asks for one picture after the other, call by call, that
 * would mean to begin anew for each.
 */
static void set_bounds(worker *w, const job *j, const reel__gop *g)
{
    bool reads_on = j->gops.count == 1 && w->worked && g->entry >= w->entry && g->entry <= w->last + 1 &&
                    j->due[g->first].pts > w->pts;
    reel_decoder_only(w->decoder, reads_on ? NULL : j->samples + g->first, reads_on ? 0 : g->count, NULL);
    w->entry = g->entry;
    w->last = g->last;
    w->pts = j->due[g->first + g->count - 1].pts;
    w->worked = true;
}

static void work_group(worker *w, job *j, const reel__gop *g)
{
    reel_frame *frame = NULL;
    reel_error err = {.offset = REEL_NO_OFFSET};
    int code = REEL_OK;
    set_bounds(w, j, g);
    for (size_t i = g->first; i < g->first + g->count && !ended(w, j); i++) {
        const due *d = &j->due[i];
        if (i == g->first || d->sample != d[-1].sample) {
            reel_frame_unref(&frame);
            err = (reel_error){.offset = REEL_NO_OFFSET};
            code = decode(w, j, d->sample, &frame, &err);
        }
        if (code == REEL_OK) {
            deliver(w, j, d->want, frame);
        } else if (lost_only(code)) {
            miss(w, j, d->want, code, &err);
        } else {
            end_all(j, code, &err);
        }
    }
    reel_frame_unref(&frame);
    reel_decoder_only(w->decoder, NULL, 0, NULL);
}

static void work(reel_task *task, void *user)
{
    worker *w = user;
    job *j = w->home->job;
    reel_error err = {.offset = REEL_NO_OFFSET};
    size_t at;
    (void)task;
    while (!ended(w, j) && (at = atomic_fetch_add(&j->next, 1)) < j->gops.count) {
        int code = open_decoder(w, &err);
        if (code == REEL_OK)
            work_group(w, j, &j->gops.gop[j->order[at].group]);
        else
            end_all(j, code, &err);
    }
}

/* ---- a call ---- */

static int by_time(const void *a, const void *b)
{
    const due *x = a, *y = b;
    if (x->pts != y->pts)
        return x->pts < y->pts ? -1 : 1;
    return x->sample < y->sample ? -1 : x->sample > y->sample;
}

static int dearest_first(const void *a, const void *b)
{
    const priced *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost > y->cost ? -1 : 1;
    return x->group < y->group ? -1 : x->group > y->group;
}

static int put_in_order(const reel_frames *f, job *j, reel_error *err)
{
    const reel__gops *g = &j->gops;
    j->order = reel__frame_get(&f->alloc, g->count, sizeof *j->order);
    j->due = reel__frame_get(&f->alloc, g->wants, sizeof *j->due);
    j->samples = reel__frame_get(&f->alloc, g->wants, sizeof *j->samples);
    if (!j->order || !j->due || !j->samples)
        return reel__frame_fail(err, REEL_E_NOMEM, "out of memory");
    for (size_t i = 0; i < g->wants; i++) {
        j->samples[i] = g->wanted[i].sample;
        j->due[i] = (due){j->found[g->wanted[i].want].pts, g->wanted[i].sample, g->wanted[i].want};
    }
    for (size_t i = 0; i < g->count; i++) {
        const reel__gop *gop = &g->gop[i];
        qsort(j->due + gop->first, gop->count, sizeof *j->due, by_time);
        j->order[i] = (priced){gop->last - gop->entry + 1, i};
    }
    qsort(j->order, g->count, sizeof *j->order, dearest_first);
    return REEL_OK;
}

static void count(reel_frames *f, const job *j)
{
    f->stats = (reel_frames_stats){.groups = j->gops.count, .delivered = atomic_load(&j->delivered),
                                   .failed = atomic_load(&j->failed), .damaged = atomic_load(&j->damaged)};
    for (unsigned i = 0; i < f->workers; i++) {
        reel_decoder_stats s = {0};
        if (f->worker[i].decoder)
            reel_decoder_get_stats(f->worker[i].decoder, &s);
        f->stats.decoded += s.packets;
        f->stats.skipped += s.skipped;
    }
}

static void run_workers(reel_frames *f, job *j)
{
    size_t n = j->gops.count < f->workers ? j->gops.count : f->workers;
    f->job = j;
    reel_group_open(&f->group, f->sched);
    for (size_t i = 0; i < n; i++) {
        f->worker[i].task.run = work;
        f->worker[i].task.user = &f->worker[i];
        f->worker[i].task.group = &f->group;
        reel_task_post(f->sched, &f->worker[i].task, 0);
    }
    reel_group_wait(&f->group, 0);
    f->job = NULL;
}

/* All that is planned, and what it took. */
static int carry_out(reel_frames *f, job *j, size_t n)
{
    count(f, j);
    reel_frames_stats before = f->stats;
    for (size_t i = 0; i < n; i++)
        j->codes[i] = j->found[i].code == REEL_OK ? REEL_E_AGAIN : j->found[i].code;
    run_workers(f, j);
    count(f, j);
    f->stats.decoded -= before.decoded;
    f->stats.skipped -= before.skipped;
    int code = atomic_load(&j->code);
    if (code == REEL_E_CANCELLED)
        atomic_store(&f->stopped, false);
    return code;
}

static int run(reel_frames *f, const reel_want *wants, size_t n, job *j, int32_t *codes, reel_error *err)
{
    reel_found *found = reel__frame_get(&f->alloc, n, sizeof *found);
    j->codes = reel__frame_get(&f->alloc, n, sizeof *j->codes);
    int code = found && j->codes ? reel_frames_find(f->track, wants, n, found, NULL, err)
                                 : reel__frame_fail(err, REEL_E_NOMEM, "out of memory");
    j->found = found;
    j->err = err;
    uint64_t budget = f->options.budget_ns < INT64_MAX ? f->options.budget_ns : INT64_MAX;
    j->until = budget ? reel__plus(reel_clock_now(), (int64_t)budget) : 0;
    if (code == REEL_OK)
        code = reel__gops_plan(&j->gops, &f->alloc, f->track, found, n, err);
    if (code == REEL_OK)
        code = put_in_order(f, j, err);
    if (code == REEL_OK) {
        code = carry_out(f, j, n);
        if (codes)
            memcpy(codes, j->codes, n * sizeof *codes);
    }
    reel__gops_free(&j->gops);
    reel__frame_drop(&f->alloc, found);
    reel__frame_drop(&f->alloc, j->codes);
    reel__frame_drop(&f->alloc, j->order);
    reel__frame_drop(&f->alloc, j->due);
    reel__frame_drop(&f->alloc, j->samples);
    return code;
}

int reel_frames_each(reel_frames *frames, const reel_want *wants, size_t n, reel_frames_take take, void *user,
                     int32_t *codes, reel_error *err)
{
    if (!frames || !take || (n && !wants))
        return reel__frame_fail(err, REEL_E_ARG, "no frames, no wants, or nobody to take them");
    job j = {.take = take, .user = user};
    return run(frames, wants, n, &j, codes, err);
}

static void forget_pictures(reel_frames *f)
{
    for (unsigned i = 0; i < f->workers; i++)
        reel_picture_close(&f->worker[i].picture);
}

int reel_frames_pictures(reel_frames *frames, const reel_want *wants, size_t n, const reel_picture_options *picture,
                         reel_frames_take_picture take, void *user, int32_t *codes, reel_error *err)
{
    if (!frames || !take || (n && !wants) || !picture || picture->sizeof_options < sizeof *picture)
        return reel__frame_fail(err, REEL_E_ARG, "no frames, no wants, no kind of picture, or nobody to take them");
    job j = {.picture = picture, .take_picture = take, .user = user};
    int code = run(frames, wants, n, &j, codes, err);
    forget_pictures(frames);
    return code;
}

int reel_frames_batch(reel_frames *frames, const reel_want *wants, size_t n, const reel_picture_options *picture,
                      uint8_t *batch, size_t frame_size, int32_t *codes, reel_error *err)
{
    if (!frames || (n && (!wants || !batch)) || !picture || picture->sizeof_options < sizeof *picture)
        return reel__frame_fail(err, REEL_E_ARG, "no frames, no wants, no kind of picture, or no batch for them");
    if (frame_size && n > SIZE_MAX / frame_size)
        return reel__frame_fail(err, REEL_E_RANGE, "the batch is larger than memory");
    job j = {.picture = picture, .batch = batch, .frame_size = frame_size};
    int code = run(frames, wants, n, &j, codes, err);
    forget_pictures(frames);
    return code;
}

/* ---- the shape of what comes out ---- */

int reel_frames_shape(reel_frames *frames, const reel_picture_options *picture, reel_picture_shape *out, reel_error *err)
{
    static const reel_want first = {.kind = REEL_WANT_PICTURE};
    int32_t got = REEL_OK;
    if (!frames || !picture || !out || picture->sizeof_options < sizeof *picture)
        return reel__frame_fail(err, REEL_E_ARG, "no frames, no kind of picture, or no place for its shape");
    job j = {.picture = picture, .shape = out};
    int code = run(frames, &first, 1, &j, &got, err);
    forget_pictures(frames);
    if (code == REEL_OK && got != REEL_OK)
        return reel__frame_fail(err, got, "the first picture could not be decoded");
    return code;
}

void reel_frames_get_stats(const reel_frames *frames, reel_frames_stats *out)
{
    if (out)
        *out = frames ? frames->stats : (reel_frames_stats){0};
}

void reel_frames_stop(reel_frames *frames)
{
    if (!frames)
        return;
    atomic_store(&frames->stopped, true);
    for (unsigned i = 0; i < frames->workers; i++)
        reel_decoder_interrupt(frames->worker[i].decoder);
}
