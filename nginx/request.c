/* SPDX-License-Identifier: BSD-2-Clause */
/* request.c: what a URL asks for. Refuses what is odd before anything is opened, with the reason. */
#include "ngx_http_reel.h"


#define NGX_HTTP_REEL_PATH_MAX    2048
#define NGX_HTTP_REEL_SECONDS_MAX  1000000000  /* thirty years of film */
#define NGX_HTTP_REEL_SIDE_MIN    16          /* pixels of a thumbnail */
#define NGX_HTTP_REEL_SIDE_MAX    1920


typedef struct {
    ngx_str_t   name;
    ngx_uint_t  kind;
    unsigned    stream:1;
} ngx_http_reel_view_t;


static ngx_http_reel_view_t  ngx_http_reel_views[] = {
    { ngx_string("file"), NGX_HTTP_REEL_FILE, 0 },
    { ngx_string("hls"), NGX_HTTP_REEL_MASTER, 1 },
    { ngx_string("dash"), NGX_HTTP_REEL_MANIFEST, 1 },
    { ngx_string("info"), NGX_HTTP_REEL_INFO, 0 },
    { ngx_string("thumb"), NGX_HTTP_REEL_THUMB, 0 },
    { ngx_string("list"), NGX_HTTP_REEL_LIST, 0 },
    { ngx_string("metrics"), NGX_HTTP_REEL_METRICS, 0 },
    { ngx_null_string, 0, 0 }
};


static ngx_uint_t
ngx_http_reel_is(const ngx_str_t *s, const char *word)
{
    size_t  n = ngx_strlen(word);

    return s->len == n && ngx_memcmp(s->data, word, n) == 0;
}


static ngx_uint_t
ngx_http_reel_ends(const ngx_str_t *s, const char *word)
{
    size_t  n = ngx_strlen(word);

    return s->len > n && ngx_memcmp(s->data + s->len - n, word, n) == 0;
}


/* s becomes what stands before its last /, and last what stands behind. */
static ngx_str_t
ngx_http_reel_cut_last(ngx_str_t *s)
{
    size_t     n = s->len;
    ngx_str_t  last;

    while (n > 0 && s->data[n - 1] != '/') {
        n--;
    }

    last.data = s->data + n;
    last.len = s->len - n;
    s->len = n ? n - 1 : 0;

    return last;
}


/* Digits alone, as one writes a number: no sign, no zeros in front, so that nothing has two names. */
static ngx_int_t
ngx_http_reel_number(const u_char *p, size_t n, uint64_t most, uint64_t *out)
{
    size_t    i;
    uint64_t  v = 0;

    if (n == 0 || (n > 1 && p[0] == '0')) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9' || v > (most - (uint64_t) (p[i] - '0')) / 10) {
            return NGX_ERROR;
        }
        v = v * 10 + (uint64_t) (p[i] - '0');
    }

    *out = v;
    return NGX_OK;
}


static ngx_int_t
ngx_http_reel_time(const u_char *p, size_t n, int64_t *out)
{
    uint64_t    v;
    ngx_uint_t  minus = n > 0 && *p == '-';

    if (ngx_http_reel_number(p + minus, n - minus, INT64_MAX, &v) != NGX_OK || (minus && v == 0)) {
        return NGX_ERROR;
    }

    *out = minus ? -(int64_t) v : (int64_t) v;
    return NGX_OK;
}


/* "12", "12.5": seconds, to the microsecond. */
static ngx_int_t
ngx_http_reel_seconds(const ngx_str_t *s, int64_t *out)
{
    size_t    i, dot = 0;
    int64_t   part = 0, unit = 1000000;
    uint64_t  whole;

    while (dot < s->len && s->data[dot] != '.') {
        dot++;
    }

    if (ngx_http_reel_number(s->data, dot, NGX_HTTP_REEL_SECONDS_MAX, &whole) != NGX_OK || dot + 1 == s->len) {
        return NGX_ERROR;
    }

    for (i = dot + 1; i < s->len; i++) {
        if (s->data[i] < '0' || s->data[i] > '9' || i - dot > 9) {
            return NGX_ERROR;
        }
        unit /= 10;
        part += (s->data[i] - '0') * unit;
    }

    *out = (int64_t) whole * 1000000 + part;
    return NGX_OK;
}


static ngx_int_t
ngx_http_reel_bad(ngx_http_reel_ctx_t *ctx, ngx_uint_t status, const char *why)
{
    ngx_http_reel_refuse(ctx, status, "%s", why);
    return NGX_ERROR;
}


/* "t3" or "mux" */
static ngx_int_t
ngx_http_reel_parse_track(ngx_http_reel_ctx_t *ctx, const ngx_str_t *s)
{
    uint64_t  id;

    if (ngx_http_reel_is(s, "mux")) {
        ctx->want.track = 0;
        return NGX_OK;
    }

    if (s->len < 2 || s->data[0] != 't'
        || ngx_http_reel_number(s->data + 1, s->len - 1, UINT32_MAX, &id) != NGX_OK || id == 0)
    {
        return ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "there is no such stream: tNUMBER, mux or sub is wanted");
    }

    ctx->want.track = (uint32_t) id;
    return NGX_OK;
}


static ngx_int_t
ngx_http_reel_parse_timed(ngx_http_reel_ctx_t *ctx, const ngx_str_t *leaf)
{
    size_t      n = leaf->len - 4;
    ngx_uint_t  picture = leaf->data[0] == 'i';

    if (ngx_http_reel_ends(leaf, ".vtt")) {
        ctx->want.kind = NGX_HTTP_REEL_CUES;
        picture = 0;
    } else {
        ctx->want.kind = picture ? NGX_HTTP_REEL_PICTURE : NGX_HTTP_REEL_SEGMENT;
    }

    if (ngx_http_reel_time(leaf->data + picture, n - picture, &ctx->want.time) != NGX_OK) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "this is no time that a segment could have");
    }

    if (ctx->want.track == 0 && ctx->want.kind != NGX_HTTP_REEL_SEGMENT) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "mux has segments and nothing else");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_reel_parse_sidecar(ngx_http_reel_ctx_t *ctx, const ngx_str_t *leaf, ngx_str_t *rest)
{
    ngx_str_t  name = *rest;

    ctx->want.sidecar = name;

    if (ngx_http_reel_is(leaf, "index.m3u8")) {
        ctx->want.kind = NGX_HTTP_REEL_SUB_MEDIA;
    } else if (ngx_http_reel_is(leaf, "file.vtt")) {
        ctx->want.kind = NGX_HTTP_REEL_SUB_FILE;
    } else {
        return ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "of a subtitle file there are index.m3u8 and file.vtt");
    }

    return NGX_OK;
}


/* PATH/master.m3u8, PATH/tID/LEAF, PATH/sub/NAME/LEAF: read from the end, so that PATH may be anything. */
static ngx_int_t
ngx_http_reel_parse_stream(ngx_http_reel_ctx_t *ctx, ngx_str_t *rest)
{
    ngx_str_t  leaf = ngx_http_reel_cut_last(rest), folder, before = *rest, sub;

    if (ngx_http_reel_is(&leaf, "master.m3u8") || ngx_http_reel_is(&leaf, "manifest.mpd")) {
        ctx->want.kind = leaf.data[1] == 'a' && leaf.data[2] == 's' ? NGX_HTTP_REEL_MASTER : NGX_HTTP_REEL_MANIFEST;
        return NGX_OK;
    }

    folder = ngx_http_reel_cut_last(rest);
    before = *rest;
    sub = ngx_http_reel_cut_last(&before);

    if (ngx_http_reel_is(&sub, "sub") && before.len) {
        *rest = before;
        return ngx_http_reel_parse_sidecar(ctx, &leaf, &folder);
    }

    if (ngx_http_reel_parse_track(ctx, &folder) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_reel_is(&leaf, "index.m3u8")) {
        ctx->want.kind = NGX_HTTP_REEL_MEDIA;
    } else if (ngx_http_reel_is(&leaf, "iframes.m3u8") && ctx->want.track) {
        ctx->want.kind = NGX_HTTP_REEL_IFRAMES;
    } else if (ngx_http_reel_is(&leaf, "init.mp4")) {
        ctx->want.kind = NGX_HTTP_REEL_INIT;
    } else if (ngx_http_reel_is(&leaf, "file.vtt") && ctx->want.track) {
        ctx->want.kind = NGX_HTTP_REEL_CUES;
        ctx->want.time = INT64_MIN;
    } else if (ngx_http_reel_ends(&leaf, ".m4s") || ngx_http_reel_ends(&leaf, ".vtt")) {
        return ngx_http_reel_parse_timed(ctx, &leaf);
    } else {
        return ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "a stream has no such part");
    }

    return NGX_OK;
}


/* How often a word stands in the query; and what stands behind the = of the last one, if there is any. */
static ngx_uint_t
ngx_http_reel_word(ngx_http_request_t *r, const char *name, ngx_str_t *value)
{
    size_t      n = ngx_strlen(name);
    u_char     *p = r->args.data, *last, *end;
    ngx_uint_t  found = 0;

    ngx_str_null(value);

    if (p == NULL) {
        return 0;
    }

    last = p + r->args.len;

    for (/* void */; p < last; p = end + 1) {
        end = ngx_strlchr(p, last, '&');
        end = end ? end : last;

        if ((size_t) (end - p) >= n && ngx_strncasecmp(p, (u_char *) name, n) == 0 && (p + n == end || p[n] == '=')) {
            value->data = ngx_min(p + n + 1, end);
            value->len = (size_t) (end - value->data);
            found++;
        }
    }

    return found;
}


/* "name" or "name=1", once. Any other value would be taken for what it is not. */
static ngx_int_t
ngx_http_reel_flag(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, const char *name, ngx_uint_t *set)
{
    ngx_str_t   value;
    ngx_uint_t  n = ngx_http_reel_word(r, name, &value);

    *set = n;

    if (n > 1 || (value.len && !ngx_http_reel_is(&value, "1"))) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_BAD_REQUEST, "%s stands once in a query, and alone", name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_reel_parse_seconds(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, const char *name, int64_t *out)
{
    ngx_str_t   value;
    ngx_uint_t  n = ngx_http_reel_word(r, name, &value);

    if (n == 0) {
        return NGX_OK;
    }

    ctx->want.clip = 1;

    if (n > 1 || ngx_http_reel_seconds(&value, out) != NGX_OK) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_BAD_REQUEST, n > 1 ? "%s is there more than once"
                                                              : "%s is not a number of seconds such as 12.5", name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* Other words are not looked at: caches and statistics put some there. */
static ngx_int_t
ngx_http_reel_parse_clip(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    ngx_uint_t             original;
    ngx_http_reel_want_t  *want = &ctx->want;

    want->start = 0;
    want->end = INT64_MAX;

    if (ngx_http_reel_flag(r, ctx, "original", &original) != NGX_OK
        || ngx_http_reel_parse_seconds(r, ctx, "start", &want->start) != NGX_OK
        || ngx_http_reel_parse_seconds(r, ctx, "end", &want->end) != NGX_OK)
    {
        return NGX_ERROR;
    }

    want->original = original ? 1 : 0;

    if (want->clip && want->original) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_BAD_REQUEST, "original is the whole file: it has no start and no end");
    }

    if (want->clip && want->end <= want->start) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_BAD_REQUEST, "the clip ends before it begins");
    }

    if (want->clip && ctx->conf->clip_limit && want->end != INT64_MAX
        && want->end - want->start > (int64_t) ctx->conf->clip_limit * 1000000)
    {
        ngx_http_reel_refuse(ctx, NGX_HTTP_BAD_REQUEST, "clips are at most %T seconds long here",
                             ctx->conf->clip_limit);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_reel_parse_info(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    ngx_uint_t  boxes, doctor, chart;

    if (ngx_http_reel_flag(r, ctx, "boxes", &boxes) != NGX_OK || ngx_http_reel_flag(r, ctx, "doctor", &doctor) != NGX_OK
        || ngx_http_reel_flag(r, ctx, "chart", &chart) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (boxes + doctor + chart > 1) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_BAD_REQUEST, "one of boxes, doctor and chart at a time");
    }

    if (boxes) {
        ctx->want.kind = NGX_HTTP_REEL_BOXES;
    } else if (doctor) {
        ctx->want.kind = NGX_HTTP_REEL_DOCTOR;
    } else if (chart) {
        ctx->want.kind = NGX_HTTP_REEL_CHART;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_reel_parse_side(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, const char *name, uint32_t *out)
{
    uint64_t    v = 0;
    ngx_str_t   value;
    ngx_uint_t  n = ngx_http_reel_word(r, name, &value);

    if (n == 0) {
        return NGX_OK;
    }

    if (n > 1 || ngx_http_reel_number(value.data, value.len, NGX_HTTP_REEL_SIDE_MAX, &v) != NGX_OK
        || v < NGX_HTTP_REEL_SIDE_MIN)
    {
        ngx_http_reel_refuse(ctx, NGX_HTTP_BAD_REQUEST, "%s stands once, and is a number of pixels from %d to %d", name,
                             NGX_HTTP_REEL_SIDE_MIN, NGX_HTTP_REEL_SIDE_MAX);
        return NGX_ERROR;
    }

    *out = (uint32_t) v;
    return NGX_OK;
}


/* w, h, fit, key */
static ngx_int_t
ngx_http_reel_parse_size(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    ngx_str_t              fit;
    ngx_uint_t             n, key;
    ngx_http_reel_want_t  *want = &ctx->want;

    if (ngx_http_reel_parse_side(r, ctx, "w", &want->width) != NGX_OK
        || ngx_http_reel_parse_side(r, ctx, "h", &want->height) != NGX_OK
        || ngx_http_reel_flag(r, ctx, "key", &key) != NGX_OK)
    {
        return NGX_ERROR;
    }

    n = ngx_http_reel_word(r, "fit", &fit);
    want->cover = n == 0 || ngx_http_reel_is(&fit, "cover") ? 1 : 0;

    if (n > 1 || (!want->cover && !ngx_http_reel_is(&fit, "contain"))) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_BAD_REQUEST, "fit is cover or contain");
    }

    want->key = key && want->kind == NGX_HTTP_REEL_THUMB ? 1 : 0;

    if (want->width == 0 && want->height == 0) {
        want->width = want->kind == NGX_HTTP_REEL_POSTER ? 480 : 320;
    }

    return NGX_OK;
}


/* "storyboard-12.jpg" */
static ngx_int_t
ngx_http_reel_parse_sheet(ngx_http_reel_ctx_t *ctx, const ngx_str_t *leaf)
{
    size_t    n = sizeof("storyboard-") - 1;
    uint64_t  v;

    ctx->want.kind = NGX_HTTP_REEL_SHEET;

    if (leaf->len < n + 4 || ngx_http_reel_number(leaf->data + n, leaf->len - n - 4, UINT32_MAX, &v) != NGX_OK) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "this is no number that a sheet could have");
    }

    ctx->want.time = (int64_t) v;
    return NGX_OK;
}


/* PATH/TIME.jpg, PATH/poster.jpg, PATH/storyboard.vtt, PATH/storyboard-N.jpg */
static ngx_int_t
ngx_http_reel_parse_thumb(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, ngx_str_t *rest)
{
    ngx_str_t  leaf = ngx_http_reel_cut_last(rest);

    if (ngx_http_reel_is(&leaf, "storyboard.vtt")) {
        ctx->want.kind = NGX_HTTP_REEL_BOARD;
        return NGX_OK;
    }

    if (!ngx_http_reel_ends(&leaf, ".jpg")) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "there are TIME.jpg, poster.jpg and storyboard.vtt of a film");
    }

    if (ngx_strncmp(leaf.data, "storyboard-", sizeof("storyboard-") - 1) == 0) {
        return ngx_http_reel_parse_sheet(ctx, &leaf);
    }

    if (ngx_http_reel_is(&leaf, "poster.jpg")) {
        ctx->want.kind = NGX_HTTP_REEL_POSTER;
        return ngx_http_reel_parse_size(r, ctx);
    }

    leaf.len -= 4;

    if (ngx_http_reel_seconds(&leaf, &ctx->want.time) != NGX_OK) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "this is not a number of seconds such as 12.5");
    }

    return ngx_http_reel_parse_size(r, ctx);
}


/* nginx has decoded the path: what was %2F would now be taken for a / that the sender did not mean as one. */
static ngx_uint_t
ngx_http_reel_has_slash(ngx_http_request_t *r)
{
    size_t      i;
    ngx_str_t  *s = &r->unparsed_uri;

    for (i = 0; i + 2 < s->len && s->data[i] != '?'; i++) {
        if (s->data[i] == '%' && s->data[i + 1] == '2' && (s->data[i + 2] | 0x20) == 'f') {
            return 1;
        }
    }

    return 0;
}


/* No part is hidden, "." or "..", empty, or holds what is not for names. */
static ngx_int_t
ngx_http_reel_check_path(ngx_http_reel_ctx_t *ctx, const ngx_str_t *s)
{
    size_t      i;
    ngx_uint_t  begins = 1;

    if (s->len > NGX_HTTP_REEL_PATH_MAX) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_REQUEST_URI_TOO_LARGE, "no file has a path as long as this");
    }

    for (i = 0; i < s->len; i++) {
        if (s->data[i] < ' ' || s->data[i] == 0x7f) {
            return ngx_http_reel_bad(ctx, NGX_HTTP_BAD_REQUEST, "there is a control character in the path");
        }
        if (begins && s->data[i] == '.') {
            return ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "files that begin with a dot are not served");
        }
        if (begins && s->data[i] == '/') {
            return ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "a part of the path is empty");
        }
        begins = s->data[i] == '/';
    }

    if (s->len && begins) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "a film has no / at its end");
    }

    return NGX_OK;
}


static ngx_http_reel_view_t *
ngx_http_reel_find_view(const ngx_str_t *uri, ngx_str_t *rest)
{
    ngx_http_reel_view_t  *v;

    for (v = ngx_http_reel_views; v->name.len; v++) {
        if (uri->len > v->name.len && uri->data[0] == '/'
            && ngx_memcmp(uri->data + 1, v->name.data, v->name.len) == 0
            && (uri->len == v->name.len + 1 || uri->data[v->name.len + 1] == '/'))
        {
            rest->data = uri->data + v->name.len + 1;
            rest->len = uri->len - v->name.len - 1;
            return v;
        }
    }

    return NULL;
}


static ngx_http_reel_view_t *
ngx_http_reel_find_behind(const ngx_str_t *uri, size_t n, ngx_str_t *rest)
{
    ngx_str_t  s = *uri;

    s.data += n;
    s.len -= n;

    return ngx_http_reel_find_view(&s, rest);
}


/*
 * location /films/ { reel; } has its views at /films/hls/..., and so has location /films/hls/; location / and location
 * /hls/ have them at /hls/...
 */
static ngx_http_reel_view_t *
ngx_http_reel_view(ngx_http_request_t *r, ngx_str_t *rest)
{
    ngx_http_reel_view_t      *v = ngx_http_reel_find_view(&r->uri, rest);
    ngx_http_core_loc_conf_t  *clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    size_t                     n = clcf->name.len;

    if (v || clcf->regex || clcf->named || n == 0 || n > r->uri.len
        || ngx_memcmp(r->uri.data, clcf->name.data, n) != 0)
    {
        return v;
    }

    n -= clcf->name.data[n - 1] == '/';
    v = ngx_http_reel_find_behind(&r->uri, n, rest);

    if (v == NULL) {
        while (n > 0 && clcf->name.data[n - 1] != '/') {
            n--;
        }
        v = n ? ngx_http_reel_find_behind(&r->uri, n - 1, rest) : NULL;
    }

    return v;
}


static ngx_int_t
ngx_http_reel_keep(ngx_http_request_t *r, ngx_str_t *s, const ngx_str_t *from)
{
    u_char  *p = ngx_pnalloc(r->pool, from->len + 1);

    if (p == NULL) {
        return NGX_ERROR;
    }

    if (from->len) {
        ngx_memcpy(p, from->data, from->len);
    }

    p[from->len] = '\0';
    s->len = from->len;
    s->data = p;  /* from may be s */

    return NGX_OK;
}


static ngx_int_t
ngx_http_reel_parse_view(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, ngx_http_reel_view_t *v, ngx_str_t *rest)
{
    ctx->want.kind = v->kind;

    if (v->kind == NGX_HTTP_REEL_METRICS) {
        return rest->len ? ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "metrics has no parts") : NGX_OK;
    }

    if (rest->len) {
        rest->data++;
        rest->len--;
    }

    if (v->kind == NGX_HTTP_REEL_LIST) {
        rest->len -= rest->len && rest->data[rest->len - 1] == '/';
        return NGX_OK;
    }

    if (v->stream && ngx_http_reel_parse_stream(ctx, rest) != NGX_OK) {
        return NGX_ERROR;
    }

    if (v->kind == NGX_HTTP_REEL_FILE && ngx_http_reel_parse_clip(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (v->kind == NGX_HTTP_REEL_INFO && ngx_http_reel_parse_info(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (v->kind == NGX_HTTP_REEL_THUMB && ngx_http_reel_parse_thumb(r, ctx, rest) != NGX_OK) {
        return NGX_ERROR;
    }

    return rest->len ? NGX_OK : ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "which film?");
}


ngx_int_t
ngx_http_reel_parse(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    ngx_str_t              rest;
    ngx_http_reel_view_t  *v = ngx_http_reel_view(r, &rest);

    if (v == NULL) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "there are file, hls, dash, info, thumb, list and metrics here");
    }

    if (ngx_http_reel_has_slash(r)) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_BAD_REQUEST, "there is an encoded slash in the path");
    }

    if (ngx_http_reel_parse_view(r, ctx, v, &rest) != NGX_OK || ngx_http_reel_check_path(ctx, &rest) != NGX_OK
        || ngx_http_reel_check_path(ctx, &ctx->want.sidecar) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* Beside films there may be files that are nobody's business. */
    if (rest.len && v->kind != NGX_HTTP_REEL_LIST && ngx_http_reel_film_type(&rest) == NULL) {
        return ngx_http_reel_bad(ctx, NGX_HTTP_NOT_FOUND, "this is not the name of a film");
    }

    if (ngx_http_reel_keep(r, &ctx->want.path, &rest) != NGX_OK
        || ngx_http_reel_keep(r, &ctx->want.sidecar, &ctx->want.sidecar) != NGX_OK)
    {
        return ngx_http_reel_bad(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
    }

    return NGX_OK;
}


/* Where the library lies: root or alias of the location, whatever that is called. */
ngx_int_t
ngx_http_reel_root(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    u_char                    *p;
    ngx_str_t                  root;
    ngx_http_core_loc_conf_t  *clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    root = clcf->root;

    if (clcf->root_lengths) {
        if (ngx_http_script_run(r, &root, clcf->root_lengths->elts, 0, clcf->root_values->elts) == NULL
            || ngx_get_full_name(r->pool, (ngx_str_t *) &ngx_cycle->prefix, &root) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    while (root.len > 1 && root.data[root.len - 1] == '/') {
        root.len--;
    }

    if (ngx_http_reel_keep(r, &ctx->root, &root) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->name.len = root.len + 1 + ctx->want.path.len;
    ctx->name.data = ngx_pnalloc(r->pool, ctx->name.len + 1);
    if (ctx->name.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(ctx->name.data, root.data, root.len);
    *p++ = '/';
    *ngx_cpymem(p, ctx->want.path.data, ctx->want.path.len) = '\0';

    return NGX_OK;
}
