/* SPDX-License-Identifier: BSD-2-Clause */
/* Images without a library: bytes in memory, bare rows, y4m, npy. */
#include <stdio.h>
#include <string.h>

#include "frame/base/fail.h"
#include "frame/image/room.h"
#include "frame/base/memory.h"

/* ---- bytes ---- */

int reel_image_bytes_write(void *user, const void *data, size_t size)
{
    reel_image_bytes *b = user;
    const reel_allocator *a = b->alloc ? b->alloc : &reel__frame_malloc;
    if (size > b->room - b->size) {
        size_t room = b->room < 4096 ? 4096 : b->room;
        while (room - b->size < size)
            if (__builtin_mul_overflow(room, 2, &room))
                return REEL_E_NOMEM;
        uint8_t *more = a->resize(a->user, b->data, room);
        if (!more)
            return REEL_E_NOMEM;
        b->data = more;
        b->room = room;
    }
    if (size)
        memcpy(b->data + b->size, data, size);
    b->size += size;
    return REEL_OK;
}

void reel_image_bytes_free(reel_image_bytes *bytes)
{
    if (!bytes)
        return;
    const reel_allocator *a = bytes->alloc ? bytes->alloc : &reel__frame_malloc;
    if (bytes->data)
        a->resize(a->user, bytes->data, 0);
    *bytes = (reel_image_bytes){.alloc = bytes->alloc};
}

/* ---- images ---- */

uint32_t reel__image_planes(const reel_image *image) { return image->pixel == REEL_PIXEL_I420 ? 3 : 1; }

size_t reel__image_row(const reel_image *image, uint32_t plane)
{
    size_t w = image->width;
    return plane ? (w + 1) / 2 : image->pixel == REEL_PIXEL_RGB24 ? 3 * w : w;
}

uint32_t reel__image_rows(const reel_image *image, uint32_t plane)
{
    return plane ? (image->height + 1) / 2 : image->height;
}

static const char *wrong_image(const reel_image *i)
{
    if (!i || (i->pixel != REEL_PIXEL_RGB24 && i->pixel != REEL_PIXEL_GRAY8 && i->pixel != REEL_PIXEL_I420))
        return "an image is RGB24, GRAY8 or I420";
    if (!i->width || !i->height || i->width > 65535 || i->height > 65535)
        return "an image has 1 to 65535 pixels on each side";
    for (uint32_t k = 0; k < reel__image_planes(i); k++) {
        ptrdiff_t row = (ptrdiff_t)reel__image_row(i, k);
        if (!i->data[k] || (i->stride[k] < row && -i->stride[k] < row))
            return "a plane of the image has no data, or a stride below a row";
    }
    return NULL;
}

const char *reel__image_check(const reel_image *image, const reel_image_options *given, reel_image_write_fn *write,
                              reel_image_options *options)
{
    const char *wrong = wrong_image(image);
    if (wrong || !write)
        return wrong ? wrong : "an image needs somewhere to go";
    *options = given ? *given : (reel_image_options){.sizeof_options = sizeof *options};
    if (options->sizeof_options != sizeof *options || options->quality > 100 || options->effort > 9)
        return "options of another size, a quality above 100 or an effort above 9";
    options->quality = options->quality ? options->quality : 85;
    options->effort = options->effort ? options->effort : 6;
    options->alloc = options->alloc ? options->alloc : &reel__frame_malloc;
    return NULL;
}

int reel_image_of(const reel_picture_shape *shape, const uint8_t *data, const reel_frame *frame, uint32_t range,
                  reel_image *out)
{
    if (!shape || !data || !frame || !out)
        return REEL_E_ARG;
    bool rgb = frame->format == REEL_PIXEL_RGB24 || frame->format == REEL_PIXEL_RGBA ||
               frame->format == REEL_PIXEL_BGRA;
    unsigned matrix = reel_picture_matrix(frame);
    bool odd = rgb || matrix == 0; /* the picture took the one by height */
    reel_frame plain = {.matrix = 2, .height = frame->height};
    bool gray = frame->planes == 1 && !rgb;
    bool full = frame->full_range == 1 && (!odd || gray);
    if (odd && (matrix == 0 || matrix == 8))
        matrix = reel_picture_matrix(&plain);
    *out = (reel_image){
        .pixel = shape->pixel, .width = shape->width, .height = shape->height, .matrix = (uint8_t)matrix};
    out->full_range = range == REEL_PICTURE_RANGE_FULL || (range == REEL_PICTURE_RANGE_KEEP && full);
    for (uint32_t i = 0; i < shape->planes && i < 3; i++) {
        out->data[i] = data + shape->offset[i];
        out->stride[i] = shape->stride[i];
    }
    return REEL_OK;
}

/* ---- bare rows, and what goes before them ---- */

static int passed(int rc, reel_error *err)
{
    return rc < 0 ? reel__frame_fail(err, rc, "whoever takes the image refused it") : REEL_OK;
}

static int rows(const reel_image *image, reel_image_write_fn *write, void *user)
{
    int rc = REEL_OK;
    for (uint32_t k = 0; k < reel__image_planes(image); k++) {
        size_t row = reel__image_row(image, k);
        uint32_t n = reel__image_rows(image, k);
        if (image->stride[k] == (ptrdiff_t)row)
            row *= n, n = 1;
        for (uint32_t y = 0; rc >= 0 && y < n; y++)
            rc = write(user, image->data[k] + (ptrdiff_t)y * image->stride[k], row);
    }
    return rc;
}

int reel_image_write_raw(const reel_image *image, reel_image_write_fn *write, void *user, reel_error *err)
{
    reel_image_options options;
    const char *wrong = reel__image_check(image, NULL, write, &options);
    if (wrong)
        return reel__frame_fail(err, REEL_E_ARG, "%s", wrong);
    return passed(rows(image, write, user), err);
}

int reel_image_write_y4m_header(const reel_image *image, reel_rational rate, reel_rational aspect,
                                reel_image_write_fn *write, void *user, reel_error *err)
{
    char line[160];
    reel_image_options options;
    const char *wrong = reel__image_check(image, NULL, write, &options);
    if (wrong || !rate.num || !rate.den)
        return reel__frame_fail(err, REEL_E_ARG, "%s", wrong ? wrong : "y4m wants to know the frames a second");
    if (image->pixel == REEL_PIXEL_RGB24)
        return reel__frame_fail(err, REEL_E_UNSUPPORTED, "y4m has no RGB");
    bool said = aspect.num && aspect.den, gray = image->pixel == REEL_PIXEL_GRAY8;
    int n = snprintf(line, sizeof line, "YUV4MPEG2 W%u H%u F%u:%u Ip A%u:%u C%s XCOLORRANGE=%s\n", image->width,
                     image->height, rate.num, rate.den, said ? aspect.num : 0, said ? aspect.den : 0,
                     gray ? "mono" : "420jpeg", gray || image->full_range ? "FULL" : "LIMITED");
    return passed(write(user, line, (size_t)n), err);
}

int reel_image_write_y4m_frame(const reel_image *image, reel_image_write_fn *write, void *user, reel_error *err)
{
    reel_image_options options;
    const char *wrong = reel__image_check(image, NULL, write, &options);
    if (wrong)
        return reel__frame_fail(err, REEL_E_ARG, "%s", wrong);
    if (image->pixel == REEL_PIXEL_RGB24)
        return reel__frame_fail(err, REEL_E_UNSUPPORTED, "y4m has no RGB");
    int rc = write(user, "FRAME\n", 6);
    return passed(rc < 0 ? rc : rows(image, write, user), err);
}

int reel_image_npy_header(uint64_t n, uint32_t height, uint32_t width, uint32_t channels,
                          uint8_t out[REEL_IMAGE_NPY_HEADER])
{
    char text[REEL_IMAGE_NPY_HEADER - 9], last[16] = "";
    if (!out)
        return REEL_E_ARG;
    if (channels)
        snprintf(last, sizeof last, ", %u", channels);
    int used = snprintf(text, sizeof text, "{'descr': '|u1', 'fortran_order': False, 'shape': (%llu, %u, %u%s), }",
                        (unsigned long long)n, height, width, last);
    memcpy(out, "\x93NUMPY\1\0", 8);
    out[8] = REEL_IMAGE_NPY_HEADER - 10; /* of the rest, little endian */
    out[9] = 0;
    memset(out + 10, ' ', REEL_IMAGE_NPY_HEADER - 11);
    memcpy(out + 10, text, (size_t)used);
    out[REEL_IMAGE_NPY_HEADER - 1] = '\n';
    return REEL_OK;
}
