/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of the decoder share: films that ffmpeg makes, and the pixels of a frame as one number. */
#ifndef TESTS_DECODE_HELP_H
#define TESTS_DECODE_HELP_H

#include <reel/decode.h>

/* MD5 of all rows, without what pads them: as ffmpeg's framemd5 has it. "-" when the format is none of ours. */
void frame_md5(const reel_decoder *dec, const reel_frame *f, char out[33]);

typedef struct film { /* in memory */
    uint8_t *data;
    size_t size;
} film;

/* Have ffmpeg write a film of testsrc2 with these arguments. False: there is no ffmpeg, or it cannot. */
bool film_make(film *f, const char *size, int frames, const char *arguments);
/* The bytes of a file. */
bool film_read(film *f, const char *path);
void film_free(film *f);
/* Opens it where it lies; it must outlive the movie. Ends the program when it will not open. */
reel_movie *film_open(const film *f);
const reel_track *film_pictures(const reel_movie *movie);

#endif
