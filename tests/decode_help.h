/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of the decoder share: films that ffmpeg makes, and the pixels of a frame as one number. */
#ifndef TESTS_DECODE_HELP_H
#define TESTS_DECODE_HELP_H

#include <reel/decode.h>

/* Of sound: the samples of all channels in turn, as packed formats have them. */
void frame_each_sample(const reel_frame *f, void (*put)(void *user, const uint8_t *sample, size_t n), void *user);
/* MD5 of all rows, without what pads them: as ffmpeg's framemd5 has it. "-" when the format is none of ours. Of sound: of its samples in turn. */
void frame_md5(const reel_decoder *dec, const reel_frame *f, char out[33]);

/* Does this libavcodec have a decoder of that name? */
bool decoder_exists(const char *name);

typedef struct film { /* in memory */
    uint8_t *data;
    size_t size;
} film;

/* Have ffmpeg write a film of testsrc2 with these arguments. False: there is no ffmpeg, or it cannot. */
bool film_make(film *f, const char *size, int frames, const char *arguments);
/* The bytes of a file. */
bool film_read(film *f, const char *path);
/* The same of sound: two channels, 48000 a second, two seconds. */
bool film_make_sound(film *f, const char *ending, const char *arguments);
/* Both, one behind the other, as one track with two sample descriptions. */
film film_joined(const film *a, const film *b);
void film_free(film *f);
film film_copy(const film *f);
/* Where the name of the first box of this type stands in the film. NULL: there is none. */
uint8_t *film_box(const film *f, const char *type);
/* Its edit list of version 0: behind the box's header; and the i-th edit there. */
uint8_t *film_elst(const film *f);
void film_put_edit(uint8_t *elst, int i, uint32_t duration, int32_t media, uint16_t rate);
void film_put32(uint8_t *p, uint32_t v);
uint32_t film_get32(const uint8_t *p);
/* Opens it where it lies; it must outlive the movie. Ends the program when it will not open. */
reel_movie *film_open(const film *f);
const reel_track *film_pictures(const reel_movie *movie);
const reel_track *film_sound(const reel_movie *movie);

#endif
