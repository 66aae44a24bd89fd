/* SPDX-License-Identifier: BSD-2-Clause */
/* play_letters.c: letters small enough to be read as numbers: an octal digit is a row of three pixels. */
#include "play_window.h"

#include <string.h>

static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.:/%-+";
static const uint16_t rows[] = {
    075557, 026227, 071747, 071717, 055711, 074717, 074757, 071111, 075757, 075717, /* digits */
    025755, 065656, 034443, 065556, 074647, 074644, 034553, 055755, 072227, 011152, 055655, 044447, 057755,
    065555, 025552, 065644, 025563, 065655, 034216, 072222, 055557, 055552, 055775, 055255, 055222, 071247,
    000002, 002020, 011244, 051245, 000700, 002720};

enum { ACROSS = 4, DOWN = 7 /* with the gaps */ };

static void draw_letter(SDL_Renderer *to, char c, int x, int y, int pixel)
{
    const char *at = strchr(letters, c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    if (!at || !*at)
        return;
    uint16_t bits = rows[at - letters];
    for (int i = 0; i < 15; i++)
        if (bits & 1 << (14 - i))
            SDL_RenderFillRect(to, &(SDL_Rect){x + i % 3 * pixel, y + i / 3 * pixel, pixel, pixel});
}

static void draw_ground(SDL_Renderer *to, const char *text, int x, int y, int pixel)
{
    int widest = 0, lines = 0;
    for (const char *at = text; *at; lines++) {
        int n = (int)strcspn(at, "\n");
        widest = n > widest ? n : widest;
        at += n + (at[n] == '\n');
    }
    SDL_SetRenderDrawBlendMode(to, SDL_BLENDMODE_BLEND);
    SDL_SetRenderDrawColor(to, 0, 0, 0, 160);
    const SDL_Rect ground = {x - 2 * pixel, y - 2 * pixel, (widest * ACROSS + 3) * pixel, (lines * DOWN + 2) * pixel};
    SDL_RenderFillRect(to, &ground);
}

void letters_draw(SDL_Renderer *to, const char *text, int x, int y, int pixel)
{
    int column = 0;
    draw_ground(to, text, x, y, pixel);
    SDL_SetRenderDrawColor(to, 255, 255, 255, 255);
    for (; *text; text++) {
        if (*text == '\n') {
            y += DOWN * pixel;
            column = 0;
        } else {
            draw_letter(to, *text, x + column++ * ACROSS * pixel, y, pixel);
        }
    }
}
