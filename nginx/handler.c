/* SPDX-License-Identifier: BSD-2-Clause */
/* handler.c: the way of a request: parse, open, look into the zone, make, send; and work in threads. */
#include "ngx_http_reel.h"

#include <time.h>


#define NGX_HTTP_REEL_PATIENCE  60000  /* milliseconds */


static ngx_int_t ngx_http_reel_opened(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx);
static ngx_int_t ngx_http_reel_made(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx);


static void
ngx_http_reel_cleanup(void *data)
{
    ngx_http_reel_ctx_t      *ctx = data;
    ngx_http_reel_metrics_t  *m = ngx_http_reel_metrics(ctx->conf);

    if (m) {
        (void) ngx_atomic_fetch_add(&m->bytes, (ngx_atomic_int_t) ctx->request->connection->sent);
    }

    ngx_http_reel_thumb_leave(ctx);
    reel_plan_close(&ctx->plan);

    if (ctx->stale) {
        ctx->stale->busy = 0;
    }

    ngx_http_reel_film_release(ctx->film);
    ngx_http_reel_film_release(ctx->stale);
    ngx_http_reel_film_gone(ctx->opened);

    if (ctx->pool) {
        ngx_destroy_pool(ctx->pool);
    }
}


static ngx_http_reel_ctx_t *
ngx_http_reel_create_ctx(ngx_http_request_t *r)
{
    ngx_http_reel_ctx_t  *ctx;
    ngx_pool_cleanup_t   *cln;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_reel_ctx_t));
    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (ctx == NULL || cln == NULL) {
        return NULL;
    }

    ctx->request = r;
    ctx->conf = ngx_http_get_module_loc_conf(r, ngx_http_reel_module);
    ctx->alloc.resize = ngx_http_reel_resize;
    ctx->alloc.user = r->pool;
    cln->handler = ngx_http_reel_cleanup;
    cln->data = ctx;
    ngx_http_set_ctx(r, ctx, ngx_http_reel_module);

    return ctx;
}


void
ngx_http_reel_refuse(ngx_http_reel_ctx_t *ctx, ngx_uint_t status, const char *fmt, ...)
{
    u_char   *p;
    va_list   args;

    if (ctx->status) {
        return;
    }

    ctx->status = status;
    va_start(args, fmt);
    p = ngx_vslprintf(ctx->reason, ctx->reason + sizeof(ctx->reason) - 1, fmt, args);
    va_end(args);
    *p = '\0';
}


static ngx_uint_t
ngx_http_reel_status_of(int code)
{
    switch (code) {
    case REEL_E_RANGE:
    case REEL_E_NOT_FOUND:
    case REEL_END:
        return NGX_HTTP_NOT_FOUND;
    case REEL_E_NOMEM:
    case REEL_E_SHRUNK:
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    case REEL_E_NOT_MP4:
        return NGX_HTTP_UNSUPPORTED_MEDIA_TYPE;
    case REEL_E_IO:
    case REEL_E_AGAIN:
    case REEL_E_ARG:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    default:
        return NGX_HTTP_REEL_DAMAGED;
    }
}


void
ngx_http_reel_refuse_film(ngx_http_reel_ctx_t *ctx, const reel_error *err)
{
    char  line[400];

    (void) reel_error_format(err, line, sizeof(line));
    ngx_http_reel_refuse(ctx, err->code == REEL_E_UNSUPPORTED && ctx->want.kind == NGX_HTTP_REEL_CUES
                              ? NGX_HTTP_NOT_FOUND : ngx_http_reel_status_of(err->code), "%s", line);
}


static void
ngx_http_reel_run(ngx_http_reel_ctx_t *ctx)
{
    struct timespec  before, after;

    clock_gettime(CLOCK_MONOTONIC, &before);
    ngx_http_reel_make(ctx);
    clock_gettime(CLOCK_MONOTONIC, &after);

    ngx_http_reel_count_plan(ctx->conf, (uint64_t) ((after.tv_sec - before.tv_sec) * 1000000000
                                                    + after.tv_nsec - before.tv_nsec));
}


static void
ngx_http_reel_thread(void *data, ngx_log_t *log)
{
    ngx_http_reel_ctx_t  *ctx = *(ngx_http_reel_ctx_t **) data;

    (void) log;
    ctx->work(ctx);
}


static void
ngx_http_reel_thread_done(ngx_event_t *ev)
{
    ngx_http_request_t  *r = ev->data;
    ngx_connection_t    *c = r->connection;

    ngx_http_set_log_request(c->log, r);

    if (ev->timedout) {
        ngx_log_error(NGX_LOG_ALERT, c->log, 0, "reel: %V: the disk has not answered for a minute", &r->uri);
        ev->timedout = 0;
        return;
    }

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }

    r->main->blocked--;
    r->aio = 0;

    if (r->done) {
        c->write->handler(c->write);
    } else {
        r->write_event_handler(r);
        ngx_http_run_posted_requests(c);
    }
}


void
ngx_http_reel_resume(ngx_http_request_t *r)
{
    ngx_int_t             rc;
    ngx_http_reel_ctx_t  *ctx = ngx_http_get_module_ctx(r, ngx_http_reel_module);

    if (r->aio) {
        return;
    }

    ctx->pending = 0;
    rc = ctx->next(r, ctx);

    if (!ctx->pending) {
        ngx_http_finalize_request(r, rc);
    }
}


/* A pool of its own for work: that of the request belongs to the event loop all the time. */
static ngx_int_t
ngx_http_reel_work_pool(ngx_http_reel_ctx_t *ctx)
{
    if (ctx->pool == NULL) {
        ctx->pool = ngx_create_pool(4096, ngx_cycle->log);
        ctx->alloc.user = ctx->pool;
    }

    return ctx->pool ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_http_reel_do(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, ngx_http_reel_work_pt work,
    ngx_http_reel_next_pt next)
{
    ngx_thread_task_t  *task;

    if (ngx_http_reel_work_pool(ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->conf->threads == NULL) {
        work(ctx);
        return next(r, ctx);
    }

    task = ngx_thread_task_alloc(r->pool, sizeof(ngx_http_reel_ctx_t *));
    if (task == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    *(ngx_http_reel_ctx_t **) task->ctx = ctx;
    task->handler = ngx_http_reel_thread;
    task->event.data = r;
    task->event.handler = ngx_http_reel_thread_done;
    task->event.log = r->connection->log;
    ctx->work = work;
    ctx->next = next;

    if (ngx_thread_task_post(ctx->conf->threads, task) != NGX_OK) {
        if (r->header_sent) {
            return NGX_ERROR;  /* an answer that ends early */
        }
        ngx_http_reel_refuse(ctx, NGX_HTTP_SERVICE_UNAVAILABLE, "too many requests wait for a disk already");
        return ngx_http_reel_send_error(r, ctx);
    }

    /* A worker that is told to end ends when it has no timer left: not before this. */
    ngx_add_timer(&task->event, NGX_HTTP_REEL_PATIENCE);

    r->main->blocked++;
    r->aio = 1;
    r->write_event_handler = ngx_http_reel_resume;
    ctx->pending = 1;

    return NGX_DONE;
}


static ngx_int_t
ngx_http_reel_made(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    if (ctx->film && !ngx_http_reel_film_is_same(ctx->film)) {
        ctx->status = 0;  /* whatever was found out, it was of half of each */
        ngx_http_reel_refuse(ctx, NGX_HTTP_SERVICE_UNAVAILABLE, "the film was written over just now: ask again");
    }

    if (ctx->status == 0 && ctx->plan == NULL) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR, "nothing came of it");
    }

    if (ctx->status) {
        return ngx_http_reel_send_error(r, ctx);
    }

    ngx_http_reel_cache_put(ctx);

    return ngx_http_reel_send(r, ctx);
}


static ngx_int_t
ngx_http_reel_opened(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    if (ctx->status) {
        return ngx_http_reel_send_error(r, ctx);
    }

    if (ngx_http_reel_is_thumb(ctx)) {
        return ngx_http_reel_thumb(r, ctx);
    }

    if (ngx_http_reel_cache_get(r, ctx) == NGX_OK) {
        return ngx_http_reel_send(r, ctx);
    }

    if (ngx_http_reel_is_light(ctx)) {
        ngx_http_reel_run(ctx);
        return ngx_http_reel_made(r, ctx);
    }

    return ngx_http_reel_do(r, ctx, ngx_http_reel_run, ngx_http_reel_made);
}


static ngx_int_t
ngx_http_reel_start(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    ngx_http_reel_metrics_t  *m = ngx_http_reel_metrics(ctx->conf);

    if (ngx_http_reel_parse(r, ctx) != NGX_OK) {
        return ngx_http_reel_send_error(r, ctx);
    }

    if (m) {
        (void) ngx_atomic_fetch_add(&m->requests[ctx->want.kind], 1);
    }

    if (ngx_http_reel_root(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->want.kind == NGX_HTTP_REEL_METRICS) {
        ngx_http_reel_count_films(ctx->conf);
        ngx_http_reel_make_metrics(ctx);
        return ngx_http_reel_made(r, ctx);
    }

    if (ctx->want.kind == NGX_HTTP_REEL_LIST) {
        return ngx_http_reel_do(r, ctx, ngx_http_reel_make_list, ngx_http_reel_made);
    }

    return ngx_http_reel_open(r, ctx, ngx_http_reel_opened);
}


ngx_int_t
ngx_http_reel_handler(ngx_http_request_t *r)
{
    ngx_int_t             rc;
    ngx_http_reel_ctx_t  *ctx;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    ctx = ngx_http_reel_create_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (r->method == NGX_HTTP_OPTIONS && ctx->conf->cross_origin) {
        return ngx_http_reel_send_options(r, ctx);
    }

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_ALLOWED, "only GET and HEAD");
        return ngx_http_reel_send_error(r, ctx);
    }

    rc = ngx_http_reel_start(r, ctx);

    if (ctx->pending) {
        r->main->count++;
        return NGX_DONE;
    }

    return rc;
}
