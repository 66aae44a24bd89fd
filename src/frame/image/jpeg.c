/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JPEG by libjpeg. Its errors are longjmps. I420 goes in as raw blocks of 16 rows, through a band that is as wide as
 * whole blocks are; on the way there it becomes what JFIF says: the matrix of 601, 0 to 255.
 */
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include "frame/base/fail.h"
#include "frame/image/room.h"

enum { BAND = 16, OUT = 16384 };

/* Y += u * Cb + v * Cr, Cb and Cr mix; in 1/65536. Gray stays gray, so Y goes into no chroma. */
typedef struct to_jfif {
    bool needed;
    int32_t y, y_zero, yu, yv, uu, uv, vu, vv;
} to_jfif;

typedef struct work {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr to;
    const reel_image *image;
    const reel_image_options *options;
    reel_image_write_fn *write;
    void *user;
    reel_error *err;
    int rc;
    to_jfif colours;
    uint8_t *band; /* 16 rows of Y, 8 of Cb, 8 of Cr */
    jmp_buf out;
    JOCTET bytes[OUT];
} work;

/* ---- what libjpeg calls ---- */

static void on_error(j_common_ptr c)
{
    work *w = c->client_data;
    char text[JMSG_LENGTH_MAX];
    c->err->format_message(c, text);
    if (w->rc == REEL_OK)
        w->rc = reel__frame_fail(w->err, strstr(text, "memory") ? REEL_E_NOMEM : REEL_E_IO, "libjpeg: %.140s", text);
    longjmp(w->out, 1);
}

static void on_message(j_common_ptr c, int level) { (void)c, (void)level; }

static void hand_over(work *w, size_t n)
{
    int rc = n ? w->write(w->user, w->bytes, n) : REEL_OK;
    w->to.next_output_byte = w->bytes;
    w->to.free_in_buffer = OUT;
    if (rc < 0) {
        w->rc = reel__frame_fail(w->err, rc, "whoever takes the image refused it");
        longjmp(w->out, 1);
    }
}

static void on_begin(j_compress_ptr j) { hand_over(j->client_data, 0); }

static boolean on_full(j_compress_ptr j)
{
    hand_over(j->client_data, OUT);
    return TRUE;
}

static void on_end(j_compress_ptr j)
{
    work *w = j->client_data;
    hand_over(w, OUT - w->to.free_in_buffer);
}

/* ---- colours ---- */

static bool weights_of(unsigned matrix, double *r, double *b)
{
    static const struct {
        unsigned matrix;
        double r, b;
    } known[] = {{1, 0.2126, 0.0722}, {4, 0.30, 0.11}, {7, 0.212, 0.087}, {9, 0.2627, 0.0593}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].matrix == matrix) {
            *r = known[i].r;
            *b = known[i].b;
            return true;
        }
    return false;
}

static int32_t fixed(double x) { return (int32_t)lrint(x * 65536); }

/*
 * With Y of the one matrix taken away, R is 2 (1 - r) Cr, B is 2 (1 - b) Cb, and G follows; of that the luma of 601 is
 * what its Y has more, and its chroma are the differences.
 */
static to_jfif colours_of(const reel_image *i)
{
    const double jr = 0.299, jb = 0.114;
    double r = jr, b = jb, y = i->full_range ? 1 : 255.0 / 219, c = i->full_range ? 1 : 255.0 / 224;
    bool other = weights_of(i->matrix, &r, &b);
    double R = 2 * (1 - r), B = 2 * (1 - b), g = 1 - r - b, jg = 1 - jr - jb;
    double yu = jb * B - jg * B * b / g, yv = jr * R - jg * R * r / g;
    return (to_jfif){
        .needed = other || !i->full_range, .y = fixed(y), .y_zero = i->full_range ? 0 : 16,
        .yu = fixed(c * yu), .yv = fixed(c * yv), .uu = fixed(c * (B - yu) / (2 * (1 - jb))),
        .uv = fixed(c * -yv / (2 * (1 - jb))), .vu = fixed(c * -yu / (2 * (1 - jr))),
        .vv = fixed(c * (R - yv) / (2 * (1 - jr)))};
}

static uint8_t clamped(int32_t v)
{
    v = (v + 32768) >> 16;
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static void luma_row(const to_jfif *c, uint8_t *out, const uint8_t *y, const uint8_t *u, const uint8_t *v, uint32_t n)
{
    for (uint32_t x = 0; x < n; x++)
        out[x] = clamped((y[x] - c->y_zero) * c->y + (u[x / 2] - 128) * c->yu + (v[x / 2] - 128) * c->yv);
}

static void chroma_row(const to_jfif *c, uint8_t *a, uint8_t *b, const uint8_t *u, const uint8_t *v, uint32_t n)
{
    for (uint32_t x = 0; x < n; x++) {
        int32_t cb = u[x] - 128, cr = v[x] - 128;
        a[x] = clamped(cb * c->uu + cr * c->uv + (128 << 16));
        b[x] = clamped(cb * c->vu + cr * c->vv + (128 << 16));
    }
}

/* ---- I420 ---- */

static const uint8_t *row_of(const reel_image *i, uint32_t plane, uint32_t y)
{
    uint32_t last = reel__image_rows(i, plane) - 1;
    return i->data[plane] + (ptrdiff_t)(y < last ? y : last) * i->stride[plane];
}

/* The last pixel goes on to the end of the block. */
static void extend(uint8_t *row, size_t n, size_t to)
{
    if (n < to)
        memset(row + n, row[n - 1], to - n);
}

static void fill_band(work *w, uint32_t y, size_t wide)
{
    const reel_image *i = w->image;
    size_t n = i->width, half = (n + 1) / 2;
    for (uint32_t k = 0; k < BAND; k++) {
        uint8_t *out = w->band + k * wide;
        if (w->colours.needed)
            luma_row(&w->colours, out, row_of(i, 0, y + k), row_of(i, 1, (y + k) / 2), row_of(i, 2, (y + k) / 2),
                     i->width);
        else
            memcpy(out, row_of(i, 0, y + k), n);
        extend(out, n, wide);
    }
    for (uint32_t k = 0; k < BAND / 2; k++) {
        uint8_t *a = w->band + BAND * wide + k * wide / 2, *b = a + BAND / 2 * wide / 2;
        const uint8_t *u = row_of(i, 1, y / 2 + k), *v = row_of(i, 2, y / 2 + k);
        if (w->colours.needed) {
            chroma_row(&w->colours, a, b, u, v, (uint32_t)half);
        } else {
            memcpy(a, u, half);
            memcpy(b, v, half);
        }
        extend(a, half, wide / 2);
        extend(b, half, wide / 2);
    }
}

static void write_raw(work *w, size_t wide)
{
    JSAMPROW y[BAND], u[BAND / 2], v[BAND / 2];
    JSAMPARRAY planes[3] = {y, u, v};
    for (size_t k = 0; k < BAND; k++)
        y[k] = w->band + k * wide;
    for (size_t k = 0; k < BAND / 2; k++) {
        u[k] = w->band + BAND * wide + k * wide / 2;
        v[k] = u[k] + BAND / 2 * wide / 2;
    }
    for (uint32_t at = 0; at < w->image->height; at += BAND) {
        fill_band(w, at, wide);
        jpeg_write_raw_data(&w->jpeg, planes, BAND);
    }
}

/* ---- all ---- */

static void write_rows(work *w)
{
    const reel_image *i = w->image;
    for (uint32_t y = 0; y < i->height; y++) {
        JSAMPLE *row = (JSAMPLE *)(uintptr_t)(i->data[0] + (ptrdiff_t)y * i->stride[0]); /* it only reads */
        jpeg_write_scanlines(&w->jpeg, &row, 1);
    }
}

static void describe(work *w)
{
    const reel_image *i = w->image;
    bool raw = i->pixel == REEL_PIXEL_I420, gray = i->pixel == REEL_PIXEL_GRAY8;
    w->jpeg.image_width = i->width;
    w->jpeg.image_height = i->height;
    w->jpeg.input_components = gray ? 1 : 3;
    w->jpeg.in_color_space = raw ? JCS_YCbCr : gray ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&w->jpeg);
    jpeg_set_quality(&w->jpeg, (int)w->options->quality, TRUE);
    w->jpeg.raw_data_in = raw;
}

static void compress(work *w)
{
    size_t wide = ((size_t)w->image->width + BAND - 1) / BAND * BAND;
    jpeg_create_compress(&w->jpeg);
    w->jpeg.dest = &w->to;
    describe(w);
    jpeg_start_compress(&w->jpeg, TRUE);
    if (w->image->pixel == REEL_PIXEL_I420)
        write_raw(w, wide);
    else
        write_rows(w);
    jpeg_finish_compress(&w->jpeg);
}

static int run(work *w)
{
    w->jpeg.err = jpeg_std_error(&w->errors);
    w->jpeg.client_data = w;
    w->errors.error_exit = on_error;
    w->errors.emit_message = on_message;
    w->to = (struct jpeg_destination_mgr){
        .init_destination = on_begin, .empty_output_buffer = on_full, .term_destination = on_end};
    w->colours = colours_of(w->image);
    if (!setjmp(w->out))
        compress(w);
    jpeg_destroy_compress(&w->jpeg);
    return w->rc;
}

int reel_image_write_jpeg(const reel_image *image, const reel_image_options *options, reel_image_write_fn *write,
                          void *user, reel_error *err)
{
    reel_image_options o;
    const char *wrong = reel__image_check(image, options, write, &o);
    if (wrong)
        return reel__frame_fail(err, REEL_E_ARG, "%s", wrong);
    size_t band = image->pixel == REEL_PIXEL_I420 ? ((size_t)image->width + BAND) * BAND * 3 / 2 : 0;
    work *w = o.alloc->resize(o.alloc->user, NULL, sizeof *w + band);
    if (!w)
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for a JPEG");
    memset(w, 0, sizeof *w);
    w->image = image;
    w->options = &o;
    w->write = write;
    w->user = user;
    w->err = err;
    w->band = (uint8_t *)(w + 1);
    int rc = run(w);
    o.alloc->resize(o.alloc->user, w, 0);
    return rc;
}
