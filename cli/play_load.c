/* SPDX-License-Identifier: BSD-2-Clause */
/* play_load.c: hogs, a bare timer, and the loop that one writes first. */
#include "play.h"

#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

enum { NS = 1000000000 };

static struct timespec timespec_of(int64_t ns) { return (struct timespec){(time_t)(ns / NS), (long)(ns % NS)}; }

/* ---- hogs ---- */

static void *hog_main(void *user)
{
    struct hogs *h = user;
    volatile uint64_t n = 0;
    while (!h->stop)
        for (int i = 0; i < 100000; i++)
            n = n + 1;
    return NULL;
}

bool hogs_start(struct hogs *h, uint64_t n)
{
    h->stop = false;
    h->n = 0;
    h->thread = calloc(n + 1, sizeof *h->thread);
    while (h->thread && h->n < n && pthread_create(&h->thread[h->n], NULL, hog_main, h) == 0)
        h->n++;
    return h->n == n;
}

void hogs_stop(struct hogs *h)
{
    h->stop = true;
    for (uint64_t i = 0; i < h->n; i++)
        pthread_join(h->thread[i], NULL);
    free(h->thread);
}

/* ---- the timer ---- */

static void *timer_main(void *user)
{
    struct timer *t = user;
    int64_t at = reel_clock_now();
#if defined(__linux__)
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0); /* as reel's workers have it */
#endif
    while (!t->stop) {
        at += t->period;
        struct timespec until = timespec_of(at);
#if defined(__APPLE__)
        until = timespec_of(at > reel_clock_now() ? at - reel_clock_now() : 0);
        nanosleep(&until, NULL);
#else
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
#endif
        reel_histogram_record(&t->late, reel_clock_now() - at);
    }
    return NULL;
}

bool timer_start(struct timer *t, int64_t period)
{
    t->period = period;
    t->stop = false;
    return pthread_create(&t->thread, NULL, timer_main, t) == 0;
}

void timer_stop(struct timer *t)
{
    t->stop = true;
    pthread_join(t->thread, NULL);
}

/* ---- the naive loop ---- */

/* The frame, copied as one who knows of no references would. */
static uint8_t *copy_frame(const reel_decoder *dec, const reel_frame *f)
{
    reel_format format;
    size_t size = 0, at = 0;
    if (reel_decoder_format(dec, &format) != REEL_OK)
        return NULL;
    for (uint32_t i = 0; i < f->planes; i++)
        size += (size_t)(f->stride[i] < 0 ? -f->stride[i] : f->stride[i]) * f->height;
    uint8_t *copy = size ? malloc(size) : NULL;
    for (uint32_t i = 0; copy && i < f->planes; i++) {
        const reel_plane *p = &format.plane[i];
        size_t row = (size_t)((f->width + (1u << p->shift_x) - 1) >> p->shift_x) * p->step;
        uint32_t rows = (f->height + (1u << p->shift_y) - 1) >> p->shift_y;
        for (uint32_t y = 0; y < rows; y++, at += row)
            memcpy(copy + at, f->data[i] + (ptrdiff_t)y * f->stride[i], row);
    }
    return copy;
}

static bool next_frame(struct naive *n, reel_decoder *dec, reel_frame **f)
{
    int rc = reel_decoder_next(dec, f, NULL);
    if (rc == REEL_END && reel_decoder_seek(dec, 0, NULL) == REEL_OK)
        rc = reel_decoder_next(dec, f, NULL);
    n->errors += rc != REEL_OK;
    return rc == REEL_OK;
}

static void naive_loop(struct naive *n, reel_decoder *dec)
{
    int64_t due = 0;
    while (!n->stop) {
        int64_t begun = reel_clock_now();
        reel_frame *f = NULL;
        if (!next_frame(n, dec, &f))
            break;
        int64_t each = n->period ? n->period : f->timescale ? reel_rescale(f->duration, f->timescale, NS) : NS / 25;
        uint8_t *copy = copy_frame(dec, f);
        reel_frame_unref(&f);
        int64_t now = reel_clock_now();
        due = due ? due : now; /* of the first frame: when it was there */
        reel_histogram_record(&n->late, now - due);
        n->presented++;
        n->missed += now - due > each;
        due += each;
        free(copy);
        int64_t left = each - (reel_clock_now() - begun);
        struct timespec nap = timespec_of(left > 0 ? left : 0);
        nanosleep(&nap, NULL);
    }
}

static void *naive_main(void *user)
{
    struct naive *n = user;
    const reel_decoder_options o = {.sizeof_options = sizeof o, .threads = 1};
    reel_decoder *dec = NULL;
    if (reel_decoder_open(n->track, &o, &dec, NULL) == REEL_OK)
        naive_loop(n, dec);
    reel_decoder_close(&dec);
    return NULL;
}

bool naive_start(struct naive *n)
{
    n->stop = false;
    return pthread_create(&n->thread, NULL, naive_main, n) == 0;
}

void naive_stop(struct naive *n)
{
    n->stop = true;
    pthread_join(n->thread, NULL);
}
