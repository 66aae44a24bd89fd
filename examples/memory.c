/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory FILE: a film that somebody else holds in memory, as a browser holds an ArrayBuffer. reel points into it;
 * the release function runs when the last packet is gone, and not before.
 */
#include <stdlib.h>

#include "example.h"

static void released(void *user, const void *data)
{
    (void)data;
    *(bool *)user = true;
}

static uint8_t *slurp(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = NULL;
    if (f && fseek(f, 0, SEEK_END) == 0) {
        *size = (size_t)ftell(f);
        rewind(f);
        data = malloc(*size + 1);
        if (data && fread(data, 1, *size, f) != *size) {
            free(data);
            data = NULL;
        }
    }
    if (f)
        fclose(f);
    return data;
}

/* The first packet of the first track; film and source are given back before it is looked at. */
static int first_packet(reel_source *source, reel_packet *packet, reel_error *err)
{
    reel_movie *movie;
    reel_sample sample;
    int r = reel_open(source, NULL, &movie, err);
    if (r != REEL_OK)
        return r;
    const reel_track *track = reel_movie_track(movie, 0);
    r = track ? reel_track_sample(track, 0, &sample, err) : REEL_E_NOT_FOUND;
    if (r == REEL_OK)
        r = reel_packet_get(track, &sample, packet, err);
    reel_close(&movie);
    return r;
}

int main(int argc, char **argv)
{
    bool gone = false;
    size_t size = 0;
    reel_source *source = NULL;
    reel_packet packet = {0};
    reel_error err = {0};
    if (argc != 2)
        return fputs("memory FILE\n", stderr), 2;
    uint8_t *data = slurp(argv[1], &size);
    if (!data)
        return perror(argv[1]), 1;
    int r = reel_source_memory(data, size, released, &gone, &source);
    if (r == REEL_OK)
        r = first_packet(source, &packet, &err);
    reel_source_unref(&source);
    if (r == REEL_OK) {
        bool inside = packet.data >= data && packet.data + packet.sample.size <= data + size;
        printf("a packet of %u bytes %s the caller's memory, which is %s\n", packet.sample.size,
               inside ? "inside" : "OUTSIDE", gone ? "GONE" : "kept");
        r = inside && !gone ? REEL_OK : REEL_E_ARG;
        reel_packet_unref(&packet);
        printf("and now it is %s\n", gone ? "released" : "STILL HELD");
    } else {
        complain(argv[1], &err);
    }
    free(data);
    return r != REEL_OK || !gone;
}
