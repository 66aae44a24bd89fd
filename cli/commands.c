/* SPDX-License-Identifier: BSD-2-Clause */
/* commands.c: the commands of reel. */
#include "cli.h"

const struct command *const commands[] = {
    &command_info, &command_boxes,     &command_packets,  &command_seek,       &command_extract, &command_frames,
    &command_sprite, &command_play,    &command_doctor,   &command_cut,      &command_faststart,  &command_fragment, &command_defragment,
    &command_concat, &command_repair,  &command_package,  &command_serve,      NULL};
