/* SPDX-License-Identifier: BSD-2-Clause */
/* frames.c: reel frames: frames of a film as images or as one stream. */
#include "frames.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_folder(const char *path)
{
    struct stat st;
    size_t n = path ? strlen(path) : 0;
    return n > 0 && (path[n - 1] == '/' || (stat(path, &st) == 0 && S_ISDIR(st.st_mode)));
}

static int decode(struct put *p)
{
    p->codes = calloc(p->wants->n, sizeof *p->codes);
    if (!p->codes) {
        complain(p->film->name, "%s", reel_code_text(REEL_E_NOMEM));
        return EXIT_INPUT;
    }
    int status = frames_open(p->cli, p->film, p->wants->track, 0, put_lost, p, &p->frames);
    if (status == EXIT_FINE) {
        status = put_all(p);
        if (p->stats.delivered && (status == EXIT_FINE || p->stats.failed || p->stats.damaged))
            report_frames(p, false);
    }
    reel_frames_close(&p->frames);
    free(p->codes);
    return status;
}

static int run_film(struct cli *cli, struct film *film)
{
    struct wants wants;
    const char *output = cli->set.output;
    struct put p = {.cli = cli, .film = film, .wants = &wants};
    p.name = output && strcmp(output, "-") != 0 ? output : NULL;
    p.folder = is_folder(p.name);
    int status = wants_find(&wants, cli, film);
    if (status == EXIT_FINE)
        status = form_choose(&p.form, cli, &wants, p.name, p.folder);
    if (status == EXIT_FINE && cli->set.dry_run)
        report_frames(&p, true);
    else if (status == EXIT_FINE)
        status = decode(&p);
    wants_free(&wants);
    return status;
}

int frames_run(struct cli *cli)
{
    const struct settings *set = &cli->set;
    const bool standard = !set->output || !strcmp(set->output, "-");
    reel_picture_options picture;
    if (set->arg_count > 1 && !set->init) {
        complain("frames", "one FILE at a time; several are one film behind --init FILE");
        return EXIT_CALL;
    }
    int status = wants_check(cli);
    if (status == EXIT_FINE)
        status = frames_picture(cli, &picture);
    if (status != EXIT_FINE)
        return status;
    if (!set->output && !set->dry_run && isatty(STDOUT_FILENO)) {
        complain("frames", "this would go to the terminal; give -o FOLDER/, or -o - if you mean it");
        return EXIT_CALL;
    }
    if (standard && set->format != FORMAT_TEXT && !set->dry_run) {
        complain("frames", "--format: frames and a report of them cannot both go to standard output; give -o FILE");
        return EXIT_CALL;
    }
    return film_each(cli, run_film);
}
