/* SPDX-License-Identifier: BSD-2-Clause */
/* Images: src/frame/image*.c. What was written is read back by the libraries themselves. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>
#include <reel/image.h>

#include <cmocka.h>

enum { W = 61, H = 37 }; /* no whole blocks */

typedef struct canvas {
    reel_image image;
    uint8_t rgb[W * H * 3 + H * 4]; /* rows with gaps */
    uint8_t y[W * H], u[31 * 19], v[31 * 19];
} canvas;

/* A picture without hard edges, so that JPEG loses little: colours that fade into each other. */
static void colour_at(double x, double y, double out[3])
{
    out[0] = 0.15 + 0.7 * x / W;
    out[1] = 0.85 - 0.6 * y / H;
    out[2] = 0.5 + 0.3 * sin((x + y) / 20);
}

static const struct {
    unsigned matrix;
    double r, b;
} matrices[] = {{6, 0.299, 0.114}, {1, 0.2126, 0.0722}, {9, 0.2627, 0.0593}, {7, 0.212, 0.087}};

static uint8_t byte(double v) { return (uint8_t)lrint(fmin(255, fmax(0, v))); }

static void paint_yuv(canvas *c, unsigned m, bool full)
{
    double rgb[3], r = matrices[m].r, b = matrices[m].b;
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            colour_at(x, y, rgb);
            double luma = r * rgb[0] + (1 - r - b) * rgb[1] + b * rgb[2];
            c->y[y * W + x] = byte(full ? 255 * luma : 16 + 219 * luma);
        }
    for (int y = 0; y < 19; y++)
        for (int x = 0; x < 31; x++) {
            colour_at(2 * x + 0.5, 2 * y + 0.5, rgb);
            double luma = r * rgb[0] + (1 - r - b) * rgb[1] + b * rgb[2], k = full ? 255 : 224;
            c->u[y * 31 + x] = byte(128 + k * (rgb[2] - luma) / (2 * (1 - b)));
            c->v[y * 31 + x] = byte(128 + k * (rgb[0] - luma) / (2 * (1 - r)));
        }
    c->image = (reel_image){.pixel = REEL_PIXEL_I420, .width = W, .height = H, .data = {c->y, c->u, c->v},
                            .stride = {W, 31, 31}, .matrix = (uint8_t)matrices[m].matrix, .full_range = full};
}

static void paint_rgb(canvas *c, bool gray)
{
    double rgb[3];
    size_t step = gray ? 1 : 3, stride = W * step + 4;
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            colour_at(x, y, rgb);
            for (size_t i = 0; i < step; i++)
                c->rgb[(size_t)y * stride + (size_t)x * step + i] = byte(255 * rgb[i]);
        }
    c->image = (reel_image){.pixel = gray ? REEL_PIXEL_GRAY8 : REEL_PIXEL_RGB24, .width = W, .height = H,
                            .data = {c->rgb}, .stride = {(ptrdiff_t)stride}};
}

/* ---- JPEG ---- */

static void read_jpeg(const reel_image_bytes *b, int components, uint8_t *out)
{
    struct jpeg_decompress_struct j;
    struct jpeg_error_mgr errors;
    j.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&j);
    jpeg_mem_src(&j, b->data, b->size);
    assert_int_equal(jpeg_read_header(&j, TRUE), JPEG_HEADER_OK);
    assert_int_equal(j.saw_JFIF_marker, 1);
    assert_int_equal(j.num_components, components);
    jpeg_start_decompress(&j);
    assert_int_equal(j.output_width, W);
    assert_int_equal(j.output_height, H);
    while (j.output_scanline < H) {
        JSAMPROW row = out + (size_t)j.output_scanline * W * (size_t)components;
        jpeg_read_scanlines(&j, &row, 1);
    }
    jpeg_finish_decompress(&j);
    assert_int_equal(errors.num_warnings, 0);
    jpeg_destroy_decompress(&j);
}

static double off(const uint8_t *rgb, size_t step)
{
    double want[3], worst = 0;
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            colour_at(x, y, want);
            for (size_t i = 0; i < step; i++)
                worst = fmax(worst, fabs(255 * want[i] - rgb[((size_t)y * W + (size_t)x) * step + i]));
        }
    return worst;
}

static bool without(int code)
{
    if (code == REEL_E_UNSUPPORTED)
        skip();
    return false;
}

/* Every matrix and range comes out in the colours that went in. A wrong matrix or range would be off by 20. */
static void test_jpeg_colours(void **state)
{
    (void)state;
    static uint8_t back[W * H * 3];
    static canvas c;
    for (unsigned k = 0; k < 8; k++) {
        reel_image_bytes b = {0};
        const reel_image_options o = {.sizeof_options = sizeof o, .quality = 98};
        paint_yuv(&c, k / 2, k & 1);
        int rc = reel_image_write_jpeg(&c.image, &o, reel_image_bytes_write, &b, NULL);
        assert_false(without(rc));
        assert_int_equal(rc, REEL_OK);
        read_jpeg(&b, 3, back);
        double worst = off(back, 3);
        print_message("# JPEG of matrix %u range %u: worst %.1f\n", matrices[k / 2].matrix, k & 1, worst);
        assert_true(worst < 10);
        reel_image_bytes_free(&b);
    }
}

static void test_jpeg_rows(void **state)
{
    (void)state;
    static uint8_t back[W * H * 3];
    static canvas c;
    size_t small = 0;
    for (int gray = 0; gray < 2; gray++)
        for (uint32_t quality = 40; quality <= 95; quality += 55) {
            reel_image_bytes b = {0};
            const reel_image_options o = {.sizeof_options = sizeof o, .quality = quality};
            paint_rgb(&c, gray);
            int rc = reel_image_write_jpeg(&c.image, &o, reel_image_bytes_write, &b, NULL);
            assert_false(without(rc));
            assert_int_equal(rc, REEL_OK);
            read_jpeg(&b, gray ? 1 : 3, back);
            assert_true(quality < 50 || off(back, gray ? 1 : 3) < 10);
            assert_true(quality < 50 || b.size > small);
            small = b.size;
            reel_image_bytes_free(&b);
        }
}

/* ---- PNG ---- */

typedef struct reader {
    const reel_image_bytes *bytes;
    size_t at;
} reader;

static void read_some(png_structp png, png_bytep out, size_t n)
{
    reader *r = png_get_io_ptr(png);
    assert_true(n <= r->bytes->size - r->at);
    memcpy(out, r->bytes->data + r->at, n);
    r->at += n;
}

static void test_png(void **state)
{
    (void)state;
    static canvas c;
    for (int gray = 0; gray < 2; gray++) {
        reel_image_bytes b = {0};
        uint8_t row[W * 3];
        paint_rgb(&c, gray);
        int rc = reel_image_write_png(&c.image, NULL, reel_image_bytes_write, &b, NULL);
        assert_false(without(rc));
        assert_int_equal(rc, REEL_OK);
        reader r = {&b, 0};
        png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
        png_infop info = png_create_info_struct(png);
        png_set_read_fn(png, &r, read_some);
        png_read_info(png, info);
        assert_int_equal(png_get_image_width(png, info), W);
        assert_int_equal(png_get_image_height(png, info), H);
        assert_int_equal(png_get_color_type(png, info), gray ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB);
        for (int y = 0; y < H; y++) {
            png_read_row(png, row, NULL);
            assert_memory_equal(row, c.rgb + y * c.image.stride[0], gray ? W : 3 * W);
        }
        png_read_end(png, NULL);
        png_destroy_read_struct(&png, &info, NULL);
        reel_image_bytes_free(&b);
    }
}

/* ---- what goes wrong ---- */

typedef int write_image(const reel_image *, const reel_image_options *, reel_image_write_fn *, void *, reel_error *);

typedef struct counted {
    unsigned left, out;
} counted;

static void *counted_resize(void *user, void *p, size_t n)
{
    counted *c = user;
    if (n == 0) {
        c->out--;
        free(p);
        return NULL;
    }
    if (c->left == 0)
        return NULL;
    c->left--;
    c->out += !p;
    return realloc(p, n);
}

/* Each allocation fails once: the code says so, and all that was taken is given back. */
static void no_memory(write_image *write, const reel_image *image)
{
    int rc = REEL_E_NOMEM;
    for (unsigned n = 0; rc == REEL_E_NOMEM; n++) {
        counted c = {.left = n};
        const reel_allocator alloc = {counted_resize, &c};
        const reel_image_options o = {.sizeof_options = sizeof o, .alloc = &alloc};
        reel_image_bytes b = {.alloc = &alloc};
        reel_error err = {0};
        rc = write(image, &o, reel_image_bytes_write, &b, &err);
        assert_false(without(rc));
        assert_int_equal(err.code, rc);
        reel_image_bytes_free(&b);
        assert_int_equal(c.out, 0);
        assert_true(n < 100);
    }
    assert_int_equal(rc, REEL_OK);
}

static void test_memory(void **state)
{
    (void)state;
    static canvas c;
    paint_yuv(&c, 1, false);
    no_memory(reel_image_write_jpeg, &c.image);
    paint_rgb(&c, false);
    no_memory(reel_image_write_jpeg, &c.image);
    no_memory(reel_image_write_png, &c.image);
}

static int refuse(void *user, const void *data, size_t size)
{
    unsigned *left = user;
    (void)data, (void)size;
    return (*left)-- == 0 ? REEL_E_SHRUNK : REEL_OK;
}

static void test_refused(void **state)
{
    (void)state;
    static canvas c;
    paint_rgb(&c, false);
    for (unsigned n = 0; n < 3; n++)
        for (int k = 0; k < 2; k++) {
            unsigned left = k ? n : 0;
            reel_error err = {0};
            int rc = (k ? reel_image_write_png : reel_image_write_jpeg)(&c.image, NULL, refuse, &left, &err);
            assert_false(without(rc));
            assert_int_equal(rc, REEL_E_SHRUNK);
            assert_int_equal(err.code, REEL_E_SHRUNK);
        }
}

static void test_wrong_calls(void **state)
{
    (void)state;
    static canvas c;
    reel_image_bytes b = {0};
    const reel_rational rate = {25, 1}, none = {0, 0};
    reel_image_options o = {.sizeof_options = sizeof o, .quality = 101};
    paint_rgb(&c, false);
    reel_image bad = c.image;
    assert_int_equal(reel_image_write_raw(NULL, reel_image_bytes_write, &b, NULL), REEL_E_ARG);
    assert_int_equal(reel_image_write_raw(&c.image, NULL, &b, NULL), REEL_E_ARG);
    bad.stride[0] = 3 * W - 1;
    assert_int_equal(reel_image_write_raw(&bad, reel_image_bytes_write, &b, NULL), REEL_E_ARG);
    bad = c.image;
    bad.width = 0;
    assert_int_equal(reel_image_write_raw(&bad, reel_image_bytes_write, &b, NULL), REEL_E_ARG);
    assert_int_equal(reel_image_write_y4m_header(&c.image, rate, none, reel_image_bytes_write, &b, NULL),
                     REEL_E_UNSUPPORTED);
    assert_int_equal(reel_image_write_y4m_frame(&c.image, reel_image_bytes_write, &b, NULL), REEL_E_UNSUPPORTED);
    int rc = reel_image_write_jpeg(&c.image, &o, reel_image_bytes_write, &b, NULL);
    assert_false(without(rc));
    assert_int_equal(rc, REEL_E_ARG);
    paint_yuv(&c, 0, true);
    assert_int_equal(reel_image_write_png(&c.image, NULL, reel_image_bytes_write, &b, NULL), REEL_E_UNSUPPORTED);
    assert_int_equal(reel_image_write_y4m_header(&c.image, none, none, reel_image_bytes_write, &b, NULL), REEL_E_ARG);
    assert_int_equal(reel_image_npy_header(1, 1, 1, 1, NULL), REEL_E_ARG);
    assert_int_equal(b.size, 0);
    reel_image_bytes_free(NULL);
}

/* ---- streams ---- */

static void test_y4m(void **state)
{
    (void)state;
    static canvas c;
    reel_image_bytes b = {0};
    const char *want = "YUV4MPEG2 W61 H37 F30000:1001 Ip A4:3 C420jpeg XCOLORRANGE=LIMITED\nFRAME\n";
    paint_yuv(&c, 1, false);
    assert_int_equal(reel_image_write_y4m_header(&c.image, (reel_rational){30000, 1001}, (reel_rational){4, 3},
                                                 reel_image_bytes_write, &b, NULL), REEL_OK);
    assert_int_equal(reel_image_write_y4m_frame(&c.image, reel_image_bytes_write, &b, NULL), REEL_OK);
    assert_int_equal(b.size, strlen(want) + sizeof c.y + sizeof c.u + sizeof c.v);
    assert_memory_equal(b.data, want, strlen(want));
    assert_memory_equal(b.data + b.size - sizeof c.v, c.v, sizeof c.v);
    reel_image_bytes_free(&b);
    paint_rgb(&c, true);
    assert_int_equal(reel_image_write_y4m_header(&c.image, (reel_rational){25, 1}, (reel_rational){0, 0},
                                                 reel_image_bytes_write, &b, NULL), REEL_OK);
    want = "YUV4MPEG2 W61 H37 F25:1 Ip A0:0 Cmono XCOLORRANGE=FULL\n";
    assert_int_equal(b.size, strlen(want));
    assert_memory_equal(b.data, want, strlen(want));
    assert_int_equal(reel_image_write_raw(&c.image, reel_image_bytes_write, &b, NULL), REEL_OK);
    assert_int_equal(b.size, strlen(want) + W * H); /* without the gaps */
    assert_memory_equal(b.data + strlen(want) + W, c.rgb + W + 4, W);
    reel_image_bytes_free(&b);
}

static void test_npy(void **state)
{
    (void)state;
    uint8_t head[REEL_IMAGE_NPY_HEADER];
    const char *want = "{'descr': '|u1', 'fortran_order': False, 'shape': (7, 224, 320, 3), }";
    assert_int_equal(reel_image_npy_header(7, 224, 320, 3, head), REEL_OK);
    assert_memory_equal(head, "\x93NUMPY\1\0\x76\0", 10);
    assert_memory_equal(head + 10, want, strlen(want));
    assert_int_equal(head[REEL_IMAGE_NPY_HEADER - 1], '\n');
    assert_int_equal(head[10 + strlen(want)], ' ');
    assert_int_equal(reel_image_npy_header(UINT64_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, head), REEL_OK);
    assert_int_equal(head[REEL_IMAGE_NPY_HEADER - 1], '\n');
    assert_non_null(memchr(head, '}', sizeof head));
    assert_int_equal(reel_image_npy_header(0, 2, 3, 0, head), REEL_OK);
    assert_non_null(strstr((char *)memcpy((char[129]){0}, head, 128) + 10, "(0, 2, 3), }"));
}

/* A picture's I420 knows what it is. */
static void test_image_of(void **state)
{
    (void)state;
    static uint8_t data[6 * 4 * 3];
    reel_picture_shape s = {.pixel = REEL_PIXEL_I420, .planes = 3, .width = 6, .height = 4, .size = 36,
                            .offset = {0, 24, 30}, .stride = {6, 3, 3}};
    reel_frame f = {.format = REEL_PIXEL_I420, .planes = 3, .width = 6, .height = 1080, .matrix = 2, .full_range = 1};
    reel_image i;
    assert_int_equal(reel_image_of(&s, data, &f, REEL_PICTURE_RANGE_KEEP, &i), REEL_OK);
    assert_int_equal(i.matrix, 1);
    assert_int_equal(i.full_range, 1);
    assert_ptr_equal(i.data[2], data + 30);
    assert_int_equal(reel_image_of(&s, data, &f, REEL_PICTURE_RANGE_LIMITED, &i), REEL_OK);
    assert_int_equal(i.full_range, 0);
    f.matrix = 0;
    assert_int_equal(reel_image_of(&s, data, &f, REEL_PICTURE_RANGE_KEEP, &i), REEL_OK);
    assert_int_equal(i.matrix, 1);
    assert_int_equal(i.full_range, 0);
    assert_int_equal(reel_image_of(NULL, data, &f, 0, &i), REEL_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jpeg_colours), cmocka_unit_test(test_jpeg_rows), cmocka_unit_test(test_png),
        cmocka_unit_test(test_memory),       cmocka_unit_test(test_refused),   cmocka_unit_test(test_wrong_calls),
        cmocka_unit_test(test_y4m),          cmocka_unit_test(test_npy),       cmocka_unit_test(test_image_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
