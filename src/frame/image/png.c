/* SPDX-License-Identifier: BSD-2-Clause */
/* PNG by libpng. Its errors are longjmps; its memory comes from the caller's allocator. */
#include <png.h>
#include <setjmp.h>

#include "frame/base/fail.h"
#include "frame/image/room.h"

typedef struct work {
    const reel_image *image;
    const reel_image_options *options;
    reel_image_write_fn *write;
    void *user;
    reel_error *err;
    int rc;
    jmp_buf out;
} work;

static void on_error(png_structp png, png_const_charp text)
{
    work *w = png_get_error_ptr(png);
    if (w->rc == REEL_OK)
        w->rc = reel__frame_fail(w->err, REEL_E_IO, "libpng: %s", text);
    longjmp(w->out, 1);
}

static void on_warning(png_structp png, png_const_charp text) { (void)png, (void)text; }

static png_voidp on_malloc(png_structp png, png_alloc_size_t n)
{
    work *w = png_get_mem_ptr(png);
    void *p = w->options->alloc->resize(w->options->alloc->user, NULL, n);
    if (!p)
        w->rc = reel__frame_fail(w->err, REEL_E_NOMEM, "no memory for a PNG");
    return p;
}

static void on_free(png_structp png, png_voidp p)
{
    work *w = png_get_mem_ptr(png);
    if (p)
        w->options->alloc->resize(w->options->alloc->user, p, 0);
}

static void on_write(png_structp png, png_bytep data, size_t n)
{
    work *w = png_get_io_ptr(png);
    int rc = w->write(w->user, data, n);
    if (rc < 0) {
        w->rc = reel__frame_fail(w->err, rc, "whoever takes the image refused it");
        png_error(png, "refused");
    }
}

static void on_flush(png_structp png) { (void)png; }

static void write_all(png_structp png, png_infop info, const reel_image *i, int effort)
{
    png_set_compression_level(png, effort);
    png_set_IHDR(png, info, i->width, i->height, 8,
                 i->pixel == REEL_PIXEL_GRAY8 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (uint32_t y = 0; y < i->height; y++)
        png_write_row(png, i->data[0] + (ptrdiff_t)y * i->stride[0]);
    png_write_end(png, NULL);
}

static void run(work *w)
{
    png_structp volatile png = NULL;
    png_infop volatile info = NULL;
    if (!setjmp(w->out)) {
        png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, w, on_error, on_warning, w, on_malloc, on_free);
        info = png ? png_create_info_struct(png) : NULL;
        if (info) {
            png_set_write_fn(png, w, on_write, on_flush);
            write_all(png, info, w->image, (int)w->options->effort);
        } else if (w->rc == REEL_OK) {
            w->rc = reel__frame_fail(w->err, REEL_E_NOMEM, "no memory for a PNG");
        }
    }
    png_structp p = png;
    png_infop i = info;
    png_destroy_write_struct(&p, &i);
}

int reel_image_write_png(const reel_image *image, const reel_image_options *options, reel_image_write_fn *write,
                         void *user, reel_error *err)
{
    reel_image_options o;
    const char *wrong = reel__image_check(image, options, write, &o);
    if (wrong)
        return reel__frame_fail(err, REEL_E_ARG, "%s", wrong);
    if (image->pixel == REEL_PIXEL_I420)
        return reel__frame_fail(err, REEL_E_UNSUPPORTED, "PNG has no YCbCr: ask the picture for RGB24");
    work w = {.image = image, .options = &o, .write = write, .user = user, .err = err};
    run(&w);
    return w.rc;
}
