/* SPDX-License-Identifier: BSD-2-Clause */
/* frames.h: what the commands share that decode. */
#ifndef CLI_FRAMES_H
#define CLI_FRAMES_H

#include "cli.h"

#include <reel/frames.h>
#include <reel/image.h>

/* The values of settings.form and settings.pix. */
enum { FORM_AUTO, FORM_PNG, FORM_JPG, FORM_Y4M, FORM_RAW, FORM_NPY };
enum { PIX_AUTO, PIX_RGB24, PIX_GRAY8, PIX_YUV420P };

/* In reel they become reel-frames, or say that there is none; in that they run. */
int frames_run(struct cli *cli);
int sprite_run(struct cli *cli);

/* ---- frames_wants.c: from options to samples; all complain ---- */

struct wants {
    const reel_track *track;
    reel_want *want;
    reel_found *found;
    size_t n;
};

/* How frames were asked for: one way, and no other. */
int wants_check(const struct cli *cli);
/* Finds them all: one that is not there is complained about, and the call gives EXIT_INPUT. */
int wants_find(struct wants *w, const struct cli *cli, const struct film *film);
void wants_free(struct wants *w);
/* The video track of --track, or the one that a player would show. */
int frames_track(const struct cli *cli, const struct film *film, const reel_track **out);
/* When the i-th is shown, in ticks; what the edit list leaves out keeps its own time. */
int64_t wants_shown(const struct wants *w, size_t i);
/* The sync sample that decoding it begins with. */
uint64_t wants_group(const struct wants *w, size_t i);

/* ---- frames_form.c: a frame as the bytes that are written ---- */

/* Gives EXIT_CALL. */
int frames_complain_number(const struct cli *cli, const char *option, uint64_t value, const char *wanted);
/* --size, --fit, --filter, --pad, --quality, checked and read; complains, EXIT_CALL. */
int frames_picture(const struct cli *cli, reel_picture_options *out);

struct form {
    int form;                     /* FORM_*, not auto */
    bool decoded;                 /* raw, as the decoder gives it */
    reel_picture_options picture; /* else */
    reel_image_options image;
    reel_rational rate;           /* y4m */
};

/* What is written, if it goes to name (NULL: standard output), a file a frame or all in one; complains. */
int form_choose(struct form *f, const struct cli *cli, const struct wants *wants, const char *name, bool folder);
const char *form_suffix(const struct form *f);

/* Of what came out. */
struct shape {
    uint32_t width, height;
    const char *pixel;       /* "rgb24", "yuv420p10le" */
    bool coded;              /* YCbCr: matrix (H.273) and full_range tell its colours */
    uint8_t matrix, full_range;
    uint32_t lost_bits;      /* 8 bits were made of so many; 0: of 8 */
};
/* "yuv420p, bt709, limited range" */
enum { SHAPE_ROOM = 80 };
const char *shape_text(const struct shape *s, char out[SHAPE_ROOM]);

enum { HEAD_ROOM = 192 };

/* A frame as bytes, and what stands before the first one of a file. */
struct made {
    reel_image_bytes bytes;
    uint8_t head[HEAD_ROOM];
    size_t head_size;
    struct shape shape;
    reel_error why; /* it could not be had, where the code says so */
};

/* Both from a worker's thread. count: frames of the file. The bytes are to be freed, also after a failure. */
int form_picture(const struct form *f, const reel_picture_shape *shape, const uint8_t *data, const reel_frame *frame,
                 size_t count, struct made *out, reel_error *err);
int form_frame(const struct form *f, const reel_frame *frame, struct made *out, reel_error *err);

/* ---- frames_put.c: all of them, by blocks of bounded memory, to where they go ---- */

struct put {
    struct cli *cli;
    struct film *film;
    const struct wants *wants;
    struct form form;
    reel_frames *frames;
    const char *name;  /* NULL: standard output */
    bool folder;
    int32_t *codes;    /* one a want */
    struct shape shape; /* of the first that came out */
    struct block *block; /* that is made now */
    reel_frames_stats stats; /* of all blocks */
};

/* What p is to be as the user of frames_open. */
void put_lost(void *put, size_t i, const reel_error *why);
/* The name of the i-th frame's file in a folder. */
enum { FRAME_NAME_ROOM = 96 };
void put_file_name(const struct put *p, size_t i, char out[FRAME_NAME_ROOM]);
int put_all(struct put *p);

/* ---- frames_report.c ---- */

/* What would be written, or was. */
void report_frames(struct put *p, bool dry);

typedef void frames_lost(void *user, size_t i, const reel_error *why);

/*
 * Workers for both commands, which tell lost what could not be had; signals that end the command stay with the first
 * thread. Complains.
 */
int frames_open(const struct cli *cli, const struct film *film, const reel_track *track, uint32_t flags,
                frames_lost *lost, void *user, reel_frames **out);
/* The words for a picture that could not be had; why may be about nothing. */
enum { FRAMES_WHY_ROOM = 256 };
const char *frames_why(int code, const reel_error *why, char room[FRAMES_WHY_ROOM]);
/* Complains when pictures came out with errors. */
void frames_tell_damaged(const struct film *film, uint64_t damaged, uint64_t of);

#endif
