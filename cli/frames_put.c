/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frames_put.c: frames on their way to files. Workers make the bytes of each frame of a block, in whatever order; the
 * first thread writes the block in the order that was asked for. A block is as large as memory is given to it.
 */
#include "frames.h"
#include "tree.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 256 << 20, LEAST_BLOCK = 16, MOST_BLOCK = 4096 };

struct block {
    struct put *put;
    size_t first, n;
    struct made *made;
    pthread_mutex_t lock;
    size_t ready;     /* of all blocks, for the progress bar */
    reel_error err;   /* why a frame could not be made */
};

/* ---- making: workers' threads ---- */

static int made(struct block *b, int result, const reel_error *err)
{
    struct put *p = b->put;
    pthread_mutex_lock(&b->lock);
    progress_step(&p->cli->progress, ++b->ready, p->wants->n);
    if (result != REEL_OK && b->err.code == REEL_OK)
        b->err = *err;
    pthread_mutex_unlock(&b->lock);
    return result;
}

static int take_picture(void *user, size_t i, const reel_picture_shape *shape, const uint8_t *data,
                        const reel_frame *frame)
{
    struct block *b = user;
    reel_error err = {0};
    size_t count = b->put->folder ? 1 : b->put->wants->n;
    return made(b, form_picture(&b->put->form, shape, data, frame, count, &b->made[i], &err), &err);
}

static int take_frame(void *user, size_t i, const reel_frame *frame)
{
    struct block *b = user;
    reel_error err = {0};
    return made(b, form_frame(&b->put->form, frame, &b->made[i], &err), &err);
}

static int make_block(struct block *b)
{
    struct put *p = b->put;
    reel_error err = {0};
    reel_frames_stats stats;
    const reel_want *wants = p->wants->want + b->first;
    int32_t *codes = p->codes + b->first;
    int result = p->form.decoded
                     ? reel_frames_each(p->frames, wants, b->n, take_frame, b, codes, &err)
                     : reel_frames_pictures(p->frames, wants, b->n, &p->form.picture, take_picture, b, codes, &err);
    reel_frames_get_stats(p->frames, &stats);
    p->stats.groups += stats.groups;
    p->stats.decoded += stats.decoded;
    p->stats.skipped += stats.skipped;
    p->stats.delivered += stats.delivered;
    p->stats.failed += stats.failed;
    if (result == REEL_OK)
        return EXIT_FINE;
    return film_complain(p->film, b->err.code != REEL_OK && b->err.text[0] ? &b->err : &err);
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
    return !p->folder && (p->form.form == FORM_Y4M || p->form.form == FORM_NPY);
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
    if (one_shape(p) && (m->shape.width != p->shape.width || m->shape.height != p->shape.height)) {
        complain(p->film->name, "a frame of %ux%u among those of %ux%u: give --size", m->shape.width, m->shape.height,
                 p->shape.width, p->shape.height);
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

static void tell_missing(const struct put *p, size_t i)
{
    char at[32];
    clock_format(wants_shown(p->wants, i), reel_track_timescale(p->wants->track), at);
    complain(p->film->name, "frame %zu (%s, sample %llu) cannot be had: %s", i + 1, at,
             (unsigned long long)p->wants->found[i].sample, reel_code_text(p->codes[i]));
}

static int write_frame(struct put *p, struct sink *sink, size_t i, const struct made *m)
{
    if (p->codes[i] != REEL_OK) {
        tell_missing(p, i);
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

static size_t block_length(const struct put *p)
{
    reel_description d;
    uint64_t area = (uint64_t)p->form.picture.width * p->form.picture.height;
    if (!area && reel_track_description(p->wants->track, 1, &d, NULL) == REEL_OK)
        area = (uint64_t)d.width * d.height;
    uint64_t each = p->form.form == FORM_JPG ? area / 2 : p->form.form == FORM_PNG ? area * 2 : area * 3;
    uint64_t n = BLOCK_BYTES / (each + 4096);
    n = n < LEAST_BLOCK ? LEAST_BLOCK : n > MOST_BLOCK ? MOST_BLOCK : n;
    return n < p->wants->n ? (size_t)n : p->wants->n;
}

static int run_blocks(struct put *p, struct sink *sink)
{
    size_t room = block_length(p);
    struct block b = {.put = p, .made = calloc(room, sizeof *b.made)};
    int status = b.made ? EXIT_FINE : EXIT_INPUT;
    if (!b.made)
        complain(p->film->name, "%s", reel_code_text(REEL_E_NOMEM));
    pthread_mutex_init(&b.lock, NULL);
    for (; b.first < p->wants->n && status == EXIT_FINE; b.first += b.n) {
        b.n = p->wants->n - b.first < room ? p->wants->n - b.first : room;
        b.ready = b.first;
        status = make_block(&b);
        for (size_t i = 0; i < b.n; i++) {
            if (status == EXIT_FINE)
                status = write_frame(p, sink, b.first + i, &b.made[i]);
            reel_image_bytes_free(&b.made[i].bytes);
        }
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
    progress_start(&p->cli->progress);
    status = run_blocks(p, &sink);
    progress_end(&p->cli->progress);
    status = close_sink(p, &sink, status);
    return status == EXIT_FINE && sink.missing ? EXIT_INPUT : status;
}

/* ---- workers ---- */

int frames_open(const struct cli *cli, const struct film *film, const reel_track *track, uint32_t flags,
                reel_frames **out)
{
    const reel_frames_options options = {.sizeof_options = sizeof options, .workers = (uint32_t)cli->set.threads,
                                         .flags = flags};
    reel_error err = {0};
    sigset_t before;
    /* Between making a file and noting it the first thread lets no signal in; nobody else may take it meanwhile. */
    save_hold_signals(&before);
    int result = reel_frames_open(track, &options, out, &err);
    save_let_signals(&before);
    return result == REEL_OK ? EXIT_FINE : film_complain(film, &err);
}
