/* SPDX-License-Identifier: BSD-2-Clause */
/* frames_form.c: in which form frames are written, and a frame made so. */
#include "facts.h"
#include "frames.h"

#include <reel/decode.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NANO = 1000000000 };

static const char *const pixels[] = {"auto", "rgb24", "gray8", "yuv420p"};
static const uint32_t pixel_ids[] = {REEL_PIXEL_RGB24, REEL_PIXEL_RGB24, REEL_PIXEL_GRAY8, REEL_PIXEL_I420};
static const char *const forms[] = {"auto", "png", "jpg", "y4m", "raw", "npy"};

/* ---- options ---- */

static int complain_value(const struct cli *cli, const char *option, const char *value, const char *wanted)
{
    complain(cli->command->name, "--%s %s: %s is wanted", option, *value ? value : "\"\"", wanted);
    return EXIT_CALL;
}

int frames_complain_number(const struct cli *cli, const char *option, uint64_t value, const char *wanted)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return complain_value(cli, option, text, wanted);
}

/* Digits, perhaps none (0), up to the largest side of a picture. */
static bool read_side(const char **s, uint32_t *out)
{
    uint32_t v = 0;
    for (; **s >= '0' && **s <= '9' && v <= REEL_PICTURE_MOST; ++*s)
        v = v * 10 + (uint32_t)(**s - '0');
    *out = v;
    return v <= REEL_PICTURE_MOST;
}

static bool read_size(const char *s, uint32_t *w, uint32_t *h)
{
    return read_side(&s, w) && *s++ == 'x' && read_side(&s, h) && !*s && (*w || *h);
}

static bool read_colour(const char *s, uint8_t rgb[3])
{
    static const char digits[] = "0123456789abcdef";
    size_t n = strlen(s);
    for (size_t i = 0; i < n && n == 6; i++) {
        const char *at = strchr(digits, s[i] >= 'A' && s[i] <= 'F' ? s[i] + ('a' - 'A') : s[i]);
        if (!at)
            return false;
        rgb[i / 2] = (uint8_t)(rgb[i / 2] * 16 + (at - digits));
    }
    return n == 6;
}

int frames_picture(const struct cli *cli, reel_picture_options *out)
{
    const struct settings *set = &cli->set;
    *out = (reel_picture_options){.sizeof_options = sizeof *out, .filter = (uint32_t)set->filter, .fit = (uint32_t)set->fit};
    if (set->size && !read_size(set->size, &out->width, &out->height))
        return complain_value(cli, "size", set->size, "a size such as 640x360, 640x or x360, up to 65535");
    if (set->pad && !read_colour(set->pad, out->pad))
        return complain_value(cli, "pad", set->pad, "a colour such as ff8000");
    if (set->quality != NO_ITEM && (set->quality < 1 || set->quality > 100))
        return frames_complain_number(cli, "quality", set->quality, "a number from 1 to 100");
    if (set->threads > 256)
        return frames_complain_number(cli, "threads", set->threads, "a number up to 256");
    return EXIT_FINE;
}

static int form_of_name(const char *name)
{
    static const struct {
        const char *suffix;
        int form;
    } suffixes[] = {{".png", FORM_PNG}, {".jpg", FORM_JPG}, {".jpeg", FORM_JPG}, {".y4m", FORM_Y4M},
                    {".raw", FORM_RAW}, {".yuv", FORM_RAW}, {".npy", FORM_NPY}};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t len = strlen(suffixes[i].suffix);
        if (n > len && !strcasecmp(name + n - len, suffixes[i].suffix))
            return suffixes[i].form;
    }
    return FORM_AUTO;
}

static uint64_t divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static reel_rational rational(uint64_t num, uint64_t den)
{
    uint64_t d = divisor(num, den);
    num /= d ? d : 1;
    den /= d ? d : 1;
    for (; num > INT32_MAX || den > INT32_MAX; num /= 2)
        den /= 2;
    return (reel_rational){num ? (uint32_t)num : 1, den ? (uint32_t)den : 1};
}

/* Frames a second, for a player of the y4m: as they were asked for, else as the film has them. */
static reel_rational rate_of(const struct cli *cli, const reel_track *track)
{
    uint64_t count = 0;
    int64_t length = 0;
    if (cli->set.every.kind == WHEN_TIME)
        return rational(NANO, (uint64_t)cli->set.every.value);
    reel_track_sample_count(track, &count, NULL);
    reel_track_presentation_duration(track, &length, NULL);
    if (!count || length <= 0 || count > UINT64_MAX / reel_track_timescale(track))
        return (reel_rational){25, 1};
    return rational(count * reel_track_timescale(track), (uint64_t)length);
}

static int choose_kind(struct form *f, const struct cli *cli, const char *name, bool folder, size_t frames)
{
    f->form = cli->set.form;
    if (f->form == FORM_AUTO)
        f->form = folder ? FORM_PNG : name ? form_of_name(name) : FORM_Y4M;
    bool image = f->form == FORM_PNG || f->form == FORM_JPG;
    if (f->form == FORM_AUTO) {
        complain(name, "which form? give --as, or a name that ends with .png .jpg .y4m .npy or .raw; FOLDER/ is a folder");
        return EXIT_CALL;
    }
    if (image && name && !folder && frames > 1) {
        complain(name, "%zu frames do not fit into one image; give a folder: -o FOLDER/", frames);
        return EXIT_CALL;
    }
    return EXIT_FINE;
}

static int choose_pixel(struct form *f, const struct cli *cli)
{
    int pix = cli->set.pix;
    bool bad = (pix == PIX_YUV420P && (f->form == FORM_PNG || f->form == FORM_NPY)) ||
               (pix == PIX_RGB24 && f->form == FORM_Y4M);
    if (bad) {
        complain(cli->command->name, "there is no %s of %s", forms[f->form], pixels[pix]);
        return EXIT_CALL;
    }
    if (pix == PIX_AUTO && (f->form == FORM_Y4M || f->form == FORM_JPG))
        pix = PIX_YUV420P;
    f->picture.pixel = pixel_ids[pix];
    return EXIT_FINE;
}

int form_choose(struct form *f, const struct cli *cli, const struct wants *wants, const char *name, bool folder)
{
    reel_track_info info;
    *f = (struct form){.rate = rate_of(cli, wants->track)};
    int status = frames_picture(cli, &f->picture);
    if (status == EXIT_FINE)
        status = choose_kind(f, cli, name, folder, wants->n);
    if (status == EXIT_FINE)
        status = choose_pixel(f, cli);
    reel_track_get_info(wants->track, &info);
    f->image = (reel_image_options){.sizeof_options = sizeof f->image,
                                    .quality = cli->set.quality != NO_ITEM ? (uint32_t)cli->set.quality : 0};
    f->decoded = f->form == FORM_RAW && cli->set.pix == PIX_AUTO && !cli->set.size;
    if (f->decoded && (info.rotation || info.mirrored)) { /* upright there are only pictures */
        f->decoded = false;
        f->picture.pixel = REEL_PIXEL_I420;
    }
    return status;
}

const char *form_suffix(const struct form *f) { return forms[f->form]; }

/* ---- a frame, made ---- */

static const char *pixel_name(uint32_t id)
{
    return id == REEL_PIXEL_GRAY8 ? "gray8" : id == REEL_PIXEL_I420 ? "yuv420p" : "rgb24";
}

const char *shape_text(const struct shape *s, char out[SHAPE_ROOM])
{
    if (s->coded)
        snprintf(out, SHAPE_ROOM, "%s, %s, %s range", s->pixel,
                 s->matrix == 2 ? "matrix not said" : name_of_matrix(s->matrix) ? name_of_matrix(s->matrix) : "another matrix",
                 s->full_range ? "full" : "limited");
    else
        snprintf(out, SHAPE_ROOM, "%s", s->pixel);
    return out;
}

static uint32_t bits_above_8(const reel_frame *frame)
{
    reel_format format;
    return reel_decoder_format_of(frame->format, &format) == REEL_OK && format.bits > 8 ? format.bits : 0;
}

struct head {
    uint8_t *bytes;
    size_t *size;
};

static int to_head(void *user, const void *data, size_t n)
{
    struct head *h = user;
    if (n > HEAD_ROOM - *h->size)
        return REEL_E_RANGE;
    memcpy(h->bytes + *h->size, data, n);
    *h->size += n;
    return REEL_OK;
}

static int make_head(const struct form *f, const reel_image *image, size_t count, struct made *out, reel_error *err)
{
    struct head head = {out->head, &out->head_size};
    reel_rational square = {f->picture.width || f->picture.height ? 0 : 1, 1};
    uint8_t npy[REEL_IMAGE_NPY_HEADER];
    out->head_size = 0;
    if (f->form == FORM_Y4M)
        return reel_image_write_y4m_header(image, f->rate, square, to_head, &head, err);
    if (f->form != FORM_NPY)
        return REEL_OK;
    reel_image_npy_header(count, image->height, image->width, image->pixel == REEL_PIXEL_GRAY8 ? 0 : 3, npy);
    return to_head(&head, npy, sizeof npy);
}

int form_picture(const struct form *f, const reel_picture_shape *shape, const uint8_t *data, const reel_frame *frame,
                 size_t count, struct made *out, reel_error *err)
{
    reel_image image = {0};
    int result = reel_image_of(shape, data, frame, f->picture.range, &image);
    if (result == REEL_OK)
        result = make_head(f, &image, count, out, err);
    out->shape = (struct shape){.width = shape->width, .height = shape->height, .pixel = pixel_name(shape->pixel),
                                .coded = shape->pixel == REEL_PIXEL_I420, .matrix = image.matrix,
                                .full_range = image.full_range, .lost_bits = bits_above_8(frame)};
    if (result != REEL_OK)
        return result;
    switch (f->form) {
    case FORM_PNG:
        return reel_image_write_png(&image, &f->image, reel_image_bytes_write, &out->bytes, err);
    case FORM_JPG:
        return reel_image_write_jpeg(&image, &f->image, reel_image_bytes_write, &out->bytes, err);
    case FORM_Y4M:
        return reel_image_write_y4m_frame(&image, reel_image_bytes_write, &out->bytes, err);
    default:
        return reel_image_write_raw(&image, reel_image_bytes_write, &out->bytes, err);
    }
}

int form_frame(const struct form *f, const reel_frame *frame, struct made *out, reel_error *err)
{
    reel_format format;
    int result = reel_decoder_format_of(frame->format, &format);
    (void)f;
    out->shape = (struct shape){.width = frame->width, .height = frame->height,
                                .pixel = reel_decoder_format_name(frame->format), .matrix = frame->matrix,
                                .full_range = frame->full_range};
    out->shape.coded = !strncmp(out->shape.pixel, "yuv", 3) || !strncmp(out->shape.pixel, "nv", 2) ||
                       !strncmp(out->shape.pixel, "p0", 2);
    out->head_size = 0;
    if (result != REEL_OK) {
        *err = (reel_error){.code = result, .offset = REEL_NO_OFFSET};
        snprintf(err->text, sizeof err->text, "%s cannot be written as it is; give --pix", out->shape.pixel);
        return result;
    }
    for (uint32_t i = 0; i < frame->planes; i++) {
        const reel_plane *p = &format.plane[i];
        size_t across = ((size_t)frame->width + (1u << p->shift_x) - 1) >> p->shift_x;
        uint32_t down = (frame->height + (1u << p->shift_y) - 1) >> p->shift_y;
        for (uint32_t y = 0; y < down && result == REEL_OK; y++)
            result = reel_image_bytes_write(&out->bytes, frame->data[i] + (ptrdiff_t)y * frame->stride[i],
                                            across * p->step);
    }
    return result;
}
