/* SPDX-License-Identifier: BSD-2-Clause */
/* sprite.c: reel sprite: thumbnails on sheets, and a WebVTT file that names them. */
#include "frames.h"
#include "tree.h"

#include <errno.h>
#include <pthread.h>
#include <reel/sprite.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NANO = 1000000000, LONGEST_NAME = 255 };

struct board {
    struct cli *cli;
    struct film *film;
    const reel_track *track;
    reel_sprite *sprite;
    reel_sprite_info info;
    reel_sprite_options options;
    reel_image_options image;
    bool png;
    char *folder;        /* where all lies; "." */
    char *stem;          /* NAME of NAME.jpg */
    const char *suffix;  /* ".jpg" as it was given */
    int32_t *codes;      /* one a tile */
    uint64_t decoded, damaged;
    uint32_t missing;
    bool written;
    pthread_mutex_t lock;
    uint32_t first;        /* tile of the sheet that is painted */
    uint32_t lost;         /* the first tile that could not be had, and why */
    reel_error why;
    struct tree tree;
};

static int complain_memory(const struct board *b)
{
    complain(b->film->name, "%s", reel_code_text(REEL_E_NOMEM));
    return EXIT_INPUT;
}

/* ---- names ---- */

static const char *suffix_of(const char *name, bool *png)
{
    const char *dot = strrchr(name, '.'), *slash = strrchr(name, '/');
    if (!dot || dot == name || (slash && dot <= slash + 1))
        return NULL;
    *png = !strcasecmp(dot, ".png");
    return *png || !strcasecmp(dot, ".jpg") || !strcasecmp(dot, ".jpeg") ? dot : NULL;
}

static int read_names(struct board *b)
{
    const char *name = b->cli->set.output, *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    b->suffix = suffix_of(name, &b->png);
    if (strlen(base) + sizeof "-65536" > LONGEST_NAME) {
        complain(name, "%s", strerror(ENAMETOOLONG));
        return EXIT_INPUT;
    }
    b->stem = strndup(base, (size_t)(b->suffix - base));
    b->folder = !slash ? strdup(".") : slash == name ? strdup("/") : strndup(name, (size_t)(slash - name));
    return b->stem && b->folder ? EXIT_FINE : complain_memory(b);
}

/* NAME.jpg, NAME-2.jpg, ... */
static void sheet_name(const struct board *b, uint32_t sheet, char out[LONGEST_NAME + 1])
{
    if (sheet == 0)
        snprintf(out, LONGEST_NAME + 1, "%s%s", b->stem, b->suffix);
    else
        snprintf(out, LONGEST_NAME + 1, "%s-%u%s", b->stem, (unsigned)sheet + 1, b->suffix);
}

static void encode(const char *name, char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || strchr("-._~", c);
        if (plain) {
            *out++ = *name;
            continue;
        }
        *out++ = '%';
        *out++ = digits[c >> 4];
        *out++ = digits[c & 15];
    }
    *out = 0;
}

/* ---- planning ---- */

static int choose_options(struct board *b)
{
    const struct settings *set = &b->cli->set;
    reel_picture_options p;
    int status = frames_picture(b->cli, &p);
    /* Halved chroma wants even sizes, and no place between two thumbnails' chroma. */
    bool odd = b->png || p.width % 2 || p.height % 2;
    b->options = (reel_sprite_options){.sizeof_options = sizeof b->options, .width = p.width, .height = p.height,
                                       .fit = p.fit,
                                       .pad = {p.pad[0], p.pad[1], p.pad[2]}, .columns = (uint32_t)set->columns,
                                       .pixel = odd ? REEL_PIXEL_RGB24 : REEL_PIXEL_I420,
                                       .flags = set->keys ? REEL_SPRITE_KEYFRAMES : 0};
    if (set->count != NO_ITEM)
        b->options.count = (uint32_t)set->count;
    if (set->every.kind == WHEN_TIME) {
        b->options.step = set->every.value;
        b->options.timescale = NANO;
    }
    b->image = (reel_image_options){.sizeof_options = sizeof b->image,
                                    .quality = set->quality != NO_ITEM ? (uint32_t)set->quality : 0};
    return status;
}

static int plan(struct board *b)
{
    reel_error err = {0};
    int status = frames_track(b->cli, b->film, &b->track);
    if (status == EXIT_FINE)
        status = choose_options(b);
    if (status != EXIT_FINE)
        return status;
    if (reel_sprite_plan(b->track, &b->options, &b->sprite, &err) != REEL_OK)
        return film_complain(b->film, &err);
    reel_sprite_get_info(b->sprite, &b->info);
    b->codes = calloc(b->info.tiles + 1, sizeof *b->codes);
    return b->codes ? EXIT_FINE : complain_memory(b);
}

/* ---- writing ---- */

static int put_bytes(struct board *b, const char *name, const reel_image_bytes *bytes)
{
    reel_plan *p = NULL;
    reel_error err = {0};
    size_t n = strlen(b->folder) + strlen(name) + 2;
    char *path = malloc(n);
    if (!path)
        return complain_memory(b);
    snprintf(path, n, "%s/%s", b->folder, name);
    int status = film_is_at(b->film, path) ? EXIT_CALL : EXIT_FINE;
    if (status != EXIT_FINE)
        complain(path, "this is the film itself, and would be lost");
    free(path);
    if (status != EXIT_FINE)
        return status;
    int result = reel_plan_new(NULL, &p, &err);
    if (result == REEL_OK)
        result = reel_plan_add_memory(p, bytes->data, bytes->size, &err);
    b->tree.expected = b->tree.bytes + bytes->size;
    status = result == REEL_OK ? tree_put(&b->tree, b->film, -1, name, p) : film_complain(b->film, &err);
    reel_plan_close(&p);
    return status;
}

static void note_lost(void *user, size_t i, const reel_error *why)
{
    struct board *b = user;
    pthread_mutex_lock(&b->lock);
    if (b->why.code == REEL_OK || b->first + i < b->lost) {
        b->lost = b->first + (uint32_t)i;
        b->why = *why;
    }
    pthread_mutex_unlock(&b->lock);
}

/* One line, however many they are. */
static void tell_missing(const struct board *b)
{
    reel_sprite_tile t;
    char at[32], why[FRAMES_WHY_ROOM];
    uint32_t i = 0;
    while (i < b->info.tiles && b->codes[i] == REEL_OK)
        i++;
    if (i == b->info.tiles || reel_sprite_get_tile(b->sprite, i, &t) != REEL_OK)
        return;
    clock_format(t.begin, b->info.timescale, at);
    complain(b->film->name, "%u of %u thumbnails could not be had and are black, the first from %s on: %s",
             (unsigned)b->missing, (unsigned)b->info.tiles, at, frames_why(b->codes[i], &b->why, why));
}

static int put_sheet(struct board *b, reel_frames *frames, uint32_t sheet)
{
    reel_picture_shape shape;
    reel_image image;
    reel_image_bytes bytes = {0};
    reel_error err = {0};
    reel_frames_stats stats;
    char name[LONGEST_NAME + 1];
    uint32_t first, n;
    reel_sprite_get_sheet(b->sprite, sheet, &shape, &first, &n);
    uint8_t *data = malloc(shape.size);
    b->first = first;
    if (!data)
        return complain_memory(b);
    int result = reel_sprite_render(b->sprite, frames, sheet, data, shape.size, &image, b->codes + first, &err);
    if (result == REEL_OK)
        result = b->png ? reel_image_write_png(&image, &b->image, reel_image_bytes_write, &bytes, &err)
                        : reel_image_write_jpeg(&image, &b->image, reel_image_bytes_write, &bytes, &err);
    free(data);
    reel_frames_get_stats(frames, &stats);
    b->decoded += stats.decoded;
    b->damaged += stats.damaged;
    b->missing += (uint32_t)stats.failed;
    sheet_name(b, sheet, name);
    int status = result == REEL_OK ? put_bytes(b, name, &bytes) : film_complain(b->film, &err);
    reel_image_bytes_free(&bytes);
    progress_step(&b->cli->progress, first + n, b->info.tiles);
    return status;
}

static int put_vtt(struct board *b)
{
    char name[LONGEST_NAME + 1];
    const size_t room = 3 * LONGEST_NAME + 1;
    const char **uris = calloc(b->info.sheets + 1, sizeof *uris);
    char *text = malloc(b->info.sheets * room + 1);
    reel_image_bytes bytes = {0};
    reel_error err = {0};
    int status = uris && text ? EXIT_FINE : complain_memory(b);
    for (uint32_t i = 0; i < b->info.sheets && status == EXIT_FINE; i++) {
        sheet_name(b, i, name);
        encode(name, text + i * room);
        uris[i] = text + i * room;
    }
    if (status == EXIT_FINE && reel_sprite_write_vtt(b->sprite, uris, reel_image_bytes_write, &bytes, &err) != REEL_OK)
        status = film_complain(b->film, &err);
    snprintf(name, sizeof name, "%s.vtt", b->stem);
    if (status == EXIT_FINE)
        status = put_bytes(b, name, &bytes);
    reel_image_bytes_free(&bytes);
    free(text);
    free(uris);
    return status;
}

/* The sheets first: whoever reads the .vtt finds them. */
static int put_board(struct board *b)
{
    reel_frames *frames = NULL;
    /* A block's edge of eight pixels is less than one here. */
    int status = frames_open(b->cli, b->film, b->track, b->cli->set.keys ? REEL_FRAMES_ROUGH : 0, note_lost, b,
                             &frames);
    if (status != EXIT_FINE)
        return status;
    status = tree_open(&b->tree, b->cli, b->folder, 0);
    progress_start(&b->cli->progress, false);
    for (uint32_t i = 0; i < b->info.sheets && status == EXIT_FINE; i++)
        status = put_sheet(b, frames, i);
    if (status == EXIT_FINE)
        status = put_vtt(b);
    progress_end(&b->cli->progress);
    status = tree_close(&b->tree, status);
    reel_frames_close(&frames);
    b->written = status == EXIT_FINE;
    if (!b->written)
        return status;
    tell_missing(b);
    frames_tell_damaged(b->film, b->damaged, b->info.tiles - b->missing);
    return b->missing || b->damaged ? EXIT_INPUT : EXIT_FINE;
}

/* ---- telling ---- */

static void tell_text(struct board *b)
{
    struct out *o = &b->cli->out;
    out_f(o, "%u %s of %ux%u, ", (unsigned)b->info.tiles, b->info.tiles == 1 ? "thumbnail" : "thumbnails",
          (unsigned)b->info.width, (unsigned)b->info.height);
    if (b->missing)
        out_f(o, "%u of them black, ", (unsigned)b->missing);
    out_f(o, "%u in a row, on %u %s: ", (unsigned)b->info.columns, (unsigned)b->info.sheets,
          b->info.sheets == 1 ? "sheet" : "sheets");
    out_name(o, b->cli->set.output);
    out_str(o, b->info.sheets > 1 ? ", ...\n" : "\n");
}

static void tell_tile(struct board *b, uint32_t i)
{
    struct json *j = &b->cli->json;
    reel_sprite_tile t = {0};
    reel_sprite_get_tile(b->sprite, i, &t);
    json_object(j, NULL);
    json_seconds(j, "from", t.begin, b->info.timescale);
    json_seconds(j, "to", t.end, b->info.timescale);
    json_u64(j, "sheet", t.sheet);
    json_u64(j, "x", t.x);
    json_u64(j, "y", t.y);
    if (b->codes[i] != REEL_OK)
        json_str(j, "error", reel_code_text(b->codes[i]));
    json_close(j, '}');
}

static void tell_json(struct board *b)
{
    struct json *j = &b->cli->json;
    char name[LONGEST_NAME + 1];
    json_object(j, NULL);
    json_str(j, "file", b->film->name);
    json_u64(j, "track", reel_track_id(b->track));
    json_str(j, "folder", b->folder);
    json_list(j, "sheets");
    for (uint32_t i = 0; i < b->info.sheets; i++) {
        sheet_name(b, i, name);
        json_str(j, NULL, name);
    }
    json_close(j, ']');
    snprintf(name, sizeof name, "%s.vtt", b->stem);
    json_str(j, "vtt", name);
    json_u64(j, "width", b->info.width);
    json_u64(j, "height", b->info.height);
    json_u64(j, "columns", b->info.columns);
    json_u64(j, "rows", b->info.rows);
    if (!b->cli->set.dry_run) {
        json_u64(j, "decoded", b->decoded);
        json_u64(j, "failed", b->missing);
        json_u64(j, "damaged", b->damaged);
    }
    json_array(j, "thumbnails");
    for (uint32_t i = 0; i < b->info.tiles; i++)
        tell_tile(b, i);
    json_close(j, ']');
    json_close(j, '}');
}

/* ---- running ---- */

static int run_film(struct cli *cli, struct film *film)
{
    struct board b = {.cli = cli, .film = film, .lock = PTHREAD_MUTEX_INITIALIZER};
    int status = read_names(&b);
    if (status == EXIT_FINE)
        status = plan(&b);
    bool planned = status == EXIT_FINE;
    if (planned && !cli->set.dry_run)
        status = put_board(&b);
    if (planned && (cli->set.dry_run || b.written)) {
        if (cli->set.format == FORMAT_TEXT)
            tell_text(&b);
        else
            tell_json(&b);
    }
    reel_sprite_close(&b.sprite);
    free(b.codes);
    free(b.stem);
    free(b.folder);
    return status;
}

static int check_numbers(const struct cli *cli)
{
    const struct settings *set = &cli->set;
    reel_picture_options picture;
    if (set->count != NO_ITEM && (set->count < 1 || set->count > REEL_SPRITE_MOST))
        return frames_complain_number(cli, "count", set->count, "a number from 1 to 65536");
    if (set->every.kind != WHEN_UNSET && (set->every.kind != WHEN_TIME || set->every.value < 1)) {
        complain("sprite", "--every: a time such as 10 or 0.5 is wanted");
        return EXIT_CALL;
    }
    if (set->count != NO_ITEM && set->every.kind != WHEN_UNSET) {
        complain("sprite", "--count and --every: one of them at a time");
        return EXIT_CALL;
    }
    if (set->columns > REEL_SPRITE_SIDE) {
        complain("sprite", "--columns: a number up to %d is wanted", REEL_SPRITE_SIDE);
        return EXIT_CALL;
    }
    return frames_picture(cli, &picture);
}

int sprite_run(struct cli *cli)
{
    const struct settings *set = &cli->set;
    bool png;
    if (set->arg_count > 1 && !set->init) {
        complain("sprite", "one FILE at a time; several are one film behind --init FILE");
        return EXIT_CALL;
    }
    if (!set->output || !suffix_of(set->output, &png)) {
        complain("sprite", "where to? give an image: -o NAME.jpg or NAME.png");
        return EXIT_CALL;
    }
    int status = check_numbers(cli);
    return status == EXIT_FINE ? film_each(cli, run_film) : status;
}
