/* SPDX-License-Identifier: BSD-2-Clause */
/* frames_none.c: the commands that decode, in a build that cannot. */
#include "frames.h"
#include "play.h"

static int refuse(const struct cli *cli)
{
    complain(cli->command->name, "built without libavcodec");
    return EXIT_INPUT;
}

int frames_run(struct cli *cli) { return refuse(cli); }
int sprite_run(struct cli *cli) { return refuse(cli); }
int play_run(struct cli *cli) { return refuse(cli); }
