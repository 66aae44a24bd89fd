/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frames_put.c: frames on their way to files. Workers make the bytes of each frame of a block, in whatever order; the
 * first thread writes the block in the order that was asked for. A block is as large as memory is given to it: how many
 * frames these are is guessed by the tables first, then told by the frames themselves, since tables may lie.
 */
#include "frames.h"
#include "tree.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 256 << 20, MOST_BLOCK = 4096 };

struct block {
    struct put *put;
    size_t first, n;
    struct made *made;
    pthread_mutex_t lock;
    size_t ready;     /* of all blocks, for the progress bar */
    uint64_t bytes, largest; /* of the block; a frame's */
    reel_error err;   /* why a frame could not be made */
};

/* ---- making: workers' threads ---- */

void put_lost(void *put, size_t i, const reel_error *why)
{
    const struct put *p = put;
    p->block->made[i].why = *why;
}

/* REEL_E_FULL ends a block whose frames turn out to be too large for it. */
static int made(struct block *b, const struct made *m, int result, const reel_error *err)
{
    struct put *p = b->put;
    pthread_mutex_lock(&b->lock);
    progress_step(&p->cli->progress, ++b->ready, p->wants->n);
    if (result != REEL_OK && b->err.code == REEL_OK)
        b->err = *err;
    b->bytes += m->bytes.size;
    b->largest = m->bytes.size > b->largest ? m->bytes.size : b->largest;
    if (result == REEL_OK && b->bytes > BLOCK_BYTES && b->n > 1)
        result = REEL_E_FULL;
    pthread_mutex_unlock(&b->lock);
    return result;
}

static int take_picture(void *user, size_t i, const reel_picture_shape *shape, const uint8_t *data,
                        const reel_frame *frame)
{
    struct block *b = user;
    reel_error err = {0};
    size_t count = b->put->folder ? 1 : b->put->wants->n;
    int result = form_picture(&b->put->form, shape, data, frame, count, &b->made[i], &err);
    return made(b, &b->made[i], result, &err);
}

static int take_frame(void *user, size_t i, const reel_frame *frame)
{
    struct block *b = user;
    reel_error err = {0};
    int result = form_frame(&b->put->form, frame, &b->made[i], &err);
    return made(b, &b->made[i], result, &err);
}

static void add_stats(reel_frames_stats *to, const reel_frames_stats *s, bool whole)
{
    to->groups += s->groups;
    to->decoded += s->decoded;
    to->skipped += s->skipped;
    to->delivered += whole ? s->delivered : 0;
    to->failed += whole ? s->failed : 0;
    to->damaged += whole ? s->damaged : 0;
}

static void forget(struct block *b)
{
    for (size_t i = 0; i < b->n; i++)
        reel_image_bytes_free(&b->made[i].bytes);
    memset(b->made, 0, b->n * sizeof *b->made);
    b->ready = b->first;
    b->bytes = b->largest = 0;
}

static int make_once(struct block *b, reel_error *err)
{
    struct put *p = b->put;
    reel_frames_stats stats;
    const reel_want *wants = p->wants->want + b->first;
    int32_t *codes = p->codes + b->first;
    p->block = b;
    int result = p->form.decoded
                     ? reel_frames_each(p->frames, wants, b->n, take_frame, b, codes, err)
                     : reel_frames_pictures(p->frames, wants, b->n, &p->form.picture, take_picture, b, codes, err);
    reel_frames_get_stats(p->frames, &stats);
    add_stats(&p->stats, &stats, result == REEL_OK);
    return result;
}

/* As many frames as there is memory for, if they are as large as the largest that came. */
static size_t fitting(const struct block *b)
{
    uint64_t n = b->largest ? BLOCK_BYTES / b->largest : MOST_BLOCK;
    return n < 1 ? 1 : n < MOST_BLOCK ? (size_t)n : MOST_BLOCK;
}

static int make_block(struct block *b)
{
    reel_error err = {0};
    int result;
    while ((result = make_once(b, &err)) == REEL_E_FULL) {
        size_t n = fitting(b);
        forget(b);
        b->n = n < b->n ? n : b->n / 2;
    }
    if (result == REEL_OK)
        return EXIT_FINE;
    return film_complain(b->put->film, b->err.code != REEL_OK && b->err.text[0] ? &b->err : &err);
}

/* ---- writing: the first thread ---- */

struct sink {
    struct tree tree;
    struct save *save;
    size_t written, missing; /* missing: before the first that came */
};

void put_file_name(const struct put *p, size_t i, char out[FRAME_NAME_ROOM])
{
    double t = (double)wants_shown(p->wants, i) / reel_track_timescale(p->wants->track);
    snprintf(out, FRAME_NAME_ROOM, "frame%05zu-t%010.3f-s%06llu.%s", i + 1, t,
             (unsigned long long)p->wants->found[i].sample, form_suffix(&p->form));
}

static int to_folder(struct put *p, struct sink *sink, size_t i, const struct made *m)
{
    char name[FRAME_NAME_ROOM];
    reel_plan *plan = NULL;
    reel_error err = {0};
    int result = reel_plan_new(NULL, &plan, &err);
    if (result == REEL_OK && m->head_size)
        result = reel_plan_add_memory(plan, m->head, m->head_size, &err);
    if (result == REEL_OK)
        result = reel_plan_add_memory(plan, m->bytes.data, m->bytes.size, &err);
    if (result != REEL_OK) {
        reel_plan_close(&plan);
        return film_complain(p->film, &err);
    }
    put_file_name(p, i, name);
    sink->tree.expected = (sink->tree.bytes + m->bytes.size) / (sink->written + 1) * p->wants->n;
    int status = tree_put(&sink->tree, p->film, -1, name, plan);
    reel_plan_close(&plan);
    return status;
}

static bool one_shape(const struct put *p)
{
    return !p->folder && (p->form.form == FORM_Y4M || p->form.form == FORM_NPY || p->form.form == FORM_RAW);
}

/* What could not be had is zeros in an array, so that places stay. */
static void put_zeros(const struct put *p, struct save *save, size_t frames)
{
    static const uint8_t nothing[1 << 16];
    uint64_t left = (uint64_t)frames * p->shape.width * p->shape.height * (p->shape.pixel[0] == 'g' ? 1 : 3);
    for (; left && !save_failed(save); left -= left < sizeof nothing ? left : sizeof nothing)
        save_copy(save, nothing, left < sizeof nothing ? (size_t)left : sizeof nothing);
}

static int to_stream(struct put *p, struct sink *sink, const struct made *m)
{
    const struct shape *is = &m->shape, *was = &p->shape;
    if (one_shape(p) && (is->width != was->width || is->height != was->height || strcmp(is->pixel, was->pixel) != 0)) {
        complain(p->film->name, "a frame of %ux%u %s among those of %ux%u %s: give --size, or a folder", is->width,
                 is->height, is->pixel, was->width, was->height, was->pixel);
        return EXIT_INPUT;
    }
    if (sink->written == 0) {
        save_copy(sink->save, m->head, m->head_size);
        if (p->form.form == FORM_NPY)
            put_zeros(p, sink->save, sink->missing);
    }
    save_copy(sink->save, m->bytes.data, m->bytes.size);
    return save_failed(sink->save) ? EXIT_INPUT : EXIT_FINE;
}

static void tell_missing(const struct put *p, size_t i, const struct made *m)
{
    char at[32], why[FRAMES_WHY_ROOM];
    clock_format(wants_shown(p->wants, i), reel_track_timescale(p->wants->track), at);
    complain(p->film->name, "frame %zu (%s, sample %llu) cannot be had: %s", i + 1, at,
             (unsigned long long)p->wants->found[i].sample, frames_why(p->codes[i], &m->why, why));
}

static int write_frame(struct put *p, struct sink *sink, size_t i, const struct made *m)
{
    if (p->codes[i] != REEL_OK) {
        tell_missing(p, i, m);
        if (p->form.form == FORM_NPY && !p->folder && sink->written)
            put_zeros(p, sink->save, 1);
        sink->missing++;
        return EXIT_FINE;
    }
    if (sink->written == 0)
        p->shape = m->shape;
    int status = p->folder ? to_folder(p, sink, i, m) : to_stream(p, sink, m);
    sink->written += status == EXIT_FINE;
    return status;
}

/* ---- blocks ---- */

/* By the size that was asked for, of which one side may be open, else by the track's. */
static uint64_t guess_bytes(const struct put *p)
{
    double width, height;
    const reel_picture_options *o = &p->form.picture;
    reel_frames_upright(p->wants->track, &width, &height);
    if (o->width || o->height) {
        double ratio = width / height;
        width = o->width ? o->width : o->height * ratio;
        height = o->height ? o->height : o->width / ratio;
    }
    uint64_t area = width * height < 1e12 ? (uint64_t)(width * height) : 1000000000000;
    return 4096 + (p->form.form == FORM_JPG ? area / 2 : p->form.form == FORM_PNG ? area * 2 : area * 3);
}

static int write_block(struct put *p, struct sink *sink, const struct block *b)
{
    struct progress *progress = &p->cli->progress;
    const bool on = progress->on;
    int status = EXIT_FINE;
    progress->on = false; /* it counts what is made; each file has a count of its own */
    for (size_t i = 0; i < b->n && status == EXIT_FINE; i++)
        status = write_frame(p, sink, b->first + i, &b->made[i]);
    progress->on = on;
    return status;
}

static int run_blocks(struct put *p, struct sink *sink)
{
    struct block b = {.put = p, .largest = guess_bytes(p), .made = calloc(MOST_BLOCK, sizeof *b.made)};
    int status = b.made ? EXIT_FINE : EXIT_INPUT;
    if (!b.made)
        complain(p->film->name, "%s", reel_code_text(REEL_E_NOMEM));
    pthread_mutex_init(&b.lock, NULL);
    while (b.first < p->wants->n && status == EXIT_FINE) {
        size_t room = fitting(&b), left = p->wants->n - b.first;
        b.n = left < room ? left : room;
        b.ready = b.first;
        b.bytes = b.largest = 0;
        status = make_block(&b);
        if (status == EXIT_FINE)
            status = write_block(p, sink, &b);
        uint64_t largest = b.largest;
        b.first += b.n;
        forget(&b);
        b.largest = largest;
    }
    pthread_mutex_destroy(&b.lock);
    free(b.made);
    return status;
}

static int open_sink(struct put *p, struct sink *sink)
{
    p->film->writable = UINT64_MAX; /* pictures are larger than what they were made of */
    return p->folder ? tree_open(&sink->tree, p->cli, p->name, 0) : save_open(p->film, p->name, &sink->save);
}

static int close_sink(struct put *p, struct sink *sink, int status)
{
    if (p->folder)
        return tree_close(&sink->tree, sink->written ? status : EXIT_INPUT);
    int saved = save_close(&sink->save, status == EXIT_FINE && sink->written > 0);
    return saved > status ? saved : status;
}

int put_all(struct put *p)
{
    struct sink sink = {.save = NULL};
    int status = open_sink(p, &sink);
    if (status != EXIT_FINE)
        return p->folder ? tree_close(&sink.tree, status) : status;
    progress_start(&p->cli->progress, false);
    status = run_blocks(p, &sink);
    progress_end(&p->cli->progress);
    status = close_sink(p, &sink, status);
    if (status == EXIT_FINE && p->form.form == FORM_Y4M && p->shape.lost_bits)
        complain(p->film->name, "these are pictures of %u bits, and y4m of 8 was written; --as raw keeps them",
                 (unsigned)p->shape.lost_bits);
    if (status == EXIT_FINE)
        frames_tell_damaged(p->film, p->stats.damaged, p->stats.delivered);
    return status == EXIT_FINE && (sink.missing || p->stats.damaged) ? EXIT_INPUT : status;
}

/* ---- workers ---- */

int frames_open(const struct cli *cli, const struct film *film, const reel_track *track, uint32_t flags,
                frames_lost *lost, void *user, reel_frames **out)
{
    const reel_frames_options options = {.sizeof_options = sizeof options, .workers = (uint32_t)cli->set.threads,
                                         .flags = flags, .lost = lost, .lost_user = user};
    reel_error err = {0};
    sigset_t before;
    /* Between making a file and noting it the first thread lets no signal in; nobody else may take it meanwhile. */
    save_hold_signals(&before);
    int result = reel_frames_open(track, &options, out, &err);
    save_let_signals(&before);
    return result == REEL_OK ? EXIT_FINE : film_complain(film, &err);
}

/* ---- telling, for both commands ---- */

const char *frames_why(int code, const reel_error *why, char room[FRAMES_WHY_ROOM])
{
    if (why->code != code || !why->text[0])
        return reel_code_text(code);
    int n = snprintf(room, FRAMES_WHY_ROOM, "%s", why->text);
    if (why->offset != REEL_NO_OFFSET)
        snprintf(room + n, (size_t)(FRAMES_WHY_ROOM - n), " (at 0x%llx)", (unsigned long long)why->offset);
    return room;
}

void frames_tell_damaged(const struct film *film, uint64_t damaged, uint64_t of)
{
    if (damaged)
        complain(film->name, "%llu of %llu pictures came out damaged: parts of them are guessed", (unsigned long long)damaged,
                 (unsigned long long)of);
}
