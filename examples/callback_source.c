/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * callback_source FILE: bytes that arrive late, as from a network. The read function never blocks: what is not here
 * yet is REEL_E_AGAIN, the error names the range, the host fetches it and makes the same call again.
 */
#include <stdlib.h>
#include <string.h>

#include "example.h"

enum { PAGE = 65536 };

typedef struct remote {
    FILE *file; /* stands for the far end */
    uint8_t *bytes, *here;
    uint64_t size, fetched;
} remote;

static int64_t remote_read(void *user, uint64_t offset, void *buf, size_t n)
{
    remote *r = user;
    if (offset >= r->size)
        return 0;
    if (!r->here[offset / PAGE])
        return REEL_E_AGAIN;
    uint64_t end = (offset / PAGE + 1) * PAGE; /* fewer bytes than asked for is fine */
    if (end > r->size)
        end = r->size;
    if (n > end - offset)
        n = (size_t)(end - offset);
    memcpy(buf, r->bytes + offset, n);
    return (int64_t)n;
}

static int remote_size(void *user, uint64_t *size)
{
    *size = ((remote *)user)->size;
    return REEL_OK;
}

static bool fetch(remote *r, uint64_t offset, uint64_t length)
{
    if (offset >= r->size)
        return false;
    for (uint64_t page = offset / PAGE; page * PAGE < r->size && page * PAGE < offset + length; page++) {
        size_t n = r->size - page * PAGE < PAGE ? (size_t)(r->size - page * PAGE) : PAGE;
        if (r->here[page])
            continue;
        if (fseek(r->file, (long)(page * PAGE), SEEK_SET) != 0 || fread(r->bytes + page * PAGE, 1, n, r->file) != n)
            return false;
        r->here[page] = 1;
        r->fetched += n;
    }
    return true;
}

/* Open, and take the first packet of each track; everything may have to be asked for twice. */
static int look(remote *r, reel_source *source, reel_error *err)
{
    reel_movie *movie = NULL;
    int c;
    while ((c = reel_open(source, NULL, &movie, err)) == REEL_E_AGAIN && fetch(r, err->offset, err->length))
        ;
    if (c != REEL_OK)
        return c;
    for (size_t i = 0; c == REEL_OK && i < reel_movie_track_count(movie); i++) {
        const reel_track *track = reel_movie_track(movie, i);
        reel_sample sample;
        reel_packet packet;
        while ((c = reel_track_sample(track, 0, &sample, err)) == REEL_E_AGAIN && fetch(r, err->offset, err->length))
            ;
        if (c != REEL_OK)
            break;
        while ((c = reel_packet_get(track, &sample, &packet, err)) == REEL_E_AGAIN && fetch(r, err->offset, err->length))
            ;
        if (c == REEL_OK)
            printf("track %u: first packet has %u bytes\n", reel_track_id(track), packet.sample.size);
        reel_packet_unref(&packet);
    }
    reel_close(&movie);
    return c;
}

static int remote_open(remote *r, const char *path)
{
    r->file = fopen(path, "rb");
    if (!r->file || fseek(r->file, 0, SEEK_END) != 0)
        return -1;
    r->size = (uint64_t)ftell(r->file);
    r->bytes = malloc((size_t)r->size + 1);
    r->here = calloc((size_t)(r->size / PAGE + 1), 1);
    return r->bytes && r->here ? 0 : -1;
}

int main(int argc, char **argv)
{
    remote r = {0};
    reel_source *source = NULL;
    reel_error err;
    if (argc != 2)
        return fputs("callback_source FILE\n", stderr), 2;
    int c = REEL_E_IO;
    if (remote_open(&r, argv[1]) < 0)
        perror(argv[1]);
    else {
        reel_source_io io = {.sizeof_io = sizeof io, .read = remote_read, .size = remote_size, .user = &r};
        c = reel_source_callback(&io, &source, &err);
        if (c == REEL_OK)
            c = look(&r, source, &err);
        if (c != REEL_OK)
            complain(argv[1], &err);
        else
            printf("%llu of %llu bytes were fetched\n", (unsigned long long)r.fetched, (unsigned long long)r.size);
    }
    reel_source_unref(&source);
    if (r.file)
        fclose(r.file);
    free(r.bytes);
    free(r.here);
    return c != REEL_OK;
}
