/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * open.c: open films, one list a worker, the one used last in front. That a name leads to an entry is believed for some
 * seconds; then a stat says whether it is the same file still, has grown, or is another one. Requests under way keep what
 * they began with; that nobody has written over a film is asked each time.
 *
 * The times of a file tick, and a write sets them before its bytes are there: what was read of a film that was written to
 * just now may be half of each, and nothing would ever tell. So it is good for the one request, and kept nowhere, unless it
 * is a recording: that one is opened anew when it has stopped to grow.
 */
#include "ngx_http_reel.h"

#include <sys/syscall.h>

#if __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#endif


#define NGX_HTTP_REEL_YOUNG  2  /* seconds: no file system has longer ticks, and no write takes longer on its way */


ngx_http_reel_films_t *
ngx_http_reel_films_create(ngx_pool_t *pool, ngx_uint_t max, time_t valid)
{
    ngx_http_reel_films_t  *films = ngx_pcalloc(pool, sizeof(ngx_http_reel_films_t));

    if (films) {
        ngx_rbtree_init(&films->rbtree, &films->sentinel, ngx_str_rbtree_insert_value);
        ngx_queue_init(&films->queue);
        films->max = max;
        films->valid = valid;
    }

    return films;
}


void
ngx_http_reel_film_gone(ngx_http_reel_film_t *film)
{
    if (film == NULL) {
        return;
    }

    reel_close(&film->movie);
    reel_source_unref(&film->source);

    if (film->fd != NGX_INVALID_FILE) {
        (void) ngx_close_file(film->fd);
    }

    ngx_free(film);
}


void
ngx_http_reel_film_release(ngx_http_reel_film_t *film)
{
    if (film && --film->refs == 0) {
        ngx_http_reel_film_gone(film);
    }
}


static void
ngx_http_reel_film_drop(ngx_http_reel_film_t *film)
{
    ngx_http_reel_films_t  *films = film->films;

    if (films == NULL) {
        return;
    }

    ngx_rbtree_delete(&films->rbtree, &film->sn.node);
    ngx_queue_remove(&film->queue);
    films->count--;
    film->films = NULL;
    ngx_http_reel_film_release(film);
}


static ngx_http_reel_film_t *
ngx_http_reel_film_find(ngx_http_reel_films_t *films, ngx_str_t *name, uint32_t hash)
{
    ngx_http_reel_film_t  *film = NULL;
    ngx_str_node_t        *node = films ? ngx_str_rbtree_lookup(&films->rbtree, name, hash) : NULL;

    if (node) {
        film = ngx_rbtree_data(node, ngx_http_reel_film_t, sn);
        ngx_queue_remove(&film->queue);
        ngx_queue_insert_head(&films->queue, &film->queue);
    }

    return film;
}


static void
ngx_http_reel_film_keep(ngx_http_reel_films_t *films, ngx_http_reel_film_t *film)
{
    ngx_http_reel_film_t  *old = ngx_http_reel_film_find(films, &film->sn.str, film->sn.node.key);

    if (old) {
        ngx_http_reel_film_drop(old);
    }

    if (films->count >= films->max) {
        ngx_http_reel_film_drop(ngx_queue_data(ngx_queue_last(&films->queue), ngx_http_reel_film_t, queue));
    }

    ngx_rbtree_insert(&films->rbtree, &film->sn.node);
    ngx_queue_insert_head(&films->queue, &film->queue);
    films->count++;
    film->films = films;
    film->refs++;
}


/* ---- work ---- */

#ifndef RESOLVE_BENEATH

static ngx_fd_t
ngx_http_reel_open_plain(int folder, const char *path, int flags)
{
    errno = ENOSYS;
    return NGX_INVALID_FILE;
}

#else

/* The kernel itself watches the way: nothing above folder, and no link. */
static ngx_fd_t
ngx_http_reel_open_plain(int folder, const char *path, int flags)
{
    struct open_how  how = { .flags = (uint64_t) flags, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
    long             fd;

    do {
        fd = syscall(SYS_openat2, folder, path, &how, sizeof(how));
    } while (fd < 0 && (errno == EINTR || errno == EAGAIN));

    return (ngx_fd_t) fd;
}

#endif


/* Where a path with links really lies below root, "." for root itself; NULL: not there, or under a hidden name. */
static const char *
ngx_http_reel_real(const char *root, const char *path, char *real)
{
    char    name[PATH_MAX], real_root[PATH_MAX];
    size_t  n;

    if ((size_t) snprintf(name, sizeof(name), "%s/%s", root, path) >= sizeof(name)) {
        errno = ENAMETOOLONG;
        return NULL;
    }

    if (realpath(root, real_root) == NULL || realpath(name, real) == NULL) {
        return NULL;
    }

    n = ngx_strlen(real_root);
    n -= n == 1;  /* "/" */

    if (ngx_strncmp(real, real_root, n) != 0 || (real[n] != '/' && real[n] != '\0')
        || ngx_strstr(real + n, "/.") != NULL)
    {
        errno = EXDEV;
        return NULL;
    }

    return real[n] && real[n + 1] ? real + n + 1 : ".";
}


/* A link may be put in the way after the look: what was found is opened as a path without links. */
static ngx_fd_t
ngx_http_reel_open_real(int folder, const char *root, const char *path, int flags)
{
    char         real[PATH_MAX];
    ngx_fd_t     fd;
    const char  *below = ngx_http_reel_real(root, path, real);

    if (below == NULL) {
        return NGX_INVALID_FILE;
    }

    fd = ngx_http_reel_open_plain(folder, below, flags);

    if (fd == NGX_INVALID_FILE && (errno == ENOSYS || errno == EPERM)) {
        fd = openat(folder, below, flags | O_NOFOLLOW);  /* kernels before 5.6 */
    }

    return fd;
}


ngx_fd_t
ngx_http_reel_open_below(const char *root, const char *path, int flags)
{
    int       folder, err;
    ngx_fd_t  fd;

    flags |= O_CLOEXEC | O_NONBLOCK | O_NOCTTY;  /* not to wait for the writer of a pipe */

    folder = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return NGX_INVALID_FILE;
    }

    fd = ngx_http_reel_open_plain(folder, *path ? path : ".", flags);

    if (fd == NGX_INVALID_FILE && (errno == ELOOP || errno == ENOSYS || errno == EPERM || errno == EXDEV)) {
        fd = ngx_http_reel_open_real(folder, root, path, flags);
    }

    err = errno;
    (void) close(folder);
    errno = err;

    return fd;
}


static void
ngx_http_reel_refuse_errno(ngx_http_reel_ctx_t *ctx, int err)
{
    switch (err) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "there is no such file");
        break;
    case EXDEV:
    case ELOOP:
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "a link leads out of the library, or to a hidden name");
        break;
    case EACCES:
    case EPERM:
        ngx_http_reel_refuse(ctx, NGX_HTTP_FORBIDDEN, "the server may not read this file");
        break;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        ngx_http_reel_refuse(ctx, NGX_HTTP_SERVICE_UNAVAILABLE, "%s", strerror(err));
        break;
    default:
        ngx_http_reel_refuse(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR, "%s", strerror(err));
    }
}


static int64_t
ngx_http_reel_ns(const struct timespec *t)
{
    return (int64_t) t->tv_sec * 1000000000 + t->tv_nsec;
}


/* The clock of a file server that is far ahead says nothing. */
static ngx_uint_t
ngx_http_reel_is_young(const struct stat *st)
{
    time_t  age = time(NULL) - st->st_ctim.tv_sec;

    return age <= NGX_HTTP_REEL_YOUNG && age >= -NGX_HTTP_REEL_YOUNG;
}


static void
ngx_http_reel_set_id(ngx_http_reel_id_t *id, const struct stat *st)
{
    id->dev = st->st_dev;
    id->ino = st->st_ino;
    id->size = st->st_size;
    id->mtime = ngx_http_reel_ns(&st->st_mtim);
    id->ctime = ngx_http_reel_ns(&st->st_ctim);
    id->young = ngx_http_reel_is_young(st);
}


static int64_t
ngx_http_reel_folder_mtime(const char *name)
{
    char         folder[PATH_MAX];
    const char  *slash = strrchr(name, '/');
    struct stat  st;

    if (slash == NULL || (size_t) (slash - name) >= sizeof(folder)) {
        return 0;
    }

    *ngx_cpymem(folder, name, (size_t) (slash - name)) = '\0';

    return stat(folder, &st) == 0 ? ngx_http_reel_ns(&st.st_mtim) : 0;
}


/* The first lookups pay for the tables: here, where they may wait. */
static void
ngx_http_reel_film_prepare(ngx_http_reel_film_t *film)
{
    size_t           i;
    reel_movie_info  info;

    for (i = 0; i < reel_movie_track_count(film->movie); i++) {
        (void) reel_track_prepare(reel_movie_track(film->movie, i), true, NULL);
    }

    reel_movie_get_info(film->movie, &info);
    film->fragmented = info.fragmented ? 1 : 0;
    film->finished = info.has_mfra ? 1 : 0;
    film->moov_last = info.moov_size && info.mdat_size && info.moov_offset > info.mdat_offset ? 1 : 0;
}


static ngx_int_t
ngx_http_reel_film_load(ngx_http_reel_film_t *film, const char *root, const char *path)
{
    struct stat  st;

    film->fd = ngx_http_reel_open_below(root, path, O_RDONLY);
    if (film->fd == NGX_INVALID_FILE) {
        return errno;
    }

    if (fstat(film->fd, &st) < 0) {
        return errno;
    }

    if (!S_ISREG(st.st_mode)) {
        return ENOENT;
    }

    ngx_http_reel_set_id(&film->id, &st);
    film->id.folder = ngx_http_reel_folder_mtime((char *) film->sn.str.data);

    if (reel_source_fd(film->fd, REEL_SOURCE_GUARD, &film->source, &film->err) != REEL_OK
        || reel_open(film->source, NULL, &film->movie, &film->err) != REEL_OK)
    {
        return 0;  /* it can be served as it is, and its boxes be shown */
    }

    ngx_http_reel_film_prepare(film);

    return 0;
}


/* NULL: ctx is refused. path is below the root. */
ngx_http_reel_film_t *
ngx_http_reel_film_open(ngx_http_reel_ctx_t *ctx, const char *path)
{
    int                    err;
    size_t                 n = ctx->root.len + 1 + ngx_strlen(path);
    ngx_http_reel_film_t  *film = ngx_calloc(sizeof(ngx_http_reel_film_t) + n + 1, ngx_cycle->log);

    if (film == NULL) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_SERVICE_UNAVAILABLE, "out of memory");
        return NULL;
    }

    film->fd = NGX_INVALID_FILE;
    film->sn.str.data = (u_char *) (film + 1);
    film->sn.str.len = n;
    (void) ngx_snprintf(film->sn.str.data, n, "%V/%s", &ctx->root, path);
    film->sn.node.key = ngx_crc32_long(film->sn.str.data, n);

    err = ngx_http_reel_film_load(film, (char *) ctx->root.data, path);
    if (err) {
        ngx_http_reel_refuse_errno(ctx, err);
        ngx_http_reel_film_gone(film);
        return NULL;
    }

    return film;
}


/* Is it the file that we have open? A recording that got longer is read on. */
static ngx_uint_t
ngx_http_reel_look_again(ngx_http_reel_ctx_t *ctx)
{
    struct stat            st;
    ngx_http_reel_film_t  *film = ctx->stale;

    if (stat((char *) ctx->name.data, &st) < 0) {
        return 0;
    }

    ngx_http_reel_set_id(&ctx->seen, &st);
    ctx->seen.folder = ngx_http_reel_folder_mtime((char *) ctx->name.data);

    if (ctx->seen.dev != film->id.dev || ctx->seen.ino != film->id.ino) {
        return 0;
    }

    if (ctx->seen.size == film->id.size && ctx->seen.mtime == film->id.mtime) {
        return ctx->seen.ctime == film->id.ctime && !film->id.young;
    }

    if (film->movie == NULL || !film->fragmented || ctx->seen.size <= film->id.size) {
        return 0;
    }

    if (reel_movie_refresh(film->movie, NULL) < 0) {
        return 0;
    }

    ngx_http_reel_film_prepare(film);
    ctx->seen.young |= film->id.young;  /* the first of it was not read again */

    return 1;
}


static void
ngx_http_reel_open_work(ngx_http_reel_ctx_t *ctx)
{
    if (ctx->stale && ngx_http_reel_look_again(ctx)) {
        ctx->same = 1;
        return;
    }

    ctx->opened = ngx_http_reel_film_open(ctx, (char *) ctx->want.path.data);
}


/* ---- the event loop ---- */

static int64_t
ngx_http_reel_statx_ns(const struct statx_timestamp *t)
{
    return (int64_t) t->tv_sec * 1000000000 + t->tv_nsec;
}


/* What the kernel knows by now: a file system in the network is not asked. named: nor was it renamed, or linked. */
static ngx_uint_t
ngx_http_reel_film_compare(const ngx_http_reel_film_t *film, ngx_uint_t named)
{
    struct statx  st;

    if (statx(film->fd, "", AT_EMPTY_PATH|AT_STATX_DONT_SYNC, STATX_SIZE|STATX_MTIME|STATX_CTIME, &st) < 0) {
        return 1;
    }

    if (film->fragmented && (int64_t) st.stx_size > film->id.size) {
        return 1;
    }

    return (int64_t) st.stx_size == film->id.size && ngx_http_reel_statx_ns(&st.stx_mtime) == film->id.mtime
           && (!named || ngx_http_reel_statx_ns(&st.stx_ctime) == film->id.ctime);
}


ngx_uint_t
ngx_http_reel_film_is_same(const ngx_http_reel_film_t *film)
{
    return ngx_http_reel_film_compare(film, 0);
}


static ngx_int_t
ngx_http_reel_use(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, ngx_http_reel_film_t *film)
{
    time_t  changed = (time_t) (film->id.mtime / 1000000000);

    ctx->film = film;
    film->refs++;
    ctx->live = film->fragmented && !film->finished && ctx->conf->live_timeout && ngx_time() - changed < ctx->conf->live_timeout ? 1 : 0;
    r->headers_out.last_modified_time = changed;

    if (ctx->status == 0 && film->movie == NULL && ctx->want.kind != NGX_HTTP_REEL_FILE
        && ctx->want.kind != NGX_HTTP_REEL_BOXES)
    {
        ngx_http_reel_refuse_film(ctx, &film->err);
    }

    return NGX_OK;
}


/* A recording would be read from its beginning with each request, and there it is written to no more. */
static ngx_uint_t
ngx_http_reel_film_keeps(const ngx_http_reel_film_t *film)
{
    return !film->id.young || (film->fragmented && !film->finished);
}


static void
ngx_http_reel_open_stale_done(ngx_http_reel_ctx_t *ctx)
{
    ngx_http_reel_film_t  *film = ctx->stale;

    if (film == NULL) {
        return;
    }

    if (!ctx->same) {
        ngx_http_reel_film_drop(film);
        return;
    }

    film->checked = ngx_time();
    film->id = ctx->seen;
}


static ngx_int_t
ngx_http_reel_open_done(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx)
{
    ngx_http_reel_film_t     *film = ctx->opened;
    ngx_http_reel_metrics_t  *m = ngx_http_reel_metrics(ctx->conf);

    if (ctx->stale) {
        ctx->stale->busy = 0;
    }

    ngx_http_reel_open_stale_done(ctx);

    if (ctx->status == 0 && film) {
        ctx->opened = NULL;
        film->checked = ngx_time();
        (void) ngx_http_reel_use(r, ctx, film);

        if (ctx->conf->films && ngx_http_reel_film_keeps(film)) {
            ngx_http_reel_film_keep(ctx->conf->films, film);
        }

        ngx_http_reel_count_films(ctx->conf);

        if (m) {
            (void) ngx_atomic_fetch_add(&m->opens, 1);
        }

    } else if (ctx->status == 0 && ctx->stale && ctx->same) {
        (void) ngx_http_reel_use(r, ctx, ctx->stale);
    }

    return ctx->opened_next(r, ctx);
}


ngx_int_t
ngx_http_reel_open(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, ngx_http_reel_next_pt next)
{
    uint32_t                  hash = ngx_crc32_long(ctx->name.data, ctx->name.len);
    ngx_http_reel_film_t     *film = ngx_http_reel_film_find(ctx->conf->films, &ctx->name, hash);
    ngx_http_reel_metrics_t  *m = ngx_http_reel_metrics(ctx->conf);

    if (film && (film->busy || ngx_time() - film->checked < ctx->conf->films->valid)
        && ngx_http_reel_film_compare(film, 1))
    {
        if (m) {
            (void) ngx_atomic_fetch_add(&m->open_hits, 1);
        }
        (void) ngx_http_reel_use(r, ctx, film);
        return next(r, ctx);
    }

    ctx->opened_next = next;

    if (film && !film->busy) {
        film->refs++;
        film->busy = 1;
        ctx->stale = film;
    }

    return ngx_http_reel_do(r, ctx, ngx_http_reel_open_work, ngx_http_reel_open_done);
}
