/* SPDX-License-Identifier: BSD-2-Clause */
/* folder.h: a folder of the library: its films, which of them are one title, and the subtitle files beside them. */
#ifndef NGX_HTTP_REEL_FOLDER_H
#define NGX_HTTP_REEL_FOLDER_H

#include "ngx_http_reel.h"


#define NGX_HTTP_REEL_NO_GROUP  ((ngx_uint_t) -1)

typedef enum {
    NGX_HTTP_REEL_ITEM_FOLDER,
    NGX_HTTP_REEL_ITEM_FILM,
    NGX_HTTP_REEL_ITEM_SUBTITLE,
    NGX_HTTP_REEL_ITEM_TITLE      /* TITLE.reel.json */
} ngx_http_reel_item_e;


typedef struct {
    ngx_str_t    name;            /* ends with a NUL */
    ngx_uint_t   kind;
    int64_t      size;
    int64_t      modified;        /* seconds */
    size_t       stem;            /* of name: how long it is without its extension */
    size_t       title;           /* and without "-720p": what renditions have in common */
    uint64_t     rank;            /* the best rendition has the highest; 0: its name has no such tail */
    ngx_uint_t   group;
} ngx_http_reel_item_t;


typedef struct {
    ngx_str_t              name;
    ngx_http_reel_item_t  *best;
    ngx_uint_t             count;
} ngx_http_reel_group_t;


typedef struct {
    ngx_http_reel_item_t   *items;   /* by name */
    ngx_uint_t              n;
    ngx_http_reel_group_t  *groups;
    ngx_uint_t              group_count;
    unsigned                more:1;  /* than are listed */
} ngx_http_reel_folder_t;


/* All for work: memory is ctx->pool's. NULL: ctx is refused. path is below the root, without / at its ends. */
ngx_http_reel_folder_t *ngx_http_reel_folder_read(ngx_http_reel_ctx_t *ctx, const char *path);
ngx_http_reel_item_t *ngx_http_reel_folder_find(ngx_http_reel_folder_t *folder, const ngx_str_t *name);
/* Items stand by name: where those begin that have film's title in front, its subtitle files among them. */
ngx_uint_t ngx_http_reel_folder_first(const ngx_http_reel_folder_t *folder, const ngx_http_reel_item_t *film);
/* What a name alone says. NGX_DECLINED: it is none of ours. */
ngx_int_t ngx_http_reel_item_of(const ngx_str_t *name, ngx_http_reel_item_t *item);
/* Does the subtitle file belong to film? Then what its name says. */
ngx_uint_t ngx_http_reel_subtitle_of(const ngx_http_reel_item_t *film, const ngx_http_reel_item_t *item,
    reel_subtitle_name *out);

/* title.c: {"renditions": ["a.mp4", "b.mp4"], "name": "..."}; anything else makes no group. */
void ngx_http_reel_title_read(ngx_http_reel_ctx_t *ctx, ngx_http_reel_folder_t *folder, const char *path,
    const ngx_http_reel_item_t *item);
ngx_http_reel_group_t *ngx_http_reel_group_add(ngx_http_reel_folder_t *folder, const ngx_str_t *name);
void ngx_http_reel_group_join(ngx_http_reel_folder_t *folder, ngx_http_reel_group_t *group,
    ngx_http_reel_item_t *film);

/* sub/NAME/leaf, ends with a NUL */
ngx_str_t ngx_http_reel_sidecar_uri(ngx_pool_t *pool, const ngx_str_t *name, const char *leaf);
/* As part of a URI, ends with a NUL. */
ngx_str_t ngx_http_reel_escape(ngx_pool_t *pool, const ngx_str_t *s);


#endif
