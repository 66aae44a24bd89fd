/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cache.c: what is small and takes a walk through the film, kept for all workers in shared memory: playlists, manifests,
 * init segments, JSON. The key holds what the answer depends on: which file, of which time and length, what of it, and
 * with which settings; so nothing in here is ever wrong, only old, and the oldest goes when room is short.
 */
#include "ngx_http_reel.h"


typedef struct {
    ngx_str_node_t  sn;
    ngx_queue_t     queue;
    time_t          made;
    size_t          size;
    /* the key, then the bytes */
} ngx_http_reel_entry_t;


ngx_int_t
ngx_http_reel_zone_init(ngx_shm_zone_t *shm, void *data)
{
    ngx_http_reel_zone_t    *old = data, *zone = shm->data;
    ngx_http_reel_shared_t  *shared;

    if (old) {
        *zone = *old;
        return NGX_OK;
    }

    zone->slab = (ngx_slab_pool_t *) shm->shm.addr;

    if (shm->shm.exists) {
        zone->shared = zone->slab->data;
        return NGX_OK;
    }

    shared = ngx_slab_calloc(zone->slab, sizeof(ngx_http_reel_shared_t));
    if (shared == NULL) {
        return NGX_ERROR;
    }

    ngx_rbtree_init(&shared->rbtree, &shared->sentinel, ngx_str_rbtree_insert_value);
    ngx_queue_init(&shared->queue);
    zone->shared = shared;
    zone->slab->data = shared;
    zone->slab->log_nomem = 0;

    return NGX_OK;
}


ngx_uint_t
ngx_http_reel_is_cached(const ngx_http_reel_ctx_t *ctx)
{
    switch (ctx->want.kind) {
    case NGX_HTTP_REEL_MASTER:
    case NGX_HTTP_REEL_MEDIA:
    case NGX_HTTP_REEL_IFRAMES:
    case NGX_HTTP_REEL_MANIFEST:
    case NGX_HTTP_REEL_INIT:
    case NGX_HTTP_REEL_CUES:
    case NGX_HTTP_REEL_SUB_MEDIA:
    case NGX_HTTP_REEL_INFO:
    case NGX_HTTP_REEL_DOCTOR:
    case NGX_HTTP_REEL_CHART:
    case NGX_HTTP_REEL_THUMB:
    case NGX_HTTP_REEL_POSTER:
    case NGX_HTTP_REEL_BOARD:
    case NGX_HTTP_REEL_SHEET:
        return ctx->conf->zone != NULL;
    default:
        return 0;
    }
}


/* What a folder holds beside the film: renditions and subtitle files. Their contents may change without it: a minute. */
static ngx_uint_t
ngx_http_reel_uses_folder(const ngx_http_reel_ctx_t *ctx)
{
    return ctx->want.kind == NGX_HTTP_REEL_MASTER || ctx->want.kind == NGX_HTTP_REEL_MANIFEST
           || ctx->want.kind == NGX_HTTP_REEL_SUB_MEDIA;
}


ngx_int_t
ngx_http_reel_key(const ngx_http_reel_ctx_t *ctx, u_char *buf, ngx_str_t *key)
{
    u_char                    *p;
    const ngx_http_reel_id_t  *id = &ctx->film->id;

    p = ngx_snprintf(buf, NGX_HTTP_REEL_KEY_MAX, "%uL %uL %L %L %L %ui %L %ui %uD %L %M %d%d%d%d %uDx%uD %V %V", id->dev,
                     id->ino, id->size, id->mtime, id->ctime, id->young,
                     ngx_http_reel_uses_folder(ctx) ? id->folder : (int64_t) 0, ctx->want.kind, ctx->want.track,
                     ctx->want.time, ctx->conf->segment, (int) ctx->live, (int) ctx->conf->subtitles,
                     (int) ctx->want.cover, (int) ctx->want.key, ctx->want.width,
                     ctx->want.height, &ctx->want.sidecar, &ctx->want.path);

    key->data = buf;
    key->len = (size_t) (p - buf);

    return key->len < NGX_HTTP_REEL_KEY_MAX ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_reel_entry_free(ngx_http_reel_zone_t *zone, ngx_http_reel_entry_t *e)
{
    ngx_rbtree_delete(&zone->shared->rbtree, &e->sn.node);
    ngx_queue_remove(&e->queue);
    zone->shared->count--;
    zone->shared->bytes -= e->size;
    ngx_slab_free_locked(zone->slab, e);
}


static ngx_http_reel_entry_t *
ngx_http_reel_entry_find(ngx_http_reel_zone_t *zone, ngx_str_t *key, uint32_t hash)
{
    ngx_str_node_t  *node = ngx_str_rbtree_lookup(&zone->shared->rbtree, key, hash);

    return node ? ngx_rbtree_data(node, ngx_http_reel_entry_t, sn) : NULL;
}


/* A copy: the request may last longer than the entry. */
static u_char *
ngx_http_reel_entry_copy(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, ngx_str_t *key, size_t *size)
{
    u_char                 *p = NULL;
    uint32_t                hash = ngx_crc32_long(key->data, key->len);
    ngx_http_reel_zone_t   *zone = ctx->conf->zone->data;
    ngx_http_reel_entry_t  *e;

    ngx_shmtx_lock(&zone->slab->mutex);

    e = ngx_http_reel_entry_find(zone, key, hash);

    if (e && ngx_http_reel_uses_folder(ctx) && ngx_time() - e->made > 60) {
        ngx_http_reel_entry_free(zone, e);
        e = NULL;
    }

    if (e) {
        p = ngx_pnalloc(r->pool, e->size + 1);
    }

    if (p) {
        *size = e->size;
        ngx_memcpy(p, e->sn.str.data + e->sn.str.len, e->size);
        ngx_queue_remove(&e->queue);
        ngx_queue_insert_head(&zone->shared->queue, &e->queue);
    }

    ngx_shmtx_unlock(&zone->slab->mutex);

    return p;
}


ngx_int_t
ngx_http_reel_cache_get(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    u_char                    buf[NGX_HTTP_REEL_KEY_MAX], *p;
    size_t                    size;
    ngx_str_t                 key;
    ngx_http_reel_metrics_t  *m = ngx_http_reel_metrics(ctx->conf);

    if (!ngx_http_reel_is_cached(ctx) || ngx_http_reel_key(ctx, buf, &key) != NGX_OK) {
        return NGX_DECLINED;
    }

    p = ngx_http_reel_entry_copy(r, ctx, &key, &size);
    (void) ngx_atomic_fetch_add(p ? &m->cache_hits : &m->cache_misses, 1);

    if (p == NULL || reel_plan_new(&ctx->alloc, &ctx->plan, NULL) != REEL_OK) {
        return NGX_DECLINED;
    }

    ctx->cached = 1;

    if (reel_plan_add_memory(ctx->plan, p, size, NULL) != REEL_OK) {
        reel_plan_close(&ctx->plan);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static void
ngx_http_reel_entry_add(ngx_http_reel_ctx_t *ctx, ngx_http_reel_zone_t *zone, ngx_str_t *key, size_t size)
{
    size_t                  n = sizeof(ngx_http_reel_entry_t) + key->len + size;
    u_char                 *p;
    uint32_t                hash = ngx_crc32_long(key->data, key->len);
    ngx_http_reel_entry_t  *e;

    if (ngx_http_reel_entry_find(zone, key, hash)) {
        return;  /* another request was quicker */
    }

    while ((e = ngx_slab_alloc_locked(zone->slab, n)) == NULL && !ngx_queue_empty(&zone->shared->queue)) {
        ngx_http_reel_entry_free(zone, ngx_queue_data(ngx_queue_last(&zone->shared->queue), ngx_http_reel_entry_t,
                                                      queue));
    }

    if (e == NULL) {
        return;
    }

    p = (u_char *) (e + 1);
    e->sn.node.key = hash;
    e->sn.str.data = p;
    e->sn.str.len = key->len;
    e->size = size;
    e->made = ngx_time();
    p = ngx_cpymem(p, key->data, key->len);

    if (reel_plan_read(ctx->plan, 0, p, size, NULL) != REEL_OK) {
        ngx_slab_free_locked(zone->slab, e);
        return;
    }

    ngx_rbtree_insert(&zone->shared->rbtree, &e->sn.node);
    ngx_queue_insert_head(&zone->shared->queue, &e->queue);
    zone->shared->count++;
    zone->shared->bytes += size;
}


void
ngx_http_reel_cache_put(ngx_http_reel_ctx_t *ctx)
{
    u_char                 buf[NGX_HTTP_REEL_KEY_MAX];
    uint64_t               size = reel_plan_size(ctx->plan);
    ngx_str_t              key;
    ngx_http_reel_zone_t  *zone;

    if (!ngx_http_reel_is_cached(ctx) || (ctx->film->id.young && !ctx->live)
        || ngx_http_reel_key(ctx, buf, &key) != NGX_OK)
    {
        return;
    }

    zone = ctx->conf->zone->data;

    /* One answer does not push out all the others. */
    if (size > ctx->conf->zone->shm.size / 8) {
        return;
    }

    ngx_shmtx_lock(&zone->slab->mutex);
    ngx_http_reel_entry_add(ctx, zone, &key, (size_t) size);
    ngx_shmtx_unlock(&zone->slab->mutex);
}
