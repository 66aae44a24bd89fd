/* SPDX-License-Identifier: BSD-2-Clause */
/* info.c: what the command prints of a film, by the command's own writers; and a chart of its groups of pictures. */
#include "ngx_http_reel.h"
#include "json.h"

#include "facts.h"
#include "report.h"


#define NGX_HTTP_REEL_CHART_MAX     4000  /* entries a track: longer films have several groups in one */
#define NGX_HTTP_REEL_CHART_TRACKS  64


static void
ngx_http_reel_make_report(ngx_http_reel_ctx_t *ctx, enum report kind)
{
    ngx_http_reel_json_t  *j = ngx_http_reel_json_open(ctx);

    if (j == NULL) {
        return;
    }

    if (ctx->film->source == NULL) {
        ngx_http_reel_refuse_film(ctx, &ctx->film->err);
        return;
    }

    j->error = report_json(kind, ctx->film->source, ctx->film->movie, (char *) ctx->want.path.data,
                           ngx_http_reel_json_take, j);
    ngx_http_reel_json_done(ctx, j);
}


/* Samples first to end, the first of them a sync sample. */
static int
ngx_http_reel_put_group(struct json *out, const reel_track *track, uint64_t first, uint64_t end)
{
    int          code;
    uint64_t     bytes;
    uint32_t     scale = reel_track_timescale(track);
    reel_sample  a, z;

    code = reel_track_sample(track, first, &a, NULL);
    if (code == REEL_OK) {
        code = reel_track_sample(track, end - 1, &z, NULL);
    }
    if (code == REEL_OK) {
        code = reel_track_bytes(track, first, end, &bytes, NULL);
    }
    if (code != REEL_OK) {
        return code;
    }

    json_object(out, NULL);
    json_seconds(out, "time", a.pts + reel_track_stream_shift(track), scale);
    json_seconds(out, "duration", z.dts + z.duration - a.dts, scale);
    json_u64(out, "bytes", bytes);
    json_u64(out, "frames", end - first);
    json_close(out, '}');

    return REEL_OK;
}


/*
 * Steps of a four-thousandth of the track at least. budget: samples that a film of its size may have; one that claims more
 * has no chart, since runs of fragments are gone through for their bytes.
 */
static void
ngx_http_reel_put_groups(struct json *out, const reel_track *track, uint64_t *budget)
{
    uint64_t    i = 0, next, step, count;
    ngx_uint_t  n;

    if (reel_track_sample_count(track, &count, NULL) != REEL_OK || count > *budget) {
        return;
    }

    *budget -= count;

    step = count / NGX_HTTP_REEL_CHART_MAX + 1;

    for (n = 0; n < NGX_HTTP_REEL_CHART_MAX && i < count; n++, i = next) {
        if (i + step >= count || n + 1 == NGX_HTTP_REEL_CHART_MAX
            || reel_track_find_sync(track, i + step, REEL_SEEK_NEXT, &next, NULL) != REEL_OK || next <= i)
        {
            next = count;
        }
        if (ngx_http_reel_put_group(out, track, i, next) != REEL_OK) {
            break;
        }
    }
}


static void
ngx_http_reel_put_chart(struct json *out, const reel_movie *movie)
{
    size_t             i;
    uint64_t           budget = facts_budget(movie);
    reel_track_info    info;
    const reel_track  *track;

    json_object(out, NULL);
    json_array(out, "tracks");

    for (i = 0; i < reel_movie_track_count(movie); i++) {
        track = reel_movie_track(movie, i);
        reel_track_get_info(track, &info);
        json_object(out, NULL);
        json_u64(out, "id", info.id);
        json_str(out, "type", reel_track_type_name(info.type));
        json_array(out, "gops");
        if (i < NGX_HTTP_REEL_CHART_TRACKS) {
            ngx_http_reel_put_groups(out, track, &budget);
        }
        json_close(out, ']');
        json_close(out, '}');
    }

    json_close(out, ']');
    json_close(out, '}');
}


static void
ngx_http_reel_make_chart(ngx_http_reel_ctx_t *ctx)
{
    ngx_http_reel_json_t  *j = ngx_http_reel_json_open(ctx);

    if (j) {
        ngx_http_reel_put_chart(&j->json, ctx->film->movie);
        ngx_http_reel_json_done(ctx, j);
    }
}


void
ngx_http_reel_make_info(ngx_http_reel_ctx_t *ctx)
{
    switch (ctx->want.kind) {
    case NGX_HTTP_REEL_BOXES:
        ngx_http_reel_make_report(ctx, REPORT_BOXES);
        break;
    case NGX_HTTP_REEL_DOCTOR:
        ngx_http_reel_make_report(ctx, REPORT_DOCTOR);
        break;
    case NGX_HTTP_REEL_CHART:
        ngx_http_reel_make_chart(ctx);
        break;
    default:
        ngx_http_reel_make_report(ctx, REPORT_INFO);
    }
}
