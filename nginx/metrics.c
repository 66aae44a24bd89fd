/* SPDX-License-Identifier: BSD-2-Clause */
/* metrics.c: counters in the shared zone, and how Prometheus reads them. */
#include "ngx_http_reel.h"


#define NGX_HTTP_REEL_METRICS_SIZE  32768


static const char  *ngx_http_reel_kind_names[NGX_HTTP_REEL_KINDS] = {
    "file", "master", "media", "iframes", "manifest", "init", "segment", "picture", "cues", "sub_media", "sub_file",
    "info", "boxes", "doctor", "chart", "thumb", "poster", "storyboard", "sheet", "list", "metrics"
};

/* Upper ends, microseconds. */
static const uint64_t  ngx_http_reel_buckets[NGX_HTTP_REEL_BUCKETS] = {
    10, 25, 50, 100, 250, 500, 1000, 5000, 25000, 100000, 500000, 2500000
};


ngx_http_reel_metrics_t *
ngx_http_reel_metrics(const ngx_http_reel_loc_conf_t *conf)
{
    ngx_http_reel_zone_t  *zone = conf->zone ? conf->zone->data : NULL;

    return zone ? &zone->shared->metrics : NULL;
}


static void
ngx_http_reel_count(ngx_atomic_t *buckets, ngx_atomic_t *sum, uint64_t ns)
{
    ngx_uint_t  i = 0;

    while (i < NGX_HTTP_REEL_BUCKETS && ns > ngx_http_reel_buckets[i] * 1000) {
        i++;
    }

    (void) ngx_atomic_fetch_add(&buckets[i], 1);
    (void) ngx_atomic_fetch_add(sum, (ngx_atomic_int_t) ns);
}


void
ngx_http_reel_count_plan(const ngx_http_reel_loc_conf_t *conf, uint64_t ns)
{
    ngx_http_reel_metrics_t  *m = ngx_http_reel_metrics(conf);

    if (m) {
        ngx_http_reel_count(m->plans, &m->plan_ns, ns);
    }
}


void
ngx_http_reel_count_thumb(const ngx_http_reel_loc_conf_t *conf, uint64_t ns)
{
    ngx_http_reel_metrics_t  *m = ngx_http_reel_metrics(conf);

    if (m) {
        ngx_http_reel_count(m->thumbs, &m->thumb_ns, ns);
    }
}


/* Each worker writes its own, so that one that was killed takes nothing along. */
void
ngx_http_reel_count_films(const ngx_http_reel_loc_conf_t *conf)
{
    ngx_http_reel_metrics_t  *m = ngx_http_reel_metrics(conf);

    if (m && conf->films) {
        m->films[ngx_worker % NGX_HTTP_REEL_WORKERS] = conf->films->count;
    }
}


static u_char *
ngx_http_reel_put_head(u_char *p, u_char *last, const char *name, const char *type, const char *help)
{
    return ngx_slprintf(p, last, "# HELP reel_%s %s\n# TYPE reel_%s %s\n", name, help, name, type);
}


static u_char *
ngx_http_reel_put_one(u_char *p, u_char *last, const char *name, const char *type, const char *help, ngx_uint_t v)
{
    p = ngx_http_reel_put_head(p, last, name, type, help);

    return ngx_slprintf(p, last, "reel_%s %ui\n", name, v);
}


static u_char *
ngx_http_reel_put_requests(u_char *p, u_char *last, ngx_http_reel_metrics_t *m)
{
    ngx_uint_t  i;

    p = ngx_http_reel_put_head(p, last, "requests_total", "counter", "Requests, by what they asked for.");

    for (i = 0; i < NGX_HTTP_REEL_KINDS; i++) {
        p = ngx_slprintf(p, last, "reel_requests_total{kind=\"%s\"} %uA\n", ngx_http_reel_kind_names[i],
                         m->requests[i]);
    }

    p = ngx_http_reel_put_head(p, last, "errors_total", "counter", "Answers of 400 and above, by status.");

    for (i = 0; i < 200; i++) {
        if (m->errors[i]) {
            p = ngx_slprintf(p, last, "reel_errors_total{status=\"%ui\"} %uA\n", i + 400, m->errors[i]);
        }
    }

    return p;
}


static u_char *
ngx_http_reel_put_times(u_char *p, u_char *last, const char *name, const char *help, const ngx_atomic_t *buckets,
    ngx_atomic_uint_t ns)
{
    uint64_t    us;
    ngx_uint_t  i, sum = 0;

    p = ngx_http_reel_put_head(p, last, name, "histogram", help);

    for (i = 0; i < NGX_HTTP_REEL_BUCKETS; i++) {
        sum += buckets[i];
        us = ngx_http_reel_buckets[i];
        p = ngx_slprintf(p, last, "reel_%s_bucket{le=\"%uL.%06uL\"} %ui\n", name, us / 1000000, us % 1000000, sum);
    }

    sum += buckets[NGX_HTTP_REEL_BUCKETS];

    return ngx_slprintf(p, last, "reel_%s_bucket{le=\"+Inf\"} %ui\nreel_%s_sum %uA.%09uA\nreel_%s_count %ui\n", name,
                        sum, name, ns / 1000000000, ns % 1000000000, name, sum);
}


static u_char *
ngx_http_reel_put_thumbs(u_char *p, u_char *last, ngx_http_reel_metrics_t *m)
{
    p = ngx_http_reel_put_times(p, last, "thumb_seconds", "What it took to make a thumbnail or a sheet of them.",
                                m->thumbs, m->thumb_ns);
    p = ngx_http_reel_put_one(p, last, "thumb_hits_total", "counter", "Thumbnails found in the zone.", m->thumb_hits);
    p = ngx_http_reel_put_one(p, last, "thumb_shared_total", "counter", "Requests that got what was made for another.",
                              m->thumb_shared);
    p = ngx_http_reel_put_one(p, last, "thumb_refused_total", "counter",
                              "Requests for which there was no place to wait.", m->thumb_refused);
    p = ngx_http_reel_put_one(p, last, "thumb_late_total", "counter", "Thumbnails that took longer than their budget.",
                              m->thumb_late);

    return ngx_http_reel_put_one(p, last, "thumb_failed_total", "counter",
                                 "Thumbnails that could not be made otherwise.", m->thumb_failed);
}


static u_char *
ngx_http_reel_put_all(u_char *p, u_char *last, const ngx_http_reel_shared_t *shared, ngx_http_reel_metrics_t *m)
{
    ngx_uint_t  i, films = 0;

    for (i = 0; i < NGX_HTTP_REEL_WORKERS; i++) {
        films += m->films[i];
    }

    p = ngx_http_reel_put_requests(p, last, m);
    p = ngx_http_reel_put_times(p, last, "plan_seconds", "What it took to make an answer, not to send it.", m->plans,
                                m->plan_ns);
    p = ngx_http_reel_put_thumbs(p, last, m);
    p = ngx_http_reel_put_one(p, last, "sent_bytes_total", "counter", "Bytes sent, with headers.", m->bytes);
    p = ngx_http_reel_put_one(p, last, "cache_hits_total", "counter", "Answers found in the zone.", m->cache_hits);
    p = ngx_http_reel_put_one(p, last, "cache_misses_total", "counter", "Answers looked for in the zone in vain.",
                              m->cache_misses);
    p = ngx_http_reel_put_one(p, last, "cache_entries", "gauge", "Answers in the zone.", shared->count);
    p = ngx_http_reel_put_one(p, last, "cache_bytes", "gauge", "Their bytes.", shared->bytes);
    p = ngx_http_reel_put_one(p, last, "opens_total", "counter", "Films that were opened.", m->opens);
    p = ngx_http_reel_put_one(p, last, "opens_saved_total", "counter", "Requests whose film was open already.", m->open_hits);

    return ngx_http_reel_put_one(p, last, "open_movies", "gauge", "Films that are open, in all workers.", films);
}


void
ngx_http_reel_make_metrics(ngx_http_reel_ctx_t *ctx)
{
    u_char                   *p, *last;
    ngx_http_reel_zone_t     *zone = ctx->conf->zone ? ctx->conf->zone->data : NULL;
    ngx_http_reel_metrics_t  *m = ngx_http_reel_metrics(ctx->conf);

    if (m == NULL) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "nothing is counted without a reel_zone");
        return;
    }

    p = ngx_pnalloc(ctx->request->pool, NGX_HTTP_REEL_METRICS_SIZE);
    if (p == NULL || reel_plan_new(&ctx->alloc, &ctx->plan, NULL) != REEL_OK) {
        return;
    }

    last = ngx_http_reel_put_all(p, p + NGX_HTTP_REEL_METRICS_SIZE, zone->shared, m);
    (void) reel_plan_add_memory(ctx->plan, p, (size_t) (last - p), NULL);
}
