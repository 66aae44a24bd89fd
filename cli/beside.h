/* SPDX-License-Identifier: BSD-2-Clause */
/* beside.h: subtitle files beside a film: film.vtt film.en.vtt film.de.srt film.en.forced.srt for film.mp4. */
#ifndef CLI_BESIDE_H
#define CLI_BESIDE_H

#include "cli.h"

struct beside_file {
    char *path;
    const char *name;    /* of path, behind its last / */
    char *uri, *file_uri; /* sub/NAME/index.m3u8, sub/NAME/file.vtt, percent-encoded */
    reel_subtitle_name says;
};

struct beside {
    struct beside_file *file;
    size_t n, room;
};

/* Those beside the film at path, in order of their names, behind what is there; one of a name that is there is left out. */
int beside_find(struct beside *b, const char *film);
void beside_free(struct beside *b);
/* As the makers of playlists want it. */
reel_sidecar beside_sidecar(const struct beside_file *f);
/* The file as WebVTT. Complains. */
int beside_read(const struct beside_file *f, reel_plan **out);

#endif
