/* SPDX-License-Identifier: BSD-2-Clause */
/* play_window_none.c: a build without SDL2 has no windows. */
#include "play.h"

int play_window(struct cli *cli, struct film *film, const reel_track *track, const reel_player_options *like)
{
    (void)cli;
    (void)film;
    (void)track;
    (void)like;
    complain("play", "built without SDL2; --headless needs no window");
    return EXIT_INPUT;
}
