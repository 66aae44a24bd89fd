/* SPDX-License-Identifier: BSD-2-Clause */
/* commands_frames.c: the commands of reel-frames, which reel becomes for them. */
#include "cli.h"

const struct command *const commands[] = {&command_frames, &command_sprite, &command_play, NULL};
