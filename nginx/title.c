/* SPDX-License-Identifier: BSD-2-Clause */
/* title.c: TITLE.reel.json, which says what belongs together: {"renditions": ["a.mp4", "b.mp4"], "name": "A film"}. */
#include "folder.h"

#include <jansson.h>


#define NGX_HTTP_REEL_TITLE_MAX  65536


/* The films that it names and that are here; the others it is not for us to know. */
static ngx_int_t
ngx_http_reel_take_title(ngx_pool_t *pool, const json_t *title, ngx_http_reel_folder_t *folder,
    ngx_http_reel_group_t *group)
{
    size_t                 i;
    json_t                *value;
    ngx_str_t              name;
    ngx_http_reel_item_t  *film;
    const json_t          *shown = json_object_get(title, "name"), *films = json_object_get(title, "renditions");

    if (!json_is_array(films) || (shown && !json_is_string(shown))) {
        return NGX_ERROR;
    }

    json_array_foreach(films, i, value) {
        name.data = (u_char *) json_string_value(value);
        name.len = json_string_length(value);
        film = name.len ? ngx_http_reel_folder_find(folder, &name) : NULL;
        if (film && film->kind == NGX_HTTP_REEL_ITEM_FILM && film->group == NGX_HTTP_REEL_NO_GROUP) {
            ngx_http_reel_group_join(folder, group, film);
        }
    }

    if (shown) {
        name.data = (u_char *) json_string_value(shown);
        name.len = json_string_length(shown);
        group->name.len = name.len;
        group->name.data = ngx_pstrdup(pool, &name);
        if (group->name.data == NULL) {
            return NGX_ERROR;
        }
    }

    return group->count ? NGX_OK : NGX_ERROR;
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
    json_t                  *title;
    ssize_t                  n;
    u_char                  *text;
    ngx_int_t                rc;
    ngx_str_t                name;
    ngx_uint_t               i;
    json_error_t             why;
    ngx_http_reel_group_t   *group;

    if (item->size <= 0 || item->size > NGX_HTTP_REEL_TITLE_MAX) {
        return;
    }

    text = ngx_alloc(NGX_HTTP_REEL_TITLE_MAX, ngx_cycle->log);
    n = text ? ngx_http_reel_title_load(ctx, path, item, text) : -1;
    title = n > 0 ? json_loadb((char *) text, (size_t) n, 0, &why) : NULL;
    ngx_free(text);

    name = item->name;
    name.len = item->stem;
    group = ngx_http_reel_group_add(folder, &name);
    rc = title ? ngx_http_reel_take_title(ctx->pool, title, folder, group) : NGX_ERROR;
    json_decref(title);

    if (rc == NGX_OK) {
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
