/* SPDX-License-Identifier: BSD-2-Clause */
/* play_options.c: what reel play takes. Both programs know it. */
#include "play.h"

static const struct option play_options[] = {
    OPTION("headless", 0, OPTION_FLAG, NULL, headless, "no window: pace streams, and report how late their frames were"),
    OPTION("streams", 'n', OPTION_NUMBER, "N", streams, "headless: so many streams, the films in turn; 1 by default"),
    OPTION("load", 0, OPTION_NUMBER, "K", load, "headless: K threads beside them that never rest; none by default"),
    OPTION("seconds", 0, OPTION_NUMBER, "S", seconds, "headless: for so long; 10 by default"),
    OPTION("naive", 0, OPTION_FLAG, NULL, naive,
           "headless: and the plain loop for as long: a thread a stream, memory and a copy a frame, relative sleeps"),
    OPTION("workers", 'w', OPTION_NUMBER, "W", workers, "threads that decode; as many as there are cores by default"),
    OPTION("fps", 'r', OPTION_TEXT, "RATE", fps, "frames a second, whatever the film says: 60, 23.976, 30000/1001"),
    OPTION("rate", 0, OPTION_TEXT, "X", rate, "so many times as fast, 0.25 to 4"),
    OPTION("policy", 0, OPTION_CHOICE, "drop|show|wait", late,
           "late frames are dropped to catch up; shown all the same; or shown, and the clock waits for them"),
    OPTION("ahead", 0, OPTION_NUMBER, "N", ahead, "frames that are decoded ahead, 2 to 64; 8 by default"),
    OPTION("loop", 'l', OPTION_FLAG, NULL, loop, "from the beginning again; headless does so anyway"),
    OPTION("keep", 0, OPTION_FLAG, NULL, keep, "the window stays at the end, with the last frame; else it closes"),
    OPTION("track", 't', OPTION_TRACK, "ID", track_count, "this track; else the video track"),
    OPTION("format", 'f', OPTION_CHOICE, "text|json|jsonl", format, "how to report"),
    OPTIONS_READING,
    OPTIONS_LAST};

const struct command command_play = {
    "play", "play a film in a window, or measure how well it would be paced", "play [OPTION...] FILE...",
    "Keys: space pauses, left and right seek by 5 seconds, up and down change the rate, . steps by a frame, f fills the\n"
    "screen, o shows figures, q leaves. Sound leads, the pictures follow it.\n"
    "missed: shown later than by a frame's time. dropped: not shown, as their time was over.\n",
    play_options, play_run};
