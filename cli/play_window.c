/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * play_window.c: a film in a window of SDL2. The loop of events polls the player, which decodes on threads of its own;
 * what is due goes to a texture as the YCbCr that it is, unless SDL has no such texture.
 */
#include "play_window.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reel/picture.h>

enum { MS = 1000000, SECOND = 1000000000, LONGEST_WAIT = 10, JUMP = 5, FIRST_SIDE = 1280 };

struct window {
    const struct film *film;
    reel_track_info info;
    reel_player *player;
    reel_sched *sched;
    struct sound *sound;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    uint32_t texture_format;
    int texture_width, texture_height;
    reel_picture *picture; /* for what SDL has no texture of */
    reel_picture_options made;
    uint8_t *converted;
    reel_frame *frame;     /* that is shown; NULL: nothing */
    double rate;
    uint32_t loop;
    bool quit, changed, overlay, full, failed;
    bool keep, ended;      /* the window stays at the end; which has come */
    int code;              /* what ended it */
    uint64_t shown;
    int64_t drawn;         /* when the overlay was */
};

/* ---- pictures ---- */

static bool texture_for(struct window *w, uint32_t format, int width, int height)
{
    if (w->texture && w->texture_format == format && w->texture_width == width && w->texture_height == height)
        return true;
    SDL_DestroyTexture(w->texture);
    w->texture = SDL_CreateTexture(w->renderer, format, SDL_TEXTUREACCESS_STREAMING, width, height);
    w->texture_format = format;
    w->texture_width = width;
    w->texture_height = height;
    return w->texture != NULL;
}

/* SDL converts with one matrix for all textures. */
static void choose_matrix(const reel_frame *f)
{
    bool hd = f->matrix == 1 || (f->matrix != 5 && f->matrix != 6 && f->height > 576);
    SDL_YUV_CONVERSION_MODE limited = hd ? SDL_YUV_CONVERSION_BT709 : SDL_YUV_CONVERSION_BT601;
    SDL_SetYUVConversionMode(f->full_range ? SDL_YUV_CONVERSION_JPEG : limited);
}

static bool upload_i420(struct window *w, uint8_t *const data[3], const ptrdiff_t stride[3], int width, int height)
{
    return texture_for(w, SDL_PIXELFORMAT_IYUV, width, height) &&
           SDL_UpdateYUVTexture(w->texture, NULL, data[0], (int)stride[0], data[1], (int)stride[1], data[2],
                                (int)stride[2]) == 0;
}

static bool same_kind(const struct window *w, const reel_frame *f)
{
    return w->picture && w->made.format.id == f->format && w->made.source_width == f->width &&
           w->made.source_height == f->height;
}

/* 10 bits, 4:2:2 and others: as I420. */
static bool upload_converted(struct window *w, const reel_frame *f)
{
    reel_picture_shape shape;
    if (!same_kind(w, f)) {
        reel_picture_close(&w->picture);
        w->made = (reel_picture_options){.sizeof_options = sizeof w->made};
        w->made.pixel = REEL_PIXEL_I420;
        reel_picture_describe(f, &w->made);
        w->made.sar_width = w->made.sar_height = 0; /* the renderer sees to the shape */
        if (reel_picture_open(&w->made, &w->picture, NULL) != REEL_OK)
            return false;
        reel_picture_get_shape(w->picture, &shape);
        free(w->converted);
        w->converted = malloc(shape.size);
    }
    reel_picture_get_shape(w->picture, &shape);
    if (!w->converted || reel_picture_run_into(w->picture, f, w->converted, NULL) != REEL_OK)
        return false;
    size_t luma = (size_t)shape.width * shape.height, half = (shape.width + 1) / 2;
    uint8_t *const data[] = {w->converted, w->converted + luma, w->converted + luma + half * ((shape.height + 1) / 2)};
    const ptrdiff_t stride[] = {(ptrdiff_t)shape.width, (ptrdiff_t)half, (ptrdiff_t)half};
    return upload_i420(w, data, stride, (int)shape.width, (int)shape.height);
}

static bool upload(struct window *w, const reel_frame *f)
{
    choose_matrix(f);
    if (f->format == REEL_PIXEL_I420)
        return upload_i420(w, f->data, f->stride, (int)f->width, (int)f->height);
#if SDL_VERSION_ATLEAST(2, 0, 16)
    if (f->format == REEL_PIXEL_NV12)
        return texture_for(w, SDL_PIXELFORMAT_NV12, (int)f->width, (int)f->height) &&
               SDL_UpdateNVTexture(w->texture, NULL, f->data[0], (int)f->stride[0], f->data[1], (int)f->stride[1]) == 0;
#endif
    return upload_converted(w, f);
}

static void on_show(void *user, reel_player *p, const reel_show *s)
{
    struct window *w = user;
    (void)p;
    reel_frame_unref(&w->frame);
    w->frame = reel_frame_ref(s->frame);
    w->shown += s->frame != NULL;
    w->ended = false;
    w->failed = s->frame && !upload(w, s->frame);
    w->changed = true;
    if (s->flags & REEL_SHOW_PREVIEW)
        sound_stop(w->sound);
    else if ((s->flags & REEL_SHOW_FIRST || s->loop != w->loop) && w->rate == 1)
        sound_start(w->sound, s->time);
    w->loop = s->loop;
}

/* ---- drawing ---- */

/* The picture as it lies, in the window's pixels: as large as it fits when it is turned, centred. */
static SDL_Rect place_of(const struct window *w)
{
    int across, down;
    const reel_frame *f = w->frame;
    bool turned = w->info.rotation % 180 != 0;
    SDL_GetRendererOutputSize(w->renderer, &across, &down);
    double width = f->width, height = f->height;
    if (f->sar_width && f->sar_height)
        width = width * f->sar_width / f->sar_height;
    double sx = across / (turned ? height : width), sy = down / (turned ? width : height), scale = sx < sy ? sx : sy;
    int wide = (int)lround(width * scale), high = (int)lround(height * scale);
    return (SDL_Rect){(across - wide) / 2, (down - high) / 2, wide, high};
}

/* The mirror stands behind the rotation: for a picture that lies on its side it is upside down before. */
static SDL_RendererFlip flip_of(const struct window *w)
{
    return !w->info.mirrored ? SDL_FLIP_NONE : w->info.rotation % 180 ? SDL_FLIP_VERTICAL : SDL_FLIP_HORIZONTAL;
}

static void draw_overlay(struct window *w)
{
    static reel_histogram late;
    char text[1024];
    int across = 0;
    reel_histogram_reset(&late);
    reel_player_stats s = {.sizeof_stats = sizeof s, .lateness = &late};
    reel_sched_stats d = {.sizeof_stats = sizeof d};
    reel_player_get_stats(w->player, &s);
    reel_sched_stats_get(w->sched, &d);
    snprintf(text, sizeof text,
             "TIME %.3f  RATE %.2f\nSHOWN %llu  MISSED %llu\nDROPPED %llu  REPEATED %llu\n"
             "LATE MS 50%% %.3f  99%% %.3f\nMAX %.3f  DRIFT %+.2f\nREADY %u  DISCARD %u  JUMPS %llu\n"
             "ERRORS %llu  LOST %llu\nDECODED %llu  COPIES %llu\nPOOLS %llu  WAITS %llu\n"
             "TASKS %llu  LONGEST %.2f\n",
             (double)s.time / SECOND, s.rate, (unsigned long long)s.presented, (unsigned long long)s.missed,
             (unsigned long long)s.dropped, (unsigned long long)s.repeated, (double)reel_histogram_at(&late, 0.5) / MS,
             (double)reel_histogram_at(&late, 0.99) / MS, (double)s.late_max / MS, (double)s.drift / MS, s.ready,
             s.discard, (unsigned long long)s.jumps, (unsigned long long)s.errors, (unsigned long long)s.lost,
             (unsigned long long)s.decoder.frames, (unsigned long long)s.decoder.copies,
             (unsigned long long)s.decoder.pools, (unsigned long long)s.decoder.waits,
             (unsigned long long)d.total.tasks, (double)d.total.longest / MS);
    SDL_GetRendererOutputSize(w->renderer, &across, NULL);
    letters_draw(w->renderer, text, 8, 8, across / FIRST_SIDE + 2);
}

static void draw(struct window *w)
{
    SDL_SetRenderDrawColor(w->renderer, 0, 0, 0, 255);
    SDL_RenderClear(w->renderer);
    if (w->frame && w->texture && !w->failed) {
        SDL_Rect to = place_of(w);
        SDL_RenderCopyEx(w->renderer, w->texture, NULL, &to, w->info.rotation, NULL, flip_of(w));
    }
    if (w->overlay)
        draw_overlay(w);
    SDL_RenderPresent(w->renderer);
    w->changed = false;
    w->drawn = reel_clock_now();
}

/* ---- keys ---- */

static reel_player_stats stats_of(const struct window *w)
{
    reel_player_stats s = {.sizeof_stats = sizeof s};
    reel_player_get_stats(w->player, &s);
    return s;
}

static void toggle_pause(struct window *w)
{
    reel_player_stats s = stats_of(w);
    if (s.state == REEL_PLAYER_PLAYING) {
        reel_player_pause(w->player);
        sound_stop(w->sound);
        return;
    }
    reel_player_play(w->player);
    if (s.state == REEL_PLAYER_STANDING && w->rate == 1)
        sound_start(w->sound, s.time);
}

static void seek_by(struct window *w, int seconds)
{
    sound_stop(w->sound);
    reel_player_seek(w->player, stats_of(w).time + (int64_t)seconds * SECOND);
}

/* Sound is heard at its own rate only. */
static void change_rate(struct window *w, double by)
{
    double rate = w->rate * by;
    if (reel_player_set_rate(w->player, rate) != REEL_OK)
        return;
    w->rate = rate;
    reel_player_stats s = stats_of(w);
    if (fabs(rate - 1) < 0.001 && s.state == REEL_PLAYER_PLAYING)
        sound_start(w->sound, s.time);
    else
        sound_stop(w->sound);
}

static void on_key(struct window *w, SDL_Keycode key)
{
    switch (key) {
    case SDLK_SPACE: toggle_pause(w); break;
    case SDLK_LEFT: seek_by(w, -JUMP); break;
    case SDLK_RIGHT: seek_by(w, JUMP); break;
    case SDLK_UP: change_rate(w, 2); break;
    case SDLK_DOWN: change_rate(w, 0.5); break;
    case SDLK_PERIOD:
        sound_stop(w->sound);
        reel_player_step(w->player);
        break;
    case SDLK_f:
        w->full = !w->full;
        SDL_SetWindowFullscreen(w->window, w->full ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
        break;
    case SDLK_o: w->overlay = !w->overlay; break;
    case SDLK_q:
    case SDLK_ESCAPE: w->quit = true; break;
    default: return;
    }
    w->changed = true;
}

static void take_events(struct window *w)
{
    SDL_Event e;
    while (SDL_PollEvent(&e)) {
        if (e.type == SDL_QUIT)
            w->quit = true;
        else if (e.type == SDL_KEYDOWN)
            on_key(w, e.key.keysym.sym);
        else if (e.type == SDL_WINDOWEVENT || e.type == SDL_RENDER_TARGETS_RESET)
            w->changed = true;
        else if (e.type == SDL_RENDER_DEVICE_RESET) {
            SDL_DestroyTexture(w->texture); /* it lost what it had */
            w->texture = NULL;
            w->failed = w->frame && !upload(w, w->frame);
            w->changed = true;
        }
    }
}

/* ---- the loop ---- */

/* Until something is due: events end it as long as that is more than a moment away. */
static void rest(int64_t next)
{
    int64_t left = next - reel_clock_now();
    if (left > 2 * MS) {
        int64_t most = left / MS - 1;
        SDL_WaitEventTimeout(NULL, (int)(most < LONGEST_WAIT ? most : LONGEST_WAIT));
    } else if (left > 0) {
        struct timespec t = {0, (long)left};
        nanosleep(&t, NULL);
    }
}

static void run(struct window *w)
{
    int64_t next = 0;
    while (!w->quit) {
        take_events(w);
        sound_fill(w->sound);
        reel_player_poll(w->player, reel_clock_now(), &next);
        if (w->overlay && reel_clock_now() - w->drawn > SECOND / 4)
            w->changed = true;
        if (w->changed)
            draw(w);
        w->quit |= w->ended && !w->keep && sound_over(w->sound);
        rest(next);
    }
}

/* ---- open and close ---- */

static int64_t hear(void *user)
{
    const struct window *w = user;
    return sound_heard(w->sound);
}

static void on_report(void *user, reel_player *p, const reel_error *what)
{
    const struct window *w = user;
    (void)p;
    complain(w->film->name, "%s", what->text);
}

static void on_end(void *user, reel_player *p, int code)
{
    struct window *w = user;
    (void)p;
    w->ended = true;
    w->code = code;
}

static int open_player(struct window *w, const reel_track *track, const reel_player_options *like)
{
    reel_player_options o = *like;
    reel_error err = {.code = REEL_OK};
    const reel_sched_options so = {.sizeof_options = sizeof so, .workers = 1, .name = "decode"};
    int rc = reel_sched_open(&so, &w->sched, &err);
    o.flags |= REEL_PLAYER_POLL;
    o.sched = w->sched;
    o.threads = o.workers ? o.workers : reel_sched_cores(); /* one film: the codec's own threads */
    o.show = on_show;
    o.report = on_report;
    o.ended = on_end;
    o.audio = w->sound ? hear : NULL;
    o.user = w;
    if (rc == REEL_OK)
        rc = reel_player_open(track, &o, &w->player, &err);
    return rc == REEL_OK ? EXIT_FINE : film_complain(w->film, &err);
}

static int open_window(struct window *w)
{
    double width = w->info.width / 65536.0, height = w->info.height / 65536.0;
    if (w->info.rotation % 180) {
        double swap = width;
        width = height;
        height = swap;
    }
    double most = width > height ? width : height, scale = most > FIRST_SIDE ? FIRST_SIDE / most : 1;
    int across = width >= 1 ? (int)(width * scale) : 640, down = height >= 1 ? (int)(height * scale) : 360;
    w->window = SDL_CreateWindow(w->film->name, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                 across > 64 ? across : 64, down > 64 ? down : 64,
                                 SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
    w->renderer = w->window ? SDL_CreateRenderer(w->window, -1, SDL_RENDERER_PRESENTVSYNC) : NULL;
    if (w->window && !w->renderer)
        w->renderer = SDL_CreateRenderer(w->window, -1, 0);
    if (w->renderer)
        return EXIT_FINE;
    complain("play", "no window: %s", SDL_GetError());
    return EXIT_INPUT;
}

static void close_all(struct window *w)
{
    reel_player_close(&w->player);
    reel_sched_close(&w->sched, REEL_CLOSE_DROP);
    reel_frame_unref(&w->frame);
    sound_close(&w->sound);
    reel_picture_close(&w->picture);
    free(w->converted);
    SDL_DestroyTexture(w->texture);
    if (w->renderer)
        SDL_DestroyRenderer(w->renderer);
    if (w->window)
        SDL_DestroyWindow(w->window);
    SDL_Quit();
}

/* Where there is no display SDL takes a driver that shows nothing, unless another is asked for. */
static bool has_display(void)
{
    static const char *const blind[] = {"dummy", "offscreen", "evdev"};
    const char *driver = SDL_GetCurrentVideoDriver();
    for (size_t i = 0; i < sizeof blind / sizeof *blind && driver && !getenv("SDL_VIDEODRIVER"); i++)
        if (!strcmp(driver, blind[i]))
            return false;
    return driver != NULL;
}

static int open_display(void)
{
    SDL_SetMainReady();
    bool fine = SDL_Init(SDL_INIT_VIDEO) == 0;
    if (fine && has_display())
        return EXIT_FINE;
    complain("play", "no display%s%s; --headless needs none", fine ? "" : ": ", fine ? "" : SDL_GetError());
    return EXIT_INPUT;
}

int play_window(struct cli *cli, struct film *film, const reel_track *track, const reel_player_options *like)
{
    struct window w = {.film = film, .rate = like->rate > 0 ? like->rate : 1, .keep = cli->set.keep};
    reel_track_get_info(track, &w.info);
    int status = open_display();
    if (status == EXIT_FINE)
        status = open_window(&w);
    if (status == EXIT_FINE && !(like->fps > 0))
        w.sound = sound_open(film, reel_movie_default_track(film->movie, REEL_TRACK_AUDIO));
    if (status == EXIT_FINE)
        status = open_player(&w, track, like);
    if (status == EXIT_FINE)
        run(&w);
    if (status == EXIT_FINE && w.ended && (w.code != REEL_OK || !w.shown))
        status = EXIT_INPUT; /* why was reported */
    close_all(&w);
    return status;
}
