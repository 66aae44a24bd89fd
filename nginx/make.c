/* SPDX-License-Identifier: BSD-2-Clause */
/* make.c: from what is wanted of an open film to a plan. Knows reel, and of the request only what request.c read. */
#include "ngx_http_reel.h"


typedef void (*ngx_http_reel_make_pt)(ngx_http_reel_ctx_t *ctx);

typedef struct {
    reel_segmenter     segmenter;
    const reel_track  *tracks[2];
    size_t             n;
} ngx_http_reel_stream_t;


static ngx_int_t
ngx_http_reel_check(ngx_http_reel_ctx_t *ctx, int code, const reel_error *err)
{
    if (code == REEL_OK) {
        return NGX_OK;
    }

    if (code == REEL_END) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "there is nothing of this track there");
    } else {
        ngx_http_reel_refuse_film(ctx, err);
    }

    return NGX_ERROR;
}


static const reel_track *
ngx_http_reel_first(const reel_movie *movie, uint32_t type)
{
    size_t             i;
    reel_track_info    info;
    const reel_track  *track;

    for (i = 0; i < reel_movie_track_count(movie); i++) {
        track = reel_movie_track(movie, i);
        reel_track_get_info(track, &info);
        if (info.type == type && reel_track_streams(track)) {
            return track;
        }
    }

    return NULL;
}


static void
ngx_http_reel_add_track(ngx_http_reel_stream_t *s, const reel_track *track)
{
    if (track) {
        s->tracks[s->n++] = track;
    }
}


/*
 * Of a damaged film comes what can be had of it. What a recording has not got yet will come: a segment made without it
 * would stay in caches.
 */
unsigned
ngx_http_reel_segmenter_flags(const ngx_http_reel_ctx_t *ctx)
{
    return ctx->live ? 0 : REEL_SEGMENTER_READABLE;
}


/* The segmenter, and the tracks that tID or mux means. */
static ngx_int_t
ngx_http_reel_stream(ngx_http_reel_ctx_t *ctx, ngx_http_reel_stream_t *s)
{
    reel_error         err = { 0 };
    const reel_track  *track;
    const reel_movie  *movie = ctx->film->movie;

    s->n = 0;

    if (ngx_http_reel_check(ctx, reel_segmenter_init(&s->segmenter, movie, (uint32_t) ctx->conf->segment, &err), &err)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    s->segmenter.flags = ngx_http_reel_segmenter_flags(ctx);

    if (ctx->want.track == 0) {
        ngx_http_reel_add_track(s, ngx_http_reel_first(movie, REEL_TRACK_VIDEO));
        ngx_http_reel_add_track(s, ngx_http_reel_first(movie, REEL_TRACK_AUDIO));
    } else {
        track = reel_movie_track_by_id(movie, ctx->want.track);
        ngx_http_reel_add_track(s, track && reel_track_streams(track) ? track : NULL);
    }

    if (s->n == 0) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "there is no such track that could be streamed");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_reel_make_init(ngx_http_reel_ctx_t *ctx)
{
    reel_error              err = { 0 };
    ngx_http_reel_stream_t  s;

    if (ngx_http_reel_stream(ctx, &s) == NGX_OK) {
        (void) ngx_http_reel_check(ctx, reel_stream_init(s.tracks, s.n, &ctx->alloc, &ctx->plan, &err), &err);
    }
}


static void
ngx_http_reel_make_segment(ngx_http_reel_ctx_t *ctx)
{
    reel_error              err = { 0 };
    reel_segment            segment;
    const reel_track       *namer;
    ngx_http_reel_stream_t  s;

    if (ngx_http_reel_stream(ctx, &s) != NGX_OK) {
        return;
    }

    namer = ctx->want.track ? s.tracks[0] : s.segmenter.reference;

    if (ngx_http_reel_check(ctx, reel_segment_named(&s.segmenter, namer, ctx->want.time, &segment, &err), &err)
        != NGX_OK)
    {
        return;
    }

    (void) ngx_http_reel_check(ctx, reel_stream_segment(&s.segmenter, &segment, s.tracks, s.n, &ctx->alloc, &ctx->plan,
                                                        &err), &err);
}


static void
ngx_http_reel_make_picture(ngx_http_reel_ctx_t *ctx)
{
    reel_error              err = { 0 };
    ngx_http_reel_stream_t  s;

    if (ngx_http_reel_stream(ctx, &s) == NGX_OK) {
        (void) ngx_http_reel_check(ctx, reel_stream_picture(s.tracks[0], ctx->want.time, &ctx->alloc, &ctx->plan, &err),
                                   &err);
    }
}


static void
ngx_http_reel_make_original(ngx_http_reel_ctx_t *ctx)
{
    reel_error  err = { 0 };

    if (ctx->film->source == NULL) {
        ngx_http_reel_refuse_film(ctx, &ctx->film->err);
        return;
    }

    if (ngx_http_reel_check(ctx, reel_plan_new(&ctx->alloc, &ctx->plan, &err), &err) == NGX_OK) {
        (void) ngx_http_reel_check(ctx, reel_plan_add_source(ctx->plan, ctx->film->source, 0,
                                                             reel_source_size(ctx->film->source), &err), &err);
    }
}


/* moov in front; where other boxes would have to move with it, the film as it is plays too, only later. */
static void
ngx_http_reel_make_faststart(ngx_http_reel_ctx_t *ctx)
{
    int                 code;
    reel_error          err = { 0 };
    reel_write_options  options = { .sizeof_options = sizeof(options), .alloc = &ctx->alloc };

    code = reel_write_faststart(ctx->film->movie, &options, &ctx->plan, &err);

    if (code == REEL_E_UNSUPPORTED) {
        ngx_http_reel_make_original(ctx);
        return;
    }

    (void) ngx_http_reel_check(ctx, code, &err);
}


/* A clip without an end is measured by the film. */
static ngx_uint_t
ngx_http_reel_is_too_long(const ngx_http_reel_ctx_t *ctx)
{
    reel_movie_info  info;

    if (ctx->conf->clip_limit == 0 || ctx->want.end != INT64_MAX) {
        return 0;
    }

    reel_movie_get_info(ctx->film->movie, &info);

    return info.timescale
           && info.duration / info.timescale > (uint64_t) (ctx->want.start / 1000000 + ctx->conf->clip_limit);
}


static void
ngx_http_reel_make_clip(ngx_http_reel_ctx_t *ctx)
{
    int                 code;
    reel_cut            cut = { .sizeof_cut = sizeof(cut), .from = ctx->want.start, .timescale = 1000000 };
    reel_error          err = { 0 };
    reel_write_options  options = { .sizeof_options = sizeof(options), .alloc = &ctx->alloc };

    if (ngx_http_reel_is_too_long(ctx)) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_BAD_REQUEST, "clips are at most %T seconds long here",
                             ctx->conf->clip_limit);
        return;
    }

    cut.to = ctx->want.end == INT64_MAX ? REEL_CUT_TO_END : ctx->want.end;
    cut.flags = REEL_CUT_EXACT;
    code = reel_write_cut(ctx->film->movie, &cut, &options, &ctx->plan, &err);

    if (code == REEL_E_RANGE) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "the film shows nothing in that time");
        return;
    }

    (void) ngx_http_reel_check(ctx, code, &err);
}


static void
ngx_http_reel_make_file(ngx_http_reel_ctx_t *ctx)
{
    if (ctx->film->movie == NULL && (ctx->want.clip || ctx->film->source == NULL)) {
        ngx_http_reel_refuse_film(ctx, &ctx->film->err);
    } else if (ctx->want.clip) {
        ngx_http_reel_make_clip(ctx);
    } else if (ctx->film->moov_last && !ctx->want.original) {
        ngx_http_reel_make_faststart(ctx);
    } else {
        ngx_http_reel_make_original(ctx);
    }
}


static void
ngx_http_reel_make_cues(ngx_http_reel_ctx_t *ctx, const ngx_http_reel_stream_t *s)
{
    reel_error    err = { 0 };
    reel_segment  segment;

    if (ctx->want.time == INT64_MIN) {
        (void) ngx_http_reel_check(ctx, reel_stream_webvtt(&s->segmenter, NULL, s->tracks[0], false, &ctx->alloc,
                                                           &ctx->plan, &err), &err);
        return;
    }

    if (ngx_http_reel_check(ctx, reel_segment_named(&s->segmenter, s->segmenter.reference, ctx->want.time, &segment,
                                                    &err), &err) == NGX_OK)
    {
        (void) ngx_http_reel_check(ctx, reel_stream_webvtt(&s->segmenter, &segment, s->tracks[0], true, &ctx->alloc,
                                                           &ctx->plan, &err), &err);
    }
}


/* Of one track, or of mux. */
static void
ngx_http_reel_make_playlist(ngx_http_reel_ctx_t *ctx)
{
    int                     code;
    reel_error              err = { 0 };
    ngx_http_reel_stream_t  s;
    reel_playlist_options   options = { .sizeof_options = sizeof(options), .alloc = &ctx->alloc };

    if (ngx_http_reel_stream(ctx, &s) != NGX_OK) {
        return;
    }

    if (ctx->want.kind == NGX_HTTP_REEL_CUES) {
        ngx_http_reel_make_cues(ctx, &s);
        return;
    }

    options.flags = ctx->live ? REEL_STREAM_LIVE : 0;

    if (ctx->want.kind == NGX_HTTP_REEL_IFRAMES) {
        code = reel_hls_iframes(&s.segmenter, s.tracks[0], &options, &ctx->plan, &err);
    } else {
        code = reel_hls_media(&s.segmenter, s.tracks, s.n, &options, &ctx->plan, &err);
    }

    (void) ngx_http_reel_check(ctx, code, &err);
}


static ngx_http_reel_make_pt  ngx_http_reel_makers[NGX_HTTP_REEL_KINDS] = {
    [NGX_HTTP_REEL_FILE] = ngx_http_reel_make_file,
    [NGX_HTTP_REEL_MASTER] = ngx_http_reel_make_title,
    [NGX_HTTP_REEL_MEDIA] = ngx_http_reel_make_playlist,
    [NGX_HTTP_REEL_IFRAMES] = ngx_http_reel_make_playlist,
    [NGX_HTTP_REEL_MANIFEST] = ngx_http_reel_make_title,
    [NGX_HTTP_REEL_INIT] = ngx_http_reel_make_init,
    [NGX_HTTP_REEL_SEGMENT] = ngx_http_reel_make_segment,
    [NGX_HTTP_REEL_PICTURE] = ngx_http_reel_make_picture,
    [NGX_HTTP_REEL_CUES] = ngx_http_reel_make_playlist,
    [NGX_HTTP_REEL_SUB_MEDIA] = ngx_http_reel_make_sidecar,
    [NGX_HTTP_REEL_SUB_FILE] = ngx_http_reel_make_sidecar,
    [NGX_HTTP_REEL_INFO] = ngx_http_reel_make_info,
    [NGX_HTTP_REEL_BOXES] = ngx_http_reel_make_info,
    [NGX_HTTP_REEL_DOCTOR] = ngx_http_reel_make_info,
    [NGX_HTTP_REEL_CHART] = ngx_http_reel_make_info,
    [NGX_HTTP_REEL_THUMB] = ngx_http_reel_make_thumb,
    [NGX_HTTP_REEL_POSTER] = ngx_http_reel_make_thumb,
    [NGX_HTTP_REEL_BOARD] = ngx_http_reel_make_board,
    [NGX_HTTP_REEL_SHEET] = ngx_http_reel_make_thumb,
    [NGX_HTTP_REEL_LIST] = ngx_http_reel_make_list,
    [NGX_HTTP_REEL_METRICS] = ngx_http_reel_make_metrics
};


void
ngx_http_reel_make(ngx_http_reel_ctx_t *ctx)
{
    ngx_http_reel_makers[ctx->want.kind](ctx);
}


/* Costs no more than a look-up in tables that were read when the film was opened: not worth the way to a thread. */
ngx_uint_t
ngx_http_reel_is_light(const ngx_http_reel_ctx_t *ctx)
{
    switch (ctx->want.kind) {
    case NGX_HTTP_REEL_INIT:
    case NGX_HTTP_REEL_SEGMENT:
    case NGX_HTTP_REEL_PICTURE:
        return 1;
    case NGX_HTTP_REEL_FILE:
        return ctx->want.original || (!ctx->want.clip && !ctx->film->moov_last);
    default:
        return 0;
    }
}
