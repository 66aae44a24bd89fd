/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frames_exec.c: the commands that decode live in reel-frames, which this process becomes. It lies beside reel in a build
 * folder; installed, in the libexec folder, found from where reel lies so that a tree may be moved.
 */
#include "frames.h"
#include "play.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_PATH = 4096 };

/* The folder of this program, with a / at the end; "" where the system does not tell. */
static void own_folder(char out[LONGEST_PATH])
{
    ssize_t n = readlink("/proc/self/exe", out, LONGEST_PATH - 1);
    while (n > 0 && out[n - 1] != '/')
        n--;
    out[n > 0 ? n : 0] = 0;
}

/* Comes back only where the program is not there. */
static void become(struct cli *cli, const char *folder, const char *more)
{
    char path[2 * LONGEST_PATH];
    if (snprintf(path, sizeof path, "%s%s", folder, more) < (int)sizeof path)
        execv(path, cli->argv - 1);
}

static int become_frames(struct cli *cli)
{
    static char program[] = "reel-frames";
    char folder[LONGEST_PATH];
    size_t n = 0;
    while (cli->argv[n])
        n++;
    char **argv = calloc(n + 2, sizeof *argv);
    if (!argv) {
        complain(cli->command->name, "%s", reel_code_text(REEL_E_NOMEM));
        return EXIT_INPUT;
    }
    argv[0] = program;
    memcpy(argv + 1, cli->argv, n * sizeof *argv);
    free(cli->argv);
    cli->argv = argv + 1;
    own_folder(folder);
    if (*folder) {
        become(cli, folder, program);
        become(cli, folder, "../libexec/reel-frames");
    }
    become(cli, REEL_LIBEXECDIR, "/reel-frames");
    complain(cli->command->name, "%s%s: %s", errno == ENOENT ? "reel-frames is not installed: " : "",
             REEL_LIBEXECDIR "/reel-frames", strerror(errno));
    cli->argv = NULL;
    free(argv);
    return EXIT_INPUT;
}

int frames_run(struct cli *cli) { return become_frames(cli); }
int sprite_run(struct cli *cli) { return become_frames(cli); }
int play_run(struct cli *cli) { return become_frames(cli); }
