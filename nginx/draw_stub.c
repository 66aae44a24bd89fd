/* SPDX-License-Identifier: BSD-2-Clause */
/* draw_stub.c: instead of draw.c where there is no decoder, or nothing that writes JPEG. */
#include "ngx_http_reel.h"


ngx_uint_t
ngx_http_reel_can_draw(void)
{
    return 0;
}


void
ngx_http_reel_draw_prepare(void)
{
}


void
ngx_http_reel_make_thumb(ngx_http_reel_ctx_t *ctx)
{
    ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_IMPLEMENTED,
                         "reel was built without libavcodec or libjpeg here: there are no thumbnails");
}


void
ngx_http_reel_make_board(ngx_http_reel_ctx_t *ctx)
{
    ngx_http_reel_make_thumb(ctx);
}
