/* SPDX-License-Identifier: BSD-2-Clause */
/* group.c: reads a folder; which files are one title, which subtitle file belongs to which film. */
#include "folder.h"

#include <dirent.h>


#define NGX_HTTP_REEL_FOLDER_MAX  20000


/* What films end in, and which of them have sound alone. */
static const struct {
    const char  *ending;
    ngx_str_t    type;
} ngx_http_reel_endings[] = {
    { ".mp4", ngx_string("video/mp4") },
    { ".m4v", ngx_string("video/mp4") },
    { ".mp4v", ngx_string("video/mp4") },
    { ".f4v", ngx_string("video/mp4") },
    { ".cmfv", ngx_string("video/mp4") },
    { ".ismv", ngx_string("video/mp4") },
    { ".mov", ngx_string("video/quicktime") },
    { ".qt", ngx_string("video/quicktime") },
    { ".3gp", ngx_string("video/3gpp") },
    { ".3gpp", ngx_string("video/3gpp") },
    { ".3g2", ngx_string("video/3gpp2") },
    { ".3gp2", ngx_string("video/3gpp2") },
    { ".m4a", ngx_string("audio/mp4") },
    { ".m4b", ngx_string("audio/mp4") },
    { ".m4r", ngx_string("audio/mp4") },
    { ".f4a", ngx_string("audio/mp4") },
    { ".f4b", ngx_string("audio/mp4") },
    { ".cmfa", ngx_string("audio/mp4") },
    { ".isma", ngx_string("audio/mp4") }
};

#define NGX_HTTP_REEL_ENDINGS  (sizeof(ngx_http_reel_endings) / sizeof(ngx_http_reel_endings[0]))


static ngx_uint_t
ngx_http_reel_has_ending(const ngx_str_t *name, const char *ending)
{
    size_t  n = ngx_strlen(ending);

    return name->len > n && ngx_strncasecmp(name->data + name->len - n, (u_char *) ending, n) == 0;
}


/* NGX_HTTP_REEL_ENDINGS: it is no film. */
static ngx_uint_t
ngx_http_reel_ending_of(const ngx_str_t *name)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_REEL_ENDINGS && !ngx_http_reel_has_ending(name, ngx_http_reel_endings[i].ending); i++) {
        /* void */
    }

    return i;
}


const ngx_str_t *
ngx_http_reel_film_type(const ngx_str_t *name)
{
    ngx_uint_t  i = ngx_http_reel_ending_of(name);

    return i < NGX_HTTP_REEL_ENDINGS ? &ngx_http_reel_endings[i].type : NULL;
}


ngx_uint_t
ngx_http_reel_is_sound(const ngx_str_t *name)
{
    const ngx_str_t  *type = ngx_http_reel_film_type(name);

    return type && ngx_strncmp(type->data, "audio", 5) == 0;
}


static ngx_int_t
ngx_http_reel_item_kind(ngx_http_reel_item_t *item)
{
    ngx_uint_t  i = ngx_http_reel_ending_of(&item->name);

    item->stem = item->name.len;

    if (i < NGX_HTTP_REEL_ENDINGS) {
        item->kind = NGX_HTTP_REEL_ITEM_FILM;
        item->stem -= ngx_strlen(ngx_http_reel_endings[i].ending);
        return NGX_OK;
    }

    if (ngx_http_reel_has_ending(&item->name, ".vtt") || ngx_http_reel_has_ending(&item->name, ".srt")) {
        item->kind = NGX_HTTP_REEL_ITEM_SUBTITLE;
        item->stem -= 4;
        return NGX_OK;
    }

    if (ngx_http_reel_has_ending(&item->name, ".reel.json")) {
        item->kind = NGX_HTTP_REEL_ITEM_TITLE;
        item->stem -= 10;
        return NGX_OK;
    }

    return NGX_DECLINED;
}


/* A name that cannot stand in a URL that we would take again is not shown. */
static ngx_uint_t
ngx_http_reel_name_serves(const char *name)
{
    u_char   *p = (u_char *) name, *last = p + ngx_strlen(name);
    uint32_t  point;

    while (p < last) {
        if (*p < 0x80) {
            if (*p < ' ' || *p == 0x7f) {
                return 0;
            }
            p++;
            continue;
        }

        /* nginx takes halves of surrogate pairs for characters; JSON has none, and would name something else. */
        point = ngx_utf8_decode(&p, (size_t) (last - p));
        if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
            return 0;
        }
    }

    return name[0] != '.';
}


static ngx_int_t
ngx_http_reel_item_stat(ngx_http_reel_ctx_t *ctx, int fd, const char *path, ngx_http_reel_item_t *item)
{
    char         full[PATH_MAX];
    ngx_fd_t     link;
    struct stat  st;

    if (fstatat(fd, (char *) item->name.data, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        return NGX_DECLINED;
    }

    if (S_ISLNK(st.st_mode)) {
        if ((size_t) snprintf(full, sizeof(full), "%s%s%s", path, *path ? "/" : "", item->name.data) >= sizeof(full)) {
            return NGX_DECLINED;
        }

        link = ngx_http_reel_open_below((char *) ctx->root.data, full, O_RDONLY);
        if (link == NGX_INVALID_FILE) {
            return NGX_DECLINED;
        }

        if (fstat(link, &st) < 0) {
            st.st_mode = 0;
        }

        (void) ngx_close_file(link);
    }

    item->size = st.st_size;
    item->modified = st.st_mtime;

    if (S_ISDIR(st.st_mode)) {
        item->kind = NGX_HTTP_REEL_ITEM_FOLDER;
        item->stem = item->name.len;
        return NGX_OK;
    }

    return S_ISREG(st.st_mode) ? ngx_http_reel_item_kind(item) : NGX_DECLINED;
}


static ngx_int_t
ngx_http_reel_item_add(ngx_http_reel_ctx_t *ctx, ngx_array_t *items, int fd, const char *path, const char *name)
{
    ngx_http_reel_item_t  item, *at;

    ngx_memzero(&item, sizeof(item));
    item.name.len = ngx_strlen(name);
    item.name.data = (u_char *) name;
    item.group = NGX_HTTP_REEL_NO_GROUP;

    if (!ngx_http_reel_name_serves(name) || ngx_http_reel_item_stat(ctx, fd, path, &item) != NGX_OK) {
        return NGX_OK;
    }

    item.name.data = ngx_pnalloc(ctx->pool, item.name.len + 1);
    at = ngx_array_push(items);
    if (item.name.data == NULL || at == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(item.name.data, name, item.name.len + 1);
    item.title = reel_rendition_title((char *) item.name.data, item.stem, &item.rank);
    *at = item;

    return NGX_OK;
}


static int ngx_libc_cdecl
ngx_http_reel_by_name(const void *a, const void *b)
{
    const ngx_http_reel_item_t  *x = a, *y = b;

    return ngx_strcmp(x->name.data, y->name.data);
}


ngx_int_t
ngx_http_reel_item_of(const ngx_str_t *name, ngx_http_reel_item_t *item)
{
    ngx_memzero(item, sizeof(*item));
    item->name = *name;
    item->group = NGX_HTTP_REEL_NO_GROUP;

    if (ngx_http_reel_item_kind(item) != NGX_OK) {
        return NGX_DECLINED;
    }

    item->title = reel_rendition_title((char *) item->name.data, item->stem, &item->rank);

    return NGX_OK;
}


ngx_uint_t
ngx_http_reel_folder_first(const ngx_http_reel_folder_t *folder, const ngx_http_reel_item_t *film)
{
    ngx_uint_t  low = 0, high = folder->n, mid;

    while (low < high) {
        mid = (low + high) / 2;
        if (ngx_strncmp(folder->items[mid].name.data, film->name.data, film->title) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }

    return low;
}


ngx_http_reel_item_t *
ngx_http_reel_folder_find(ngx_http_reel_folder_t *folder, const ngx_str_t *name)
{
    ngx_http_reel_item_t  key;

    ngx_memzero(&key, sizeof(key));
    key.name = *name;

    return bsearch(&key, folder->items, folder->n, sizeof(key), ngx_http_reel_by_name);
}


ngx_http_reel_group_t *
ngx_http_reel_group_add(ngx_http_reel_folder_t *folder, const ngx_str_t *name)
{
    ngx_http_reel_group_t  *group = &folder->groups[folder->group_count++];

    ngx_memzero(group, sizeof(*group));
    group->name = *name;

    return group;
}


void
ngx_http_reel_group_join(ngx_http_reel_folder_t *folder, ngx_http_reel_group_t *group, ngx_http_reel_item_t *film)
{
    ngx_http_reel_item_t  *best = group->best;

    film->group = (ngx_uint_t) (group - folder->groups);
    group->count++;

    if (best == NULL || film->rank > best->rank || (film->rank == best->rank && film->size > best->size)) {
        group->best = film;
    }
}


/* Same title, same extension, each with a tail of its own. */
static int
ngx_http_reel_compare_title(const ngx_http_reel_item_t *x, const ngx_http_reel_item_t *y)
{
    int  rc = ngx_memn2cmp(x->name.data, y->name.data, x->title, y->title);

    return rc ? rc : ngx_strcmp(x->name.data + x->stem, y->name.data + y->stem);
}


static int ngx_libc_cdecl
ngx_http_reel_by_title(const void *a, const void *b)
{
    return ngx_http_reel_compare_title(*(ngx_http_reel_item_t *const *) a, *(ngx_http_reel_item_t *const *) b);
}


static void
ngx_http_reel_group_run(ngx_http_reel_folder_t *folder, ngx_http_reel_item_t **films, ngx_uint_t n)
{
    ngx_str_t               name = films[0]->name;
    ngx_uint_t              i;
    ngx_http_reel_group_t  *group;

    if (n < 2) {
        return;
    }

    name.len = films[0]->title;
    group = ngx_http_reel_group_add(folder, &name);

    for (i = 0; i < n; i++) {
        ngx_http_reel_group_join(folder, group, films[i]);
    }
}


static ngx_int_t
ngx_http_reel_group_names(ngx_http_reel_ctx_t *ctx, ngx_http_reel_folder_t *folder)
{
    ngx_uint_t              i, n = 0, first = 0;
    ngx_http_reel_item_t  **films = ngx_palloc(ctx->pool, (folder->n + 1) * sizeof(films[0]));

    if (films == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < folder->n; i++) {
        if (folder->items[i].kind == NGX_HTTP_REEL_ITEM_FILM && folder->items[i].rank
            && folder->items[i].group == NGX_HTTP_REEL_NO_GROUP)
        {
            films[n++] = &folder->items[i];
        }
    }

    ngx_qsort(films, n, sizeof(films[0]), ngx_http_reel_by_title);

    for (i = 1; i <= n; i++) {
        if (i == n || ngx_http_reel_compare_title(films[first], films[i]) != 0) {
            ngx_http_reel_group_run(folder, films + first, i - first);
            first = i;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_reel_folder_group(ngx_http_reel_ctx_t *ctx, ngx_http_reel_folder_t *folder, const char *path)
{
    ngx_uint_t  i;

    /* A group takes a title file, or two films. */
    folder->groups = ngx_palloc(ctx->pool, (folder->n + 1) * sizeof(ngx_http_reel_group_t));
    if (folder->groups == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < folder->n; i++) {
        if (folder->items[i].kind == NGX_HTTP_REEL_ITEM_TITLE) {
            ngx_http_reel_title_read(ctx, folder, path, &folder->items[i]);
        }
    }

    return ngx_http_reel_group_names(ctx, folder);
}


static ngx_int_t
ngx_http_reel_folder_fill(ngx_http_reel_ctx_t *ctx, ngx_http_reel_folder_t *folder, const char *path, DIR *dir)
{
    ngx_array_t     items;
    struct dirent  *entry;

    if (ngx_array_init(&items, ctx->pool, 64, sizeof(ngx_http_reel_item_t)) != NGX_OK) {
        return NGX_ERROR;
    }

    while (!folder->more && (entry = readdir(dir)) != NULL) {
        if (ngx_http_reel_item_add(ctx, &items, dirfd(dir), path, entry->d_name) != NGX_OK) {
            return NGX_ERROR;
        }
        folder->more = items.nelts >= NGX_HTTP_REEL_FOLDER_MAX;
    }

    folder->items = items.elts;
    folder->n = items.nelts;
    ngx_qsort(folder->items, folder->n, sizeof(folder->items[0]), ngx_http_reel_by_name);

    return ngx_http_reel_folder_group(ctx, folder, path);
}


ngx_http_reel_folder_t *
ngx_http_reel_folder_read(ngx_http_reel_ctx_t *ctx, const char *path)
{
    DIR                     *dir;
    ngx_fd_t                 fd;
    ngx_int_t                rc;
    ngx_http_reel_folder_t  *folder = ngx_pcalloc(ctx->pool, sizeof(ngx_http_reel_folder_t));

    fd = ngx_http_reel_open_below((char *) ctx->root.data, path, O_RDONLY | O_DIRECTORY);
    if (fd == NGX_INVALID_FILE) {
        if (errno == EACCES) {
            ngx_http_reel_refuse(ctx, NGX_HTTP_FORBIDDEN, "the server may not read this folder");
        } else {
            ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "there is no such folder");
        }
        return NULL;
    }

    dir = fdopendir(fd);
    if (dir == NULL) {
        (void) ngx_close_file(fd);
    }

    rc = folder && dir ? ngx_http_reel_folder_fill(ctx, folder, path, dir) : NGX_ERROR;

    if (dir) {
        (void) closedir(dir);
    }

    if (rc != NGX_OK) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_SERVICE_UNAVAILABLE, "out of memory");
        return NULL;
    }

    return folder;
}


ngx_uint_t
ngx_http_reel_subtitle_of(const ngx_http_reel_item_t *film, const ngx_http_reel_item_t *item, reel_subtitle_name *out)
{
    return item->kind == NGX_HTTP_REEL_ITEM_SUBTITLE
           && reel_subtitle_of((char *) film->name.data, film->stem, (char *) item->name.data, item->stem, out);
}


ngx_str_t
ngx_http_reel_sidecar_uri(ngx_pool_t *pool, const ngx_str_t *name, const char *leaf)
{
    ngx_str_t  file = ngx_http_reel_escape(pool, name), uri = ngx_null_string;

    uri.data = file.data ? ngx_pnalloc(pool, file.len + ngx_strlen(leaf) + 6) : NULL;
    if (uri.data) {
        uri.len = (size_t) (ngx_sprintf(uri.data, "sub/%V/%s", &file, leaf) - uri.data);
        uri.data[uri.len] = '\0';
    }

    return uri;
}


ngx_str_t
ngx_http_reel_escape(ngx_pool_t *pool, const ngx_str_t *s)
{
    u_char     *p;
    ngx_str_t   out = ngx_null_string;
    uintptr_t   more = 2 * ngx_escape_uri(NULL, s->data, s->len, NGX_ESCAPE_URI_COMPONENT);

    p = ngx_pnalloc(pool, s->len + more + 1);
    if (p == NULL) {
        return out;
    }

    out.data = p;
    out.len = s->len + more;

    if (more) {
        (void) ngx_escape_uri(p, s->data, s->len, NGX_ESCAPE_URI_COMPONENT);
    } else {
        ngx_memcpy(p, s->data, s->len);
    }

    p[out.len] = '\0';

    return out;
}
