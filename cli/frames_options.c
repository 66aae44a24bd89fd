/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frames_options.c: what frames and sprite take. Both programs know it: reel says what is wrong with an option, and helps,
 * before it becomes the other.
 */
#include "frames.h"

#define OPTION_SIZE                                                                                           \
    OPTION("size", 's', OPTION_TEXT, "WxH", size,                                                          \
           "scaled to so many pixels; Wx or xH: the other by the picture's shape")
#define OPTION_FIT                                                                                            \
    OPTION("fit", 0, OPTION_CHOICE, "stretch|contain|cover", fit,                                             \
           "where the shapes differ: stretched, all of it with --pad around it, or cut")
#define OPTION_PAD OPTION("pad", 0, OPTION_TEXT, "RRGGBB", pad, "the colour around it; black by default")
#define OPTION_QUALITY OPTION("quality", 'q', OPTION_NUMBER, "N", quality, "of JPEG, 1 to 100; 85 by default")
#define OPTION_THREADS                                                                                       \
    OPTION("threads", 'j', OPTION_NUMBER, "N", threads,                                                    \
           "so many decode; as many as there are cores by default")
#define OPTION_TRACK_ONE OPTION("track", 't', OPTION_TRACK, "ID", track_count, "this track; else the video track")
#define OPTION_DRY                                                                                            \
    OPTION("dry-run", 'n', OPTION_FLAG, NULL, dry_run, "decode and write nothing; tell what would be written")
#define OPTION_REPORT OPTION("format", 'f', OPTION_CHOICE, "text|json|jsonl", format, "how to tell what was written")

static const struct option frames_options[] = {
    OPTION("at", 0, OPTION_TEXT, "TIME,...", at, "what is shown at these times"),
    OPTION("every", 0, OPTION_WHEN, "TIME", every, "what is shown at 0, TIME, two times TIME, ..."),
    OPTION("count", 'c', OPTION_NUMBER, "N", count, "N frames: the middle of each N-th part of the film"),
    OPTION("keyframes", 'k', OPTION_FLAG, NULL, keys, "all key pictures"),
    OPTION("index", 0, OPTION_TEXT, "N,...", index,
           "pictures by their numbers, from 0, in the order in which they are shown; 10-20: all of these"),
    OPTION("sample", 0, OPTION_TEXT, "N,...", samples, "samples by their numbers, from 0, as they are decoded; or 10-20"),
    OPTION("output", 'o', OPTION_TEXT, "FILE", output,
           "where to: a folder (FOLDER/ makes it) gets a file a frame, a file all of them, - is standard output"),
    OPTION("as", 'a', OPTION_CHOICE, "auto|png|jpg|y4m|raw|npy", form,
           "in which form; auto: as the file's name ends, else png for files, y4m for standard output"),
    OPTION("pix", 'p', OPTION_CHOICE, "auto|rgb24|gray8|yuv420p", pix,
           "of which pixels; auto: what the form takes, and for raw without --size those that were decoded"),
    OPTION_SIZE,
    OPTION_FIT,
    OPTION("filter", 0, OPTION_CHOICE, "bilinear|nearest|area", filter, "how it is scaled"),
    OPTION_PAD,
    OPTION_QUALITY,
    OPTION_THREADS,
    OPTION_TRACK_ONE,
    OPTION_DRY,
    OPTION_REPORT,
    OPTIONS_READING,
    OPTIONS_LAST};

const struct command command_frames = {
    "frames", "decode frames and write them as images or one stream", "frames [OPTION...] FILE...",
    "Frames come in the order in which they are asked for. In a folder their names tell the place in that order, the\n"
    "time at which a frame is shown and its sample: frame00002-t000020.000-s000500.png.\n"
    "png and jpg: images. y4m, raw, npy: all frames in one file, npy as (N, H, W, 3), or (N, H, W) of gray8. raw are the\n"
    "planes without gaps. A frame that cannot be decoded is told, left out (in npy it is zeros), and the exit status is 1;\n"
    "so it is when some were decoded with errors: these are written, and counted.\n"
    "TIME: 12.5, 1:02:03.5, 90%, or #250, a sample number.\n"
    "Several FILEs are the media segments of one film behind --init.\n",
    frames_options, frames_run};

static const struct option sprite_options[] = {
    OPTION("output", 'o', OPTION_TEXT, "FILE", output,
           "the image, .jpg or .png; the times are written beside it, to .vtt"),
    OPTION("count", 'c', OPTION_NUMBER, "N", count, "so many thumbnails, the middle of each N-th part; 100 by default"),
    OPTION("every", 0, OPTION_WHEN, "TIME", every, "a thumbnail each TIME"),
    OPTION("keyframes", 'k', OPTION_FLAG, NULL, keys, "the key picture before each time: faster"),
    OPTION_SIZE,
    OPTION_FIT,
    OPTION_PAD,
    OPTION("columns", 0, OPTION_NUMBER, "N", columns, "thumbnails side by side; 10 by default"),
    OPTION_QUALITY,
    OPTION_THREADS,
    OPTION_TRACK_ONE,
    OPTION_DRY,
    OPTION_REPORT,
    OPTIONS_READING,
    OPTIONS_LAST};

const struct command command_sprite = {
    "sprite", "write a storyboard: thumbnails in one image, and WebVTT for players", "sprite [OPTION...] FILE...",
    "NAME.jpg gets the thumbnails, 160 pixels wide where --size does not say it, NAME.vtt a cue for each:\n"
    "NAME.jpg#xywh=160,0,160,90. What does not fit on one sheet of 16 million pixels goes to NAME-2.jpg, NAME-3.jpg, ...\n"
    "Thumbnails that cannot be decoded stay black; they and those with errors are counted, and the exit status is 1.\n"
    "Several FILEs are the media segments of one film behind --init.\n",
    sprite_options, sprite_run};
