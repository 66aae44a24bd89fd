/* SPDX-License-Identifier: BSD-2-Clause */
/* later.c: parts of the library that this tree does not have yet: 501. Goes when they are there. */
#include "ngx_http_reel.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

static int
ngx_http_reel_later(reel_error *err)
{
    err->code = REEL_E_UNSUPPORTED;
    err->offset = REEL_NO_OFFSET;
    (void) ngx_snprintf((u_char *) err->text, sizeof(err->text) - 1, "this server cannot do that yet%Z");
    return REEL_E_UNSUPPORTED;
}

#ifdef NGX_HTTP_REEL_NO_WRITE
int reel_write_faststart(const reel_movie *m, const reel_write_options *o, reel_plan **p, reel_error *err)
{
    return ngx_http_reel_later(err);
}
int reel_write_cut(const reel_movie *m, const reel_cut *c, const reel_write_options *o, reel_plan **p, reel_error *err)
{
    return ngx_http_reel_later(err);
}
#endif

#ifdef NGX_HTTP_REEL_NO_PLAYLISTS
int reel_webvtt_from_file(const void *d, size_t n, const reel_allocator *a, reel_plan **p, reel_error *err)
{
    return ngx_http_reel_later(err);
}
int reel_stream_webvtt(const reel_segmenter *s, const reel_segment *g, const reel_track *t, bool m,
    const reel_allocator *a, reel_plan **p, reel_error *err)
{
    return ngx_http_reel_later(err);
}
int reel_hls_multivariant(const reel_rendition *r, size_t n, const reel_playlist_options *o, reel_plan **p,
    reel_error *err)
{
    return ngx_http_reel_later(err);
}
int reel_hls_media(const reel_segmenter *s, const reel_track *const *t, size_t n, const reel_playlist_options *o,
    reel_plan **p, reel_error *err)
{
    return ngx_http_reel_later(err);
}
int reel_hls_iframes(const reel_segmenter *s, const reel_track *t, const reel_playlist_options *o, reel_plan **p,
    reel_error *err)
{
    return ngx_http_reel_later(err);
}
int reel_hls_sidecar(const reel_segmenter *s, const char *f, const reel_playlist_options *o, reel_plan **p,
    reel_error *err)
{
    return ngx_http_reel_later(err);
}
int reel_dash_manifest(const reel_rendition *r, size_t n, const reel_playlist_options *o, reel_plan **p,
    reel_error *err)
{
    return ngx_http_reel_later(err);
}
#endif
