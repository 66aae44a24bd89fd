/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pictures: src/frame/picture*.c. All is held against a plain reference in doubles (below), which says once more what
 * reel/picture.h promises, pixel by pixel. Where libyuv does the work, its steps of 1/128 show.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reel/picture.h>

#include <cmocka.h>

/* ---- frames of noise ---- */

static uint32_t seed = 1;

static uint32_t noise(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

typedef struct film { /* a frame, and memory of exactly its size behind each plane: a sanitizer sees who reads on */
    reel_frame frame;
    reel_format format;
} film;

static reel_format user_format(uint32_t id, uint32_t bits, uint8_t shift_x, uint8_t shift_y)
{
    uint8_t step = bits > 8 ? 2 : 1;
    return (reel_format){id, 3, bits, 0, {{step, 0, 0, 0}, {step, shift_x, shift_y, 0}, {step, shift_x, shift_y, 0}}};
}

static reel_format format_of(uint32_t id)
{
    reel_format f;
    switch (id) {
    case 1000: return user_format(id, 12, 1, 0);
    case 1001: return user_format(id, 8, 2, 2);
    case 1002: return user_format(id, 16, 0, 1);
    default: assert_int_equal(reel_format_get(id, &f), REEL_OK); return f;
    }
}

static const uint32_t all_formats[] = {REEL_PIXEL_GRAY8, REEL_PIXEL_GRAY16, REEL_PIXEL_I420, REEL_PIXEL_I422,
    REEL_PIXEL_I444, REEL_PIXEL_I420_10, REEL_PIXEL_I422_10, REEL_PIXEL_I444_10, REEL_PIXEL_NV12, REEL_PIXEL_P010,
    REEL_PIXEL_RGB24, REEL_PIXEL_RGBA, REEL_PIXEL_BGRA, 1000, 1001, 1002};
enum { FORMATS = sizeof all_formats / sizeof *all_formats };

static void film_open(film *m, uint32_t id, uint32_t width, uint32_t height)
{
    *m = (film){.format = format_of(id)};
    reel_frame *f = &m->frame;
    f->width = width;
    f->height = height;
    f->format = id;
    f->planes = m->format.planes;
    f->matrix = f->primaries = f->transfer = 2;
    for (uint32_t i = 0; i < f->planes; i++) {
        const reel_plane *p = &m->format.plane[i];
        size_t w = (width + (1U << p->shift_x) - 1) >> p->shift_x, h = (height + (1U << p->shift_y) - 1) >> p->shift_y;
        size_t n = w * h * p->step;
        f->stride[i] = (ptrdiff_t)(w * p->step);
        assert_non_null(f->data[i] = malloc(n));
        for (size_t k = 0; m->format.bits == 8 && k < n; k++)
            f->data[i][k] = (uint8_t)noise();
        for (size_t k = 0; m->format.bits > 8 && k < n / 2; k++)
            ((uint16_t *)(void *)f->data[i])[k] = (uint16_t)((noise() & ((1U << m->format.bits) - 1)) <<
                                                             (id == REEL_PIXEL_P010 ? 6 : 0));
    }
}

static void film_close(film *m)
{
    for (uint32_t i = 0; i < m->frame.planes; i++)
        free(m->frame.data[i]);
}

/* ---- the reference ---- */

static bool is_rgb(uint32_t id) { return id == REEL_PIXEL_RGB24 || id == REEL_PIXEL_RGBA || id == REEL_PIXEL_BGRA; }
static bool is_gray(uint32_t id) { return id == REEL_PIXEL_GRAY8 || id == REEL_PIXEL_GRAY16; }

/* Component c (Y, Cb, Cr as they lie, or R, G, B) at sample x, y of its plane, as it is stored. */
static double sample(const film *m, unsigned c, long x, long y)
{
    uint32_t id = m->format.id;
    unsigned plane = c, channel = 0;
    if (is_rgb(id))
        plane = 0, channel = id == REEL_PIXEL_BGRA ? 2 - c : c;
    else if (m->format.planes == 2 && c)
        plane = 1, channel = c - 1;
    const uint8_t *row = m->frame.data[plane] + y * m->frame.stride[plane];
    if (m->format.bits == 8)
        return row[x * m->format.plane[plane].step + channel];
    const uint16_t *words = (const uint16_t *)(const void *)row;
    return words[x * (m->format.plane[plane].step / 2) + channel] / (id == REEL_PIXEL_P010 ? 64.0 : 1);
}

typedef struct span { /* of an output sample on one axis, in samples of a plane */
    double from, to, middle;
    long low, high; /* samples of the crop */
    bool shrinks;
} span;

static double weight(const span *s, unsigned filter, long i)
{
    if (filter == REEL_PICTURE_NEAREST) {
        double at = floor(s->middle);
        return i == (long)(at < s->low ? s->low : at > s->high ? s->high : at);
    }
    if (filter == REEL_PICTURE_AREA && s->shrinks) {
        double a = s->from > i ? s->from : i, b = s->to < i + 1 ? s->to : i + 1;
        return b > a ? (b - a) / (s->to - s->from) : 0;
    }
    double at = s->middle - 0.5, off;
    at = at < s->low ? s->low : at > s->high ? s->high : at;
    off = fabs(at - i);
    return off < 1 ? 1 - off : 0;
}

static double resampled(const film *m, unsigned c, const span *x, const span *y, unsigned filter)
{
    double sum = 0;
    for (long j = y->low; j <= y->high; j++) {
        double wy = weight(y, filter, j);
        for (long i = x->low; wy != 0 && i <= x->high; i++) {
            double w = weight(x, filter, i);
            sum += w != 0 ? w * wy * sample(m, c, i, j) : 0;
        }
    }
    return sum;
}

typedef struct box {
    double x0, y0, x1, y1;
} box;

/* A rectangle of the upright picture, of 0 to 1, in the source's crop. */
static box unturned(box b, unsigned rotation, bool mirrored)
{
    if (mirrored)
        b = (box){1 - b.x1, b.y0, 1 - b.x0, b.y1};
    switch (rotation) {
    case 90: return (box){b.y0, 1 - b.x1, b.y1, 1 - b.x0};
    case 180: return (box){1 - b.x1, 1 - b.y1, 1 - b.x0, 1 - b.y0};
    case 270: return (box){1 - b.y1, b.x0, 1 - b.y0, b.x1};
    default: return b;
    }
}

static span span_of(double low, double n, unsigned divide, double from, double to, double clip_from, double clip_to,
                    double ratio)
{
    /* what lies a billionth beside a whole number is one: two ways of computing the same fraction */
    double middle = (low + (from + to) / 2 * n) / divide;
    if (fabs(middle - rint(middle)) < 1e-9)
        middle = rint(middle);
    return (span){(low + clip_from * n) / divide, (low + clip_to * n) / divide, middle, (long)(low / divide),
                  (long)((low + n - 1) / divide), ratio / divide > 1 + 1e-9};
}

typedef struct crop {
    uint32_t x, y, w, h;
} crop;

/* What component c is for the rectangle of `each` x `each` output pixels at x, y of the picture. */
static double component(const film *m, const reel_picture_options *o, const reel_picture_shape *s, crop r, unsigned c,
                        double x, double y, double each)
{
    const reel_plane *p = &m->format.plane[is_rgb(m->format.id) || !c ? 0 : 1];
    double w = s->across, h = s->down;
    box whole = unturned((box){x / w, y / h, (x + each) / w, (y + each) / h}, o->rotation, o->mirrored != 0);
    box seen = unturned((box){x / w, y / h, fmin(x + each, w) / w, fmin(y + each, h) / h}, o->rotation,
                        o->mirrored != 0);
    bool turned = o->rotation % 180 != 0;
    double rx = each * r.w / (turned ? h : w), ry = each * r.h / (turned ? w : h);
    span sx = span_of(r.x, r.w, 1U << p->shift_x, whole.x0, whole.x1, seen.x0, seen.x1, rx);
    span sy = span_of(r.y, r.h, 1U << p->shift_y, whole.y0, whole.y1, seen.y0, seen.y1, ry);
    return resampled(m, c, &sx, &sy, o->filter);
}

static void luma_weights(unsigned matrix, double *r, double *b)
{
    static const struct { unsigned matrix; double r, b; } known[] = {{1, 0.2126, 0.0722}, {4, 0.30, 0.11},
        {5, 0.299, 0.114}, {6, 0.299, 0.114}, {7, 0.212, 0.087}, {9, 0.2627, 0.0593}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].matrix == matrix)
            *r = known[i].r, *b = known[i].b;
}

static bool pad_is_ycgco; /* a colour of the caller's has to become one of a frame in YCgCo */

/* The real values of an output pixel (RGB of 0 to 255; or its luma in [0]; or Y, Cb, Cr as bytes). */
static void coloured(const film *m, const reel_picture_options *o, const double in[3], double out[3])
{
    unsigned matrix = m->frame.matrix;
    bool rgb = is_rgb(m->format.id), full = m->frame.full_range == 1 || rgb, gray = is_gray(m->format.id);
    double top = ldexp(1, (int)m->format.bits) - 1, one = ldexp(1, (int)m->format.bits - 8);
    double r = 0, b = 0, y, u, v, c[3];
    bool gbr = matrix == 0 && !rgb && !gray;
    if (matrix == 2 || ((rgb || gray) && (matrix == 0 || matrix == 8)) || gbr)
        matrix = m->frame.height <= 576 ? 6 : 1;
    luma_weights(matrix, &r, &b);
    if (rgb || gbr) {
        for (int i = 0; i < 3; i++)
            c[i] = full ? in[i] / top : (in[i] - 16 * one) / (219 * one);
        if (gbr) {
            double g = c[0];
            c[0] = c[2], c[2] = c[1], c[1] = g;
        }
        y = r * c[0] + (1 - r - b) * c[1] + b * c[2];
        u = (c[2] - y) / (2 * (1 - b));
        v = (c[0] - y) / (2 * (1 - r));
        if (pad_is_ycgco)
            y = (c[0] + 2 * c[1] + c[2]) / 4, u = c[1] - y, v = (c[0] - c[2]) / 2;
    } else {
        y = full ? in[0] / top : (in[0] - 16 * one) / (219 * one);
        u = gray ? 0 : (in[1] - 128 * one) / (full ? top : 224 * one);
        v = gray ? 0 : (in[2] - 128 * one) / (full ? top : 224 * one);
        c[0] = y + 2 * (1 - r) * v;
        c[2] = y + 2 * (1 - b) * u;
        c[1] = (y - r * c[0] - b * c[2]) / (1 - r - b);
        if (matrix == 8)
            c[1] = y + u, c[0] = y - u + v, c[2] = y - u - v;
    }
    bool full_out = o->range == REEL_PICTURE_RANGE_FULL ||
                    (o->range == REEL_PICTURE_RANGE_KEEP && full && !rgb && !gbr);
    out[0] = o->pixel == REEL_PIXEL_RGB24 ? 255 * c[0] : 255 * y;
    out[1] = 255 * c[1];
    out[2] = 255 * c[2];
    if (o->pixel == REEL_PIXEL_I420) {
        out[0] = full_out ? 255 * y : 16 + 219 * y;
        out[1] = 128 + (full_out ? 255 : 224) * u;
        out[2] = 128 + (full_out ? 255 : 224) * v;
    }
}

static crop crop_seen(const reel_picture_options *o, const reel_picture_shape *s)
{
    crop r = {o->crop_x, o->crop_y, o->crop_width ? o->crop_width : o->source_width - o->crop_x,
              o->crop_height ? o->crop_height : o->source_height - o->crop_y};
    if (o->fit != REEL_PICTURE_COVER)
        return r;
    bool turned = o->rotation % 180 != 0;
    double sar = o->sar_width && o->sar_height ? (double)o->sar_width / o->sar_height : 1;
    double sx = (turned ? s->height : s->width) / (r.w * sar), sy = (double)(turned ? s->width : s->height) / r.h;
    double scale = fmax(sx, sy);
    uint32_t w = (uint32_t)fmax(1, rint(r.w * (sx / scale))), h = (uint32_t)fmax(1, rint(r.h * (sy / scale)));
    return (crop){r.x + (r.w - w) / 2, r.y + (r.h - h) / 2, w, h};
}

static double worst;

static void compare(double want, uint8_t have, double allowed, const char *what)
{
    double off = fabs(fmin(255, fmax(0, want)) - have);
    worst = off > worst ? off : worst;
    if (off > allowed)
        fail_msg("%s: %d where %.3f was wanted", what, have, want);
}

static void pad_colour(const film *m, const reel_picture_options *o, double out[3])
{
    film black = {.format = format_of(REEL_PIXEL_RGB24), .frame = m->frame};
    reel_picture_options r = *o;
    double in[3] = {o->pad[0], o->pad[1], o->pad[2]};
    bool rgb = is_rgb(m->format.id) || (m->frame.matrix == 0 && !is_gray(m->format.id));
    if (o->range == REEL_PICTURE_RANGE_KEEP)
        r.range = m->frame.full_range == 1 && !rgb ? REEL_PICTURE_RANGE_FULL : REEL_PICTURE_RANGE_LIMITED;
    pad_is_ycgco = m->frame.matrix == 8 && !rgb;
    coloured(&black, &r, in, out);
    pad_is_ycgco = false;
}

static void check_grid(const film *m, const reel_picture_options *o, const reel_picture_shape *s, const uint8_t *data,
                       unsigned first, unsigned last, double allowed, const char *what)
{
    unsigned each = first ? 2 : 1;
    uint32_t wide = (s->width + each - 1) / each, high = (s->height + each - 1) / each;
    crop r = crop_seen(o, s);
    double pad[3];
    pad_colour(m, o, pad);
    for (uint32_t y = 0; y < high; y++)
        for (uint32_t x = 0; x < wide; x++) {
            double in[3] = {0}, out[3];
            double px = (double)x * each - s->x, py = (double)y * each - s->y;
            bool inside = px >= 0 && py >= 0 && px < s->across && py < s->down;
            for (unsigned c = 0; inside && c < (is_gray(m->format.id) ? 1 : 3); c++)
                in[c] = component(m, o, s, r, c, px, py, each);
            coloured(m, o, in, out);
            for (unsigned c = first; c <= last; c++) {
                unsigned plane = s->planes == 3 ? c : 0, step = o->pixel == REEL_PIXEL_RGB24 ? 3 : 1;
                uint8_t have = data[s->offset[plane] + y * (size_t)s->stride[plane] + x * step + (step == 3 ? c : 0)];
                compare(inside ? out[c] : pad[c], have, inside ? allowed : 0.51, what);
            }
        }
}

/* A frame takes no memory, libyuv's part included: it does not look whether it got any. */
static size_t mallocs;
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
void *__libc_malloc(size_t n);

__attribute__((visibility("default"))) void *malloc(size_t n)
{
    mallocs++;
    return __libc_malloc(n);
}
#endif

static uint8_t *made(const film *m, const reel_picture_options *o, reel_picture_shape *s, const char *what)
{
    reel_picture *p = NULL;
    reel_error err = {0};
    if (reel_picture_open(o, &p, &err))
        fail_msg("%s: %s", what, err.text);
    reel_picture_get_shape(p, s);
    uint8_t *data = malloc(s->size);
    assert_non_null(data);
    size_t before = mallocs;
    if (reel_picture_run_into(p, &m->frame, data, &err))
        fail_msg("%s: %s", what, err.text);
    if (mallocs != before)
        fail_msg("%s: took memory %zu times", what, mallocs - before);
    reel_picture_close(&p);
    assert_null(p);
    return data;
}

/* The loops of C are within this of the formula, rounding (a half) included; libyuv within the other. */
#define TIGHT 0.6
#define LIBYUV 8.0

static void check_flags(const film *m, reel_picture_options o, uint32_t flags, double allowed, const char *what)
{
    reel_picture_shape s;
    o.flags = flags;
    uint8_t *data = made(m, &o, &s, what), *plain = NULL;
    check_grid(m, &o, &s, data, 0, o.pixel == REEL_PIXEL_RGB24 ? 2 : 0, allowed, what);
    if (o.pixel == REEL_PIXEL_I420)
        check_grid(m, &o, &s, data, 1, 2, allowed, what);
    o.flags = REEL_PICTURE_EXACT | REEL_PICTURE_PLAIN;
    if (flags == REEL_PICTURE_EXACT) { /* whatever the CPU has: the same bytes */
        plain = made(m, &o, &s, what);
        assert_memory_equal(data, plain, s.size);
    }
    free(plain);
    free(data);
}

static void check(const film *m, reel_picture_options o)
{
    char what[200];
    bool fast = !is_rgb(m->format.id) && m->format.bits == 8 && strcmp(reel_picture_engine(), "C") != 0;
    snprintf(what, sizeof what, "format %u %ux%u (%u %u %u %u) -> %u %ux%u filter %u fit %u turn %u%s range %u "
             "matrix %u.%u",
             m->format.id, m->frame.width, m->frame.height, o.crop_x, o.crop_y, o.crop_width, o.crop_height, o.pixel,
             o.width, o.height, o.filter, o.fit, o.rotation, o.mirrored ? "m" : "", o.range, m->frame.matrix,
             m->frame.full_range);
    check_flags(m, o, REEL_PICTURE_EXACT, TIGHT, what);
    if (fast)
        check_flags(m, o, 0, LIBYUV, what);
}

static reel_picture_options options_for(const film *m)
{
    return (reel_picture_options){.sizeof_options = sizeof(reel_picture_options), .format = m->format,
        .source_width = m->frame.width, .source_height = m->frame.height, .sar_width = m->frame.sar_width,
        .sar_height = m->frame.sar_height, .pixel = REEL_PIXEL_RGB24, .pad = {10, 200, 70}};
}

/* ---- tests ---- */

static const uint32_t outputs[] = {REEL_PIXEL_RGB24, REEL_PIXEL_GRAY8, REEL_PIXEL_I420};

static void test_every_combination(void **state)
{
    (void)state;
    static const uint8_t matrices[] = {0, 1, 2, 4, 5, 6, 7, 8, 9};
    for (unsigned f = 0; f < FORMATS; f++)
        for (unsigned k = 0; k < 3 * 3 * 3 * 8; k++) {
            film m;
            uint32_t w = 1 + noise() % 23, h = 1 + noise() % 23;
            film_open(&m, all_formats[f], w, h);
            m.frame.matrix = matrices[noise() % sizeof matrices];
            m.frame.full_range = noise() & 1;
            m.frame.sar_width = noise() % 3;
            m.frame.sar_height = noise() % 3;
            reel_picture_options o = options_for(&m);
            o.pixel = outputs[k % 3];
            o.filter = k / 3 % 3;
            o.fit = k / 9 % 3;
            o.rotation = k / 27 % 4 * 90;
            o.mirrored = k / 108;
            o.range = noise() % 3;
            o.width = noise() % 20;
            o.height = noise() % 20;
            o.crop_x = noise() % 3 ? 0 : noise() % w;
            o.crop_y = noise() % 3 ? 0 : noise() % h;
            o.crop_width = noise() % 2 ? 0 : 1 + noise() % (w - o.crop_x);
            o.crop_height = noise() % 2 ? 0 : 1 + noise() % (h - o.crop_y);
            check(&m, o);
            film_close(&m);
        }
    print_message("# worst of every combination: %.3f\n", worst);
}

static void one_size(uint32_t format, uint32_t w, uint32_t h, uint32_t to_w, uint32_t to_h, unsigned filter)
{
    film m;
    film_open(&m, format, w, h);
    for (unsigned i = 0; i < 3; i++) {
        reel_picture_options o = options_for(&m);
        o.width = to_w;
        o.height = to_h;
        o.pixel = outputs[i];
        o.filter = filter;
        check(&m, o);
    }
    film_close(&m);
}

/* Sizes at the ends, and those where libyuv has ways of its own: 1/2, 1/4, 3/4, 3/8, 1/3, and not quite. */
static void test_sizes(void **state)
{
    (void)state;
    static const uint32_t sizes[][4] = {{1, 1, 1, 1}, {1, 1, 9, 7}, {1, 50, 7, 3}, {50, 1, 3, 7}, {2, 2, 1, 1},
        {3, 3, 31, 29}, {1000, 700, 3, 2}, {1000, 2, 1, 1}, {64, 48, 32, 24}, {64, 48, 16, 12}, {64, 48, 48, 36},
        {64, 48, 24, 18}, {66, 48, 22, 16}, {64, 48, 64, 24}, {64, 48, 32, 48}, {65, 49, 33, 25}, {64, 48, 63, 47},
        {128, 96, 14, 22}, {64, 48, 64, 48}, {63, 47, 63, 47}, {64, 48, 96, 72}, {256, 144, 28, 28}};
    const uint32_t formats[] = {REEL_PIXEL_I420, REEL_PIXEL_I422, REEL_PIXEL_I444, REEL_PIXEL_NV12, REEL_PIXEL_P010,
                                REEL_PIXEL_I420_10, REEL_PIXEL_RGB24, REEL_PIXEL_GRAY8};
    worst = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
            for (unsigned filter = 0; filter < 3; filter++)
                one_size(formats[f], sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3], filter);
    print_message("# worst of sizes: %.3f\n", worst);
}

/* All values of a component through every matrix and range, where nothing is scaled. */
static void test_colours(void **state)
{
    (void)state;
    static const uint8_t matrices[] = {0, 1, 4, 5, 6, 7, 8, 9};
    for (unsigned i = 0; i < 2 * sizeof matrices; i++)
        for (unsigned k = 0; k < 2; k++) {
            film m;
            film_open(&m, k ? REEL_PIXEL_I444_10 : REEL_PIXEL_I444, 128, 128);
            m.frame.matrix = matrices[i / 2];
            m.frame.full_range = i & 1;
            reel_picture_options o = options_for(&m);
            worst = 0;
            check(&m, o);
            print_message("# matrix %u range %u %s: worst %.3f\n", m.frame.matrix, i & 1, k ? "10 bits" : "8 bits",
                          worst);
            film_close(&m);
        }
}

static void test_copy_is_exact(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 12; k++) {
        film m;
        uint32_t w = 17 + k % 3, h = 9 + k % 2;
        film_open(&m, REEL_PIXEL_I420, w, h);
        m.frame.full_range = k & 1;
        reel_picture_options o = options_for(&m);
        o.pixel = REEL_PIXEL_I420;
        o.filter = k % 3;
        o.range = k < 6 ? REEL_PICTURE_RANGE_KEEP : k & 1 ? REEL_PICTURE_RANGE_FULL : REEL_PICTURE_RANGE_LIMITED;
        reel_picture *p = NULL;
        reel_picture_shape s;
        assert_int_equal(reel_picture_open(&o, &p, NULL), REEL_OK);
        reel_picture_get_shape(p, &s);
        uint8_t *data = malloc(s.size);
        assert_int_equal(reel_picture_run_into(p, &m.frame, data, NULL), REEL_OK);
        assert_int_equal(s.width, w);
        assert_int_equal(s.height, h);
        for (unsigned i = 0; i < 3; i++)
            assert_memory_equal(data + s.offset[i], m.frame.data[i],
                                (size_t)s.stride[i] * (i ? (h + 1) / 2 : h));
        free(data);
        reel_picture_close(&p);
        film_close(&m);
    }
}

/* Rows with gaps, from the bottom up, planes at places of their own: nothing between the rows is touched. */
static void test_strides(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 9; k++) {
        film m;
        film_open(&m, REEL_PIXEL_I420, 40, 30);
        reel_picture_options o = options_for(&m);
        reel_picture_shape s;
        reel_picture *p = NULL;
        o.width = 13;
        o.height = 11;
        o.pixel = outputs[k % 3];
        o.fit = k / 3;
        o.rotation = k == 4 ? 90 : 0;
        uint8_t *tight = made(&m, &o, &s, "tight"), wide[3][64 * 16], *planes[3];
        memset(wide, 0xA5, sizeof wide);
        for (int i = 0; i < 3; i++)
            planes[i] = wide[i] + 15 * 64;
        assert_int_equal(reel_picture_open(&o, &p, NULL), REEL_OK);
        assert_int_equal(reel_picture_run(p, &m.frame, planes, (const ptrdiff_t[]){-64, -64, -64}, NULL), REEL_OK);
        for (uint32_t i = 0; i < s.planes; i++)
            for (uint32_t y = 0; y < 16; y++)
                for (uint32_t x = 0; x < 64; x++) {
                    bool in = y < (i ? 6U : 11U) && x < (uint32_t)s.stride[i];
                    uint8_t want = in ? tight[s.offset[i] + y * (size_t)s.stride[i] + x] : 0xA5;
                    assert_int_equal(planes[i][x - (ptrdiff_t)y * 64], want);
                }
        free(tight);
        reel_picture_close(&p);
        film_close(&m);
    }
}

static void test_shapes(void **state)
{
    (void)state;
    static const struct {
        uint32_t w, h, sar_w, sar_h, rotation, to_w, to_h, fit, want_w, want_h, across, down;
    } t[] = {
        {1920, 1080, 0, 0, 0, 224, 0, 0, 224, 126, 224, 126},   {1920, 1080, 1, 1, 90, 224, 0, 0, 224, 398, 224, 398},
        {720, 576, 64, 45, 0, 0, 0, 0, 1024, 576, 1024, 576},   {720, 576, 64, 45, 0, 0, 144, 0, 256, 144, 256, 144},
        {720, 576, 64, 45, 90, 0, 256, 0, 144, 256, 144, 256},  {1920, 1080, 1, 1, 0, 224, 224, 1, 224, 224, 224, 126},
        {1080, 1920, 1, 1, 90, 224, 224, 1, 224, 224, 224, 126}, {1920, 1080, 1, 1, 0, 224, 224, 2, 224, 224, 224, 224},
        {60000, 1, 1, 1, 0, 100, 0, 0, 100, 1, 100, 1},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        reel_picture_options o = {.sizeof_options = sizeof o, .format = {.id = REEL_PIXEL_I420}, .source_width = t[i].w,
            .source_height = t[i].h, .sar_width = t[i].sar_w, .sar_height = t[i].sar_h, .rotation = t[i].rotation,
            .width = t[i].to_w, .height = t[i].to_h, .fit = t[i].fit};
        reel_picture *p = NULL;
        reel_picture_shape s;
        assert_int_equal(reel_picture_open(&o, &p, NULL), REEL_OK);
        reel_picture_get_shape(p, &s);
        assert_int_equal(s.width, t[i].want_w);
        assert_int_equal(s.height, t[i].want_h);
        assert_int_equal(s.across, t[i].across);
        assert_int_equal(s.down, t[i].down);
        assert_int_equal(s.size, (size_t)s.width * s.height * 3);
        reel_picture_close(&p);
    }
}

static void refused(reel_picture_options o, int code)
{
    reel_picture *p = NULL;
    reel_error err = {0};
    assert_int_equal(reel_picture_open(&o, &p, &err), code);
    assert_int_equal(err.code, code);
    assert_true(*err.text);
    assert_null(p);
}

#define REFUSED(code, ...) do { reel_picture_options o = good; __VA_ARGS__; refused(o, code); } while (0)

static void test_wrong_calls(void **state)
{
    (void)state;
    film m;
    film_open(&m, REEL_PIXEL_I420, 16, 16);
    reel_picture_options good = options_for(&m);
    reel_picture *p = NULL;
    uint8_t data[16 * 16 * 3], *const planes[3] = {data};
    assert_int_equal(reel_picture_open(NULL, &p, NULL), REEL_E_ARG);
    assert_int_equal(reel_picture_open(&good, NULL, NULL), REEL_E_ARG);
    REFUSED(REEL_E_ARG, o.sizeof_options--);
    REFUSED(REEL_E_ARG, o.source_width = 0);
    REFUSED(REEL_E_ARG, o.source_height = 65536);
    REFUSED(REEL_E_ARG, o.crop_x = 16);
    REFUSED(REEL_E_ARG, o.crop_x = 8; o.crop_width = 9);
    REFUSED(REEL_E_ARG, o.rotation = 45);
    REFUSED(REEL_E_ARG, o.rotation = 360);
    REFUSED(REEL_E_ARG, o.filter = 3);
    REFUSED(REEL_E_ARG, o.fit = 3);
    REFUSED(REEL_E_ARG, o.range = 3);
    REFUSED(REEL_E_ARG, o.flags = 4);
    REFUSED(REEL_E_ARG, o.pixel = REEL_PIXEL_NV12);
    REFUSED(REEL_E_ARG, o.width = 65536);
    REFUSED(REEL_E_ARG, o.source_height = 1; o.source_width = 65535; o.height = 3);
    REFUSED(REEL_E_UNSUPPORTED, o.format = user_format(1000, 8, 1, 1); o.format.plane[0].step = 3);
    REFUSED(REEL_E_UNSUPPORTED, o.format = user_format(1000, 17, 1, 1));
    REFUSED(REEL_E_UNSUPPORTED, o.format = user_format(1000, 8, 5, 1));
    assert_int_equal(reel_picture_open(&good, &p, NULL), REEL_OK);
    assert_int_equal(reel_picture_run(NULL, &m.frame, planes, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_picture_run(p, NULL, planes, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_picture_run(p, &m.frame, NULL, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_picture_run_into(p, &m.frame, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_picture_run_into(NULL, &m.frame, data, NULL), REEL_E_ARG);
    assert_int_equal(reel_picture_run(p, &m.frame, planes, (const ptrdiff_t[]){47}, NULL), REEL_E_ARG);
    reel_frame other = m.frame;
    other.width = 15;
    assert_int_equal(reel_picture_run(p, &other, planes, NULL, NULL), REEL_E_ARG);
    other = m.frame;
    other.matrix = 14;
    assert_int_equal(reel_picture_run(p, &other, planes, NULL, NULL), REEL_E_UNSUPPORTED);
    assert_int_equal(reel_picture_run(p, &m.frame, planes, NULL, NULL), REEL_OK);
    reel_picture_close(&p);
    reel_picture_close(&p);
    reel_picture_close(NULL);
    reel_picture_get_shape(NULL, NULL);
    film_close(&m);
}

/* ---- memory ---- */

typedef struct counted {
    unsigned left; /* calls that may still succeed */
    unsigned calls, out;
} counted;

static void *counted_resize(void *user, void *p, size_t n)
{
    counted *c = user;
    if (n == 0) {
        c->out--;
        free(p);
        return NULL;
    }
    c->calls++;
    if (c->left == 0)
        return NULL;
    c->left--;
    c->out += !p;
    return realloc(p, n);
}

static void test_memory(void **state)
{
    (void)state;
    film m;
    film_open(&m, REEL_PIXEL_I420, 64, 48);
    int rc = REEL_E_NOMEM;
    for (unsigned n = 0; rc == REEL_E_NOMEM; n++) {
        counted c = {.left = n};
        const reel_allocator alloc = {counted_resize, &c};
        reel_picture_options o = options_for(&m);
        reel_picture *p = NULL;
        uint8_t data[32 * 24 * 3];
        o.alloc = &alloc;
        o.width = 32;
        o.height = 24;
        o.pixel = REEL_PIXEL_I420;
        rc = reel_picture_open(&o, &p, NULL);
        if (rc == REEL_OK) {
            unsigned calls = c.calls;
            c.left = 0;
            assert_int_equal(reel_picture_run_into(p, &m.frame, data, NULL), REEL_OK);
            assert_int_equal(c.calls, calls); /* a frame takes no memory */
            reel_picture_close(&p);
        }
        assert_null(p);
        assert_int_equal(c.out, 0);
        assert_true(n < 40);
    }
    assert_int_equal(rc, REEL_OK);
    film_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_combination),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_colours),
        cmocka_unit_test(test_copy_is_exact),
        cmocka_unit_test(test_strides),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_wrong_calls),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
