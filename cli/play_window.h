/* SPDX-License-Identifier: BSD-2-Clause */
/* play_window.h: between the files of the window. */
#ifndef CLI_PLAY_WINDOW_H
#define CLI_PLAY_WINDOW_H

#include "play.h"

#define SDL_MAIN_HANDLED
#include <SDL.h>

/* ---- play_letters.c: capitals, digits and a few signs, three pixels by five ---- */

/* Lines that end with \n, in squares of that many pixels, its corner at x, y; over a dark ground. */
void letters_draw(SDL_Renderer *to, const char *text, int x, int y, int pixel);

/* ---- play_sound.c: the sound of a film; all on one thread ---- */

struct sound;

/* Opens the track and the sound card. NULL: there is none, or nobody can decode it; complains of the latter. */
struct sound *sound_open(const struct film *film, const reel_track *track);
/* Be heard from this presentation time (ns) on. NULL allowed, here and below. */
void sound_start(struct sound *s, int64_t time);
void sound_stop(struct sound *s);
/* Decode ahead; to be called a few times a second at least. */
void sound_fill(struct sound *s);
/* The presentation time that is heard, or REEL_PLAYER_NO_TIME. */
int64_t sound_heard(const struct sound *s);
/* Nothing is heard any more, and nothing will be. */
bool sound_over(const struct sound *s);
void sound_close(struct sound **s);

#endif
