/* SPDX-License-Identifier: BSD-2-Clause */
/* report.c: info, boxes and doctor as JSON into a function. */
#include "report.h"

#include <errno.h>
#include <stdlib.h>

int report_json(enum report kind, reel_source *source, reel_movie *movie, const char *name,
                int (*take)(void *user, const void *data, size_t n), void *user)
{
    static int (*const run[])(struct cli *, struct film *) = {info_film, boxes_film, doctor_film};
    struct film film = {.name = name, .parts = 1, .source = source, .movie = movie, .quiet = true};
    struct cli *cli = calloc(1, sizeof *cli);
    if (!cli)
        return ENOMEM;
    cli->quiet = true;
    cli->set.format = FORMAT_JSON;
    cli->set.depth = cli->set.limit = UINT64_MAX;
    cli->set.arg_count = 1;
    out_init_take(&cli->out, take, user);
    json_init(&cli->json, &cli->out, true);
    (void)run[kind](cli, &film);
    out_flush(&cli->out);
    int error = cli->out.error;
    free(cli);
    return error;
}
