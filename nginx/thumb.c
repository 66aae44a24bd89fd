/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thumb.c: thumbnails are made by jobs, so many at once in a worker, in nginx's threads; the others wait their turn, so
 * many and no more. A job belongs to nobody: requests for the same thumbnail wait for one job together, and may leave.
 * What nobody waits for any more is not begun; what was begun is finished, and kept in the zone.
 *
 *     request --+                 waiting: job job job
 *     request --+--> job                    |
 *     request -----> job          running: job job  (max)
 */
#include "ngx_http_reel.h"


#define NGX_HTTP_REEL_PATIENCE  60000  /* milliseconds */


struct ngx_http_reel_job_s {
    ngx_queue_t              link;      /* in thumbs->jobs */
    ngx_queue_t              turn;      /* in thumbs->waiting, until it runs */
    ngx_queue_t              waiters;   /* contexts of requests */
    ngx_http_reel_thumbs_t  *thumbs;
    ngx_str_t                key;
    ngx_http_reel_ctx_t      ctx;       /* of no request */
    ngx_thread_task_t       *task;
    unsigned                 running:1;
};


ngx_http_reel_thumbs_t *
ngx_http_reel_thumbs_create(ngx_pool_t *pool, ngx_uint_t max, ngx_uint_t max_waits)
{
    ngx_http_reel_thumbs_t  *thumbs = ngx_pcalloc(pool, sizeof(ngx_http_reel_thumbs_t));

    if (thumbs) {
        ngx_queue_init(&thumbs->jobs);
        ngx_queue_init(&thumbs->waiting);
        thumbs->max = max;
        thumbs->max_waits = max_waits;
    }

    return thumbs;
}


ngx_uint_t
ngx_http_reel_is_thumb(const ngx_http_reel_ctx_t *ctx)
{
    switch (ctx->want.kind) {
    case NGX_HTTP_REEL_THUMB:
    case NGX_HTTP_REEL_POSTER:
    case NGX_HTTP_REEL_BOARD:
    case NGX_HTTP_REEL_SHEET:
        return 1;
    default:
        return 0;
    }
}


ngx_uint_t
ngx_http_reel_has_thumbs(const ngx_http_reel_loc_conf_t *conf)
{
    return ngx_http_reel_can_draw() && conf->thumbs && conf->threads;
}


/* ---- jobs ---- */

static ngx_http_reel_job_t *
ngx_http_reel_job_find(ngx_http_reel_thumbs_t *thumbs, const ngx_str_t *key)
{
    ngx_queue_t          *q;
    ngx_http_reel_job_t  *job;

    for (q = ngx_queue_head(&thumbs->jobs); q != ngx_queue_sentinel(&thumbs->jobs); q = ngx_queue_next(q)) {
        job = ngx_queue_data(q, ngx_http_reel_job_t, link);
        if (job->key.len == key->len && ngx_memcmp(job->key.data, key->data, key->len) == 0) {
            return job;
        }
    }

    return NULL;
}


static void
ngx_http_reel_job_free(ngx_http_reel_job_t *job)
{
    reel_plan_close(&job->ctx.plan);
    ngx_http_reel_film_release(job->ctx.film);
    ngx_destroy_pool(job->ctx.pool);
}


static ngx_int_t
ngx_http_reel_job_fill(ngx_http_reel_job_t *job, ngx_pool_t *pool, const ngx_http_reel_ctx_t *ctx, ngx_str_t *key)
{
    ngx_http_reel_ctx_t  *own = &job->ctx;

    job->thumbs = ctx->conf->thumbs;
    job->key.len = key->len;
    job->key.data = ngx_pstrdup(pool, key);
    job->task = ngx_thread_task_alloc(pool, sizeof(ngx_http_reel_job_t *));
    ngx_queue_init(&job->waiters);

    own->conf = ctx->conf;
    own->want = ctx->want;
    own->want.path.data = ngx_pstrdup(pool, (ngx_str_t *) &ctx->want.path);
    ngx_str_null(&own->want.sidecar);
    own->live = ctx->live;
    own->pool = pool;
    own->alloc.resize = ngx_http_reel_resize;
    own->alloc.user = pool;

    return job->key.data && job->task && own->want.path.data ? NGX_OK : NGX_ERROR;
}


static ngx_http_reel_job_t *
ngx_http_reel_job_create(const ngx_http_reel_ctx_t *ctx, ngx_str_t *key)
{
    ngx_pool_t           *pool = ngx_create_pool(4096, ngx_cycle->log);
    ngx_http_reel_job_t  *job = pool ? ngx_pcalloc(pool, sizeof(ngx_http_reel_job_t)) : NULL;

    if (job == NULL || ngx_http_reel_job_fill(job, pool, ctx, key) != NGX_OK) {
        if (pool) {
            ngx_destroy_pool(pool);
        }
        return NULL;
    }

    job->ctx.film = ctx->film;
    ctx->film->refs++;
    ngx_queue_insert_tail(&job->thumbs->jobs, &job->link);

    return job;
}


/* ---- in a thread ---- */

static void
ngx_http_reel_job_work(void *data, ngx_log_t *log)
{
    uint64_t              ns;
    struct timespec       before, after;
    ngx_http_reel_job_t  *job = *(ngx_http_reel_job_t **) data;

    (void) log;
    clock_gettime(CLOCK_MONOTONIC, &before);
    ngx_http_reel_make(&job->ctx);
    clock_gettime(CLOCK_MONOTONIC, &after);
    ns = (uint64_t) ((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec);

    if (job->ctx.status == 0) {
        ngx_http_reel_count_thumb(job->ctx.conf, ns);
    }
}


/* ---- the end of a job ---- */

/* Its bytes, copied: the request may last longer than the job. */
static void
ngx_http_reel_job_give(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, ngx_http_reel_job_t *job)
{
    size_t   n;
    u_char  *p;

    if (job->ctx.status) {
        ngx_http_reel_refuse(ctx, job->ctx.status, "%s", job->ctx.reason);
        return;
    }

    n = (size_t) reel_plan_size(job->ctx.plan);
    p = ngx_pnalloc(r->pool, n + 1);

    if (p == NULL || reel_plan_read(job->ctx.plan, 0, p, n, NULL) != REEL_OK
        || reel_plan_new(&ctx->alloc, &ctx->plan, NULL) != REEL_OK
        || reel_plan_add_memory(ctx->plan, p, n, NULL) != REEL_OK)
    {
        ngx_http_reel_refuse(ctx, NGX_HTTP_SERVICE_UNAVAILABLE, "out of memory");
    }
}


static void
ngx_http_reel_job_answer(ngx_http_reel_ctx_t *ctx, ngx_http_reel_job_t *job)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r = ctx->request;
    ngx_connection_t    *c = r->connection;

    ngx_queue_remove(&ctx->waiting);
    ctx->job = NULL;
    ngx_http_set_log_request(c->log, r);
    r->read_event_handler = ngx_http_block_reading;
    ctx->pending = 0;

    ngx_http_reel_job_give(r, ctx, job);
    rc = ctx->status ? ngx_http_reel_send_error(r, ctx) : ngx_http_reel_send(r, ctx);

    if (!ctx->pending) {
        ngx_http_finalize_request(r, rc);
    }

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_reel_job_count(const ngx_http_reel_job_t *job)
{
    ngx_uint_t                status = job->ctx.status;
    ngx_http_reel_metrics_t  *m = ngx_http_reel_metrics(job->ctx.conf);

    if (m && status) {
        (void) ngx_atomic_fetch_add(status == NGX_HTTP_GATEWAY_TIME_OUT ? &m->thumb_late : &m->thumb_failed, 1);
    }
}


static void
ngx_http_reel_job_end(ngx_http_reel_job_t *job)
{
    ngx_http_reel_ctx_t  *ctx = &job->ctx;

    if (!ngx_http_reel_film_is_same(ctx->film)) {
        ctx->status = 0;  /* whatever was found out, it was of half of each */
        ngx_http_reel_refuse(ctx, NGX_HTTP_SERVICE_UNAVAILABLE, "the film was written over just now: ask again");
    }

    if (ctx->status == 0 && ctx->plan == NULL) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR, "nothing came of it");
    }

    if (ctx->status == 0) {
        ngx_http_reel_cache_put(ctx);
    }

    ngx_http_reel_job_count(job);
    ngx_queue_remove(&job->link);

    while (!ngx_queue_empty(&job->waiters)) {
        ngx_http_reel_job_answer(ngx_queue_data(ngx_queue_head(&job->waiters), ngx_http_reel_ctx_t, waiting), job);
    }

    ngx_http_reel_job_free(job);
}


static void ngx_http_reel_job_done(ngx_event_t *ev);


static ngx_int_t
ngx_http_reel_job_start(ngx_http_reel_job_t *job)
{
    ngx_thread_task_t  *task = job->task;

    *(ngx_http_reel_job_t **) task->ctx = job;
    task->handler = ngx_http_reel_job_work;
    task->event.data = job;
    task->event.handler = ngx_http_reel_job_done;
    task->event.log = ngx_cycle->log;

    if (ngx_thread_task_post(job->ctx.conf->threads, task) != NGX_OK) {
        ngx_http_reel_refuse(&job->ctx, NGX_HTTP_SERVICE_UNAVAILABLE, "too many requests wait for a disk already");
        return NGX_ERROR;
    }

    /* A worker that is told to end ends when it has no timer left: not before this. */
    ngx_add_timer(&task->event, NGX_HTTP_REEL_PATIENCE);
    job->running = 1;
    job->thumbs->running++;

    return NGX_OK;
}


static void
ngx_http_reel_job_next(ngx_http_reel_thumbs_t *thumbs)
{
    ngx_http_reel_job_t  *job;

    while (thumbs->running < thumbs->max && !ngx_queue_empty(&thumbs->waiting)) {
        job = ngx_queue_data(ngx_queue_head(&thumbs->waiting), ngx_http_reel_job_t, turn);
        ngx_queue_remove(&job->turn);
        thumbs->waits--;
        job->running = 1;  /* nobody who leaves ends it now */

        if (ngx_http_reel_job_start(job) != NGX_OK) {
            ngx_http_reel_job_end(job);
        }
    }
}


static void
ngx_http_reel_job_done(ngx_event_t *ev)
{
    ngx_http_reel_job_t     *job = ev->data;
    ngx_http_reel_thumbs_t  *thumbs = job->thumbs;

    if (ev->timedout) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0, "reel: %V: no thumbnail came of it for a minute",
                      &job->ctx.want.path);
        ev->timedout = 0;
        return;
    }

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }

    thumbs->running--;
    ngx_http_reel_job_next(thumbs);
    ngx_http_reel_job_end(job);
}


/* ---- requests ---- */

static ngx_int_t
ngx_http_reel_wait_for(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, ngx_http_reel_job_t *job)
{
    ngx_queue_insert_tail(&job->waiters, &ctx->waiting);
    ctx->job = job;
    ctx->pending = 1;

    /* Whoever closes the connection is noticed. */
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        ctx->pending = 0;
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_DONE;
}


/* A job of its own: at once, later, or never. */
static ngx_int_t
ngx_http_reel_begin(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, ngx_str_t *key)
{
    ngx_http_reel_job_t      *job;
    ngx_http_reel_thumbs_t   *thumbs = ctx->conf->thumbs;
    ngx_http_reel_metrics_t  *m = ngx_http_reel_metrics(ctx->conf);

    if (thumbs->running >= thumbs->max && thumbs->waits >= thumbs->max_waits) {
        if (m) {
            (void) ngx_atomic_fetch_add(&m->thumb_refused, 1);
        }
        ngx_http_reel_refuse(ctx, NGX_HTTP_SERVICE_UNAVAILABLE, "%ui thumbnails wait to be made already: ask again",
                             thumbs->waits);
        return ngx_http_reel_send_error(r, ctx);
    }

    ngx_http_reel_draw_prepare();
    job = ngx_http_reel_job_create(ctx, key);
    if (job == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (thumbs->running >= thumbs->max) {
        ngx_queue_insert_tail(&thumbs->waiting, &job->turn);
        thumbs->waits++;

    } else if (ngx_http_reel_job_start(job) != NGX_OK) {
        ngx_http_reel_refuse(ctx, job->ctx.status, "%s", job->ctx.reason);
        ngx_queue_remove(&job->link);
        ngx_http_reel_job_free(job);
        return ngx_http_reel_send_error(r, ctx);
    }

    return ngx_http_reel_wait_for(r, ctx, job);
}


void
ngx_http_reel_thumb_leave(ngx_http_reel_ctx_t *ctx)
{
    ngx_http_reel_job_t  *job = ctx->job;

    if (job == NULL) {
        return;
    }

    ngx_queue_remove(&ctx->waiting);
    ctx->job = NULL;

    if (!job->running && ngx_queue_empty(&job->waiters)) {
        ngx_queue_remove(&job->turn);
        ngx_queue_remove(&job->link);
        job->thumbs->waits--;
        ngx_http_reel_job_free(job);
    }
}


static ngx_int_t
ngx_http_reel_thumb_refused(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    if (!ngx_http_reel_can_draw()) {
        ngx_http_reel_make_thumb(ctx);
    } else if (ctx->conf->thumbs == NULL) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "thumbnails are not switched on here");
    } else {
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "thumbnails are made in threads, and here there are none");
    }

    return ngx_http_reel_send_error(r, ctx);
}


ngx_int_t
ngx_http_reel_thumb(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    u_char                    buf[NGX_HTTP_REEL_KEY_MAX];
    ngx_int_t                 rc;
    ngx_str_t                 key;
    ngx_http_reel_job_t      *job;
    ngx_http_reel_metrics_t  *m = ngx_http_reel_metrics(ctx->conf);

    if (!ngx_http_reel_has_thumbs(ctx->conf)) {
        return ngx_http_reel_thumb_refused(r, ctx);
    }

    rc = ngx_http_reel_send_unchanged(r, ctx);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (ngx_http_reel_cache_get(r, ctx) == NGX_OK) {
        if (m) {
            (void) ngx_atomic_fetch_add(&m->thumb_hits, 1);
        }
        return ngx_http_reel_send(r, ctx);
    }

    if (ngx_http_reel_key(ctx, buf, &key) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    job = ngx_http_reel_job_find(ctx->conf->thumbs, &key);
    if (job == NULL) {
        return ngx_http_reel_begin(r, ctx, &key);
    }

    if (m) {
        (void) ngx_atomic_fetch_add(&m->thumb_shared, 1);
    }

    return ngx_http_reel_wait_for(r, ctx, job);
}
