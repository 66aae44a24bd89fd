/* SPDX-License-Identifier: BSD-2-Clause */
/* title.c: TITLE.reel.json, which says what belongs together: {"renditions": ["a.mp4", "b.mp4"], "name": "A film"}. */
#include "folder.h"


#define NGX_HTTP_REEL_TITLE_MAX  65536


typedef struct {
    u_char      *at, *last;
    ngx_pool_t  *pool;
} ngx_http_reel_reader_t;


static u_char
ngx_http_reel_peek(ngx_http_reel_reader_t *r)
{
    while (r->at < r->last && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r' || *r->at == '\n')) {
        r->at++;
    }

    return r->at < r->last ? *r->at : '\0';
}


static ngx_uint_t
ngx_http_reel_take(ngx_http_reel_reader_t *r, u_char c)
{
    if (ngx_http_reel_peek(r) != c) {
        return 0;
    }

    r->at++;
    return 1;
}


/* One character behind a backslash; names need no others than these. */
static ngx_int_t
ngx_http_reel_unescape(ngx_http_reel_reader_t *r, u_char *to)
{
    if (r->at == r->last || (*r->at != '"' && *r->at != '\\' && *r->at != '/')) {
        return NGX_ERROR;
    }

    *to = *r->at++;
    return NGX_OK;
}


static ngx_int_t
ngx_http_reel_take_string(ngx_http_reel_reader_t *r, ngx_str_t *out)
{
    u_char  *p;

    if (!ngx_http_reel_take(r, '"')) {
        return NGX_ERROR;
    }

    out->data = p = ngx_pnalloc(r->pool, (size_t) (r->last - r->at) + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    while (r->at < r->last && *r->at != '"') {
        if (*r->at < ' ') {
            return NGX_ERROR;
        }
        if (*r->at == '\\') {
            r->at++;
            if (ngx_http_reel_unescape(r, p++) != NGX_OK) {
                return NGX_ERROR;
            }
        } else {
            *p++ = *r->at++;
        }
    }

    *p = '\0';
    out->len = (size_t) (p - out->data);

    return ngx_http_reel_take(r, '"') ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_reel_take_films(ngx_http_reel_reader_t *r, ngx_http_reel_folder_t *folder, ngx_http_reel_group_t *group)
{
    ngx_str_t              name;
    ngx_http_reel_item_t  *film;

    if (!ngx_http_reel_take(r, '[')) {
        return NGX_ERROR;
    }

    if (ngx_http_reel_take(r, ']')) {
        return NGX_OK;
    }

    do {
        if (ngx_http_reel_take_string(r, &name) != NGX_OK) {
            return NGX_ERROR;
        }
        film = ngx_http_reel_folder_find(folder, &name);
        if (film && film->kind == NGX_HTTP_REEL_ITEM_FILM && film->group == NGX_HTTP_REEL_NO_GROUP) {
            ngx_http_reel_group_join(folder, group, film);
        }
    } while (ngx_http_reel_take(r, ','));

    return ngx_http_reel_take(r, ']') ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_reel_take_title(ngx_http_reel_reader_t *r, ngx_http_reel_folder_t *folder, ngx_http_reel_group_t *group)
{
    ngx_str_t  key;

    if (!ngx_http_reel_take(r, '{')) {
        return NGX_ERROR;
    }

    do {
        if (ngx_http_reel_take_string(r, &key) != NGX_OK || !ngx_http_reel_take(r, ':')) {
            return NGX_ERROR;
        }
        if (key.len == 4 && ngx_memcmp(key.data, "name", 4) == 0) {
            if (ngx_http_reel_take_string(r, &group->name) != NGX_OK) {
                return NGX_ERROR;
            }
        } else if (key.len == 10 && ngx_memcmp(key.data, "renditions", 10) == 0) {
            if (ngx_http_reel_take_films(r, folder, group) != NGX_OK) {
                return NGX_ERROR;
            }
        } else {
            return NGX_ERROR;
        }
    } while (ngx_http_reel_take(r, ','));

    return ngx_http_reel_take(r, '}') ? NGX_OK : NGX_ERROR;
}


static ssize_t
ngx_http_reel_title_load(ngx_http_reel_ctx_t *ctx, const char *path, const ngx_http_reel_item_t *item, u_char *buf)
{
    char      name[PATH_MAX];
    ssize_t   n;
    ngx_fd_t  fd;

    if ((size_t) snprintf(name, sizeof(name), "%s%s%s", path, *path ? "/" : "", item->name.data) >= sizeof(name)) {
        return -1;
    }

    fd = ngx_http_reel_open_below((char *) ctx->root.data, name, O_RDONLY);
    if (fd == NGX_INVALID_FILE) {
        return -1;
    }

    n = pread(fd, buf, NGX_HTTP_REEL_TITLE_MAX, 0);
    (void) ngx_close_file(fd);

    return n;
}


void
ngx_http_reel_title_read(ngx_http_reel_ctx_t *ctx, ngx_http_reel_folder_t *folder, const char *path,
    const ngx_http_reel_item_t *item)
{
    ssize_t                  n;
    ngx_str_t                name;
    ngx_uint_t               i;
    ngx_http_reel_group_t   *group;
    ngx_http_reel_reader_t   r = { .pool = ctx->pool };

    if (item->size <= 0 || item->size > NGX_HTTP_REEL_TITLE_MAX) {
        return;
    }

    r.at = ngx_pnalloc(ctx->pool, NGX_HTTP_REEL_TITLE_MAX);
    n = r.at ? ngx_http_reel_title_load(ctx, path, item, r.at) : -1;
    if (n <= 0) {
        return;
    }

    r.last = r.at + n;
    name = item->name;
    name.len = item->stem;
    group = ngx_http_reel_group_add(folder, &name);

    if (ngx_http_reel_take_title(&r, folder, group) == NGX_OK && group->count) {
        return;
    }

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0, "reel: %V in %s: no {\"renditions\": [...]} of films that are here",
                  &item->name, *path ? path : "the library");

    /* As if it were not there. */
    for (i = 0; i < folder->n; i++) {
        if (folder->items[i].group == folder->group_count - 1) {
            folder->items[i].group = NGX_HTTP_REEL_NO_GROUP;
        }
    }

    folder->group_count--;
}
