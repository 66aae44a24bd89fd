/* SPDX-License-Identifier: BSD-2-Clause */
#include "json.h"


#define NGX_HTTP_REEL_JSON_MAX  (64 * 1024 * 1024)  /* a film of many boxes is not to take all memory */


int
ngx_http_reel_json_take(void *user, const void *data, size_t n)
{
    u_char                *p;
    size_t                 room;
    ngx_http_reel_json_t  *j = user;

    if (n > NGX_HTTP_REEL_JSON_MAX - j->size) {
        return EFBIG;
    }

    if (n > j->room - j->size) {
        room = ngx_max(j->size + n, j->room * 2);
        p = ngx_http_reel_resize(j->ctx->pool, j->data, room);
        if (p == NULL) {
            return ENOMEM;
        }
        j->data = p;
        j->room = room;
    }

    ngx_memcpy(j->data + j->size, data, n);
    j->size += n;

    return 0;
}


ngx_http_reel_json_t *
ngx_http_reel_json_open(ngx_http_reel_ctx_t *ctx)
{
    ngx_http_reel_json_t  *j = ngx_pcalloc(ctx->pool, sizeof(ngx_http_reel_json_t));

    if (j == NULL) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_SERVICE_UNAVAILABLE, "out of memory");
        return NULL;
    }

    j->ctx = ctx;
    out_init_take(&j->out, ngx_http_reel_json_take, j);
    json_init(&j->json, &j->out, false);

    return j;
}


void
ngx_http_reel_json_done(ngx_http_reel_ctx_t *ctx, ngx_http_reel_json_t *j)
{
    out_flush(&j->out);

    if (j->error == 0) {
        j->error = j->out.error;
    }

    if (j->error) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_SERVICE_UNAVAILABLE, "%s",
                             j->error == EFBIG ? "there is more to tell than anybody would read" : strerror(j->error));
        return;
    }

    if (reel_plan_new(&ctx->alloc, &ctx->plan, NULL) != REEL_OK
        || reel_plan_add_memory(ctx->plan, j->data, j->size, NULL) != REEL_OK)
    {
        reel_plan_close(&ctx->plan);
        ngx_http_reel_refuse(ctx, NGX_HTTP_SERVICE_UNAVAILABLE, "out of memory");
    }
}
