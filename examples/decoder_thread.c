/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decoder_thread FILE: packets go to another thread, which keeps them as long as it likes. The reader closes the film
 * while they are still out: a packet keeps its bytes alive by itself, and any thread may give it back.
 */
#include <pthread.h>

#include "example.h"

enum { QUEUE = 64 };

typedef struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    reel_packet packets[QUEUE];
    unsigned head, tail;
    bool closed;
} queue;

static void queue_put(queue *q, const reel_packet *packet)
{
    pthread_mutex_lock(&q->lock);
    while (q->tail - q->head == QUEUE)
        pthread_cond_wait(&q->changed, &q->lock);
    q->packets[q->tail++ % QUEUE] = *packet; /* the reference moves along */
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

static bool queue_take(queue *q, reel_packet *packet)
{
    pthread_mutex_lock(&q->lock);
    while (q->tail == q->head && !q->closed)
        pthread_cond_wait(&q->changed, &q->lock);
    bool got = q->tail != q->head;
    if (got)
        *packet = q->packets[q->head++ % QUEUE];
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
    return got;
}

static void queue_close(queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

/* Stands for a decoder: it holds on to a picture for reference while it reads the next. */
static void *decode(void *opaque)
{
    queue *q = opaque;
    reel_packet packet, last = {0};
    uint32_t sum = 0;
    unsigned n = 0;
    while (queue_take(q, &packet)) {
        for (size_t i = 0; i < packet.sample.size; i++)
            sum = sum * 31 + packet.data[i];
        reel_packet_unref(&last);
        last = packet;
        n++;
    }
    reel_packet_unref(&last);
    printf("%u packets decoded, sum %08x\n", n, sum);
    return NULL;
}

static int feed(const char *path, queue *q, reel_error *err)
{
    reel_movie *movie;
    reel_cursor cursor;
    reel_sample sample;
    reel_packet packet;
    int r = reel_open_file(path, REEL_SOURCE_GUARD, NULL, &movie, err);
    if (r != REEL_OK)
        return r;
    const reel_track *track = reel_movie_default_track(movie, REEL_TRACK_VIDEO);
    if (!track)
        track = reel_movie_track(movie, 0);
    if (track && (r = reel_cursor_init(&cursor, track)) == REEL_OK)
        while ((r = reel_cursor_next(&cursor, &sample, err)) == REEL_OK) {
            if ((r = reel_packet_get(track, &sample, &packet, err)) != REEL_OK)
                break;
            queue_put(q, &packet);
        }
    reel_close(&movie); /* the last packets are still in the queue */
    return r == REEL_END ? REEL_OK : r;
}

int main(int argc, char **argv)
{
    static queue q = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    pthread_t decoder;
    reel_error err;
    if (argc != 2)
        return fputs("decoder_thread FILE\n", stderr), 2;
    if (pthread_create(&decoder, NULL, decode, &q) != 0)
        return fputs("no thread\n", stderr), 1;
    int r = feed(argv[1], &q, &err);
    queue_close(&q);
    pthread_join(decoder, NULL);
    return r == REEL_OK ? 0 : complain(argv[1], &err);
}
