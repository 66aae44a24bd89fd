/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ngx_http_reel_module: films as HLS, DASH and byte ranges, each answer made when it is asked for.
 *
 *   request.c   the URL: what is wanted, or why it is refused; nothing is opened before that is known
 *   open.c      films that are open: one list a worker, looked at again by stat
 *   make.c      from what is wanted to a reel_plan; beside.c where other files of the folder matter
 *   info.c      /info, list.c /list, group.c and title.c which files are one title
 *   cache.c     the shared zone: playlists and such, and in it the counters of metrics.c
 *   thumb.c     whose turn it is to have a thumbnail made; draw.c makes it, where there is a decoder
 *   send.c      from a reel_plan to chains
 *
 * What may wait for a disk (opening, looking again, playlists, folders) is work: it runs in a thread of nginx's pool,
 * on a pool of its own, and touches no request. Everything else runs in the event loop.
 */
#ifndef NGX_HTTP_REEL_H
#define NGX_HTTP_REEL_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <reel/reel.h>


#define NGX_HTTP_REEL_DAMAGED  422  /* the film is at fault, and nobody else; nginx has no name for it */


typedef enum {
    NGX_HTTP_REEL_FILE = 0,   /* /file/PATH */
    NGX_HTTP_REEL_MASTER,     /* master.m3u8 */
    NGX_HTTP_REEL_MEDIA,      /* index.m3u8 of a track, of mux */
    NGX_HTTP_REEL_IFRAMES,    /* iframes.m3u8 */
    NGX_HTTP_REEL_MANIFEST,   /* manifest.mpd */
    NGX_HTTP_REEL_INIT,       /* init.mp4 */
    NGX_HTTP_REEL_SEGMENT,    /* TIME.m4s */
    NGX_HTTP_REEL_PICTURE,    /* iTIME.m4s */
    NGX_HTTP_REEL_CUES,       /* TIME.vtt; time INT64_MIN: file.vtt, all of the track's */
    NGX_HTTP_REEL_SUB_MEDIA,  /* sub/NAME/index.m3u8 */
    NGX_HTTP_REEL_SUB_FILE,   /* sub/NAME/file.vtt */
    NGX_HTTP_REEL_INFO,       /* /info/PATH */
    NGX_HTTP_REEL_BOXES,      /* ?boxes */
    NGX_HTTP_REEL_DOCTOR,     /* ?doctor */
    NGX_HTTP_REEL_CHART,      /* ?chart */
    NGX_HTTP_REEL_THUMB,      /* /thumb/PATH/TIME.jpg; time in microseconds */
    NGX_HTTP_REEL_POSTER,     /* poster.jpg */
    NGX_HTTP_REEL_BOARD,      /* storyboard.vtt */
    NGX_HTTP_REEL_SHEET,      /* storyboard-N.jpg; time is N */
    NGX_HTTP_REEL_LIST,       /* /list/FOLDER/ */
    NGX_HTTP_REEL_METRICS,    /* /metrics */
    NGX_HTTP_REEL_KINDS
} ngx_http_reel_kind_e;


typedef struct {
    ngx_uint_t     kind;
    ngx_str_t      path;      /* below the root, no / at its ends, ends with a NUL; "" is the root itself */
    ngx_str_t      sidecar;   /* a file name, ends with a NUL */
    uint32_t       track;     /* 0: mux */
    int64_t        time;
    int64_t        start;     /* of a clip, microseconds */
    int64_t        end;       /* INT64_MAX: to the end */
    uint32_t       width;     /* of a thumbnail; 0: by its height and shape */
    uint32_t       height;
    unsigned       cover:1;   /* fill width x height, and cut what hangs over */
    unsigned       key:1;     /* the nearest key picture */
    unsigned       original:1;
    unsigned       clip:1;
} ngx_http_reel_want_t;


typedef struct {
    ngx_rbtree_t        rbtree;
    ngx_rbtree_node_t   sentinel;
    ngx_queue_t         queue;        /* the one used last stands first */
    ngx_uint_t          count;
    ngx_uint_t          max;
    time_t              valid;
} ngx_http_reel_films_t;


typedef struct {
    uint64_t            dev;
    uint64_t            ino;
    int64_t             size;
    int64_t             mtime;        /* nanoseconds */
    int64_t             ctime;        /* nobody can set it back */
    ngx_uint_t          young;        /* more may be written into it, and these would stay the same */
    int64_t             folder;       /* mtime of the folder it lies in */
} ngx_http_reel_id_t;


/* An open film. It belongs to a list and to the requests that hold it; only the event loop counts them. */
typedef struct {
    ngx_str_node_t      sn;           /* by its whole path */
    ngx_queue_t         queue;
    ngx_http_reel_films_t  *films;    /* the list it is in, or NULL */
    ngx_uint_t          refs;
    ngx_fd_t            fd;
    ngx_http_reel_id_t  id;
    time_t              checked;
    reel_source        *source;
    reel_movie         *movie;        /* NULL: not a film, or not looked into */
    reel_error          err;          /* why not */
    unsigned            fragmented:1;
    unsigned            finished:1;   /* its writer put the index at the end: it does not grow any more */
    unsigned            moov_last:1;
    unsigned            busy:1;       /* somebody looks at it again just now */
} ngx_http_reel_film_t;


#define NGX_HTTP_REEL_BUCKETS   12
#define NGX_HTTP_REEL_WORKERS   256


typedef struct {
    ngx_atomic_t        requests[NGX_HTTP_REEL_KINDS];
    ngx_atomic_t        errors[200];  /* status 400 to 599 */
    ngx_atomic_t        bytes;
    ngx_atomic_t        plans[NGX_HTTP_REEL_BUCKETS + 1];
    ngx_atomic_t        plan_ns;
    ngx_atomic_t        cache_hits;
    ngx_atomic_t        cache_misses;
    ngx_atomic_t        opens;
    ngx_atomic_t        open_hits;
    ngx_atomic_t        thumbs[NGX_HTTP_REEL_BUCKETS + 1];   /* that were made, by what it took */
    ngx_atomic_t        thumb_ns;
    ngx_atomic_t        thumb_hits;
    ngx_atomic_t        thumb_shared;
    ngx_atomic_t        thumb_refused;
    ngx_atomic_t        thumb_late;
    ngx_atomic_t        thumb_failed;
    ngx_atomic_t        films[NGX_HTTP_REEL_WORKERS];   /* open now; of one worker each */
} ngx_http_reel_metrics_t;


typedef struct {
    ngx_rbtree_t             rbtree;
    ngx_rbtree_node_t        sentinel;
    ngx_queue_t              queue;
    ngx_uint_t               count;
    size_t                   bytes;
    ngx_http_reel_metrics_t  metrics;
} ngx_http_reel_shared_t;


typedef struct {
    ngx_http_reel_shared_t  *shared;
    ngx_slab_pool_t         *slab;
} ngx_http_reel_zone_t;


/* Who is at it in a worker. Only the event loop has it. */
typedef struct {
    ngx_queue_t              jobs;      /* all of them */
    ngx_queue_t              waiting;   /* those that nobody is at yet, the oldest first */
    ngx_uint_t               running;
    ngx_uint_t               waits;
    ngx_uint_t               max;       /* at once */
    ngx_uint_t               max_waits;
} ngx_http_reel_thumbs_t;


typedef struct {
    ngx_flag_t               enable;
    ngx_msec_t               segment;
    time_t                   clip_limit;
    size_t                   sendfile_min;   /* from this length on a range of the film is a file buffer */
    time_t                   live_timeout;
    ngx_flag_t               subtitles;
    ngx_flag_t               cross_origin;
    ngx_msec_t               thumb_budget;
    size_t                   thumb_pixels;
    ngx_http_reel_thumbs_t  *thumbs;
    ngx_shm_zone_t          *zone;
    ngx_http_reel_films_t   *films;
    ngx_thread_pool_t       *threads;
} ngx_http_reel_loc_conf_t;


typedef struct ngx_http_reel_ctx_s  ngx_http_reel_ctx_t;
typedef struct ngx_http_reel_job_s  ngx_http_reel_job_t;

/* Runs in a thread: has the ctx and ctx->pool, and not the request. */
typedef void (*ngx_http_reel_work_pt)(ngx_http_reel_ctx_t *ctx);
/* Goes on with the request in the event loop. */
typedef ngx_int_t (*ngx_http_reel_next_pt)(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx);


struct ngx_http_reel_ctx_s {
    ngx_http_request_t        *request;
    ngx_http_reel_loc_conf_t  *conf;
    ngx_http_reel_want_t       want;
    ngx_str_t                  root;      /* ends with a NUL */
    ngx_str_t                  name;      /* root/path, ends with a NUL */

    ngx_pool_t                *pool;      /* of the work; made with the first */
    reel_allocator             alloc;     /* from r->pool, or from pool */
    ngx_http_reel_work_pt      work;
    ngx_http_reel_next_pt      next;
    ngx_http_reel_next_pt      opened_next;
    unsigned                   pending:1; /* next will be called */

    ngx_http_reel_film_t      *film;
    ngx_http_reel_film_t      *stale;     /* the one that work looks at again */
    ngx_http_reel_film_t      *opened;    /* by work */
    ngx_http_reel_id_t         seen;
    unsigned                   same:1;
    unsigned                   grown:1;
    unsigned                   live:1;
    unsigned                   cached:1;  /* it came from the zone */

    reel_plan                 *plan;
    uint64_t                   size;
    ngx_uint_t                 status;    /* 0 while all is well */
    u_char                     reason[480];

    ngx_http_reel_job_t       *job;       /* that makes what it waits for */
    ngx_queue_t                waiting;   /* for it, with others */

    ngx_file_t                 file;
    uint64_t                   at, end;   /* what of the plan is still to be sent */
    uint64_t                   warm;      /* up to here it was brought into the page cache */
    ngx_chain_t               *free, *busy;
};


extern ngx_module_t  ngx_http_reel_module;

/* request.c */
ngx_int_t ngx_http_reel_parse(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx);
ngx_int_t ngx_http_reel_root(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx);

/* handler.c */
ngx_int_t ngx_http_reel_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_reel_do(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, ngx_http_reel_work_pt work,
    ngx_http_reel_next_pt next);
void ngx_http_reel_resume(ngx_http_request_t *r);
/* Remember why it cannot be; the first reason stays. Also for work. */
void ngx_http_reel_refuse(ngx_http_reel_ctx_t *ctx, ngx_uint_t status, const char *fmt, ...);
void ngx_http_reel_refuse_film(ngx_http_reel_ctx_t *ctx, const reel_error *err);

/* memory.c */
void *ngx_http_reel_resize(void *pool, void *p, size_t n);

/* open.c */
ngx_int_t ngx_http_reel_open(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx, ngx_http_reel_next_pt next);
ngx_http_reel_films_t *ngx_http_reel_films_create(ngx_pool_t *pool, ngx_uint_t max, time_t valid);
void ngx_http_reel_film_release(ngx_http_reel_film_t *film);
void ngx_http_reel_film_gone(ngx_http_reel_film_t *film);
/* Has nobody written over it? A recording that got longer is the same. Waits for no disk. */
ngx_uint_t ngx_http_reel_film_is_same(const ngx_http_reel_film_t *film);
/* For work: opens path below root; nothing that a link leads to out of it, or under a hidden name. errno on failure. */
ngx_fd_t ngx_http_reel_open_below(const char *root, const char *path, int flags);
ngx_http_reel_film_t *ngx_http_reel_film_open(ngx_http_reel_ctx_t *ctx, const char *path);

/* make.c */
void ngx_http_reel_make(ngx_http_reel_ctx_t *ctx);
ngx_uint_t ngx_http_reel_is_light(const ngx_http_reel_ctx_t *ctx);
unsigned ngx_http_reel_segmenter_flags(const ngx_http_reel_ctx_t *ctx);

/* group.c: by its ending */
const ngx_str_t *ngx_http_reel_film_type(const ngx_str_t *name);  /* NULL: it is none */
ngx_uint_t ngx_http_reel_is_sound(const ngx_str_t *name);

/* beside.c: what takes the folder the film lies in */
void ngx_http_reel_make_title(ngx_http_reel_ctx_t *ctx);
void ngx_http_reel_make_sidecar(ngx_http_reel_ctx_t *ctx);

/* info.c, list.c */
void ngx_http_reel_make_info(ngx_http_reel_ctx_t *ctx);
void ngx_http_reel_make_list(ngx_http_reel_ctx_t *ctx);

/* thumb.c */
ngx_http_reel_thumbs_t *ngx_http_reel_thumbs_create(ngx_pool_t *pool, ngx_uint_t max, ngx_uint_t max_waits);
/* A picture of the film, one of the kinds that take a decoder? */
ngx_uint_t ngx_http_reel_is_thumb(const ngx_http_reel_ctx_t *ctx);
/* Are there thumbnails in this location? */
ngx_uint_t ngx_http_reel_has_thumbs(const ngx_http_reel_loc_conf_t *conf);
ngx_int_t ngx_http_reel_thumb(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx);
/* The request goes away. */
void ngx_http_reel_thumb_leave(ngx_http_reel_ctx_t *ctx);

/* draw.c, draw_stub.c */
ngx_uint_t ngx_http_reel_can_draw(void);
/* Before the first of a process. */
void ngx_http_reel_draw_prepare(void);
void ngx_http_reel_make_thumb(ngx_http_reel_ctx_t *ctx);
void ngx_http_reel_make_board(ngx_http_reel_ctx_t *ctx);

/* cache.c */
#define NGX_HTTP_REEL_KEY_MAX   (256 + 2048 + 2048)

/* What an answer depends on, as text in buf, which has NGX_HTTP_REEL_KEY_MAX bytes. */
ngx_int_t ngx_http_reel_key(const ngx_http_reel_ctx_t *ctx, u_char *buf, ngx_str_t *key);
ngx_int_t ngx_http_reel_zone_init(ngx_shm_zone_t *zone, void *data);
ngx_uint_t ngx_http_reel_is_cached(const ngx_http_reel_ctx_t *ctx);
/* NGX_OK: ctx->plan is made. */
ngx_int_t ngx_http_reel_cache_get(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx);
void ngx_http_reel_cache_put(ngx_http_reel_ctx_t *ctx);

/* metrics.c */
ngx_http_reel_metrics_t *ngx_http_reel_metrics(const ngx_http_reel_loc_conf_t *conf);
void ngx_http_reel_count_plan(const ngx_http_reel_loc_conf_t *conf, uint64_t ns);
void ngx_http_reel_count_thumb(const ngx_http_reel_loc_conf_t *conf, uint64_t ns);
void ngx_http_reel_count_films(const ngx_http_reel_loc_conf_t *conf);
void ngx_http_reel_make_metrics(ngx_http_reel_ctx_t *ctx);

/* send.c */
ngx_int_t ngx_http_reel_send(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx);
/* NGX_DECLINED: the client does not have it already, as far as it says. Before anything is made. */
ngx_int_t ngx_http_reel_send_unchanged(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx);
ngx_int_t ngx_http_reel_send_error(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx);
ngx_int_t ngx_http_reel_send_options(ngx_http_request_t *r, ngx_http_reel_ctx_t *ctx);


#endif
