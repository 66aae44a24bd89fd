/* SPDX-License-Identifier: BSD-2-Clause */
/* list.c: /list/FOLDER/: folders, and titles with their renditions and subtitle files. */
#include "folder.h"
#include "json.h"


static reel_span
ngx_http_reel_span(const ngx_str_t *s)
{
    return (reel_span) { s->data, s->len };
}


/* FOLDER/name */
static void
ngx_http_reel_put_path(ngx_http_reel_json_t *j, const char *key, const ngx_str_t *name, const char *behind)
{
    ngx_str_t  s, *folder = &j->ctx->want.path;

    s.data = ngx_pnalloc(j->ctx->pool, folder->len + name->len + 3);
    if (s.data == NULL) {
        j->error = ENOMEM;
        return;
    }

    s.len = (size_t) (ngx_sprintf(s.data, "%V%s%V%s", folder, folder->len ? "/" : "", name, behind) - s.data);
    json_text(&j->json, key, ngx_http_reel_span(&s), REEL_UTF8);
}


/* The URI is the one that the multivariant playlist of the film has: relative to /hls/PATH/. */
static void
ngx_http_reel_put_sidecar(ngx_http_reel_json_t *j, const ngx_http_reel_item_t *item,
    const reel_subtitle_name *says)
{
    ngx_str_t  uri = ngx_http_reel_sidecar_uri(j->ctx->pool, &item->name, "index.m3u8");

    json_object(&j->json, NULL);
    json_text(&j->json, "uri", ngx_http_reel_span(&uri), REEL_UTF8);
    json_str(&j->json, "language", says->language);
    json_str(&j->json, "name", says->name);
    json_close(&j->json, '}');
}


static void
ngx_http_reel_put_sidecars(ngx_http_reel_json_t *j, ngx_http_reel_folder_t *folder, const ngx_http_reel_item_t *film)
{
    ngx_uint_t          i;
    reel_subtitle_name  says;

    json_array(&j->json, "sidecars");

    for (i = ngx_http_reel_folder_first(folder, film); i < folder->n; i++) {
        if (ngx_strncmp(folder->items[i].name.data, film->name.data, film->title) != 0) {
            break;
        }
        if (j->ctx->conf->subtitles && ngx_http_reel_subtitle_of(film, &folder->items[i], &says)) {
            ngx_http_reel_put_sidecar(j, &folder->items[i], &says);
        }
    }

    json_close(&j->json, ']');
}


static void
ngx_http_reel_put_renditions(ngx_http_reel_json_t *j, ngx_http_reel_folder_t *folder, ngx_uint_t group)
{
    ngx_uint_t  i;

    json_list(&j->json, "renditions");

    for (i = 0; group != NGX_HTTP_REEL_NO_GROUP && i < folder->n; i++) {
        if (folder->items[i].group == group) {
            ngx_http_reel_put_path(j, NULL, &folder->items[i].name, "");
        }
    }

    json_close(&j->json, ']');
}


/* Whether the film has pictures, and such as can be decoded, is not known before it is opened: the URLs may be refused. */
static void
ngx_http_reel_put_pictures(ngx_http_reel_json_t *j, const ngx_str_t *name)
{
    if (!ngx_http_reel_has_thumbs(j->ctx->conf) || ngx_http_reel_is_sound(name)) {
        return;
    }

    json_text(&j->json, "poster", (reel_span) { (const uint8_t *) "poster.jpg", 10 }, REEL_UTF8);
    json_text(&j->json, "storyboard", (reel_span) { (const uint8_t *) "storyboard.vtt", 14 }, REEL_UTF8);
}


static void
ngx_http_reel_put_title(ngx_http_reel_json_t *j, ngx_http_reel_folder_t *folder, const ngx_http_reel_item_t *film)
{
    ngx_str_t  name = film->name;

    name.len = film->stem;

    if (film->group != NGX_HTTP_REEL_NO_GROUP) {
        name = folder->groups[film->group].name;
    }

    json_object(&j->json, NULL);
    json_text(&j->json, "name", ngx_http_reel_span(&name), REEL_UTF8);
    ngx_http_reel_put_path(j, "path", &film->name, "");
    json_i64(&j->json, "size", film->size);
    json_i64(&j->json, "modified", film->modified);
    ngx_http_reel_put_pictures(j, &film->name);
    ngx_http_reel_put_sidecars(j, folder, film);
    ngx_http_reel_put_renditions(j, folder, film->group);
    json_close(&j->json, '}');
}


static void
ngx_http_reel_put_folder(ngx_http_reel_json_t *j, ngx_http_reel_folder_t *folder)
{
    ngx_uint_t             i;
    ngx_http_reel_item_t  *item;
    static ngx_str_t       none = ngx_null_string;

    json_object(&j->json, NULL);
    ngx_http_reel_put_path(j, "path", &none, "");
    json_array(&j->json, "folders");

    for (i = 0; i < folder->n; i++) {
        item = &folder->items[i];
        if (item->kind == NGX_HTTP_REEL_ITEM_FOLDER) {
            json_object(&j->json, NULL);
            json_text(&j->json, "name", ngx_http_reel_span(&item->name), REEL_UTF8);
            ngx_http_reel_put_path(j, "path", &item->name, "/");
            json_close(&j->json, '}');
        }
    }

    json_close(&j->json, ']');
    json_array(&j->json, "titles");

    for (i = 0; i < folder->n; i++) {
        item = &folder->items[i];
        if (item->kind == NGX_HTTP_REEL_ITEM_FILM
            && (item->group == NGX_HTTP_REEL_NO_GROUP || folder->groups[item->group].best == item))
        {
            ngx_http_reel_put_title(j, folder, item);
        }
    }

    json_close(&j->json, ']');

    if (folder->more) {
        json_bool(&j->json, "more", true);
    }

    json_close(&j->json, '}');
}


void
ngx_http_reel_make_list(ngx_http_reel_ctx_t *ctx)
{
    ngx_http_reel_json_t    *j;
    ngx_http_reel_folder_t  *folder = ngx_http_reel_folder_read(ctx, (char *) ctx->want.path.data);

    if (folder == NULL) {
        return;
    }

    j = ngx_http_reel_json_open(ctx);
    if (j) {
        ngx_http_reel_put_folder(j, folder);
        ngx_http_reel_json_done(ctx, j);
    }
}
