/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send.c: a plan becomes chains. Long ranges of the film are file buffers (sendfile), short ones memory of the mapping,
 * so that many of them leave in one writev, which up to half a megabyte costs less than sendfile does; a batch of pieces
 * at a time, however many there are. Ranges, conditions and
 * 304 are the business of nginx's own filters: they see buffers of the whole answer, of which the ones in front of a
 * range are one empty promise.
 */
#include "ngx_http_reel.h"

#include <sys/mman.h>
#include <sys/uio.h>


#define NGX_HTTP_REEL_BATCH    512
#define NGX_HTTP_REEL_STRETCH  (2 * 1024 * 1024)  /* what is looked at, and brought in, at once */
#define NGX_HTTP_REEL_PAGES    (4 * NGX_HTTP_REEL_STRETCH / 4096)  /* with what lies between */


static ngx_str_t  ngx_http_reel_m3u8 = ngx_string("application/vnd.apple.mpegurl");
static ngx_str_t  ngx_http_reel_mpd = ngx_string("application/dash+xml");
static ngx_str_t  ngx_http_reel_mp4 = ngx_string("video/mp4");
static ngx_str_t  ngx_http_reel_vtt = ngx_string("text/vtt");
static ngx_str_t  ngx_http_reel_json = ngx_string("application/json");
static ngx_str_t  ngx_http_reel_jpeg = ngx_string("image/jpeg");
static ngx_str_t  ngx_http_reel_text = ngx_string("text/plain");


static const ngx_str_t *
ngx_http_reel_type(const ngx_http_reel_ctx_t *ctx)
{
    switch (ctx->want.kind) {
    case NGX_HTTP_REEL_FILE:
        return ngx_http_reel_film_type(&ctx->want.path);
    case NGX_HTTP_REEL_MASTER:
    case NGX_HTTP_REEL_MEDIA:
    case NGX_HTTP_REEL_IFRAMES:
    case NGX_HTTP_REEL_SUB_MEDIA:
        return &ngx_http_reel_m3u8;
    case NGX_HTTP_REEL_MANIFEST:
        return &ngx_http_reel_mpd;
    case NGX_HTTP_REEL_CUES:
    case NGX_HTTP_REEL_SUB_FILE:
    case NGX_HTTP_REEL_BOARD:
        return &ngx_http_reel_vtt;
    case NGX_HTTP_REEL_THUMB:
    case NGX_HTTP_REEL_POSTER:
    case NGX_HTTP_REEL_SHEET:
        return &ngx_http_reel_jpeg;
    case NGX_HTTP_REEL_INIT:
    case NGX_HTTP_REEL_SEGMENT:
    case NGX_HTTP_REEL_PICTURE:
        return &ngx_http_reel_mp4;
    case NGX_HTTP_REEL_METRICS:
        return &ngx_http_reel_text;
    default:
        return &ngx_http_reel_json;
    }
}


static void
ngx_http_reel_set_type(ngx_http_request_t *r, const ngx_str_t *type)
{
    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_type_lowcase = NULL;

    if (type != &ngx_http_reel_jpeg && ngx_strncmp(type->data, "video", 5) && ngx_strncmp(type->data, "audio", 5)) {
        ngx_str_set(&r->headers_out.charset, "utf-8");
    }
}


static ngx_table_elt_t *
ngx_http_reel_header(ngx_http_request_t *r, const char *name, const char *value)
{
    ngx_table_elt_t  *h = ngx_list_push(&r->headers_out.headers);

    if (h) {
        ngx_memzero(h, sizeof(*h));
        h->hash = 1;
        h->key.data = (u_char *) name;
        h->key.len = ngx_strlen(name);
        h->value.data = (u_char *) value;
        h->value.len = ngx_strlen(value);
    }

    return h;
}


static ngx_int_t
ngx_http_reel_cross_origin(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    if (!ctx->conf->cross_origin) {
        return NGX_OK;
    }

    if (ngx_http_reel_header(r, "Access-Control-Allow-Origin", "*") == NULL
        || ngx_http_reel_header(r, "Access-Control-Expose-Headers",
                                "Accept-Ranges, Content-Length, Content-Range, Date, ETag") == NULL
        || ngx_http_reel_header(r, "Timing-Allow-Origin", "*") == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * The time and the length of the film name it on every server that has it; its answers differ in length too. Thumbnails do
 * without, so that a client that has one is told so before another is made.
 */
static ngx_int_t
ngx_http_reel_set_etag(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    u_char           *p;
    ngx_table_elt_t  *h;

    /* Not of the film, or its time and length may yet be those of another. */
    if (ctx->film == NULL || ctx->film->id.young || ctx->want.kind == NGX_HTTP_REEL_SUB_FILE) {
        r->headers_out.last_modified_time = -1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, 3 * 16 + 8);
    h = ngx_http_reel_header(r, "ETag", "");
    if (p == NULL || h == NULL) {
        return NGX_ERROR;
    }

    h->value.data = p;
    h->value.len = (size_t) (ngx_sprintf(p, "\"%xL-%xL-%xL\"", ctx->film->id.mtime, ctx->film->id.size,
                                         ngx_http_reel_is_thumb(ctx) ? (int64_t) 0 : (int64_t) ctx->size) - p);
    r->headers_out.etag = h;

    return NGX_OK;
}


static ngx_int_t
ngx_http_reel_set_age(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    ngx_table_elt_t  *h;

    if (ctx->film && ctx->film->id.young && !ctx->live) {
        return ngx_http_reel_header(r, "Cache-Control", "no-store") ? NGX_OK : NGX_ERROR;
    }

    switch (ctx->want.kind) {
    case NGX_HTTP_REEL_LIST:
    case NGX_HTTP_REEL_METRICS:
        h = ngx_http_reel_header(r, "Cache-Control", "no-cache");
        break;
    case NGX_HTTP_REEL_MASTER:
    case NGX_HTTP_REEL_MEDIA:
    case NGX_HTTP_REEL_IFRAMES:
    case NGX_HTTP_REEL_MANIFEST:
    case NGX_HTTP_REEL_SUB_MEDIA:
    case NGX_HTTP_REEL_POSTER:
    case NGX_HTTP_REEL_BOARD:
    case NGX_HTTP_REEL_SHEET:
        if (!ctx->live) {
            return NGX_OK;
        }
        h = ngx_http_reel_header(r, "Cache-Control", "max-age=1");
        break;
    default:
        return NGX_OK;
    }

    return h ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_reel_set_headers(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    ctx->size = reel_plan_size(ctx->plan);

    if (ctx->size > NGX_MAX_OFF_T_VALUE) {
        return NGX_ERROR;
    }

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = (off_t) ctx->size;
    ngx_http_reel_set_type(r, ngx_http_reel_type(ctx));

    /* Several ranges at once are for answers of one buffer, which a file as it lies is. */
    r->allow_ranges = 1;
    r->single_range = reel_plan_count(ctx->plan) > 1;

    if (ngx_http_reel_set_etag(r, ctx) != NGX_OK || ngx_http_reel_set_age(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_reel_cross_origin(r, ctx);
}


static void
ngx_http_reel_buf_of_file(ngx_http_reel_ctx_t *ctx, ngx_buf_t *b, uint64_t offset, uint64_t size)
{
    b->in_file = 1;
    b->file = &ctx->file;
    b->file_pos = (off_t) offset;
    b->file_last = (off_t) (offset + size);
}


static void
ngx_http_reel_buf_of_memory(ngx_buf_t *b, const void *data, size_t size)
{
    b->memory = 1;
    b->pos = b->start = (u_char *) data;
    b->last = b->end = b->pos + size;
}


static void
ngx_http_reel_fill(ngx_http_reel_ctx_t *ctx, ngx_buf_t *b, const reel_piece *piece)
{
    size_t        n = 1;
    uint64_t      covered = 0;
    struct iovec  v;

    if (piece->data) {
        ngx_http_reel_buf_of_memory(b, piece->data, (size_t) piece->size);
        return;
    }

    if (piece->size < ctx->conf->sendfile_min
        && reel_plan_iovecs(ctx->plan, piece->at, piece->at + piece->size, &v, &n, &covered) == REEL_OK
        && n == 1 && covered == piece->size)
    {
        ngx_http_reel_buf_of_memory(b, v.iov_base, (size_t) piece->size);
        return;
    }

    ngx_http_reel_buf_of_file(ctx, b, piece->offset, piece->size);
}


/* Where the film's part of these bytes lies, from its first to its last; a film without mapping has none. */
static ngx_uint_t
ngx_http_reel_hull(ngx_http_reel_ctx_t *ctx, uint64_t at, uint64_t end, uintptr_t *low, uintptr_t *high)
{
    size_t        n;
    uint64_t      covered;
    reel_piece    piece;
    struct iovec  v;

    *low = *high = 0;

    for (; reel_plan_piece(ctx->plan, at, end, &piece) == REEL_OK; at += piece.size) {
        if (piece.data) {
            continue;
        }

        n = 1;
        if (reel_plan_iovecs(ctx->plan, at, at + piece.size, &v, &n, &covered) != REEL_OK || n != 1) {
            return 0;
        }

        *low = *high ? ngx_min(*low, (uintptr_t) v.iov_base) : (uintptr_t) v.iov_base;
        *high = ngx_max(*high, (uintptr_t) v.iov_base + v.iov_len);
    }

    return 1;
}


/*
 * Does a read of these bytes have to wait for the disk? nginx's aio threads would take every sendfile to a thread and
 * back, which costs more than a warm segment does; this is one call to the kernel for two megabytes.
 */
static ngx_uint_t
ngx_http_reel_is_cold(ngx_http_reel_ctx_t *ctx, uint64_t at, uint64_t end)
{
    size_t         n;
    uintptr_t      low, high;
    unsigned char  there[NGX_HTTP_REEL_PAGES];

    if (!ngx_http_reel_hull(ctx, at, end, &low, &high)) {
        return 1;
    }

    low -= low % ngx_pagesize;
    n = (high - low + ngx_pagesize - 1) / ngx_pagesize;

    if (n > NGX_HTTP_REEL_PAGES || (n && mincore((void *) low, high - low, there) < 0)) {
        return 1;
    }

    while (n) {
        if (!(there[--n] & 1)) {
            return 1;
        }
    }

    return 0;
}


/* In a thread: into the page cache, from where they are sent. What cannot be read is found out when it is sent. */
static void
ngx_http_reel_warm(ngx_http_reel_ctx_t *ctx)
{
    ssize_t     n;
    u_char      buf[65536];
    uint64_t    at, done;
    reel_piece  piece;

    for (at = ctx->at; reel_plan_piece(ctx->plan, at, ctx->warm, &piece) == REEL_OK; at += piece.size) {
        for (done = 0; !piece.data && done < piece.size; done += (uint64_t) n) {
            n = pread(ctx->file.fd, buf, ngx_min(sizeof(buf), piece.size - done), (off_t) (piece.offset + done));
            if (n <= 0) {
                break;
            }
        }
    }
}


static ngx_chain_t *
ngx_http_reel_link(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    ngx_chain_t  *cl = ngx_chain_get_free_buf(r->pool, &ctx->free);

    if (cl) {
        ngx_memzero(cl->buf, sizeof(ngx_buf_t));
        cl->buf->tag = (ngx_buf_tag_t) &ngx_http_reel_module;
    }

    return cl;
}


/* The next pieces, up to stop; the last one of all is marked so. */
static ngx_int_t
ngx_http_reel_batch(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, uint64_t stop, ngx_chain_t **out)
{
    ngx_uint_t     n = 0;
    reel_piece     piece;
    ngx_chain_t   *cl = NULL, **last = out;

    while (n < NGX_HTTP_REEL_BATCH && reel_plan_piece(ctx->plan, ctx->at, stop, &piece) == REEL_OK) {
        cl = ngx_http_reel_link(r, ctx);
        if (cl == NULL) {
            return NGX_ERROR;
        }

        ngx_http_reel_fill(ctx, cl->buf, &piece);
        ctx->at += piece.size;
        *last = cl;
        last = &cl->next;
        n++;
    }

    *last = NULL;

    if (cl && ctx->at >= ctx->end) {
        cl->buf->last_buf = r == r->main;
        cl->buf->last_in_chain = 1;
    }

    return NGX_OK;
}


/* One buffer for all that the range leaves out in front: the range filter drops it unread. */
static ngx_int_t
ngx_http_reel_skip(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    ngx_chain_t  *cl;

    if (r->headers_out.status != NGX_HTTP_PARTIAL_CONTENT || r->headers_out.content_range == NULL
        || r->headers_out.content_offset < 0
        || r->headers_out.content_offset + r->headers_out.content_length_n > (off_t) ctx->size)
    {
        return NGX_OK;
    }

    ctx->at = (uint64_t) r->headers_out.content_offset;
    ctx->end = ctx->at + (uint64_t) r->headers_out.content_length_n;

    if (ctx->at == 0) {
        return NGX_OK;
    }

    cl = ngx_http_reel_link(r, ctx);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    ngx_http_reel_buf_of_file(ctx, cl->buf, 0, ctx->at);
    cl->next = NULL;

    return ngx_http_output_filter(r, cl);
}


static ngx_int_t ngx_http_reel_send_body(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx);


static ngx_int_t
ngx_http_reel_wait(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    ngx_event_t               *wev = r->connection->write;
    ngx_http_core_loc_conf_t  *clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ctx->next = ngx_http_reel_send_body;
    ctx->pending = 1;
    r->write_event_handler = ngx_http_reel_resume;

    if (!wev->delayed && !r->aio) {
        ngx_add_timer(wev, clcf->send_timeout);
    }

    if (ngx_handle_write_event(wev, clcf->send_lowat) != NGX_OK) {
        ctx->pending = 0;
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}


/* One batch up to stop, or what is left of the one before. */
static ngx_int_t
ngx_http_reel_push(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, uint64_t stop)
{
    ngx_int_t     rc;
    ngx_chain_t  *out = NULL;

    if (ctx->busy == NULL && ngx_http_reel_batch(r, ctx, stop, &out) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_output_filter(r, out);
    ngx_chain_update_chains(r->pool, &ctx->free, &ctx->busy, &out, (ngx_buf_tag_t) &ngx_http_reel_module);

    return rc;
}


/* Does what comes next have to be brought in by a thread first? Then *stop says how much. */
static ngx_uint_t
ngx_http_reel_is_far(ngx_http_reel_ctx_t *ctx, uint64_t *stop)
{
    *stop = ctx->end;

    if (ctx->conf->threads == NULL) {
        return 0;
    }

    *stop = ngx_min(ctx->end, ctx->at + NGX_HTTP_REEL_STRETCH);

    return ctx->busy == NULL && ctx->at >= ctx->warm && ngx_http_reel_is_cold(ctx, ctx->at, *stop);
}


/* Batch after batch, as far as the connection takes them. */
static ngx_int_t
ngx_http_reel_send_body(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    uint64_t      stop;
    ngx_int_t     rc = NGX_OK;
    ngx_event_t  *wev = r->connection->write;

    if (wev->timedout) {
        r->connection->timedout = 1;
        return NGX_HTTP_REQUEST_TIME_OUT;
    }

    /* What waits in buffers is the file itself: a slow client must not get half of what is there now. */
    if (ctx->film && !ngx_http_reel_film_is_same(ctx->film)) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "reel: %V: written over while it was sent", &ctx->name);
        return NGX_ERROR;
    }

    while (ctx->at < ctx->end) {
        if (ngx_http_reel_is_far(ctx, &stop)) {
            if (wev->timer_set) {
                ngx_del_timer(wev);
            }
            ctx->warm = stop;
            return ngx_http_reel_do(r, ctx, ngx_http_reel_warm, ngx_http_reel_send_body);
        }

        rc = ngx_http_reel_push(r, ctx, stop);

        if (rc == NGX_ERROR || rc > NGX_OK) {
            return rc;
        }

        /* Over TLS the last record of a stretch stays in nginx's buffer: all was taken, and no event comes for it. */
        if (ctx->at < ctx->end && (ctx->busy || (rc == NGX_AGAIN && !wev->ready))) {
            return ngx_http_reel_wait(r, ctx);
        }
    }

    if (wev->timer_set && !wev->delayed) {
        ngx_del_timer(wev);
    }

    return rc;
}


ngx_int_t
ngx_http_reel_send(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (ngx_http_reel_set_headers(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    ctx->at = 0;
    ctx->end = ctx->size;
    ctx->file.fd = ctx->film ? ctx->film->fd : NGX_INVALID_FILE;
    ctx->file.name = ctx->name;
    ctx->file.log = r->connection->log;

    rc = ngx_http_reel_skip(r, ctx);
    if (rc == NGX_ERROR) {
        return rc;
    }

    if (ctx->end == 0) {
        return ngx_http_send_special(r, NGX_HTTP_LAST);
    }

    return ngx_http_reel_send_body(r, ctx);
}


static ngx_uint_t
ngx_http_reel_is_unchanged(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h = r->headers_in.if_none_match, *etag = r->headers_out.etag;

    if (h) {
        return h->value.len == etag->value.len && ngx_memcmp(h->value.data, etag->value.data, h->value.len) == 0;
    }

    h = r->headers_in.if_modified_since;

    return h && ngx_parse_http_time(h->value.data, h->value.len) == r->headers_out.last_modified_time;
}


ngx_int_t
ngx_http_reel_send_unchanged(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    if ((r->headers_in.if_none_match == NULL && r->headers_in.if_modified_since == NULL) || ctx->film->id.young) {
        return NGX_DECLINED;
    }

    if (ngx_http_reel_set_etag(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (!ngx_http_reel_is_unchanged(r)) {
        r->headers_out.etag->hash = 0;  /* it comes with the answer, or not at all */
        r->headers_out.etag = NULL;
        return NGX_DECLINED;
    }

    if (ngx_http_reel_set_age(r, ctx) != NGX_OK || ngx_http_reel_cross_origin(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_NOT_MODIFIED;
    r->headers_out.content_length_n = -1;
    r->header_only = 1;

    return ngx_http_send_header(r);
}


static ngx_int_t
ngx_http_reel_send_text(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, const u_char *text, size_t n)
{
    ngx_int_t    rc;
    ngx_buf_t   *b = ngx_calloc_buf(r->pool);
    ngx_chain_t  out;

    if (b == NULL || ngx_http_reel_cross_origin(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_reel_set_type(r, &ngx_http_reel_text);
    r->headers_out.content_length_n = (off_t) n;
    r->headers_out.last_modified_time = -1;

    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    ngx_http_reel_buf_of_memory(b, text, n);
    b->last_buf = r == r->main;
    b->last_in_chain = 1;
    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


/* One line, whatever stood in the request. */
static void
ngx_http_reel_log_refusal(ngx_http_request_t *r, const ngx_http_reel_ctx_t *ctx)
{
    size_t  i;
    u_char  uri[256];

    for (i = 0; i < r->uri.len && i < sizeof(uri) - 1; i++) {
        uri[i] = r->uri.data[i] < ' ' || r->uri.data[i] == 0x7f ? '?' : r->uri.data[i];
    }
    uri[i] = '\0';

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "reel: %s: %s", uri, ctx->reason);
}


/* One line of text, whatever names it holds. */
ngx_int_t
ngx_http_reel_send_error(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    u_char                    *p;
    ngx_http_reel_metrics_t   *m = ngx_http_reel_metrics(ctx->conf);
    ngx_http_core_loc_conf_t  *clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (ctx->status == 0) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
    }

    for (p = ctx->reason; *p; p++) {
        if (*p < ' ' || *p == 0x7f) {
            *p = '?';
        }
    }

    if (ctx->status != NGX_HTTP_NOT_FOUND || clcf->log_not_found) {
        ngx_http_reel_log_refusal(r, ctx);
    }

    if (m && ctx->status >= 400 && ctx->status < 600) {
        (void) ngx_atomic_fetch_add(&m->errors[ctx->status - 400], 1);
    }

    if (ctx->status == NGX_HTTP_NOT_ALLOWED && ngx_http_reel_header(r, "Allow", "GET, HEAD") == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->status == NGX_HTTP_SERVICE_UNAVAILABLE && ngx_http_reel_is_thumb(ctx)
        && ngx_http_reel_header(r, "Retry-After", "1") == NULL)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = ctx->status;
    *p++ = '\n';

    return ngx_http_reel_send_text(r, ctx, ctx->reason, (size_t) (p - ctx->reason));
}


/* What a page of another origin asks before it sends Range. */
ngx_int_t
ngx_http_reel_send_options(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    if (ngx_http_reel_header(r, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS") == NULL
        || ngx_http_reel_header(r, "Access-Control-Allow-Headers", "Range, If-Range, If-None-Match") == NULL
        || ngx_http_reel_header(r, "Access-Control-Max-Age", "86400") == NULL
        || ngx_http_reel_cross_origin(r, ctx) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_NO_CONTENT;
    r->headers_out.content_length_n = 0;
    r->header_only = 1;

    return ngx_http_send_header(r);
}
