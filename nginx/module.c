/* SPDX-License-Identifier: BSD-2-Clause */
/* module.c: directives, and the three tables by which nginx finds a dynamic module. */
#include "ngx_http_reel.h"


#define NGX_HTTP_REEL_ZONE_MIN  (64 * 1024)

static char *ngx_http_reel_enable(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_http_reel_set_segment(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_http_reel_set_seconds(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_http_reel_set_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_http_reel_set_films(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_http_reel_set_threads(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_http_reel_set_thumbs(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static void *ngx_http_reel_create_conf(ngx_conf_t *cf);
static char *ngx_http_reel_merge_conf(ngx_conf_t *cf, void *parent, void *child);

#define NGX_HTTP_REEL_EVERYWHERE  (NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF)


static ngx_command_t  ngx_http_reel_commands[] = {

    { ngx_string("reel"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_reel_enable,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("reel_segment"),
      NGX_HTTP_REEL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_reel_set_segment,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_reel_loc_conf_t, segment),
      NULL },

    { ngx_string("reel_clip_limit"),
      NGX_HTTP_REEL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_reel_set_seconds,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_reel_loc_conf_t, clip_limit),
      NULL },

    { ngx_string("reel_sendfile_min"),
      NGX_HTTP_REEL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_reel_loc_conf_t, sendfile_min),
      NULL },

    { ngx_string("reel_live_timeout"),
      NGX_HTTP_REEL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_reel_set_seconds,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_reel_loc_conf_t, live_timeout),
      NULL },

    { ngx_string("reel_subtitles"),
      NGX_HTTP_REEL_EVERYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_reel_loc_conf_t, subtitles),
      NULL },

    { ngx_string("reel_cross_origin"),
      NGX_HTTP_REEL_EVERYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_reel_loc_conf_t, cross_origin),
      NULL },

    { ngx_string("reel_zone"),
      NGX_HTTP_REEL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_reel_set_zone,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("reel_open_movies"),
      NGX_HTTP_REEL_EVERYWHERE|NGX_CONF_TAKE12,
      ngx_http_reel_set_films,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("reel_threads"),
      NGX_HTTP_REEL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_reel_set_threads,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("reel_thumbs"),
      NGX_HTTP_REEL_EVERYWHERE|NGX_CONF_TAKE12,
      ngx_http_reel_set_thumbs,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("reel_thumb_budget"),
      NGX_HTTP_REEL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_reel_loc_conf_t, thumb_budget),
      NULL },

    { ngx_string("reel_thumb_pixels"),
      NGX_HTTP_REEL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_reel_loc_conf_t, thumb_pixels),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_reel_module_ctx = {
    NULL,                          /* preconfiguration */
    NULL,                          /* postconfiguration */
    NULL,                          /* create main configuration */
    NULL,                          /* init main configuration */
    NULL,                          /* create server configuration */
    NULL,                          /* merge server configuration */
    ngx_http_reel_create_conf,     /* create location configuration */
    ngx_http_reel_merge_conf       /* merge location configuration */
};


ngx_module_t  ngx_http_reel_module = {
    NGX_MODULE_V1,
    &ngx_http_reel_module_ctx,     /* module context */
    ngx_http_reel_commands,        /* module directives */
    NGX_HTTP_MODULE,               /* module type */
    NULL,                          /* init master */
    NULL,                          /* init module */
    NULL,                          /* init process */
    NULL,                          /* init thread */
    NULL,                          /* exit thread */
    NULL,                          /* exit process */
    NULL,                          /* exit master */
    NGX_MODULE_V1_PADDING
};


/* What a static build of nginx generates; a dynamic module brings it along. */
#pragma GCC visibility push(default)
extern ngx_module_t  *ngx_modules[];
extern char          *ngx_module_names[];
extern char          *ngx_module_order[];

ngx_module_t  *ngx_modules[] = { &ngx_http_reel_module, NULL };
char          *ngx_module_names[] = { (char *) "ngx_http_reel_module", NULL };
char          *ngx_module_order[] = { NULL };
#pragma GCC visibility pop


static ngx_uint_t
ngx_http_reel_conf_is(const ngx_str_t *s, const char *word)
{
    return ngx_strcmp(s->data, word) == 0;
}


static char *
ngx_http_reel_enable(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                 *value = cf->args->elts;
    ngx_http_core_loc_conf_t  *clcf;
    ngx_http_reel_loc_conf_t  *rlcf = conf;

    (void) cmd;

    if (rlcf->enable != NGX_CONF_UNSET) {
        return (char *) "is duplicate";
    }

    if (cf->args->nelts == 2 && ngx_http_reel_conf_is(&value[1], "off")) {
        rlcf->enable = 0;
        return NGX_CONF_OK;
    }

    if (cf->args->nelts == 2 && !ngx_http_reel_conf_is(&value[1], "on")) {
        return (char *) "is on or off";
    }

    rlcf->enable = 1;
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_reel_handler;

    return NGX_CONF_OK;
}


static char *
ngx_http_reel_set_segment(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                      *rv = ngx_conf_set_msec_slot(cf, cmd, conf);
    ngx_http_reel_loc_conf_t  *rlcf = conf;

    if (rv == NGX_CONF_OK && (rlcf->segment < 1 || rlcf->segment > 3600000)) {
        return (char *) "is between a millisecond and an hour";
    }

    return rv;
}


/* A number of seconds, or off. */
static char *
ngx_http_reel_set_seconds(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    time_t     *seconds = (time_t *) ((char *) conf + cmd->offset);
    ngx_str_t  *value = cf->args->elts;

    if (*seconds != NGX_CONF_UNSET) {
        return (char *) "is duplicate";
    }

    if (ngx_http_reel_conf_is(&value[1], "off")) {
        *seconds = 0;
        return NGX_CONF_OK;
    }

    return ngx_conf_set_sec_slot(cf, cmd, conf);
}


static ngx_shm_zone_t *
ngx_http_reel_add_zone(ngx_conf_t *cf, ngx_str_t *name, size_t size)
{
    ngx_shm_zone_t  *zone = ngx_shared_memory_add(cf, name, size, &ngx_http_reel_module);

    if (zone == NULL) {
        return NULL;
    }

    if (zone->data == NULL) {
        zone->data = ngx_pcalloc(cf->pool, sizeof(ngx_http_reel_zone_t));
        zone->init = ngx_http_reel_zone_init;
    }

    return zone->data ? zone : NULL;
}


/* name:size where it is made, name alone where it is used again, or off */
static char *
ngx_http_reel_set_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    u_char                    *colon;
    ssize_t                    size = 0;
    ngx_str_t                 *value = cf->args->elts, name = value[1], s;
    ngx_http_reel_loc_conf_t  *rlcf = conf;

    (void) cmd;

    if (rlcf->zone != NGX_CONF_UNSET_PTR) {
        return (char *) "is duplicate";
    }

    if (ngx_http_reel_conf_is(&name, "off")) {
        rlcf->zone = NULL;
        return NGX_CONF_OK;
    }

    colon = (u_char *) ngx_strchr(name.data, ':');

    if (colon) {
        name.len = (size_t) (colon - name.data);
        s.data = colon + 1;
        s.len = value[1].len - name.len - 1;
        size = ngx_parse_size(&s);
        if (size < NGX_HTTP_REEL_ZONE_MIN) {
            return (char *) "needs a size of 64k at least";
        }
    }

    if (name.len == 0) {
        return (char *) "needs a name";
    }

    rlcf->zone = ngx_http_reel_add_zone(cf, &name, (size_t) size);

    return rlcf->zone ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* N [valid=TIME], or off */
static char *
ngx_http_reel_set_films(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    time_t                     valid = 1;
    ngx_int_t                  max;
    ngx_str_t                 *value = cf->args->elts, s;
    ngx_http_reel_loc_conf_t  *rlcf = conf;

    (void) cmd;

    if (rlcf->films != NGX_CONF_UNSET_PTR) {
        return (char *) "is duplicate";
    }

    if (ngx_http_reel_conf_is(&value[1], "off")) {
        rlcf->films = NULL;
        return NGX_CONF_OK;
    }

    max = ngx_atoi(value[1].data, value[1].len);
    if (max < 1) {
        return (char *) "is a number of films, or off";
    }

    if (cf->args->nelts == 3) {
        if (ngx_strncmp(value[2].data, "valid=", 6) != 0) {
            return (char *) "takes valid=TIME and nothing else";
        }
        s.data = value[2].data + 6;
        s.len = value[2].len - 6;
        valid = ngx_parse_time(&s, 1);
        if (valid == (time_t) NGX_ERROR) {
            return (char *) "has a wrong time behind valid=";
        }
    }

    rlcf->films = ngx_http_reel_films_create(cf->pool, (ngx_uint_t) max, valid);

    return rlcf->films ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* on, off, or the name of a thread_pool */
static char *
ngx_http_reel_set_threads(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                 *value = cf->args->elts;
    ngx_http_reel_loc_conf_t  *rlcf = conf;

    (void) cmd;

    if (rlcf->threads != NGX_CONF_UNSET_PTR) {
        return (char *) "is duplicate";
    }

    if (ngx_http_reel_conf_is(&value[1], "off")) {
        rlcf->threads = NULL;
        return NGX_CONF_OK;
    }

    rlcf->threads = ngx_thread_pool_add(cf, ngx_http_reel_conf_is(&value[1], "on") ? NULL : &value[1]);

    return rlcf->threads ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* N [queue=N], or off */
static char *
ngx_http_reel_set_thumbs(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_int_t                  max, waits = 64;
    ngx_str_t                 *value = cf->args->elts;
    ngx_http_reel_loc_conf_t  *rlcf = conf;

    (void) cmd;

    if (rlcf->thumbs != NGX_CONF_UNSET_PTR) {
        return (char *) "is duplicate";
    }

    if (cf->args->nelts == 2 && ngx_http_reel_conf_is(&value[1], "off")) {
        rlcf->thumbs = NULL;
        return NGX_CONF_OK;
    }

    max = ngx_atoi(value[1].data, value[1].len);
    if (max < 1 || max > 64) {
        return (char *) "is a number from 1 to 64, or off";
    }

    if (cf->args->nelts == 3) {
        waits = value[2].len > 6 ? ngx_atoi(value[2].data + 6, value[2].len - 6) : NGX_ERROR;
        if (ngx_strncmp(value[2].data, "queue=", 6) != 0 || waits < 0) {
            return (char *) "takes queue=NUMBER and nothing else";
        }
    }

    rlcf->thumbs = ngx_http_reel_thumbs_create(cf->pool, (ngx_uint_t) max, (ngx_uint_t) waits);

    return rlcf->thumbs ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static void *
ngx_http_reel_create_conf(ngx_conf_t *cf)
{
    ngx_http_reel_loc_conf_t  *conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_reel_loc_conf_t));

    if (conf) {
        conf->enable = NGX_CONF_UNSET;
        conf->segment = NGX_CONF_UNSET_MSEC;
        conf->clip_limit = NGX_CONF_UNSET;
        conf->sendfile_min = NGX_CONF_UNSET_SIZE;
        conf->live_timeout = NGX_CONF_UNSET;
        conf->subtitles = NGX_CONF_UNSET;
        conf->cross_origin = NGX_CONF_UNSET;
        conf->thumb_budget = NGX_CONF_UNSET_MSEC;
        conf->thumb_pixels = NGX_CONF_UNSET_SIZE;
        conf->thumbs = NGX_CONF_UNSET_PTR;
        conf->zone = NGX_CONF_UNSET_PTR;
        conf->films = NGX_CONF_UNSET_PTR;
        conf->threads = NGX_CONF_UNSET_PTR;
    }

    return conf;
}


/* One list and one pool for all that say nothing, made where they were first missed. */
static void
ngx_http_reel_merge_shared(ngx_conf_t *cf, ngx_http_reel_loc_conf_t *prev, ngx_http_reel_loc_conf_t *conf)
{
    if (prev->films == NGX_CONF_UNSET_PTR && conf->films == NGX_CONF_UNSET_PTR) {
        prev->films = ngx_http_reel_films_create(cf->pool, 256, 1);
    }

    if (prev->threads == NGX_CONF_UNSET_PTR && conf->threads == NGX_CONF_UNSET_PTR) {
        prev->threads = ngx_thread_pool_add(cf, NULL);
    }

    ngx_conf_merge_ptr_value(conf->films, prev->films, NULL);
    ngx_conf_merge_ptr_value(conf->threads, prev->threads, NULL);
}


static void
ngx_http_reel_merge_thumbs(ngx_http_reel_loc_conf_t *prev, ngx_http_reel_loc_conf_t *conf)
{
    ngx_conf_merge_msec_value(conf->thumb_budget, prev->thumb_budget, 2000);
    ngx_conf_merge_size_value(conf->thumb_pixels, prev->thumb_pixels, 36 * 1024 * 1024);
    ngx_conf_merge_ptr_value(conf->thumbs, prev->thumbs, NULL);
}


static char *
ngx_http_reel_merge_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_reel_loc_conf_t  *prev = parent, *conf = child;

    ngx_conf_merge_value(conf->enable, prev->enable, 0);
    ngx_conf_merge_msec_value(conf->segment, prev->segment, 6000);
    ngx_conf_merge_sec_value(conf->clip_limit, prev->clip_limit, 0);
    ngx_conf_merge_size_value(conf->sendfile_min, prev->sendfile_min, 512 * 1024);
    ngx_conf_merge_sec_value(conf->live_timeout, prev->live_timeout, 60);
    ngx_conf_merge_value(conf->subtitles, prev->subtitles, 1);
    ngx_conf_merge_value(conf->cross_origin, prev->cross_origin, 0);
    ngx_conf_merge_ptr_value(conf->zone, prev->zone, NULL);

    ngx_http_reel_merge_thumbs(prev, conf);
    ngx_http_reel_merge_shared(cf, prev, conf);

    return NGX_CONF_OK;
}
