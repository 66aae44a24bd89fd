/* SPDX-License-Identifier: BSD-2-Clause */
/* json.h: the command's JSON writer, into the memory of a request. For work. */
#ifndef NGX_HTTP_REEL_JSON_H
#define NGX_HTTP_REEL_JSON_H

#include "ngx_http_reel.h"

#include "cli.h"


typedef struct {
    ngx_http_reel_ctx_t  *ctx;
    u_char               *data;
    size_t                size, room;
    int                   error;  /* errno */
    struct json           json;
    struct out            out;
} ngx_http_reel_json_t;


/* NULL: ctx is refused. */
ngx_http_reel_json_t *ngx_http_reel_json_open(ngx_http_reel_ctx_t *ctx);
/* What out takes when it is full. */
int ngx_http_reel_json_take(void *user, const void *data, size_t n);
/* What was written becomes ctx->plan. */
void ngx_http_reel_json_done(ngx_http_reel_ctx_t *ctx, ngx_http_reel_json_t *j);


#endif
