/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * beside.c: what takes the files beside a film: multivariant playlists and manifests with all renditions and subtitle
 * files, and these subtitle files themselves. All of it is work.
 */
#include "folder.h"


#define NGX_HTTP_REEL_RENDITIONS_MAX  16
#define NGX_HTTP_REEL_SIDECARS_MAX    64
#define NGX_HTTP_REEL_SIDECAR_SIZE    (16 * 1024 * 1024)


typedef struct {
    ngx_http_reel_film_t   *films[NGX_HTTP_REEL_RENDITIONS_MAX];  /* opened here; not that of the request */
    reel_segmenter          segmenters[NGX_HTTP_REEL_RENDITIONS_MAX];
    reel_rendition          renditions[NGX_HTTP_REEL_RENDITIONS_MAX];
    ngx_uint_t              n;
    reel_sidecar            sidecars[NGX_HTTP_REEL_SIDECARS_MAX];
    ngx_uint_t              sidecar_count;
} ngx_http_reel_title_t;


/* folder: what stands before the last /, or ""; name: the rest. */
static void
ngx_http_reel_split(ngx_http_reel_ctx_t *ctx, ngx_str_t *folder, ngx_str_t *name)
{
    size_t  n = ctx->want.path.len;

    while (n > 0 && ctx->want.path.data[n - 1] != '/') {
        n--;
    }

    name->data = ctx->want.path.data + n;
    name->len = ctx->want.path.len - n;
    folder->data = ctx->want.path.data;
    folder->len = n ? n - 1 : 0;
}


/* folder/name, ends with a NUL */
static char *
ngx_http_reel_join(ngx_pool_t *pool, const ngx_str_t *folder, const ngx_str_t *name)
{
    u_char  *p = ngx_pnalloc(pool, folder->len + name->len + 2);

    if (p) {
        *ngx_sprintf(p, "%V%s%V", folder, folder->len ? "/" : "", name) = '\0';
    }

    return (char *) p;
}


static ngx_int_t
ngx_http_reel_title_add(ngx_http_reel_ctx_t *ctx, ngx_http_reel_title_t *t, ngx_http_reel_film_t *film,
    const char *prefix, reel_error *err)
{
    int  code = reel_segmenter_init(&t->segmenters[t->n], film->movie, (uint32_t) ctx->conf->segment, err);

    if (code != REEL_OK) {
        return NGX_DECLINED;
    }

    t->segmenters[t->n].flags = ngx_http_reel_segmenter_flags(ctx);
    t->renditions[t->n].segmenter = &t->segmenters[t->n];
    t->renditions[t->n].prefix = prefix;
    t->films[t->n++] = film == ctx->film ? NULL : film;

    return NGX_OK;
}


/* A rendition that cannot be opened is left out: the others play. */
static void
ngx_http_reel_title_open(ngx_http_reel_ctx_t *ctx, ngx_http_reel_title_t *t, const ngx_str_t *folder,
    const ngx_str_t *name)
{
    char                  *path = ngx_http_reel_join(ctx->pool, folder, name);
    u_char                *prefix;
    ngx_str_t              escaped = ngx_http_reel_escape(ctx->pool, name);
    ngx_http_reel_film_t  *film;

    prefix = escaped.data ? ngx_pnalloc(ctx->pool, escaped.len + 5) : NULL;
    if (path == NULL || prefix == NULL) {
        return;
    }

    *ngx_sprintf(prefix, "../%V/", &escaped) = '\0';
    film = ngx_http_reel_film_open(ctx, path);
    ctx->status = 0;

    if (film && (film->movie == NULL
                 || ngx_http_reel_title_add(ctx, t, film, (char *) prefix, NULL) != NGX_OK))
    {
        ngx_http_reel_film_gone(film);
    }
}


static void
ngx_http_reel_title_renditions(ngx_http_reel_ctx_t *ctx, ngx_http_reel_title_t *t, ngx_http_reel_folder_t *folder,
    const ngx_str_t *path, const ngx_http_reel_item_t *film)
{
    ngx_uint_t  i;

    for (i = 0; film->group != NGX_HTTP_REEL_NO_GROUP && i < folder->n; i++) {
        if (t->n == NGX_HTTP_REEL_RENDITIONS_MAX) {
            break;
        }
        if (folder->items[i].group == film->group && &folder->items[i] != film) {
            ngx_http_reel_title_open(ctx, t, path, &folder->items[i].name);
        }
    }
}


static void
ngx_http_reel_title_sidecar(ngx_http_reel_ctx_t *ctx, ngx_http_reel_title_t *t, const ngx_http_reel_item_t *item,
    const reel_subtitle_name *says)
{
    ngx_str_t            uri = ngx_http_reel_sidecar_uri(ctx->pool, &item->name, "index.m3u8");
    ngx_str_t            file = ngx_http_reel_sidecar_uri(ctx->pool, &item->name, "file.vtt");
    reel_sidecar        *s = &t->sidecars[t->sidecar_count];
    reel_subtitle_name  *kept = ngx_palloc(ctx->pool, sizeof(*kept));

    if (kept == NULL || uri.data == NULL || file.data == NULL) {
        return;
    }

    *kept = *says;
    s->uri = (char *) uri.data;
    s->file_uri = (char *) file.data;
    s->language = kept->language;
    s->name = kept->name;
    s->flags = kept->flags;
    t->sidecar_count++;
}


static void
ngx_http_reel_title_sidecars(ngx_http_reel_ctx_t *ctx, ngx_http_reel_title_t *t, ngx_http_reel_folder_t *folder,
    const ngx_http_reel_item_t *film)
{
    ngx_uint_t          i;
    reel_subtitle_name  says;

    if (!ctx->conf->subtitles) {
        return;
    }

    for (i = ngx_http_reel_folder_first(folder, film); i < folder->n; i++) {
        if (t->sidecar_count == NGX_HTTP_REEL_SIDECARS_MAX
            || ngx_strncmp(folder->items[i].name.data, film->name.data, film->title) != 0)
        {
            break;
        }
        if (ngx_http_reel_subtitle_of(film, &folder->items[i], &says)) {
            ngx_http_reel_title_sidecar(ctx, t, &folder->items[i], &says);
        }
    }
}


static void
ngx_http_reel_title_find(ngx_http_reel_ctx_t *ctx, ngx_http_reel_title_t *t)
{
    char                    *path;
    ngx_str_t                folder, name;
    static ngx_str_t         none = ngx_null_string;
    ngx_http_reel_item_t    *film;
    ngx_http_reel_folder_t  *all;

    ngx_http_reel_split(ctx, &folder, &name);
    path = ngx_http_reel_join(ctx->pool, &folder, &none);
    if (path == NULL) {
        return;
    }

    path[folder.len] = '\0';
    all = ngx_http_reel_folder_read(ctx, path);
    film = all ? ngx_http_reel_folder_find(all, &name) : NULL;

    if (film) {
        ngx_http_reel_title_renditions(ctx, t, all, &folder, film);
        ngx_http_reel_title_sidecars(ctx, t, all, film);
    }
}


static void
ngx_http_reel_title_write(ngx_http_reel_ctx_t *ctx, ngx_http_reel_title_t *t)
{
    int                    code;
    reel_error             err = { 0 };
    reel_playlist_options  options = { .sizeof_options = sizeof(options), .alloc = &ctx->alloc };

    options.flags = ctx->live ? REEL_STREAM_LIVE : 0;
    options.sidecars = t->sidecars;
    options.sidecar_count = t->sidecar_count;

    if (ctx->want.kind == NGX_HTTP_REEL_MASTER) {
        code = reel_hls_multivariant(t->renditions, t->n, &options, &ctx->plan, &err);
    } else {
        code = reel_dash_manifest(t->renditions, t->n, &options, &ctx->plan, &err);
    }

    if (code != REEL_OK) {
        ngx_http_reel_refuse_film(ctx, &err);
    }
}


void
ngx_http_reel_make_title(ngx_http_reel_ctx_t *ctx)
{
    ngx_uint_t              i;
    reel_error              err = { 0 };
    ngx_http_reel_title_t  *t = ngx_pcalloc(ctx->pool, sizeof(ngx_http_reel_title_t));

    if (t == NULL) {
        return;
    }

    if (ngx_http_reel_title_add(ctx, t, ctx->film, "", &err) != NGX_OK) {
        ngx_http_reel_refuse_film(ctx, &err);
        return;
    }

    ngx_http_reel_title_find(ctx, t);

    if (ctx->status == 0) {
        ngx_http_reel_title_write(ctx, t);
    }

    for (i = 0; i < t->n; i++) {
        ngx_http_reel_film_gone(t->films[i]);
    }
}


/* ---- subtitle files ---- */

static void
ngx_http_reel_sidecar_playlist(ngx_http_reel_ctx_t *ctx)
{
    int                    code;
    reel_error             err = { 0 };
    reel_segmenter         s;
    reel_playlist_options  options = { .sizeof_options = sizeof(options), .alloc = &ctx->alloc };

    options.flags = ctx->live ? REEL_STREAM_LIVE : 0;
    code = reel_segmenter_init(&s, ctx->film->movie, (uint32_t) ctx->conf->segment, &err);

    if (code == REEL_OK) {
        code = reel_hls_sidecar(&s, "file.vtt", &options, &ctx->plan, &err);
    }

    if (code != REEL_OK) {
        ngx_http_reel_refuse_film(ctx, &err);
    }
}


static void
ngx_http_reel_sidecar_read(ngx_http_reel_ctx_t *ctx, ngx_fd_t fd, size_t size)
{
    size_t      n = 0;
    u_char     *p;
    ssize_t     got;
    reel_error  err = { 0 };

    p = ngx_palloc(ctx->pool, size + 1);
    if (p == NULL) {
        return;
    }

    while (n < size) {
        got = pread(fd, p + n, size - n, (off_t) n);
        if (got <= 0) {
            break;
        }
        n += (size_t) got;
    }

    if (reel_webvtt_from_file(p, n, &ctx->alloc, &ctx->plan, &err) != REEL_OK) {
        ngx_http_reel_refuse_film(ctx, &err);
    }
}


void
ngx_http_reel_make_sidecar(ngx_http_reel_ctx_t *ctx)
{
    char                  *path;
    ngx_fd_t               fd;
    ngx_str_t              folder, name;
    struct stat            st;
    reel_subtitle_name     says;
    ngx_http_reel_item_t   film, item;

    ngx_http_reel_split(ctx, &folder, &name);

    if (!ctx->conf->subtitles || ngx_http_reel_item_of(&name, &film) != NGX_OK
        || ngx_http_reel_item_of(&ctx->want.sidecar, &item) != NGX_OK
        || !ngx_http_reel_subtitle_of(&film, &item, &says))
    {
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "this is no subtitle file of the film");
        return;
    }

    path = ngx_http_reel_join(ctx->pool, &folder, &ctx->want.sidecar);
    if (path == NULL) {
        return;
    }

    fd = ngx_http_reel_open_below((char *) ctx->root.data, path, O_RDONLY);
    if (fd == NGX_INVALID_FILE) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "there is no such subtitle file");
        return;
    }

    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > NGX_HTTP_REEL_SIDECAR_SIZE) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "this is no subtitle file");
    } else if (ctx->want.kind == NGX_HTTP_REEL_SUB_MEDIA) {
        ngx_http_reel_sidecar_playlist(ctx);
    } else {
        ngx_http_reel_sidecar_read(ctx, fd, (size_t) st.st_size);
    }

    (void) ngx_close_file(fd);
}
